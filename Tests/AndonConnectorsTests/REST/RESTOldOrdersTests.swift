import AndonConnectors
import AndonModel
import AndonTesting
import Testing

@Suite("The orders of people by a mapping file")
struct RESTOldOrdersTests {
    private static let start = Timestamp("2026-11-20T00:00:00.5Z") ?? Timestamp(microseconds: 0)
    private static let day = start..<start + .seconds(86_400)

    private func make(_ place: BenchPlace, _ oldOrders: String? = nil) throws -> RESTConnector {
        try restConnector(
            """
                url: \(place.url)
                mapping:
                  create: { method: POST, path: /orders, take: { id: /id } }
                  find: { path: /find, rows: /items, id: /id }
                  read: { path: "/orders/{id}" }
                  receipt: { number: "#{id}" }
                  order: { id: /id, state: /status }
                  \(oldOrders.map { "oldOrders: \($0)" } ?? "")
            """)
    }

    private func all(_ connector: RESTConnector, _ place: BenchPlace) async throws -> [OldOrder] {
        var orders: [OldOrder] = []
        var page: String?
        for _ in 0..<10 {
            let found = try await connector.oldOrders(madeIn: Self.day, page: page, over: place.wire)
            orders += found.orders
            page = found.next
            if page == nil { break }
        }
        return orders
    }

