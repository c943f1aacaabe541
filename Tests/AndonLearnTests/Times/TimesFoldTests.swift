import AndonLedger
import AndonModel
import AndonSPC
import AndonSQL
import AndonTesting
import Testing

@testable import AndonLearn

/// Times of orders against a computation from the records one by one.
@Suite("Times of orders")
struct TimesFoldTests {
    private static let end: Int64 = 1_790_000_000_000_000
    private static let hour: Int64 = 3_600_000_000

    private struct Record {
        var seq: Int64
        var stream: Int64
        var crew: Int64
        var priority: Int64
        var returnedAt: Int64
        var stamps: OrderStamps
    }

    private static func records(_ count: Int, _ random: inout SeededRandom) -> [Record] {
        (1...count).map { seq in
            func after(_ time: Int64, _ percent: Int) -> Int64 {
                random.chance(percent) && time > 0 ? time + Int64(random.int(-1...60)) * hour / 2 : 0
            }
            let detected = end - Int64(random.int(1...4000)) * hour
            let outcome = random.pick([CourseOutcome.open, .repaired, .repaired, .repaired, .falseAlarm, .dropped])
            var stamps = OrderStamps(
                outcome: outcome, detectedAt: detected, raisedAt: detected + Int64(random.int(1...5_000_000)))
            stamps.acknowledgedAt = after(stamps.raisedAt, 90)
            stamps.assignedAt = after(stamps.acknowledgedAt, 70)
            stamps.startedAt = after(stamps.acknowledgedAt, 60)
            if outcome != .open {
                stamps.endedAt = detected + Int64(random.int(1...400)) * hour / 4
                stamps.closedAt = outcome == .dropped ? 0 : after(stamps.endedAt, 50)
            }
            let returned =
                outcome == .repaired && random.chance(40) ? stamps.endedAt + Int64(random.int(1...1500)) * hour : 0
            return Record(
                seq: Int64(seq), stream: Int64(random.int(1...4)), crew: Int64(random.int(0...2)),
                priority: Int64(random.int(1...3)), returnedAt: returned, stamps: stamps)
        }
    }

