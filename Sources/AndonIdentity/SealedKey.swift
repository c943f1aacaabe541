import AndonLedger
import AndonModel
import AndonTransparency
import Crypto
import CryptoExtras
import Foundation

/// A person's signing key, readable only with the password: an Ed25519 seed under ChaCha20-Poly1305 (RFC 8439), whose key is
/// scrypt (RFC 7914) of the password. A wrong password does not open it: no other trace of the password is kept, and
/// nobody who has the data folder, its administrators among them, can sign for its owner.
struct SealedKey: Sendable, Equatable {
    /// The cost of one guess.
    struct Cost: Sendable, Equatable {
        /// A power of two.
        var rounds: Int
        var blockSize: Int
        var parallelism: Int

        /// 32 MiB of memory for each guess: one of the equal settings of OWASP's Password Storage Cheat Sheet.
        static let standard = Cost(rounds: 1 << 15, blockSize: 8, parallelism: 3)
        /// What a row of the database may ask for: more would be a way to exhaust the server.
        static let roundsMax = 1 << 20
    }

    let key: VerifierKey
    let cost: Cost
    let salt: [UInt8]
    /// Nonce, ciphertext and tag.
    let box: [UInt8]
    /// Passwords that it had before, the newest first: not to be taken again.
    private(set) var former: [Former] = []

    /// What is kept of a password that is not in use any more; it opens nothing.
    struct Former: Sendable, Equatable {
        var salt: [UInt8]
        /// scrypt of the password, 32 bytes.
        var digest: [UInt8]
    }

    /// Passwords that are remembered.
    static let formerMax = 5

    /// - Parameter name: of the key, without spaces and plus signs.
    static func make(
        name: String, password: String, cost: Cost = .standard, random: any RandomSource
    ) throws -> SealedKey {
        let seed = random.bytes(32)
        let key = try SigningKey(name: name, algorithm: .ed25519, seed: seed)
        return try SealedKey(seed: seed, key: key.verifier, password: password, cost: cost, random: random)
    }

    private init(seed: [UInt8], key: VerifierKey, password: String, cost: Cost, random: any RandomSource) throws {
        (self.key, self.cost, salt) = (key, cost, random.bytes(16))
        box = Array(
            try ChaChaPoly.seal(
                seed, using: Self.derived(password, salt, cost), nonce: ChaChaPoly.Nonce(data: random.bytes(12)),
                authenticating: Array("\(key)".utf8)
            ).combined)
    }

    /// The key; nil when the password is another one, or what is stored was altered.
    func open(_ password: String) throws -> (key: SigningKey, seed: [UInt8])? {
        guard let box = try? ChaChaPoly.SealedBox(combined: box),
            let seed = try? ChaChaPoly.open(
                box, using: Self.derived(password, salt, cost), authenticating: Array("\(key)".utf8)),
            let opened = try? SigningKey(name: key.name, algorithm: .ed25519, seed: Array(seed)),
            opened.verifier == key
        else { return nil }
        return (opened, Array(seed))
    }

    /// The same key behind another password.
    ///
    /// - Parameter old: the password in force, which is remembered as one that is not to come again.
    func resealed(
        seed: [UInt8], from old: String, to password: String, random: any RandomSource
    ) throws -> SealedKey {
        var new = try SealedKey(seed: seed, key: key, password: password, cost: cost, random: random)
        let salt = random.bytes(16)
        let last = Former(salt: salt, digest: try Self.derived(old, salt, cost).withUnsafeBytes { Array($0) })
        new.former = Array(([last] + former).prefix(Self.formerMax))
        return new
    }

    /// Whether the password is one that was in force before.
    func had(_ password: String) throws -> Bool {
        try former.contains { former in
            try Self.derived(password, former.salt, cost).withUnsafeBytes { Array($0) } == former.digest
        }
    }

    /// Takes as long as an attempt on an account that exists.
    static func pretend(_ password: String, _ cost: Cost) {
        _ = try? derived(password, [UInt8](repeating: 0, count: 16), cost)
    }

    /// The same text typed on different keyboards is the same password: NFKC, as NIST SP 800-63B, 5.1.1.2, asks for.
    private static func derived(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(password.precomposedStringWithCompatibilityMapping.utf8), salt: salt, outputByteCount: 32,
            rounds: cost.rounds, blockSize: cost.blockSize, parallelism: cost.parallelism)
    }
}

extension SealedKey {
    var json: JSON {
        [
            "key": .string("\(key)"), "rounds": .integer(cost.rounds), "blockSize": .integer(cost.blockSize),
            "parallelism": .integer(cost.parallelism), "salt": .string(Base64.text(salt)),
            "box": .string(Base64.text(box)),
            "former": .array(
                former.map { ["salt": .string(Base64.text($0.salt)), "digest": .string(Base64.text($0.digest))] }),
        ]
    }

    init?(_ json: JSON) {
        guard let key = json["key"]?.string.flatMap({ try? VerifierKey(parsing: $0) }),
            let rounds = json["rounds"]?.integer, let blockSize = json["blockSize"]?.integer,
            let parallelism = json["parallelism"]?.integer, let salt = json["salt"]?.string.flatMap(Base64.bytes),
            let box = json["box"]?.string.flatMap(Base64.bytes),
            (2...Cost.roundsMax).contains(rounds), (1...32).contains(blockSize), (1...16).contains(parallelism)
        else { return nil }
        self.key = key
        cost = Cost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        (self.salt, self.box) = (salt, box)
        former = (json["former"]?.array ?? []).prefix(Self.formerMax).compactMap { kept in
            guard let salt = kept["salt"]?.string.flatMap(Base64.bytes),
                let digest = kept["digest"]?.string.flatMap(Base64.bytes)
            else { return nil }
            return Former(salt: salt, digest: digest)
        }
    }
}
