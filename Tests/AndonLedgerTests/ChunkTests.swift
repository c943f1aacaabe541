import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("A ledger is read in chunks, by several at a time")
struct ChunkTests {
    private static func request(level: Int, workers: Int) -> VerificationRequest {
        var request = VerificationRequest()
        (request.level, request.workers) = (level, workers)
        return request
    }

    private func expectSame(_ one: Verification, _ other: Verification, _ words: Comment) {
        #expect(one.fault == other.fault && one.root == other.root && one.keys == other.keys, words)
        #expect(one.withheld == other.withheld && one.checkpoints == other.checkpoints, words)
        if one.isWhole { #expect(one.entries == other.entries && one.cosignatures == other.cosignatures, words) }
    }

    /// Another last byte; a first one where there is none.
    private static func altered(_ value: DatabaseValue) -> DatabaseValue {
        if case .text(let text) = value { return String(text.dropLast() + "~").databaseValue }
        let bytes = Data.fromDatabaseValue(value) ?? Data()
        return Data(bytes.dropLast() + [(bytes.last ?? 0) ^ 1]).databaseValue
    }

    @Test("Chunks of any size, on one connection or on three, find the same, whatever was altered", arguments: [1, 2])
    func same(seed: UInt64) async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        for part in 0..<7 {
            try await fixture.add(37, to: store)
            try await signer.checkpoint()
            if part == 3 { _ = try await signer.rotate(by: LedgerFixture.person, reason: "yearly") }
            if part == 5 {
                _ = try await store.write { try $0.erase(name: LedgerFixture.person, by: "A. Nowak", reason: "asked") }
            }
        }
        await store.checkpoint()
        try store.close()
        let whole = try fixture.verify(Self.request(level: 12, workers: 1))
        #expect(whole.isWhole && whole.withheld > 40 && whole.checkpoints > 7, "\(whole)")
        var random = SeededRandom(seed: seed)
        let columns = ["entry", "leaf", "nodes", "kind", "subject"]
        for number in 0..<24 {
            let row = random.int(0...Int(whole.entries) - 1)
            // The first time nothing is altered.
            let column = random.pick(columns)
            let stored = try StoredDatabase(folder: fixture.data)
            let before = try stored.read { db in
                try db.value("SELECT \(column) FROM ledger WHERE idx = ?", [row]) as DatabaseValue?
            }
            try stored.close()
            if number > 0, let before {
                try fixture.alter("UPDATE ledger SET \(column) = ? WHERE idx = ?", [Self.altered(before), row])
            }
            let plain = try fixture.verify(Self.request(level: 12, workers: 1))
            for (level, workers) in [(0, 3), (1, 1), (3, 3), (4, 3), (5, 2), (6, 1), (8, 3)] {
                let other = try fixture.verify(Self.request(level: level, workers: workers))
                expectSame(plain, other, "level \(level), \(workers) workers, \(column) of \(row), seed \(seed)")
            }
            try fixture.alter("UPDATE ledger SET \(column) = ? WHERE idx = ?", [before, row])
        }
        #expect(try fixture.verify(Self.request(level: 4, workers: 3)).root == whole.root)
    }

    @Test("A position in the middle of a chunk is gone on from")
    func position() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        try await fixture.add(50_100, to: store)
        try await signer.checkpoint()
        try await fixture.add(300, to: store)
        try await signer.checkpoint()
        let positions = try await store.read { reader in
            var found: [VerificationPosition] = []
            _ = try reader.verifyLedger(Self.request(level: 6, workers: 2), onPosition: { found.append($0) })
            return found
        }
        let root = try await store.read { try $0.verifyLedger() }.root
        try store.close()
        let position = try #require(positions.first)
        for (level, workers) in [(2, 2), (6, 1), (7, 3), (12, 1), (17, 1)] {
            var request = Self.request(level: level, workers: workers)
            request.position = position
            let result = try fixture.verify(request)
            #expect(result.isWhole && result.from == position.size && result.root == root, "\(result)")
        }
    }

    @Test("Entries and checkpoints that nobody would read are found: before the first, behind the last")
    func outside() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(40)
        try fixture.alter("INSERT INTO ledger SELECT -1, kind, subject, entry, leaf, nodes FROM ledger WHERE idx = 0")
        #expect(try fixture.verify().fault?.index == 0)
        try fixture.alter("DELETE FROM ledger WHERE idx = -1")
        try fixture.alter("INSERT INTO ledger_value SELECT 77, '/by', salt, value FROM ledger_value LIMIT 1")
        #expect(try fixture.verify().fault?.index == 77)
        try fixture.alter("DELETE FROM ledger_value WHERE idx = 77")
        try fixture.alter("INSERT INTO ledger_checkpoint SELECT 0, note FROM ledger_checkpoint LIMIT 1")
        #expect(try fixture.verify().fault?.index == 0)
        try fixture.alter("DELETE FROM ledger_checkpoint WHERE size = 0")
        #expect(try fixture.verify().isWhole)
    }
}
