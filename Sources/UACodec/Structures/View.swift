// Made by scripts/opcua/generate; change it or its table, not this file.

/// BrowseDirection: Part 4, 5.9. A number that has no name here is kept.
public struct BrowseDirection: Enumeration {
    public static let dataTypeId: UInt32 = 510
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let forward = BrowseDirection(rawValue: 0)
    public static let inverse = BrowseDirection(rawValue: 1)
    public static let both = BrowseDirection(rawValue: 2)
    public static let invalid = BrowseDirection(rawValue: 3)
}

/// ViewDescription: Part 4, 5.9.
public struct ViewDescription: Structure {
    public static let dataTypeId: UInt32 = 511
    public static let binaryEncodingId: UInt32 = 513
    public static let smallestByteCount = 14

    public var viewId: NodeId
    public var timestamp: DateTime
    public var viewVersion: UInt32

    public init(viewId: NodeId = .null, timestamp: DateTime = .null, viewVersion: UInt32 = 0) {
        self.viewId = viewId
        self.timestamp = timestamp
        self.viewVersion = viewVersion
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        viewId = try reader.read()
        timestamp = try reader.read()
        viewVersion = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(viewId)
        writer.write(timestamp)
        writer.write(viewVersion)
    }
}

/// BrowseDescription: Part 4, 5.9.
public struct BrowseDescription: Structure {
    public static let dataTypeId: UInt32 = 514
    public static let binaryEncodingId: UInt32 = 516
    public static let smallestByteCount = 17

    public var nodeId: NodeId
    public var browseDirection: BrowseDirection
    public var referenceTypeId: NodeId
    public var includeSubtypes: Bool
    public var nodeClassMask: UInt32
    public var resultMask: UInt32

    public init(
        nodeId: NodeId = .null, browseDirection: BrowseDirection = BrowseDirection(rawValue: 0),
        referenceTypeId: NodeId = .null, includeSubtypes: Bool = false, nodeClassMask: UInt32 = 0,
        resultMask: UInt32 = 0
    ) {
        self.nodeId = nodeId
        self.browseDirection = browseDirection
        self.referenceTypeId = referenceTypeId
        self.includeSubtypes = includeSubtypes
        self.nodeClassMask = nodeClassMask
        self.resultMask = resultMask
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        nodeId = try reader.read()
        browseDirection = try reader.read()
        referenceTypeId = try reader.read()
        includeSubtypes = try reader.read()
        nodeClassMask = try reader.read()
        resultMask = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(nodeId)
        writer.write(browseDirection)
        writer.write(referenceTypeId)
        writer.write(includeSubtypes)
        writer.write(nodeClassMask)
        writer.write(resultMask)
    }
}

/// ReferenceDescription: Part 4, 5.9.
public struct ReferenceDescription: Structure {
    public static let dataTypeId: UInt32 = 518
    public static let binaryEncodingId: UInt32 = 520
    public static let smallestByteCount = 18

    public var referenceTypeId: NodeId
    public var isForward: Bool
    public var nodeId: ExpandedNodeId
    public var browseName: QualifiedName
    public var displayName: LocalizedText
    public var nodeClass: NodeClass
    public var typeDefinition: ExpandedNodeId

    public init(
        referenceTypeId: NodeId = .null, isForward: Bool = false, nodeId: ExpandedNodeId = .null,
        browseName: QualifiedName = .null, displayName: LocalizedText = .null,
        nodeClass: NodeClass = NodeClass(rawValue: 0), typeDefinition: ExpandedNodeId = .null
    ) {
        self.referenceTypeId = referenceTypeId
        self.isForward = isForward
        self.nodeId = nodeId
        self.browseName = browseName
        self.displayName = displayName
        self.nodeClass = nodeClass
        self.typeDefinition = typeDefinition
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        referenceTypeId = try reader.read()
        isForward = try reader.read()
        nodeId = try reader.read()
        browseName = try reader.read()
        displayName = try reader.read()
        nodeClass = try reader.read()
        typeDefinition = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(referenceTypeId)
        writer.write(isForward)
        writer.write(nodeId)
        writer.write(browseName)
        writer.write(displayName)
        writer.write(nodeClass)
        writer.write(typeDefinition)
    }
}

/// BrowseResult: Part 4, 5.9.
public struct BrowseResult: Structure {
    public static let dataTypeId: UInt32 = 522
    public static let binaryEncodingId: UInt32 = 524
    public static let smallestByteCount = 12

    public var statusCode: StatusCode
    public var continuationPoint: ByteString?
    public var references: [ReferenceDescription]

    public init(
        statusCode: StatusCode = .good, continuationPoint: ByteString? = nil, references: [ReferenceDescription] = []
    ) {
        self.statusCode = statusCode
        self.continuationPoint = continuationPoint
        self.references = references
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        continuationPoint = try reader.read()
        references = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(continuationPoint)
        writer.write(references)
    }
}

/// BrowseRequest: Part 4, 5.9.
public struct BrowseRequest: ServiceRequest {
    public typealias Response = BrowseResponse

    public static let dataTypeId: UInt32 = 525
    public static let binaryEncodingId: UInt32 = 527
    public static let smallestByteCount = 51

    public var requestHeader: RequestHeader
    public var view: ViewDescription
    public var requestedMaxReferencesPerNode: UInt32
    public var nodesToBrowse: [BrowseDescription]

    public init(
        requestHeader: RequestHeader = RequestHeader(), view: ViewDescription = ViewDescription(),
        requestedMaxReferencesPerNode: UInt32 = 0, nodesToBrowse: [BrowseDescription] = []
    ) {
        self.requestHeader = requestHeader
        self.view = view
        self.requestedMaxReferencesPerNode = requestedMaxReferencesPerNode
        self.nodesToBrowse = nodesToBrowse
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        view = try reader.read()
        requestedMaxReferencesPerNode = try reader.read()
        nodesToBrowse = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(view)
        writer.write(requestedMaxReferencesPerNode)
        writer.write(nodesToBrowse)
    }
}

/// BrowseResponse: Part 4, 5.9.
public struct BrowseResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 528
    public static let binaryEncodingId: UInt32 = 530
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [BrowseResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [BrowseResult] = [],
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

/// BrowseNextRequest: Part 4, 5.9.
public struct BrowseNextRequest: ServiceRequest {
    public typealias Response = BrowseNextResponse

    public static let dataTypeId: UInt32 = 531
    public static let binaryEncodingId: UInt32 = 533
    public static let smallestByteCount = 34

    public var requestHeader: RequestHeader
    public var releaseContinuationPoints: Bool
    public var continuationPoints: [ByteString?]

    public init(
        requestHeader: RequestHeader = RequestHeader(), releaseContinuationPoints: Bool = false,
        continuationPoints: [ByteString?] = []
    ) {
        self.requestHeader = requestHeader
        self.releaseContinuationPoints = releaseContinuationPoints
        self.continuationPoints = continuationPoints
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        releaseContinuationPoints = try reader.read()
        continuationPoints = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(releaseContinuationPoints)
        writer.write(continuationPoints)
    }
}

/// BrowseNextResponse: Part 4, 5.9.
public struct BrowseNextResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 534
    public static let binaryEncodingId: UInt32 = 536
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [BrowseResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [BrowseResult] = [],
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
