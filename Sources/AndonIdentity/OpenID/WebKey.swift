import AndonModel
import Crypto
import CryptoExtras
import Foundation

/// A provider's public key (RFC 7517), of a kind that ID tokens are signed by.
struct WebKey: Sendable {
    enum Material: Sendable {
        /// Of 2048 to 8192 bits.
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    let id: String?
    /// The one algorithm that it is for, where its set says so.
    let algorithm: String?
    let material: Material

    private static let idBytesMax = 500
    /// 8192 bits, and a zero before them, which some write.
    private static let modulusBytes = 256...1025
    private static let exponentBytes = 1...4

    /// Nil for what is not for signatures, of another kind, or too weak: a set may have such keys beside others.
    init?(_ json: JSON) {
        guard ["sig", nil].contains(json["use"]?.string), let material = Self.material(json) else { return nil }
        if let operations = json["key_ops"]?.array, !operations.contains("verify") { return nil }
        if let id = json["kid"] {
            guard let text = id.string, text.utf8.count <= Self.idBytesMax else { return nil }
        }
        id = json["kid"]?.string
        algorithm = json["alg"]?.string
        self.material = material
    }

    private static func material(_ json: JSON) -> Material? {
        switch (json["kty"]?.string ?? "", json["crv"]?.string ?? "") {
        case ("RSA", _):
            guard let modulus = bytes(json, "n", modulusBytes), let exponent = bytes(json, "e", exponentBytes),
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return nil }
            return .rsa(key)
        case ("EC", "P-256"):
            guard let point = curvePoint(json, 32), let key = try? P256.Signing.PublicKey(x963Representation: point)
            else { return nil }
            return .p256(key)
        case ("EC", "P-384"):
            guard let point = curvePoint(json, 48), let key = try? P384.Signing.PublicKey(x963Representation: point)
            else { return nil }
            return .p384(key)
        case ("EC", "P-521"):
            guard let point = curvePoint(json, 66), let key = try? P521.Signing.PublicKey(x963Representation: point)
            else { return nil }
            return .p521(key)
        case ("OKP", "Ed25519"):
            guard let raw = bytes(json, "x", 32...32),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
            else { return nil }
            return .ed25519(key)
        default: return nil
        }
    }

    private static func bytes(_ json: JSON, _ name: String, _ count: ClosedRange<Int>) -> [UInt8]? {
        guard let text = json[name]?.string, let bytes = Base64URL.bytes(text), count.contains(bytes.count) else {
            return nil
        }
        return bytes
    }

    /// A point in the uncompressed form of X9.63: the library takes it only when it lies on the curve.
    private static func curvePoint(_ json: JSON, _ size: Int) -> [UInt8]? {
        guard let x = bytes(json, "x", size...size), let y = bytes(json, "y", size...size) else { return nil }
        var point: [UInt8] = [4]
        point += x
        point += y
        return point
    }

    /// Whether signatures of this kind can be by this key: the kind of a key alone decides, never what a token says.
    func fits(_ wanted: TokenAlgorithm) -> Bool {
        if let algorithm, algorithm != wanted.rawValue { return false }
        switch (material, wanted) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512): return true
        case (.p256, .es256), (.p384, .es384), (.p521, .es512), (.ed25519, .eddsa): return true
        default: return false
        }
    }

    /// Takes up to a millisecond.
    func isValid(_ signature: [UInt8], over bytes: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        guard fits(algorithm) else { return false }
        switch material {
        case .rsa(let key): return Self.isValid(signature, over: bytes, key, algorithm)
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: bytes)
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: bytes)
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: bytes)
        case .ed25519(let key): return key.isValidSignature(signature, for: bytes)
        }
    }

    private static func isValid(
        _ signature: [UInt8], over bytes: [UInt8], _ key: _RSA.Signing.PublicKey, _ algorithm: TokenAlgorithm
    ) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        switch algorithm {
        case .rs256: return key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs384: return key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs512: return key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .ps256: return key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .PSS)
        case .ps384: return key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .PSS)
        case .ps512: return key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .PSS)
        case .es256, .es384, .es512, .eddsa: return false
        }
    }
}
