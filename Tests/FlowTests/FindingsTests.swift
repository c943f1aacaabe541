import AndonClose
import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// What people's codes in the CMMS do to the answer about the model.
@Suite("Findings from the CMMS's codes")
struct FindingsTests {
    private static let findings: Findings = {
        var findings = Findings()
        findings.confirmed = .init(cause: ["*"])
        findings.falseAlarm = .init(cause: ["NFF"], state: ["REJECTED"])
        findings.wrongClass = .init(remedy: ["RECLASS"])
        findings.missed = .init(cause: ["CAM-MISS"])
        findings.classes = ["CRK": "crack"]
        findings.lookBack = .seconds(30 * 86_400)
        return findings
    }()

    private static let rules = "rules: { defaults: { minConfidence: 0.5, minSeverity: 0.3 } }\n"

    private static func raised(_ bench: ChartBench, _ id: String) async throws -> OrderRecord {
        bench.time.advance(by: .seconds(60))
        let accepted = try await bench.accept.accept(
            Inspection(
                id: id, detectedAt: bench.time.now(), camera: "CAM-1",
                model: VisionModel(name: "vision", version: "1"),
                defects: [Defect(defectClass: "chip", confidence: 0.9, severity: .score(0.8))]), picture: nil)
        try await bench.settle()
        let reference = try #require(accepted.detections.first?.reference)
        return try #require(try await bench.store.read { try $0.order(reference) })
    }

    private static func end(
        _ order: OrderRecord, _ bench: ChartBench, _ state: OrderState = .closed, _ vendorState: String = "CLOSE",
        problem: String? = nil, cause: String? = nil, remedy: String? = nil
    ) async throws -> OrderRecord {
        bench.cmms.set(
            RemoteOrder(
                remoteID: "R-\(order.reference)", reference: order.reference, state: state, vendorState: vendorState,
                closure: Closure(
                    technician: "E. Weber", closedAt: bench.time.now(), problemCode: problem, causeCode: cause,
                    remedyCode: remedy)))
        await bench.poll()
        return try #require(try await bench.store.read { try $0.order(order.reference) })
    }

    private static func answer(_ bench: ChartBench) async throws -> JSON {
        try await #require(Question.named("feedback")).ask(Inquiry(), bench.store).json
    }

    private static func table(_ answer: JSON, _ heading: String) -> [JSON] {
        let section = answer["sections"]?.array?.first { $0["heading"]?.string == heading }
        return section?["table"]?["rows"]?.array ?? []
    }

    @Test("Codes become verdicts, which the answer counts; a wrong class says what it was")
    func verdicts() async throws {
        let bench = try await ChartBench(rules: Self.rules, findings: Self.findings)
        var order = try await Self.raised(bench, "f-1")
        #expect(try await Self.end(order, bench, cause: "WEAR").closure?.verdict == .confirmed)
        order = try await Self.raised(bench, "f-2")
        #expect(try await Self.end(order, bench, cause: "nff").closure?.verdict == .falseAlarm)
        order = try await Self.raised(bench, "f-3")
        #expect(try await Self.end(order, bench, .cancelled, "REJECTED").closure?.verdict == .falseAlarm)
        order = try await Self.raised(bench, "f-4")
        #expect(try await Self.end(order, bench).closure?.verdict == nil)
        order = try await Self.raised(bench, "f-5")
        let wrong = try await Self.end(order, bench, problem: "CRK", cause: "WEAR", remedy: "RECLASS")
        #expect(wrong.closure?.verdict == .wrongClass)
        // The same again changes nothing, and says it no second time.
        await bench.poll()
        #expect(try await bench.store.read { try $0.rightClass(of: wrong.reference) } == "crack")

        let answer = try await Self.answer(bench)
        let chips = try #require(Self.table(answer, "By class").first { $0[0]?.string == "chip" })
        #expect((1...5).map { chips[$0]?.integer } == [5, 4, 1, 2, 1], "\(chips)")
        #expect(Self.table(answer, "Wrong classes").map { [$0[0], $0[1], $0[2]] } == [["chip", "crack", 1]])
        let entries = try await bench.store.read { try $0.ledgerEntries(of: wrong.reference.text) }
        #expect(entries.last { $0.kind == "order.closed" }?.body["closure"]?["verdict"] == "wrongClass")
        // A repair of something else is a repair; of nothing there is none.
        let outcomes = try await bench.store.read { reader in
            try (0...3).map { try reader.count("SELECT COUNT(*) FROM course WHERE outcome = \($0)") }
        }
        #expect(outcomes == [0, 3, 1, 1])
        try await bench.end()
    }

