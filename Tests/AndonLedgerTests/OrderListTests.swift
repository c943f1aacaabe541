import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@Suite("Lists of orders")
struct OrderListTests {
    /// An order as a test wants it in the store.
    private struct Made: Sendable {
        var order: WorkOrder
        var state: OrderState
        var delivery: Delivery
        var occurrences: Int
        var seenAt: Timestamp
    }

    private static let assets = ["PRESS-07", "MILL-03", "LATHE-1"]
    private static let classes = ["scratch", "dent"]

    private static func made(_ count: Int, _ random: inout SeededRandom) -> [Made] {
        let source = SeededSource(seed: random.next())
        let start = Timestamp(microseconds: 1_760_000_000_000_000)
        return (0..<count).map { number in
            var order = SampleOrder.make(
                Reference(from: source).text, asset: random.pick(assets), priority: random.int(1...4))
            order.defectClass = random.pick(classes)
            order.place.connector = random.pick(["cmms", "desk"])
            // Several in one moment, as a batch has them.
            order.raisedAt = start + .seconds(number / 3)
            return Made(
                order: order, state: random.pick(OrderState.allCases), delivery: random.pick(Delivery.allCases),
                occurrences: random.int(1...5), seenAt: start + .seconds(random.int(0...20)))
        }
    }

    private static func keep(_ all: [Made], in store: Store) async throws {
        try await store.write { transaction in
            for made in all {
                try transaction.raise(made.order, policy: QueuePolicy())
                try transaction.run(
                    "UPDATE work_order SET state = ?, delivery = ?, occurrences = ?, last_seen_at = ? WHERE reference = ?",
                    [
                        made.state.rawValue, made.delivery.rawValue, made.occurrences, made.seenAt.microseconds,
                        made.order.reference.text,
                    ])
            }
        }
    }

    private static func isBefore(_ one: OrderRecord, _ other: OrderRecord, _ sort: OrderSearch.Sort) -> Bool {
        func before<Key: Comparable>(_ key: (OrderRecord) -> Key) -> Bool {
            key(one) == key(other) ? one.seq < other.seq : key(one) < key(other)
        }
        switch sort {
        case .sequence: return one.seq < other.seq
        case .raised: return before(\.raisedAt)
        case .priority: return before(\.priority)
        case .state: return before { $0.state.rawValue }
        case .seen: return before(\.lastSeenAt)
        case .occurrences: return before(\.occurrences)
        }
    }

    /// Some conditions, and the same in plain words.
    private static func condition(
        _ random: inout SeededRandom
    ) -> (ask: @Sendable (inout OrderSearch) -> Void, holds: @Sendable (OrderRecord) -> Bool) {
        let (asset, name) = (random.pick(assets), random.pick(classes))
        let (state, priority) = (random.pick(OrderState.allCases), random.int(1...4))
        switch random.int(0...8) {
        case 0: return ({ $0.asset = asset }, { $0.asset == asset })
        case 1: return ({ $0.defectClass = name }, { $0.defectClass == name })
        case 2: return ({ $0.state = state }, { $0.state == state })
        case 3: return ({ $0.isOpen = true }, { $0.state.takesOccurrences })
        case 4: return ({ $0.priority = priority }, { $0.priority == priority })
        case 5: return ({ $0.connector = "desk" }, { $0.connector == "desk" })
        case 6: return ({ $0.delivery = .dead }, { $0.delivery == .dead })
        case 7: return ({ $0.hidden = [asset] }, { $0.asset != asset })
        default: return ({ _ in }, { _ in true })
        }
    }

