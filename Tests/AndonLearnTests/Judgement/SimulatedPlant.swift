import AndonLearn
import AndonSPC
import AndonTesting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A plant whose truth is known: assets of differing badness, seasons, technicians with habits, and actions that fix,
/// delay, wear out or help only sometimes.
struct SimulatedPlant {
    /// What an action does to the cause.
    enum Effect {
        /// The cause is gone; only new ones bring the class back.
        case fixes
        /// Comes back after `delay` days and then at any time, with the mean given.
        case delays(Double, mean: Double)
        /// A part that lasts as long as Weibull's distribution says.
        case wears(shape: Double, scale: Double)
        /// Fixes this share of the cases and does nothing for the others.
        case sometimes(Double, mean: Double)
        /// Comes back at a rate that is the same on every asset and day, so that `share` is back within 90 days.
        case edge(share: Double)
    }

    struct Action {
        var name: String
        var effect: Effect
        /// How often it is chosen, by asset and by half of the season (quiet, busy).
        var byAsset: [Double]
        var bySeason: [Double]
        /// Not used before this day.
        var since: Double
    }

    struct Defect {
        var name: String
        /// New causes in a day on a usual asset.
        var rate: Double
        /// The rate swings between 1/swing and swing over the year.
        var swing: Double
        var peak: Double
        var actions: [Action]
    }

    static let days = 730.0
    /// Of new causes, those that the order's cause code shows to be another one.
    static let otherCause = 0.3

    var badness: [Double]
    var defects: [Defect]
    /// Days that each technician closes after the end of the work, and how much each favours which action.
    var lateness: [Double]
    var habits: [[Double]]

    enum Kind {
        case usual
        /// Every action is on one of the limits, on every asset and day alike.
        case edge
        /// No action does more than another, but one is used on the good assets, one on the bad ones and one in the
        /// quiet season.
        case slanted
    }

    init(seed: UInt64, _ kind: Kind = .usual) {
        var random = SeededRandom(seed: seed)
        badness = (0..<(kind == .slanted ? 100 : 200)).map { asset in
            switch kind {
            case .usual: exp(0.5 * random.normal())
            case .edge: 1
            case .slanted: asset % 7 == 0 ? 2.5 : 0.3
            }
        }
        lateness = [0, 0, 0, kind == .usual ? 14 : 0]
        habits = lateness.map { _ in (0..<3).map { _ in kind == .usual ? exp(0.7 * random.normal()) : 1 } }
        defects = []
        for number in 0..<3 {
            let rate = kind == .slanted ? random.between(0.003, 0.005) : random.between(0.00015, 0.0006)
            let swings: [Double] = kind == .usual ? [1, 1.5, 2] : kind == .edge ? [1] : [2.5]
            let swing = swings.randomElement(using: &random) ?? 1
            var defect = Defect(
                name: "defect-\(number)", rate: rate, swing: swing, peak: random.between(0, 365), actions: [])
            for index in 0..<3 { defect.actions.append(Self.action(index, badness: badness, kind, &random)) }
            defects.append(defect)
        }
    }

    private static func action(_ index: Int, badness: [Double], _ kind: Kind, _ random: inout SeededRandom) -> Action {
        var action = Action(
            name: "action-\(index)", effect: .fixes, byAsset: badness.map { _ in 1 }, bySeason: [1, 1], since: 0)
        switch kind {
        case .usual: usual(&action, badness, &random)
        case .edge: action.effect = .edge(share: random.uniform() < 0.5 ? 0.2 : 0.5)
        case .slanted:
            switch index {
            case 0: action.byAsset = badness.map { $0 < 0.8 ? 3 : 0.05 }
            case 1: action.byAsset = badness.map { $0 > 1.2 ? 3 : 0.05 }
            default: action.bySeason = [1, 0.02]
            }
        }
        return action
    }

    private static func usual(_ action: inout Action, _ badness: [Double], _ random: inout SeededRandom) {
        action.effect =
            switch random.uniform() {
            case ..<0.3: .fixes
            case ..<0.5: .delays(random.between(0, 4), mean: random.between(8, 30))
            case ..<0.6: .delays(random.between(20, 50), mean: 10)
            case ..<0.8: .wears(shape: random.between(2.5, 4), scale: random.between(40, 120))
            default: .sometimes(random.between(0.4, 0.7), mean: 20)
            }
        switch random.uniform() {
        case ..<0.15: action.byAsset = badness.map { $0 > 1.2 ? 1 : 0.1 }
        case ..<0.3: action.byAsset = badness.map { $0 < 0.8 ? 1 : 0.1 }
        case ..<0.4: action.bySeason = [1, 0.02]
        case ..<0.5: action.bySeason = [0.02, 1]
        case ..<0.55: action.since = days - 30
        default: break
        }
    }

    /// Two years of repairs.
    func repairs(seed: UInt64) -> [RepairCase] {
        var random = SeededRandom(seed: seed ^ 0x5EED)
        var cases: [RepairCase] = []
        for defect in defects {
            for asset in badness.indices {
                var day = newCause(defect, asset, after: 0, &random)
                while day < Self.days {
                    let (action, technician) = choose(defect, asset, day, &random)
                    let done = day + random.between(0.2, 2)
                    let late = random.uniform() * lateness[technician]
                    let ended = (done + late).rounded(.down)
                    guard ended < Self.days else { break }
                    let own = done + life(of: action.effect, defect, asset, from: done, &random)
                    let new = newCause(defect, asset, after: done, &random)
                    // What comes back while the order is open joins it, and is still there the day after.
                    let back = max(ended + 1, min(own, new))
                    let other = new < own && random.uniform() < Self.otherCause
                    let life =
                        back < Self.days
                        ? Lifetime.event((back - ended).rounded(.down)) : .censored(Self.days - ended)
                    cases.append(
                        RepairCase(
                            defect: defect.name, action: action.name, asset: "asset-\(asset)", ended: ended,
                            life: life, isOtherCause: other && life.isEvent))
                    day = back
                }
            }
        }
        return cases
    }

