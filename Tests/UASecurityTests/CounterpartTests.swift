import Foundation
import Testing

@testable import UASecurity

@Suite("Another implementation reads what this one writes, and the other way round")
struct CounterpartTests {
    private func keys() throws -> [[String: String]] {
        [
            ["op": "key", "name": "client", "pem": try TestKeys.client().pem],
            ["op": "key", "name": "server", "pem": try TestKeys.server().pem],
            ["op": "key", "name": "big", "pem": try TestKeys.of(3072).pem],
        ]
    }

    @Test("Signatures and RSA blocks", arguments: SecurityPolicy.secure)
    func asymmetric(_ policy: SecurityPolicy) throws {
        var random = SeededRandom(seed: 11)
        let (client, server) = (try TestKeys.client(), try TestKeys.server())
        let data = random.bytes(700)
        let signature = try policy.sign(data, with: client)
        let name = policy.rawValue
        var calls = try keys()
        calls += [
            [
                "op": "verify", "policy": name, "key": "client", "data": hexadecimal(data),
                "signature": hexadecimal(signature),
            ],
            [
                "op": "verify", "policy": name, "key": "server", "data": hexadecimal(data),
                "signature": hexadecimal(signature),
            ],
            ["op": "sign", "policy": name, "key": "client", "data": hexadecimal(data)],
            ["op": "encrypt", "policy": name, "key": "server", "data": hexadecimal(data)],
            [
                "op": "decrypt", "policy": name, "key": "server",
                "data": hexadecimal(try policy.encrypt(data, for: server.publicKey)),
            ],
        ]
        let results = Array(try Peer.run(calls).dropFirst(3))
        #expect(results[0] == "valid" && results[1] == "invalid")
        #expect(try policy.isValid(bytes(results[2]), over: data, by: client.publicKey))
        #expect(try !policy.isValid(bytes(results[2]), over: data + [0], by: client.publicKey))
        #expect(try policy.decrypt(bytes(results[3]), with: server) == data)
        #expect(results[4] == hexadecimal(data))
        // The other OAEP digest does not open it.
        let other: SecurityPolicy = policy == .aes256Sha256RsaPss ? .basic256Sha256 : .aes256Sha256RsaPss
        #expect(try other.decrypt(bytes(results[3]), with: server) == nil)
        #expect(try !other.isValid(bytes(results[2]), over: data, by: client.publicKey))
    }

    @Test("OPN chunks, with keys of 2048 and 3072 bits on either side", arguments: SecurityPolicy.secure)
    func openings(_ policy: SecurityPolicy) throws {
        var random = SeededRandom(seed: 12)
        let all = ["client": try TestKeys.client(), "server": try TestKeys.server(), "big": try TestKeys.of(3072)]
        let header = Array("OPNF".utf8) + [0, 0, 0, 0] + random.bytes(90)
        for (from, to) in [("client", "server"), ("client", "big"), ("big", "client")] {
            let (own, other) = (try #require(all[from]), try #require(all[to]))
            let out = try OpeningProtection(policy: policy, own: own, peer: other.publicKey)
            let back = try OpeningProtection(policy: policy, own: other, peer: own.publicKey)
            let contents = [8, 132, 133, 333].map { random.bytes($0) }
            let ours = try contents.map { content in
                [
                    "op": "open_opn", "policy": policy.rawValue, "own": to, "peer": from,
                    "headerLength": "\(header.count)",
                    "chunk": hexadecimal(try out.secure(header: header, content: content)),
                ]
            }
            let theirs = contents.map { content in
                [
                    "op": "secure_opn", "policy": policy.rawValue, "own": from, "peer": to,
                    "header": hexadecimal(header), "content": hexadecimal(content),
                ]
            }
            let results = Array(try Peer.run(keys() + ours + theirs).dropFirst(3))
            #expect(Array(results[..<4]) == contents.map { hexadecimal($0) }, "\(from) to \(to)")
            for (chunk, content) in zip(results[4...], contents) {
                #expect(try back.open(bytes(chunk), headerLength: header.count) == content, "\(from) to \(to)")
            }
        }
    }

    @Test("MSG chunks, byte for byte", arguments: SecurityPolicy.secure)
    func messages(_ policy: SecurityPolicy) throws {
        var random = SeededRandom(seed: 13)
        let header = Array("CLOF".utf8) + [0, 0, 0, 0] + random.bytes(8)
        for mode in [MessageSecurityMode.sign, .signAndEncrypt] {
            let (client, server) = (random.bytes(32), random.bytes(32))
            let keys = ChannelKeys(policy: policy, clientNonce: client, serverNonce: server)
            let protection = MessageProtection(policy: policy, mode: mode, keys: keys.server)
            let contents = [8, 15, 16, 17, 23, 24, 4000].map { random.bytes($0) }
            let shared = [
                "policy": policy.rawValue, "mode": "\(mode.rawValue)", "secret": hexadecimal(client),
                "seed": hexadecimal(server), "header": hexadecimal(header), "headerLength": "16",
            ]
            let ours = try contents.map { try protection.secure(header: header, content: $0) }
            let calls = zip(contents, ours).flatMap { content, chunk in
                [
                    shared.merging(["op": "secure_msg", "content": hexadecimal(content)]) { $1 },
                    shared.merging(["op": "open_msg", "chunk": hexadecimal(chunk)]) { $1 },
                ]
            }
            let results = try Peer.run(calls)
            for (index, content) in contents.enumerated() {
                #expect(results[2 * index] == hexadecimal(ours[index]))
                #expect(results[2 * index + 1] == hexadecimal(content))
            }
        }
    }
}
