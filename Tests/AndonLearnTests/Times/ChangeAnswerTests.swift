import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Testing

@testable import AndonLearn

@Suite("What changed")
struct ChangeAnswerTests {
    private static let hour: Int64 = 3_600_000_000

    /// Old orders of two classes, and the plant's own that take `factor` times as long, of which one in five is open.
    private static func store(factor: Double, seed: UInt64, _ folder: TemporaryFolder) async throws -> Store {
        var random = SeededRandom(seed: seed)
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let now = store.time.now().microseconds
        func hours(_ defect: String) -> Int64 {
            let least = defect == "crack" ? 20 : 4
            return Int64(random.int(least...least * 3))
        }
        let old = (0..<400).map { index in
            let defect = index % 4 == 0 ? "crack" : "dent"
            let detected = now - Int64(9000 + index) * hour
            return HistoryOrder(
                number: "\(index)", asset: "P1", defectClass: defect, outcome: .repaired, detectedAt: detected,
                raisedAt: detected, endedAt: detected + hours(defect) * hour)
        }
        // The other mix: three in four are cracks, which take longer.
        let own = (1...400).map { index -> (defect: String, detected: Int64, end: Int64?) in
            let defect = index % 4 == 0 ? "dent" : "crack"
            let detected = now - Int64(200 + index) * hour
            let end = detected + Int64(Double(hours(defect) * hour) * factor)
            return (defect, detected, index % 50 == 0 ? nil : end)
        }
        try await store.write { transaction in
            _ = try transaction.importHistory(
                name: "old", digest: String(repeating: "e", count: 64), document: [:], orders: old, by: "E. Planner",
                reason: "baseline")
            for (index, order) in own.enumerated() {
                try transaction.run(
                    """
                    INSERT INTO course (seq, stream, outcome, ended_at, detected_at, raised_at, priority)
                    SELECT ?, id, ?, ?, ?, ?, 1 FROM course_stream WHERE class = ?
                    """,
                    [
                        index + 1, order.end == nil ? 0 : 1, order.end, order.detected, order.detected, order.defect,
                    ])
            }
        }
        return store
    }

    @Test(
        "A claimed reduction is shown, refuted or left open by the interval, whatever the mix of classes is",
        arguments: [(0.3, "A reduction by 40 % is shown"), (1.0, "A reduction by 40 % is refuted")])
    func claimed(_ factor: Double, _ words: String) async throws {
        let folder = try TemporaryFolder()
        let store = try await Self.store(factor: factor, seed: 101, folder)
        let report = try await ChangeAnswer(Inquiry(), store).report()
        let section = try #require(report.sections.first { $0.heading == OrderSpan.restoration.title })
        #expect(section.sentences.first?.hasPrefix(words) == true, "\(section.sentences)")
        guard case .number(let ratio, _)? = section.table?.rows[2][4] else {
            Issue.record("no ratio in \(String(describing: section.table))")
            return
        }
        #expect(abs(ratio - factor) < 0.15 * factor + 0.1)
        let started = try #require(report.sections.first { $0.heading == OrderSpan.repair.title })
        #expect(started.sentences.first?.hasPrefix("Not measurable") == true)
    }

    @Test("The share of repairs that hold is compared with an interval for the difference, the same as statsmodels'")
    func firstTime() async throws {
        // Every other one before, and now one in ten, is back after five days; the newest cannot be told yet.
        let before = (0..<60).map { (ago: 400 - Double($0), isBack: $0 % 2 == 0) }
        let now = (0..<60).map { (ago: 200 - Double($0), isBack: $0 % 10 == 0) }
        let bench = try await CourseBench(
            (before + now + [(ago: 3, isBack: false)]).map { repair in
                CourseBench.Repair(
                    asset: "P1", label: "dent", action: "CLEAN", endedAgo: repair.ago, after: repair.isBack ? 5 : nil)
            })
        let day = CourseBench.day
        let moment = bench.time.now().microseconds
        var inquiry = Inquiry(filter: CourseFilter(from: moment - 250 * day))
        inquiry.baseline = moment - 450 * day..<moment - 300 * day
        let report = try await ChangeAnswer(inquiry, bench.store).report()
        let section = try #require(report.sections.first { $0.heading == "First-time fix" })
        let words = try #require(section.sentences.first)
        #expect(words.hasPrefix("Before, 30 of 60 repairs held for 30 days, 50.0 %"), "\(words)")
        #expect(words.contains("now 54 of 60, 90.0 %") && words.hasSuffix("more repairs hold now."), "\(words)")
        #expect(words.contains("40.0 percentage points (95 % interval 24.1 to 53.4)"), "\(words)")
        #expect(section.sentences.count == 2, "both sides are of the same cameras")
        inquiry.baseline = 0..<1
        let without = try await ChangeAnswer(inquiry, bench.store).report()
        let none = try #require(without.sections.first { $0.heading == "First-time fix" })
        #expect(none.sentences.first?.hasPrefix("Not measurable") == true)
        try bench.end()
    }

    @Test("Without anything before, the answer says how to get it; a period of our own can be the one before")
    func baseline() async throws {
        let folder = try TemporaryFolder()
        let store = try await Self.store(factor: 1, seed: 102, folder)
        _ = try await store.write { try $0.removeHistory(1, by: "E. Planner", reason: "test") }
        let without = try await ChangeAnswer(Inquiry(), store).report()
        #expect(without.sections[0].sentences.contains { $0.contains("import the CMMS's old orders") })
        let now = store.time.now().microseconds
        let middle = now - 400 * Self.hour
        var inquiry = Inquiry(filter: CourseFilter(from: middle))
        inquiry.baseline = now - 9000 * Self.hour..<middle
        let report = try await ChangeAnswer(inquiry, store).report()
        let section = try #require(report.sections.first { $0.heading == OrderSpan.restoration.title })
        #expect(section.sentences.first?.hasPrefix("A reduction by 40 % is refuted") == true, "\(section.sentences)")
    }
}
