// Made by scripts/opcua/generate; change it or its table, not this file.

/// ServerState: Part 5, 12. A number that has no name here is kept.
public struct ServerState: Enumeration {
    public static let dataTypeId: UInt32 = 852
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let running = ServerState(rawValue: 0)
    public static let failed = ServerState(rawValue: 1)
    public static let noConfiguration = ServerState(rawValue: 2)
    public static let suspended = ServerState(rawValue: 3)
    public static let shutdown = ServerState(rawValue: 4)
    public static let test = ServerState(rawValue: 5)
    public static let communicationFault = ServerState(rawValue: 6)
    public static let unknown = ServerState(rawValue: 7)
}

/// BuildInfo: Part 5, 12.
public struct BuildInfo: Structure {
    public static let dataTypeId: UInt32 = 338
    public static let binaryEncodingId: UInt32 = 340
    public static let smallestByteCount = 28

    public var productUri: String?
    public var manufacturerName: String?
    public var productName: String?
    public var softwareVersion: String?
    public var buildNumber: String?
    public var buildDate: DateTime

    public init(
        productUri: String? = nil, manufacturerName: String? = nil, productName: String? = nil,
        softwareVersion: String? = nil, buildNumber: String? = nil, buildDate: DateTime = .null
    ) {
        self.productUri = productUri
        self.manufacturerName = manufacturerName
        self.productName = productName
        self.softwareVersion = softwareVersion
        self.buildNumber = buildNumber
        self.buildDate = buildDate
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        productUri = try reader.read()
        manufacturerName = try reader.read()
        productName = try reader.read()
        softwareVersion = try reader.read()
        buildNumber = try reader.read()
        buildDate = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(productUri)
        writer.write(manufacturerName)
        writer.write(productName)
        writer.write(softwareVersion)
        writer.write(buildNumber)
        writer.write(buildDate)
    }
}

/// ServerStatusDataType: Part 5, 12.
public struct ServerStatusDataType: Structure {
    public static let dataTypeId: UInt32 = 862
    public static let binaryEncodingId: UInt32 = 864
    public static let smallestByteCount = 53

    public var startTime: DateTime
    public var currentTime: DateTime
    public var state: ServerState
    public var buildInfo: BuildInfo
    public var secondsTillShutdown: UInt32
    public var shutdownReason: LocalizedText

    public init(
        startTime: DateTime = .null, currentTime: DateTime = .null, state: ServerState = ServerState(rawValue: 0),
        buildInfo: BuildInfo = BuildInfo(), secondsTillShutdown: UInt32 = 0, shutdownReason: LocalizedText = .null
    ) {
        self.startTime = startTime
        self.currentTime = currentTime
        self.state = state
        self.buildInfo = buildInfo
        self.secondsTillShutdown = secondsTillShutdown
        self.shutdownReason = shutdownReason
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        startTime = try reader.read()
        currentTime = try reader.read()
        state = try reader.read()
        buildInfo = try reader.read()
        secondsTillShutdown = try reader.read()
        shutdownReason = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(startTime)
        writer.write(currentTime)
        writer.write(state)
        writer.write(buildInfo)
        writer.write(secondsTillShutdown)
        writer.write(shutdownReason)
    }
}

/// ModelChangeStructureDataType: Part 5, 12.
public struct ModelChangeStructureDataType: Structure {
    public static let dataTypeId: UInt32 = 877
    public static let binaryEncodingId: UInt32 = 879
    public static let smallestByteCount = 5

    public var affected: NodeId
    public var affectedType: NodeId
    public var verb: UInt8

    public init(affected: NodeId = .null, affectedType: NodeId = .null, verb: UInt8 = 0) {
        self.affected = affected
        self.affectedType = affectedType
        self.verb = verb
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        affected = try reader.read()
        affectedType = try reader.read()
        verb = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(affected)
        writer.write(affectedType)
        writer.write(verb)
    }
}

/// SemanticChangeStructureDataType: Part 5, 12.
public struct SemanticChangeStructureDataType: Structure {
    public static let dataTypeId: UInt32 = 897
    public static let binaryEncodingId: UInt32 = 899
    public static let smallestByteCount = 4

    public var affected: NodeId
    public var affectedType: NodeId

    public init(affected: NodeId = .null, affectedType: NodeId = .null) {
        self.affected = affected
        self.affectedType = affectedType
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        affected = try reader.read()
        affectedType = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(affected)
        writer.write(affectedType)
    }
}

/// RedundantServerDataType: Part 5, 12.
public struct RedundantServerDataType: Structure {
    public static let dataTypeId: UInt32 = 853
    public static let binaryEncodingId: UInt32 = 855
    public static let smallestByteCount = 9

    public var serverId: String?
    public var serviceLevel: UInt8
    public var serverState: ServerState

    public init(serverId: String? = nil, serviceLevel: UInt8 = 0, serverState: ServerState = ServerState(rawValue: 0)) {
        self.serverId = serverId
        self.serviceLevel = serviceLevel
        self.serverState = serverState
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        serverId = try reader.read()
        serviceLevel = try reader.read()
        serverState = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(serverId)
        writer.write(serviceLevel)
        writer.write(serverState)
    }
}
