import Synchronization

/// Lets one through at a time, in turn.
final class AsyncGate: Sendable {
    private let last = Mutex<Task<Void, Never>?>(nil)

    func pass<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let mine = last.withLock { last in
            let before = last
            let mine = Task<Value, any Error> {
                await before?.value
                return try await body()
            }
            last = Task { _ = await mine.result }
            return mine
        }
        return try await mine.value
    }
}
