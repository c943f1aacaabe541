import Foundation
import Testing

@testable import UASecurity

@Suite("Chunks are secured, opened and refused")
struct ChunkTests {
    private static let modes: [MessageSecurityMode] = [.sign, .signAndEncrypt]

    private func protection(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) -> MessageProtection {
        let nonces = ([UInt8](repeating: 3, count: 32), [UInt8](repeating: 9, count: 32))
        let keys = ChannelKeys(policy: policy, clientNonce: nonces.0, serverNonce: nonces.1)
        return MessageProtection(policy: policy, mode: mode, keys: keys.client)
    }

    private let header: [UInt8] = Array("MSGF".utf8) + [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]

    @Test(
        "A message of every length up to three blocks opens to itself, in whole blocks when encrypted",
        arguments: SecurityPolicy.secure, modes)
    func roundTrips(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) throws {
        var random = SeededRandom(seed: 1)
        let protection = protection(policy, mode)
        for count in 8..<60 {
            let content = random.bytes(count)
            let chunk = try protection.secure(header: header, content: content)
            #expect(statedSize(chunk) == chunk.count)
            #expect(mode == .sign ? chunk.count == 48 + count : chunk.count % 16 == 0)
            #expect(try protection.open(chunk) == content)
        }
    }

    @Test(
        "A chunk in which any one byte is changed is refused, with the one error",
        arguments: SecurityPolicy.secure, modes)
    func tampering(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let protection = protection(policy, mode)
        let chunk = try protection.secure(header: header, content: random.bytes(45))
        for position in chunk.indices {
            var altered = chunk
            altered[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: SecurityChecksFailed.self, "seed \(seed), byte \(position)") {
                try protection.open(altered)
            }
        }
        for count in 0..<chunk.count {
            #expect(throws: SecurityChecksFailed.self) { try protection.open(Array(chunk.prefix(count))) }
            // Cut short, and with a size that says so.
            guard count >= 8 else { continue }
            let cut = try stamp(size: count, into: Array(chunk.prefix(count)))
            #expect(throws: SecurityChecksFailed.self, "cut to \(count)") { try protection.open(cut) }
        }
        #expect(throws: SecurityChecksFailed.self) { try protection.open(chunk + [0]) }
    }

    @Test("A chunk under the keys of the other direction, another policy or another mode is refused")
    func otherKeys() throws {
        let nonces = ([UInt8](repeating: 3, count: 32), [UInt8](repeating: 9, count: 32))
        let keys = ChannelKeys(policy: .basic256Sha256, clientNonce: nonces.0, serverNonce: nonces.1)
        let client = MessageProtection(policy: .basic256Sha256, mode: .signAndEncrypt, keys: keys.client)
        let server = MessageProtection(policy: .basic256Sha256, mode: .signAndEncrypt, keys: keys.server)
        let signing = MessageProtection(policy: .basic256Sha256, mode: .sign, keys: keys.client)
        let content = [UInt8](repeating: 5, count: 40)
        let chunk = try client.secure(header: header, content: content)
        #expect(throws: SecurityChecksFailed(.signature)) { try server.open(chunk) }
        #expect(throws: SecurityChecksFailed(.signature)) { try signing.open(chunk) }
        #expect(throws: SecurityChecksFailed.self) { try client.open(signing.secure(header: header, content: content)) }
        #expect("\(SecurityChecksFailed(.padding))" == "\(SecurityChecksFailed(.signature))")
        #expect(SecurityChecksFailed.statusCode == 0x8013_0000)
    }

    @Test(
        "The capacity said for a chunk's size fills it and no byte more fits", arguments: SecurityPolicy.allCases, modes
    )
    func capacity(_ policy: SecurityPolicy, _ mode: MessageSecurityMode) throws {
        let protection = protection(policy, mode)
        for size in [8192, 8193, 8207, 65_535, 65_536] {
            let capacity = protection.bodyCapacity(chunkSize: size)
            let full = try protection.secure(header: header, content: [UInt8](repeating: 1, count: 8 + capacity))
            let over = try protection.secure(header: header, content: [UInt8](repeating: 1, count: 9 + capacity))
            #expect(full.count <= size && over.count > size)
        }
        #expect(protection.bodyCapacity(chunkSize: 16) == 0)
        #expect(protection.bodyCapacity(chunkSize: 0) == 0)
    }

    @Test(
        "A chunk without a whole sequence header is refused, though its protection is right",
        arguments: SecurityPolicy.secure)
    func short(_ policy: SecurityPolicy) throws {
        let key = try TestKeys.client()
        let opening = try OpeningProtection(policy: policy, own: key, peer: key.publicKey)
        for count in 0..<8 {
            let content = [UInt8](repeating: 1, count: count)
            for mode in Self.modes {
                let protection = protection(policy, mode)
                let chunk = try protection.secure(header: header, content: content)
                #expect(throws: SecurityChecksFailed.self) { try protection.open(chunk) }
            }
            let chunk = try opening.secure(header: header, content: content)
            #expect(throws: SecurityChecksFailed.self) { try opening.open(chunk, headerLength: header.count) }
            let bare = try MessageProtection.unprotected.secure(header: header, content: content)
            #expect(throws: SecurityChecksFailed(.length)) { try MessageProtection.unprotected.open(bare) }
        }
        let chunk = try MessageProtection.unprotected.secure(header: header, content: [UInt8](repeating: 1, count: 20))
        #expect(throws: SecurityChecksFailed(.length)) { try MessageProtection.unprotected.open(chunk + [0]) }
        #expect(throws: SecurityChecksFailed(.length)) { try MessageProtection.unprotected.open(chunk.dropLast()) }
    }

