// Made by scripts/opcua/generate; change it or its table, not this file.

/// CreateSessionRequest: Part 4, 5.7.
public struct CreateSessionRequest: ServiceRequest {
    public typealias Response = CreateSessionResponse

    public static let dataTypeId: UInt32 = 459
    public static let binaryEncodingId: UInt32 = 461
    public static let smallestByteCount = 86

    public var requestHeader: RequestHeader
    public var clientDescription: ApplicationDescription
    public var serverUri: String?
    public var endpointUrl: String?
    public var sessionName: String?
    public var clientNonce: ByteString?
    public var clientCertificate: ByteString?
    public var requestedSessionTimeout: Double
    public var maxResponseMessageSize: UInt32

    public init(
        requestHeader: RequestHeader = RequestHeader(),
        clientDescription: ApplicationDescription = ApplicationDescription(), serverUri: String? = nil,
        endpointUrl: String? = nil, sessionName: String? = nil, clientNonce: ByteString? = nil,
        clientCertificate: ByteString? = nil, requestedSessionTimeout: Double = 0, maxResponseMessageSize: UInt32 = 0
    ) {
        self.requestHeader = requestHeader
        self.clientDescription = clientDescription
        self.serverUri = serverUri
        self.endpointUrl = endpointUrl
        self.sessionName = sessionName
        self.clientNonce = clientNonce
        self.clientCertificate = clientCertificate
        self.requestedSessionTimeout = requestedSessionTimeout
        self.maxResponseMessageSize = maxResponseMessageSize
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        clientDescription = try reader.read()
        serverUri = try reader.read()
        endpointUrl = try reader.read()
        sessionName = try reader.read()
        clientNonce = try reader.read()
        clientCertificate = try reader.read()
        requestedSessionTimeout = try reader.read()
        maxResponseMessageSize = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(clientDescription)
        writer.write(serverUri)
        writer.write(endpointUrl)
        writer.write(sessionName)
        writer.write(clientNonce)
        writer.write(clientCertificate)
        writer.write(requestedSessionTimeout)
        writer.write(maxResponseMessageSize)
    }
}

/// CreateSessionResponse: Part 4, 5.7.
public struct CreateSessionResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 462
    public static let binaryEncodingId: UInt32 = 464
    public static let smallestByteCount = 64

    public var responseHeader: ResponseHeader
    public var sessionId: NodeId
    public var authenticationToken: NodeId
    public var revisedSessionTimeout: Double
    public var serverNonce: ByteString?
    public var serverCertificate: ByteString?
    public var serverEndpoints: [EndpointDescription]
    public var serverSoftwareCertificates: [SignedSoftwareCertificate]
    public var serverSignature: SignatureData
    public var maxRequestMessageSize: UInt32

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), sessionId: NodeId = .null,
        authenticationToken: NodeId = .null, revisedSessionTimeout: Double = 0, serverNonce: ByteString? = nil,
        serverCertificate: ByteString? = nil, serverEndpoints: [EndpointDescription] = [],
        serverSoftwareCertificates: [SignedSoftwareCertificate] = [], serverSignature: SignatureData = SignatureData(),
        maxRequestMessageSize: UInt32 = 0
    ) {
        self.responseHeader = responseHeader
        self.sessionId = sessionId
        self.authenticationToken = authenticationToken
        self.revisedSessionTimeout = revisedSessionTimeout
        self.serverNonce = serverNonce
        self.serverCertificate = serverCertificate
        self.serverEndpoints = serverEndpoints
        self.serverSoftwareCertificates = serverSoftwareCertificates
        self.serverSignature = serverSignature
        self.maxRequestMessageSize = maxRequestMessageSize
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        sessionId = try reader.read()
        authenticationToken = try reader.read()
        revisedSessionTimeout = try reader.read()
        serverNonce = try reader.read()
        serverCertificate = try reader.read()
        serverEndpoints = try reader.read()
        serverSoftwareCertificates = try reader.read()
        serverSignature = try reader.read()
        maxRequestMessageSize = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(sessionId)
        writer.write(authenticationToken)
        writer.write(revisedSessionTimeout)
        writer.write(serverNonce)
        writer.write(serverCertificate)
        writer.write(serverEndpoints)
        writer.write(serverSoftwareCertificates)
        writer.write(serverSignature)
        writer.write(maxRequestMessageSize)
    }
}
