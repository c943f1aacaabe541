import Synchronization

/// What a stand-in does wrong, and when.
public enum StandInFault: Sendable, Equatable {
    /// The connection closes before anything is done.
    case dropBefore
    /// The thing is done, and the connection closes without an answer.
    case dropAfter
    /// The thing is not done, and nothing is said for as long as the caller waits.
    case hang
    /// An answer instead of the CMMS's own, as a proxy or a busy server gives it.
    case answer(status: Int, headers: [String: String] = [:], body: String = "")
}

/// The faults of a stand-in: a list for the next requests first, then by chance.
public final class FaultPlan: Sendable {
    private struct State {
        var queue: [StandInFault?] = []
        var random: SeededRandom?
        var percent = 0
        var kinds: [StandInFault] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The next requests fail like this, one after the other; nil lets one through.
    public func queue(_ faults: StandInFault?...) {
        state.withLock { $0.queue += faults }
    }

    /// So many of a hundred requests fail, each like one of `kinds`.
    public func byChance(percent: Int, seed: UInt64, _ kinds: [StandInFault]) {
        state.withLock { state in
            state.random = SeededRandom(seed: seed)
            state.percent = percent
            state.kinds = kinds
        }
    }

    /// No further faults.
    public func clear() {
        state.withLock { $0 = State() }
    }

    public func next() -> StandInFault? {
        state.withLock { state in
            if !state.queue.isEmpty { return state.queue.removeFirst() }
            guard var random = state.random, !state.kinds.isEmpty else { return nil }
            defer { state.random = random }
            return random.chance(state.percent) ? random.pick(state.kinds) : nil
        }
    }
}

extension FaultPlan {
    /// What a stand-in answers to one request: its own words, or the next fault.
    func around(_ answer: () -> StandInAnswer) -> StandInAnswer {
        switch next() {
        case .dropBefore: return .drop
        case .hang: return .hang
        case .answer(let status, let headers, let body):
            return .answer(status: status, headers: headers.map { ($0, $1) }, body: Array(body.utf8))
        case .dropAfter:
            _ = answer()
            return .drop
        case nil: return answer()
        }
    }
}
