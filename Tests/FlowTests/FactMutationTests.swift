import AndonConfiguration
import AndonIntake
import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

/// Changes single values of the facts, a byte or a bit each, at seeded random places, and asks the check of the facts to
/// find and to place each.
///
/// `ANDON_LEDGER_MUTATIONS` sets how many (400 here, 100 on PostgreSQL, 10,000 in a campaign), `ANDON_LEDGER_SEED` which.
@Suite("Every single-byte change of a fact is found and placed", .serialized)
struct FactMutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count =
        environment["ANDON_LEDGER_MUTATIONS"].flatMap { Int($0) } ?? (TestDatabase.isPostgres ? 100 : 400)
    private static let seed = environment["ANDON_LEDGER_SEED"].flatMap { UInt64($0) } ?? 20_261_126

    /// Not facts, or evidence that verification of the entries checks; docs/ledger.md says why of each.
    private static let tablesLeftOut: Set<String> = [
        "chart_point", "chart_stream", "poll", "shadow", "source_cursor", "source_refusal", "witnessed_log",
        "course", "course_name", "course_part", "course_person", "course_stream", "course_history", "recurrence_hour",
        "missed_order",
        // What somebody keeps of a list of orders: nothing rests on it, and its changes stand in the ledger.
        "order_view",
        // Who works on the store at present.
        "server",
        // Counted from the others; `andon reconcile` counts anew and compares.
        "running_sum",
        // Up to which order a backup goes; each restoration stands in the ledger.
        "restored",
        // Made from site_batch, and what a site knows of its own forwarding.
        "site", "site_report", "site_detection", "site_order", "site_frames", "site_picture", "upstream",
        // Which model counts; each change stands in the ledger.
        "camera_model", "camera_scene", "picture_object", "picture_place",
    ]
    /// Working state: what a queue needs to go on, what a counter has told.
    private static let columnsLeftOut: [String: Set<String>] = [
        "work_order": ["noted", "assigned_at", "started_at", "closed_at"], "picture": ["is_unlinked"],
        "registry": ["read_at"],
        "outbox": [
            "state", "is_head", "attempts", "searches", "due_at", "last_error", "urgency", "passed", "owner", "fence",
        ],
    ]
    private static let rowNames = [
        "inspection": FactTable.inspection.row, "picture": "sha256", "detection": FactTable.detection.row,
        "frame_batch": "id", "frame_count": "rowid", "part_counter": "asset", "work_order": "reference",
        "outbox": "id", "attempt": "id", "alarm": "id", "rules_version": "version",
        "registry_asset": "connector || ' ' || asset", "registry": "connector",
        "chart_repair": FactTable.restart.row, "chart_limits": FactTable.limits.row, "order_change": "number",
        "hold": "id", "hold_asset": FactTable.reach.row, "missed_defect": "id", "order_photo": "id",
        "evidence_frame": "id",
        "chart_cause": "id", "setting_change": "id", "rules_document": "version", "rule_draft": "id",
        "site_batch": "id",
    ]

    /// What the real flow leaves in every table: reports with and without defects, orders that are raised, sent, closed,
    /// reopened and moved, charts with limits, repairs and signals, holds, removed pictures, an erased name.
    ///
    /// - Returns: the folder of the store, which is closed.
    static func filledFolder() async throws -> String {
        let bench = try await ChartBench(
            rules: """
                rules:
                  defaults: { minSeverity: 0.5 }
                  classes:
                    edge_chip: {}
                    chipping: {}
                  charts:
                    chips:
                      kind: u
                      classes: [edge_chip]
                      subgroup: { parts: 10 }
                      limits: { centre: 0.1 }
                      rules: [beyond-3-sigma, run-on-one-side]
                      signal: chipping
                    width: { kind: individuals, of: width, baseline: 5 }
                """)
        try await reports(bench)
        try await bench.settle()
        try await closures(bench)
        try await theRest(bench)
        try await bench.settle()
        await bench.store.checkpoint()
        let facts = try await bench.store.read { try $0.verifyFacts() }
        #expect(facts.isWhole && facts.uncovered.isEmpty, "\(facts)")
        try await bench.stop()
        return bench.folder
    }

    private static func filled() async throws -> StoredDatabase {
        let stored = try StoredDatabase(folder: try await filledFolder())
        // Who alters the database does not run what it says is to be run then.
        try stored.dropTriggers()
        try stored.write { try $0.runScript("DROP INDEX outbox_picture") }
        return stored
    }

    private static func facts(_ stored: StoredDatabase) throws -> FactsVerification {
        try stored.read { try Reader(db: $0).verifyFacts() }
    }

    private static func picture(_ number: Int) -> Picture {
        Picture(
            sha256: Hex.sha256([UInt8(number)]), bytes: 1000 + number, mediaType: .jpeg, width: 640, height: 480,
            damage: number == 3 ? "the end is missing" : nil)
    }

    private static func reports(_ bench: ChartBench) async throws {
        for number in 0..<12 {
            bench.time.advance(by: .seconds(60))
            let defect = Defect(
                defectClass: "edge_chip", confidence: 0.9, severity: .score(number.isMultiple(of: 5) ? 0.9 : 0.2))
            _ = try await bench.accept.accept(
                Inspection(
                    id: "r-\(number)", detectedAt: bench.time.now(), camera: "CAM-\(number % 2 + 1)", lot: "L-7",
                    unit: "U-\(number)", inspected: 10,
                    defects: Array(repeating: defect, count: number.isMultiple(of: 4) ? 0 : 2),
                    attributes: ["width": .number(Double(number) / 7)]), picture: picture(number))
        }
        let now = bench.time.now()
        _ = try await bench.accept.accept(
            FrameCountBatch(
                id: "b-1",
                frames: ["CAM-1", "CAM-3"].map {
                    FrameCount(camera: $0, from: now - .seconds(60), to: now, inspected: 40, lot: "L-7")
                }))
    }

    private static func closures(_ bench: ChartBench) async throws {
        for (number, order) in try await bench.orders.enumerated() {
            bench.cmms.set(
                RemoteOrder(
                    remoteID: "R-\(order.reference)", reference: order.reference, state: .inProgress,
                    vendorState: "INPRG", priority: "2", assignee: number == 0 ? "A. Nowak" : "R. Wilson"))
            await bench.poll()
            guard number < 2 else { continue }
            bench.cmms.set(
                RemoteOrder(
                    remoteID: "R-\(order.reference)", reference: order.reference, state: .closed, vendorState: "CLOSE",
                    priority: "2", assignee: "R. Wilson",
                    closure: Closure(
                        technician: number == 0 ? "A. Nowak" : "R. Wilson", closedAt: bench.time.now(),
                        labourHours: 1.5, causeCode: "WEAR", notes: "die changed", verdict: .confirmed)))
            await bench.poll()
        }
        for number in 12..<24 {
            bench.time.advance(by: .seconds(60))
            try await bench.report(
                "r-\(number)", inspected: 10, defects: number % 2, severity: number == 20 ? 0.9 : 0.2,
                attributes: ["width": .number(Double(number) / 9)])
        }
    }

    private static func theRest(_ bench: ChartBench) async throws {
        try await bench.store.write { transaction in
            for minimum in [0.5, 0.6] {
                let rules: JSON = ["classes": ["edge_chip": ["minSeverity": .number(minimum)]]]
                try transaction.change(
                    SettingRequest(
                        section: "rules", document: rules, by: minimum == 0.5 ? "A. Nowak" : "R. Wilson",
                        reason: "too many", approvedBy: minimum == 0.5 ? "R. Wilson" : "A. Nowak"),
                    from: nil, to: rules, fileDigest: Hex.sha256([1]))
                _ = try transaction.putRulesInForce(rules, document: rules)
            }
            try drafts(transaction)
            for name in ["BEDFORD", "DERBY"] { try siteBatch(name, transaction) }
            try transaction.keepRegistry(
                ["COAT-01", "MILL-03"].map { Asset(id: $0, name: "Machine \($0)", criticality: "A") },
                connector: "desk")
            try transaction.alarm("test", subject: "CAM-1", "it is dark")
            _ = try transaction.report(
                MissedDefect(
                    defectClass: "dent", asset: "MILL-03", camera: "CAM-1", seenAt: transaction.now,
                    words: "behind the clamp", picture: picture(1).sha256, inspection: "r-1",
                    box: Box(x: 10, y: 20.5, width: 30, height: 40), by: "A. Nowak"))
            _ = try transaction.report(
                MissedDefect(
                    defectClass: "dent", seenAt: transaction.now, order: Reference("ABCDEFGH01"), by: "R. Wilson"))
            for number in 1...3 {
                let stated = try transaction.keepCause(
                    StatedCause(
                        chart: "chips", stratum: "asset=MILL-03", first: number, last: number + 1,
                        cause: "a new batch of steel", code: "MAT-\(number)", by: number == 2 ? "A. Nowak" : "R. Wilson"
                    ))
                guard number == 1 else { continue }
                let gone = try transaction.withdraw(cause: stated.number, by: "A. Nowak", reason: "it was the clamp")
                #expect(gone?.withdrawal?.reason == "it was the clamp")
                #expect(try transaction.withdraw(cause: stated.number, by: "A. Nowak", reason: "again") == nil)
            }
            let first = try #require(Reference("ABCDEFGH01"))
            for number in 1...2 { try transaction.keepPhoto(picture(20 + number), of: first, by: "R. Wilson") }
            for offset in [-1, 1] {
                try transaction.keepEvidence(
                    picture(40 + offset), offset: offset, capturedAt: transaction.now, of: "r-1")
            }
            let line = try transaction.place(.asset("LINE-1"), by: "R. Wilson", reason: "claim 7") {
                .assets([$0, "MILL-03"])
            }
            _ = try transaction.place(.lot("L-7"), by: "A. Nowak", reason: "claim 8")
            _ = try transaction.place(.asset("OVEN-02"), by: "R. Wilson", reason: "claim 9")
            _ = try transaction.releaseHold(line.id, by: "R. Wilson", reason: "settled")
            _ = try transaction.releaseHold(2, by: "R. Wilson", reason: "settled")
        }
        bench.time.advance(by: .seconds(60))
        let orders = try await bench.orders
        let open = try #require(orders.last { $0.state.takesOccurrences })
        try await bench.store.write { transaction in
            try transaction.clearAlarm("test", subject: "CAM-1")
            try transaction.alarm("test", subject: "CAM-1", "it is dark again")
            let gone = try transaction.removePictures([picture(0).sha256], for: .space, Retention())
            #expect(gone.count == 1)
            try transaction.unlinked(gone)
            let record = try #require(try transaction.reader.order(open.reference))
            try transaction.apply(
                DateChange(
                    reference: open.reference, number: 1, from: nil, to: transaction.now + .seconds(86_400),
                    reason: "it wears more slowly"), to: record, policy: QueuePolicy(noteEvery: .zero))
            let erasure = try transaction.erase(name: "A. Nowak", by: "R. Wilson", reason: "asked for")
            #expect(erasure.values > 0 && erasure.rows > 0)
        }
    }

    private static func siteBatch(_ site: String, _ transaction: Transaction) throws {
        let batch = SiteBatch(
            site: site, first: 0, next: 1, base: MerkleHash.empty, leaves: [MerkleHash.leaf([1])],
            ledger: .init(size: 1, at: transaction.now))
        try transaction.take(batch, text: batch.document.canonicalText, keys: [], from: "edge")
    }

    /// One that came into force, one that waits, and one that was begun.
    private static func drafts(_ transaction: Transaction) throws {
        func hand(_ name: String, _ account: Int64) -> RuleDraft.Hand {
            RuleDraft.Hand(at: transaction.now, name: name, account: account)
        }
        for number in 0..<3 {
            let document: JSON = ["classes": ["edge_chip": ["minSeverity": .number(Double(number) / 10)]]]
            let opened = try transaction.open(
                RuleDraft(base: 1, baseDocument: [:], document: document, created: hand("A. Nowak", 7)))
            guard number < 2 else { continue }
            var waiting = opened
            waiting.state = .waiting
            waiting.reason = "too many"
            waiting.submitted = hand("A. Nowak", 7)
            waiting = try #require(try transaction.update(waiting, from: opened, .submitted))
            #expect(try transaction.update(waiting, from: opened, .submitted) == nil, "somebody else was faster")
            guard number < 1 else { continue }
            var passed = waiting
            passed.state = .inForce
            passed.version = 2
            passed.approved = hand("R. Wilson", 8)
            _ = try transaction.update(passed, from: waiting, .approved)
        }
    }

    private struct Column {
        var table: String
        var name: String
    }

    private static func columns(_ stored: StoredDatabase) throws -> [Column] {
        let tables = try stored.tables().filter { !$0.hasPrefix("ledger") && !tablesLeftOut.contains($0) }
        #expect(Set(tables) == Set(rowNames.keys), "each table is covered, or left out for a reason")
        return try tables.flatMap { table in
            let count: Int? = try stored.read { try $0.value("SELECT COUNT(*) FROM \(table)") }
            #expect(count ?? 0 > 0, "\(table) is empty")
            return try stored.columns(of: table).filter { !columnsLeftOut[table, default: []].contains($0) }
                .map { Column(table: table, name: $0) }
        }
    }

    /// The value with one byte of a text, or one bit of a number, changed; nil where it has none.
    private static func altered(_ value: DatabaseValue, _ random: inout SeededRandom) -> DatabaseValue? {
        switch value {
        case .integer(let number): return (number ^ (1 << Int64(random.int(0...40)))).databaseValue
        case .real(let number):
            let other = Double(bitPattern: number.bitPattern ^ (1 << UInt64(random.int(0...63))))
            return other.isNaN || other == number ? nil : other.databaseValue
        case .text(let text):
            let bytes = Array(text.utf8)
            guard !bytes.isEmpty else { return nil }
            for _ in 0..<50 {
                var changed = bytes
                changed[random.int(0...bytes.count - 1)] ^= UInt8(random.int(1...255))
                if let text = String(bytes: changed, encoding: .utf8) { return text.databaseValue }
            }
            return nil
        case .blob, .null: return nil
        }
    }

    private struct Change {
        var column: Column
        var row: Row
        var value: DatabaseValue
        var changed: DatabaseValue

        /// A table without row numbers has its key.
        static func places(_ table: String) -> String { table == "hold_asset" ? "hold, asset" : "rowid" }

        var condition: (sql: String, arguments: StatementArguments) {
            row.count == 2
                ? ("rowid = ?", [row[0] as DatabaseValue])
                : ("hold = ? AND asset = ?", [row[0] as DatabaseValue, row[1] as DatabaseValue])
        }
    }

    private static func change(
        _ column: Column, _ stored: StoredDatabase, _ random: inout SeededRandom
    ) throws -> Change? {
        let rows = try stored.read { db in
            try db.rows(
                """
                SELECT \(Change.places(column.table)), \(column.name) AS v FROM \(column.table)
                WHERE \(column.name) IS NOT NULL
                """)
        }
        guard !rows.isEmpty else { return nil }
        let row = random.pick(rows)
        let value: DatabaseValue = row["v"]
        return altered(value, &random).map { Change(column: column, row: row, value: value, changed: $0) }
    }

    /// What the check says of one change, which is undone again, and how the row may be named.
    private static func check(_ change: Change, _ stored: StoredDatabase) throws -> (FactsVerification?, Set<String>) {
        var names: Set<String> = []
        let (table, name, condition) = (change.column.table, change.column.name, change.condition)
        do {
            let found = try stored.trying { db in
                func note() throws {
                    let sql = "SELECT \(rowNames[table] ?? "''") FROM \(table) WHERE "
                    if let row = try db.row(sql + condition.sql, condition.arguments) {
                        names.insert(FactCursor.words(row[0]))
                    }
                    // A row whose name is the number that was altered is found no more by that.
                    if rowNames[table]?.contains(name) == true { names.insert(FactCursor.words(change.changed)) }
                }
                try note()
                try db.run(
                    "UPDATE \(table) SET \(name) = ? WHERE " + condition.sql, [change.changed] + condition.arguments)
                try note()
                return try Reader(db: db).verifyFacts()
            }
            return (found, names)
        } catch let error as DatabaseError where error.kind == .constraint {
            // Another row has that name: no such change can be made.
            return (nil, names)
        }
    }

    @Test("In any column of any table: each is found, in its table and row, and none in what was not altered")
    func facts() async throws {
        let stored = try await Self.filled()
        let columns = try Self.columns(stored)
        var random = SeededRandom(seed: Self.seed)
        var (done, found, placed, refused) = (0, 0, 0, 0)
        while done < Self.count {
            let column = random.pick(columns)
            guard let change = try Self.change(column, stored, &random) else { continue }
            done += 1
            let (result, names) = try Self.check(change, stored)
            guard let result else {
                refused += 1
                continue
            }
            let words: Comment = """
                \(column.table).\(column.name) of \(change.row[0] as DatabaseValue), \(change.value) as \(change.changed): \
                \(result.faults), seed \(Self.seed)
                """
            if !result.isWhole { found += 1 }
            #expect(!result.isWhole, words)
            let isPlaced = result.faults.contains {
                let row = $0.row
                return $0.table == column.table && (row.hasPrefix("of ") || names.contains { row.hasSuffix($0) })
            }
            if isPlaced { placed += 1 }
            #expect(isPlaced || result.isWhole, words)
        }
        #expect(try Self.facts(stored).isWhole)
        print(
            "facts: \(done) changes of \(columns.count) columns, \(found) found, \(placed) placed, \(refused) refused by "
                + "the table, seed \(Self.seed)")
    }

    @Test("A row that was added, and one that was taken away, are named in each table")
    func rows() async throws {
        let stored = try await Self.filled()
        for table in Self.rowNames.keys.sorted() {
            for isLast in [false, true] {
                let order = "ORDER BY \(Change.places(table)) \(isLast ? "DESC" : "ASC") LIMIT 1"
                try stored.trying { db in
                    let row = try #require(
                        try db.row("SELECT \(Change.places(table)), 1 AS v FROM \(table) \(order)"))
                    let change = Change(
                        column: Column(table: table, name: "v"), row: row, value: .null, changed: .null)
                    try db.run("DELETE FROM \(table) WHERE " + change.condition.sql, change.condition.arguments)
                    let faults = try Reader(db: db).verifyFacts().faults
                    #expect(faults.contains { $0.table == table }, "\(table), \(order): \(faults)")
                }
            }
        }
        #expect(try Self.facts(stored).isWhole)
    }
}
