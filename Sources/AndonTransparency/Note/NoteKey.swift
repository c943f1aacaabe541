import Crypto
import Foundation

/// What a key signs, by the type byte of c2sp.org/signed-note.
public enum NoteAlgorithm: UInt8, Sendable {
    /// The text of a note, with Ed25519 (RFC 8032).
    case ed25519 = 0x01
    /// A checkpoint that a witness has seen, with its time (c2sp.org/tlog-cosignature, `cosignature/v1`).
    case cosignature = 0x04
}

/// A public key by which notes are verified: `NAME+KEYID+BASE64`, a vkey of c2sp.org/signed-note.
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let algorithm: NoteAlgorithm
    /// 32 bytes.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256(name || 0x0A || type || public key).
    public let id: UInt32

    public init(name: String, algorithm: NoteAlgorithm, publicKey: [UInt8]) throws(TransparencyError) {
        guard Self.isName(name) else {
            throw .malformed("key", "\"\(name)\" is not a name; it has no spaces, plus signs or control characters")
        }
        guard publicKey.count == 32 else { throw .malformed("key", "an Ed25519 key has 32 bytes") }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        let digest = SHA256.hash(data: Array(name.utf8) + [0x0A, algorithm.rawValue] + publicKey)
        id = digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    public init(parsing text: String) throws(TransparencyError) {
        // The base64 text may hold further plus signs.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.bytes(parts[2]), let type = bytes.first else {
            throw .malformed("key", "it should be NAME+KEYID+BASE64, found \"\(text.prefix(100))\"")
        }
        guard let algorithm = NoteAlgorithm(rawValue: type) else {
            throw .malformed("key", "its type \(type) is not known; 1 (Ed25519) and 4 (cosignature/v1) are")
        }
        try self.init(name: parts[0], algorithm: algorithm, publicKey: Array(bytes.dropFirst()))
        guard parts[1] == NoteKeyID.text(id) else {
            throw .malformed("key", "its id \(parts[1]) is not that of its name and key, \(NoteKeyID.text(id))")
        }
    }

    public var description: String {
        "\(name)+\(NoteKeyID.text(id))+\(Base64.text([algorithm.rawValue] + publicKey))"
    }

    /// Names are not empty and hold no spaces, plus signs or control characters.
    public static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar != "+" && scalar.value >= 0x20 && scalar.value != 0x7F
            }
    }

    /// Whether `signature` is this key's under the text; the time that a cosignature states in POSIX seconds.
    func verify(_ signature: [UInt8], of text: String) -> (isValid: Bool, time: Int64?) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return (false, nil) }
        switch algorithm {
        case .ed25519:
            return (key.isValidSignature(signature, for: Array(text.utf8)), nil)
        case .cosignature:
            guard let seconds = Cosignature.time(of: signature).flatMap({ Int64(exactly: $0) }) else {
                return (false, nil)
            }
            let message = Cosignature.message(text, time: seconds)
            return (key.isValidSignature(Array(signature.dropFirst(8)), for: Array(message.utf8)), seconds)
        }
    }
}

/// Four bytes as eight hexadecimal digits.
enum NoteKeyID {
    static func text(_ id: UInt32) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// A key that signs. Its text is the form of golang.org/x/mod/sumdb/note: `PRIVATE+KEY+NAME+KEYID+BASE64`.
public struct SigningKey: Sendable {
    public let verifier: VerifierKey
    private let seed: [UInt8]

    /// - Parameter seed: 32 bytes of randomness.
    public init(name: String, algorithm: NoteAlgorithm, seed: [UInt8]) throws(TransparencyError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw .malformed("signing key", "a seed has 32 bytes")
        }
        verifier = try VerifierKey(name: name, algorithm: algorithm, publicKey: Array(key.publicKey.rawRepresentation))
        self.seed = seed
    }

    public init(parsing text: String) throws(TransparencyError) {
        let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", let bytes = Base64.bytes(parts[4]),
            let algorithm = bytes.first.flatMap(NoteAlgorithm.init(rawValue:))
        else { throw .malformed("signing key", "it should be PRIVATE+KEY+NAME+KEYID+BASE64") }
        try self.init(name: parts[2], algorithm: algorithm, seed: Array(bytes.dropFirst()))
        guard parts[3] == NoteKeyID.text(verifier.id) else {
            throw .malformed("signing key", "its id is not that of its name and key")
        }
    }

    /// The secret itself: for its file alone.
    public var secretText: String {
        let key = Base64.text([verifier.algorithm.rawValue] + seed)
        return "PRIVATE+KEY+\(verifier.name)+\(NoteKeyID.text(verifier.id))+\(key)"
    }

    /// - Parameter time: POSIX seconds, for a cosignature.
    public func sign(_ text: String, time: Int64 = 0) throws(TransparencyError) -> NoteSignature {
        let message =
            switch verifier.algorithm {
            case .ed25519: text
            case .cosignature: Cosignature.message(text, time: time)
            }
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            let signature = try? key.signature(for: Array(message.utf8))
        else { throw .untrue("the key \(verifier.name) does not sign") }
        let stamp = verifier.algorithm == .cosignature ? Cosignature.bytes(of: time) : []
        return NoteSignature(name: verifier.name, keyID: verifier.id, bytes: stamp + Array(signature))
    }
}

/// The message of `cosignature/v1`.
enum Cosignature {
    static func message(_ text: String, time: Int64) -> String { "cosignature/v1\ntime \(time)\n\(text)" }

    /// What a witness stated, in POSIX seconds; nil for bytes of another length.
    static func time(of signature: [UInt8]) -> UInt64? {
        guard signature.count == 72 else { return nil }
        return signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    static func bytes(of time: Int64) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> (8 * Int64($0))) }
    }
}
