import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Testing

@Suite("A full disk", .disabled(if: TestDatabase.isPostgres, "the room of a SQLite file is what is limited here"))
struct FullDiskTests {
    /// SQLite refuses to grow the database: `SQLITE_FULL`, as from a disk without room.
    private static func limitPages(_ store: Store, _ pages: Int) async throws {
        while true {
            do {
                _ = try await store.write { try $0.reader.count("PRAGMA max_page_count = \(pages)") }
                return
            } catch StoreError.full {
                // The limit holds for the connection, whatever becomes of the transaction; but a write before it in the
                // same transaction, which had no room, takes it along before it is there.
                if pages == 1 { return }
            }
        }
    }

    @Test("A commit is synced before it is answered: the writer's connection is in FULL")
    func synced() async throws {
        let harness = try await Harness()
        #expect(try await harness.store.write { try $0.reader.count("PRAGMA synchronous") } == 2)
        try await harness.end()
    }

    @Test(
        "What was answered stays, what was refused left nothing, and all goes on when there is room", arguments: 0..<4)
    func recovers(_ round: Int) async throws {
        let harness = try await Harness()
        for number in 0..<20 { _ = try await harness.report("before-\(number)", asset: "A-\(number % 5)") }
        var refused: Set<String> = []
        var accepted: Set<String> = []
        for cycle in 0..<3 {
            try await Self.limitPages(harness.store, 1)
            // Many at once, so that those with room and those without share transactions.
            let outcomes = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let id = "r\(round)-c\(cycle)-\(number)"
                        do {
                            _ = try await harness.report(id, asset: "B-\(number % 40)", defects: 1 + number % 3)
                            return (id, true)
                        } catch StoreError.full {
                            return (id, false)
                        }
                    }
                }
                return try await group.reduce(into: [(String, Bool)]()) { $0.append($1) }
            }
            accepted.formUnion(outcomes.filter(\.1).map(\.0))
            refused.formUnion(outcomes.filter { !$0.1 }.map(\.0))
            #expect(outcomes.contains { !$0.1 }, "the disk was full")
            #expect(harness.store.failure == nil)
            // It may be over already, where what was written since found room.
            #expect(harness.store.shortage != nil)
            for (id, isKept) in outcomes {
                let isThere = try await harness.store.read { try $0.inspection(id) != nil }
                #expect(isThere == isKept, "\(id)")
            }
            #expect(try await harness.store.read { try $0.verifyLedger() }.isWhole)
            try await Self.limitPages(harness.store, 1_000_000_000)
            // The sender sends it again.
            for id in refused.sorted() { _ = try await harness.report(id, asset: "B-\(id.count)") }
            accepted.formUnion(refused)
            refused = []
        }
        let shortage = try #require(harness.store.takeShortage())
        #expect(shortage.refused > 0 && shortage.until != nil)
        #expect(harness.store.takeShortage() == nil)
        for id in accepted { #expect(try await harness.store.read { try $0.inspection(id) != nil }) }
        try await harness.until("every order is in the CMMS") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0
        }
        let orders = harness.cmms.kept.orders
        let raised = try await harness.store.read { try $0.count("SELECT COUNT(*) FROM work_order") }
        #expect(Set(orders).count == orders.count && raised == orders.count, "each once")
        try await harness.end()
    }
}
