/// Signs and encrypts one chunk, and the other way round. The policies live elsewhere; here it is bytes to bytes.
public protocol ChunkSecurity: Sendable {
    /// Makes a chunk ready for the wire.
    ///
    /// - Parameters:
    ///   - header: message header and security header; the size in bytes 4...7 is filled in, as only security knows it.
    ///   - content: sequence header and body.
    func secure(header: [UInt8], content: [UInt8]) throws -> [UInt8]

    /// Checks and opens a chunk.
    ///
    /// - Parameters:
    ///   - chunk: all of it.
    ///   - headerLength: the bytes before the sequence header.
    /// - Returns: sequence header and body, without padding and signature.
    func open(_ chunk: [UInt8], headerLength: Int) throws -> [UInt8]
}

/// Security of the chunks that a token covers.
public protocol MessageSecurity: ChunkSecurity {
    /// How many bytes of body a chunk of at most `chunkSize` bytes holds.
    func bodyCapacity(chunkSize: Int, headerLength: Int) -> Int
}

/// The policy None: nothing is signed and nothing is hidden.
public struct NoSecurity: MessageSecurity, Hashable {
    public init() {}

    public func secure(header: [UInt8], content: [UInt8]) -> [UInt8] {
        var chunk = header + content
        let size = UInt32(clamping: chunk.count).littleEndian
        withUnsafeBytes(of: size) { chunk.replaceSubrange(4..<8, with: $0) }
        return chunk
    }

    public func open(_ chunk: [UInt8], headerLength: Int) -> [UInt8] { Array(chunk.dropFirst(headerLength)) }

    public func bodyCapacity(chunkSize: Int, headerLength: Int) -> Int {
        max(0, chunkSize - headerLength - SequenceHeader.byteCount)
    }
}
