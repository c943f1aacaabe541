// Made by scripts/opcua/generate; change it or its table, not this file.

/// ActivateSessionRequest: Part 4, 5.7.
public struct ActivateSessionRequest: ServiceRequest {
    public typealias Response = ActivateSessionResponse

    public static let dataTypeId: UInt32 = 465
    public static let binaryEncodingId: UInt32 = 467
    public static let smallestByteCount = 56

    public var requestHeader: RequestHeader
    public var clientSignature: SignatureData
    public var clientSoftwareCertificates: [SignedSoftwareCertificate]
    public var localeIds: [String?]
    public var userIdentityToken: ExtensionObject
    public var userTokenSignature: SignatureData

    public init(
        requestHeader: RequestHeader = RequestHeader(), clientSignature: SignatureData = SignatureData(),
        clientSoftwareCertificates: [SignedSoftwareCertificate] = [], localeIds: [String?] = [],
        userIdentityToken: ExtensionObject = .null, userTokenSignature: SignatureData = SignatureData()
    ) {
        self.requestHeader = requestHeader
        self.clientSignature = clientSignature
        self.clientSoftwareCertificates = clientSoftwareCertificates
        self.localeIds = localeIds
        self.userIdentityToken = userIdentityToken
        self.userTokenSignature = userTokenSignature
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        clientSignature = try reader.read()
        clientSoftwareCertificates = try reader.read()
        localeIds = try reader.read()
        userIdentityToken = try reader.read()
        userTokenSignature = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(clientSignature)
        writer.write(clientSoftwareCertificates)
        writer.write(localeIds)
        writer.write(userIdentityToken)
        writer.write(userTokenSignature)
    }
}

/// ActivateSessionResponse: Part 4, 5.7.
public struct ActivateSessionResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 468
    public static let binaryEncodingId: UInt32 = 470
    public static let smallestByteCount = 36

    public var responseHeader: ResponseHeader
    public var serverNonce: ByteString?
    public var results: [StatusCode]
    public var diagnosticInfos: [DiagnosticInfo]

    public init(
        responseHeader: ResponseHeader = ResponseHeader(), serverNonce: ByteString? = nil, results: [StatusCode] = [],
        diagnosticInfos: [DiagnosticInfo] = []
    ) {
        self.responseHeader = responseHeader
        self.serverNonce = serverNonce
        self.results = results
        self.diagnosticInfos = diagnosticInfos
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        serverNonce = try reader.read()
        results = try reader.read()
        diagnosticInfos = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(serverNonce)
        writer.write(results)
        writer.write(diagnosticInfos)
    }
}

/// CloseSessionRequest: Part 4, 5.7.
public struct CloseSessionRequest: ServiceRequest {
    public typealias Response = CloseSessionResponse

    public static let dataTypeId: UInt32 = 471
    public static let binaryEncodingId: UInt32 = 473
    public static let smallestByteCount = 30

    public var requestHeader: RequestHeader
    public var deleteSubscriptions: Bool

    public init(requestHeader: RequestHeader = RequestHeader(), deleteSubscriptions: Bool = false) {
        self.requestHeader = requestHeader
        self.deleteSubscriptions = deleteSubscriptions
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        deleteSubscriptions = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(deleteSubscriptions)
    }
}

/// CloseSessionResponse: Part 4, 5.7.
public struct CloseSessionResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 474
    public static let binaryEncodingId: UInt32 = 476
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

/// CancelRequest: Part 4, 5.7.
public struct CancelRequest: ServiceRequest {
    public typealias Response = CancelResponse

    public static let dataTypeId: UInt32 = 477
    public static let binaryEncodingId: UInt32 = 479
    public static let smallestByteCount = 33

    public var requestHeader: RequestHeader
    public var requestHandle: UInt32

    public init(requestHeader: RequestHeader = RequestHeader(), requestHandle: UInt32 = 0) {
        self.requestHeader = requestHeader
        self.requestHandle = requestHandle
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        requestHeader = try reader.read()
        requestHandle = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(requestHeader)
        writer.write(requestHandle)
    }
}

/// CancelResponse: Part 4, 5.7.
public struct CancelResponse: ServiceResponse {
    public static let dataTypeId: UInt32 = 480
    public static let binaryEncodingId: UInt32 = 482
    public static let smallestByteCount = 28

    public var responseHeader: ResponseHeader
    public var cancelCount: UInt32

    public init(responseHeader: ResponseHeader = ResponseHeader(), cancelCount: UInt32 = 0) {
        self.responseHeader = responseHeader
        self.cancelCount = cancelCount
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        responseHeader = try reader.read()
        cancelCount = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(responseHeader)
        writer.write(cancelCount)
    }
}
