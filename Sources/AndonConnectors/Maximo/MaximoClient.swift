import AndonModel
import Foundation
import Synchronization

/// One exchange with Maximo: address, sign-in, and what the answer means.
struct MaximoClient: Sendable {
    let configuration: MaximoConfiguration
    private let session = Session()

    /// The cookie of the native sign-in. A session that ran out is opened once more by the next request.
    private final class Session: Sendable {
        let cookie = Mutex<String?>(nil)
    }

    init(_ configuration: MaximoConfiguration) {
        self.configuration = configuration
    }

    /// The root of the interface: what takes keys and what takes sessions are two addresses.
    var root: String {
        switch configuration.signIn {
        case .apiKey: "\(configuration.url)/api"
        case .native, .basic: "\(configuration.url)/oslc"
        }
    }

    /// The address of a collection or, with `record`, of one of its members.
    func address(_ structure: String, record: String? = nil, path: String = "", query: [(String, String)] = [])
        -> String
    {
        let member = record.map { "/\(WebAddress.encoded($0))" } ?? ""
        return "\(root)/os/\(structure)\(member)\(path)" + WebAddress.query([("lean", "1")] + query)
    }

    struct Answer {
        var status: Int
        var body: JSON
        var location: String?
    }

    /// Sends `request`. A session that ran out is opened again once: the refusal says that nothing was done.
    func send(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> Answer {
        do {
            return try await exchange(request, over: wire)
        } catch .unauthorized where session.cookie.withLock({ $0 }) != nil {
            session.cookie.withLock { $0 = nil }
            return try await exchange(request, over: wire)
        }
    }

    /// The same for an answer that is a file.
    func bytes(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> [UInt8] {
        var request = request
        request.headers += signInHeaders() + [.init("x-public-uri", root)]
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        if response.status != 200 { _ = try MaximoAnswer(response, now: wire.now()).checked(request.method) }
        return response.body
    }

    /// Ends the native session, if there is one.
    func signOut(over wire: any Wire) async {
        guard let cookie = session.cookie.withLock({ $0 }) else { return }
        session.cookie.withLock { $0 = nil }
        let request = WireRequest("POST", "\(root)/logout", headers: [.init("cookie", cookie)], body: .bytes([]))
        _ = try? await wire.exchange(request)
    }

    private func exchange(_ request: WireRequest, over wire: any Wire) async throws(ConnectorError) -> Answer {
        var request = request
        request.headers += signInHeaders() + [.init("accept", "application/json"), .init("x-public-uri", root)]
        let response: WireResponse
        do {
            response = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        keepSession(response)
        return try MaximoAnswer(response, now: wire.now()).checked(request.method)
    }

    private func signInHeaders() -> [WireRequest.Header] {
        switch configuration.signIn {
        case .apiKey(let key): return [.init("apikey", key.reveal())]
        case .native(let user, let password):
            if let cookie = session.cookie.withLock({ $0 }) { return [.init("cookie", cookie)] }
            return [.init("maxauth", Self.pair(user, password))]
        case .basic(let user, let password):
            return [.basic(user, password)]
        }
    }

    private static func pair(_ user: String, _ password: Secret) -> String {
        Data("\(user):\(password.reveal())".utf8).base64EncodedString()
    }

    private func keepSession(_ response: WireResponse) {
        guard case .native = configuration.signIn, response.status < 300 else { return }
        for header in response.headers where header.name.lowercased() == "set-cookie" {
            let pair = header.value.prefix { $0 != ";" }
            if pair.hasPrefix("JSESSIONID=") { session.cookie.withLock { $0 = String(pair) } }
        }
    }
}

/// What an answer of Maximo says, whichever of its forms it has.
struct MaximoAnswer {
    let response: WireResponse
    let now: Timestamp

    init(_ response: WireResponse, now: Timestamp) {
        self.response = response
        self.now = now
    }

    private static let limits = JSONLimits(
        bytesMax: 8 << 20, depthMax: 32, valuesMax: 400_000, stringBytesMax: 4 << 20)

    private var json: JSON? { try? JSON(parsing: response.body, limits: Self.limits) }

    /// The answer when it says that the request was carried out, else what went wrong.
    func checked(_ method: String) throws(ConnectorError) -> MaximoClient.Answer {
        switch response.status {
        case 200..<300: return try accepted(method)
        case 300..<400:
            throw .unauthorized(
                "Maximo sent a redirect (\(response.status)) to \(response["location"] ?? "nowhere"): that is its "
                    + "sign-in page; check the kind of sign-in and the key")
        case 401: throw .unauthorized("Maximo does not know the key or the user: \(words)")
        case 404: throw .gone("Maximo has nothing at this address: \(words)")
        case 409: throw .answerLost("Maximo has seen this transaction already: \(words)")
        case 412: throw .busy(after: nil, "the record was changed at the same moment: \(words)")
        case 429, 503: throw .busy(after: response.retryAfter(now: now), "Maximo is busy: \(words)")
        case 400..<500: throw .refused(words)
        // A lock in its database is often a 500, and the record may have been written before it.
        default: throw .answerLost("Maximo failed (\(response.status)): \(words)")
        }
    }

    private func accepted(_ method: String) throws(ConnectorError) -> MaximoClient.Answer {
        let location = response["location"]
        guard !response.body.isEmpty else {
            return MaximoClient.Answer(status: response.status, body: .null, location: location)
        }
        // A sign-in page or a proxy's greeting answers 200 as well.
        guard let body = json else {
            throw .answerLost("the answer (\(response.status)) is not Maximo's: \(words)")
        }
        if body["Error"] != nil || body["oslc:Error"] != nil {
            throw .refused(words)
        }
        return MaximoClient.Answer(status: response.status, body: body, location: location)
    }

    /// `BMXAA4049E: The value of …`, or the beginning of a text that is not Maximo's.
    var words: String {
        if let json, let error = json["Error"] ?? json["oslc:Error"] {
            let code = error["reasonCode"] ?? error["spi:reasonCode"] ?? error["oslc:reasonCode"]
            let message = error["message"] ?? error["oslc:message"]
            let fields = Self.fieldErrors(error)
            let hasCode = code?.string.map { message?.string?.hasPrefix($0) ?? false } ?? true
            let all = [hasCode ? nil : code?.string, message?.string, fields].compactMap { $0 }
            if !all.isEmpty { return all.joined(separator: ": ") }
        }
        let text = String(decoding: response.body.prefix(2000), as: UTF8.self)
        let plain = text.replacing(/<[^>]*>/, with: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return plain.isEmpty ? "status \(response.status) without a word" : plain.cut(to: 300)
    }

    /// With `batcherror` all fields at fault are named at once.
    private static func fieldErrors(_ error: JSON) -> String? {
        let list = error["extendedError"]?["attrerrors"] ?? error["attrerrors"]
        let words = (list?.array ?? []).compactMap { entry -> String? in
            guard let text = (entry["message"] ?? entry["reasonCode"])?.string else { return nil }
            return entry["attribute"]?.string.map { "\($0): \(text)" } ?? text
        }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }
}
