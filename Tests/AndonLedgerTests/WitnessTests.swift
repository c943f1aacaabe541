import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("Sites sign for each other")
struct WitnessTests {
    @Test("A witness signs what continues, says what it saw last, and refuses a fork; its signature is kept")
    func cosigned() async throws {
        let (ours, theirs) = (try LedgerFixture(seed: 1), try LedgerFixture(seed: 2))
        let (store, other) = (try ours.store(), try theirs.store())
        let signer = try await ours.signer(store)
        let log = try #require(try await signer.chain().links.first?.key)
        let witness = try Witness(other, name: "quality.example/witness", logs: [log])
        #expect(try Witness(other, name: "ignored", logs: []).verifier == witness.verifier, "one key, kept")

        try await ours.add(9, to: store)
        let request = try await signer.witnessRequest(old: 0)
        let line = try await witness.cosign("\(request)")
        let kept = try await signer.keepCosignatures(line, size: 10, witnesses: [witness.verifier])
        #expect(kept == [witness.verifier])
        let newest = try #require(try await store.read { try $0.newestCheckpoint(withCosignatures: true) })
        let signatures = try newest.note.checkpoint(by: [log], witnesses: [witness.verifier]).signatures
        #expect(signatures.last?.time == 1_760_000_000)

        try await ours.add(30, to: store)
        await #expect(throws: WitnessRefusal.otherSize(10)) {
            try await witness.cosign("\(try await signer.witnessRequest(old: 0))")
        }
        _ = try await witness.cosign("\(try await signer.witnessRequest(old: 10))")
        #expect(try await witness.cosign("\(try await signer.witnessRequest(old: 40))").hasPrefix("— quality.example"))
        try store.close()
        let result = try ours.verify()
        #expect(result.isWhole && result.cosignatures == 1)

        // The same log, begun once more with its own key.
        try TestDatabase.remove(ours.data)
        let forked = try ours.store()
        let fork = try await ours.signer(forked)
        try await ours.add(60, to: forked)
        let forkRequest = try await fork.witnessRequest(old: 40)
        await #expect(throws: WitnessRefusal.self) { try await witness.cosign("\(forkRequest)") }
        try forked.close()
        try other.close()
    }

    @Test("Each kind of a bad request has its own refusal, and nothing is signed")
    func refusals() async throws {
        let (ours, theirs) = (try LedgerFixture(seed: 1), try LedgerFixture(seed: 2))
        let (store, other) = (try ours.store(), try theirs.store())
        let signer = try await ours.signer(store)
        let log = try #require(try await signer.chain().links.first?.key)
        let witness = try Witness(other, name: "w", logs: [log])
        try await ours.add(9, to: store)
        let request = try await signer.witnessRequest(old: 0)
        func refusal(_ body: String) async -> WitnessRefusal? {
            do {
                _ = try await witness.cosign(body)
                return nil
            } catch {
                return error as? WitnessRefusal
            }
        }
        if case .malformed = await refusal("nonsense") {} else { Issue.record("malformed") }
        let stranger = try Witness(other, name: "w", logs: [])
        await #expect(throws: WitnessRefusal.unknownLog("andon.example/plant-a")) {
            try await stranger.cosign("\(request)")
        }
        var forged = request
        forged.note.signatures[0].bytes[3] ^= 1
        if case .notSigned = await refusal("\(forged)") {} else { Issue.record("not signed") }
        var unsigned = request
        unsigned.note.signatures[0].name = "somebody"
        if case .notSigned = await refusal("\(unsigned)") {} else { Issue.record("by nobody known") }
        var padded = request
        padded.proof = [MerkleHash.empty]
        if case .inconsistent = await refusal("\(padded)") {} else { Issue.record("a proof that should be empty") }
        var above = request
        above.old = 11
        if case .malformed = await refusal("\(above)") {} else { Issue.record("old above new") }
        #expect(await refusal("\(request)") == nil)
        try await ours.add(9, to: store)
        var next = try await signer.witnessRequest(old: 10)
        next.proof.swapAt(0, 1)
        if case .inconsistent = await refusal("\(next)") {} else { Issue.record("a proof that does not hold") }
        try store.close()
        try other.close()
    }

    @Test("Signatures of strangers are passed over, false ones refused")
    func strangers() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let key = try SigningKey(name: "w", algorithm: .cosignature, seed: Array(0..<32))
        let text = try await signer.checkpoint().note.text
        let line = "\(try key.sign(text, time: 5))"
        #expect(try await signer.keepCosignatures(line, size: 1, witnesses: []).isEmpty)
        await #expect(throws: TransparencyError.self) {
            try await signer.keepCosignatures(line, size: 2, witnesses: [key.verifier])
        }
        let other = "\(try key.sign(text + "x\n", time: 5))"
        await #expect(throws: TransparencyError.self) {
            try await signer.keepCosignatures(other, size: 1, witnesses: [key.verifier])
        }
        #expect(try await signer.keepCosignatures(line, size: 1, witnesses: [key.verifier]) == [key.verifier])
        try store.close()
    }

    @Test("A real authority stamps the newest checkpoint, and openssl verifies the stamp over its note")
    func stamped() async throws {
        let fixture = try LedgerFixture()
        let authority = try await TimestampAuthority()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        try await fixture.add(3, to: store)
        let (size, request) = try #require(try await signer.stampRequest())
        let answer = try await authority.answer(request.bytes)
        #expect(size == 4)
        _ = try await signer.keep(answer, to: request, size: size)
        #expect(try await signer.stampRequest() == nil, "stamped")
        let other = TimestampRequest(of: [1], nonce: nil)
        await #expect(throws: TransparencyError.self) { try await signer.keep(answer, to: other, size: size) }
        let stamp = try #require(try await store.read { try $0.newestStamp() })
        let note = try #require(try await store.read { try $0.checkpoint(size: stamp.size) }).note
        #expect(try await authority.verifies(stamp.reply, of: Array(note.description.utf8)))
        try store.close()
        #expect(try fixture.verify().isWhole)
        try fixture.alter("UPDATE ledger_stamp SET request = zeroblob(60)")
        #expect(try fixture.verify().fault?.index == 3)
    }
}
