import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("What is asked for often", .disabled(if: TestDatabase.isPostgres, "a plan in the words of SQLite"))
struct GrowthTests {
    private static let questions: [(sql: String, arguments: StatementArguments, plan: String)] = [
        (RunningSums.newReports, [1], "SEARCH inspection USING INTEGER PRIMARY KEY (rowid>?)"),
        (RunningSums.newDetections, [1], "SEARCH detection USING INTEGER PRIMARY KEY (rowid>?)"),
        (RunningSums.newOrders, [1], "SEARCH work_order USING COVERING INDEX sqlite_autoindex_work_order_2 (seq>?)"),
        (RunningSums.newEntries, [1], "SEARCH ledger USING COVERING INDEX ledger_kind (kind=? AND rowid>?)"),
        (
            FollowedOrders.page, ["desk", 1, 100],
            "SEARCH work_order USING INDEX work_order_followed (connector=? AND seq>?)"
        ),
        (OldestOrders.waiting, [], "SEARCH work_order USING INDEX work_order_delivery (delivery=?)"),
        (Alarms.up, [], "SCAN alarm USING INDEX alarm_up|USE TEMP B-TREE FOR ORDER BY"),
        (Alarms.countOfUp, [], "SCAN alarm USING INDEX alarm_up"),
    ]

    @Test("It is found in an index of what is new, open or up, and never among all that there is")
    func plans() async throws {
        let folder = try TemporaryFolder("andon-growth")
        let store = try Store(folder: folder.path, time: SystemTime())
        for question in Self.questions {
            let plan = try await store.read { reader in
                try reader.rows("EXPLAIN QUERY PLAN \(question.sql)", question.arguments).map { $0["detail"] as String }
            }
            #expect(plan.joined(separator: "|") == question.plan, "\(question.sql)")
        }
        try store.close()
    }

    @Test("What speaks for a picture is found by the picture, and not among all reports that are as good")
    func pictures() async throws {
        let folder = try TemporaryFolder("andon-growth")
        let store = try Store(folder: folder.path, time: SystemTime())
        let choices: [PictureChoice] = [
            .all, .withoutOrder, .withoutOrderEnded(after: Timestamp(microseconds: 0)),
        ]
        for sql in [Pictures.one] + choices.map(Pictures.page) {
            let plan = try await store.read { reader in
                let values = Array(repeating: Int64(1), count: sql.count { $0 == "?" })
                return try reader.rows("EXPLAIN QUERY PLAN \(sql)", StatementArguments(values))
                    .map { $0["detail"] as String }
            }
            #expect(plan.contains("SEARCH i USING INDEX inspection_picture (picture=?)"))
            #expect(plan.contains { $0.hasPrefix("SEARCH n USING INDEX inspection_good (camera=? AND") })
            #expect(!plan.contains { $0.contains("inspection_defects") || $0.hasPrefix("SCAN i") }, "\(plan)")
        }
        try store.close()
    }
}