    @Test("Codes that come after the closing change the verdict")
    func later() async throws {
        let bench = try await ChartBench(rules: Self.rules, findings: Self.findings)
        let order = try await Self.raised(bench, "f-1")
        #expect(try await Self.end(order, bench).closure?.verdict == nil)
        #expect(try await Self.end(order, bench, cause: "WEAR").closure?.verdict == .confirmed)
        #expect(try await Self.end(order, bench, cause: "NFF").closure?.verdict == .falseAlarm)
        try await bench.end()
    }

    private static func people(
        _ number: Int, _ bench: ChartBench, _ state: OrderState = .closed, problem: String? = nil,
        cause: String? = "CAM-MISS", isOurs: Bool = false
    ) -> OldOrder {
        let made = bench.time.now() - .seconds(3600)
        return OldOrder(
            RemoteOrder(
                remoteID: "P-\(number)", reference: isOurs ? Reference("A7K2M9QX3F") : nil, state: state,
                vendorState: "\(state)",
                closure: Closure(
                    technician: "A. Nowak", closedAt: bench.time.now(), problemCode: problem, causeCode: cause,
                    notes: "seen by hand")),
            number: "\(4700 + number)", asset: "MILL-03", reportedAt: made - .seconds(60), createdAt: made)
    }

    private static func missed(_ bench: ChartBench) async throws -> [MissedDefect] {
        try await bench.store.read { reader in
            var all: [MissedDefect] = []
            try reader.eachMissed { all.append($1) }
            return all
        }
    }

    @Test("An order of people that says so is a missed defect, once, when its work is over")
    func missedDefects() async throws {
        let bench = try await ChartBench(rules: Self.rules, findings: Self.findings)
        bench.cmms.keep(Self.people(1, bench, problem: "CRK"))
        bench.cmms.keep(Self.people(2, bench, problem: "dent"))
        bench.cmms.keep(Self.people(3, bench, problem: "CRK", cause: "WEAR"))
        bench.cmms.keep(Self.people(4, bench, .inProgress, problem: "CRK"))
        bench.cmms.keep(Self.people(5, bench, .cancelled, problem: "CRK"))
        bench.cmms.keep(Self.people(6, bench, problem: "CRK", isOurs: true))
        await bench.look()
        await bench.look()
        let first = try await Self.missed(bench)
        #expect(first.map(\.defectClass) == ["crack", "dent"])
        let crack = try #require(first.first)
        #expect(crack.asset == "MILL-03" && crack.by == "A. Nowak" && crack.order == nil)
        #expect(crack.words == "Order 4701 in desk: seen by hand")
        #expect(crack.seenAt == bench.time.now() - .seconds(3660))
        let entry = try await bench.store.read { try $0.ledgerEntries(of: "label 1") }.first
        #expect(entry?.body["from"] == ["connector": "desk", "id": "P-1", "number": "4701"])

        bench.cmms.keep(Self.people(4, bench, problem: "CRK"))
        await bench.look()
        #expect(try await Self.missed(bench).map(\.defectClass) == ["crack", "dent", "crack"])
        let answer = try await Self.answer(bench)
        #expect(Self.table(answer, "By class").first { $0[0]?.string == "crack" }?[9] == 2)
        // Beyond the time to look back nothing is asked for.
        bench.cmms.keep(Self.people(7, bench, problem: "CRK"))
        bench.time.advance(by: .seconds(31 * 86_400))
        await bench.look()
        #expect(try await Self.missed(bench).count == 3)
        try await bench.end()
    }

    @Test("One without a problem code is named in an alarm until it has one")
    func unnamed() async throws {
        let bench = try await ChartBench(rules: Self.rules, findings: Self.findings)
        for number in 1...7 { bench.cmms.keep(Self.people(number, bench)) }
        await bench.look()
        await bench.look()
        let alarms = try await bench.store.read { try $0.alarms() }
        #expect(alarms.map(\.kind) == ["missed-unnamed"] && alarms.map(\.subject) == ["desk"])
        #expect(alarms.first?.detail.contains("4701, 4702, 4703, 4704, 4705 and others lack a problem code") == true)
        for number in 1...7 { bench.cmms.keep(Self.people(number, bench, problem: "CRK")) }
        await bench.look()
        #expect(try await bench.store.read { try $0.alarms().isEmpty })
        #expect(try await Self.missed(bench).count == 7)
        try await bench.end()
    }

    @Test("A list that breaks off is read anew, nothing is lost or twice, and the alarm says why")
    func brokenList() async throws {
        let bench = try await ChartBench(rules: Self.rules, findings: Self.findings)
        for number in 1...5 { bench.cmms.keep(Self.people(number, bench, problem: "CRK")) }
        bench.cmms.lose(answers: 1)
        await bench.look()
        #expect(try await bench.store.read { try $0.alarms().map(\.kind) } == ["missed-unread"])
        #expect(try await Self.missed(bench).isEmpty)
        await bench.look()
        #expect(try await bench.store.read { try $0.alarms().isEmpty })
        #expect(try await Self.missed(bench).count == 5)
        try await bench.end()
    }
}
