// Made by scripts/opcua/generate; change it or its table, not this file.

/// SecurityTokenRequestType: Part 4, 5.6. A number that has no name here is kept.
public struct SecurityTokenRequestType: Enumeration {
    public static let dataTypeId: UInt32 = 315
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let issue = SecurityTokenRequestType(rawValue: 0)
    public static let renew = SecurityTokenRequestType(rawValue: 1)
}

/// ChannelSecurityToken: Part 4, 5.6.
public struct ChannelSecurityToken: Structure {
    public static let dataTypeId: UInt32 = 441
    public static let binaryEncodingId: UInt32 = 443
    public static let smallestByteCount = 20

    public var channelId: UInt32
    public var tokenId: UInt32
    public var createdAt: DateTime
    public var revisedLifetime: UInt32

    public init(channelId: UInt32 = 0, tokenId: UInt32 = 0, createdAt: DateTime = .null, revisedLifetime: UInt32 = 0) {
        self.channelId = channelId
        self.tokenId = tokenId
        self.createdAt = createdAt
        self.revisedLifetime = revisedLifetime
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        channelId = try reader.read()
        tokenId = try reader.read()
        createdAt = try reader.read()
        revisedLifetime = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(channelId)
        writer.write(tokenId)
        writer.write(createdAt)
        writer.write(revisedLifetime)
    }
}

/// OpenSecureChannelRequest: Part 4, 5.6.
public struct OpenSecureChannelRequest: ServiceRequest {
    public typealias Response = OpenSecureChannelResponse

    public static let dataTypeId: UInt32 = 444
    public static let binaryEncodingId: UInt32 = 446
    public static let smallestByteCount = 49

    public var requestHeader: RequestHeader
    public var clientProtocolVersion: UInt32
    public var requestType: SecurityTokenRequestType
    public var securityMode: MessageSecurityMode
    public var clientNonce: ByteString?
    public var requestedLifetime: UInt32

    public init(
        requestHeader: RequestHeader = RequestHeader(), clientProtocolVersion: UInt32 = 0,
        requestType: SecurityTokenRequestType = SecurityTokenRequestType(rawValue: 0),
        securityMode: MessageSecurityMode = MessageSecurityMode(rawValue: 0), clientNonce: ByteString? = nil,
        requestedLifetime: UInt32 = 0
    ) {
        self.requestHeader = requestHeader
        self.clientProtocolVersion = clientProtocolVersion
        self.requestType = requestType
        self.securityMode = securityMode
        self.clientNonce = clientNonce
        self.requestedLifetime = requestedLifetime
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        clientProtocolVersion = try reader.read()
        requestType = try reader.read()
        securityMode = try reader.read()
        clientNonce = try reader.read()
        requestedLifetime = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(clientProtocolVersion)
        writer.write(requestType)
        writer.write(securityMode)
        writer.write(clientNonce)
        writer.write(requestedLifetime)
    }
}

/// OpenSecureChannelResponse: Part 4, 5.6.
public struct OpenSecureChannelResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 447
    public static let binaryEncodingId: UInt32 = 449
    public static let smallestByteCount = 52

    public var responseHeader: ResponseHeader
    public var serverProtocolVersion: UInt32
    public var securityToken: ChannelSecurityToken
    public var serverNonce: ByteString?

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), serverProtocolVersion: UInt32 = 0,
        securityToken: ChannelSecurityToken = ChannelSecurityToken(), serverNonce: ByteString? = nil
    ) {
        self.responseHeader = responseHeader
        self.serverProtocolVersion = serverProtocolVersion
        self.securityToken = securityToken
        self.serverNonce = serverNonce
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        serverProtocolVersion = try reader.read()
        securityToken = try reader.read()
        serverNonce = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(serverProtocolVersion)
        writer.write(securityToken)
        writer.write(serverNonce)
    }
}

/// CloseSecureChannelRequest: Part 4, 5.6.
public struct CloseSecureChannelRequest: ServiceRequest {
    public typealias Response = CloseSecureChannelResponse

    public static let dataTypeId: UInt32 = 450
    public static let binaryEncodingId: UInt32 = 452
    public static let smallestByteCount = 29

    public var requestHeader: RequestHeader

    public init(requestHeader: RequestHeader = RequestHeader()) {
        self.requestHeader = requestHeader
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
    }
}

/// CloseSecureChannelResponse: Part 4, 5.6.
public struct CloseSecureChannelResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 453
    public static let binaryEncodingId: UInt32 = 455
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
