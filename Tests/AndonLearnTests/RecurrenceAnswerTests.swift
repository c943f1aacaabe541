import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLearn

/// A store with courses that a test says, and no orders behind them.
struct CourseBench {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-learn-\(UUID().uuidString)").path
    let store: Store
    let time = TestTime()
    static let day: Int64 = 86_400_000_000

    struct Repair: Sendable {
        var asset: String
        var label: String
        var action: String?
        var person: String?
        var part: String?
        var cause: String?
        /// Days before the end of the watch.
        var endedAgo: Double
        /// Days from the end to the return.
        var after: Double?
    }

    init(_ repairs: [Repair]) async throws {
        store = try Store(folder: try TestDatabase.folder(folder), time: time)
        let now = time.now().microseconds
        try await store.write { transaction in
            for (number, repair) in repairs.enumerated() {
                try transaction.run(
                    "INSERT OR IGNORE INTO course_stream (asset, class) VALUES (?, ?)", [repair.asset, repair.label])
                for (kind, text) in [("action", repair.action), ("part", repair.part), ("cause", repair.cause)] {
                    guard let text else { continue }
                    try transaction.run(
                        """
                        INSERT INTO course_name (kind, text) SELECT ?1, ?2
                        WHERE NOT EXISTS (SELECT 1 FROM course_name WHERE kind = ?1 AND text = ?2)
                        """, [kind, text])
                }
                if let person = repair.person {
                    try transaction.run(
                        """
                        INSERT INTO course_person (name) SELECT ?1
                        WHERE NOT EXISTS (SELECT 1 FROM course_person WHERE name = ?1)
                        """, [person])
                }
                let ended = now - Int64(repair.endedAgo * Double(Self.day))
                let back = repair.after.map { ended + Int64($0 * Double(Self.day)) }
                try transaction.run(
                    """
                    INSERT INTO course (seq, stream, action, outcome, ended_at, returned_at, detected_at, raised_at,
                        priority, cause, person) VALUES (?,
                        (SELECT id FROM course_stream WHERE asset = ? AND class = ?),
                        (SELECT id FROM course_name WHERE kind = 'action' AND text = ?), 1, ?, ?, ?, ?, 2,
                        (SELECT id FROM course_name WHERE kind = 'cause' AND text = ?),
                        (SELECT id FROM course_person WHERE name = ?))
                    """,
                    [
                        number + 1, repair.asset, repair.label, repair.action, ended, back, ended - Self.day,
                        ended - Self.day, repair.cause, repair.person,
                    ])
                if let part = repair.part {
                    try transaction.run(
                        """
                        INSERT INTO course_part SELECT ?, id, 1 FROM course_name WHERE kind = 'part' AND text = ?
                        """, [number + 1, part])
                }
            }
            try transaction.record("test", of: "test", [:])
        }
    }

    func end() throws {
        try store.close()
        try FileManager.default.removeItem(atPath: folder)
    }
}

@Suite("What comes back")
struct RecurrenceAnswerTests {
    private static func random(_ random: inout SeededRandom, _ count: Int) -> [CourseBench.Repair] {
        (0..<count).map { _ in
            let ago = Double(random.int(0...7000)) / 10
            let after = Double(random.int(1...1200)) / 10
            return CourseBench.Repair(
                asset: "A-\(random.int(1...3))", label: ["dent", "scratch"][random.int(0...1)],
                action: [nil, "CLEAN", "REPLACE"][random.int(0...2)], person: ["Nowak", "Wilson"][random.int(0...1)],
                part: [nil, "P-1", "P-2"][random.int(0...2)], endedAgo: ago, after: after < ago ? after : nil)
        }
    }

    private struct Apart {
        var by: [AndonLearn.Dimension]
        var names: (CourseBench.Repair) -> [String]?
    }

    private static func rows(_ report: Report) throws -> [[String]: [Report.Cell]] {
        let table = try #require(report.sections.first?.table)
        let words = table.columns.firstIndex(of: "repairs") ?? 0
        return Dictionary(
            uniqueKeysWithValues: table.rows.map { row in
                (
                    row.prefix(words).map { $0.words ?? "" },
                    Array(row.dropFirst(words))
                )
            })
    }

