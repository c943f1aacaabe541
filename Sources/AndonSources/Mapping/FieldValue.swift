import AndonModel

/// A value of a vision system as a mapping reads it: what JSON has, and bytes.
///
/// Structures have members by their fields' names; what an optional field does not have is missing.
public indirect enum FieldValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case bytes([UInt8])
    case list([FieldValue])
    case object([String: FieldValue])

    /// The value that a JSON Pointer (RFC 6901) names; nil when there is none, or null.
    public func value(at pointer: String) -> FieldValue? {
        guard !pointer.isEmpty else { return self == .null ? nil : self }
        guard pointer.hasPrefix("/") else { return nil }
        var value = self
        for name in Self.tokens(pointer) {
            switch value {
            case .object(let members):
                guard let member = members[name] else { return nil }
                value = member
            case .list(let elements):
                guard let index = Int(name), elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value == .null ? nil : value
    }

    /// The names on a pointer's way (RFC 6901, section 4).
    static func tokens(_ pointer: String) -> [String] {
        pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// The value as it stands in a document; of bytes their number alone.
    public var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let value): value.isFinite ? .number(value) : .null
        case .text(let text): .string(text)
        case .bytes(let bytes): ["bytes": .integer(bytes.count)]
        case .list(let elements): .array(elements.map(\.json))
        case .object(let members): .object(members.mapValues(\.json))
        }
    }

    public init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .string(let text): self = .text(text)
        case .array(let elements): self = .list(elements.map { FieldValue($0) })
        case .object(let members): self = .object(members.mapValues { FieldValue($0) })
        }
    }

    /// A number, or a text that is one. A comma is taken for the point where there is no point.
    public var number: Double? {
        switch self {
        case .number(let value): return value.isFinite ? value : nil
        case .text(let text):
            let trimmed = text.trimmed
            guard (1...40).contains(trimmed.utf8.count) else { return nil }
            let plain = trimmed.contains(".") ? trimmed : trimmed.replacing(",", with: ".")
            guard plain.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
            return Double(plain).flatMap { $0.isFinite ? $0 : nil }
        default: return nil
        }
    }

    /// What it reads like: a text, or a number or truth value in words; nil for anything else and for an empty text.
    public var words: String? {
        switch self {
        case .text(let text):
            let trimmed = text.trimmed
            return trimmed.isEmpty ? nil : trimmed
        case .number(let value): return value.isFinite ? JSON.ecmaScriptText(of: value) : nil
        case .bool(let value): return value ? "true" : "false"
        case .null, .bytes, .list, .object: return nil
        }
    }

    /// What a person calls this kind of value.
    public var kindName: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): "the number \(JSON.ecmaScriptText(of: value))"
        case .text(let text): "the text \"\(text.cut(to: 60).withoutControls)\""
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .list(let elements): "a list of \(elements.count)"
        case .object: "a structure"
        }
    }
}
