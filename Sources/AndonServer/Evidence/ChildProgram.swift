import AndonPrograms
import Foundation

/// A program of our own that is run to its end, beside the server and behind it: what comes in goes before what is drawn.
struct ChildProgram: Sendable {
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// Where its error output goes; its other streams are empty.
    var errors: String

    /// - Throws: `ChildStart.Failure`.
    func run() async throws -> ChildEnd {
        let child = try ChildStart(
            path: path, arguments: arguments, environment: environment, errors: .file(errors),
            niceness: 10
        ).start()
        return await withCheckedContinuation { continuation in
            // A thread of its own: it only waits.
            Thread.detachNewThread { continuation.resume(returning: ChildEnd.wait(for: child)) }
        }
    }
}