    @Test("Each row is what is counted by hand", arguments: [UInt64(1), 2])
    func counted(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let repairs = Self.random(&random, 400)
        let bench = try await CourseBench(repairs)
        let apart: [Apart] = [
            Apart(by: [], names: { [$0.label, $0.asset, $0.action ?? "not recorded"] }),
            Apart(by: [.technician], names: { [$0.person ?? "not recorded"] }),
            Apart(by: [.asset, .part], names: { repair in repair.part.map { [repair.asset, $0] } }),
            Apart(by: [.defectClass], names: { [$0.label] }),
        ]
        for each in apart {
            let report = try await RecurrenceAnswer(Inquiry(by: each.by), bench.store).report()
            let rows = try Self.rows(report)
            var plain: [[String]: (repairs: Int, followed: Int, returned: Int)] = [:]
            for repair in repairs {
                guard let name = each.names(repair) else { continue }
                let isBack = repair.after.map { $0 <= 30 } ?? false
                // What came back later had been watched for 30 days without it.
                let isFollowed = isBack || repair.endedAgo >= 30 || (repair.after ?? 0) > 30
                var found = plain[name] ?? (0, 0, 0)
                found = (found.repairs + 1, found.followed + (isFollowed ? 1 : 0), found.returned + (isBack ? 1 : 0))
                plain[name] = found
            }
            #expect(rows.count == plain.count, "seed \(seed)")
            for (name, found) in plain {
                let expected: [Report.Cell] = [.count(found.repairs), .count(found.followed), .count(found.returned)]
                #expect(rows[name].map { Array($0.prefix(3)) } == expected, "seed \(seed), \(name)")
            }
        }
        #expect(try await RecurrenceAnswer(Inquiry(), bench.store).report().basis.ledgerSize == 1)
        try bench.end()
    }

    @Test("Actions that hold differently long are told apart, and the curve begins with all and falls")
    func curves() async throws {
        var random = SeededRandom(seed: 7)
        let repairs = (0..<60).map { number in
            let life = number % 2 == 0 ? Double(random.int(10...200)) / 10 : Double(random.int(1000...3000)) / 10
            return CourseBench.Repair(
                asset: "A-1", label: "dent", action: number % 2 == 0 ? "CLEAN" : "REPLACE", endedAgo: 400, after: life)
        }
        let bench = try await CourseBench(repairs)
        let report = try await RecurrenceAnswer(Inquiry(), bench.store).report()
        let section = try #require(report.sections.first { $0.heading.hasPrefix("Time to the return") })
        #expect(section.sentences.first?.contains("p below 0.0001") == true, "\(section.sentences)")
        #expect(Set(section.curves.map(\.name)) == ["CLEAN", "REPLACE"])
        for curve in section.curves {
            #expect(curve.points.first?.y == 1)
            #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.y >= $1.y && $0.x <= $1.x })
        }
        try bench.end()
    }

    @Test("What repairs cannot be told apart by is named")
    func faults() async throws {
        let bench = try await CourseBench([])
        let faults: [([AndonLearn.Dimension], String)] = [
            ([.action, .lot], "one thing more"), ([.shift], "learn.shifts"), ([.month], "month"),
        ]
        for (by, word) in faults {
            let problem = await #expect(throws: Problem.self) {
                try await RecurrenceAnswer(Inquiry(by: by), bench.store).report()
            }
            #expect(problem?.detail.contains(word) == true, "\(problem?.detail ?? "")")
        }
        let empty = try await RecurrenceAnswer(Inquiry(), bench.store).report()
        #expect(empty.sections.first?.table?.rows.isEmpty == true)
        try bench.end()
    }

    @Test("A shift goes over midnight, and the wall clock over the change to summer time")
    func shifts() throws {
        let settings = LearnSettings(
            shifts: [
                .init(name: "early", from: 360, to: 840), .init(name: "late", from: 840, to: 1320),
                .init(name: "night", from: 1320, to: 360),
            ], timeZone: "Europe/Berlin")
        let clock = try #require(ShiftClock(settings))
        for (text, name) in [
            ("2026-01-15T05:30:00Z", "early"), ("2026-01-15T04:59:59Z", "night"), ("2026-07-15T04:00:00Z", "early"),
            ("2026-07-15T03:59:59Z", "night"), ("2026-01-15T13:00:00Z", "late"), ("2026-01-15T21:00:00Z", "night"),
        ] {
            let time = try #require(Timestamp(text)).microseconds
            #expect(clock.names[clock.shift(at: time)] == name, "\(text)")
        }
    }
}
