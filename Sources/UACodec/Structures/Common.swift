// Made by scripts/opcua/generate; change it or its table, not this file.

/// NodeClass: Part 4, 7. A number that has no name here is kept.
public struct NodeClass: Enumeration {
    public static let dataTypeId: UInt32 = 257
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = NodeClass(rawValue: 0)
    public static let object = NodeClass(rawValue: 1)
    public static let variable = NodeClass(rawValue: 2)
    public static let method = NodeClass(rawValue: 4)
    public static let objectType = NodeClass(rawValue: 8)
    public static let variableType = NodeClass(rawValue: 16)
    public static let referenceType = NodeClass(rawValue: 32)
    public static let dataType = NodeClass(rawValue: 64)
    public static let view = NodeClass(rawValue: 128)
}

/// TimestampsToReturn: Part 4, 7. A number that has no name here is kept.
public struct TimestampsToReturn: Enumeration {
    public static let dataTypeId: UInt32 = 625
    public var rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let source = TimestampsToReturn(rawValue: 0)
    public static let server = TimestampsToReturn(rawValue: 1)
    public static let both = TimestampsToReturn(rawValue: 2)
    public static let neither = TimestampsToReturn(rawValue: 3)
    public static let invalid = TimestampsToReturn(rawValue: 4)
}

/// RequestHeader: Part 4, 7.
public struct RequestHeader: Structure {
    public static let dataTypeId: UInt32 = 389
    public static let binaryEncodingId: UInt32 = 391
    public static let smallestByteCount = 29

    public var authenticationToken: NodeId
    public var timestamp: DateTime
    public var requestHandle: UInt32
    public var returnDiagnostics: UInt32
    public var auditEntryId: String?
    public var timeoutHint: UInt32
    public var additionalHeader: ExtensionObject

    public init(
        authenticationToken: NodeId = .null, timestamp: DateTime = .null, requestHandle: UInt32 = 0,
        returnDiagnostics: UInt32 = 0, auditEntryId: String? = nil, timeoutHint: UInt32 = 0,
        additionalHeader: ExtensionObject = .null
    ) {
        self.authenticationToken = authenticationToken
        self.timestamp = timestamp
        self.requestHandle = requestHandle
        self.returnDiagnostics = returnDiagnostics
        self.auditEntryId = auditEntryId
        self.timeoutHint = timeoutHint
        self.additionalHeader = additionalHeader
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        authenticationToken = try reader.read()
        timestamp = try reader.read()
        requestHandle = try reader.read()
        returnDiagnostics = try reader.read()
        auditEntryId = try reader.read()
        timeoutHint = try reader.read()
        additionalHeader = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(authenticationToken)
        writer.write(timestamp)
        writer.write(requestHandle)
        writer.write(returnDiagnostics)
        writer.write(auditEntryId)
        writer.write(timeoutHint)
        writer.write(additionalHeader)
    }
}

/// ResponseHeader: Part 4, 7.
public struct ResponseHeader: Structure {
    public static let dataTypeId: UInt32 = 392
    public static let binaryEncodingId: UInt32 = 394
    public static let smallestByteCount = 24

    public var timestamp: DateTime
    public var requestHandle: UInt32
    public var serviceResult: StatusCode
    public var serviceDiagnostics: DiagnosticInfo
    public var stringTable: [String?]
    public var additionalHeader: ExtensionObject

    public init(
        timestamp: DateTime = .null, requestHandle: UInt32 = 0, serviceResult: StatusCode = .good,
        serviceDiagnostics: DiagnosticInfo = DiagnosticInfo(), stringTable: [String?] = [],
        additionalHeader: ExtensionObject = .null
    ) {
        self.timestamp = timestamp
        self.requestHandle = requestHandle
        self.serviceResult = serviceResult
        self.serviceDiagnostics = serviceDiagnostics
        self.stringTable = stringTable
        self.additionalHeader = additionalHeader
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        timestamp = try reader.read()
        requestHandle = try reader.read()
        serviceResult = try reader.read()
        serviceDiagnostics = try reader.read()
        stringTable = try reader.read()
        additionalHeader = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(timestamp)
        writer.write(requestHandle)
        writer.write(serviceResult)
        writer.write(serviceDiagnostics)
        writer.write(stringTable)
        writer.write(additionalHeader)
    }
}

/// ServiceFault: Part 4, 7.
public struct ServiceFault: ServiceResponse {
    public static let dataTypeId: UInt32 = 395
    public static let binaryEncodingId: UInt32 = 397
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

/// SignatureData: Part 4, 7.
public struct SignatureData: Structure {
    public static let dataTypeId: UInt32 = 456
    public static let binaryEncodingId: UInt32 = 458
    public static let smallestByteCount = 8

    public var algorithm: String?
    public var signature: ByteString?

    public init(algorithm: String? = nil, signature: ByteString? = nil) {
        self.algorithm = algorithm
        self.signature = signature
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        algorithm = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(algorithm)
        writer.write(signature)
    }
}

/// SignedSoftwareCertificate: Part 4, 7.
public struct SignedSoftwareCertificate: Structure {
    public static let dataTypeId: UInt32 = 344
    public static let binaryEncodingId: UInt32 = 346
    public static let smallestByteCount = 8

    public var certificateData: ByteString?
    public var signature: ByteString?

    public init(certificateData: ByteString? = nil, signature: ByteString? = nil) {
        self.certificateData = certificateData
        self.signature = signature
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        certificateData = try reader.read()
        signature = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(certificateData)
        writer.write(signature)
    }
}

/// RelativePathElement: Part 4, 7.
public struct RelativePathElement: Structure {
    public static let dataTypeId: UInt32 = 537
    public static let binaryEncodingId: UInt32 = 539
    public static let smallestByteCount = 10

    public var referenceTypeId: NodeId
    public var isInverse: Bool
    public var includeSubtypes: Bool
    public var targetName: QualifiedName

    public init(
        referenceTypeId: NodeId = .null, isInverse: Bool = false, includeSubtypes: Bool = false,
        targetName: QualifiedName = .null
    ) {
        self.referenceTypeId = referenceTypeId
        self.isInverse = isInverse
        self.includeSubtypes = includeSubtypes
        self.targetName = targetName
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        referenceTypeId = try reader.read()
        isInverse = try reader.read()
        includeSubtypes = try reader.read()
        targetName = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(referenceTypeId)
        writer.write(isInverse)
        writer.write(includeSubtypes)
        writer.write(targetName)
    }
}

/// RelativePath: Part 4, 7.
public struct RelativePath: Structure {
    public static let dataTypeId: UInt32 = 540
    public static let binaryEncodingId: UInt32 = 542
    public static let smallestByteCount = 4

    public var elements: [RelativePathElement]

    public init(elements: [RelativePathElement] = []) {
        self.elements = elements
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        elements = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(elements)
    }
}
