import AndonModel
import Synchronization

/// Carries out the calls of a mapping file.
struct RESTClient: Sendable {
    let configuration: RESTConfiguration
    private let session = Session()

    /// What `login` brought, and the cookies.
    private final class Session: Sendable {
        struct State {
            var values: [String: JSON]?
            var cookies: String?
            var lookups: [String: (taken: [String: JSON], until: Timestamp)] = [:]
        }

        let state = Mutex(State())
    }

    struct Answer {
        /// Null where the answer may be anything or has no body.
        var json: JSON
        var bytes: [UInt8]
        /// What the call took from the answer.
        var taken: [String: JSON]

        /// The rows that meet the call's conditions.
        func rows(_ call: RESTCall, _ scope: RESTTemplate.Scope) throws(ConnectorError) -> [JSON] {
            guard let path = call.rows else { return json == .null ? [] : [json] }
            let nodes = path.nodes(in: json)
            let rows = nodes.count == 1 ? nodes[0].array ?? nodes : nodes
            var found: [JSON] = []
            for row in rows where row != .null && row != .bool(false) {
                var holds = true
                for condition in call.conditions where holds { holds = try condition.holds(for: row, scope) }
                if holds { found.append(row) }
            }
            return found
        }
    }

    struct File {
        var path: String
        var bytes: Int
        var name: String
        var mediaType: String
        var digest: String
    }

    init(_ configuration: RESTConfiguration) {
        self.configuration = configuration
    }

    /// The values that every call may use, with `values`.
    func scope(_ values: [String: JSON], over wire: any Wire) -> RESTTemplate.Scope {
        var all = values
        for (name, value) in configuration.variables { all["var.\(name)"] = .string(value) }
        all["url"] = .string(configuration.url)
        all["now"] = .time(wire.now())
        all["auth.user"] = configuration.user.map { .string($0) }
        all["auth.password"] = configuration.password.map { .string($0.reveal()) }
        return RESTTemplate.Scope(values: all, tables: configuration.mapping.tables)
    }

