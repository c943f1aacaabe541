import Synchronization

/// What waits for one consumer. It never throws anything away: whoever fills it looks at ``count`` first, and stops
/// asking the server while there is no room.
final class NotificationBuffer: Sendable {
    private struct State {
        var elements: [SubscriptionElement] = []
        var start = 0
        var waiters: [(id: Int, continuation: CheckedContinuation<SubscriptionElement?, any Error>)] = []
        var nextWaiter = 0
        var end: ClientError?
    }

    private let state = Mutex(State())
    /// Called when something was taken out.
    private let onRoom: @Sendable () -> Void

    init(onRoom: @escaping @Sendable () -> Void) { self.onRoom = onRoom }

    var count: Int { state.withLock { $0.elements.count - $0.start } }

    func push(_ element: SubscriptionElement) {
        let waiter = state.withLock { state -> CheckedContinuation<SubscriptionElement?, any Error>? in
            guard state.end == nil else { return nil }
            guard state.waiters.isEmpty else { return state.waiters.removeFirst().continuation }
            state.elements.append(element)
            return nil
        }
        waiter?.resume(returning: element)
    }

    /// The consumer gets what waits, and then the end: nil for a close from this side, an error otherwise.
    func finish(_ end: ClientError) {
        let waiters = state.withLock { state in
            guard state.end == nil else { return [CheckedContinuation<SubscriptionElement?, any Error>]() }
            state.end = end
            defer { state.waiters = [] }
            return state.waiters.map(\.continuation)
        }
        for waiter in waiters { Self.end(waiter, end) }
    }

    func next() async throws -> SubscriptionElement? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let element = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait($0, id) }
        } onCancel: {
            cancel(id)
        }
        if element != nil { onRoom() }
        return element
    }

    private func wait(_ continuation: CheckedContinuation<SubscriptionElement?, any Error>, _ id: Int) {
        enum Outcome {
            case element(SubscriptionElement)
            case end(ClientError)
            case cancelled, waits
        }
        let outcome = state.withLock { state -> Outcome in
            if state.start < state.elements.count {
                let element = state.elements[state.start]
                state.start += 1
                if state.start == state.elements.count || state.start > 256 {
                    state.elements.removeFirst(state.start)
                    state.start = 0
                }
                return .element(element)
            }
            if let end = state.end { return .end(end) }
            if Task.isCancelled { return .cancelled }
            state.waiters.append((id, continuation))
            return .waits
        }
        switch outcome {
        case .element(let element): continuation.resume(returning: element)
        case .end(let end): Self.end(continuation, end)
        case .cancelled: continuation.resume(returning: nil)
        case .waits: break
        }
    }

    private func cancel(_ id: Int) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
        }
        waiter?.resume(returning: nil)
    }

    private static func end(
        _ continuation: CheckedContinuation<SubscriptionElement?, any Error>, _ end: ClientError
    ) {
        if case .closed = end { continuation.resume(returning: nil) } else { continuation.resume(throwing: end) }
    }
}
