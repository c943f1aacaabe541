import Foundation
import Testing

@testable import UASecurity

@Suite("User tokens: passwords and proofs of possession")
struct UserTokenTests {
    private let nonce = (0..<32).map { UInt8(200 - $0) }

    @Test(
        "A password of any length up to 64 bytes comes back, and no longer one is sent",
        arguments: SecurityPolicy.secure)
    func passwords(_ policy: SecurityPolicy) throws {
        var random = SeededRandom(seed: 21)
        for bits in [2048, 3072] {
            let key = try TestKeys.of(bits)
            for count in [0, 1, 20, 64] {
                let password = random.bytes(count)
                let secret = try UserTokenSecret.encrypt(
                    password: password, serverNonce: nonce, policy: policy, key: key.publicKey)
                #expect(secret.count == key.byteCount)
                #expect(try UserTokenSecret.decrypt(secret, serverNonce: nonce, policy: policy, key: key) == password)
            }
        }
        let key = try TestKeys.client()
        #expect(throws: SecurityUseError.passwordTooLong(bytes: 65)) {
            try UserTokenSecret.encrypt(
                password: random.bytes(65), serverNonce: nonce, policy: policy, key: key.publicKey)
        }
        // A long nonce makes two blocks.
        let long = random.bytes(180)
        let secret = try UserTokenSecret.encrypt(
            password: random.bytes(40), serverNonce: long, policy: policy, key: key.publicKey)
        #expect(secret.count == 512)
        #expect(try UserTokenSecret.decrypt(secret, serverNonce: long, policy: policy, key: key).count == 40)
    }

    @Test("A last block that is filled up with zeros is taken, as open62541 sends it", arguments: SecurityPolicy.secure)
    func filled(_ policy: SecurityPolicy) throws {
        let key = try TestKeys.server()
        let password = Array("secret".utf8)
        let plain = [UInt8(password.count + nonce.count), 0, 0, 0] + password + nonce
        let room = policy.plaintextBlock(for: key.publicKey)
        let filled = plain + [UInt8](repeating: 0, count: room - plain.count)
        let secret = try policy.encrypt(filled, for: key.publicKey)
        #expect(try UserTokenSecret.decrypt(secret, serverNonce: nonce, policy: policy, key: key) == password)
        let tooMuch = try policy.encrypt(filled + [UInt8](repeating: 0, count: room), for: key.publicKey)
        let notZero = try policy.encrypt(filled.dropLast() + [1], for: key.publicKey)
        for secret in [tooMuch, notZero] {
            #expect(throws: SecurityChecksFailed.self) {
                try UserTokenSecret.decrypt(secret, serverNonce: nonce, policy: policy, key: key)
            }
        }
    }

    @Test("Whatever is wrong with a secret, the error is the same", arguments: SecurityPolicy.secure)
    func refusals(_ policy: SecurityPolicy) throws {
        var random = SeededRandom(seed: 22)
        let key = try TestKeys.server()
        let good = try UserTokenSecret.encrypt(
            password: Array("secret".utf8), serverNonce: nonce, policy: policy, key: key.publicKey)
        func prefixed(_ length: Int, _ rest: [UInt8]) throws -> [UInt8] {
            try policy.encrypt(
                [
                    UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8),
                    UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 24),
                ] + rest, for: key.publicKey)
        }
        let password = Array("secret".utf8)
        let otherNonce = [UInt8](repeating: 1, count: 32)
        var altered = good
        altered[100] ^= 4
        let wrong: [String: [UInt8]] = [
            "nothing": [], "short": Array(good.dropLast()), "long": good + [0], "random": random.bytes(256),
            "altered": altered, "second block random": good + random.bytes(256), "endless": random.bytes(9 * 512),
            "other nonce": try prefixed(38, password + otherNonce),
            "length too small": try prefixed(37, password + nonce),
            "length too great": try prefixed(39, password + nonce),
            "length huge": try prefixed(Int(UInt32.max), password + nonce),
            "no nonce": try prefixed(6, password), "cut nonce": try prefixed(37, password + nonce.dropLast()),
            "nonce only in part": try prefixed(20, Array(nonce.suffix(20))), "only a length": try prefixed(0, []),
            "too long a password": try prefixed(97, random.bytes(65) + nonce),
            "for another server": try UserTokenSecret.encrypt(
                password: password, serverNonce: nonce, policy: policy, key: TestKeys.client().publicKey),
        ]
        for (name, secret) in wrong {
            #expect(throws: SecurityChecksFailed(.secret), "\(name)") {
                try UserTokenSecret.decrypt(secret, serverNonce: nonce, policy: policy, key: key)
            }
        }
        #expect(throws: SecurityChecksFailed(.secret)) {
            try UserTokenSecret.decrypt(good, serverNonce: otherNonce, policy: policy, key: key)
        }
        #expect(throws: SecurityChecksFailed(.secret)) {
            try UserTokenSecret.decrypt(good, serverNonce: [], policy: policy, key: key)
        }
        #expect(try UserTokenSecret.decrypt(good, serverNonce: nonce, policy: policy, key: key) == password)
    }

    @Test(
        "A proof of possession holds for its certificate, nonce, key and algorithm only",
        arguments: SecurityPolicy.secure)
    func proofs(_ policy: SecurityPolicy) throws {
        let (client, server) = (try TestKeys.client(), try TestKeys.server())
        let certificate = SeededRandom.some(900)
        let signature = try PossessionProof.sign(certificate: certificate, nonce: nonce, policy: policy, key: client)
        func holds(
            _ signature: [UInt8], _ algorithm: String?, _ certificate: [UInt8], _ nonce: [UInt8], _ key: RSAPrivateKey
        ) -> Bool {
            PossessionProof.isValid(
                signature, algorithm: algorithm, certificate: certificate, nonce: nonce, policy: policy,
                key: key.publicKey)
        }
        let uri = policy.signatureURI
        #expect(holds(signature, uri, certificate, nonce, client))
        #expect(!holds(signature, uri, certificate, nonce, server))
        #expect(!holds(signature, uri, certificate, nonce.reversed(), client))
        #expect(!holds(signature, uri, certificate.reversed(), nonce, client))
        #expect(!holds(signature, nil, certificate, nonce, client))
        #expect(!holds(signature, policy.encryptionURI, certificate, nonce, client))
        #expect(!holds([], uri, certificate, nonce, client))
        #expect(!holds(Array(signature.dropLast()), uri, certificate, nonce, client))
        #expect(
            !PossessionProof.isValid(
                [], algorithm: nil, certificate: certificate, nonce: nonce, policy: .none, key: client.publicKey))
    }
}

extension SeededRandom {
    static func some(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(count))
        return random.bytes(count)
    }
}
