import AndonModel

/// A form as a browser sends it (`application/x-www-form-urlencoded`, WHATWG URL section 5.1).
public struct URLEncodedForm: Sendable {
    private let fields: [String: String]

    /// - Parameter fieldsMax: what comes after so many is left out.
    public init(_ body: String, fieldsMax: Int = 40) {
        var fields: [String: String] = [:]
        for pair in body.split(separator: "&").prefix(fieldsMax) {
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

    /// - Parameter fields: as they were typed, by their names.
    public init(fields: [String: String]) { self.fields = fields }

    /// All fields as they were typed.
    public var texts: [String: String] { fields }

    /// The field without space around it; nil when it is empty.
    public subscript(name: String) -> String? {
        guard let value = fields[name] else { return nil }
        let trimmed = value.drop(while: \.isWhitespace)
        guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        return String(trimmed[...last])
    }

    /// The field as it was typed, for passwords; nil when there is none.
    public func untrimmed(_ name: String) -> String? { fields[name] }

    func required(_ name: String, _ label: String, most: Int = 4000) throws -> String {
        guard let value = self[name] else {
            throw Self.problem("\(label) is missing; fill it in and send again.", at: name)
        }
        guard value.count <= most else {
            throw Self.problem("\(label) is longer than \(most) characters; shorten it.", at: name)
        }
        return value
    }

    /// - Parameter name: the field at fault.
    static func problem(_ detail: String, at name: String) -> Problem {
        Problem(
            status: 422, type: "invalid-form", title: "The form has a fault", detail: detail,
            errors: [.init(pointer: "/\(name)", detail: detail)])
    }

    /// What is picked in a list, or typed beside it.
    static let otherCode = "-other-"

    private func code(_ name: String, _ label: String) throws -> String? {
        guard let picked = self[name], picked != Self.otherCode else {
            let typed = self["\(name)Other"]
            guard self[name] != Self.otherCode || typed != nil else {
                throw Self.problem("\(label) is missing: type the other code, or pick one of the list.", at: name)
            }
            return try typed.map { try Self.short($0, label, at: name) }
        }
        return try Self.short(picked, label, at: name)
    }

    private static let codeCharactersMax = 40

    private static func short(_ text: String, _ label: String, at name: String) throws -> String {
        guard text.count <= codeCharactersMax else {
            throw problem("\(label) is longer than \(codeCharactersMax) characters; shorten it.", at: name)
        }
        return text
    }

    /// - Parameter technician: who closes the order.
    func closure(by technician: String) throws -> Closure {
        let hours = try required("hours", "Labour hours").replacing(",", with: ".")
        guard let labour = Double(hours), (0...1000).contains(labour) else {
            throw Self.problem(
                "Labour hours should be a number like 1.5, found \"\(hours.cut(to: 20))\".", at: "hours")
        }
        guard let cause = try code("cause", "Root cause code") else {
            throw Self.problem("Root cause code is missing; fill it in and send again.", at: "cause")
        }
        return Closure(
            technician: technician, labourHours: labour, parts: try parts(), causeCode: cause,
            remedyCode: try code("remedy", "Corrective action code"),
            notes: try required("notes", "What was done"),
            verdict: self["verdict"].flatMap { Closure.Verdict(rawValue: $0) })
    }

    private static let partsMax = 100

    /// `CODE x QUANTITY name`, one a line; the quantity and the name may be left out.
    private func parts() throws -> [Closure.Part] {
        let lines = (self["parts"] ?? "").split(whereSeparator: \.isNewline).filter { line in
            line.contains { !$0.isWhitespace }
        }
        guard lines.count <= Self.partsMax else {
            throw Self.problem(
                "There are more than \(Self.partsMax) parts; put the rest into what was done.", at: "parts")
        }
        return try lines.map(Self.part)
    }

    private static func part(_ line: Substring) throws -> Closure.Part {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let code = words.first else { throw problem("A line of the parts is empty.", at: "parts") }
        guard words.count > 1 else { return Closure.Part(code: code, quantity: 1) }
        let number = words.count > 2 ? words[2].replacing(",", with: ".") : ""
        guard ["x", "×"].contains(words[1].lowercased()), let quantity = Double(number), quantity > 0, quantity <= 1e6
        else {
            throw problem("Write each part as CODE x QUANTITY name, found \"\(line.prefix(60))\".", at: "parts")
        }
        let name = words.dropFirst(3).joined(separator: " ")
        return Closure.Part(code: code, name: name.isEmpty ? nil : name, quantity: quantity)
    }
}
