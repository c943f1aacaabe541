import AndonLearn
import AndonSPC
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Plants with a known truth, judged. 200 of the usual kind in every run, and half as many of the two hard ones;
/// `ANDON_PLANTS=2000` judges as many of each.
@Suite("Simulated plant")
struct SimulatedPlantTests {
    private static let seed: UInt64 = 20_260_728
    private static let asked = getenv("ANDON_PLANTS").flatMap { Int(String(cString: $0)) }

    /// Cases that came back or were watched to the horizon.
    private static let enough = 40

    private struct Tally {
        var verdicts: [ActionVerdict.Name: Int] = [:]
        var falseNames: [String] = []
        var plantsWithFalse = 0
        /// Actions with enough cases that one name is clearly true of, and those named so.
        var nameable: [ActionVerdict.Name: Int] = [:]
        var named: [ActionVerdict.Name: Int] = [:]
        var repairs = 0
    }

    private static func judge(_ kind: SimulatedPlant.Kind, plants: Int) -> (whole: Tally, single: Tally, plants: Int) {
        var whole = Tally()
        var single = Tally()
        var anyFalse = 0
        for number in 0..<plants {
            let seed = seed &+ UInt64(number) &* 7919
            let plant = SimulatedPlant(seed: seed, kind)
            let repairs = plant.repairs(seed: seed)
            whole.repairs += repairs.count
            let before = whole.falseNames.count + single.falseNames.count
            let mixes = mixes(repairs, assets: plant.badness.count)
            for verdict in ActionJudge().verdicts(repairs) {
                guard let truth = truth(of: verdict, in: plant, mixes) else { continue }
                if verdict.asset == nil {
                    count(verdict, truth, &whole, number)
                } else {
                    count(verdict, truth, &single, number)
                }
            }
            if whole.falseNames.count + single.falseNames.count > before { anyFalse += 1 }
        }
        return (whole, single, anyFalse)
    }

    private static func truth(
        of verdict: ActionVerdict, in plant: SimulatedPlant, _ mixes: [String: [Double]]
    ) -> SimulatedPlant.Truth? {
        guard let defect = plant.defects.first(where: { $0.name == verdict.defect }),
            let action = defect.actions.first(where: { $0.name == verdict.action }), var mix = mixes[verdict.defect]
        else { return nil }
        if let asset = verdict.asset { mix = mix.indices.map { asset == "asset-\($0)" ? 1 : 0 } }
        return plant.truth(action, defect, mix: mix, VerdictLimits())
    }

    /// Share of each class's repairs by asset.
    private static func mixes(_ repairs: [RepairCase], assets: Int) -> [String: [Double]] {
        Dictionary(grouping: repairs, by: \.defect).mapValues { group in
            let counts = Dictionary(grouping: group, by: \.asset).mapValues(\.count)
            return (0..<assets).map { Double(counts["asset-\($0)"] ?? 0) / Double(group.count) }
        }
    }

    private static func count(
        _ verdict: ActionVerdict, _ truth: SimulatedPlant.Truth, _ tally: inout Tally, _ plant: Int
    ) {
        tally.verdicts[verdict.name, default: 0] += 1
        let isName = verdict.name != .undecided && verdict.name != .tooFew
        if isName, !truth.names.contains(verdict.name) {
            tally.falseNames.append("plant \(plant): \(verdict.sentence) Truth: \(truth)")
        }
        if verdict.evidence.followed >= enough, let clear = truth.clear {
            tally.nameable[clear, default: 0] += 1
            if verdict.name == clear { tally.named[clear, default: 0] += 1 }
        }
    }

    /// The most plants with a false name that chance explains once in a thousand runs, were the rate as stated.
    private static func most(_ rate: Double, of plants: Int) -> Int {
        var probability = pow(1 - rate, Double(plants))
        var sum = probability
        var count = 0
        while sum < 0.999 {
            probability *= Double(plants - count) / Double(count + 1) * rate / (1 - rate)
            count += 1
            sum += probability
        }
        return count
    }

    private static func report(_ title: String, _ tally: Tally) {
        print("\(title): \(tally.verdicts.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", "))")
        for name in ActionVerdict.Name.allCases {
            if let all = tally.nameable[name] { print("  \(name): \(tally.named[name] ?? 0) of \(all) named") }
        }
        for line in tally.falseNames.prefix(20) { print("  FALSE \(line)") }
    }

    /// Judges the plants, prints what was found, and asks that no more of them have a false name than stated.
    private static func check(_ kind: SimulatedPlant.Kind) -> Tally {
        let plants = asked ?? (kind == .usual ? 200 : 100)
        let most = most(0.05, of: plants)
        let (whole, single, plantsWithFalse) = judge(kind, plants: plants)
        print(
            "\(plants) \(kind) plants, seed \(seed), \(whole.repairs) repairs: \(plantsWithFalse) plants with a false name, "
                + "at most \(most) allowed (5 % and what chance adds once in a thousand runs)")
        report("classes", whole)
        report("on one asset", single)
        #expect(plantsWithFalse <= most)
        return whole
    }

    @Test("In plants with a known truth false names are rare and most actions are named") func inPlantsWithAKnownTruth()
    {
        let tally = Self.check(.usual)
        let nameable = tally.nameable.values.reduce(0, +)
        let named = tally.named.values.reduce(0, +)
        print("  \(named) of \(nameable) actions with at least \(Self.enough) cases and a clear truth named rightly")
        #expect(nameable > 0)
        #expect(5 * named >= 4 * nameable)
        for name in [ActionVerdict.Name.removesCause, .symptomOnly, .wearsOut] {
            #expect(2 * (tally.named[name] ?? 0) > tally.nameable[name] ?? 0, "\(name)")
        }
    }

    @Test("Where every action is on a limit false names stay within the stated rate") func whereEveryActionIsOnA() {
        _ = Self.check(.edge)
    }

    @Test("Where actions differ only in where and when they are used false names stay within the stated rate")
    func whereActionsDifferOnlyInWhere() {
        _ = Self.check(.slanted)
    }
}
