/// The body of a message: the id of an encoding, and the request or response (Part 6, 5.2.8 and 6.7.2).
public enum ServiceMessage {
    private static let types: [UInt32: any Structure.Type] = [UInt32: any Structure.Type](
        uniqueKeysWithValues: Known.messages.map { ($0.binaryEncodingId, $0) })

    public static func bytes<Message: Structure>(
        of message: Message, limits: CodecLimits = .standard
    ) throws(CodecError) -> [UInt8] {
        var writer = BinaryWriter(limits: limits)
        writer.write(NodeId(Message.binaryEncodingId))
        writer.write(message)
        return try writer.finish()
    }

    /// Reads a request or response of any service.
    ///
    /// - Throws: ``CodecError``, of the kind `unknownType` for a service that this library does not have;
    ///   ``requestHeader(of:limits:types:)`` then still tells whom to answer.
    public static func decode(
        _ bytes: [UInt8], limits: CodecLimits = .standard, types registry: TypeRegistry = .standard
    ) throws(CodecError) -> any Structure {
        var reader = try BinaryReader(bytes, limits: limits, types: registry)
        let id: NodeId = try reader.read()
        guard let number = id.standardNumber, let type = types[number] else {
            throw CodecError(.unknownType(id), at: 0)
        }
        let message = try type.init(from: &reader)
        try reader.finish()
        return message
    }

    /// The header of a request of any kind, known or not: each begins with one.
    public static func requestHeader(
        of bytes: [UInt8], limits: CodecLimits = .standard, types: TypeRegistry = .standard
    ) throws(CodecError) -> RequestHeader {
        var reader = try BinaryReader(bytes, limits: limits, types: types)
        _ = try reader.read(NodeId.self)
        return try reader.read()
    }
}
