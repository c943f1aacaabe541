import Foundation
import Testing

@testable import UASecurity

@Suite("The trust list is a folder that people look after")
struct TrustListTests {
    private let client = CertificateExpectation(role: .client, applicationURI: Authority.uri)

    private func withList(_ body: (TrustList, URL) async throws -> Void) async throws {
        let folder = try Peer.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(TrustList(folder: folder), folder)
    }

    private func write(_ bytes: [UInt8], _ folder: URL, _ path: String) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(path))
    }

    private func refusal(_ list: TrustList, _ chain: [UInt8], now: Date = Date()) async -> String {
        do {
            _ = try await list.check(chain: chain, client, now: now)
            return "accepted"
        } catch { return error.statusName }
    }

    @Test("An unknown certificate is refused, kept for the engineer, trusted by hand, and rejected again")
    func life() async throws {
        let certificate = try Authority.plant()("self")
        let thumbprint = try PeerCertificate(der: certificate).thumbprintText
        try await withList { list, folder in
            #expect(await list.list().isEmpty)
            #expect(await refusal(list, certificate) == "Bad_CertificateUntrusted")
            let kept = await list.list()
            #expect(kept.map(\.state) == [.rejected] && kept[0].certificate.der == certificate)
            #expect(kept[0].path.hasSuffix("/rejected/\(thumbprint).der"))

            try await list.trust(thumbprint: thumbprint.uppercased())
            #expect(await list.list().map(\.state) == [.trusted])
            #expect(await refusal(list, certificate) == "accepted")
            // The same folder, opened anew.
            #expect(try await refusal(TrustList(folder: folder), certificate) == "accepted")

            try await list.reject(thumbprint: thumbprint)
            #expect(await list.list().map(\.state) == [.rejected])
            #expect(await refusal(list, certificate) == "Bad_CertificateUntrusted")
        }
    }

    @Test("Files that people put there are seen without a restart, in DER and PEM; rubbish is named and passed over")
    func files() async throws {
        let plant = try Authority.plant()
        try await withList { list, folder in
            let good = try plant("good")
            #expect(await refusal(list, good) == "Bad_CertificateChainIncomplete")
            try write(Array(pem(plant("root")).utf8), folder, "trusted/certs/our root.pem")
            try write(plant("sub"), folder, "issuers/certs/sub.cer")
            #expect(await refusal(list, good) == "Bad_CertificateRevocationUnknown")
            try write(plant("rootList"), folder, "trusted/crl/root.crl")
            try write(plant("emptyList"), folder, "issuers/crl/sub.crl")
            #expect(await refusal(list, good) == "accepted")
            try write(plant("subList"), folder, "issuers/crl/sub.crl")
            #expect(try await refusal(list, plant("revoked")) == "Bad_CertificateRevoked")
            #expect(await refusal(list, good) == "accepted")
            try write(Array("rubbish".utf8), folder, "trusted/certs/readme.txt")
            try write([UInt8](repeating: 0x30, count: 100_000), folder, "trusted/certs/huge.der")
            try write([0x30, 0x00], folder, "trusted/crl/empty.crl")
            #expect(await refusal(list, good) == "accepted")
            let unreadable = await list.current().unreadable.map { URL(fileURLWithPath: $0).lastPathComponent }
            #expect(unreadable.sorted() == ["empty.crl", "huge.der", "readme.txt"])
            let generation = await list.generation
            #expect(await refusal(list, good) == "accepted")
            #expect(await list.generation == generation, "nothing changed, nothing is read again")
            try FileManager.default.removeItem(at: folder.appendingPathComponent("trusted/certs/our root.pem"))
            #expect(await refusal(list, good) == "Bad_CertificateChainIncomplete")
            #expect(await list.generation == generation + 1)
        }
    }

    @Test("Of the rejected only the newest fifty are kept, and a faulty certificate is not kept at all")
    func bounded() async throws {
        let plant = try Authority.plant()
        let key = try TestKeys.client()
        try await withList { list, folder in
            let start = Date()
            var thumbprints: [String] = []
            for index in 0..<53 {
                let name = ApplicationDescription(applicationURI: "urn:x:\(index)", name: "X/../\(index)")
                let made = try ApplicationInstance.make(name, key: key)
                thumbprints.append(made.certificate.thumbprintText)
                let now = start.addingTimeInterval(Double(index))
                #expect(await refusal(list, made.chain, now: now) == "Bad_CertificateUntrusted")
                // The first knocks again, and so stays.
                if index == 49 {
                    _ = await refusal(
                        list,
                        try Data(contentsOf: folder.appendingPathComponent("rejected/\(thumbprints[0]).der")).map {
                            $0
                        }, now: now.addingTimeInterval(0.5))
                }
            }
            let names = try FileManager.default.contentsOfDirectory(
                atPath: folder.appendingPathComponent("rejected").path)
            let expected = [thumbprints[0]] + thumbprints[4...]
            #expect(names.sorted() == expected.map { $0 + ".der" }.sorted())
            #expect(names.count == TrustList.rejectedKept)
            let before = names.count
            #expect(await refusal(list, [1, 2, 3]) == "Bad_CertificateInvalid")
            #expect(try await refusal(list, plant("self") + [0]) == "Bad_CertificateInvalid")
            #expect(await list.list().count == before)
        }
    }

    @Test("Only a thumbprint names a certificate")
    func thumbprints() async throws {
        let certificate = try Authority.plant()("self")
        let thumbprint = try PeerCertificate(der: certificate).thumbprintText
        try await withList { list, _ in
            _ = await refusal(list, certificate)
            for text in [
                "", "../../etc/passwd", String(thumbprint.dropLast()), thumbprint + "0",
                String(repeating: "z", count: 40),
            ] {
                await #expect(throws: TrustList.Failure.thumbprint(text)) { try await list.trust(thumbprint: text) }
            }
            let none = String(repeating: "0", count: 40)
            await #expect(throws: TrustList.Failure.notFound(thumbprint: none, state: .rejected)) {
                try await list.trust(thumbprint: none)
            }
            await #expect(throws: TrustList.Failure.notFound(thumbprint: thumbprint, state: .trusted)) {
                try await list.reject(thumbprint: thumbprint)
            }
            var spaced = ""
            for (index, digit) in thumbprint.enumerated() {
                spaced += (index > 0 && index % 2 == 0 ? ":" : "") + String(digit)
            }
            try await list.trust(thumbprint: spaced)
            #expect(await refusal(list, certificate) == "accepted")
        }
    }
}
