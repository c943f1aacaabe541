import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The desk's lists")
struct DeskListTests {
    /// The desk asks nobody.
    private struct NoWire: Wire {
        func now() -> Timestamp { SystemTime().now() }
        func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
            throw .notSent("the desk asks nobody")
        }
    }

    /// A desk of its own, with orders on it.
    private struct Bench {
        let folder: TemporaryFolder
        let store: Store
        var desk: Desk { Desk(store: store) }

        init() throws {
            folder = try TemporaryFolder()
            store = try Store(
                folder: try TestDatabase.folder(folder.path), time: TestTime(),
                steps: DeskSchema.steps + IdentitySchema.steps)
        }

        @discardableResult
        func order(_ reference: String, asset: String? = "PRESS-07", priority: Int = 2) async throws -> Reference {
            var order = SampleOrder.make(reference, asset: asset, priority: priority)
            order.route.assignee = nil
            _ = try await DeskConnector(store: store).perform(.create(order), over: NoWire())
            return order.reference
        }

        func listed(_ orders: [DeskOrder]) -> [String] { orders.map(\.order.reference.text) }
    }

    @Test("The own orders come first, whatever the case of the name, the most urgent and then the newest in front")
    func parts() async throws {
        let bench = try Bench()
        let first = try await bench.order("AAAAAAAAA1")
        let urgent = try await bench.order("AAAAAAAAA2", priority: 1)
        let newest = try await bench.order("AAAAAAAAA3")
        let others = try await bench.order("AAAAAAAAA4")
        let free = try await bench.order("AAAAAAAAA5")
        for reference in [first, urgent] { try await bench.desk.assign(reference, to: "E. Weber", by: "Boss") }
        try await bench.desk.assign(newest, to: "E.WEBER", by: "Boss")
        try await bench.desk.assign(others, to: "T. Horn", by: "Boss")
        let list = try await bench.desk.list(DeskView(names: ["e. weber", "e.weber"]))
        #expect(bench.listed(list.mine) == [urgent.text, newest.text, first.text])
        #expect(bench.listed(list.unassigned) == [free.text] && bench.listed(list.others) == [others.text])
        let unknown = try await bench.desk.list(DeskView())
        #expect(unknown.mine.isEmpty && unknown.others.count == 4)
        try await bench.desk.close(urgent, Closure(technician: "E. Weber", notes: "done"))
        #expect(try await bench.desk.list(DeskView(names: ["E. Weber"])).mine.count == 1)
        #expect(try await bench.listed(bench.desk.done(DeskView())) == [urgent.text])
        try bench.store.close()
    }

    @Test("Assets that somebody does not see are in no part, and a line shows its own orders alone")
    func narrowed() async throws {
        let bench = try Bench()
        let seen = try await bench.order("BBBBBBBBB1")
        let hidden = try await bench.order("BBBBBBBBB2", asset: "OVEN \"2\"")
        try await bench.desk.cancel(hidden, reason: "double", by: "Boss")
        try await bench.desk.reopen(hidden, by: "Boss")
        let all = try await bench.desk.list(DeskView())
        #expect(Set(bench.listed(all.unassigned)) == [seen.text, hidden.text])
        let narrow = try await bench.desk.list(DeskView(hidden: ["OVEN \"2\"", "elsewhere"]))
        #expect(bench.listed(narrow.unassigned) == [seen.text])
        #expect(try await bench.listed(bench.desk.list(DeskView(line: "LINE-1")).unassigned) == [seen.text])
        #expect(try await bench.desk.list(DeskView(line: "LINE-9")).unassigned.isEmpty)
        try await bench.desk.cancel(hidden, reason: "double", by: "Boss")
        #expect(try await bench.desk.done(DeskView(hidden: ["OVEN \"2\""])).isEmpty)
        try bench.store.close()
    }

    @Test("However many orders there are, a part shows so many and no more")
    func many() async throws {
        let bench = try Bench()
        for number in 0..<(DeskList.limit + 5) { try await bench.order("CCCCCCC\(100 + number)") }
        #expect(try await bench.desk.list(DeskView()).unassigned.count == DeskList.limit)
        try bench.store.close()
    }
}