    private func choose(
        _ defect: Defect, _ asset: Int, _ day: Double, _ random: inout SeededRandom
    ) -> (Action, Int) {
        let technician = Int(random.uniform() * Double(lateness.count))
        let busy = season(defect, day) >= 1 ? 1 : 0
        let weights = defect.actions.enumerated().map { index, action in
            action.since > day
                ? 0 : action.byAsset[asset] * action.bySeason[busy] * habits[technician][index] + 1e-9
        }
        var point = random.uniform() * weights.reduce(0, +)
        for (action, weight) in zip(defect.actions, weights) {
            point -= weight
            if point < 0 { return (action, technician) }
        }
        return (defect.actions[0], technician)
    }

    func season(_ defect: Defect, _ day: Double) -> Double {
        exp(log(defect.swing) * cos(2 * .pi * (day - defect.peak) / 365.25))
    }

    /// By thinning.
    private func newCause(
        _ defect: Defect, _ asset: Int, after start: Double, _ random: inout SeededRandom
    ) -> Double {
        let most = defect.rate * badness[asset] * defect.swing
        var day = start
        while day < Self.days {
            day -= log(random.uniform()) / most
            if random.uniform() * defect.swing < season(defect, day) { break }
        }
        return day
    }

    private func life(
        of effect: Effect, _ defect: Defect, _ asset: Int, from day: Double, _ random: inout SeededRandom
    ) -> Double {
        let draw = -log(random.uniform())
        switch effect {
        case .fixes: return .infinity
        case .delays(let delay, let mean): return delay + mean * draw / badness[asset] / season(defect, day)
        case .wears(let shape, let scale): return scale * pow(draw, 1 / shape) / badness[asset].squareRoot()
        case .sometimes(let share, let mean):
            return random.uniform() < share ? .infinity : mean * draw / badness[asset]
        case .edge(let share):
            // New causes come on top.
            let rate = -log(1 - share) / 90 - defect.rate * (1 - Self.otherCause)
            return draw / rate
        }
    }
}

extension SimulatedPlant {
    /// The true share that an action's own cause is back by `days`, over a whole year of repairs and the assets' `mix`.
    private func share(of action: Action, _ defect: Defect, mix: [Double], by days: Double) -> Double {
        let starts = 12
        var sum = 0.0
        for number in 0..<starts {
            let start = Double(number) * 365.25 / Double(starts)
            let seasons = (0..<9).reduce(0.0) { $0 + season(defect, start + days * (Double($1) + 0.5) / 9) / 9 }
            for asset in badness.indices where mix[asset] > 0 {
                let rate = defect.rate * badness[asset] * (1 - Self.otherCause) * seasons
                let held = survival(action.effect, defect, asset: asset, start: start, days)
                sum += mix[asset] * (1 - held * exp(-rate * days)) / Double(starts)
            }
        }
        return sum
    }

    private func survival(
        _ effect: Effect, _ defect: Defect, asset: Int, start: Double, _ days: Double
    ) -> Double {
        switch effect {
        case .fixes: 1
        case .delays(let delay, let mean):
            exp(-max(0, days - delay) / mean * badness[asset] * season(defect, start))
        case .wears(let shape, let scale): exp(-pow(days * badness[asset].squareRoot() / scale, shape))
        case .sometimes(let share, let mean): share + (1 - share) * exp(-days / mean * badness[asset])
        case .edge(let share): exp((log(1 - share) / 90 + defect.rate * (1 - Self.otherCause)) * days)
        }
    }

    struct Truth {
        /// True by the definitions of the judge; none for what lies between the limits.
        var names: [ActionVerdict.Name]
        /// Back within the horizon.
        var share: Double

        /// One name, and far enough from the limits that a plant's data could show it.
        var clear: ActionVerdict.Name? {
            guard names.count == 1 else { return nil }
            return names == [.wearsOut] || share < 0.1 || share > 0.65 ? names[0] : nil
        }
    }

    /// The names that are true.
    ///
    /// - Parameter mix: share of the class's repairs on each asset.
    func truth(_ action: Action, _ defect: Defect, mix: [Double], _ limits: VerdictLimits) -> Truth {
        // What is on a limit by construction has no true name.
        if case .edge = action.effect { return Truth(names: [], share: .nan) }
        let within = share(of: action, defect, mix: mix, by: limits.horizon)
        let early = share(of: action, defect, mix: mix, by: limits.leastHold)
        let rises =
            switch action.effect {
            case .wears: true
            case .delays(let delay, _): delay > 1
            default: false
            }
        var names: [ActionVerdict.Name] = []
        if within < limits.causeShare { names.append(.removesCause) }
        if within > limits.symptomShare, early > limits.causeShare || !rises { names.append(.symptomOnly) }
        if rises, early < 0.5, within > limits.causeShare { names.append(.wearsOut) }
        return Truth(names: names, share: within)
    }
}

extension SeededRandom {
    mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }
}
