import AndonModel
import Foundation
import Synchronization

/// Calls that may block: a share that hangs, a database driver.
enum Blocking {
    /// Runs `body` on a thread of its own. One that hangs keeps its thread; the caller goes on after `limit`.
    static func exchange(
        within limit: Duration, named name: String, _ body: @escaping @Sendable () -> Result<WireResponse, WireError>
    ) async throws(WireError) -> WireResponse {
        let first = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<WireResponse, WireError>, Never>) in
            let once = Once(continuation)
            DispatchQueue.global().async { once.resume(body()) }
            let seconds = Double(limit.microseconds) / 1e6
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
                once.resume(.failure(.noAnswer("\(name) did not answer within \(Quantity.text(limit))")))
            }
        }
        return try first.get()
    }

    /// The first of two ends counts.
    final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<Result<WireResponse, WireError>, Never>?>

        init(_ continuation: CheckedContinuation<Result<WireResponse, WireError>, Never>) {
            self.continuation = Mutex(continuation)
        }

        func resume(_ result: Result<WireResponse, WireError>) {
            let held = continuation.withLock { held in
                defer { held = nil }
                return held
            }
            held?.resume(returning: result)
        }
    }
}
