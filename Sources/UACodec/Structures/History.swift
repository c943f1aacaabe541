// Made by scripts/opcua/generate; change it or its table, not this file.

/// HistoryReadValueId: Part 4, 5.11 and Part 11, 6.
public struct HistoryReadValueId: Structure {
    public static let dataTypeId: UInt32 = 635
    public static let binaryEncodingId: UInt32 = 637
    public static let smallestByteCount = 16

    public var nodeId: NodeId
    public var indexRange: String?
    public var dataEncoding: QualifiedName
    public var continuationPoint: ByteString?

    public init(
        nodeId: NodeId = .null, indexRange: String? = nil, dataEncoding: QualifiedName = .null,
        continuationPoint: ByteString? = nil
    ) {
        self.nodeId = nodeId
        self.indexRange = indexRange
        self.dataEncoding = dataEncoding
        self.continuationPoint = continuationPoint
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        nodeId = try reader.read()
        indexRange = try reader.read()
        dataEncoding = try reader.read()
        continuationPoint = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(nodeId)
        writer.write(indexRange)
        writer.write(dataEncoding)
        writer.write(continuationPoint)
    }
}

/// HistoryReadResult: Part 4, 5.11 and Part 11, 6.
public struct HistoryReadResult: Structure {
    public static let dataTypeId: UInt32 = 638
    public static let binaryEncodingId: UInt32 = 640
    public static let smallestByteCount = 11

    public var statusCode: StatusCode
    public var continuationPoint: ByteString?
    public var historyData: ExtensionObject

    public init(
        statusCode: StatusCode = .good, continuationPoint: ByteString? = nil, historyData: ExtensionObject = .null
    ) {
        self.statusCode = statusCode
        self.continuationPoint = continuationPoint
        self.historyData = historyData
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        continuationPoint = try reader.read()
        historyData = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(continuationPoint)
        writer.write(historyData)
    }
}

/// ReadRawModifiedDetails: Part 4, 5.11 and Part 11, 6.
public struct ReadRawModifiedDetails: Structure {
    public static let dataTypeId: UInt32 = 647
    public static let binaryEncodingId: UInt32 = 649
    public static let smallestByteCount = 22

    public var isReadModified: Bool
    public var startTime: DateTime
    public var endTime: DateTime
    public var numValuesPerNode: UInt32
    public var returnBounds: Bool

    public init(
        isReadModified: Bool = false, startTime: DateTime = .null, endTime: DateTime = .null,
        numValuesPerNode: UInt32 = 0, returnBounds: Bool = false
    ) {
        self.isReadModified = isReadModified
        self.startTime = startTime
        self.endTime = endTime
        self.numValuesPerNode = numValuesPerNode
        self.returnBounds = returnBounds
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        isReadModified = try reader.read()
        startTime = try reader.read()
        endTime = try reader.read()
        numValuesPerNode = try reader.read()
        returnBounds = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(isReadModified)
        writer.write(startTime)
        writer.write(endTime)
        writer.write(numValuesPerNode)
        writer.write(returnBounds)
    }
}

/// HistoryData: Part 4, 5.11 and Part 11, 6.
public struct HistoryData: Structure {
    public static let dataTypeId: UInt32 = 656
    public static let binaryEncodingId: UInt32 = 658
    public static let smallestByteCount = 4

    public var dataValues: [DataValue]

    public init(dataValues: [DataValue] = []) {
        self.dataValues = dataValues
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        dataValues = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(dataValues)
    }
}

/// HistoryReadRequest: Part 4, 5.11 and Part 11, 6.
public struct HistoryReadRequest: ServiceRequest {
    public typealias Response = HistoryReadResponse

    public static let dataTypeId: UInt32 = 662
    public static let binaryEncodingId: UInt32 = 664
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var historyReadDetails: ExtensionObject
    public var timestampsToReturn: TimestampsToReturn
    public var releaseContinuationPoints: Bool
    public var nodesToRead: [HistoryReadValueId]

    public init(
        requestHeader: RequestHeader = RequestHeader(), historyReadDetails: ExtensionObject = .null,
        timestampsToReturn: TimestampsToReturn = TimestampsToReturn(rawValue: 0),
        releaseContinuationPoints: Bool = false, nodesToRead: [HistoryReadValueId] = []
    ) {
        self.requestHeader = requestHeader
        self.historyReadDetails = historyReadDetails
        self.timestampsToReturn = timestampsToReturn
        self.releaseContinuationPoints = releaseContinuationPoints
        self.nodesToRead = nodesToRead
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        historyReadDetails = try reader.read()
        timestampsToReturn = try reader.read()
        releaseContinuationPoints = try reader.read()
        nodesToRead = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(historyReadDetails)
        writer.write(timestampsToReturn)
        writer.write(releaseContinuationPoints)
        writer.write(nodesToRead)
    }
}

/// HistoryReadResponse: Part 4, 5.11 and Part 11, 6.
public struct HistoryReadResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 665
    public static let binaryEncodingId: UInt32 = 667
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [HistoryReadResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [HistoryReadResult] = [],
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
