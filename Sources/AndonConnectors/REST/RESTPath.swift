import AndonModel

/// Where something stands in an answer: a JSON Pointer (RFC 6901), `/result/0/id`, or a JSONPath (RFC 9535) of the
/// forms `$.a.b`, `$['a']`, `$.a[0]`, `$.a[-1]`, `$.a[*].b` and `$.a[?(@.b == 'c')].d`.
struct RESTPath: Hashable, Sendable {
    let source: String
    private let steps: [Step]

    private enum Step: Hashable, Sendable {
        case pointer(String)
        case member(String)
        case index(Int)
        case all
        case filter(member: String, equals: JSON)
    }

    struct Fault: Error {
        var reason: String
    }

    init(_ source: String) throws(Fault) {
        self.source = source
        if source.isEmpty || source.hasPrefix("/") {
            steps = [.pointer(source)]
            return
        }
        guard source.hasPrefix("$") else {
            throw Fault(reason: "should be a JSON Pointer like /result/0 or a JSONPath like $.result[0]")
        }
        var steps: [Step] = []
        var rest = source.dropFirst()
        while !rest.isEmpty {
            guard let step = Self.step(&rest) else {
                throw Fault(reason: "the JSONPath cannot be read from \"\(rest)\" on")
            }
            steps.append(step)
        }
        self.steps = steps
    }

    private static func step(_ rest: inout Substring) -> Step? {
        if let match = rest.prefixMatch(of: /\.([A-Za-z_][A-Za-z0-9_\-]*)/) {
            rest = rest[match.range.upperBound...]
            return .member(String(match.1))
        }
        if let match = rest.prefixMatch(of: /\.\*|\[\*\]/) {
            rest = rest[match.range.upperBound...]
            return .all
        }
        if let match = rest.prefixMatch(of: /\[(-?\d{1,9})\]/) {
            rest = rest[match.range.upperBound...]
            return Int(match.1).map { .index($0) }
        }
        if let match = rest.prefixMatch(of: /\[(?:'([^']*)'|"([^"]*)")\]/) {
            rest = rest[match.range.upperBound...]
            return .member(String(match.1 ?? match.2 ?? ""))
        }
        let filter =
            /\[\?\(?@\.([A-Za-z_][A-Za-z0-9_]*) *== *(?:'([^']*)'|"([^"]*)"|(-?\d+(?:\.\d+)?|true|false|null))\)?\]/
        guard let match = rest.prefixMatch(of: filter) else { return nil }
        rest = rest[match.range.upperBound...]
        let literal = match.4.flatMap { try? JSON(parsing: Array($0.utf8)) }
        return .filter(
            member: String(match.1), equals: literal ?? .string(String(match.2 ?? match.3 ?? "")))
    }

    /// Every value that the path names, in their order.
    func nodes(in json: JSON) -> [JSON] {
        steps.reduce([json]) { nodes, step in
            nodes.flatMap { node -> [JSON] in
                switch step {
                case .pointer(let pointer): node.value(at: pointer).map { [$0] } ?? []
                case .member(let name): node[name].map { [$0] } ?? []
                case .index(let index): node[index < 0 ? (node.array?.count ?? 0) + index : index].map { [$0] } ?? []
                case .all: node.array ?? node.object?.sorted { $0.key < $1.key }.map(\.value) ?? []
                case .filter(let member, let value): (node.array ?? []).filter { $0[member] == value }
                }
            }
        }
    }

    /// The first value; nil when there is none.
    func first(in json: JSON) -> JSON? { nodes(in: json).first }

    /// The first value as words. A number is written in digits; false, null and an empty text are no words: some
    /// systems say "nothing" so.
    func text(in json: JSON) -> String? { first(in: json).flatMap { Self.text(of: $0) } }

    static func text(of value: JSON) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): JSON.ecmaScriptText(of: number)
        case .bool(true): "true"
        default: nil
        }
    }
}
