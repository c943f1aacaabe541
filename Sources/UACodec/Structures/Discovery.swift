// Made by scripts/opcua/generate; change it or its table, not this file.

/// ApplicationType: Part 4, 5.5. A number that has no name here is kept.
public struct ApplicationType: Enumeration {
    public static let dataTypeId: UInt32 = 307
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let server = ApplicationType(rawValue: 0)
    public static let client = ApplicationType(rawValue: 1)
    public static let clientAndServer = ApplicationType(rawValue: 2)
    public static let discoveryServer = ApplicationType(rawValue: 3)
}

/// MessageSecurityMode: Part 4, 5.5. A number that has no name here is kept.
public struct MessageSecurityMode: Enumeration {
    public static let dataTypeId: UInt32 = 302
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let invalid = MessageSecurityMode(rawValue: 0)
    public static let none = MessageSecurityMode(rawValue: 1)
    public static let sign = MessageSecurityMode(rawValue: 2)
    public static let signAndEncrypt = MessageSecurityMode(rawValue: 3)
}

/// UserTokenType: Part 4, 5.5. A number that has no name here is kept.
public struct UserTokenType: Enumeration {
    public static let dataTypeId: UInt32 = 303
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let anonymous = UserTokenType(rawValue: 0)
    public static let userName = UserTokenType(rawValue: 1)
    public static let certificate = UserTokenType(rawValue: 2)
    public static let issuedToken = UserTokenType(rawValue: 3)
}

/// ApplicationDescription: Part 4, 5.5.
public struct ApplicationDescription: Structure {
    public static let dataTypeId: UInt32 = 308
    public static let binaryEncodingId: UInt32 = 310
    public static let smallestByteCount = 25

    public var applicationUri: String?
    public var productUri: String?
    public var applicationName: LocalizedText
    public var applicationType: ApplicationType
    public var gatewayServerUri: String?
    public var discoveryProfileUri: String?
    public var discoveryUrls: [String?]

    public init(
        applicationUri: String? = nil, productUri: String? = nil, applicationName: LocalizedText = .null,
        applicationType: ApplicationType = ApplicationType(rawValue: 0), gatewayServerUri: String? = nil,
        discoveryProfileUri: String? = nil, discoveryUrls: [String?] = []
    ) {
        self.applicationUri = applicationUri
        self.productUri = productUri
        self.applicationName = applicationName
        self.applicationType = applicationType
        self.gatewayServerUri = gatewayServerUri
        self.discoveryProfileUri = discoveryProfileUri
        self.discoveryUrls = discoveryUrls
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        applicationUri = try reader.read()
        productUri = try reader.read()
        applicationName = try reader.read()
        applicationType = try reader.read()
        gatewayServerUri = try reader.read()
        discoveryProfileUri = try reader.read()
        discoveryUrls = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(applicationUri)
        writer.write(productUri)
        writer.write(applicationName)
        writer.write(applicationType)
        writer.write(gatewayServerUri)
        writer.write(discoveryProfileUri)
        writer.write(discoveryUrls)
    }
}

/// UserTokenPolicy: Part 4, 5.5.
public struct UserTokenPolicy: Structure {
    public static let dataTypeId: UInt32 = 304
    public static let binaryEncodingId: UInt32 = 306
    public static let smallestByteCount = 20

    public var policyId: String?
    public var tokenType: UserTokenType
    public var issuedTokenType: String?
    public var issuerEndpointUrl: String?
    public var securityPolicyUri: String?

    public init(
        policyId: String? = nil, tokenType: UserTokenType = UserTokenType(rawValue: 0), issuedTokenType: String? = nil,
        issuerEndpointUrl: String? = nil, securityPolicyUri: String? = nil
    ) {
        self.policyId = policyId
        self.tokenType = tokenType
        self.issuedTokenType = issuedTokenType
        self.issuerEndpointUrl = issuerEndpointUrl
        self.securityPolicyUri = securityPolicyUri
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        policyId = try reader.read()
        tokenType = try reader.read()
        issuedTokenType = try reader.read()
        issuerEndpointUrl = try reader.read()
        securityPolicyUri = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(policyId)
        writer.write(tokenType)
        writer.write(issuedTokenType)
        writer.write(issuerEndpointUrl)
        writer.write(securityPolicyUri)
    }
}

/// EndpointDescription: Part 4, 5.5.
public struct EndpointDescription: Structure {
    public static let dataTypeId: UInt32 = 312
    public static let binaryEncodingId: UInt32 = 314
    public static let smallestByteCount = 50

