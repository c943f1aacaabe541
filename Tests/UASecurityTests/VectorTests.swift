import Crypto
import Foundation
import Testing

@testable import UASecurity

@Suite("Security policies and the vectors of other stacks")
struct VectorTests {
    private let clientNonce = (0..<32).map { UInt8($0) }
    private let serverNonce = (32..<64).map { UInt8($0) }

    @Test("A policy is known by its URI and by no other text")
    func uris() {
        for policy in SecurityPolicy.allCases {
            #expect(SecurityPolicy(uri: policy.uri) == policy)
            #expect(SecurityPolicy(uri: policy.uri + " ") == nil)
        }
        #expect(SecurityPolicy.none.uri == "http://opcfoundation.org/UA/SecurityPolicy#None")
        #expect(
            SecurityPolicy(uri: "http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss")
                == .aes256Sha256RsaPss)
        #expect(SecurityPolicy(uri: "http://opcfoundation.org/UA/SecurityPolicy#Basic128Rsa15") == nil)
        #expect(SecurityPolicy(uri: "http://opcfoundation.org/UA/SecurityPolicy#Basic256") == nil)
        #expect(SecurityPolicy(uri: "Basic256Sha256") == nil)
    }

    @Test("Nonces, keys and blocks have the lengths of the policies")
    func lengths() throws {
        let key = try TestKeys.client().publicKey
        #expect(SecurityPolicy.allCases.map(\.nonceLength) == [0, 32, 32, 32])
        #expect(SecurityPolicy.allCases.map(\.encryptionKeyLength) == [0, 32, 16, 32])
        #expect(SecurityPolicy.secure.map { $0.plaintextBlock(for: key) } == [214, 214, 190])
        #expect(SecurityPolicy.secure.allSatisfy { $0.makeNonce().count == 32 && $0.makeNonce() != $0.makeNonce() })
        #expect(SecurityPolicy.none.makeNonce().isEmpty)
        #expect(SecurityPolicy.none.makeNonce(forSession: true).count == 32)
    }

    @Test("P_SHA256 gives the bytes of the vector, and every shorter piece is its start")
    func pseudoRandom() throws {
        let expected = try bytes(
            """
            c204f3dbae55c0b67089273ed8004d8651e01ba3e7a1de631301e1a212fca1d1364e0bdd6596c0a5307942e8cef9472b4a49149b83
            9945ff435c0b55dd1ab50c897fd9fe64b558b82bb440bf10aa96ac
            """)
        for count in 0...expected.count {
            let made = pseudoRandomSHA256(secret: [1, 2, 3, 4, 5, 6, 7, 8], seed: Array("seed".utf8), count: count)
            #expect(made == Array(expected.prefix(count)))
        }
    }

    @Test("Channel keys are those that other stacks derive", arguments: SecurityPolicy.secure)
    func keys(_ policy: SecurityPolicy) throws {
        let keys = ChannelKeys(policy: policy, clientNonce: clientNonce, serverNonce: serverNonce)
        func text(_ direction: DirectionKeys) -> [String] {
            [direction.signing, direction.encryption].map { $0.withUnsafeBytes { hexadecimal($0) } }
                + [hexadecimal(direction.iv)]
        }
        let short = policy == .aes128Sha256RsaOaep
        #expect(
            text(keys.client) == [
                "dd585db0c102dd1a4c1ed4dd195606dec3f7a1c789afca78f9479ed3a5d668af",
                short
                    ? "ce49cb8f1c65a827f412c48e71c9f9cb"
                    : "ce49cb8f1c65a827f412c48e71c9f9cb3b5c2ee2fc2e4b3bd46d4098b5e45475",
                short ? "3b5c2ee2fc2e4b3bd46d4098b5e45475" : "a77832c6215b6e7ab85f2e668be7aeff",
            ])
        #expect(
            text(keys.server) == [
                "b72593c43fee5fafa0256cd6bb904ff40c066a225db95f66dd744e20858a2220",
                short
                    ? "ddf75067e3d76ac714c08e24eabd85ff"
                    : "ddf75067e3d76ac714c08e24eabd85ff425d7f5fb25e6e083b94b174e29db89b",
                short ? "425d7f5fb25e6e083b94b174e29db89b" : "c513e9172274d5ed54e52a3552901ae0",
            ])
    }

    @Test("A MSG chunk is byte for byte the one of the vector, and opens again")
    func frames() throws {
        let header = try bytes("4d534746000000000700000001000000")
        let content = try bytes("330000000200000001009f0200") + [UInt8](repeating: 0xAA, count: 20)
        let keys = ChannelKeys(policy: .basic256Sha256, clientNonce: clientNonce, serverNonce: serverNonce)
        let vectors: [(MessageSecurityMode, String)] = [
            (
                .signAndEncrypt,
                """
                4d534746600000000700000001000000f5f396b530171644fa5dfd4c0c1131a5428d2efbebc86a0dc47e3847a71d881c4f69367a
                3b01bedd619701c05b2280dd197c7c572ed833a69342b4314bf92f1ce5c63f98712e3a1318a0a236b4593797
                """
            ),
            (
                .sign,
                """
                4d534746510000000700000001000000330000000200000001009f0200aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1ef9b3
                b3ac18e4ca97e45b522b76a198f51a475117ef28ef7e96cf98e15d8e02
                """
            ),
        ]
        for (mode, hex) in vectors {
            let chunk = try bytes(hex)
            let protection = MessageProtection(policy: .basic256Sha256, mode: mode, keys: keys.client)
            #expect(try protection.secure(header: header, content: content) == chunk)
            #expect(try protection.open(chunk) == content)
        }
        let plain = MessageProtection.unprotected
        let chunk = try plain.secure(header: header, content: content)
        // The size stands in bytes 4 to 7.
        var expected: [UInt8] = header
        expected.replaceSubrange(4..<8, with: [49, 0, 0, 0])
        #expect(chunk == expected + content)
        #expect(try plain.open(chunk) == content)
    }

    /// What asyncua 2.1.0 wrote: keys, OPN chunks and password tokens.
    private struct Vectors: Decodable {
        struct Chunk: Decodable {
            let policy, own, peer, chunk, content: String
            let headerLength: Int
        }
        struct Password: Decodable { let policy, uri, nonce, secret, password: String }
        let keys: [String: String]
        let chunks: [Chunk]
        let passwords: [Password]

        static func read() throws -> Vectors {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "vectors.json")
            return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
        }
    }

    @Test("OPN chunks of another stack open, with keys of 2048 and 3072 bits; ours have the same length")
    func foreignOpenings() throws {
        let vectors = try Vectors.read()
        #expect(vectors.chunks.count == 9)
        for vector in vectors.chunks {
            let policy = try #require(SecurityPolicy(uri: vector.policy))
            let sender = try RSAPrivateKey(pem: try #require(vectors.keys[vector.own]))
            let receiver = try RSAPrivateKey(pem: try #require(vectors.keys[vector.peer]))
            let (chunk, content) = (try bytes(vector.chunk), try bytes(vector.content))
            let back = try OpeningProtection(policy: policy, own: receiver, peer: sender.publicKey)
            #expect(try back.open(chunk, headerLength: vector.headerLength) == content)
            let out = try OpeningProtection(policy: policy, own: sender, peer: receiver.publicKey)
            let ours = try out.secure(header: Array(chunk.prefix(vector.headerLength)), content: content)
            #expect(ours.count == chunk.count)
            #expect(ours.prefix(vector.headerLength) == chunk.prefix(vector.headerLength))
        }
    }

    @Test("Passwords that another stack encrypted are read, under the URI that it names")
    func foreignPasswords() throws {
        let vectors = try Vectors.read()
        #expect(vectors.passwords.count == 3)
        let key = try RSAPrivateKey(pem: try #require(vectors.keys["server"]))
        for vector in vectors.passwords {
            let policy = try #require(SecurityPolicy(uri: vector.policy))
            #expect(policy.encryptionURI == vector.uri)
            let password = try UserTokenSecret.decrypt(
                bytes(vector.secret), serverNonce: bytes(vector.nonce), policy: policy, key: key)
            #expect(String(decoding: password, as: UTF8.self) == vector.password)
        }
    }
}
