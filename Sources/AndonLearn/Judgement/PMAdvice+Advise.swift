import AndonSPC

extension PMAdvice {
    /// The trend test goes first: lives that get shorter or longer are no sample of one distribution, and no interval
    /// follows from them.
    public init(for task: TimedTask, _ record: TaskRecord, limits: AdviceLimits = AdviceLimits()) {
        let lives = record.lives.filter { $0.time.isFinite && $0.time >= 0 }
            // A defect on the day itself came within that day.
            .map { Lifetime(time: $0.isEvent ? max(0.5, $0.time) : $0.time, isEvent: $0.isEvent) }
        self.init(
            task: task, kind: .tooFew, reason: .fewFailures, trend: Trend(record.processes, limits),
            lives: lives.count, failures: lives.count(where: \.isEvent), watched: lives.map(\.time).max() ?? 0,
            isCut: false, needed: limits.leastFailures)
        shape = WeibullFit(lives)?.shape(confidence: limits.confidence)
        if record.hasForecast {
            (kind, reason) = (.conditionBased, .forecast)
            return
        }
        guard let trend, failures >= limits.leastFailures else { return }
        guard trend.p > 1 - limits.confidence else {
            (kind, reason) = (.keep, trend.beta > 1 ? .failuresComeFaster : .failuresComeSlower)
            return
        }
        guard let fit = WeibullFit(lives), let shape else { return }
        weigh(shape, fit, lives, limits)
    }

    /// By the interval of the shape, and by a test that holds for few failures where that interval is too narrow.
    private mutating func weigh(_ shape: Estimate, _ fit: WeibullFit, _ lives: [Lifetime], _ limits: AdviceLimits) {
        let level = (1 - limits.confidence) / 2
        failedNow = fit.weibull.cumulative(task.interval)
        if shape.lower > 1, WearTest.chanceOfAtMost(1, lives) <= level {
            recommend(fit, lives, limits)
        } else if shape.upper < 1, WearTest.chanceOfAtLeast(1, lives) <= level {
            (kind, reason) = (.keep, .earlyFailure)
        } else if shape.upper < limits.wearShape {
            (kind, reason) = (.longer, .chance)
        } else {
            (kind, reason) = (.keep, .shapeUndecided)
        }
    }

    private mutating func recommend(_ fit: WeibullFit, _ lives: [Lifetime], _ limits: AdviceLimits) {
        var costs: AgeReplacement?
        var wanted = fit.quantile(limits.failedShare, confidence: limits.confidence)
        if let planned = task.plannedCost, let failure = task.failureCost, planned > 0, failure > 0 {
            guard failure > planned else {
                (kind, reason) = (.longer, .cheapFailure)
                return
            }
            costs = AgeReplacement(life: fit.weibull, planned: planned, failure: failure)
            wanted = AgeReplacement.optimum(lives, planned: planned, failure: failure, confidence: limits.confidence)
        }
        guard var wanted else {
            (kind, reason) = (.keep, .shapeUndecided)
            return
        }
        (kind, reason) = (.keep, .wear)
        if wanted.lower > task.interval { kind = .longer }
        if wanted.upper < task.interval { kind = .shorter }
        if kind == .longer, wanted.value > watched {
            // Nobody has seen what happens at that age.
            isCut = true
            wanted.value = max(task.interval, watched)
            wanted.lower = min(wanted.lower, wanted.value)
            if wanted.value <= task.interval { (kind, reason) = (.keep, .notWatchedLonger) }
        }
        recommended = wanted
        failedThen = fit.weibull.cumulative(wanted.value)
        costNow = costs?.cost(at: task.interval)
        costThen = costs?.cost(at: wanted.value)
    }
}

extension PMAdvice.Trend {
    /// Assets may fail at rates of their own: each is asked only for how its failures lie within its own watch, and the
    /// statistics and their degrees of freedom are added up.
    ///
    /// - Returns: nil for fewer failures than the limits ask for, and for one at the start of a watch.
    init?(_ processes: [FailureProcess], _ limits: AdviceLimits) {
        let tests = processes.compactMap(PowerLawTest.init)
        statistic = tests.reduce(0) { $0 + $1.statistic }
        degrees = tests.reduce(0) { $0 + $1.degrees }
        failures = processes.reduce(0) { $0 + $1.times.count }
        assets = processes.count
        guard degrees >= 2 * limits.leastFailures, statistic > 0 else { return nil }
        let chi = ChiSquared(degrees: Double(degrees))
        p = min(1, 2 * min(chi.cumulative(statistic), chi.upperTail(statistic)))
        beta = Double(degrees) / statistic
    }
}
