/// The body of a message: the id of an encoding, and the request or response (Part 6, 5.2.8 and 6.7.2).
public enum ServiceMessage {
    private static let types: [UInt32: any Structure.Type] = [UInt32: any Structure.Type](
        uniqueKeysWithValues: Known.messages.map { ($0.binaryEncodingId, $0) })

    private static let requests: [UInt32: any ServiceRequest.Type] = [UInt32: any ServiceRequest.Type](
        uniqueKeysWithValues: Known.messages.compactMap { type in
            (type as? any ServiceRequest.Type).map { ($0.binaryEncodingId, $0) }
        })

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

    /// Reads a request of any service.
    ///
    /// - Returns: nil where the message is a response.
    /// - Throws: as ``decode(_:limits:types:)``.
    public static func request(
        in bytes: [UInt8], limits: CodecLimits = .standard
    ) throws(CodecError) -> (any ServiceRequest)? {
        var reader = try BinaryReader(bytes, limits: limits)
        let id: NodeId = try reader.read()
        guard let number = id.standardNumber, let type = requests[number] else {
            _ = try decode(bytes, limits: limits)
            return nil
        }
        let request = try type.init(from: &reader)
        try reader.finish()
        return request
    }

    /// What came as the answer to a request.
    public enum Answer<Response: ServiceResponse>: Sendable {
        case response(Response)
        case fault(ServiceFault)
        /// A message that is no answer to it.
        case other(NodeId)
    }

    /// Reads the answer to a request.
    public static func answer<Response: ServiceResponse>(
        in bytes: [UInt8], limits: CodecLimits = .standard, types registry: TypeRegistry = .standard
    ) throws(CodecError) -> Answer<Response> {
        var reader = try BinaryReader(bytes, limits: limits, types: registry)
        let id: NodeId = try reader.read()
        let answer: Answer<Response>
        switch id.standardNumber {
        case Response.binaryEncodingId: answer = .response(try Response(from: &reader))
        case ServiceFault.binaryEncodingId: answer = .fault(try ServiceFault(from: &reader))
        default: return .other(id)
        }
        try reader.finish()
        return answer
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
