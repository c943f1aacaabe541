import AndonModel

/// Reads the members of one JSON object. Each getter notes a fault and answers nil, so that one pass finds all.
///
/// A member that is absent and one that is null are the same: not said.
struct ObjectReader {
    let pointer: String
    let faults: FaultCollector
    private let members: [String: JSON]

    /// Notes a fault for a value that is no object (and answers nil), and one for each member not in `known`.
    init?(_ value: JSON, at pointer: String, known: [String], faults: FaultCollector) {
        guard case .object(let members) = value else {
            faults.add(pointer, "should be an object, found \(value.kindName)")
            return nil
        }
        self.pointer = pointer
        self.faults = faults
        self.members = members
        let knownCount = known.reduce(0) { members[$1] == nil ? $0 : $0 + 1 }
        if knownCount < members.count { noteUnknown(known) }
    }

    private func noteUnknown(_ known: [String]) {
        for name in members.keys.filter({ !known.contains($0) }).sorted() {
            let long = name.utf8.count > 200
            faults.add(
                long ? pointer : pointer + "/" + JSONPointer.escape(name),
                "the member \(name.quotedShort) is not known here; \(Self.hint(for: name, among: known))")
        }
    }

    /// Names the member that was meant when one is near; otherwise the names that there are.
    private static func hint(for name: String, among known: [String]) -> String {
        let free = "free data belongs in \"attributes\""
        guard name.utf8.count <= 40 else { return free }
        let plain = name.lowercased().filter { $0 != "_" && $0 != "-" }
        let distances = known.map { ($0, $0.lowercased().editDistance(to: plain)) }
        if let near = distances.min(by: { $0.1 < $1.1 }), near.1 <= min(3, max(1, plain.count / 3)) {
            return "did you mean \"\(near.0)\"? Other \(free)"
        }
        return "known are \(known.joined(separator: ", ")); \(free)"
    }

    func fault(_ name: String, _ detail: @autoclosure () -> String) {
        faults.add("\(pointer)/\(name)", detail())
    }

    /// The member's value; nil when it is absent or null.
    func value(_ name: String) -> JSON? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// `value`, with a fault noted when the member was not sent at all.
    func required<Value>(_ name: String, _ value: Value?) -> Value? {
        if value == nil, self.value(name) == nil { fault(name, "is required") }
        return value
    }

    /// A printable text of 1 to `charactersMax` Unicode scalars.
    func text(_ name: String, charactersMax: Int) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            fault(name, "should be a text, found \(value.kindName)")
            return nil
        }
        if let reason = Self.reasonAgainst(text, charactersMax: charactersMax) {
            fault(name, reason)
            return nil
        }
        return text
    }

    /// Why a text cannot be a name; nil when it can. Spaces at the ends are refused because two names that look
    /// alike would be two names.
    static func reasonAgainst(_ text: String, charactersMax: Int) -> String? {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else {
            return "should not be empty; leave the member out when the value is not known"
        }
        // Bytes bound scalars from above, so the count is only walked for text that is long or not ASCII.
        guard text.utf8.count <= charactersMax || scalars.count <= charactersMax else {
            return "should have at most \(charactersMax) characters, found \(scalars.count)"
        }
        if let bad = scalars.first(where: { !$0.isShowable }) {
            return "should have printable characters only, found U+\(bad.hexadecimal)"
        }
        if first.properties.isWhitespace || last.properties.isWhitespace {
            return "should not begin or end with a space"
        }
        return nil
    }

    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, range.contains(number) else {
            fault(
                name,
                "should be a number from \(JSON.number(range.lowerBound).canonicalText) to "
                    + "\(JSON.number(range.upperBound).canonicalText), found \(value.shown)")
            return nil
        }
        return number
    }

    /// Any finite number.
    func number(_ name: String) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, number.isFinite else {
            fault(name, "should be a number, found \(value.shown)")
            return nil
        }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer, range.contains(integer) else {
            fault(
                name, "should be a whole number from \(range.lowerBound) to \(range.upperBound), found \(value.shown)")
            return nil
        }
        return integer
    }

    /// RFC 3339 with an offset.
    func time(_ name: String) -> Timestamp? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            fault(name, "should be a time in quotes like \"2026-11-23T21:09:00+01:00\", found \(value.shown)")
            return nil
        }
        if let time = Timestamp(text) { return time }
        // A time that only lacks its offset is the common mistake, and deserves its own words.
        let lacksOffset = Timestamp(text + "Z") != nil
        fault(
            name,
            lacksOffset
                ? "the time \(text.quotedShort) has no offset from UTC, so the moment is not known; write "
                    + "\"\(text)Z\" for UTC, or for example \"\(text)+01:00\""
                : "should be an RFC 3339 time with an offset like \"2026-11-23T21:09:00+01:00\", found "
                    + text.quotedShort)
        return nil
    }

    func array(_ name: String) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else {
            fault(name, "should be an array, found \(value.kindName)")
            return nil
        }
        return elements
    }

    func object(_ name: String, known: [String]) -> ObjectReader? {
        value(name).flatMap { ObjectReader($0, at: "\(pointer)/\(name)", known: known, faults: faults) }
    }

    /// Free data, kept as sent.
    func attributes(bytesMax: Int) -> [String: JSON] {
        guard let value = value("attributes") else { return [:] }
        guard case .object(let members) = value else {
            fault("attributes", "should be an object, found \(value.kindName)")
            return [:]
        }
        let bytes = value.canonicalBytes.count
        guard bytes <= bytesMax else {
            fault("attributes", "should have at most \(bytesMax) bytes, found \(bytes)")
            return [:]
        }
        return members
    }
}

extension JSON {
    /// The value as it may stand in an error message.
    var shown: String {
        switch self {
        case .null, .bool, .number: canonicalText
        case .string(let text): text.quotedShort
        case .array, .object: kindName
        }
    }
}

extension Unicode.Scalar {
    var hexadecimal: String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
