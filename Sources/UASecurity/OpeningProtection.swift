/// Protects OPN chunks: signed with the sender's key and encrypted for the receiver's, in the mode Sign too
/// (OPC 10000-6, 6.7.2 and 6.7.4). An operation takes some milliseconds: keep it off an event loop.
public struct OpeningProtection: Sendable {
    public let policy: SecurityPolicy
    private let own: RSAPrivateKey
    private let peer: RSAPublicKey

    /// - Parameters:
    ///   - own: this application's key: signs what goes out, decrypts what comes in.
    ///   - peer: the key of the other side's certificate, after that was validated.
    public init(policy: SecurityPolicy, own: RSAPrivateKey, peer: RSAPublicKey) throws(SecurityUseError) {
        guard policy != .none else { throw .noAlgorithm }
        self.policy = policy
        self.own = own
        self.peer = peer
    }

    /// Padding follows the key that encrypts, the signature's length the key that signs.
    private func padding(encryptedFor receiver: RSAPublicKey, signature: Int) -> Padding {
        Padding(block: policy.plaintextBlock(for: receiver), signature: signature, extra: receiver.bitCount > 2048)
    }

    /// Makes an OPN chunk ready for the wire.
    ///
    /// - Parameters:
    ///   - header: message header, channel id, policy URI, this side's certificate and the thumbprint of the other's;
    ///     its size field (bytes 4 to 7) is filled in here.
    ///   - content: sequence header and body.
    public func secure(header: [UInt8], content: [UInt8]) throws(SecurityUseError) -> [UInt8] {
        let padding = padding(encryptedFor: peer, signature: own.byteCount)
        let padded = content + padding.bytes(after: content.count)
        let blocks = (padded.count + own.byteCount) / padding.block
        let header = try stamp(size: header.count + blocks * peer.byteCount, into: header)
        let plaintext = try padded + policy.sign(header + padded, with: own)
        return try header + policy.encrypt(plaintext, for: peer)
    }

    /// Opens an OPN chunk from the wire.
    ///
    /// - Parameters:
    ///   - chunk: the whole chunk, no more and no less.
    ///   - headerLength: the bytes before the sequence header, as the caller's decoder found them.
    /// - Returns: sequence header and body.
    public func open(_ chunk: [UInt8], headerLength: Int) throws(SecurityChecksFailed) -> [UInt8] {
        let count = chunk.count - headerLength
        guard headerLength >= 8, statedSize(chunk) == chunk.count, count > 0, count % own.byteCount == 0 else {
            throw .init(.length)
        }
        let padding = padding(encryptedFor: own.publicKey, signature: peer.byteCount)
        let decrypted = policy.decrypt(Array(chunk[headerLength...]), with: own)
        // Bad blocks go the way of good ones to the end: a signature is checked in any case.
        let plaintext = decrypted ?? [UInt8](repeating: 0, count: count)
        let end = headerLength + plaintext.count - peer.byteCount
        guard end >= headerLength + 8 else { throw .init(decrypted == nil ? .decryption : .length) }
        let clear = chunk[..<headerLength] + plaintext
        let signed = policy.isValid(Array(clear[end...]), over: Array(clear[..<end]), by: peer)
        guard decrypted != nil else { throw .init(.decryption) }
        guard signed else { throw .init(.signature) }
        guard let length = padding.bodyLength(of: clear[headerLength..<end]), length >= 8 else {
            throw .init(.padding)
        }
        return Array(clear[headerLength..<headerLength + length])
    }
}
