import AndonFuzz
import AndonTesting
import Foundation
import Testing

/// Every fuzz target in short, by seed; `scripts/fuzz` is the long form. `ANDON_FUZZ_COUNT` (inputs for each target)
/// and `ANDON_FUZZ_SEED` make a longer or another run. A failure names the seed of its input; after a crash the
/// last line that was printed names the target, and the same seed finds it again.
@Suite("Fuzz", .serialized)
struct ShortFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["ANDON_FUZZ_COUNT"].flatMap { Int($0) }
    private static let seed = environment["ANDON_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_123

    @Test("No input breaks a promise", arguments: FuzzTarget.all.map(\.name))
    func target(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try target.seeds()
        try #require(!seeds.isEmpty)
        let count = Self.count ?? target.shortCount
        print("fuzz \(name): \(count) inputs from \(seeds.count) samples, seed \(Self.seed)")
        for sample in seeds { try target.check(sample) }
        for index in 0..<count {
            let seed = Self.seed &+ UInt64(index)
            var random = SeededRandom(seed: seed)
            let input = random.mutation(of: seeds)
            do {
                try target.check(input)
            } catch {
                Issue.record("\(name), seed \(seed): \(error): \(String(decoding: input.prefix(500), as: UTF8.self))")
                return
            }
        }
    }

    @Test("Names are all different, and each is tried")
    func names() {
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
        #expect(FuzzTarget.all.count > 25 && FuzzTarget.all.allSatisfy { $0.shortCount > 0 })
    }
}
