import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("The ledger is signed")
struct SigningTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("The first start makes a key that only its owner may read, records it, and signs")
    func firstStart() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        #expect(try mode(fixture.data + "/ledger.key") == 0o600)
        let chain = try await signer.chain()
        let key = try #require(chain.links.first?.key)
        #expect(chain.links.count == 1 && key.name == "andon.example/plant-a")
        let newest = try #require(try await store.read { try $0.newestCheckpoint() })
        #expect(newest.checkpoint.size == 1)
        #expect(try newest.note.checkpoint(by: [key]).checkpoint == newest.checkpoint)
        try store.close()
        let again = try fixture.store()
        #expect(try await fixture.signer(again).chain() == chain, "the same key at the next start")
        #expect(try await again.read { try $0.ledgerSize() } == 1)
        try again.close()
    }

    @Test("Half of a key that an end of the process left behind does not keep the next start from making one")
    func halfKey() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        try Data("PRIVATE+KEY+and".utf8).write(to: URL(fileURLWithPath: fixture.data + "/ledger.key.part"))
        _ = try await fixture.signer(store)
        #expect(try mode(fixture.data + "/ledger.key") == 0o600)
        #expect(!FileManager.default.fileExists(atPath: fixture.data + "/ledger.key.part"))
        try store.close()
    }

    @Test("A key that others may read is refused, and the message says what to do")
    func openKey() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(4)
        for mode in [0o640, 0o604, 0o644, 0o660] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: fixture.data + "/ledger.key")
            let store = try fixture.store()
            let error = await #expect(throws: LedgerKeyError.self) { try await fixture.signer(store) }
            #expect(error?.description.contains("chmod 600") == true)
            try store.close()
        }
    }

    @Test("A checkpoint is made when something is new, and never twice")
    func checkpoints() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let first = try await signer.checkpoint()
        #expect(try await signer.checkpoint().note.description == first.note.description)
        try await fixture.add(10, to: store)
        let second = try await signer.checkpoint()
        #expect(second.checkpoint.size == 11)
        let proof = try await store.read { try $0.consistencyProof(from: 1, to: 11) }
        try MerkleVerifier.checkConsistency(
            from: 1, oldRoot: first.checkpoint.root, to: 11, root: second.checkpoint.root, proof: proof)
        #expect(try await store.read { try $0.count("SELECT COUNT(*) FROM ledger_checkpoint") } == 2)
        try store.close()
    }

    @Test("Of a ledger that does not continue its own checkpoint none is signed")
    func inconsistent() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(40)
        try fixture.alter("UPDATE ledger SET leaf = zeroblob(32), nodes = zeroblob(length(nodes)) WHERE idx >= 32")
        let store = try fixture.store()
        try await store.write { _ = try $0.record("test", of: "x", [:]) }
        let error = await #expect(throws: StoreError.self) { try await fixture.signer(store) }
        #expect(
            error?.description.contains("not a continuation of its own checkpoint of 40") == true, "\(error as Any)")
        try store.close()
    }

    @Test("A new key is signed for by the old one, which is gone; verification follows the chain")
    func rotation() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let first = try #require(try await signer.chain().links.first?.key)
        try await fixture.add(5, to: store)
        let second = try await signer.rotate(by: "A. Nowak", reason: "yearly")
        try await fixture.add(5, to: store)
        let third = try await signer.rotate(by: "A. Nowak", reason: "again")
        #expect(Set([first, second, third]).count == 3)
        let newest = try await signer.checkpoint()
        #expect(throws: TransparencyError.self) { try newest.note.checkpoint(by: [second]) }
        #expect(try newest.note.checkpoint(by: [third]).checkpoint == newest.checkpoint)
        try store.close()
        #expect(try KeyFile(fixture.data + "/ledger.key").read().verifier == third)
        #expect(!FileManager.default.fileExists(atPath: fixture.data + "/ledger.key.next"))
        for key in [first, second, third] {
            let result = try fixture.verify(VerificationRequest(trusted: key))
            #expect(result.isWhole, "\(result.fault as Any)")
            #expect(result.keys.links.map(\.key) == [first, second, third])
        }
        let stranger = try SigningKey(name: "andon.example/plant-a", algorithm: .ed25519, seed: Array(0..<32)).verifier
        #expect(try fixture.verify(VerificationRequest(trusted: stranger)).fault != nil)
        let again = try fixture.store()
        try await fixture.signer(again).checkpoint()
        try again.close()
    }

    @Test("A rotation that was broken off has happened when its entry is there, and has not otherwise")
    func brokenRotation() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(4)
        let next = KeyFile(fixture.data + "/ledger.key.next")
        _ = try next.make(name: "andon.example/plant-a", algorithm: .ed25519, random: fixture.random)
        var store = try fixture.store()
        var signer = try await fixture.signer(store)
        // Where servers share the folder, another one may be about to put it in force.
        #expect(next.exists == TestDatabase.isPostgres, "no entry: the old key goes on")
        let old = try String(contentsOfFile: fixture.data + "/ledger.key", encoding: .utf8)
        let new = try await signer.rotate(by: "A", reason: "b")
        try store.close()
        // As if the process had ended between the commit and the renaming.
        try FileManager.default.moveItem(atPath: fixture.data + "/ledger.key", toPath: next.path)
        try Data(old.utf8).write(to: URL(fileURLWithPath: fixture.data + "/ledger.key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: fixture.data + "/ledger.key")
        store = try fixture.store()
        signer = try await fixture.signer(store)
        #expect(try await signer.chain().links.last?.key == new)
        #expect(try KeyFile(fixture.data + "/ledger.key").read().verifier == new && !next.exists)
        try store.close()
    }

    @Test("The key of another ledger, and another name, are refused")
    func otherKey() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(4)
        let store = try fixture.store()
        await #expect(throws: LedgerKeyError.self) {
            try await LedgerSigner.open(store, .init(origin: "andon.example/other"))
        }
        try FileManager.default.removeItem(atPath: fixture.data + "/ledger.key")
        let error = await #expect(throws: LedgerKeyError.self) { try await fixture.signer(store) }
        #expect(error?.description.contains("restore it from the backup") == true)
        _ = try KeyFile(fixture.data + "/ledger.key").make(
            name: "andon.example/plant-a", algorithm: .ed25519, random: fixture.random)
        let other = await #expect(throws: LedgerKeyError.self) { try await fixture.signer(store) }
        #expect(other?.description.contains("restore that one") == true)
        try store.close()
    }
}