    private static func store(_ records: [Record], _ folder: TemporaryFolder) async throws -> Store {
        let store = try Store(
            folder: try TestDatabase.folder(folder.path), time: TestTime(Timestamp(microseconds: end)))
        try await store.write { transaction in
            for (id, stream) in [("P1", "crack"), ("P1", "dent"), ("P2", "crack"), ("P2", "dent")].enumerated() {
                try transaction.run(
                    "INSERT INTO course_stream (id, asset, class) VALUES (?, ?, ?)", [id + 1, stream.0, stream.1])
            }
            for (id, name) in ["red", "blue"].enumerated() {
                try transaction.run("INSERT INTO course_name (id, kind, text) VALUES (?, 'crew', ?)", [id + 1, name])
            }
            for record in records {
                func optional(_ time: Int64) -> Int64? { time == 0 ? nil : time }
                let stamps = record.stamps
                try transaction.run(
                    """
                    INSERT INTO course (seq, stream, outcome, ended_at, returned_at, detected_at, raised_at,
                        acknowledged_at, assigned_at, started_at, closed_at, priority, crew)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        record.seq, record.stream, stamps.outcome.rawValue, optional(stamps.endedAt),
                        optional(record.returnedAt), stamps.detectedAt, stamps.raisedAt,
                        optional(stamps.acknowledgedAt), optional(stamps.assignedAt), optional(stamps.startedAt),
                        optional(stamps.closedAt), record.priority, optional(record.crew),
                    ])
            }
        }
        return store
    }

    /// One record's span by the words of the definition, not by the code that is tested.
    private static func plain(_ stamps: OrderStamps, _ span: OrderSpan) -> (hours: Double, isEvent: Bool)? {
        let isRepair = stamps.outcome == .repaired
        let table: [OrderSpan: (Int64, Int64)] = [
            .creation: (stamps.detectedAt, stamps.raisedAt),
            .acknowledgement: (stamps.detectedAt, stamps.acknowledgedAt),
            .assignment: (stamps.acknowledgedAt, stamps.assignedAt), .start: (stamps.acknowledgedAt, stamps.startedAt),
            .repair: (stamps.startedAt, isRepair ? stamps.endedAt : 0),
            .restoration: (stamps.detectedAt, isRepair ? stamps.endedAt : 0),
            .closing: (stamps.detectedAt, stamps.closedAt),
        ]
        guard let (from, to) = table[span], from > 0 else { return nil }
        let unit = span == .creation ? 1e6 : 3.6e9
        if to > 0 { return to < from ? nil : (Double(to - from) / unit, true) }
        let last: Int64? =
            switch (stamps.outcome, span) {
            case (.open, _): max(from, end)
            case (.dropped, _): stamps.endedAt
            case (.repaired, .closing), (.falseAlarm, .closing): max(from, end)
            case (.falseAlarm, .repair), (.falseAlarm, .restoration): stamps.endedAt
            default: nil
            }
        guard let last, last >= from else { return nil }
        return (Double(last - from) / unit, false)
    }

    @Test("They are those that the records give one by one, in each group", arguments: [UInt64(81), 82, 83])
    func bruteForce(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let records = Self.records(600, &random)
        let folder = try TemporaryFolder()
        let store = try await Self.store(records, folder)
        let context = try await CourseContext(store)
        let groups = try await CourseGroups(
            [.defectClass, .crew, .priority], context: context, settings: LearnSettings(), store)
        let choice = CourseChoice()
        let sizes = try await CourseScan(store).fold(GroupSizes(choice, groups: groups)).result
        let horizon = 30 * 24 * Self.hour
        let fold = try await CourseScan(store).fold(
            TimesFold(choice, groups: groups, chosen: sizes.largest(1000), horizon: horizon)
        ).result
        let crews = [CourseContext.unnamed, "red", "blue"]
        let expected = Dictionary(grouping: records) {
            [$0.stream % 2 == 1 ? "crack" : "dent", crews[Int($0.crew)], "\($0.priority)"]
        }
        #expect(fold.cells.count == expected.count, "seed \(seed)")
        for (key, cell) in fold.cells {
            let own = try #require(expected[groups.words(key)], "seed \(seed)")
            #expect(cell.orders == own.count && cell.open == own.count { $0.stamps.outcome == .open })
            for span in OrderSpan.allCases {
                let lives = own.compactMap { Self.plain($0.stamps, span) }
                let table = try #require(LifeTable(lives.map { Lifetime(time: $0.hours, isEvent: $0.isEvent) }))
                #expect(cell.lives(span) == table, "seed \(seed), \(span)")
                let missing = cell.unstamped(span) + cell.contradicted(span)
                let notBegun = own.count { record in
                    record.stamps.outcome == .open
                        && (span == .repair
                            ? record.stamps.startedAt == 0
                            : (span == .assignment || span == .start) && record.stamps.acknowledgedAt == 0)
                }
                #expect(missing + notBegun + lives.count == own.count, "seed \(seed), \(span)")
            }
            let repairs = own.filter { $0.stamps.outcome == .repaired }
            let returned = repairs.count { $0.returnedAt > 0 && $0.returnedAt - $0.stamps.endedAt <= horizon }
            let followed = repairs.count {
                let last = $0.returnedAt > 0 ? $0.returnedAt : Self.end
                return $0.returnedAt > 0 && last - $0.stamps.endedAt <= horizon || last - $0.stamps.endedAt >= horizon
            }
            #expect(Int(cell.repairs.returned) == returned && Int(cell.repairs.followed) == followed, "seed \(seed)")
        }
    }

    @Test("Groups beyond the greatest number are counted together, and that is said")
    func others() async throws {
        var random = SeededRandom(seed: 84)
        let records = Self.records(300, &random)
        let folder = try TemporaryFolder()
        let store = try await Self.store(records, folder)
        let report = try await TimesAnswer(Inquiry(by: [.asset, .defectClass], rowsMax: 2), store).report()
        let table = try #require(report.sections.first { $0.heading == OrderSpan.restoration.title }?.table)
        #expect(table.rows.last?[0].words == "others" && table.rows.count == 4)
        #expect(report.sections[0].sentences.contains { $0.contains("2 more, with") })
        func orders(_ row: [Report.Cell]) -> Int {
            guard case .count(let count) = row[2] else { return -1 }
            return count
        }
        #expect(orders(table.rows[0]) == table.rows.dropFirst().reduce(0) { $0 + orders($1) })
    }

    @Test("Open orders are counted for as long as they are open: without them the median would be half of what it is")
    func censored() async throws {
        // Ten orders closed within ten hours; ten more have been open for a hundred.
        let records = (1...20).map { index in
            let isOpen = index > 10
            let detected = Self.end - 100 * Self.hour
            var stamps = OrderStamps(outcome: isOpen ? .open : .repaired, detectedAt: detected, raisedAt: detected)
            if !isOpen { stamps.endedAt = detected + Int64(index) * Self.hour }
            return Record(seq: Int64(index), stream: 1, crew: 0, priority: 1, returnedAt: 0, stamps: stamps)
        }
        let folder = try TemporaryFolder()
        let store = try await Self.store(records, folder)
        let report = try await TimesAnswer(Inquiry(), store).report()
        let table = try #require(report.sections.first { $0.heading == OrderSpan.restoration.title }?.table)
        let median = try #require(table.columns.firstIndex(of: "median, h"))
        let ended = try #require(KaplanMeier((1...10).map { .event(Double($0)) })?.median)
        #expect(ended == 5 && table.rows[0][median] == .number(10, digits: 2))
        #expect(table.rows[0][2] == .count(10) && table.rows[0][1] == .count(20))
    }

    @Test("A stamp that no order has makes a time not measurable, and it is never 0")
    func notMeasurable() async throws {
        let records = (1...5).map { index in
            let detected = Self.end - 100 * Self.hour
            let stamps = OrderStamps(
                outcome: .repaired, detectedAt: detected, raisedAt: detected + 1_500_000,
                endedAt: detected + Int64(index) * Self.hour)
            return Record(seq: Int64(index), stream: 1, crew: 0, priority: 1, returnedAt: 0, stamps: stamps)
        }
        let folder = try TemporaryFolder()
        let store = try await Self.store(records, folder)
        let report = try await TimesAnswer(Inquiry(), store).report()
        #expect(
            report.sections[0].sentences.contains(
                "\(OrderSpan.repair.title): not measurable, because none of 5 orders has \(OrderSpan.repair.stamp)."))
        let table = try #require(report.sections.first { $0.heading == OrderSpan.repair.title }?.table)
        let median = try #require(table.columns.firstIndex(of: "median, h"))
        #expect(table.rows.allSatisfy { $0[median] == .none })
        let creation = try #require(report.sections.first { $0.heading == OrderSpan.creation.title }?.table)
        let seconds = try #require(creation.columns.firstIndex(of: "median, s"))
        #expect(creation.rows[0][seconds] == .number(1.5, digits: 3))
    }

    @Test("A mean running time is given for defects that come evenly, a trend is named where they come faster")
    func runningTime() async throws {
        var records: [Record] = []
        for index in 1...40 {
            // Evenly on P1; on P2 all in the last tenth.
            let even = Self.end - 4000 * Self.hour + Int64(index) * 100 * Self.hour - 50 * Self.hour
            let late = Self.end - 400 * Self.hour + Int64(index) * 10 * Self.hour - 5 * Self.hour
            for (stream, detected) in [(Int64(1), even), (3, late)] {
                let stamps = OrderStamps(outcome: .open, detectedAt: detected, raisedAt: detected)
                records.append(
                    Record(
                        seq: Int64(records.count + 1), stream: stream, crew: 0, priority: 1, returnedAt: 0,
                        stamps: stamps))
            }
        }
        let folder = try TemporaryFolder()
        let store = try await Self.store(records, folder)
        let filter = CourseFilter(from: Self.end - 4000 * Self.hour)
        var settings = LearnSettings()
        settings.assetHours = ["P1": 84]
        let report = try await TimesAnswer(Inquiry(filter: filter, settings: settings), store).report()
        let rows = try #require(
            report.sections.first { $0.heading == "Mean running time between defects" }?.table?.rows)
        #expect(rows.map { $0[0] } == [.text("P1"), .text("P2")])
        #expect(rows[0][3] == .number(50, digits: 1) && rows[0][6].words == "none shown")
        #expect(rows[1][3] == .none && rows[1][6].words == "defects come faster")
    }
}
