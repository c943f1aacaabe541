import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite(
    "A store without room", .disabled(if: TestDatabase.isPostgres, "the room of a SQLite file is what is limited here"))
struct FullTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)")
        .path

    /// SQLite refuses to grow the database (`SQLITE_FULL`), as when the disk has no room. It holds for the connection,
    /// whatever becomes of the transaction.
    private static func limitPages(_ store: Store, _ pages: Int) async throws {
        do {
            _ = try await store.write { try $0.reader.count("PRAGMA max_page_count = \(pages)") }
        } catch StoreError.full {}
    }

    /// Writes many entries at once, so that some share a transaction.
    ///
    /// - Returns: by subject, whether it was accepted.
    private static func write(_ count: Int, _ name: String, _ store: Store) async throws -> [String: Bool] {
        try await withThrowingTaskGroup(of: (String, Bool).self) { group in
            for number in 0..<count {
                group.addTask {
                    let subject = "\(name)-\(number)"
                    let text = String(repeating: "x", count: number % 7 * 300)
                    do {
                        _ = try await store.write { try $0.record("test", of: subject, ["text": .string(text)]) }
                        return (subject, true)
                    } catch StoreError.full {
                        return (subject, false)
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("What was accepted is there, what was refused is not, and without a restart all goes on when there is room")
    func recovers() async throws {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try await Self.write(50, "before", store).values.allSatisfy { $0 })
        var refusals = 0
        for round in 0..<5 {
            try await Self.limitPages(store, 1)
            let outcomes = try await Self.write(400, "round \(round)", store)
            refusals += outcomes.values.filter { !$0 }.count
            // It may be over already, where what was written since found room.
            #expect(store.failure == nil && store.shortage != nil)
            for (subject, isAccepted) in outcomes {
                let entries = try await store.read {
                    try $0.count("SELECT COUNT(*) FROM ledger WHERE subject = '\(subject)'")
                }
                #expect(entries == (isAccepted ? 1 : 0), "\(subject)")
            }
            #expect(try await store.read { try $0.verifyLedger() }.isWhole)
            try await Self.limitPages(store, 1_000_000_000)
            #expect(try await Self.write(100, "after \(round)", store).values.allSatisfy { $0 })
            #expect(store.shortage?.until != nil)
        }
        print("FullTests: \(refusals) of 2000 writes had no room")
        let shortage = try #require(store.takeShortage())
        #expect(shortage.refused > 0 && refusals > 0 && store.takeShortage() == nil)
        try store.close()
        let again = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        #expect(try await Self.write(20, "again", again).values.allSatisfy { $0 })
        #expect(try await again.read { try $0.verifyLedger() }.isWhole)
        #expect(
            try await again.read { try $0.count("SELECT COUNT(*) FROM ledger") } == 50 + 2000 - refusals + 500 + 20)
        try again.close()
    }
}
