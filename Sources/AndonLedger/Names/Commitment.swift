import AndonModel
import AndonSQL
import AndonTransparency
import Crypto
import Foundation

/// What stands in an entry for a value that may have to be forgotten: `{"saltedSha256": "…"}`, SHA-256 over 16 random
/// bytes and the value. The value and its salt lie beside the entry and can be deleted; the tree stays as it is.
///
/// Without the salt nobody can tell the value by trying all names.
public enum Commitment {
    static let member = "saltedSha256"
    static let saltBytes = 16

    /// A value beside its entry: what opens the commitment. With the salt anybody can see that the value is the one that the
    /// entry commits to; values that were erased have none.
    public struct Value: Equatable, Sendable {
        /// A JSON Pointer into the entry's body.
        public var member: String
        public var salt: [UInt8]
        /// A text as it is; any other value as its canonical JSON.
        public var text: String

        public init(member: String, salt: [UInt8], text: String) {
            (self.member, self.salt, self.text) = (member, salt, text)
        }

        /// Whether it is of the commitment that stands in the body at its member.
        public func opens(_ body: JSON) -> Bool {
            body.value(at: member)?[Commitment.member]?.string == Hex.text(digest)
        }

        var digest: [UInt8] { Array(SHA256.hash(data: salt + Array(text.utf8))) }
    }

    /// The body with each named member that is there replaced by a commitment, and the values.
    static func hide(_ pointers: [String], of body: JSON, random: any RandomSource) -> (body: JSON, values: [Value]) {
        var (hidden, values) = (body, [Value]())
        for pointer in pointers {
            guard let value = body.value(at: pointer), value != .null, value != .string("") else { continue }
            let kept = Value(
                member: pointer, salt: random.bytes(saltBytes), text: value.string ?? value.canonicalText)
            hidden = hidden.replacing(at: pointer, with: [member: .string(Hex.text(kept.digest))])
            values.append(kept)
        }
        return (hidden, values)
    }

    /// Every commitment of a body: where it stands, and its digest.
    static func all(in body: JSON) -> [(member: String, digest: String)] {
        var found: [(String, String)] = []
        func walk(_ value: JSON, _ pointer: String) {
            switch value {
            case .object(let members):
                if members.count == 1, let digest = members[member]?.string { return found.append((pointer, digest)) }
                for (name, inner) in members { walk(inner, "\(pointer)/\(JSONPointer.escape(name))") }
            case .array(let elements):
                for (index, inner) in elements.enumerated() { walk(inner, "\(pointer)/\(index)") }
            case .null, .bool, .number, .string: break
            }
        }
        walk(body, "")
        return found
    }

    /// The body as a person reads it: values that are kept in the place of their commitments, `"withheld": true` beside
    /// the commitments of those that are not.
    public static func shown(_ body: JSON, _ values: [Value]) -> JSON {
        var shown = body
        for (member, digest) in all(in: body) {
            let value = values.first { $0.member == member && Hex.text($0.digest) == digest }
            let plain: JSON =
                value.map { parsed($0.text, at: member) } ?? [
                    Self.member: .string(digest), "withheld": true,
                ]
            shown = shown.replacing(at: member, with: plain)
        }
        return shown
    }

    /// Exchanges are documents; names are texts, also one that looks like a number.
    private static func parsed(_ text: String, at member: String) -> JSON {
        guard text.hasPrefix("[") || text.hasPrefix("{"),
            let value = try? JSON(parsing: Array(text.utf8), limits: JSONLimits(bytesMax: 64 << 20))
        else { return .string(text) }
        return value
    }
}

extension JSON {
    /// The value with another one at a JSON Pointer that names a member which is there; itself when none is.
    func replacing(at pointer: String, with new: JSON) -> JSON {
        guard pointer.hasPrefix("/") else { return pointer.isEmpty ? new : self }
        let tokens = pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
        return replacing(tokens[...], with: new)
    }

    private func replacing(_ tokens: ArraySlice<String>, with new: JSON) -> JSON {
        guard let token = tokens.first else { return new }
        switch self {
        case .object(var members):
            guard let inner = members[token] else { return self }
            members[token] = inner.replacing(tokens.dropFirst(), with: new)
            return .object(members)
        case .array(var elements):
            guard let index = Int(token), elements.indices.contains(index) else { return self }
            elements[index] = elements[index].replacing(tokens.dropFirst(), with: new)
            return .array(elements)
        case .null, .bool, .number, .string: return self
        }
    }
}

extension Transaction {
    func keep(_ values: [Commitment.Value], of index: Int64) throws {
        for value in values {
            try post(
                "INSERT INTO ledger_value (idx, member, salt, value) VALUES (?, ?, ?, ?)",
                [index, value.member, Data(value.salt), value.text])
        }
    }
}

extension Reader {
    /// The values that are kept beside some entries, in the entries' order, those of one entry by their members.
    public func ledgerValues(of indexes: [Int64]) throws -> [(index: Int64, value: Commitment.Value)] {
        try indexes.flatMap { index in
            (try ledgerValues(index...index)[index] ?? []).sorted { $0.member < $1.member }.map { (index, $0) }
        }
    }

    /// The values that are kept beside the entries of a range, by entry.
    func ledgerValues(_ range: ClosedRange<Int64>) throws -> [Int64: [Commitment.Value]] {
        var values: [Int64: [Commitment.Value]] = [:]
        let found = try rows(
            "SELECT idx, member, salt, value FROM ledger_value WHERE idx BETWEEN ? AND ?",
            [range.lowerBound, range.upperBound])
        for row in found {
            values[row["idx"], default: []].append(
                Commitment.Value(member: row["member"], salt: Array(row["salt"] as Data), text: row["value"]))
        }
        return values
    }
}
