import Crypto
import CryptoExtras
import Foundation

/// The public half of an RSA key of 2048 bits or more.
///
/// `@unchecked`: both halves are values whose one stored property is a backing that the library itself declares
/// `Sendable` (`BoringSSLRSAPublicKey`); only the outer `_RSA.Encryption.PublicKey` lacks the word. They are never changed.
public struct RSAPublicKey: @unchecked Sendable {
    let signing: _RSA.Signing.PublicKey
    let encryption: _RSA.Encryption.PublicKey

    /// The key's length in bits.
    public var bitCount: Int { signing.keySizeInBits }

    /// The length of its modulus, and so of a signature and of an encrypted block, in bytes.
    public var byteCount: Int { (bitCount + 7) / 8 }

    init(_ key: _RSA.Signing.PublicKey) throws(SecurityUseError) {
        do {
            signing = key
            encryption = try .init(derRepresentation: key.derRepresentation)
        } catch { throw .keyLength(bits: key.keySizeInBits) }
    }
}

/// An RSA private key of 2048 bits or more.
///
/// `@unchecked`: see `RSAPublicKey`; the same holds for `BoringSSLRSAPrivateKey`, which the library uses from many threads.
public struct RSAPrivateKey: @unchecked Sendable {
    let signing: _RSA.Signing.PrivateKey
    let encryption: _RSA.Encryption.PrivateKey
    public let publicKey: RSAPublicKey

    /// Makes a new key. Takes a good part of a second with 2048 bits and some seconds with 4096.
    ///
    /// - Parameter bits: 2048 to 4096, a multiple of 8.
    public init(bits: Int) throws(SecurityUseError) {
        guard SecurityPolicy.keyLengths.contains(bits), bits % 8 == 0 else { throw .keyLength(bits: bits) }
        let key: _RSA.Signing.PrivateKey
        do { key = try .init(keySize: .init(bitCount: bits)) } catch { throw .library("\(error)") }
        try self.init(key)
    }

    /// Reads a key from PEM, in PKCS #8 or PKCS #1 form, unencrypted.
    public init(pem: String) throws(SecurityUseError) {
        let key: _RSA.Signing.PrivateKey
        do { key = try .init(pemRepresentation: pem) } catch { throw .unreadableKey }
        try self.init(key)
    }

    private init(_ key: _RSA.Signing.PrivateKey) throws(SecurityUseError) {
        guard SecurityPolicy.keyLengths.contains(key.keySizeInBits) else {
            throw .keyLength(bits: key.keySizeInBits)
        }
        do {
            signing = key
            encryption = try .init(derRepresentation: key.derRepresentation)
        } catch { throw .unreadableKey }
        publicKey = try RSAPublicKey(key.publicKey)
    }

    /// The key as PKCS #8 in PEM. A secret: write it with mode 0600 only.
    public var pem: String { signing.pkcs8PEMRepresentation }

    /// The length of its modulus in bytes.
    public var byteCount: Int { publicKey.byteCount }
}

extension SecurityPolicy {
    private func digestPadding() throws(SecurityUseError) -> _RSA.Signing.Padding {
        switch self {
        case .none: throw .noAlgorithm
        case .basic256Sha256, .aes128Sha256RsaOaep: .insecurePKCS1v1_5
        case .aes256Sha256RsaPss: .PSS
        }
    }

    private func oaep() throws(SecurityUseError) -> _RSA.Encryption.Padding {
        switch self {
        case .none: throw .noAlgorithm
        case .basic256Sha256, .aes128Sha256RsaOaep: .PKCS1_OAEP
        case .aes256Sha256RsaPss: .PKCS1_OAEP_SHA256
        }
    }

    /// Signs with the policy's asymmetric algorithm, over SHA-256. Takes about a millisecond: keep it off an event loop.
    ///
    /// - Returns: as many bytes as the key's modulus has.
    public func sign(_ bytes: [UInt8], with key: RSAPrivateKey) throws(SecurityUseError) -> [UInt8] {
        let padding = try digestPadding()
        do { return Array(try key.signing.signature(for: bytes, padding: padding).rawRepresentation) } catch {
            throw .library("\(error)")
        }
    }

    /// Whether a signature was made over these bytes by the holder of the key. Always false for `none`.
    public func isValid(_ signature: [UInt8], over bytes: [UInt8], by key: RSAPublicKey) -> Bool {
        guard let padding = try? digestPadding() else { return false }
        return key.signing.isValidSignature(.init(rawRepresentation: signature), for: bytes, padding: padding)
    }

    /// Encrypts with RSA-OAEP, block by block; the last block may be short.
    ///
    /// - Returns: as many blocks of the key's length as the plaintext needs.
    public func encrypt(_ plaintext: [UInt8], for key: RSAPublicKey) throws(SecurityUseError) -> [UInt8] {
        let padding = try oaep()
        let block = plaintextBlock(for: key)
        var result: [UInt8] = []
        result.reserveCapacity((plaintext.count + block - 1) / block * key.byteCount)
        for start in stride(from: 0, to: plaintext.count, by: block) {
            let part = plaintext[start..<min(start + block, plaintext.count)]
            do { result += try key.encryption.encrypt(part, padding: padding) } catch { throw .library("\(error)") }
        }
        return result
    }

    /// Decrypts what `encrypt` made. Every block is decrypted even when one fails, so that time says little.
    ///
    /// - Returns: nil when the length is no multiple of the key's, or a block is not well formed.
    public func decrypt(_ ciphertext: [UInt8], with key: RSAPrivateKey) -> [UInt8]? {
        guard let padding = try? oaep(), !ciphertext.isEmpty, ciphertext.count % key.byteCount == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(ciphertext.count)
        var whole = true
        for start in stride(from: 0, to: ciphertext.count, by: key.byteCount) {
            let part = ciphertext[start..<start + key.byteCount]
            if let block = try? key.encryption.decrypt(part, padding: padding) {
                result += block
            } else {
                whole = false
            }
        }
        return whole ? result : nil
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
func equalInConstantTime(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
