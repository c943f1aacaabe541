import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("The past in the store")
struct HistoryTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)").path

    /// A store as the version before histories wrote it: three reports, an order that was closed and opened again and
    /// closed, and a batch of counts.
    private func makeOldStore() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let stored = try StoredDatabase(folder: folder)
        try stored.migrate(Array(Schema.steps.prefix(3)))
        try stored.write { db in
            for (seq, severity) in [(1, "0.8"), (2, "\"major\""), (3, nil)] as [(Int, String?)] {
                let stated = severity.map { ",\"severity\":\($0)" } ?? ""
                try db.run(
                    """
                    INSERT INTO inspection VALUES (?, ?, 'd', ?, ?, 'CAM-1', 'A1', NULL, NULL, NULL, 2, 1, 0, ?)
                    """,
                    [
                        seq, "r-\(seq)", seq * 1_000_000, seq * 1_000_000 - 5,
                        "{\"defects\":[{\"class\":\"a\"},{\"class\":\"b\"\(stated)}]}",
                    ])
                for (ordinal, label) in ["a", "b"].enumerated() {
                    try db.run(
                        """
                        INSERT INTO detection VALUES (?, ?, 'A1', ?, 0.9, 0.5, ?, ?, 1, 'raised', ?, 'corrective', 2,
                            0, 'r', 1, 'R.')
                        """,
                        [seq, ordinal, label, seq * 1_000_000 - 5, seq * 1_000_000, Self.reference.text])
                }
            }
            try db.run(
                """
                INSERT INTO work_order (reference, seq, connector, asset, class, kind, priority, delivery, state,
                    raised_at, detected_at, inspection_id, occurrences, noted, last_seen_at, newest_priority, ended_at,
                    closure, document)
                VALUES (?, 1, 'desk', 'A1', 'b', 'corrective', 2, 'acknowledged', 'closed', 1000000, 999995, 'r-1', 1,
                    1, 1, 2, 2600000, '{"verdict":"falseAlarm"}', '{}')
                """, [Self.reference.text])
            let entries = [
                ("order.raised", "1970-01-01T00:00:01.000000Z", "{}"),
                ("order.done", "1970-01-01T00:00:01.500000Z", #"{"from":"open","to":"done"}"#),
                ("order.changed", "1970-01-01T00:00:01.600000Z", #"{"from":"done","to":"done"}"#),
                ("order.reopened", "1970-01-01T00:00:02.000000Z", #"{"from":"done","to":"open"}"#),
                ("order.closed", "1970-01-01T00:00:02.700000Z", #"{"from":"open","to":"closed"}"#),
            ]
            for (index, (kind, at, body)) in entries.enumerated() {
                try db.run(
                    "INSERT INTO ledger VALUES (?, ?, ?, ?, x'', x'')",
                    [index, kind, Self.reference.text, "{\"at\":\"\(at)\",\"body\":\(body)}"])
            }
            try db.run(
                "INSERT INTO frame_batch VALUES ('f', 'd', 2500000)")
            try db.run(
                "INSERT INTO frame_count VALUES ('f', 'CAM-1', 'A1', NULL, 1, 2, 7)")
            try db.run(
                "DELETE FROM ledger WHERE kind = 'nothing'")
        }
        try stored.close()
    }

    private static let reference = Reference("A7K2M9QX3F") ?? Reference(from: SystemRandom())

    @Test("A store of before gets its stated severities, its changes of orders and the places of its counts")
    func migration() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeOldStore()
        let stored = try StoredDatabase(folder: folder)
        try stored.migrate(Schema.steps)
        try stored.read { db in
            let reader = Reader(db: db)
            var reports = try reader.pastReports(1..<4, .none)
            var severities: [Severity?] = []
            while let report = try reports.next() {
                #expect(report.detections.map(\.defect.defectClass) == ["a", "b"])
                #expect(report.detections[0].defect.severity == nil)
                severities.append(report.detections[1].defect.severity)
            }
            #expect(severities == [.score(0.8), .name("major"), nil])

            var changes = try reader.pastChanges(before: 4, above: 0)
            var seen: [(Int64, OrderState, Int64?)] = []
            while let change = try changes.next() {
                seen.append((change.after, change.state, change.endedAt?.microseconds))
            }
            #expect(seen.map(\.0) == [1, 2, 2])
            #expect(seen.map(\.1) == [.done, .open, .closed])
            #expect(seen.map(\.2) == [2_600_000, nil, 2_600_000])

            var frames = try reader.pastFrames(
                from: Timestamp(microseconds: 0), to: Timestamp(microseconds: .max), above: 0)
            let batch = try #require(try frames.next())
            #expect(batch.after == 2 && batch.counts.map(\.count.inspected) == [7])
            #expect(try frames.next() == nil)

            let (judged, silent) = try reader.judgedOrders(
                from: Timestamp(microseconds: 0), to: Timestamp(microseconds: .max))
            #expect(judged.map(\.verdict) == [.falseAlarm] && silent == 0)
            #expect(judged.first?.severity == 0.5 && judged.first?.confidence == 0.9)
        }
        try stored.close()
    }

    @Test("Every change of an order's state is noted behind the last report before it, whatever makes it")
    func triggers() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeOldStore()
        let stored = try StoredDatabase(folder: folder)
        try stored.migrate(Schema.steps)
        try stored.write { db in
            let reader = Reader(db: db)
            let last = try reader.lastChange(before: .max)
            try db.run(
                "UPDATE work_order SET state = 'open', ended_at = NULL")
            try db.run(
                "UPDATE work_order SET assignee = 'x', state = 'open'")
            try db.run(
                "DELETE FROM inspection WHERE seq = 3")
            try db.run("UPDATE work_order SET state = 'inProgress'")
            var changes = try reader.pastChanges(before: .max, above: last)
            var seen: [(Int64, OrderState)] = []
            while let change = try changes.next() { seen.append((change.after, change.state)) }
            #expect(seen.map(\.0) == [3, 2] && seen.map(\.1) == [.open, .inProgress])
            let standing = try reader.ordersStanding(at: 3, raisedBefore: Timestamp(microseconds: .max))
            #expect(standing.map(\.state) == [.inProgress])
            #expect(
                try reader.ordersStanding(at: 2, raisedBefore: Timestamp(microseconds: .max)).map(\.state) == [.done])
            #expect(
                try reader.ordersStanding(at: 1, raisedBefore: Timestamp(microseconds: .max)).map(\.state) == [.open])
        }
        try stored.close()
    }

    @Test("A store that is older is named as such, and with what to do")
    func tooOld() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeOldStore()
        let store = try Store.reading(folder: folder, time: SystemTime())
        let error = #expect(throws: StoreError.self) { try store.readNow { try $0.requireHistory() } }
        #expect(error?.description.contains("start the server once") == true)
        try store.close()
    }
}