    public var endpointUrl: String?
    public var server: ApplicationDescription
    public var serverCertificate: ByteString?
    public var securityMode: MessageSecurityMode
    public var securityPolicyUri: String?
    public var userIdentityTokens: [UserTokenPolicy]
    public var transportProfileUri: String?
    public var securityLevel: UInt8

    public init(
        endpointUrl: String? = nil, server: ApplicationDescription = ApplicationDescription(),
        serverCertificate: ByteString? = nil, securityMode: MessageSecurityMode = MessageSecurityMode(rawValue: 0),
        securityPolicyUri: String? = nil, userIdentityTokens: [UserTokenPolicy] = [],
        transportProfileUri: String? = nil, securityLevel: UInt8 = 0
    ) {
        self.endpointUrl = endpointUrl
        self.server = server
        self.serverCertificate = serverCertificate
        self.securityMode = securityMode
        self.securityPolicyUri = securityPolicyUri
        self.userIdentityTokens = userIdentityTokens
        self.transportProfileUri = transportProfileUri
        self.securityLevel = securityLevel
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        endpointUrl = try reader.read()
        server = try reader.read()
        serverCertificate = try reader.read()
        securityMode = try reader.read()
        securityPolicyUri = try reader.read()
        userIdentityTokens = try reader.read()
        transportProfileUri = try reader.read()
        securityLevel = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(endpointUrl)
        writer.write(server)
        writer.write(serverCertificate)
        writer.write(securityMode)
        writer.write(securityPolicyUri)
        writer.write(userIdentityTokens)
        writer.write(transportProfileUri)
        writer.write(securityLevel)
    }
}

/// FindServersRequest: Part 4, 5.5.
public struct FindServersRequest: ServiceRequest {
    public typealias Response = FindServersResponse

    public static let dataTypeId: UInt32 = 420
    public static let binaryEncodingId: UInt32 = 422
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var endpointUrl: String?
    public var localeIds: [String?]
    public var serverUris: [String?]

    public init(
        requestHeader: RequestHeader = RequestHeader(), endpointUrl: String? = nil, localeIds: [String?] = [],
        serverUris: [String?] = []
    ) {
        self.requestHeader = requestHeader
        self.endpointUrl = endpointUrl
        self.localeIds = localeIds
        self.serverUris = serverUris
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        endpointUrl = try reader.read()
        localeIds = try reader.read()
        serverUris = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(endpointUrl)
        writer.write(localeIds)
        writer.write(serverUris)
    }
}

/// FindServersResponse: Part 4, 5.5.
public struct FindServersResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 423
    public static let binaryEncodingId: UInt32 = 425
    public static let smallestByteCount = 28

    public var responseHeader: ResponseHeader
    public var servers: [ApplicationDescription]

    public init(responseHeader: ResponseHeader = ResponseHeader(), servers: [ApplicationDescription] = []) {
        self.responseHeader = responseHeader
        self.servers = servers
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        servers = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(servers)
    }
}

/// GetEndpointsRequest: Part 4, 5.5.
public struct GetEndpointsRequest: ServiceRequest {
    public typealias Response = GetEndpointsResponse

    public static let dataTypeId: UInt32 = 426
    public static let binaryEncodingId: UInt32 = 428
    public static let smallestByteCount = 41

    public var requestHeader: RequestHeader
    public var endpointUrl: String?
    public var localeIds: [String?]
    public var profileUris: [String?]

    public init(
        requestHeader: RequestHeader = RequestHeader(), endpointUrl: String? = nil, localeIds: [String?] = [],
        profileUris: [String?] = []
    ) {
        self.requestHeader = requestHeader
        self.endpointUrl = endpointUrl
        self.localeIds = localeIds
        self.profileUris = profileUris
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        endpointUrl = try reader.read()
        localeIds = try reader.read()
        profileUris = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(endpointUrl)
        writer.write(localeIds)
        writer.write(profileUris)
    }
}

/// GetEndpointsResponse: Part 4, 5.5.
public struct GetEndpointsResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 429
    public static let binaryEncodingId: UInt32 = 431
    public static let smallestByteCount = 28

    public var responseHeader: ResponseHeader
    public var endpoints: [EndpointDescription]

    public init(responseHeader: ResponseHeader = ResponseHeader(), endpoints: [EndpointDescription] = []) {
        self.responseHeader = responseHeader
        self.endpoints = endpoints
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        endpoints = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(endpoints)
    }
}
