import AndonModel

/// `$filter` of OData version 2, as far as a gateway takes it: comparisons, `and`, `or`, brackets, `startswith` and
/// `substringof`. Anything else is refused, as `contains` is there.
struct ODataFilter {
    struct Fault: Error { var reason: String }

    private enum Token: Equatable {
        case word(String)
        /// A literal with its type's name before it, empty for a text.
        case literal(type: String, String)
        case mark(Character)
    }

    private var tokens: [Token]
    private var row: [String: JSON] = [:]
    /// Properties that the service marks as not filterable.
    private let locked: Set<String>
    private let known: Set<String>

    init(_ text: String, known: Set<String>, locked: Set<String>) throws(Fault) {
        tokens = try Self.tokens(text)
        self.known = known
        self.locked = locked
    }

    func holds(for row: [String: JSON]) throws(Fault) -> Bool {
        var reader = self
        reader.row = row
        let result = try reader.disjunction()
        guard reader.tokens.isEmpty else { throw Fault(reason: "Invalid system query option: $filter") }
        return result
    }

    private static func tokens(_ text: String) throws(Fault) -> [Token] {
        var tokens: [Token] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first == " " {
                rest = rest.dropFirst()
            } else if "(),".contains(first) {
                tokens.append(.mark(first))
                rest = rest.dropFirst()
            } else {
                let word = rest.prefix { !" (),'".contains($0) }
                rest = rest.dropFirst(word.count)
                if rest.first == "'" {
                    tokens.append(.literal(type: String(word), try quoted(&rest)))
                } else {
                    tokens.append(.word(String(word)))
                }
            }
        }
        return tokens
    }

    private static func quoted(_ rest: inout Substring) throws(Fault) -> String {
        var value = ""
        rest = rest.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if character != "'" {
                value.append(character)
            } else if rest.first == "'" {
                value.append("'")
                rest = rest.dropFirst()
            } else {
                return value
            }
        }
        throw Fault(reason: "a quote is not closed")
    }

    private mutating func next() -> Token? { tokens.isEmpty ? nil : tokens.removeFirst() }

    private mutating func disjunction() throws(Fault) -> Bool {
        var result = try conjunction()
        while tokens.first == .word("or") {
            _ = next()
            let right = try conjunction()
            result = result || right
        }
        return result
    }

    private mutating func conjunction() throws(Fault) -> Bool {
        var result = try comparison()
        while tokens.first == .word("and") {
            _ = next()
            let right = try comparison()
            result = result && right
        }
        return result
    }

    private mutating func comparison() throws(Fault) -> Bool {
        if tokens.first == .mark("(") {
            _ = next()
            let result = try disjunction()
            guard next() == .mark(")") else { throw Fault(reason: "a bracket is not closed") }
            return result
        }
        guard case .word(let name)? = next() else { throw Fault(reason: "Invalid token in $filter") }
        if tokens.first == .mark("(") { return try call(name) }
        guard case .word(let sign)? = next(), case .literal(let type, let value)? = next() else {
            throw Fault(reason: "Invalid token after \(name)")
        }
        let left = try property(name)
        if type == "datetimeoffset" { return try Self.compare(Self.milliseconds(left), Self.moment(value), sign) }
        guard type.isEmpty else { throw Fault(reason: "Type \(type) does not fit \(name)") }
        return try Self.compare(left.string ?? "", value, sign)
    }

    private mutating func call(_ function: String) throws(Fault) -> Bool {
        guard next() == .mark("("), let first = next(), next() == .mark(","), let second = next(), next() == .mark(")")
        else { throw Fault(reason: "Invalid function \(function)") }
        switch (function, first, second) {
        case ("startswith", .word(let name), .literal(_, let value)):
            return (try property(name).string ?? "").hasPrefix(value)
        case ("substringof", .literal(_, let value), .word(let name)):
            return (try property(name).string ?? "").contains(value)
        default: throw Fault(reason: "Function \(function) is not supported")
        }
    }

    private func property(_ name: String) throws(Fault) -> JSON {
        guard known.contains(name) else { throw Fault(reason: "Property \(name) not found") }
        guard !locked.contains(name) else { throw Fault(reason: "Property \(name) is not filterable") }
        return row[name] ?? ""
    }

    private static func compare<Value: Comparable>(_ left: Value, _ right: Value, _ sign: String) throws(Fault) -> Bool
    {
        switch sign {
        case "eq": return left == right
        case "ne": return left != right
        case "ge": return left >= right
        case "gt": return left > right
        case "le": return left <= right
        case "lt": return left < right
        default: throw Fault(reason: "Operator \(sign) is not known")
        }
    }

    private static func milliseconds(_ value: JSON) -> Int64 {
        Int64((value.string ?? "").drop { $0 != "(" }.dropFirst().prefix { $0.isNumber }) ?? 0
    }

    private static func moment(_ text: String) throws(Fault) -> Int64 {
        guard let time = Timestamp(text) else { throw Fault(reason: "Invalid datetimeoffset '\(text)'") }
        return time.microseconds / 1000
    }
}
