import AndonModel
import Foundation

/// The tables that most connectors' sections have.
extension SettingsReader {
    /// `{ theirs: ours }`, laid over `defaults`; their words are compared in upper case.
    func states(_ key: String, over defaults: [String: OrderState]) -> [String: OrderState] {
        var states = defaults
        for entry in table(key) {
            guard let state = OrderState(rawValue: entry.value) else {
                let words = OrderState.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("should be one of \(words); found \(entry.node.kindName)", at: entry.node)
                continue
            }
            states[entry.key.uppercased()] = state
        }
        return states
    }

    /// `{ our priority 1...9: theirs }`.
    func priorities(_ key: String, over defaults: [Int: String] = [:]) -> [Int: String] {
        var priorities = defaults
        for entry in table(key) {
            guard let ours = Int(entry.key), (1...9).contains(ours) else {
                faults.add("should be our priority 1...9 and the system's word for it", at: entry.node)
                continue
            }
            priorities[ours] = entry.value
        }
        return priorities
    }

    /// `{ ours: theirs }`, laid over `defaults`.
    func words(_ key: String, over defaults: [String: String] = [:]) -> [String: String] {
        table(key).reduce(into: defaults) { $0[$1.key] = $1.value }
    }

    /// An IANA name; UTC when absent.
    func clock(_ key: String) -> LocalTime {
        guard let node = raw(key), let name = text(of: node) else { return LocalTime(zone: .gmt) }
        if let zone = TimeZone(identifier: name) { return LocalTime(zone: zone) }
        faults.add("should be an IANA time zone like Europe/Berlin, found \(node.kindName)", at: node)
        return LocalTime(zone: .gmt)
    }

    /// A text with placeholders, or the default of the program.
    func template(_ key: String, default source: String, names: Set<String>) -> Template {
        guard let node = raw(key), let text = text(of: node) else { return .own(source, names: names) }
        do {
            return try Template(text, names: names)
        } catch {
            faults.add(error.reason, at: node)
            return .empty
        }
    }

    /// User and password, both needed.
    func userAndPassword() -> (user: String, password: Secret) {
        let user = requiredText("user")
        let password = secret("password")
        if password == nil, raw("password") == nil { missing("password") }
        return (user, password ?? Secret(""))
    }
}

extension Dictionary where Key == Int, Value == String {
    /// The word of our priority; where the table ends, that of its last row.
    func word(for priority: Int) -> String? {
        self[priority] ?? keys.filter { $0 < priority }.max().flatMap { self[$0] }
    }
}

extension WireRequest.Header {
    static func basic(_ user: String, _ password: Secret) -> WireRequest.Header {
        .init("authorization", "Basic " + Data("\(user):\(password.reveal())".utf8).base64EncodedString())
    }

    static func bearer(_ token: String) -> WireRequest.Header { .init("authorization", "Bearer \(token)") }
}

extension WireResponse {
    /// `name=value; name=value` of all cookies that the answer sets, laid over `earlier`.
    func cookies(over earlier: String?) -> String? {
        var names: [String] = []
        var values: [String: String] = [:]
        let old = (earlier ?? "").split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let new = headers.filter { $0.name.lowercased() == "set-cookie" }.map { String($0.value.prefix { $0 != ";" }) }
        for pair in old + new {
            guard let mark = pair.firstIndex(of: "=") else { continue }
            let name = String(pair[..<mark])
            if values[name] == nil { names.append(name) }
            values[name] = pair
        }
        return names.isEmpty ? nil : names.compactMap { values[$0] }.joined(separator: "; ")
    }

    /// The beginning of a text that is not the system's own form: a proxy's page, a dump.
    var plainWords: String {
        let text = PlainText.of(html: String(decoding: body.prefix(2000), as: UTF8.self)).asOneLine
        return text.isEmpty ? "status \(status) without a word" : text.cut(to: 300)
    }
}
