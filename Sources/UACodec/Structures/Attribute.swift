// Made by scripts/opcua/generate; change it or its table, not this file.

/// ReadValueId: Part 4, 5.11.
public struct ReadValueId: Structure {
    public static let dataTypeId: UInt32 = 626
    public static let binaryEncodingId: UInt32 = 628
    public static let smallestByteCount = 16

    public var nodeId: NodeId
    public var attributeId: UInt32
    public var indexRange: String?
    public var dataEncoding: QualifiedName

    public init(
        nodeId: NodeId = .null, attributeId: UInt32 = 0, indexRange: String? = nil, dataEncoding: QualifiedName = .null
    ) {
        self.nodeId = nodeId
        self.attributeId = attributeId
        self.indexRange = indexRange
        self.dataEncoding = dataEncoding
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        nodeId = try reader.read()
        attributeId = try reader.read()
        indexRange = try reader.read()
        dataEncoding = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(nodeId)
        writer.write(attributeId)
        writer.write(indexRange)
        writer.write(dataEncoding)
    }
}

/// ReadRequest: Part 4, 5.11.
public struct ReadRequest: ServiceRequest {
    public typealias Response = ReadResponse

    public static let dataTypeId: UInt32 = 629
    public static let binaryEncodingId: UInt32 = 631
    public static let smallestByteCount = 45

    public var requestHeader: RequestHeader
    public var maxAge: Double
    public var timestampsToReturn: TimestampsToReturn
    public var nodesToRead: [ReadValueId]

    public init(
        requestHeader: RequestHeader = RequestHeader(), maxAge: Double = 0,
        timestampsToReturn: TimestampsToReturn = TimestampsToReturn(rawValue: 0), nodesToRead: [ReadValueId] = []
    ) {
        self.requestHeader = requestHeader
        self.maxAge = maxAge
        self.timestampsToReturn = timestampsToReturn
        self.nodesToRead = nodesToRead
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        maxAge = try reader.read()
        timestampsToReturn = try reader.read()
        nodesToRead = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(maxAge)
        writer.write(timestampsToReturn)
        writer.write(nodesToRead)
    }
}

/// ReadResponse: Part 4, 5.11.
public struct ReadResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 632
    public static let binaryEncodingId: UInt32 = 634
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [DataValue]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [DataValue] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}

/// WriteValue: Part 4, 5.11.
public struct WriteValue: Structure {
    public static let dataTypeId: UInt32 = 668
    public static let binaryEncodingId: UInt32 = 670
    public static let smallestByteCount = 11

    public var nodeId: NodeId
    public var attributeId: UInt32
    public var indexRange: String?
    public var value: DataValue

    public init(
        nodeId: NodeId = .null, attributeId: UInt32 = 0, indexRange: String? = nil, value: DataValue = DataValue()
    ) {
        self.nodeId = nodeId
        self.attributeId = attributeId
        self.indexRange = indexRange
        self.value = value
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        nodeId = try reader.read()
        attributeId = try reader.read()
        indexRange = try reader.read()
        value = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(nodeId)
        writer.write(attributeId)
        writer.write(indexRange)
        writer.write(value)
    }
}

/// WriteRequest: Part 4, 5.11.
public struct WriteRequest: ServiceRequest {
    public typealias Response = WriteResponse

    public static let dataTypeId: UInt32 = 671
    public static let binaryEncodingId: UInt32 = 673
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var nodesToWrite: [WriteValue]

    public init(requestHeader: RequestHeader = RequestHeader(), nodesToWrite: [WriteValue] = []) {
        self.requestHeader = requestHeader
        self.nodesToWrite = nodesToWrite
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        nodesToWrite = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(nodesToWrite)
    }
}

/// WriteResponse: Part 4, 5.11.
public struct WriteResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 674
    public static let binaryEncodingId: UInt32 = 676
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [StatusCode]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [StatusCode] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}
