import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("Orders of a stream", .disabled(if: TestDatabase.isPostgres, "a plan in the words of SQLite"))
struct StreamOrdersTests {
    @Test("What a decision asks of them is found at once, however many are open and none has ended")
    func plans() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try Store(folder: folder, time: SystemTime())
        let plans = try await store.read { reader in
            try [StreamOrders.open, StreamOrders.last, StreamOrders.ended].map { sql in
                try reader.rows("EXPLAIN QUERY PLAN \(sql)", ["a", "c"]).map { $0["detail"] as String }
            }
        }
        for (plan, index) in zip(plans, ["work_order_stream_open", "work_order_stream", "work_order_stream_ended"]) {
            #expect(plan == ["SEARCH work_order USING INDEX \(index) (asset=? AND class=?)"])
        }
        try store.close()
    }
}
