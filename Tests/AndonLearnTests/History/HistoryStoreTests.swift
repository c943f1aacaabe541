import AndonLedger
import AndonModel
import AndonSPC
import AndonSQL
import AndonTesting
import Testing

@testable import AndonLearn

@Suite("Old orders in the store")
struct HistoryStoreTests {
    private static func history(
        _ orders: [HistoryOrder], _ digest: String, in store: Store, until: String = "2026-10-01T00:00:00Z"
    ) async throws -> CourseHistory {
        try await store.write {
            try $0.importHistory(
                name: "old.csv", digest: digest, document: ["until": .string(until)], orders: orders, by: "E. Planner",
                reason: "baseline")
        }
    }

    @Test(
        "Each repair has the next order of its class on its asset as its return, and others have none",
        arguments: [UInt64(95), 96])
    func returns(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let orders = HistoryImportTests.orders(800, &random)
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let first = try await Self.history(Array(orders.prefix(500)), String(repeating: "a", count: 64), in: store)
        _ = try await Self.history(Array(orders.dropFirst(500)), String(repeating: "b", count: 64), in: store)
        func check(_ orders: [HistoryOrder], from seq: Int64) async throws {
            let found = try await store.read { reader in
                try reader.rows("SELECT returned_at FROM course WHERE seq < 0 ORDER BY seq DESC").map {
                    $0["returned_at"] as Int64?
                }
            }
            let expected = orders.map { order -> Int64? in
                guard order.outcome == .repaired, let end = order.endedAt else { return nil }
                return orders.lazy.filter {
                    $0.asset == order.asset && $0.defectClass == order.defectClass && $0.outcome != .dropped
                        && $0.detectedAt > end
                }.map(\.detectedAt).min()
            }
            #expect(found == expected, "seed \(seed)")
            #expect(found.contains { $0 != nil })
        }
        try await check(orders, from: -1)
        _ = try await store.write { try $0.removeHistory(first.id, by: "E. Planner", reason: "wrong plant") }
        try await check(Array(orders.dropFirst(500)), from: -501)
    }

    @Test("The same file is one import; it comes and goes with an entry of the ledger, which has no name in clear")
    func once() async throws {
        var random = SeededRandom(seed: 97)
        let orders = HistoryImportTests.orders(50, &random)
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let digest = String(repeating: "c", count: 64)
        let history = try await Self.history(orders, digest, in: store)
        await #expect(throws: CourseHistoryError.isThere(id: history.id, name: "old.csv", at: history.at)) {
            try await Self.history(orders, digest, in: store)
        }
        #expect(try await store.read { try $0.courseNumbers() } == -50 ... -1)
        #expect(try await store.read { try $0.coursePersons() }.isEmpty == false)
        _ = try await store.write { try $0.removeHistory(history.id, by: "E. Planner", reason: "mistake") }
        await #expect(throws: CourseHistoryError.unknown(history.id)) {
            try await store.write { try $0.removeHistory(history.id, by: "E. Planner", reason: "mistake") }
        }
        #expect(try await store.read { try $0.courseNumbers() } == nil)
        #expect(try await store.read { try $0.coursePersons() }.isEmpty)
        let entries = try await store.read { try $0.ledgerEntries(from: 0, limit: 10) }
        #expect(entries.map(\.kind) == ["history.imported", "history.removed"])
        #expect(entries[0].body["digest"]?.string == digest && entries[0].body["orders"]?.integer == 50)
        let plain = try await store.read { try $0.ledgerBytes(of: 0) }
        #expect(plain.map { !String(decoding: $0, as: UTF8.self).contains("Planner") } == true)
    }

    @Test("Orders that were open in an old file were watched until it was made, not until today")
    func open() async throws {
        let detected = try #require(Timestamp("2026-09-30T00:00:00Z")).microseconds
        let orders = (0..<4).map {
            HistoryOrder(
                number: "\($0)", asset: "P1", defectClass: "crack", outcome: .open, detectedAt: detected,
                raisedAt: detected)
        }
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        _ = try await Self.history(orders, String(repeating: "d", count: 64), in: store)
        let context = try await CourseContext(store)
        let groups = try await CourseGroups([.asset], context: context, settings: LearnSettings(), store)
        let choice = CourseChoice(CourseFilter(histories: .imported), context)
        let fold = try await CourseScan(store).fold(
            TimesFold(choice, groups: groups, chosen: [], horizon: 1)
        ).result
        let cell = try #require(fold.cells[CourseGroups.others])
        #expect(cell.lives(.restoration).rows.map(\.time) == [24] && cell.lives(.restoration).censored == 4)
    }

    @Test("Of two histories, a repair that did not come back was watched until its own ends")
    func ends() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let day: Int64 = 86_400_000_000
        for (asset, until, days) in [("P1", "2026-03-01T00:00:00Z", 10), ("P2", "2026-09-01T00:00:00Z", 40)] {
            let end = try #require(Timestamp(until)).microseconds - Int64(days) * day
            let order = HistoryOrder(
                number: asset, asset: asset, defectClass: "crack", outcome: .repaired, detectedAt: end - day,
                raisedAt: end - day, endedAt: end, action: "CLEAN")
            _ = try await Self.history([order], String(repeating: asset, count: 32), in: store, until: until)
        }
        let context = try await CourseContext(store)
        let choice = CourseChoice(CourseFilter(histories: .imported), context)
        let times = try await CourseScan(store).fold(ReturnTimes(choice)).result
        #expect(times.byAction.values.flatMap(\.rows).map(\.time) == [10, 40])
        let counted = try await CourseScan(store).fold(RecurrenceCount(choice, horizon: 30 * day)).result
        let cells = counted.cells.all.map(\.cell)
        #expect(cells.count == 2 && cells.reduce(0) { $0 + $1.followed } == 1, "ten days are too few to tell")
    }
}
