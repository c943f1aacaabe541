import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Testing

@Suite("Causes that persons find for points of a chart")
struct ChartCauseTests {
    private static let rules = """
        rules:
          classes: { edge_chip: {} }
          charts:
            chips: { kind: c, classes: [edge_chip], subgroup: { parts: 1 }, limits: { centre: 1 } }

        """
    private static let stratum = "asset=MILL-03"

    private static func stated(_ first: Int, _ last: Int, _ cause: String = "a blunt cutter") -> StatedCause {
        StatedCause(chart: "chips", stratum: stratum, first: first, last: last, cause: cause, by: "A. Nowak")
    }

    private func bench() async throws -> (ChartBench, CauseStep) {
        let bench = try await ChartBench(rules: Self.rules)
        for number in 0..<6 {
            bench.time.advance(by: .seconds(60))
            try await bench.report("c-\(number)", defects: number % 2)
        }
        return (bench, CauseStep(store: bench.store))
    }

    @Test("Only points that are there have causes, in words that say something")
    func bad() async throws {
        let (bench, step) = try await bench()
        for wrong in [
            Self.stated(0, 1), Self.stated(3, 2), Self.stated(5, 7), Self.stated(1, 1, "  x "), Self.stated(7, 7),
            Self.stated(1, 1, String(repeating: "x", count: 301)),
        ] {
            let error = await #expect(throws: Problem.self) { try await step.keep(wrong) }
            #expect(error?.status == 422, "\(wrong)")
        }
        var other = Self.stated(1, 1)
        other.stratum = "asset=NONE"
        let stranger = other
        let error = await #expect(throws: Problem.self) { try await step.keep(stranger) }
        #expect(error?.status == 404)
        #expect(try await bench.store.read { try $0.chartCauses("chips", Self.stratum) }.isEmpty)
        try await bench.end()
    }

    @Test("Causes overlap, the same one twice is refused, and one that was withdrawn may be stated again")
    func overlapping() async throws {
        let (bench, step) = try await bench()
        let first = try await step.keep(Self.stated(1, 4))
        _ = try await step.keep(Self.stated(2, 2))
        _ = try await step.keep(Self.stated(1, 4, "a cold start"))
        let twice = await #expect(throws: Problem.self) { try await step.keep(Self.stated(1, 4, " a blunt cutter ")) }
        #expect(twice?.status == 409)
        let gone = try await step.withdraw(first.number, ofChart: "chips", by: "R. Wilson", reason: "it was new")
        #expect(gone.withdrawal?.by == "R. Wilson" && gone.cause == first.cause)
        let again = await #expect(throws: Problem.self) {
            try await step.withdraw(first.number, ofChart: "chips", by: "R. Wilson", reason: "it was new")
        }
        #expect(again?.status == 409)
        _ = try await step.keep(Self.stated(1, 4))
        let all = try await bench.store.read { try $0.chartCauses("chips", Self.stratum) }
        #expect(all.map(\.number) == [1, 2, 3, 4] && all.filter { $0.withdrawal != nil }.map(\.number) == [1])
        try await bench.end()
    }

    @Test("An erased name is withheld in the row, and the facts still hold")
    func erased() async throws {
        let (bench, step) = try await bench()
        let cause = try await step.keep(Self.stated(1, 2))
        _ = try await step.withdraw(cause.number, ofChart: "chips", by: "A. Nowak", reason: "a mistake")
        try await bench.store.write { transaction in
            let erasure = try transaction.erase(name: "A. Nowak", by: "R. Wilson", reason: "asked for")
            #expect(erasure.values == 2 && erasure.rows == 2)
        }
        let kept = try await bench.store.read { try $0.chartCause(cause.number) }
        #expect(kept?.by == "(withheld)" && kept?.withdrawal?.by == "(withheld)")
        try await bench.end()
    }
}
