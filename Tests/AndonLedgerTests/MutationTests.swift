import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

/// Changes single bytes of what is stored, at seeded random places, and asks verification to find and to place each.
///
/// `ANDON_LEDGER_MUTATIONS` sets how many (400 here for each of the three, 10,000 in a campaign), `ANDON_LEDGER_SEED` which.
@Suite("Every single-byte change is found and placed", .serialized)
struct MutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["ANDON_LEDGER_MUTATIONS"].flatMap { Int($0) } ?? 400
    private static let seed = environment["ANDON_LEDGER_SEED"].flatMap { UInt64($0) } ?? 20_261_126

    /// A column of evidence. Not among them: `ledger_head.at`, which nothing reads, its `peaks`, which count only where they
    /// make its root, and the answers of time stamping authorities, whose signatures are for openssl.
    private struct Column {
        var table: String
        var name: String
        var key: String
        /// The entry that a fault of a row should name, or one before it (a pair is named by its first).
        var isEntry: Bool

        static let all = [
            Column(table: "ledger", name: "idx", key: "idx", isEntry: true),
            Column(table: "ledger", name: "kind", key: "idx", isEntry: true),
            Column(table: "ledger", name: "subject", key: "idx", isEntry: true),
            Column(table: "ledger", name: "entry", key: "idx", isEntry: true),
            Column(table: "ledger", name: "leaf", key: "idx", isEntry: true),
            Column(table: "ledger", name: "nodes", key: "idx", isEntry: true),
            Column(table: "ledger_value", name: "salt", key: "idx", isEntry: true),
            Column(table: "ledger_value", name: "value", key: "idx", isEntry: true),
            Column(table: "ledger_value", name: "member", key: "idx", isEntry: true),
            Column(table: "ledger_checkpoint", name: "note", key: "size", isEntry: false),
            Column(table: "ledger_checkpoint", name: "size", key: "size", isEntry: false),
            Column(table: "ledger_cosignature", name: "line", key: "size", isEntry: false),
            Column(table: "ledger_cosignature", name: "vkey", key: "size", isEntry: false),
            Column(table: "ledger_key", name: "vkey", key: "idx", isEntry: false),
            Column(table: "ledger_head", name: "root", key: "one", isEntry: false),
            Column(table: "ledger_head", name: "size", key: "one", isEntry: false),
        ]
    }

    private func filled(_ fixture: LedgerFixture) async throws -> VerifierKey {
        let store = try fixture.store()
        let signer = try await fixture.signer(store)
        let witness = try SigningKey(name: "w.example", algorithm: .cosignature, seed: Array(32..<64))
        for part in 0..<6 {
            try await fixture.add(35, to: store)
            let made = try await signer.checkpoint()
            _ = try await signer.keepCosignatures(
                "\(try witness.sign(made.note.text, time: 1))", size: made.checkpoint.size,
                witnesses: [witness.verifier])
            if part == 2 { _ = try await signer.rotate(by: LedgerFixture.person, reason: "yearly") }
        }
        let key = try #require(try await signer.chain().links.first?.key)
        await store.checkpoint()
        try store.close()
        return key
    }

    /// Another byte in the place of one of the value's; nil when the value has none, or cannot hold that byte.
    private static func altered(_ value: DatabaseValue, _ random: inout SeededRandom) -> DatabaseValue? {
        func change(_ bytes: [UInt8]) -> [UInt8]? {
            guard !bytes.isEmpty else { return nil }
            var changed = bytes
            let place = random.int(0...bytes.count - 1)
            changed[place] ^= UInt8(random.int(1...255))
            return changed
        }
        switch value {
        case .integer(let number): return (number ^ (1 << Int64(random.int(0...40)))).databaseValue
        case .blob(let data): return change(data).map { Data($0).databaseValue }
        case .text(let text):
            // Text columns hold text: a byte that makes no UTF-8 would be another kind of change.
            for _ in 0..<50 {
                if let bytes = change(Array(text.utf8)), let text = String(bytes: bytes, encoding: .utf8) {
                    return text.databaseValue
                }
            }
            return nil
        case .null, .real: return nil
        }
    }

    private static func values(of column: Column, _ stored: StoredDatabase) throws -> [(Int64, DatabaseValue)] {
        try stored.read { db in
            try db.rows("SELECT \(column.key), \(column.name) FROM \(column.table)").map {
                ($0[0], $0[1])
            }
        }
    }

    /// What verification says of one change, which is undone again.
    private static func fault(
        of column: Column, _ id: Int64, _ value: DatabaseValue, _ changed: DatabaseValue, _ stored: StoredDatabase,
        _ request: VerificationRequest
    ) throws -> Verification.Fault? {
        do {
            return try stored.trying { db in
                try db.run(
                    "UPDATE \(column.table) SET \(column.name) = ? WHERE \(column.key) = ? AND \(column.name) = ?",
                    [changed, id, value])
                return try Reader(db: db).verifyLedger(request).fault
            }
        } catch let error as DatabaseError where error.kind == .constraint {
            // Another row has that number: no such change can be made.
            return .init(index: id, reason: "refused by the table")
        }
    }

    @Test("In the database: each is found, in its place, and none in the unaltered ledger")
    func database() async throws {
        let fixture = try LedgerFixture()
        let key = try await filled(fixture)
        var random = SeededRandom(seed: Self.seed)
        let request = VerificationRequest(trusted: key)
        let whole = try fixture.verify(request)
        #expect(whole.isWhole && whole.entries == 212 && whole.checkpoints == 8, "\(whole)")
        let stored = try StoredDatabase(folder: fixture.data)
        var (done, found, placed) = (0, 0, 0)
        while done < Self.count {
            let column = random.pick(Column.all)
            let (id, value) = random.pick(try Self.values(of: column, stored))
            guard let changed = Self.altered(value, &random) else { continue }
            var chunked = request
            chunked.level = random.int(0...8)
            let fault = try Self.fault(of: column, id, value, changed, stored, chunked)
            done += 1
            if fault != nil { found += 1 }
            #expect(fault != nil, "\(column.table).\(column.name) of \(id) as \(changed), seed \(Self.seed)")
            guard column.isEntry, let fault else { continue }
            let isPlaced = abs(fault.index - id) <= 1 || column.name == "idx"
            if isPlaced { placed += 1 }
            #expect(isPlaced, "\(column.table).\(column.name) of \(id): \(fault), seed \(Self.seed)")
        }
        try stored.close()
        #expect(try fixture.verify(request).isWhole)
        print("database: \(done) changes, \(found) found, seed \(Self.seed)")
    }

    @Test("In a folder of tiles: the altered file is named, and nothing in the unaltered folder")
    func tiles() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(600)
        let folder = TileFolder(fixture.folder.path + "/tiles")
        let store = try Store.reading(folder: fixture.data, time: fixture.time)
        _ = try store.readNow { try folder.update(from: $0) }
        try store.close()
        #expect(try folder.verify(trusted: key).fault == nil)
        var random = SeededRandom(seed: Self.seed)
        let files = try folder.files()
        var found = 0
        for number in 0..<Self.count {
            let name = random.pick(files)
            let url = URL(fileURLWithPath: "\(folder.path)/\(name)")
            let original = try Data(contentsOf: url)
            var altered = original
            let place = random.int(0...original.count - 1)
            altered[place] ^= UInt8(random.int(1...255))
            try altered.write(to: url)
            let fault = try folder.verify(trusted: key).fault
            try original.write(to: url)
            // An entry that does not fit its hash: the entry's file is named, and the tile's in the reason.
            let isNamed = fault.map { $0.file == name || $0.reason.contains(name) } == true
            if isNamed { found += 1 }
            #expect(isNamed, "change \(number): byte \(place) of \(name): \(fault as Any), seed \(Self.seed)")
        }
        #expect(try folder.verify(trusted: key).fault == nil)
        print("tiles: \(Self.count) changes, \(found) found in their file, seed \(Self.seed)")
    }

    @Test("In a proof file: found, and nothing in the unaltered file")
    func proofs() async throws {
        let fixture = try LedgerFixture()
        let key = try await fixture.filled(300)
        let store = try Store.reading(folder: fixture.data, time: fixture.time)
        var random = SeededRandom(seed: Self.seed)
        var found = 0
        for number in 0..<Self.count {
            let index = Int64(random.int(0...299))
            let text = "\(try store.readNow { try $0.logProof(of: index) })"
            if number % 20 == 0 { #expect(ProofFile.verify(text, name: "p", keys: [key]).fault == nil) }
            var bytes = Array(text.utf8)
            let place = random.int(0...bytes.count - 1)
            bytes[place] ^= UInt8(random.int(1...255))
            guard let altered = String(bytes: bytes, encoding: .utf8) else {
                // The command says that such a file is not UTF-8.
                found += 1
                continue
            }
            let fault = ProofFile.verify(altered, name: "p", keys: [key]).fault
            if fault != nil { found += 1 }
            #expect(fault != nil, "byte \(place) of the proof of \(index), seed \(Self.seed)")
        }
        try store.close()
        print("proofs: \(Self.count) changes, \(found) found, seed \(Self.seed)")
    }
}
