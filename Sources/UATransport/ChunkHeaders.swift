import UACodec

/// The security header of an OPN chunk (Part 6, 6.7.2.3).
public struct AsymmetricHeader: Hashable, Sendable {
    /// What one certificate chain may take; a policy's URI and a thumbprint are shorter by far.
    static let limits = CodecLimits(stringBytes: 255, byteStringBytes: 16_384)

    public var channelId: UInt32
    public var securityPolicyUri: String
    /// In DER, the leaf first where it is a chain.
    public var senderCertificate: ByteString?
    /// SHA-1 of the leaf that the chunk is encrypted for.
    public var receiverThumbprint: ByteString?

    public init(
        channelId: UInt32, securityPolicyUri: String, senderCertificate: ByteString? = nil,
        receiverThumbprint: ByteString? = nil
    ) {
        self.channelId = channelId
        self.securityPolicyUri = securityPolicyUri
        self.senderCertificate = senderCertificate
        self.receiverThumbprint = receiverThumbprint
    }

    /// Message header and security header, the size left 0.
    func bytes() throws(CodecError) -> [UInt8] {
        var writer = BinaryWriter()
        writer.write(channelId)
        writer.write(securityPolicyUri as String?)
        writer.write(senderCertificate)
        writer.write(receiverThumbprint)
        return Frame.header(.openChannel, .final) + (try writer.finish())
    }

    /// The header, and the bytes of the chunk that stand before its sequence header.
    static func parse(_ frame: Frame) throws(TransportError) -> (AsymmetricHeader, length: Int) {
        do throws(CodecError) {
            var reader = try BinaryReader(frame.body, limits: limits)
            let channelId: UInt32 = try reader.read()
            let uri: String? = try reader.read()
            let header = AsymmetricHeader(
                channelId: channelId, securityPolicyUri: uri ?? "", senderCertificate: try reader.read(),
                receiverThumbprint: try reader.read())
            guard [nil, 0, 20].contains(header.receiverThumbprint?.bytes.count) else {
                throw reader.malformed("a thumbprint of other than 20 bytes")
            }
            return (header, Frame.headerBytes + reader.offset)
        } catch {
            throw TransportError(.badSecurityChecksFailed, "\(error)")
        }
    }
}

/// What stands before the body of every chunk (Part 6, 6.7.2.4).
public struct SequenceHeader: Hashable, Sendable {
    public static let byteCount = 8

    public var sequenceNumber: UInt32
    public var requestId: UInt32

    /// The header with what stands behind it.
    func bytes(before body: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount + body.count)
        bytes.append(littleEndian: sequenceNumber)
        bytes.append(littleEndian: requestId)
        bytes.append(contentsOf: body)
        return bytes
    }

    /// The header and the body of an opened chunk.
    static func parse(_ content: [UInt8]) throws(TransportError) -> (SequenceHeader, body: ArraySlice<UInt8>) {
        guard content.count >= byteCount else {
            throw TransportError(.badSecurityChecksFailed, "a chunk without a sequence header")
        }
        let header = SequenceHeader(
            sequenceNumber: word(content, at: 0), requestId: word(content, at: 4))
        return (header, content.dropFirst(byteCount))
    }
}

/// The security header of MSG and CLO chunks, with the channel before it.
struct SymmetricHeader: Hashable {
    /// Message header, channel id and token id.
    static let byteCount = 16

    var channelId: UInt32
    var tokenId: UInt32

    func bytes(_ type: MessageType, _ kind: ChunkKind) -> [UInt8] {
        var bytes = Frame.header(type, kind)
        bytes.append(littleEndian: channelId)
        bytes.append(littleEndian: tokenId)
        return bytes
    }

    static func parse(_ frame: Frame) throws(TransportError) -> SymmetricHeader {
        guard frame.bytes.count >= byteCount else {
            throw TransportError(.badTcpMessageTypeInvalid, "a chunk of \(frame.bytes.count) bytes")
        }
        return SymmetricHeader(channelId: word(frame.bytes, at: 8), tokenId: word(frame.bytes, at: 12))
    }
}

/// - Precondition: four bytes are there.
private func word(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
}
