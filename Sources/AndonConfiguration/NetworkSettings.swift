/// The only networks that the server may open connections to.
public struct NetworkSettings: Sendable {
    public var allowed: [AddressRange]
    /// PEM files with the plant's own certificate authorities, trusted beside the system's.
    public var trustedCertificates: [String]

    public init(allowed: [AddressRange] = NetworkSettings.privateRanges, trustedCertificates: [String] = []) {
        self.allowed = allowed
        self.trustedCertificates = trustedCertificates
    }

    /// Loopback, the private networks of RFC 1918 and RFC 4193, and link-local addresses.
    public static let privateRanges: [AddressRange] = [
        "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7",
        "fe80::/10",
    ].compactMap { AddressRange($0) }

    /// Whether a connection to `address` (in text, without a zone) may be opened. False for what is not an address.
    public func allows(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: address) else { return false }
        return allowed.contains { $0.contains(bytes) }
    }
}
