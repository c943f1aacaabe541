import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonLearn

@Suite("Answers for who sees some assets alone")
struct ReachTests {
    private static let own = "A-1"

    /// Every name once on the own asset, so that two stores number them alike, and then what comes.
    private static func repairs(_ random: inout SeededRandom) -> [CourseBench.Repair] {
        var repairs = (0..<4).map { number in named(number % 2, endedAgo: 700 - Double(number)) }
        for _ in 0..<300 {
            let ago = Double(random.int(0...6000)) / 10
            let after = Double(random.int(1...1200)) / 10
            var repair = named(random.int(0...1), endedAgo: ago)
            repair.asset = random.pick([own, "B-2", "C-3"])
            repair.label = random.pick(["dent", "scratch"])
            if random.chance(30) { repair.action = nil }
            if random.chance(30) { repair.cause = nil }
            if random.chance(30) { repair.part = nil }
            if after < ago { repair.after = after }
            repairs.append(repair)
        }
        return repairs
    }

    /// - Parameter kind: 0 or 1.
    private static func named(_ kind: Int, endedAgo: Double) -> CourseBench.Repair {
        let isFirst = kind == 0
        return CourseBench.Repair(
            asset: own, label: isFirst ? "dent" : "scratch", action: isFirst ? "CLEAN" : "REPLACE",
            person: isFirst ? "Nowak" : "Wilson", part: isFirst ? "P-1" : "P-2", cause: isFirst ? "WEAR" : "DIRT",
            endedAgo: endedAgo, after: nil)
    }

    private static func answer(_ question: String, _ reach: Set<String>?, _ store: Store) async throws -> JSON {
        let asked = try #require(Question.named(question))
        let report = try await asked.ask(Inquiry(filter: CourseFilter(reach: reach)), store)
        // What it was computed from is another store.
        return .object((report.json.object ?? [:]).filter { $0.key != "basis" })
    }

    @Test("Of some assets an answer is the one of a store that never had the others", arguments: [UInt64(41), 42])
    func narrowed(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let repairs = Self.repairs(&random)
        let (whole, part) = (
            try await CourseBench(repairs), try await CourseBench(repairs.filter { $0.asset == Self.own })
        )
        for question in ["recurrence", "actions", "times", "change", "cost", "feedback"] {
            let expected = try await Self.answer(question, nil, part.store)
            #expect(
                try await Self.answer(question, [Self.own], whole.store) == expected, "\(question), seed \(seed)")
            let nothing = try await Self.answer(question, [], whole.store)
            #expect(!nothing.canonicalText.contains("CLEAN"), "\(question), seed \(seed): \(nothing)")
        }
        let cost = try await Self.answer("cost", nil, whole.store)
        #expect(try await Self.answer("cost", [Self.own], whole.store) != cost, "seed \(seed)")
        try whole.end()
        try part.end()
    }

    @Test("Planned tasks have the assets that are seen, and those without any are not there")
    func tasks() async throws {
        let bench = try await CourseBench([])
        func task(_ name: String, _ assets: Set<String>) -> LearnSettings.MaintenanceTask {
            LearnSettings.MaintenanceTask(name: name, assets: assets, classes: ["dent"], intervalDays: 30)
        }
        let settings = LearnSettings(tasks: [task("both", ["A-1", "B-2"]), task("other", ["B-2"])])
        func inquiry(_ reach: Set<String>?) -> Inquiry {
            Inquiry(filter: CourseFilter(reach: reach), settings: settings)
        }
        let all = try await AdviceAnswer(inquiry(nil), bench.store).advised().map(\.task)
        #expect(all.map(\.name) == ["both", "other"] && all[0].assets == ["A-1", "B-2"])
        let own = try await AdviceAnswer(inquiry(["A-1"]), bench.store).advised().map(\.task)
        #expect(own.map(\.name) == ["both"] && own.first?.assets == ["A-1"])
        let none = try await Self.sentences(inquiry(["C-3"]), bench.store)
        #expect(none == ["No task of learn.tasks is of an asset of these sites."])
        try bench.end()
    }

    private static func sentences(_ inquiry: Inquiry, _ store: Store) async throws -> [String] {
        try await AdviceAnswer(inquiry, store).report().sections.first?.sentences ?? []
    }
}
