// Made by scripts/opcua/generate; change it or its table, not this file.

/// AnonymousIdentityToken: Part 4, 7.40.
public struct AnonymousIdentityToken: Structure {
    public static let dataTypeId: UInt32 = 319
    public static let binaryEncodingId: UInt32 = 321
    public static let smallestByteCount = 4

    public var policyId: String?

    public init(policyId: String? = nil) {
        self.policyId = policyId
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        policyId = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(policyId)
    }
}

/// UserNameIdentityToken: Part 4, 7.40.
public struct UserNameIdentityToken: Structure {
    public static let dataTypeId: UInt32 = 322
    public static let binaryEncodingId: UInt32 = 324
    public static let smallestByteCount = 16

    public var policyId: String?
    public var userName: String?
    public var password: ByteString?
    public var encryptionAlgorithm: String?

    public init(
        policyId: String? = nil, userName: String? = nil, password: ByteString? = nil,
        encryptionAlgorithm: String? = nil
    ) {
        self.policyId = policyId
        self.userName = userName
        self.password = password
        self.encryptionAlgorithm = encryptionAlgorithm
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        policyId = try reader.read()
        userName = try reader.read()
        password = try reader.read()
        encryptionAlgorithm = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(policyId)
        writer.write(userName)
        writer.write(password)
        writer.write(encryptionAlgorithm)
    }
}

/// X509IdentityToken: Part 4, 7.40.
public struct X509IdentityToken: Structure {
    public static let dataTypeId: UInt32 = 325
    public static let binaryEncodingId: UInt32 = 327
    public static let smallestByteCount = 8

    public var policyId: String?
    public var certificateData: ByteString?

    public init(policyId: String? = nil, certificateData: ByteString? = nil) {
        self.policyId = policyId
        self.certificateData = certificateData
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        policyId = try reader.read()
        certificateData = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(policyId)
        writer.write(certificateData)
    }
}

/// IssuedIdentityToken: Part 4, 7.40.
public struct IssuedIdentityToken: Structure {
    public static let dataTypeId: UInt32 = 938
    public static let binaryEncodingId: UInt32 = 940
    public static let smallestByteCount = 12

    public var policyId: String?
    public var tokenData: ByteString?
    public var encryptionAlgorithm: String?

    public init(policyId: String? = nil, tokenData: ByteString? = nil, encryptionAlgorithm: String? = nil) {
        self.policyId = policyId
        self.tokenData = tokenData
        self.encryptionAlgorithm = encryptionAlgorithm
    }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        policyId = try reader.read()
        tokenData = try reader.read()
        encryptionAlgorithm = try reader.read()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(policyId)
        writer.write(tokenData)
        writer.write(encryptionAlgorithm)
    }
}