@Suite("The data folder held against the checkpoint outside")
struct OutsideCopyTests {
    private let acceptance = LedgerSigner.Acceptance(person: "A. Nowak", reason: "disk died, last night's backup")

    /// A ledger of 21 entries whose copy outside was made at 21, and the folder as it was at 11.
    private func past() async throws -> (LedgerFixture, old: String) {
        let fixture = try LedgerFixture()
        let old = fixture.folder.path + "/old"
        var store = try fixture.store()
        var signer = try await fixture.signer(store, copied: true)
        try await fixture.add(10, to: store)
        try await signer.checkpoint()
        try store.close()
        try FileManager.default.copyItem(atPath: fixture.data, toPath: old)
        store = try fixture.store()
        signer = try await fixture.signer(store, copied: true)
        try await fixture.add(10, to: store)
        try await signer.checkpoint()
        try store.close()
        return (fixture, old)
    }

    private func putBack(_ fixture: LedgerFixture, _ old: String) throws {
        try FileManager.default.removeItem(atPath: fixture.data)
        try FileManager.default.copyItem(atPath: old, toPath: fixture.data)
    }

    @Test("An unaltered folder starts, and the copy is the newest checkpoint")
    func unaltered() async throws {
        let (fixture, _) = try await past()
        let store = try fixture.store()
        let signer = try await fixture.signer(store, copied: true)
        #expect(try await signer.checkpoint().note.description == String(contentsOfFile: fixture.copy, encoding: .utf8))
        try store.close()
    }

