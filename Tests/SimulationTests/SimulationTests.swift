import AndonModel
import AndonSimulation
import AndonTesting
import Foundation
import Testing

/// A simulation whose pictures lie in memory, where there is such a place.
private func makeSimulation() throws -> Simulation {
    let place = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    return try Simulation(folder: "\(place)/andon-simulation-\(UUID().uuidString)")
}

@Suite("Bad days, before the plant has one")
struct SimulationTests {
    /// More by `make simulate`.
    private static let seeds =
        ProcessInfo.processInfo.environment["ANDON_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 1000

    @Test("Whatever a seed does to it, nothing is lost, nothing is twice, and everything ends")
    func seeds() async throws {
        let simulation = try makeSimulation()
        let clock = ContinuousClock()
        let begin = clock.now
        let tally = try await Campaign(simulation).run(1..<Self.seeds + 1)
        print(tally.text(took: clock.now - begin))
        if let first = tally.broken.first {
            let small = try Shrinker(simulation).shrink(try simulation.run(seed: first.seed))
            Issue.record("\(tally.broken.count) of \(tally.runs) seeds break an invariant\n\(small.story)")
        }
        #expect(tally.runs == Int(Self.seeds))
        #expect(tally.missed.isEmpty, "no seed reached: \(tally.missed.map(\.rawValue))")
    }

    @Test("A seed gives the same run each time, step by step", arguments: [1, 7, 23] as [UInt64])
    func replay(seed: UInt64) throws {
        let simulation = try makeSimulation()
        let first = try simulation.run(seed: seed, isTraced: true)
        let second = try simulation.run(seed: seed, isTraced: true)
        #expect(first.hash == second.hash)
        #expect(first.trace == second.trace)
        #expect(first.steps > 100)
        #expect(try simulation.run(seed: seed + 1).hash != first.hash)
    }

    @Test("Each mistake that is put into the product is found", arguments: Mutant.allCases)
    func mutants(mutant: Mutant) async throws {
        let simulation = try makeSimulation()
        let tally = try await Campaign(simulation, mutant: mutant).run(1..<401) { !$0.broken.isEmpty }
        #expect(!tally.broken.isEmpty, "\(tally.runs) seeds do not find it")
        print("\(mutant.rawValue): \(tally.runs) seeds, \(tally.broken.first.map { "\($0)" } ?? "not found")")
    }

    @Test("What breaks is made small enough to read, and breaks the same invariant")
    func shrinking() throws {
        let simulation = try makeSimulation()
        var found: Run?
        for seed in 1..<401 as Range<UInt64> where found == nil {
            let run = try simulation.run(seed: seed, mutant: .noSearch)
            if run.broken?.invariant == .once { found = run }
        }
        let run = try #require(found)
        let small = try Shrinker(simulation, mutant: .noSearch).shrink(run)
        #expect(small.broken?.invariant == .once)
        #expect(small.plan.incidents.count <= 4, "\(small.story)")
        #expect(small.plan.incidents.allSatisfy { run.plan.incidents.contains($0) })
        #expect(small.trace.count < 60, "\(small.story)")
        #expect(small.story.contains("BROKEN at step"))
    }
}
