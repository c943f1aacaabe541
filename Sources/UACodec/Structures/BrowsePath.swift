// Made by scripts/opcua/generate; change it or its table, not this file.

/// BrowsePath: Part 4, 5.9.
public struct BrowsePath: Structure {
    public static let dataTypeId: UInt32 = 543
    public static let binaryEncodingId: UInt32 = 545
    public static let smallestByteCount = 6

    public var startingNode: NodeId
    public var relativePath: RelativePath

    public init(startingNode: NodeId = .null, relativePath: RelativePath = RelativePath()) {
        self.startingNode = startingNode
        self.relativePath = relativePath
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        startingNode = try reader.read()
        relativePath = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(startingNode)
        writer.write(relativePath)
    }
}

/// BrowsePathTarget: Part 4, 5.9.
public struct BrowsePathTarget: Structure {
    public static let dataTypeId: UInt32 = 546
    public static let binaryEncodingId: UInt32 = 548
    public static let smallestByteCount = 6

    public var targetId: ExpandedNodeId
    public var remainingPathIndex: UInt32

    public init(targetId: ExpandedNodeId = .null, remainingPathIndex: UInt32 = 0) {
        self.targetId = targetId
        self.remainingPathIndex = remainingPathIndex
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        targetId = try reader.read()
        remainingPathIndex = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(targetId)
        writer.write(remainingPathIndex)
    }
}

/// BrowsePathResult: Part 4, 5.9.
public struct BrowsePathResult: Structure {
    public static let dataTypeId: UInt32 = 549
    public static let binaryEncodingId: UInt32 = 551
    public static let smallestByteCount = 8

    public var statusCode: StatusCode
    public var targets: [BrowsePathTarget]

    public init(statusCode: StatusCode = .good, targets: [BrowsePathTarget] = []) {
        self.statusCode = statusCode
        self.targets = targets
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        statusCode = try reader.read()
        targets = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(statusCode)
        writer.write(targets)
    }
}

/// TranslateBrowsePathsToNodeIdsRequest: Part 4, 5.9.
public struct TranslateBrowsePathsToNodeIdsRequest: ServiceRequest {
    public typealias Response = TranslateBrowsePathsToNodeIdsResponse

    public static let dataTypeId: UInt32 = 552
    public static let binaryEncodingId: UInt32 = 554
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var browsePaths: [BrowsePath]

    public init(requestHeader: RequestHeader = RequestHeader(), browsePaths: [BrowsePath] = []) {
        self.requestHeader = requestHeader
        self.browsePaths = browsePaths
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        browsePaths = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(browsePaths)
    }
}

/// TranslateBrowsePathsToNodeIdsResponse: Part 4, 5.9.
public struct TranslateBrowsePathsToNodeIdsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 555
    public static let binaryEncodingId: UInt32 = 557
    public static let smallestByteCount = 32

    public var responseHeader: ResponseHeader
    public var results: [BrowsePathResult]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), results: [BrowsePathResult] = [],
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

/// RegisterNodesRequest: Part 4, 5.9.
public struct RegisterNodesRequest: ServiceRequest {
    public typealias Response = RegisterNodesResponse

    public static let dataTypeId: UInt32 = 558
    public static let binaryEncodingId: UInt32 = 560
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var nodesToRegister: [NodeId]

    public init(requestHeader: RequestHeader = RequestHeader(), nodesToRegister: [NodeId] = []) {
        self.requestHeader = requestHeader
        self.nodesToRegister = nodesToRegister
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        nodesToRegister = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(nodesToRegister)
    }
}

/// RegisterNodesResponse: Part 4, 5.9.
public struct RegisterNodesResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 561
    public static let binaryEncodingId: UInt32 = 563
    public static let smallestByteCount = 28

    public var responseHeader: ResponseHeader
    public var registeredNodeIds: [NodeId]

    public init(responseHeader: ResponseHeader = ResponseHeader(), registeredNodeIds: [NodeId] = []) {
        self.responseHeader = responseHeader
        self.registeredNodeIds = registeredNodeIds
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        registeredNodeIds = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(registeredNodeIds)
    }
}

/// UnregisterNodesRequest: Part 4, 5.9.
public struct UnregisterNodesRequest: ServiceRequest {
    public typealias Response = UnregisterNodesResponse

    public static let dataTypeId: UInt32 = 564
    public static let binaryEncodingId: UInt32 = 566
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var nodesToUnregister: [NodeId]

    public init(requestHeader: RequestHeader = RequestHeader(), nodesToUnregister: [NodeId] = []) {
        self.requestHeader = requestHeader
        self.nodesToUnregister = nodesToUnregister
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        nodesToUnregister = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(nodesToUnregister)
    }
}

/// UnregisterNodesResponse: Part 4, 5.9.
public struct UnregisterNodesResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 567
    public static let binaryEncodingId: UInt32 = 569
    public static let smallestByteCount = 24

    public var responseHeader: ResponseHeader

    public init(responseHeader: ResponseHeader = ResponseHeader()) {
        self.responseHeader = responseHeader
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
    }
}
