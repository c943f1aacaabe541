import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("The ledger as tiles and proof files, for programs of others")
struct TileFolderTests {
    private static let counterpart = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Counterpart"

    /// golang.org/x/mod/sumdb, as Debian has it.
    private static func go(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await runProgram(
            URL(fileURLWithPath: "/usr/bin/go"), ["run", counterpart + "/verify.go"] + arguments,
            environment: ["GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOFLAGS": "", "HOME": "/tmp"])
    }

    private static func python(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await runProgram(
            URL(fileURLWithPath: "/usr/bin/python3"), [counterpart + "/verify_proof.py"] + arguments)
    }

    private func tiles(_ fixture: LedgerFixture) throws -> TileFolder {
        let folder = TileFolder(fixture.folder.path + "/tiles")
        let store = try Store.reading(folder: fixture.data, time: fixture.time)
        defer { try? store.close() }
        _ = try store.readNow { try folder.update(from: $0) }
        return folder
    }

    private func proofs(_ fixture: LedgerFixture, _ indices: [Int64]) throws -> [String] {
        let store = try Store.reading(folder: fixture.data, time: fixture.time)
        defer { try? store.close() }
        return try indices.map { index in
            let path = fixture.folder.path + "/\(index).tlog-proof"
            try Data(try store.readNow { try $0.logProof(of: index) }.description.utf8)
                .write(to: URL(fileURLWithPath: path))
            return path
        }
    }

    @Test("Go's sumdb verifies every entry, proof and checkpoint of our tiles, and refuses an altered one")
    func sumdb() async throws {
        for size in [2, 255, 257, 700] {
            let fixture = try LedgerFixture()
            let key = try await fixture.filled(size)
            let folder = try tiles(fixture)
            let files = try proofs(fixture, [0, Int64(size / 2), Int64(size - 1)])
            let right = try await Self.go([folder.path, "\(key)"] + files)
            #expect(right.status == 0 && right.output.contains("right: \(size) entries, 3 proofs"), "\(right.output)")
            guard size == 700 else { continue }
            let file = folder.path + "/tile/entries/001"
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            bytes[300] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            #expect(try await Self.go([folder.path, "\(key)"]).status != 0)
        }
    }

    @Test("An independent program in Python verifies our proofs with the witness's signature, and refuses altered ones")
    func independent() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(300)
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let witness = try SigningKey(name: "w.example", algorithm: .cosignature, seed: Array(32..<64))
        let text = try await signer.checkpoint().note.text
        _ = try await signer.keepCosignatures(
            "\(try witness.sign(text, time: 1_760_000_001))", size: 300, witnesses: [witness.verifier])
        try store.close()
        let files = try proofs(fixture, [0, 1, 17, 128, 255, 256, 299])
        let right = try await Self.python(["\(key)", "\(witness.verifier)"] + files)
        #expect(right.status == 0 && right.output.contains("right: 7 proofs"), "\(right.output)")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: files[2])))
        bytes[60] = bytes[60] == 65 ? 66 : 65
        try Data(bytes).write(to: URL(fileURLWithPath: files[2]))
        #expect(try await Self.python(["\(key)", "-", files[2]]).status != 0)
    }

    @Test("A folder grows with the ledger; what is there stays, and a folder of another ledger is refused")
    func growing() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(300)
        let folder = try tiles(fixture)
        #expect(try folder.files().contains("tile/entries/001.p/44"))
        var store = try fixture.store()
        var signer = try await fixture.signer(store)
        try await fixture.add(500, to: store)
        try await signer.checkpoint()
        try store.close()
        _ = try tiles(fixture)
        let expected = Tile.all(size: 800).map(\.path) + ["checkpoint"]
        #expect(try folder.files() == expected.sorted())
        let result = try folder.verify(trusted: key)
        #expect(result.fault == nil && result.checkpoint?.size == 800, "\(result.fault as Any)")
        let other = try LedgerFixture(seed: 2)
        _ = try await other.filled(10)
        store = try other.store()
        signer = try await other.signer(store)
        #expect(throws: TransparencyError.self) { try store.readNow { try folder.update(from: $0) } }
        try store.close()
    }

    @Test("Keys are followed through a folder, and witnesses' signatures are named")
    func chain() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(20)
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let new = try await signer.rotate(by: "A", reason: "b")
        let witness = try SigningKey(name: "w.example", algorithm: .cosignature, seed: Array(32..<64))
        let newest = try await signer.checkpoint()
        _ = try await signer.keepCosignatures(
            "\(try witness.sign(newest.note.text, time: 1))", size: newest.checkpoint.size,
            witnesses: [witness.verifier])
        try store.close()
        let folder = try tiles(fixture)
        for trusted in [key, new] {
            let result = try folder.verify(trusted: trusted, witnesses: [witness.verifier])
            #expect(result.fault == nil && result.witnesses.map(\.key) == [witness.verifier], "\(result.fault as Any)")
        }
        #expect(try folder.verify(trusted: key).fault?.reason.contains("--witness") == true)
        let stranger = try SigningKey(name: key.name, algorithm: .ed25519, seed: Array(0..<32)).verifier
        #expect(try folder.verify(trusted: stranger, witnesses: [witness.verifier]).fault != nil)
    }

    @Test(
        "An id means an entry's number, or all entries about an order or a report; one without a checkpoint is not proven"
    )
    func ids() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(30)
        let store = try fixture.store()
        #expect(try await store.read { try $0.ledgerIndices(meantBy: "7") } == [7])
        #expect(try await store.read { try $0.ledgerIndices(meantBy: "subject-3") } == [4, 11, 19, 26])
        #expect(try await store.read { try $0.ledgerIndices(meantBy: "30") }.isEmpty)
        try await fixture.add(1, to: store)
        await #expect(throws: TransparencyError.self) { try await store.read { try $0.logProof(of: 30) } }
        let proof = try await store.read { try $0.logProof(of: 29) }
        #expect(ProofFile.verify("\(proof)", name: "x", keys: [key]).fault == nil)
        try store.close()
    }
}
