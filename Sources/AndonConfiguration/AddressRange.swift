#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A range of IP addresses in CIDR notation (RFC 4632, RFC 4291), for example `10.0.0.0/8` or `fc00::/7`.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// Four bytes, or sixteen.
    public let network: [UInt8]
    public let prefixLength: Int
    public let description: String

    /// An address alone is the range of that address. Nil for anything else, and for a network with bits beyond
    /// the prefix: `10.1.2.3/8` may have been meant otherwise.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let bytes = Self.bytes(of: String(head)) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let given = Int(parts[1]), given <= length
            else { return nil }
            length = given
        }
        guard Self.masked(bytes, to: length) == bytes else { return nil }
        network = bytes
        prefixLength = length
        description = text
    }

    /// Whether the address with these bytes (four or sixteen) is inside.
    public func contains(_ address: [UInt8]) -> Bool {
        address.count == network.count && Self.masked(address, to: prefixLength) == network
    }

    /// The bytes of an address in text. An IPv4 address in an IPv6 one (`::ffff:10.0.0.1`) is taken as the IPv4
    /// address that it reaches.
    public static func bytes(of text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen.suffix(4)) : sixteen
    }

    private static func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, length - index * 8))
            return byte & ~(kept == 8 ? 0 : UInt8(0xFF) >> UInt8(kept))
        }
    }
}
