/// A security policy: the set of algorithms that two OPC UA applications agree on (OPC 10000-7, 6.6.161 and following).
///
/// Basic128Rsa15 and Basic256 are left out on purpose: they rest on SHA-1 signatures and PKCS#1 v1.5 encryption.
public enum SecurityPolicy: String, Sendable, Hashable, CaseIterable {
    case none = "None"
    case basic256Sha256 = "Basic256Sha256"
    case aes128Sha256RsaOaep = "Aes128_Sha256_RsaOaep"
    case aes256Sha256RsaPss = "Aes256_Sha256_RsaPss"

    private static let base = "http://opcfoundation.org/UA/SecurityPolicy#"

    /// The policy that a peer names, or nil when it is not one of ours (answer Bad_SecurityPolicyRejected).
    public init?(uri: String) {
        guard uri.hasPrefix(Self.base), let policy = Self(rawValue: String(uri.dropFirst(Self.base.count))) else {
            return nil
        }
        self = policy
    }

    /// The URI that names the policy on the wire and in endpoint descriptions.
    public var uri: String { Self.base + rawValue }

    /// RSA key lengths that certificates may have, in bits.
    public static let keyLengths = 2048...4096

    /// The length of a secure channel's nonce, in bytes.
    public var nonceLength: Int { self == .none ? 0 : 32 }

    /// The URI of the algorithm of asymmetric signatures (`SignatureData.algorithm`); nil for `none`.
    public var signatureURI: String? {
        switch self {
        case .none: nil
        case .basic256Sha256, .aes128Sha256RsaOaep: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        case .aes256Sha256RsaPss: "http://opcfoundation.org/UA/security/rsa-pss-sha2-256"
        }
    }

    /// The URI of the algorithm of asymmetric encryption (`encryptionAlgorithm` of a user token); nil for `none`.
    public var encryptionURI: String? {
        switch self {
        case .none: nil
        case .basic256Sha256, .aes128Sha256RsaOaep: "http://www.w3.org/2001/04/xmlenc#rsa-oaep"
        case .aes256Sha256RsaPss: "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256"
        }
    }

    /// The length of the key of symmetric signatures, and of such a signature (HMAC-SHA-256), in bytes.
    public var symmetricSignatureLength: Int { self == .none ? 0 : 32 }

    /// The length of the AES key, in bytes.
    public var encryptionKeyLength: Int {
        switch self {
        case .none: 0
        case .aes128Sha256RsaOaep: 16
        case .basic256Sha256, .aes256Sha256RsaPss: 32
        }
    }

    /// The block of AES-CBC, in bytes; also the length of its initialisation vector.
    public static let cipherBlock = 16

    /// What OAEP takes off an RSA block: two digests and two bytes (RFC 8017, 7.1.1).
    var oaepOverhead: Int { self == .aes256Sha256RsaPss ? 66 : 42 }

    /// How many bytes of plaintext fit one RSA block under this key.
    public func plaintextBlock(for key: RSAPublicKey) -> Int { key.byteCount - oaepOverhead }
}

/// How messages of a secure channel are protected (OPC 10000-4, 7.20). Raw values are those of the wire.
public enum MessageSecurityMode: UInt32, Sendable, Hashable {
    case none = 1
    case sign = 2
    case signAndEncrypt = 3
}
