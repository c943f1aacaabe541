import AndonModel

/// Makes a plan that breaks an invariant as small as it can be: leaves incidents out, many at first and then one by one, as long
/// as the same invariant breaks (delta debugging, Zeller and Hildebrandt 2002).
public struct Shrinker: Sendable {
    private let simulation: Simulation
    private let mutant: Mutant?
    /// Runs at most.
    private let runsMax: Int

    public init(_ simulation: Simulation, mutant: Mutant? = nil, runsMax: Int = 400) {
        (self.simulation, self.mutant, self.runsMax) = (simulation, mutant, runsMax)
    }

    /// - Parameter run: one that is broken.
    /// - Returns: what is left of it, with its trace.
    public func shrink(_ run: Run) throws -> Run {
        guard let broken = run.broken else { return run }
        var plan = run.plan
        var runs = 0
        func breaks(_ incidents: [Plan.Incident]) throws -> Bool {
            runs += 1
            let tried = try simulation.run(Plan(seed: plan.seed, incidents: incidents), mutant: mutant)
            return tried.broken?.invariant == broken.invariant
        }
        var pieces = 2
        while plan.incidents.count > 1, runs < runsMax {
            let size = (plan.incidents.count + pieces - 1) / pieces
            var smaller: [Plan.Incident]?
            for start in stride(from: 0, to: plan.incidents.count, by: size) where smaller == nil {
                var rest = plan.incidents
                rest.removeSubrange(start..<min(start + size, rest.count))
                if try breaks(rest) { smaller = rest }
            }
            if let smaller {
                plan.incidents = smaller
                pieces = max(2, pieces - 1)
            } else if size == 1 {
                break
            } else {
                pieces = min(plan.incidents.count, pieces * 2)
            }
        }
        return try simulation.run(plan, mutant: mutant, isTraced: true)
    }
}
