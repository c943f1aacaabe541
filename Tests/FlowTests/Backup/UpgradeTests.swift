import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

/// Brings stores of each earlier schema along, with the data that the real flow leaves in every table, as far as the tables and
/// columns of then hold it.
@Suite("Stores of earlier and later versions", .serialized)
struct UpgradeTests {
    /// A store of now, and what is in it.
    private struct Source {
        let stored: StoredDatabase
        let columns: [String: [String]]
        let ledger: Verification
        let size: Int64
        let root: [UInt8]
    }

    private static func source() async throws -> Source {
        let stored = try StoredDatabase(folder: try await FactMutationTests.filledFolder())
        var columns: [String: [String]] = [:]
        for table in try stored.tables() { columns[table] = try stored.columns(of: table) }
        let (ledger, size, root) = try stored.read { db in
            let reader = Reader(db: db)
            let size = try reader.ledgerSize()
            return (try reader.verifyLedger(), size, try reader.ledgerRoot(size: size))
        }
        return Source(stored: stored, columns: columns, ledger: ledger, size: size, root: root)
    }

    /// Made from other tables by the steps that bring them, or by triggers since.
    private static let derived: Set<String> = [
        "course", "course_stream", "course_name", "course_person", "course_part", "recurrence_hour", "order_change",
        "part_counter",
    ]

    @Test("A store of each earlier schema is brought along: its data, its ledger and its facts are what they were")
    func each() async throws {
        let source = try await Self.source()
        #expect(source.ledger.isWhole && source.size > 100)
        let steps = Schema.steps
        // No store on PostgreSQL is older than the version that brought that engine.
        let oldest = TestDatabase.isPostgres ? steps.firstIndex { $0.name == "27-camera-scene" } : 0
        var rows = 0
        for count in (try #require(oldest) + 1)..<steps.count {
            let temporary = try TemporaryFolder("andon-upgrade")
            let folder = try TestDatabase.folder(temporary.path + "/data", isBlank: true)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let then = try StoredDatabase(folder: folder)
            try then.migrate(Array(steps.prefix(count)))
            let columns = try Self.fill(then, from: source, steps: count)
            rows += try columns.keys.reduce(0) { try $0 + Self.rows(then, $1, ["1"]).count }
            try then.close()
            try await Self.check(folder, columns, source, "behind step \(steps[count - 1].name)")
        }
        print("upgrade: schemas \(try #require(oldest) + 1) to \(steps.count - 1), \(rows) rows brought along")
        try source.stored.close()
    }

    /// What the tables of then hold of the rows of now.
    ///
    /// - Returns: the columns of each table.
    private static func fill(
        _ then: StoredDatabase, from source: Source, steps count: Int
    ) throws -> [String: [String]] {
        var filled: [String: [String]] = [:]
        var contents: [(table: String, columns: [String], rows: [[DatabaseValue]])] = []
        for table in try then.tables() {
            guard let now = source.columns[table], !(count == 1 && table == "registry_asset") else { continue }
            let columns = try then.columns(of: table).filter { now.contains($0) }
            filled[table] = columns
            contents.append((table, columns, try rows(source.stored, table, columns)))
        }
        try then.withoutTriggers { db in
            for (table, columns, rows) in contents {
                let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
                let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
                // Steps fill some tables with what they find, which is nothing here.
                try db.run("DELETE FROM \(table)")
                for row in rows {
                    try db.run("INSERT INTO \(table) (\(names)) VALUES (\(places))", StatementArguments(row))
                }
            }
        }
        // Numbers that PostgreSQL gives go on behind those that are there.
        if TestDatabase.isPostgres {
            try then.write { db in
                _ = try db.rows("SELECT setval(pg_get_serial_sequence('alarm', 'id'), MAX(id)) AS id FROM alarm")
            }
        }
        return filled
    }

    private static func rows(
        _ stored: StoredDatabase, _ table: String, _ columns: [String]
    ) throws -> [[DatabaseValue]] {
        try stored.read { db in
            let names = columns.map { $0 == "1" ? "1" : "\"\($0)\"" }.joined(separator: ", ")
            return try db.rows("SELECT \(names) FROM \(table)").map { row in
                columns.indices.map { row[$0] as DatabaseValue }
            }
        }
    }

