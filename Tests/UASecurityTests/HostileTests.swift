import Foundation
import Testing

@testable import UASecurity

@Suite("Hostile certificates and lists are refused, not believed and not endured")
struct HostileTests {
    private func refused(_ bytes: [UInt8], _ comment: String = "") {
        #expect(throws: CertificateFault.self, "\(comment)") { try PeerCertificate.chain(bytes) }
    }

    @Test("Chains: empty, cut, with rubbish, twice the same, too many, too long")
    func chains() throws {
        let plant = try Authority.plant()
        let good = try plant("good")
        refused([])
        for count in [1, 2, 3, 4, 5, 100, good.count - 1] { refused(Array(good.prefix(count)), "\(count)") }
        refused(good + [0])
        refused(good + good)
        refused(try ["good", "sub", "root", "self", "stranger"].flatMap { try plant($0) })
        refused([0x30, 0x80] + good)
        refused([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF] + good)
        refused([0x30, 0x85, 0, 0, 0, 0, 1] + good)
        refused([0x30, 0x82, 0x80, 0x00] + [UInt8](repeating: 0, count: 0x8000), "longer than the limit")
        refused([UInt8](repeating: 0x30, count: 16_384))
        // Nested as deep as 16 KiB allow.
        var nested: [UInt8] = []
        while nested.count < 16_000 {
            let length = nested.count
            nested =
                (length < 128 ? [0x30, UInt8(length)] : [0x30, 0x82, UInt8(length >> 8), UInt8(length & 255)]) + nested
        }
        refused(nested)
        #expect(try PeerCertificate.chain(good).count == 1)
    }

    @Test("A certificate in which a byte is changed is unreadable, or no longer the trusted one, or badly signed")
    func mutations() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let plant = try Authority.plant()
        let good = try plant("good")
        let anchors = try plant.anchors(trusted: ["root", "good"], issuers: ["sub"], lists: ["rootList", "subList"])
        let expected = CertificateExpectation(role: .client, applicationURI: Authority.uri)
        let validator = CertificateValidator(anchors: anchors, now: Date())
        #expect(try validator.validate(PeerCertificate.chain(good), expected).chain.count == 3)
        for position in good.indices {
            var altered = good
            altered[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(throws: CertificateFault.self, "seed \(seed), byte \(position)") {
                try validator.validate(PeerCertificate.chain(altered), expected)
            }
        }
    }

    @Test("A list in which a byte is changed is unreadable or not the authority's")
    func lists() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let plant = try Authority.plant()
        let good = try plant("subList")
        let authority = try PeerCertificate(der: plant("sub"))
        #expect(try RevocationList(der: good).isFrom(authority))
        #expect(try !RevocationList(der: good).isFrom(PeerCertificate(der: plant("root"))))
        for position in good.indices {
            var altered = good
            altered[position] ^= UInt8.random(in: 1...255, using: &random)
            let believed = (try? RevocationList(der: altered))?.isFrom(authority) ?? false
            #expect(!believed, "seed \(seed), byte \(position)")
        }
        for count in 0..<good.count {
            #expect(throws: (any Error).self) { try RevocationList(der: Array(good.prefix(count))) }
        }
        #expect(throws: (any Error).self) {
            try RevocationList(der: [UInt8](repeating: 0x30, count: RevocationList.longest + 1))
        }
    }

    @Test("Some thousands of broken certificates and lists are read or refused, and nothing worse")
    func broken() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let plant = try Authority.plant()
        let whole = try ["good", "self", "sub", "subList", "rootList"].map { try plant($0) }
        var read = 0
        for _ in 0..<3000 {
            let broken = Self.damage(whole[Int.random(in: 0..<whole.count, using: &random)], &random)
            if let list = try? RevocationList(der: broken) { read += list.isCurrent(at: Date()) ? 1 : 0 }
            guard let chain = try? PeerCertificate.chain(broken) else { continue }
            read += 1
            let anchors = try TrustAnchors(trusted: chain.map(\.der))
            // Whatever its text says, it is trusted here: only its signature, or its own words, can refuse it.
            _ = try? CertificateValidator(anchors: anchors, now: Date()).validate(chain, .init(role: .client))
            for one in chain { #expect(one.subject.count <= 200 && one.issuer.count <= 200, "seed \(seed)") }
        }
        #expect(read > 30, "seed \(seed): the damage is too great to try anything")
    }

    /// A few bytes changed, taken out, put in or doubled, and half of the time the outer length put right again.
    private static func damage(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[start] = [0, 0x7F, 0x80, 0x82, 0x84, 0x88, 0xFF, 0x30][start % 8]
            case 2: bytes.removeSubrange(start..<end)
            case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
            default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: start)
            }
        }
        if Bool.random(using: &random), bytes.count > 260 {
            bytes.replaceSubrange(
                ..<4, with: [0x30, 0x82, UInt8((bytes.count - 4) >> 8), UInt8((bytes.count - 4) & 255)])
        }
        return bytes
    }

    @Test("The serial number of a list is compared as a number, and times across centuries are right")
    func details() throws {
        let plant = try Authority.plant()
        let list = try RevocationList(der: plant("subList"))
        #expect(try list.revokes(PeerCertificate(der: plant("big"))))
        #expect(try list.revokes(PeerCertificate(der: plant("revoked"))))
        #expect(try !list.revokes(PeerCertificate(der: plant("good"))))
        let next = try #require(list.nextUpdate)
        #expect(
            abs(list.thisUpdate.timeIntervalSinceNow + 86_400) < 3600
                && abs(next.timeIntervalSinceNow - 30 * 86_400) < 3600)
        let far = try Peer.run([
            ["op": "key", "name": "k", "bits": "2048"],
            ["op": "crl", "issuer": "sub", "key": "k", "to": "36525"],
        ])[1]
        let later = try #require(try RevocationList(der: bytes(far)).nextUpdate)
        #expect(abs(later.timeIntervalSinceNow - 36_525 * 86_400) < 3600)
    }

    @Test("What a stranger wrote into a certificate cannot break a log's line or turn a page's text round")
    func text() throws {
        let name = ApplicationDescription(
            applicationURI: "urn:x", name: "A\r\nB\u{202E}C\u{0}D" + String(repeating: "x", count: 500))
        let made = try ApplicationInstance.make(name, key: TestKeys.client())
        #expect(made.certificate.subject.count == 200)
        #expect(made.certificate.subject.hasPrefix("CN=A"))
        #expect(!made.certificate.subject.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
        let fault = CertificateFault.uri(expected: "urn:a\nb", named: "urn:c\u{1B}[2J")
        #expect(!fault.description.unicodeScalars.contains { $0.value < 32 })
    }
}