    @Test("The sample lists them page by page, each with its repair, and none of another time")
    func sample() async throws {
        let one =
            #"{"id":1,"number":"WO-1","asset":"PRESS-07","status":"DONE","createdAt":"2026-11-20T08:00:00Z","#
            + #""reportedAt":"2026-11-20T07:30:00Z","crew":"M-EARLY","closedAt":"2026-11-20T10:00:00Z","causeCode":"WEAR"}"#
        let system = PlainSystem { request in
            switch (request.path, request.query["page"]) {
            case ("/api/orders", "1"):
                (
                    200,
                    #"{"items":[\#(one),{"id":2,"externalId":"A7K2M9QX3F","status":"OPEN","createdAt":"2026-11-20T09:00:00Z"}]}"#
                )
            case ("/api/orders", "2"):
                (
                    200,
                    #"{"items":[{"id":3,"createdAt":"2026-11-21T00:00:00.5Z"},{"id":4,"createdAt":"2026-11-21T00:00:00Z"}]}"#
                )
            case ("/api/orders", "3"): (200, #"{"items":[{"id":5,"createdAt":"2026-11-20T00:00:00Z"}]}"#)
            case ("/api/orders/1", _): (200, one)
            case ("/api/orders/1/labour", _): (200, #"{"items":[{"minutes":90,"person":"WILSON"}]}"#)
            default: (200, #"{"items":[]}"#)
            }
        }
        let place = try await BenchPlace.make(system)
        let section = try Repository.text("Sources/AndonConnectors/REST/sample.yaml")
            .replacing("connectors:\n  rest:\n", with: "")
            .replacing("https://cmms.plant.example/api", with: place.url + "/api")
            .replacing("CMMS_TOKEN", with: "KEY").replacing("pageSize: 50", with: "pageSize: 2")
        let connector = try restConnector(section)
        #expect(connector.traits.hasOldOrders)
        let orders = try await all(connector, place)
        #expect(orders.map(\.remote.remoteID) == ["1", "2", "4"])
        #expect(orders.map(\.number) == ["WO-1", "2", "4"], "the receipt's number, where a row has none")
        let first = try #require(orders.first)
        #expect(first.asset == "PRESS-07" && first.crew == "M-EARLY" && first.remote.reference == nil)
        #expect(first.reportedAt == Timestamp("2026-11-20T07:30:00Z"))
        #expect(first.createdAt == Timestamp("2026-11-20T08:00:00Z"))
        #expect(first.remote.state == .closed && first.remote.closure?.labourHours == 1.5)
        #expect(orders[1].remote.reference == Reference("A7K2M9QX3F"))
        let lists = system.requests.filter { $0.path == "/api/orders" }
        #expect(lists.map { $0.query["page"] } == ["1", "2", "3"])
        for list in lists {
            #expect(list.query["createdFrom"] == "2026-11-20T00:00:00Z")
            #expect(list.query["createdBefore"] == "2026-11-21T00:00:01Z", "rounded up")
        }
        let asked = system.requests.map(\.path).filter { $0.hasSuffix("/labour") }
        #expect(asked == ["/api/orders/1/labour", "/api/orders/2/labour", "/api/orders/4/labour"])
        #expect(try await connector.read("1", over: place.wire)?.closure == first.remote.closure)
        try await place.stop()
    }

    @Test("The list has details of its own, and the system's token leads on")
    func details() async throws {
        let system = PlainSystem { request in
            switch (request.path, request.query["after"]) {
            case ("/old", nil):
                (200, #"{"rows":[{"id":7,"status":"x","at":"2026-11-20 10:00","machine":"M-1"}],"next":"t 2"}"#)
            case ("/old", "t 2"): (200, #"{"rows":[{"id":8,"status":"x","at":1795168800}]}"#)
            case ("/machines/M-1", _): (200, #"{"code":"","name":"PRESS-07"}"#)
            default: (404, "{}")
            }
        }
        let place = try await BenchPlace.make(system)
        let old = """
            { path: /old, query: { after: "{next}" }, rows: /rows, next: /next, take: { machine: /machine }, \
            details: { machine: { path: "/machines/{machine}" } }, asset: [/machine/0/code, /machine/0/name], createdAt: /at }
            """
        let orders = try await all(try make(place, old), place)
        #expect(orders.map(\.number) == ["#7", "#8"])
        #expect(orders.map(\.asset) == ["PRESS-07", nil])
        let ten = Timestamp("2026-11-20T10:00:00Z")
        #expect(orders.map(\.createdAt) == [ten, ten])
        try await place.stop()
    }

    @Test("One relic without a time is left out; a place that is wrong for all is said")
    func undated() async throws {
        let system = PlainSystem { request in
            request.path == "/none"
                ? (200, #"[{"id":1,"status":"x"},{"id":2,"status":"x"}]"#)
                : (200, #"[{"id":1,"status":"x"},{"id":2,"status":"x","at":"2026-11-20T10:00:00Z"}]"#)
        }
        let place = try await BenchPlace.make(system)
        let orders = try await all(try make(place, "{ path: /one, rows: \"$[*]\", createdAt: /at }"), place)
        #expect(orders.map(\.remote.remoteID) == ["2"])
        let wrong = try make(place, "{ path: /none, rows: \"$[*]\", createdAt: /at }")
        let error = await #expect(throws: ConnectorError.self) { _ = try await all(wrong, place) }
        #expect(error?.name == "refused" && error?.detail.contains("none of 2 orders") == true)
        let without = try make(place)
        #expect(!without.traits.hasOldOrders)
        let refusal = await #expect(throws: ConnectorError.self) { _ = try await all(without, place) }
        #expect(refusal?.name == "refused" && refusal?.detail.contains("oldOrders") == true)
        try await place.stop()
    }

    @Test("A link from an answer makes no other host of the system's")
    func hosts() async throws {
        let system = PlainSystem { request in
            let host = request[header: "host"] ?? ""
            switch request.path {
            case "/look-alike": return (200, #"{"rows":[],"next":"http://\#(host).evil.example/steal"}"#)
            case "/longer": return (200, #"{"rows":[],"next":".evil.example/steal"}"#)
            default: return (404, "{}")
            }
        }
        let place = try await BenchPlace.make(system)
        func second(_ path: String) async throws -> ConnectorError? {
            let call = "{ path: \"{next|default:\(path)}\", rows: /rows, next: /next, createdAt: /at }"
            let connector = try make(place, call)
            return await #expect(throws: ConnectorError.self) { _ = try await all(connector, place) }
        }
        #expect(try await second("/look-alike")?.detail.contains("nothing is sent there") == true)
        _ = try await second("/longer")
        #expect(system.requests.last?.path == "/.evil.example/steal", "it stays a path")
        try await place.stop()
    }

    @Test("Its faults are named with their line before the first order")
    func faults() {
        func fault(_ oldOrders: String, changes: String = "{ path: /c, rows: /r }") -> String {
            let mapping = """
                create: { method: POST, path: /o, take: { id: /id } }
                find: { path: /f, rows: /r, id: /id }
                read: { path: /o }
                order: { id: /id, state: /s }
                oldOrders: \(oldOrders)
                changes: \(changes)
                """
            do {
                _ = try restConnector(
                    "    url: https://x\n    mappingFile: m.yaml", files: { $0 == "m.yaml" ? mapping : nil })
                return "none"
            } catch {
                return "\(error)"
            }
        }
        let good = "path: /o, rows: /r, createdAt: /c"
        #expect(fault("{ \(good), query: { f: \"{from}\", u: \"{until|time:date}\", p: \"{page}\" } }") == "none")
        let cases: [(String, String)] = [
            ("{ path: /o, rows: /r }", "m.yaml:5:12: oldOrders: the option \"createdAt\" is required here"),
            ("{ path: /o, createdAt: /c }", "m.yaml:5:12: oldOrders: the option \"rows\" is required here"),
            ("{ path: /o, rows: /r, createdAt: made }", "m.yaml:5:45: oldOrders.createdAt: should be a JSON Pointer"),
            ("{ \(good), asset: [/a, b] }", "should be a JSON Pointer"),
            ("{ \(good), asset: { code: /a } }", "should be a text"),
            ("{ \(good), created: /c }", "unknown option; did you mean \"createdAt\"?"),
            ("{ \(good), query: { s: \"{since}\" } }", "{since} is not a value that is known here"),
            ("{ \(good), details: { m: { path: \"/m/{machine}\" } } }", "{machine} is not a value that is known here"),
        ]
        for (mapping, words) in cases { #expect(fault(mapping).contains(words), "\(words) not in \(fault(mapping))") }
        let changes = fault("{ \(good) }", changes: "{ path: /c, rows: /r, query: { s: \"{from}\" } }")
        #expect(changes.contains("m.yaml:6:") && changes.contains("{from} is not a value that is known here"))
    }
}
