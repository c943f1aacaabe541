import AndonModel
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("A verification that was broken off goes on")
struct ResumeTests {
    /// A ledger with a checkpoint behind 50,000 entries, and a position there.
    private func position(_ fixture: LedgerFixture) async throws -> VerificationPosition {
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        try await fixture.add(60_000, to: store)
        try await signer.checkpoint()
        try await fixture.add(500, to: store)
        try await signer.checkpoint()
        var positions: [VerificationPosition] = []
        let result = try await store.read { reader in
            var found: [VerificationPosition] = []
            _ = try reader.verifyLedger(onPosition: { found.append($0) })
            return found
        }
        positions += result
        try store.close()
        #expect(positions.map(\.size) == [60_001])
        let position = try #require(positions.first)
        #expect(VerificationPosition(try JSON(parsing: position.json.canonicalText)) == position)
        return position
    }

    @Test("It reads from the saved checkpoint on, finds what is wrong behind it, and says where it began")
    func resumed() async throws {
        let fixture = try LedgerFixture()
        let position = try await position(fixture)
        let request = VerificationRequest(position: position)
        let whole = try fixture.verify(request)
        #expect(whole.isWhole && whole.from == 60_001 && whole.entries == 60_501, "\(whole.fault as Any)")
        #expect(try whole.checkpoints == 3 && whole.root == fixture.verify().root)
        try fixture.alter("UPDATE ledger SET entry = replace(entry, 'n', 'N') WHERE idx = 60100")
        #expect(try fixture.verify(request).fault?.index == 60_100)
        try fixture.alter("UPDATE ledger SET entry = replace(entry, 'N', 'n') WHERE idx = 60100")
        // Honest: what lies before the position is not read again.
        try fixture.alter("UPDATE ledger SET entry = replace(entry, 'quoted', 'Quoted') WHERE idx = 17")
        #expect(try fixture.verify(request).isWhole)
        #expect(try fixture.verify().fault?.index == 17)
    }

    @Test("A position whose checkpoint is not there any more, or another, is not taken: all is read")
    func stale() async throws {
        let fixture = try LedgerFixture()
        let position = try await position(fixture)
        let other = try LedgerFixture(seed: 2)
        _ = try await other.filled(10)
        #expect(try other.verify(VerificationRequest(position: position)).from == 0)
        var json = try #require(position.json.object)
        json["peaks"] = .array(try #require(json["peaks"]?.array).reversed())
        #expect(VerificationPosition(.object(json)) == nil, "its hashes do not lead to its checkpoint")
        #expect(VerificationPosition(.null) == nil)
        try fixture.alter("DELETE FROM ledger_checkpoint WHERE size = 60001")
        #expect(try fixture.verify(VerificationRequest(position: position)).from == 0)
    }
}
