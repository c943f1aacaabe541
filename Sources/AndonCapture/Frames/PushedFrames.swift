import AndonModel
import AndonVision
import Synchronization

/// Frames that are sent here, one request each.
public final class PushedFrames: FrameSource {
    private struct State {
        var deliver: (@Sendable (Frame) async -> Void)?
        var number = 0
    }

    public let name: String
    private let time: any TimeSource
    private let bytesMax: Int
    private let pixelsMax: Int
    private let state = Mutex(State())

    /// A sender waits for its answer, and that is the back-pressure.
    public var keepsWaiting: Bool { true }

    public init(name: String, time: any TimeSource, bytesMax: Int = 20_000_000, pixelsMax: Int = 100_000_000) {
        self.name = name
        self.time = time
        self.bytesMax = bytesMax
        self.pixelsMax = pixelsMax
    }

    public func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        state.withLock { $0.deliver = deliver }
        // Nothing is ever sent on it: the loop ends when the task is cancelled.
        let (silence, sender) = AsyncStream<Void>.makeStream()
        for await _ in silence {}
        sender.finish()
        state.withLock { $0.deliver = nil }
    }

    /// Takes a frame, and returns once it was delivered.
    ///
    /// - Parameters:
    ///   - bytes: a JPEG or PNG file.
    ///   - capturedAt: the sender's trigger time; nil for the time of its arrival.
    /// - Returns: the frame's number.
    /// - Throws: ``CaptureError``: `refused` for what is no such picture, `unreachable` while nobody takes frames.
    public func push(
        _ bytes: [UInt8], note: FrameNote, capturedAt: Timestamp?
    ) async throws(CaptureError) -> Int {
        guard bytes.count <= bytesMax else {
            throw CaptureError(.refused, "the picture has \(bytes.count) bytes, and \(bytesMax) are taken at most")
        }
        let picture = try PixelDecoder.picture(bytes, pixelsMax: pixelsMax)
        let (deliver, number) = state.withLock { state in
            if state.deliver != nil { state.number += 1 }
            return (state.deliver, state.number)
        }
        guard let deliver else { throw CaptureError(.unreachable, "the camera \(name) takes no frames now") }
        await deliver(
            Frame(
                number: number, capturedAt: capturedAt ?? time.now(), clock: capturedAt == nil ? .arrival : .trigger,
                arrivedAt: time.uptime(), picture: picture, note: note))
        return number
    }
}
