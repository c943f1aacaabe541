import Crypto
import CryptoExtras
import Foundation

/// The pseudo-random function of TLS 1.2 over SHA-256 (OPC 10000-6, 6.7.5; RFC 5246, 5).
///
/// - Parameter count: how many bytes are wanted.
func pseudoRandomSHA256(secret: [UInt8], seed: [UInt8], count: Int) -> [UInt8] {
    let key = SymmetricKey(data: secret)
    var result: [UInt8] = []
    result.reserveCapacity(count + 32)
    var link = seed
    while result.count < count {
        link = Array(HMAC<SHA256>.authenticationCode(for: link, using: key))
        result += HMAC<SHA256>.authenticationCode(for: link + seed, using: key)
    }
    return Array(result.prefix(count))
}

/// The keys of one direction of a secure channel under one token.
public struct DirectionKeys: Sendable {
    let signing: SymmetricKey
    let encryption: SymmetricKey
    let iv: [UInt8]

    /// Cuts the keys from P_SHA256 (OPC 10000-6, 6.7.5): signing key, encryption key, initialisation vector.
    init(policy: SecurityPolicy, secret: [UInt8], seed: [UInt8]) {
        let first = policy.symmetricSignatureLength
        let second = first + policy.encryptionKeyLength
        let bytes = pseudoRandomSHA256(secret: secret, seed: seed, count: second + SecurityPolicy.cipherBlock)
        signing = SymmetricKey(data: bytes[..<first])
        encryption = SymmetricKey(data: bytes[first..<second])
        iv = Array(bytes[second...])
    }
}

/// The keys of a secure channel under one token: derive them anew at every renewal.
public struct ChannelKeys: Sendable {
    /// What the client signs and encrypts with.
    public let client: DirectionKeys
    /// What the server signs and encrypts with.
    public let server: DirectionKeys

    /// - Parameters:
    ///   - clientNonce: the nonce of the OpenSecureChannel request, `policy.nonceLength` bytes.
    ///   - serverNonce: that of the response. The caller checks both lengths (Bad_NonceInvalid).
    public init(policy: SecurityPolicy, clientNonce: [UInt8], serverNonce: [UInt8]) {
        client = DirectionKeys(policy: policy, secret: serverNonce, seed: clientNonce)
        server = DirectionKeys(policy: policy, secret: clientNonce, seed: serverNonce)
    }
}

extension SecurityPolicy {
    /// A nonce from the system's generator: of the channel's length, or of 32 bytes for a session (which has one under `none` too).
    public func makeNonce(forSession: Bool = false) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<(forSession ? 32 : nonceLength)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
