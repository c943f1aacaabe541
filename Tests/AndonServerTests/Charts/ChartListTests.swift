import AndonDesk
import AndonLedger
import AndonModel
import AndonTesting
import Testing

@testable import AndonServer

@Suite("Streams in the order of their trouble")
struct ChartListTests {
    private static let inForce: Set<String> = ["a", "b"]

    @Test("Out of control comes before planned, proposed, without limits, in control, and what is no chart any more")
    func order() {
        let lines = [
            ChartLine(chart: "b", stratum: "calm", standing: "in-control"),
            ChartLine(chart: "gone", stratum: "", standing: "shift"),
            ChartLine(chart: "a", stratum: "new", isJudged: false),
            ChartLine(chart: "a", stratum: "limits", standing: "in-control", isProposed: true),
            ChartLine(chart: "a", stratum: "order", standing: "in-control", planned: "ABCDEFGH01"),
            ChartLine(chart: "b", stratum: "out", standing: "shift", planned: "ABCDEFGH02"),
            ChartLine(chart: "a", stratum: "out", standing: "isolated"),
        ]
        let sorted = ChartLine.byTrouble(lines, inForce: Self.inForce)
        #expect(sorted.map(\.stratum) == ["out", "out", "order", "limits", "new", "calm", ""])
        #expect(sorted.prefix(2).map(\.chart) == ["a", "b"], "by name where they stand alike")
        #expect(
            sorted.map { $0.state(inForce: Self.inForce) } == [
                .out, .out, .planned, .proposed, .baseline, .calm, .retired,
            ])
    }

    @Test("The order does not depend on the order in which they came")
    func shuffled() {
        let seed: UInt64 = 20_261_129
        var random = SeededRandom(seed: seed)
        print("order of streams: seed \(seed)")
        let standings: [String?] = ["in-control", "shift", "isolated", nil]
        let lines = (0..<60).map { number in
            ChartLine(
                chart: random.pick(["a", "b", "c"]), stratum: "s\(number)", standing: random.pick(standings),
                isJudged: random.int(0...3) > 0, planned: random.int(0...3) == 0 ? "R" : nil,
                isProposed: random.int(0...3) == 0)
        }
        let sorted = ChartLine.byTrouble(lines, inForce: Self.inForce)
        for _ in 0..<20 {
            let other = ChartLine.byTrouble(lines.shuffled(using: &random), inForce: Self.inForce)
            #expect(other == sorted, "seed \(seed)")
        }
        let ranks = sorted.compactMap { ChartState.allCases.firstIndex(of: $0.state(inForce: Self.inForce)) }
        #expect(ranks == ranks.sorted(), "seed \(seed)")
    }

    @Test("A query that cannot be is named, and what was typed stays")
    func queries() throws {
        let query = ChartsQuery(URLEncodedForm("chart=a+b&state=out&page=2"))
        #expect(try query.state() == .out)
        #expect(try query.page() == 2)
        #expect(query.chart == "a b" && !query.isWall)
        #expect(query.address(page: 3) == "/charts?chart=a%20b&state=out&page=3")
        #expect(ChartsQuery(URLEncodedForm("wall")).isWall)
        for text in ["state=angry", "page=0", "page=x"] {
            let wrong = ChartsQuery(URLEncodedForm(text))
            #expect(throws: Problem.self) {
                _ = try wrong.state()
                _ = try wrong.page()
            }
        }
    }

    @Test("Points to leave out are named by number or range, each with its reason, and a line that has none is quoted")
    func exclusions() throws {
        var form = LimitsForm()
        form.excluded = "15 another supplier\r\n\r\n21-23: new operator\n30"
        #expect(
            try form.exclusions() == [
                15: "another supplier", 21: "new operator", 22: "new operator", 23: "new operator", 30: "",
            ])
        for wrong in ["the first", "9-2 backwards", "1-5000 all of them"] {
            form.excluded = "4 fine\n\(wrong)"
            let problem = #expect(throws: Problem.self) { try form.exclusions() }
            #expect(problem?.status == 422 && problem?.detail.contains(wrong) == true)
        }
    }
}