    /// One call. A session or token that ran out is renewed once: the refusal says that nothing was done.
    func send(
        _ call: RESTCall, _ values: [String: JSON], file: File? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> Answer {
        let held = try await signedIn(over: wire)
        do {
            return try await exchange(call, values.merging(held) { own, _ in own }, file: file, over: wire)
        } catch .unauthorized(let words) {
            guard configuration.signIn.renews || !configuration.mapping.login.isEmpty else {
                throw .unauthorized(words)
            }
            configuration.signIn.forget()
            session.state.withLock { $0 = Session.State(lookups: $0.lookups) }
            let fresh = try await signedIn(over: wire)
            return try await exchange(call, values.merging(fresh) { own, _ in own }, file: file, over: wire)
        }
    }

    private func signedIn(over wire: any Wire) async throws(ConnectorError) -> [String: JSON] {
        if let values = session.state.withLock({ $0.values }) { return values }
        var values: [String: JSON] = [:]
        for call in configuration.mapping.login {
            do {
                values.merge(try await exchange(call, values, file: nil, over: wire, headers: false).taken) { $1 }
            } catch .answerLost(let words) {
                // Only a session was asked for: the order itself has not left.
                throw .unreachable("signing in: \(words)")
            } catch .refused(let words) {
                throw .unauthorized("signing in: \(words)")
            }
        }
        let held = Dictionary(uniqueKeysWithValues: values.map { ("session.\($0.key)", $0.value) })
        session.state.withLock { $0.values = held }
        return held
    }

    private func exchange(
        _ call: RESTCall, _ values: [String: JSON], file: File?, over wire: any Wire, headers sendsHeaders: Bool = true
    ) async throws(ConnectorError) -> Answer {
        let scope = scope(values, over: wire)
        var request = WireRequest(call.method, try address(call, scope))
        for (name, template) in (sendsHeaders ? configuration.mapping.headers : []) + call.headers {
            if let value = try template.text(scope) { request.headers.append(.init(name, value.asOneLine)) }
        }
        try fill(&request, call.content, scope, file)
        let question = call.keepFor == nil ? nil : Self.question(request)
        if let question, let held = session.state.withLock({ $0.lookups[question] }), held.until > wire.now() {
            return Answer(json: .null, bytes: [], taken: held.taken)
        }
        if !request.headers.contains(where: { $0.name.lowercased() == "accept" }) {
            request.headers.append(.init("accept", call.takesAnyAnswer ? "*/*" : "application/json"))
        }
        if configuration.mapping.keepsCookies, let cookies = session.state.withLock({ $0.cookies }) {
            request.headers.append(.init("cookie", cookies))
        }
        try await configuration.signIn.sign(&request, over: wire)
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        if configuration.mapping.keepsCookies {
            session.state.withLock { $0.cookies = response.cookies(over: $0.cookies) }
        }
        let answer = try RESTAnswer(response: response, call: call, now: wire.now()).checked()
        if let question, let keepFor = call.keepFor, !answer.taken.isEmpty {
            let until = wire.now() + keepFor
            session.state.withLock { state in
                if state.lookups.count >= 10_000 { state.lookups = [:] }
                state.lookups[question] = (answer.taken, until)
            }
        }
        return answer
    }

    /// What makes two look-ups the same one.
    private static func question(_ request: WireRequest) -> String {
        guard case .bytes(let bytes) = request.body else { return "\(request.method) \(request.url)" }
        return "\(request.method) \(request.url) \(String(decoding: bytes, as: UTF8.self))"
    }

    private func address(_ call: RESTCall, _ scope: RESTTemplate.Scope) throws(ConnectorError) -> String {
        // What a value puts into the path is part of one segment, whatever characters it has.
        let values = scope.values.mapValues { value in
            RESTPath.text(of: value).map { JSON.string(WebAddress.encoded($0)) } ?? value
        }
        var isolated = RESTTemplate.Scope(values: values, tables: scope.tables)
        isolated.values["url"] = scope.values["url"]
        isolated.values["next"] = scope.values["next"]
        let path = try call.path.text(isolated) ?? ""
        var query: [(String, String)] = []
        for (name, template) in call.query {
            if let value = try template.text(scope) { query.append((name, value)) }
        }
        let base = try below(path)
        let text = WebAddress.query(query)
        return base.contains("?") ? base + text.replacing("?", with: "&", maxReplacements: 1) : base + text
    }

    /// A path of the mapping or a link of the system's own (a next page): credentials go to no other host. Without the
    /// slash a link could make the host's name longer.
    private func below(_ path: String) throws(ConnectorError) -> String {
        let url = configuration.url
        guard path.hasPrefix("http") else {
            return path.isEmpty || path.hasPrefix("/") || path.hasPrefix("?") ? url + path : "\(url)/\(path)"
        }
        guard path == url || path.hasPrefix("\(url)/") || path.hasPrefix("\(url)?") else {
            throw .refused("\(path.cut(to: 120)) is not below \(url), and nothing is sent there")
        }
        return path
    }

    private func fill(
        _ request: inout WireRequest, _ content: RESTCall.Content, _ scope: RESTTemplate.Scope, _ file: File?
    ) throws(ConnectorError) {
        var type: String?
        switch content {
        case .none: return
        case .json(let node):
            let value = try node.filled(scope) ?? .null
            request.body =
                file.map { FormBody.json(value, path: $0.path, bytes: $0.bytes) } ?? .bytes(value.canonicalBytes)
            type = "application/json"
        case .form(let fields):
            request.body = .bytes(Array(WebAddress.query(try texts(fields, scope)).utf8.dropFirst()))
            type = "application/x-www-form-urlencoded"
        case .multipart(let fields, let name):
            guard let file else { throw .refused("this call has no file for the field \(name)") }
            let form = FormBody.multipart(
                fields: try texts(fields, scope), file: name, named: file.name, mediaType: file.mediaType,
                path: file.path, bytes: file.bytes, boundary: file.digest)
            request.body = form.body
            type = form.contentType
        case .file:
            guard let file else { throw .refused("this call has no file for its body") }
            request.body = .file(path: file.path, bytes: file.bytes)
            type = file.mediaType
        case .text(let template, let kind):
            request.body = .bytes(Array((try template.text(scope) ?? "").utf8))
            type = kind
        }
        if let type, !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            request.headers.append(.init("content-type", type))
        }
    }

