import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import AndonWeb
import Foundation
import Hummingbird
import Testing

@Suite("The desk's planned dates")
struct DeskPlannedTests {
    /// A desk with one predictive order.
    private struct Bench {
        let folder: TemporaryFolder
        let store: Store
        let connector: DeskConnector
        var order: WorkOrder
        let id: String

        init(scheduledAt: Timestamp? = Timestamp("2026-12-01T06:30:00Z")) async throws {
            folder = try TemporaryFolder()
            store = try Store(
                folder: try TestDatabase.folder(folder.path), time: SystemTime(),
                steps: DeskSchema.steps + IdentitySchema.steps)
            connector = DeskConnector(store: store)
            order = SampleOrder.make(kind: .predictive, scheduledAt: scheduledAt)
            id = try await connector.perform(.create(order), over: NoWire()).remoteID
        }

        var desk: Desk { Desk(store: store) }

        var routes: DeskRoutes {
            get throws {
                DeskRoutes(
                    desk: desk, web: try Web(timeZone: { "Europe/Berlin" }, plantName: { "Test" }),
                    surroundings: DeskSurroundings(
                        timeZone: { "Europe/Berlin" }, site: { _ in nil }, hidden: { _ in [] }, lines: { _ in [] },
                        photos: NoPhotos(),
                        accounts: Accounts(store: store, policy: AccountPolicy(), origin: "test"),
                        recordEntries: { _, _ in [] }, changed: {}))
            }
        }

        func held() async throws -> DeskOrder { try #require(try await desk.order(order.reference)) }
        func notes() async throws -> [String] { try await desk.papers(Int64(id) ?? 0).notes }
    }

    private struct NoPhotos: PhotoDoor {
        func receive(_ request: Request) async throws -> PhotoForm {
            PhotoForm(form: URLEncodedForm(""), pictures: [], end: {})
        }
    }

    /// A server that asks nobody who they are.
    private struct Anybody: RouterMiddleware {
        func handle(
            _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.caller = .anybody
            return try await next(request, context)
        }
    }

    /// The desk asks nobody.
    private struct NoWire: Wire {
        func now() -> Timestamp { SystemTime().now() }
        func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
            throw .notSent("the desk asks nobody")
        }
    }

    @Test("A date moves once, with a line for each move, and nothing else of the order changes")
    func moves() async throws {
        var bench = try await Bench()
        #expect(bench.connector.traits.reschedules)
        var before = try await bench.held().order
        for (turn, date) in ["2027-01-01T00:15:00Z", "2026-12-01T06:30:00Z", "2027-01-01T00:15:00Z"].enumerated() {
            bench.order.scheduledAt = Timestamp(date)
            for _ in 0..<2 {
                try await bench.connector.reschedule(bench.order, remoteID: bench.id, over: NoWire())
                before.scheduledAt = Timestamp(date)
                #expect(try await bench.held().order == before)
                #expect(try await bench.notes().count == turn + 1)
            }
        }
        let first = try #require(try await bench.notes().first)
        #expect(first.contains("2027-01-01 01:15:00") && first.contains("before: 2026-12-01 07:30:00"), "\(first)")
        try bench.store.close()
    }

    @Test("An order without a date gets its first one; one that the desk never had is gone")
    func firstDate() async throws {
        var bench = try await Bench(scheduledAt: nil)
        let dateless = bench.order
        let refused = await #expect(throws: ConnectorError.self) {
            try await bench.connector.reschedule(dateless, remoteID: bench.id, over: NoWire())
        }
        #expect(refused?.name == "refused")
        bench.order.scheduledAt = Timestamp("2027-01-01T00:15:00Z")
        try await bench.connector.reschedule(bench.order, remoteID: bench.id, over: NoWire())
        #expect(try await bench.held().order.scheduledAt == bench.order.scheduledAt)
        #expect(try await bench.notes().first?.contains("before") == false)
        let order = bench.order
        for id in ["4711", "x"] {
            let gone = await #expect(throws: ConnectorError.self) {
                try await bench.connector.reschedule(order, remoteID: id, over: NoWire())
            }
            let goneToo = await #expect(throws: ConnectorError.self) {
                try await bench.connector.withdraw(id, reason: "r", over: NoWire())
            }
            #expect(gone?.name == "gone" && goneToo?.name == "gone")
        }
        try bench.store.close()
    }

    @Test("An order is taken back with its reason unless somebody works on it; a second time changes nothing")
    func withdraws() async throws {
        let bench = try await Bench()
        try await bench.connector.withdraw(bench.id, reason: "the trend is gone", over: NoWire())
        let cancelled = try await bench.held()
        #expect(cancelled.state == .cancelled && cancelled.closure?.notes == "the trend is gone")
        #expect(try await bench.connector.read(bench.id, over: NoWire())?.state == .cancelled)
        try await bench.connector.withdraw(bench.id, reason: "again", over: NoWire())
        #expect(try await bench.held().closure == cancelled.closure)
        let changes = try await bench.connector.changes(after: nil, over: NoWire())
        #expect(changes.orders.map(\.state) == [.cancelled])
        try await bench.desk.reopen(bench.order.reference, by: "E. Weber")
        try await bench.desk.start(bench.order.reference, by: "E. Weber")
        let error = await #expect(throws: ConnectorError.self) {
            try await bench.connector.withdraw(bench.id, reason: "the trend is gone", over: NoWire())
        }
        #expect(error?.name == "refused")
        #expect(try await bench.held().state == .inProgress)
        try bench.store.close()
    }

    @Test("The date stands on the order's page and in the list, by the plant's clock, and moves there")
    func pages() async throws {
        var bench = try await Bench()
        let router = Router(context: AppContext.self)
        router.add(middleware: Anybody())
        try bench.routes.add(to: router)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let app = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) })
        let running = Task { try await app.runService() }
        let client = TestClient("http://127.0.0.1:\(await ports.first { _ in true } ?? 0)")
        let path = "/desk/\(bench.order.reference)"
        #expect(try await client.get(path).text.contains("Planned for <b>01/12/2026, 07:30</b>"))
        #expect(try await client.get("/desk").text.contains("planned for 01/12/2026, 07:30"))
        bench.order.scheduledAt = Timestamp("2027-01-01T00:15:00Z")
        try await bench.connector.reschedule(bench.order, remoteID: bench.id, over: NoWire())
        let page = try await client.get(path).text
        #expect(page.contains("Planned for <b>01/01/2027, 01:15</b>"))
        // So it is in the note, which the store has with both times.
        #expect(page.contains("Planned for 01/01/2027, 01:15 (before: 01/12/2026, 07:30)"))
        #expect(!page.contains("Planned for <b>01/12/2026"))
        running.cancel()
        _ = try? await running.value
        try bench.store.close()
    }
}
