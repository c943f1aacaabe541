import AndonModel

/// One request of a mapping file and what its answer says.
struct RESTCall: Sendable {
    var method: String
    var path: RESTTemplate
    var query: [(String, RESTTemplate)] = []
    var headers: [(String, RESTTemplate)] = []
    var content: Content = .none
    /// Values of the answer that later calls use.
    var take: [(String, RESTPath)] = []
    /// Headers of the answer that later calls use.
    var takeHeaders: [(String, String)] = []
    /// The list in the answer.
    var rows: RESTPath?
    /// Where the rows' id stands, for searches.
    var id: RESTPath?
    /// Conditions that a row must meet beside what was asked for.
    var conditions: [Condition] = []
    /// The token of the next page.
    var next: RESTPath?
    /// How long the values taken from a look-up are used again for the same question.
    var keepFor: Duration?
    /// Whether the answer may be something else than JSON.
    var takesAnyAnswer = false
    var rules: RESTRules = RESTRules()

    enum Content: Sendable {
        case none
        case json(RESTNode)
        case form([(String, RESTTemplate)])
        /// Plain fields, and the field of the file.
        case multipart([(String, RESTTemplate)], file: String)
        case file
        case text(RESTTemplate, type: String)
    }

    struct Condition: Sendable {
        var at: RESTPath
        var test: Test

        enum Test: Sendable {
            case equals(RESTTemplate)
            case contains(RESTTemplate)
        }

        func holds(for row: JSON, _ scope: RESTTemplate.Scope) throws(ConnectorError) -> Bool {
            let texts = at.nodes(in: row).compactMap { RESTPath.text(of: $0) }
            switch test {
            case .equals(let template):
                let wanted = try template.text(scope)
                return texts.contains { $0 == wanted }
            case .contains(let template):
                guard let wanted = try template.text(scope) else { return false }
                return texts.contains { $0.contains(wanted) }
            }
        }
    }
}

/// A body's structure: JSON with templates in it.
indirect enum RESTNode: Sendable {
    case constant(JSON)
    case template(RESTTemplate)
    case array([RESTNode])
    case object([(String, RESTNode)])
    /// The file's bytes in base64.
    case file

    /// A member without a value is left out; an element without one is null.
    func filled(_ scope: RESTTemplate.Scope) throws(ConnectorError) -> JSON? {
        switch self {
        case .constant(let value): return value
        case .template(let template): return try template.value(scope)
        case .file: return .string(FormBody.fileMark)
        case .array(let nodes):
            var values: [JSON] = []
            for node in nodes { values.append(try node.filled(scope) ?? .null) }
            return .array(values)
        case .object(let members):
            var values: [String: JSON] = [:]
            for (name, node) in members { values[name] = try node.filled(scope) }
            return .object(values)
        }
    }
}

/// How an answer is judged: what success looks like, and which errors mean what.
struct RESTRules: Sendable {
    /// All must hold for an answer of 200...299.
    var success: [Test] = []
    /// The first whose conditions hold says what an error is.
    var errors: [(tests: [Test], kind: Kind)] = []
    /// Where the system's words stand.
    var words: [RESTPath] = []

    enum Kind: String, CaseIterable, Sendable {
        case refused, unauthorized, busy, gone, lookFirst, success
        /// Of a creation: the key is taken already, by an earlier attempt of ours or by somebody else.
        case exists
    }

    enum Test: Sendable {
        case status(ClosedRange<Int>)
        case exists(RESTPath, Bool)
        case equals(RESTPath, JSON)
        case differs(RESTPath, JSON)
        case contains(RESTPath?, String)

        func holds(status: Int, json: JSON?, text: String) -> Bool {
            switch self {
            case .status(let range): return range.contains(status)
            case .exists(let path, let wanted):
                let value = json.flatMap { path.first(in: $0) }
                return (value != nil && value != .null) == wanted
            case .equals(let path, let value): return json.flatMap { path.first(in: $0) } == value
            case .differs(let path, let value): return json.flatMap { path.first(in: $0) } != value
            case .contains(let path, let words):
                let held = path.map { path in json.flatMap { path.text(in: $0) } ?? "" } ?? text
                return held.lowercased().contains(words.lowercased())
            }
        }
    }

    /// The call's own rules go before the file's.
    func over(_ general: RESTRules) -> RESTRules {
        RESTRules(
            success: success.isEmpty ? general.success : success, errors: errors + general.errors,
            words: words + general.words)
    }
}