    private func texts(
        _ fields: [(String, RESTTemplate)], _ scope: RESTTemplate.Scope
    ) throws(ConnectorError) -> [(String, String)] {
        var texts: [(String, String)] = []
        for (name, template) in fields {
            if let value = try template.text(scope) { texts.append((name, value)) }
        }
        return texts
    }
}

/// What an answer says by the mapping's rules, or by its status where no rule holds.
struct RESTAnswer {
    let response: WireResponse
    let call: RESTCall
    let now: Timestamp

    private static let limits = JSONLimits(
        bytesMax: 32 << 20, depthMax: 64, valuesMax: 400_000, stringBytesMax: 24 << 20)

    func checked() throws(ConnectorError) -> RESTClient.Answer {
        let json = try? JSON(parsing: response.body, limits: Self.limits)
        let text = String(decoding: response.body.prefix(20_000), as: UTF8.self)
        let words = words(json)
        for rule in call.rules.errors where !rule.tests.isEmpty {
            guard rule.tests.allSatisfy({ $0.holds(status: response.status, json: json, text: text) }) else { continue }
            if rule.kind == .success { return answer(json) }
            throw error(rule.kind, words)
        }
        guard (200..<300).contains(response.status) else { throw error(ofStatus: words) }
        if json == nil, !call.takesAnyAnswer, !response.body.isEmpty {
            throw .answerLost("the answer (\(response.status)) is not JSON: \(response.plainWords)")
        }
        guard call.rules.success.allSatisfy({ $0.holds(status: response.status, json: json, text: text) }) else {
            throw .refused(words)
        }
        return answer(json)
    }

    private func answer(_ json: JSON?) -> RESTClient.Answer {
        let json = json ?? .null
        var taken: [String: JSON] = [:]
        for (name, path) in call.take { taken[name] = path.first(in: json) }
        for (header, name) in call.takeHeaders {
            guard let value = response[header] else { continue }
            // Of a link the last segment is the name.
            let isLink = header.lowercased() == "location"
            taken[name] = .string(isLink ? WebAddress.lastSegment(value) ?? value : value)
        }
        return RESTClient.Answer(json: json, bytes: response.body, taken: taken)
    }

    private func error(_ kind: RESTRules.Kind, _ words: String) -> ConnectorError {
        switch kind {
        case .refused, .success: .refused(words)
        case .unauthorized: .unauthorized(words)
        case .busy: .busy(after: response.retryAfter(now: now), words)
        case .gone, .exists: .gone(words)
        case .lookFirst: .answerLost(words)
        }
    }

    private func error(ofStatus words: String) -> ConnectorError {
        switch response.status {
        case 300..<400: .unauthorized("a redirect to \(response["location"] ?? "nowhere"): \(words)")
        case 401, 403: .unauthorized(words)
        case 404, 410: .gone(words)
        case 408, 412, 423, 425, 429, 503: .busy(after: response.retryAfter(now: now), words)
        case 409: .answerLost("there is something already: \(words)")
        case 400..<500: .refused(words)
        default: .answerLost("it failed (\(response.status)): \(words)")
        }
    }

    private func words(_ json: JSON?) -> String {
        let found = call.rules.words.lazy.compactMap { path -> String? in
            let texts = (json.map { path.nodes(in: $0) } ?? []).compactMap { RESTPath.text(of: $0) }
            return texts.isEmpty ? nil : texts.joined(separator: "; ")
        }.first
        return found ?? response.plainWords
    }
}
