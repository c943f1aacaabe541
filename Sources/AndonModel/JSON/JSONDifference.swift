/// One difference between two JSON values.
public struct JSONDifference: Sendable, Equatable {
    /// JSON Pointer (RFC 6901) to the value.
    public var pointer: String
    /// Nil where there was none.
    public var old: JSON?
    /// Nil where there is none any more.
    public var new: JSON?

    public init(pointer: String, old: JSON?, new: JSON?) { (self.pointer, self.old, self.new) = (pointer, old, new) }

    /// What differs, by pointer; objects are compared member by member, arrays as a whole.
    public static func between(_ old: JSON, _ new: JSON) -> [JSONDifference] {
        var found: [JSONDifference] = []
        compare(old, new, at: "", into: &found)
        return found
    }

    private static func compare(_ old: JSON?, _ new: JSON?, at pointer: String, into found: inout [JSONDifference]) {
        guard old != new else { return }
        guard case .object(let before)? = old, case .object(let after)? = new else {
            found.append(JSONDifference(pointer: pointer, old: old, new: new))
            return
        }
        for name in Set(before.keys).union(after.keys).sorted() {
            compare(before[name], after[name], at: "\(pointer)/\(JSONPointer.escape(name))", into: &found)
        }
    }

    public var json: JSON {
        .object(present: ["at": .string(pointer), "old": old, "new": new])
    }

    /// `/classes/scratch/minSeverity: 0.4 → 0.5`.
    public var words: String {
        func text(_ value: JSON?) -> String {
            value.map { value in value.string ?? String(decoding: value.canonicalBytes, as: UTF8.self) } ?? "none"
        }
        return "\(pointer): \(text(old)) → \(text(new))"
    }
}
