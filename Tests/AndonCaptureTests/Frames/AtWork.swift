import AndonModel
import AndonVision
import Foundation

@testable import AndonCapture

/// A source that runs, and whose frames are waited for one by one.
final class AtWork {
    private var frames: AsyncStream<Frame>.Iterator
    private let running: Task<CaptureError?, Never>

    init(_ source: any FrameSource) {
        let (stream, sender) = AsyncStream<Frame>.makeStream()
        frames = stream.makeAsyncIterator()
        running = Task {
            defer { sender.finish() }
            do throws(CaptureError) {
                try await source.run { sender.yield($0) }
                return nil
            } catch {
                return error
            }
        }
    }

    /// nil when the source has come to its end.
    func next() async -> Frame? { await frames.next() }

    /// Stops it; what it ended with.
    @discardableResult
    func end() async -> CaptureError? {
        running.cancel()
        return await running.value
    }

    /// What it ends with by itself.
    var ending: CaptureError? { get async { await running.value } }
}

/// The seeds of the fuzz targets, which other programs made.
enum Pictures {
    static let names = ["baseline-420", "restart-422", "progressive", "arithmetic-444", "grey", "rgb", "turned"]
    static let pngNames = ["colour", "colour-16", "grey", "interlaced", "palette"]

    static func path(_ file: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Fuzz/seeds/\(file)").standardizedFileURL.path
    }

    static func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(file))))
    }
}
