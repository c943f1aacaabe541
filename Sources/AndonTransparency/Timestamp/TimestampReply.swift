/// An authority's answer (RFC 3161 section 2.4.2), as far as it can be checked without its certificate: that it grants,
/// and that it is about our digest and nonce. Its signature is for `openssl ts -verify` with the plant's own authorities.
public struct TimestampReply: Sendable {
    /// `YYYYMMDDhhmmss[.f]Z`, in UTC, as the authority wrote it.
    public let time: String
    public let digest: [UInt8]
    /// Without leading zeros.
    public let nonce: [UInt8]?

    public init(parsing bytes: [UInt8]) throws(TransparencyError) {
        var outer = DER.Reader(bytes[...])
        var reply = try outer.inside(DER.Tag.sequence)
        guard outer.isAtEnd else { throw .malformed("time stamp", "bytes follow its end") }
        var status = try reply.inside(DER.Tag.sequence)
        let code = try status.read(DER.Tag.integer).reduce(0) { $0 << 8 | Int($1) }
        // 0: granted; 1: granted with changes. All others bring no stamp.
        guard code == 0 || code == 1 else { throw .untrue("the authority refuses the stamp, with status \(code)") }
        var info = DER.Reader(try Self.content(&reply))
        var token = try info.inside(DER.Tag.sequence)
        _ = try token.read(DER.Tag.integer)
        _ = try token.read(DER.Tag.object)
        var imprint = try token.inside(DER.Tag.sequence)
        let algorithm = try imprint.inside(DER.Tag.sequence).isSHA256()
        guard algorithm else { throw .untrue("the stamp is not about a SHA-256 digest") }
        digest = Array(try imprint.read(DER.Tag.octets))
        _ = try token.read(DER.Tag.integer)
        time = String(decoding: try token.read(DER.Tag.time), as: UTF8.self)
        if token.nextTag == DER.Tag.sequence { _ = try token.readAny() }
        if token.nextTag == DER.Tag.boolean { _ = try token.readAny() }
        nonce = token.nextTag == DER.Tag.integer ? Array(try token.readAny().drop { $0 == 0 }) : nil
    }

    /// The TSTInfo within the ContentInfo and SignedData of the token (RFC 5652 sections 3 and 5.1).
    private static func content(_ reply: inout DER.Reader) throws(TransparencyError) -> ArraySlice<UInt8> {
        var info = try reply.inside(DER.Tag.sequence)
        _ = try info.read(DER.Tag.object)
        var wrapped = try info.inside(DER.Tag.context0)
        var signed = try wrapped.inside(DER.Tag.sequence)
        _ = try signed.read(DER.Tag.integer)
        _ = try signed.read(DER.Tag.set)
        var encapsulated = try signed.inside(DER.Tag.sequence)
        _ = try encapsulated.read(DER.Tag.object)
        var content = try encapsulated.inside(DER.Tag.context0)
        return try content.read(DER.Tag.octets)
    }

    /// That this is the answer to that question.
    public func check(_ request: TimestampRequest) throws(TransparencyError) {
        guard digest == request.digest else { throw .untrue("the stamp is about another digest") }
        guard nonce == request.nonce.map({ Array($0.drop { $0 == 0 }) }) else {
            throw .untrue("the stamp answers another request: its nonce differs")
        }
    }
}

extension DER.Reader {
    /// Whether this algorithm identifier names SHA-256.
    fileprivate func isSHA256() throws(TransparencyError) -> Bool {
        var copy = self
        return Array(try copy.read(DER.Tag.object)) == [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    }
}