    @Test(
        "A folder that was put back to an earlier state is a rollback; taken as it is, it goes on under a new name",
        .disabled(if: TestDatabase.isPostgres, "a folder is put back, which has no database in it"))
    func rollback() async throws {
        let (fixture, old) = try await past()
        try putBack(fixture, old)
        var store = try fixture.store()
        let error = await #expect(throws: LedgerHistoryError.self) { try await fixture.signer(store, copied: true) }
        #expect(error == .rollback(fixture.copy, outside: 21, ours: 11))
        #expect(error?.description.contains("--accept-rollback") == true)
        #expect(try await store.read { try $0.ledgerSize() } == 11, "nothing was written")
        let signer = try await fixture.signer(store, copied: true, accepting: acceptance)
        let chain = try await signer.chain()
        #expect(chain.links.map(\.key.name) == ["andon.example/plant-a", "andon.example/plant-a/2"])
        let entry = try #require(try await store.read { try $0.ledgerEntries(from: 11, limit: 1) }.first)
        #expect(entry.kind == "ledger.restarted" && entry.body["finding"]?.string == "rollback")
        #expect(entry.body["by"]?.string == "A. Nowak" && entry.body["reason"]?.string == acceptance.reason)
        #expect(entry.body["checkpointOutside"]?.string?.contains("\n21\n") == true)
        try await signer.checkpoint()
        try store.close()
        #expect(try fixture.verify().isWhole, "the old key vouches for the new one")
        #expect(FileManager.default.fileExists(atPath: fixture.copy + ".before-12"))
        store = try fixture.store()
        let goesOn = try await fixture.signer(store, copied: true)
        #expect(try await goesOn.chain() == chain, "and starts as always from then on")
        try store.close()
    }

    @Test(
        "A rewritten ledger is a fork, whatever its length",
        .disabled(if: TestDatabase.isPostgres, "a folder is put back, which has no database in it"))
    func fork() async throws {
        for further in [10, 15] {
            let (fixture, old) = try await past()
            try putBack(fixture, old)
            // Goes on differently, with the right key and no copy: somebody who has the data folder could.
            var store = try fixture.store()
            let signer = try await fixture.signer(store)
            try await store.write { transaction in
                for number in 0..<further { try transaction.record("other", of: "x", ["n": .integer(number)]) }
            }
            try await signer.checkpoint()
            try store.close()
            #expect(try fixture.verify().isWhole, "in itself it is whole")
            store = try fixture.store()
            await #expect(throws: LedgerHistoryError.fork(fixture.copy, size: 21)) {
                try await fixture.signer(store, copied: true)
            }
            _ = try await fixture.signer(store, copied: true, accepting: acceptance)
            try store.close()
        }
    }

    @Test("A new folder beside an old copy is another log; an unreadable copy is named")
    func foreign() async throws {
        let (fixture, _) = try await past()
        try FileManager.default.removeItem(atPath: fixture.data)
        var store = try fixture.store()
        let error = await #expect(throws: LedgerHistoryError.self) { try await fixture.signer(store, copied: true) }
        #expect(error == .foreign(fixture.copy, origin: "andon.example/plant-a", ours: "none"))
        let signer = try await fixture.signer(store, copied: true, accepting: acceptance)
        #expect(try await signer.chain().links.last?.key.name == "andon.example/plant-a/2")
        try store.close()
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: fixture.copy))
        store = try fixture.store()
        await #expect(throws: LedgerHistoryError.self) { try await fixture.signer(store, copied: true) }
        try store.close()
    }

    @Test("After a lost key a new one goes on that nobody vouches for: verification says so unless it is known")
    func lostKey() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(6)
        try FileManager.default.removeItem(atPath: fixture.data + "/ledger.key")
        let store = try fixture.store()
        let signer = try await fixture.signer(store, accepting: acceptance)
        let new = try #require(try await signer.chain().links.last?.key)
        try store.close()
        let fault = try #require(try fixture.verify().fault)
        #expect(fault.index == 6 && fault.reason.contains("did not vouch"))
        #expect(try fixture.verify(VerificationRequest(trusted: new)).isWhole)
    }
}
