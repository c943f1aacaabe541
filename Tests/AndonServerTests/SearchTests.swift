import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Orders are found again")
struct SearchTests {
    @Test("By asset, class, lot, day, reference and the CMMS's number, alone and together")
    func parameters() async throws {
        let server = try ServerFixture()
        func raise(_ id: String, _ lot: String, _ name: String) async throws -> String {
            let report = server.report(
                id, ["lot": .string(lot), "defects": [["class": .string(name), "confidence": 0.9, "severity": 0.8]]])
            let answer = try await server.client.post("/api/v1/inspections", report)
            return try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        }
        let first = try await raise("s-1", "L 1", "scratch")
        let second = try await raise("s-2", "L-2", "dent")
        // It joins the first order, which is of both lots then.
        #expect(try await raise("s-3", "L-3", "scratch") == first)
        let client = server.client
        func found(_ query: String) async throws -> [String] {
            let answer = try await client.get("/api/v1/orders?\(query)")
            #expect(answer.status == 200, "\(answer.text)")
            return (answer.json["orders"]?.array ?? []).compactMap { $0["reference"]?.string }
        }
        #expect(
            try await eventually {
                try await client.get("/api/v1/orders/\(first)").json["order"]?["number"]?.string != nil
            })
        let number = try #require(try await client.get("/api/v1/orders/\(first)").json["order"]?["number"]?.string)
        let escaped = number.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let cases = [
            ("asset=PRESS-07", [second, first]), ("asset=PRESS-08", []), ("class=dent", [second]),
            ("lot=L%201", [first]), ("lot=L-3", [first]), ("lot=L-2&class=scratch", []),
            ("from=2020-01-01&to=2100-01-01", [second, first]), ("to=2020-01-01", []), ("number=\(first)", [first]),
            ("number=\(escaped)", [first]), ("class=scratch&asset=PRESS-07&lot=L-3&from=2020-01-01", [first]),
            ("asset=PRESS-07&limit=1", [second]),
        ]
        for (query, expected) in cases { #expect(try await found(query) == expected, "\(query)") }
        let fault = try await client.get("/api/v1/orders?from=soon")
        #expect(fault.status == 400 && fault.text.contains("from is a day like"))
        try await server.end()
    }

    @Test("Each search goes by an index, and none through all orders")
    func plans() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: SystemTime())
        let now = SystemTime().now()
        let cases: [(String, (inout OrderSearch) -> Void, String)] = [
            ("asset", { $0.asset = "A" }, "work_order_of_asset"),
            ("class", { $0.defectClass = "c" }, "work_order_of_class"),
            ("lot", { $0.lot = "L" }, "inspection_lot"), ("from", { $0.from = now }, "work_order_of_time"),
            ("to", { $0.to = now }, "work_order_of_time"), ("number", { $0.number = "1" }, "work_order_number"),
            ("id in the CMMS", { $0.number = "1" }, "work_order_there"),
        ]
        for (name, ask, index) in cases {
            var search = OrderSearch()
            ask(&search)
            let wanted = search
            let plan = try await store.read { try $0.plan(of: wanted) }
            #expect(plan.contains { $0.contains(index) }, "\(name): \(plan)")
        }
        try store.close()
    }
}