    private static func sorted(_ rows: [[DatabaseValue]]) -> [String] { rows.map { "\($0)" }.sorted() }

    private static func check(
        _ folder: String, _ columns: [String: [String]], _ source: Source, _ when: String
    ) async throws {
        let store = try Store(folder: folder, time: SystemTime())
        let (ledger, facts, root, sum) = try await store.read {
            (
                try $0.verifyLedger(), try $0.verifyFacts(), try $0.ledgerRoot(size: source.size),
                try $0.reconcile()
            )
        }
        #expect(sum.holds, "\(when): \(sum.text)")
        #expect(root == source.root, "\(when): the ledger is another one")
        // Without the tables of the signed log its signatures and names are not there.
        if columns["ledger_value"] != nil { #expect(ledger.isWhole, "\(when): \(ledger)") }
        let now = try StoredDatabase(folder: folder)
        let wholeNow = Set(source.columns.filter { columns[$0.key] == $0.value }.keys)
        if columns["ledger_value"] != nil {
            let wrong = facts.faults.filter { wholeNow.contains($0.table) && !Self.rests(on: $0.table, wholeNow) }
            #expect(wrong.isEmpty, "\(when): \(wrong)")
        }
        for (table, names) in source.columns {
            let before = try Self.sorted(Self.rows(source.stored, table, columns[table] ?? names))
            let after = try Self.sorted(Self.rows(now, table, columns[table] ?? names))
            if columns[table] != nil, !["restored", "registry_asset"].contains(table) {
                #expect(before == after, "\(when): \(table) is not what it was")
            } else if Self.derived.contains(table), columns["order_change"] != nil {
                #expect(
                    after.isEmpty == before.isEmpty, "\(when): \(table) was not made: \(after.count) of \(before.count)"
                )
            }
        }
        // It goes on as any other.
        try await store.write { try $0.alarm("test", subject: "upgrade", "it works") }
        #expect(try await store.checkPages() == nil)
        try now.close()
        try store.close()
        let again = try Store(folder: folder, time: SystemTime())
        #expect(try await again.read { try $0.alarms() }.contains { $0.subject == "upgrade" })
        try again.close()
    }

    /// Whether what a table says is held against others that are not whole.
    private static func rests(on table: String, _ whole: Set<String>) -> Bool {
        let needed: [String: [String]] = [
            "work_order": ["order_change", "ledger_value"], "attempt": ["ledger_value"],
            "picture": ["hold", "order_photo", "evidence_frame"],
            "outbox": ["ledger_value"],
        ]
        return needed[table].map { !$0.allSatisfy(whole.contains) } ?? false
    }

    @Test("A store of a later version is refused with what to do, and nothing in it is changed")
    func later() async throws {
        let temporary = try TemporaryFolder("andon-later")
        let folder = try TestDatabase.folder(temporary.path + "/data", isBlank: true)
        try Store(folder: folder, time: SystemTime()).close()
        let stored = try StoredDatabase(folder: folder)
        let step = SchemaStep(name: "99-later", sql: "CREATE TABLE of_later (id INTEGER PRIMARY KEY);")
        try stored.migrate(Schema.steps + [step])
        try stored.close()
        let error = #expect(throws: StoreError.self) { try Store(folder: folder, time: SystemTime()) }
        guard case .newerSchema = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("written by a newer version") && words.contains(folder), "\(words)")
        #expect(words.contains("install the version of andon that wrote"), "\(words)")
        try Data("plant: { name: Test }\n".utf8).write(to: URL(fileURLWithPath: temporary.path + "/andon.yaml"))
        let (status, output) = try await AndonProcess.run([
            "serve", "--config", temporary.path + "/andon.yaml", "--data", folder, "--port", "0", "--access", "open",
        ])
        #expect(status != 0 && output.contains("written by a newer version"), "\(output)")
        let after = try StoredDatabase(folder: folder)
        #expect(try after.tables().contains("of_later"))
        try after.close()
    }
}
