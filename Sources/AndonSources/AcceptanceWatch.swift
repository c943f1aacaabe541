import AndonModel
import Synchronization

/// How long it takes from a sender's stamp to acceptance, and whether that is too long for a while.
public final class AcceptanceWatch: Sendable {
    /// Nil where nobody said what is too long.
    public let limit: Duration?
    private let state: Mutex<State>

    private struct State: Sendable {
        var window = LatencyWindow()
        var slow: SlowWatch?
    }

    public init(limit: Duration?) {
        self.limit = limit
        state = Mutex(State(slow: limit.map { SlowWatch(limit: $0) }))
    }

    /// - Parameter age: what a clock that is behind makes of it counts as zero.
    public func add(_ age: Duration) { state.withLock { $0.window.add(max(age, .zero)) } }

    public var figures: LatencyFigures? { state.withLock { $0.window.figures } }

    /// To be asked every second or so.
    ///
    /// - Returns: whether 95 of 100 of the last reports took longer than the limit, for a minute.
    public func look(at uptime: Duration) -> (figures: LatencyFigures?, isSlow: Bool) {
        state.withLock { state in
            let figures = state.window.figures
            state.slow?.look(figures?.p95, at: uptime)
            return (figures, state.slow?.isSlow ?? false)
        }
    }

    /// What the alarm says.
    public func words(_ figures: LatencyFigures?, of whom: String) -> String {
        let p95 = figures.map { "\($0.p95.milliseconds) ms" } ?? "longer"
        return "from the sender's stamp to acceptance 95 of 100 reports of \(whom) took up to \(p95); the limit is "
            + Quantity.text(limit ?? .zero)
    }
}
