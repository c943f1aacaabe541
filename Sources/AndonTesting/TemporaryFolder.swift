import Foundation

/// A folder for one test, removed with the last reference to it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init(_ name: String = "andon") throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
