import Crypto

/// A question to a time stamping authority (RFC 3161 section 2.4.1): when does this digest exist?
public struct TimestampRequest: Sendable {
    /// SHA-256 of what is stamped.
    public let digest: [UInt8]
    /// Up to 20 bytes that the answer must repeat; nil for none.
    public let nonce: [UInt8]?

    public static let mediaType = "application/timestamp-query"
    public static let replyMediaType = "application/timestamp-reply"

    /// 2.16.840.1.101.3.4.2.1, with no parameters.
    static let sha256 = DER.element(
        DER.Tag.sequence,
        DER.element(DER.Tag.object, [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01])
            + DER.element(DER.Tag.null, []))

    public init(digest: [UInt8], nonce: [UInt8]?) {
        self.digest = digest
        self.nonce = nonce
    }

    public init(of bytes: [UInt8], nonce: [UInt8]?) {
        self.init(digest: Array(SHA256.hash(data: bytes)), nonce: nonce)
    }

    /// DER; asks for the signer's certificate.
    public var bytes: [UInt8] {
        let imprint = DER.element(
            DER.Tag.sequence, Self.sha256 + DER.element(DER.Tag.octets, digest))
        let parts =
            DER.integer([1]) + imprint + (nonce.map { DER.integer($0) } ?? [])
            + DER.element(DER.Tag.boolean, [0xFF])
        return DER.element(DER.Tag.sequence, parts)
    }
}
