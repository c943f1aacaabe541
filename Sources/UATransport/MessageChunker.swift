import UACodec

/// Cuts messages into chunks for the other side's buffers.
struct MessageChunker {
    var limits: AgreedLimits
    var header: SymmetricHeader
    var security: any MessageSecurity

    /// The chunks of one message, ready for the wire; all or none, so that a message that is too long has taken no
    /// sequence number.
    ///
    /// - Throws: Bad_ResponseTooLarge or Bad_RequestTooLarge, as `tooLarge` says.
    func chunks(
        _ type: MessageType, _ body: [UInt8], requestId: UInt32, numbers: inout SequenceNumbers, tooLarge: StatusCode
    ) throws(TransportError) -> [[UInt8]] {
        let capacity = security.bodyCapacity(
            chunkSize: limits.sendChunkBytes, headerLength: SymmetricHeader.byteCount)
        guard capacity > 0 else { throw TransportError(.badTcpInternalError, "chunks without room for a body") }
        let count = max(1, (body.count + capacity - 1) / capacity)
        guard body.count <= limits.sendMessageBytes, count <= limits.sendChunkCount else {
            throw TransportError(tooLarge, "a message of \(body.count) bytes in \(count) chunks")
        }
        var chunks: [[UInt8]] = []
        for index in 0..<count {
            let part = body[index * capacity..<min(body.count, (index + 1) * capacity)]
            let kind: ChunkKind = index == count - 1 ? .final : .intermediate
            chunks.append(try chunk(type, kind, part, requestId: requestId, numbers: &numbers))
        }
        return chunks
    }

    /// One chunk.
    func chunk(
        _ type: MessageType, _ kind: ChunkKind, _ part: ArraySlice<UInt8>, requestId: UInt32,
        numbers: inout SequenceNumbers
    ) throws(TransportError) -> [UInt8] {
        let sequence = SequenceHeader(sequenceNumber: numbers.next(), requestId: requestId)
        do {
            return try security.secure(header: header.bytes(type, kind), content: sequence.bytes(before: part))
        } catch {
            throw TransportError(.badSecurityChecksFailed, "a chunk could not be secured: \(error)")
        }
    }
}
