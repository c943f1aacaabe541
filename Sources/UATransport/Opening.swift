import UACodec

/// An OPN chunk as it came in: its header in clear, the rest under the policy that the header names.
public struct Opening: Sendable {
    public var header: AsymmetricHeader
    /// All of the chunk.
    public var chunk: [UInt8]
    /// The bytes before the sequence header.
    public var headerLength: Int

    /// Decrypts and checks the chunk. With RSA that takes milliseconds: call it away from an event loop and hand what
    /// it returns to ``SecureConnection/accept(content:)``.
    ///
    /// - Throws: Bad_SecurityChecksFailed, whatever it was.
    public func content(_ security: any ChunkSecurity) throws(TransportError) -> [UInt8] {
        do {
            return try security.open(chunk, headerLength: headerLength)
        } catch {
            throw TransportError(.badSecurityChecksFailed, "\(error)")
        }
    }
}

/// An OPN chunk that has its sequence number and waits for its signature. Nothing else may be sent before it.
public struct OutgoingOpening: Sendable {
    var header: [UInt8]
    var content: [UInt8]
    var chunkBytesMax: Int

    /// Signs and encrypts the chunk. With RSA that takes milliseconds: call it away from an event loop.
    ///
    /// - Throws: Bad_TcpMessageTooLarge where the chunk is longer than the other side's buffer, as an opening is never
    ///   cut.
    public func chunk(_ security: any ChunkSecurity) throws(TransportError) -> [UInt8] {
        let chunk: [UInt8]
        do {
            chunk = try security.secure(header: header, content: content)
        } catch {
            throw TransportError(.badSecurityChecksFailed, "the channel could not be opened: \(error)")
        }
        guard chunk.count <= chunkBytesMax else {
            throw TransportError(.badTcpMessageTooLarge, "an opening of \(chunk.count) bytes")
        }
        return chunk
    }
}
