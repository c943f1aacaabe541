import Dispatch

/// Lets one pass after the other: passwords are checked one at a time, so that no number of requests takes more than one
/// core and the memory of one guess, and no two attempts count as one.
actor Turnstile {
    private var last: Task<Void, Never>?
    private var waiting = 0
    private let waitingMax: Int

    init(waitingMax: Int = 20) { self.waitingMax = waitingMax }

    /// - Throws: what `body` throws; ``Problem`` when too many wait.
    func pass<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard waiting < waitingMax else { throw AccountProblem.busy }
        waiting += 1
        defer { waiting -= 1 }
        let before = last
        let task = Task {
            await before?.value
            return try await body()
        }
        last = Task { _ = try? await task.value }
        return try await task.value
    }

    private static let queue = DispatchQueue(label: "andon.passwords", qos: .utility)

    /// Slow work beside the server's own threads.
    static func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
