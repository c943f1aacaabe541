import AndonModel

/// A form as a browser sends it (`application/x-www-form-urlencoded`, WHATWG URL section 5.1).
public struct URLEncodedForm: Sendable {
    private let fields: [String: String]

    public init(_ body: String) {
        var fields: [String: String] = [:]
        for pair in body.split(separator: "&").prefix(40) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[Self.decoded(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
        }
        self.fields = fields
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The field without space around it; nil when it is empty.
    public subscript(name: String) -> String? {
        guard let value = fields[name] else { return nil }
        let trimmed = value.drop(while: \.isWhitespace)
        guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        return String(trimmed[...last])
    }

    /// The field as it was typed, for passwords; nil when there is none.
    public func untrimmed(_ name: String) -> String? { fields[name] }

    func required(_ name: String, _ label: String) throws -> String {
        guard let value = self[name] else { throw Self.problem("\(label) is missing; fill it in and send again.") }
        guard value.count <= 4000 else { throw Self.problem("\(label) is longer than 4000 characters; shorten it.") }
        return value
    }

    static func problem(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-form", title: "The form has a fault", detail: detail)
    }

    func closure() throws -> Closure {
        let hours = try required("hours", "Labour hours").replacing(",", with: ".")
        guard let labour = Double(hours), (0...1000).contains(labour) else {
            throw Self.problem("Labour hours should be a number like 1.5, found \"\(hours.cut(to: 20))\".")
        }
        return Closure(
            technician: try required("person", "Technician"), labourHours: labour, parts: try parts(),
            causeCode: try required("cause", "Root cause code"), remedyCode: self["remedy"],
            notes: try required("notes", "What was done"),
            verdict: self["verdict"].flatMap(Closure.Verdict.init))
    }

    /// `CODE x QUANTITY name`, one a line; the quantity and the name may be left out.
    private func parts() throws -> [Closure.Part] {
        try (self["parts"] ?? "").split(whereSeparator: \.isNewline).map { line in
            let words = line.split(separator: " ")
            guard let code = words.first else { throw Self.problem("A line of the parts is empty.") }
            guard words.count > 1 else { return Closure.Part(code: String(code), quantity: 1) }
            guard words.count > 2, words[1].lowercased() == "x", let quantity = Double(words[2]), quantity > 0 else {
                throw Self.problem("Write each part as CODE x QUANTITY name, found \"\(line.prefix(60))\".")
            }
            let name = words.dropFirst(3).joined(separator: " ")
            return Closure.Part(code: String(code), name: name.isEmpty ? nil : name, quantity: quantity)
        }
    }
}