    @Test(
        "Padding fills the block for every length, with the high byte when the key is over 2048 bits",
        arguments: [false, true])
    func padding(_ extra: Bool) {
        for block in [16, 190, 214, 342, 470, 446] {
            let padding = Padding(block: block, signature: 256, extra: extra)
            for count in 8..<(8 + 2 * block) {
                let made = padding.bytes(after: count)
                #expect((count + made.count + 256) % block == 0)
                let fill = made.count - (extra ? 2 : 1)
                guard extra || fill < 256 else { continue }
                #expect(made.first == UInt8(fill & 255) && (!extra || made.last == UInt8(fill >> 8)))
                let content = [UInt8](repeating: 0xEE, count: count)
                #expect(padding.bodyLength(of: (content + made)[...]) == count)
                if fill > 0 {
                    var altered = content + made
                    altered[count + fill / 2] ^= 1
                    #expect(padding.bodyLength(of: altered[...]) != count)
                }
            }
        }
        let padding = Padding(block: 16, signature: 32, extra: extra)
        #expect(padding.bodyLength(of: []) == nil)
        #expect(padding.bodyLength(of: [200, 200]) == nil)
    }

    @Test(
        "An OPN opens to itself between keys of every length", arguments: SecurityPolicy.secure,
        [(2048, 2048), (2048, 3072), (3072, 2048), (4096, 2048), (2048, 4096)])
    func openings(_ policy: SecurityPolicy, _ bits: (Int, Int)) throws {
        let client = try TestKeys.of(bits.0)
        let server = bits.1 == 2048 ? try TestKeys.server() : try TestKeys.of(bits.1)
        var random = SeededRandom(seed: 4)
        let header = Array("OPNF".utf8) + [0, 0, 0, 0] + random.bytes(120)
        let out = try OpeningProtection(policy: policy, own: client, peer: server.publicKey)
        let back = try OpeningProtection(policy: policy, own: server, peer: client.publicKey)
        for count in [8, 100, 132, 133, 140, 500] {
            let content = random.bytes(count)
            let chunk = try out.secure(header: header, content: content)
            #expect(statedSize(chunk) == chunk.count && (chunk.count - header.count) % server.byteCount == 0)
            #expect(try back.open(chunk, headerLength: header.count) == content)
        }
    }

    @Test("An OPN in which a byte is changed is refused", arguments: SecurityPolicy.secure)
    func openingsTampered(_ policy: SecurityPolicy) throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let (client, server) = (try TestKeys.client(), try TestKeys.server())
        let header = Array("OPNF".utf8) + [0, 0, 0, 0] + random.bytes(20)
        let out = try OpeningProtection(policy: policy, own: client, peer: server.publicKey)
        let back = try OpeningProtection(policy: policy, own: server, peer: client.publicKey)
        let chunk = try out.secure(header: header, content: random.bytes(132))
        // RSA is slow: every byte of the header, and some of the blocks.
        let positions =
            Array(header.indices) + (0..<40).map { _ in Int.random(in: header.count..<chunk.count, using: &random) }
        for position in positions {
            var altered = chunk
            altered[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: SecurityChecksFailed.self, "seed \(seed), byte \(position)") {
                try back.open(altered, headerLength: header.count)
            }
        }
        #expect(throws: SecurityChecksFailed(.length)) {
            try back.open(Array(chunk.dropLast()), headerLength: header.count)
        }
        #expect(throws: SecurityChecksFailed(.length)) { try back.open([], headerLength: 12) }
        // Signed by somebody else for the same server.
        let stranger = try OpeningProtection(policy: policy, own: TestKeys.of(3072), peer: server.publicKey)
        let forged = try stranger.secure(header: header, content: random.bytes(132))
        #expect(throws: SecurityChecksFailed.self) { try back.open(forged, headerLength: header.count) }
        // Blocks that are this server's, with nothing but zeros inside: shorter than a signature.
        let empty = try policy.encrypt([0, 0, 0], for: server.publicKey)
        let short = try stamp(size: header.count + empty.count, into: header) + empty
        #expect(throws: SecurityChecksFailed(.length)) { try back.open(short, headerLength: header.count) }
    }

    @Test("What cannot be secured says why")
    func misuse() throws {
        let key = try TestKeys.client()
        #expect(throws: SecurityUseError.noAlgorithm) {
            try OpeningProtection(policy: .none, own: key, peer: key.publicKey)
        }
        #expect(throws: SecurityUseError.noAlgorithm) { try SecurityPolicy.none.sign([1], with: key) }
        #expect(throws: SecurityUseError.header) {
            try protection(.basic256Sha256, .sign).secure(header: [1, 2], content: [3])
        }
        #expect(throws: SecurityUseError.keyLength(bits: 1024)) { try RSAPrivateKey(bits: 1024) }
        #expect(throws: SecurityUseError.unreadableKey) { try RSAPrivateKey(pem: "no key") }
        let weak = try Peer.openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
        #expect(throws: SecurityUseError.unreadableKey) { try RSAPrivateKey(pem: weak) }
        let curve = try Peer.openssl("genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        #expect(throws: SecurityUseError.unreadableKey) { try RSAPrivateKey(pem: curve) }
    }
}
