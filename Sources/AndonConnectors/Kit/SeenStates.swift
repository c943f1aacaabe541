import Synchronization

/// For systems that cannot be asked what changed: what earlier pages showed of each order, so that only those that
/// moved are read whole. What a page showed counts from the moment that its cursor comes back: the caller has kept it.
final class SeenStates: Sendable {
    struct Page {
        var cursor: String
        var states: [String: String]
    }

    private struct State {
        var states: [String: String] = [:]
        var given: Page?
    }

    private let state = Mutex(State())

    /// What is known of all orders, with the page of `cursor`.
    func accept(_ cursor: String?) -> [String: String] {
        state.withLock { state in
            if let given = state.given, given.cursor == cursor { state.states.merge(given.states) { $1 } }
            state.given = nil
            return state.states
        }
    }

    func give(_ page: Page) { state.withLock { $0.given = page } }
}
