import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// What the answer about the model says, against a count by hand of what technicians were made to find.
@Suite("Feedback to the model from orders that ended")
struct FeedbackTests {
    private static let seed: UInt64 = 20_261_128

    private struct Tally {
        var detections = 0
        var verdicts: [Closure.Verdict: Int] = [:]
        var judged: Int { verdicts.values.reduce(0, +) }
    }

    private static func report(
        _ bench: ChartBench, _ id: String, _ label: String, _ version: String, _ camera: String, _ confidence: Double
    ) async throws -> Accepted {
        bench.time.advance(by: .seconds(60))
        return try await bench.accept.accept(
            Inspection(
                id: id, detectedAt: bench.time.now(), camera: camera,
                model: VisionModel(name: "vision", version: version),
                defects: [Defect(defectClass: label, confidence: confidence, severity: .score(0.8))]), picture: nil)
    }

    private static func table(_ answer: JSON, _ heading: String) -> [JSON] {
        let section = answer["sections"]?.array?.first { $0["heading"]?.string == heading }
        return section?["table"]?["rows"]?.array ?? []
    }

    /// The cells of a row that are counts: detections, verdicts, confirmed, false alarms, wrong classes.
    private static func expect(_ rows: [JSON], _ keys: Int, _ tallies: [String: Tally], _ words: String) {
        #expect(rows.count == tallies.count, "\(words): \(rows)")
        for row in rows {
            let name = row.array?.prefix(keys).compactMap(\.string).joined(separator: " ") ?? ""
            let tally = tallies[name] ?? Tally()
            let counts = (keys..<keys + 5).map { row[$0]?.integer }
            let wanted = [
                tally.detections, tally.judged, tally.verdicts[.confirmed] ?? 0, tally.verdicts[.falseAlarm] ?? 0,
                tally.verdicts[.wrongClass] ?? 0,
            ]
            #expect(counts == wanted, "\(words), \(name), seed \(seed)")
            let precision = tally.judged >= 20 ? Double(wanted[2]) / Double(wanted[1]) : nil
            #expect(row[keys + 5]?.number == precision, "\(words), \(name)")
        }
    }

    @Test("Precision by class, version and camera is what a count by hand says; joined detections count once")
    func counts() async throws {
        let bench = try await ChartBench(rules: "rules: { defaults: { minConfidence: 0.5, minSeverity: 0.3 } }\n")
        var random = SeededRandom(seed: Self.seed)
        var (byClass, byModel, byCamera) = ([String: Tally](), [String: Tally](), [String: Tally]())
        var wrong: [(reference: Reference, label: String)] = []
        for step in 0..<90 {
            let (label, camera) = (["chip", "dent"][random.int(0...1)], "CAM-\(random.int(1...3))")
            let version = step < 45 ? "1" : "2"
            let seen = random.int(1...3)
            // The first raises the order, the others join it.
            for further in 0..<seen {
                _ = try await Self.report(bench, "f-\(step)-\(further)", label, version, camera, 0.9)
            }
            let order = try #require(try await bench.orders.last { $0.state.takesOccurrences })
            try await bench.settle()
            let choices: [Closure.Verdict?] = [.confirmed, .confirmed, .confirmed, .falseAlarm, .wrongClass, nil]
            let verdict = choices[random.int(0...5)]
            try await bench.close(order.reference, verdict: verdict)
            if verdict == .wrongClass { wrong.append((order.reference, label)) }
            func add(_ tallies: inout [String: Tally], _ key: String) {
                tallies[key, default: Tally()].detections += seen
                if let verdict { tallies[key, default: Tally()].verdicts[verdict, default: 0] += 1 }
            }
            add(&byClass, label)
            add(&byModel, "\(label) vision \(version)")
            add(&byCamera, "\(camera) \(label)")
        }
        let corrected = try #require(wrong.first)
        let other = corrected.label == "chip" ? "dent" : "chip"
        try await bench.store.write { transaction in
            _ = try transaction.report(
                MissedDefect(defectClass: other, seenAt: transaction.now, order: corrected.reference, by: "E. Weber"))
        }
        let report = try await #require(Question.named("feedback")).ask(Inquiry(), bench.store)
        let answer = report.json
        Self.expect(Self.table(answer, "By class"), 1, byClass, "by class")
        Self.expect(Self.table(answer, "By class and model"), 3, byModel, "by model")
        Self.expect(Self.table(answer, "By camera"), 2, byCamera, "by camera")
        #expect(Self.table(answer, "By class").first { $0[0]?.string == other }?[9] == 1)
        let confusions = Self.table(answer, "Wrong classes")
        #expect(confusions.contains { $0[0]?.string == corrected.label && $0[1]?.string == other && $0[2] == 1 })
        #expect(confusions.compactMap { $0[2]?.integer }.reduce(0, +) == wrong.count)
        #expect(Self.table(answer, "By month").allSatisfy { abs(($0[3]?.number ?? 0) - 0.9) < 1e-12 })
        #expect(report.basis.ledgerSize == (try await bench.store.read { try $0.ledgerHead().size }))
        let one = try await #require(Question.named("feedback")).ask(
            Inquiry(filter: CourseFilter(defectClass: "chip")), bench.store)
        Self.expect(Self.table(one.json, "By class"), 1, byClass.filter { $0.key == "chip" }, "of one class")
        try await bench.end()
    }
}
