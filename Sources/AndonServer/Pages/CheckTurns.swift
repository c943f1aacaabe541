import Synchronization

/// Who is being checked at this moment: one check of each at a time.
final class CheckTurns: Sendable {
    private let running = Mutex<Set<String>>([])

    /// False when one is under way.
    func begin(_ name: String) -> Bool { running.withLock { $0.insert(name).inserted } }

    func end(_ name: String) { running.withLock { _ = $0.remove(name) } }
}
