/// Pointers into a JSON document (RFC 6901), as they stand in every refusal.
public enum JSONPointer {
    /// Escapes `~` and `/` in one reference token (RFC 6901 section 3).
    public static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
        return token.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}

extension JSON {
    /// The value that a JSON Pointer names (RFC 6901 section 4); nil when there is none.
    public func value(at pointer: String) -> JSON? {
        guard pointer.hasPrefix("/") else { return pointer.isEmpty ? self : nil }
        var value = self
        for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = value[name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value
    }
}