    @Test(
        "Page by page every order comes once and in order, forwards and backwards, whatever is asked for and sorted by")
    func pages() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        try await Self.keep(Self.made(120, &random), in: store)
        let all = try await store.read { try $0.orders(OrderSearch(limit: 1000)) }
        #expect(all.count == 120, "seed \(seed)")
        for sort in OrderSearch.Sort.allCases {
            for isDescending in [true, false] {
                for _ in 0..<4 {
                    let (ask, holds) = Self.condition(&random)
                    var wanted = OrderSearch(limit: random.int(1...17))
                    (wanted.sort, wanted.isDescending) = (sort, isDescending)
                    ask(&wanted)
                    let expected = all.filter(holds).sorted { one, other in
                        isDescending ? Self.isBefore(other, one, sort) : Self.isBefore(one, other, sort)
                    }.map(\.reference.text)
                    try await Self.walk(wanted, expected, store, "seed \(seed), \(sort), down \(isDescending)")
                }
            }
        }
        try store.close()
    }

    private static func walk(
        _ first: OrderSearch, _ expected: [String], _ store: Store, _ what: Comment
    ) async throws {
        var search = first
        var found: [String] = []
        var pages: [[String]] = []
        var last: OrderPage?
        while pages.count <= expected.count {
            let asked = search
            let page = try await store.read { try $0.orderPage(asked) }
            pages.append(page.orders.map(\.reference.text))
            found += pages.last ?? []
            last = page
            guard let next = page.next else { break }
            // As it goes through an address.
            search.page = .after(try #require(OrderCursor(next.text, first.sort)))
        }
        #expect(found == expected, what)
        for before in pages.dropLast().reversed() {
            search.page = .ahead(try #require(last?.previous, what))
            let asked = search
            last = try await store.read { try $0.orderPage(asked) }
            #expect(last?.orders.map(\.reference.text) == before, what)
        }
        #expect(last?.previous == nil, what)
    }

    @Test(
        "Every sort goes along its index, every rare condition goes to its own, and nothing goes through all rows",
        .disabled(if: TestDatabase.isPostgres, "SQLite's plans are looked at"))
    func plans() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let sorts: [(OrderSearch.Sort, String)] = [
            (.raised, "work_order_of_time"), (.priority, "work_order_priority"), (.state, "work_order_of_state"),
            (.seen, "work_order_seen"), (.occurrences, "work_order_occurrences"),
        ]
        for (sort, index) in sorts {
            var search = OrderSearch()
            search.sort = sort
            search.page = .after(try #require(OrderCursor(sort == .state ? "open.7" : "3.7", sort)))
            let asked = search
            let plan = try await store.read { try $0.plan(of: asked) }
            #expect(plan.contains { $0.contains(index) }, "\(sort): \(plan)")
            #expect(plan.filter { $0.contains("TEMP B-TREE") }.count <= 1, "the page alone is sorted: \(plan)")
        }
        let conditions: [(String, @Sendable (inout OrderSearch) -> Void)] = [
            ("work_order_of_asset", { $0.asset = "A" }), ("work_order_of_class", { $0.defectClass = "c" }),
            ("work_order_of_open", { $0.isOpen = true }), ("work_order_of_open", { $0.state = .open }),
            ("work_order_of_state", { $0.state = .missing }), ("work_order_delivery", { $0.delivery = .dead }),
            ("inspection_lot", { $0.lot = "L" }), ("work_order_number", { $0.number = "1" }),
        ]
        for (index, ask) in conditions {
            for sort in OrderSearch.Sort.allCases {
                var search = OrderSearch()
                search.sort = sort
                ask(&search)
                let asked = search
                let plan = try await store.read { try $0.plan(of: asked) }
                #expect(plan.contains { $0.contains(index) }, "\(index), \(sort): \(plan)")
                #expect(!plan.contains { $0.hasPrefix("SCAN work_order") && !$0.contains("INDEX") }, "\(plan)")
            }
        }
        try store.close()
    }

    @Test("A cursor of another sort, or made up, is none")
    func cursors() {
        #expect(OrderCursor("open.7", .state)?.text == "open.7")
        #expect(OrderCursor("7.7", .state) == nil && OrderCursor("open.7", .priority) == nil)
        for text in ["", ".", "7", "7.", ".7", "7.7.7", "7.x", "99999999999999999999.1"] {
            #expect(OrderCursor(text, .seen) == nil, "\(text)")
        }
    }

    @Test("A word is found to be what it is: an order before an asset, in either case of letters")
    func words() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        var order = SampleOrder.make("A7K2M9QX3F")
        order.defectClass = "scratch"
        let made = order
        try await store.write { transaction in
            try transaction.raise(made, policy: QueuePolicy())
            try transaction.acknowledge(
                made.reference, Receipt(remoteID: "_V088", number: "WO-1234", link: nil))
        }
        let cases: [(String, OrderWord?)] = [
            ("A7K2M9QX3F", .number("A7K2M9QX3F")), ("a7k2m9qx3f", .number("A7K2M9QX3F")),
            ("WO-1234", .number("WO-1234")), ("wo-1234", .number("WO-1234")), ("_V088", .number("_V088")),
            ("PRESS-07", .asset("PRESS-07")), ("press-07", .asset("PRESS-07")), ("Scratch", .defectClass("scratch")),
            ("nothing", nil), ("'; DROP TABLE work_order; --", nil),
        ]
        for (word, expected) in cases {
            #expect(try await store.read { try $0.meaning(of: word) } == expected, "\(word)")
        }
        guard case .time(let from, let to) = try await store.read({ try $0.meaning(of: "2026-11-23") }) else {
            Issue.record("a day is a day")
            return
        }
        #expect(to - from == .seconds(86_400))
        try store.close()
    }

    @Test("A view is kept, renamed and deleted, each with an entry; its name is its owner's once")
    func views() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        func save(_ name: String, of owner: Int64?) async throws -> OrderView {
            try await store.write { try $0.saveOrderView(name, query: "state=open", owner: owner, by: "K. Sommer") }
        }
        let mine = try await save("  my   presses ", of: 2)
        #expect(mine.name == "my presses")
        let shared = try await save("my presses", of: nil)
        for name in ["my presses", "", String(repeating: "x", count: 61)] {
            await #expect(throws: Problem.self) { try await save(name, of: 2) }
        }
        #expect(try await store.read { try $0.orderViews(of: 2) }.map(\.id) == [shared.id, mine.id])
        #expect(try await store.read { try $0.orderViews(of: 3) }.map(\.id) == [shared.id])
        #expect(try await store.read { try $0.orderViews(of: nil) }.map(\.id) == [shared.id])
        try await store.write { try $0.rename(mine, to: "presses", by: "K. Sommer") }
        #expect(try await store.read { try $0.orderView(mine.id) }?.name == "presses")
        try await store.write { try $0.delete(shared, by: "K. Sommer") }
        #expect(try await store.read { try $0.orderView(shared.id) } == nil)
        let entries = try await store.read { reader in
            try reader.ledgerEntries(of: "view/\(mine.id)") + reader.ledgerEntries(of: "view/\(shared.id)")
        }
        #expect(entries.map(\.kind) == ["view.saved", "view.renamed", "view.saved", "view.removed"])
        #expect(entries.allSatisfy { $0.body["by"]?.string == "K. Sommer" })
        #expect(
            entries[1].body["before"]?["name"] == "my presses" && entries[3].body["before"]?["query"] == "state=open")
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        try store.close()
    }
}
