import AndonModel
import Foundation
import Synchronization

/// Runs many seeds, each in a world of its own, on several threads.
public struct Campaign: Sendable {
    private struct State {
        var next: UInt64
        var tally = Tally()
        var failure: (any Error)?
        var isStopped = false
    }

    private final class Shared: Sendable {
        let value: Mutex<State>

        init(_ state: State) { value = Mutex(state) }
    }

    private let simulation: Simulation
    private let mutant: Mutant?
    private let threads: Int

    public init(
        _ simulation: Simulation, mutant: Mutant? = nil, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        (self.simulation, self.mutant, self.threads) = (simulation, mutant, threads)
    }

    /// - Parameters:
    ///   - stops: asked after each run; true ends the campaign with the runs that are under way.
    public func run(_ seeds: Range<UInt64>, stops: @escaping @Sendable (Tally) -> Bool = { _ in false }) async throws
        -> Tally
    {
        let state = Shared(State(next: seeds.lowerBound))
        // Threads of their own: a world does not let go of its thread.
        await withDiscardingTaskGroup { group in
            for _ in 0..<threads {
                group.addTask {
                    await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
                        let thread = Thread {
                            work(seeds, state, stops)
                            ended.resume()
                        }
                        thread.stackSize = 8 << 20
                        thread.start()
                    }
                }
            }
        }
        return try state.value.withLock { state in
            if let failure = state.failure { throw failure }
            return state.tally
        }
    }

    private func work(_ seeds: Range<UInt64>, _ shared: Shared, _ stops: (Tally) -> Bool) {
        while true {
            let seed = shared.value.withLock { state -> UInt64? in
                guard !state.isStopped, state.next < seeds.upperBound else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let seed else { return }
            let run = Result { try simulation.run(seed: seed, mutant: mutant) }
            shared.value.withLock { state in
                switch run {
                case .success(let run):
                    state.tally.add(run)
                    if stops(state.tally) { state.isStopped = true }
                case .failure(let error):
                    state.failure = error
                    state.isStopped = true
                }
            }
        }
    }
}
