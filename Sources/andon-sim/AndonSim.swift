import AndonModel
import AndonSimulation
import ArgumentParser
import Foundation

/// `andon-sim`: tries bad days before the plant has one (`docs/simulation.md`).
@main
struct AndonSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "andon-sim", abstract: "Runs the pipeline on a simulated clock, network, CMMS and disk.",
        subcommands: [Seeds.self, Replay.self, Mutants.self], defaultSubcommand: Seeds.self)
}

/// Where the simulation's pictures lie: in memory, where there is such a place.
func makeSimulation() throws -> Simulation {
    let memory = "/dev/shm"
    let place = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    return try Simulation(folder: "\(place)/andon-sim-\(ProcessInfo.processInfo.processIdentifier)")
}

extension AndonSim {
    struct Seeds: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Runs seeds and prints what came of them.")

        @Option(help: "The first seed.") var from: UInt64 = 1
        @Option(help: "How many.") var seeds: UInt64 = 1000
        @Option(help: "No seed begins after so many minutes.") var minutes: Double?

        func run() async throws {
            let simulation = try makeSimulation()
            let clock = ContinuousClock()
            let begin = clock.now
            let end = minutes.map { begin + .seconds($0 * 60) }
            let tally = try await Campaign(simulation).run(from..<from + seeds) { tally in
                if tally.runs % 1000 == 0 {
                    let broken = tally.broken.map { "\($0.seed)" }.joined(separator: ", ")
                    let line = "\(tally.runs) seeds, broken: \(broken.isEmpty ? "none" : broken)\n"
                    FileHandle.standardError.write(Data(line.utf8))
                }
                return end.map { clock.now > $0 } ?? false
            }
            print(tally.text(took: clock.now - begin))
            guard let first = tally.broken.first else { return }
            print("\nSeed \(first.seed), made smaller:")
            let small = try Shrinker(simulation).shrink(try simulation.run(seed: first.seed))
            print(small.story)
            throw ExitCode.failure
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Runs one seed twice and prints all that happened.")

        @Argument(help: "The seed.") var seed: UInt64
        @Option(help: "With a mistake put into the product.") var mutant: String?
        @Flag(help: "Leaves out what the failure does not need.") var shrink = false

        func validate() throws {
            guard let mutant, Mutant(rawValue: mutant) == nil else { return }
            let names = Mutant.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no mutant \(mutant); there are \(names).")
        }

        func run() async throws {
            let simulation = try makeSimulation()
            let mutant = mutant.flatMap { Mutant(rawValue: $0) }
            var run = try simulation.run(seed: seed, mutant: mutant, isTraced: true)
            if shrink, run.broken != nil { run = try Shrinker(simulation, mutant: mutant).shrink(run) }
            print(run.story)
            let again = try simulation.run(run.plan, mutant: mutant)
            print("Again: \(String(again.hash, radix: 16))")
            if again.hash != run.hash || run.broken != nil { throw ExitCode.failure }
        }
    }

    struct Mutants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says how many seeds it takes to find each mutant.")

        @Option(help: "The first seed.") var from: UInt64 = 1
        @Option(help: "Seeds at most for each.") var seeds: UInt64 = 2000

        func run() async throws {
            let simulation = try makeSimulation()
            var missed = 0
            print(
                "| mutant | found by seed | after seeds | of 200 seeds | invariant |\n| --- | --- | --- | --- | --- |")
            for mutant in Mutant.allCases {
                var first: (seed: UInt64, broken: Run.Broken)?
                for seed in from..<from + seeds where first == nil {
                    first = try simulation.run(seed: seed, mutant: mutant).broken.map { (seed, $0) }
                }
                let share = try await Campaign(simulation, mutant: mutant).run(from..<from + 200).broken.count
                let found = first.map { "\($0.seed) | \($0.seed - from + 1)" } ?? "never | -"
                print("| `\(mutant.rawValue)` | \(found) | \(share) | \(first?.broken.invariant.rawValue ?? "-") |")
                if first == nil { missed += 1 }
            }
            if missed > 0 { throw ExitCode.failure }
        }
    }
}
