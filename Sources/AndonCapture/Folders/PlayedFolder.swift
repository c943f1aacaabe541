import AndonModel
import AndonVision

/// A folder of pictures played as a camera would send them, at a steady rate. The folder is not changed.
public struct PlayedFolder: FrameSource {
    public struct Settings: Sendable, Hashable {
        public enum Order: String, Sendable, Hashable, CaseIterable { case name, shuffled }

        public var path: String
        public var framesPerSecond: Double
        public var order: Order
        /// Of the shuffling: the same seed and the same names give the same order.
        public var seed: UInt64
        /// Whether it begins anew behind the last picture; each round is shuffled differently.
        public var isLooped: Bool
        /// Of one file; what is larger is refused.
        public var bytesMax: Int

        public init(
            path: String, framesPerSecond: Double = 1, order: Order = .name, seed: UInt64 = 1, isLooped: Bool = false,
            bytesMax: Int = 20_000_000
        ) {
            self.path = path
            self.framesPerSecond = framesPerSecond
            self.order = order
            self.seed = seed
            self.isLooped = isLooped
            self.bytesMax = bytesMax
        }
    }

    public let name: String
    public let settings: Settings
    private let time: any TimeSource

    /// Played once it waits, so that each picture is looked at; looped it is a camera.
    public var keepsWaiting: Bool { !settings.isLooped }

    public init(name: String, settings: Settings, time: any TimeSource) {
        self.name = name
        self.settings = settings
        self.time = time
    }

    public func check() throws(CaptureError) { _ = try FolderHandle(settings.path) }

    /// Frames bear the time of their playing; the file's name is in `note.attributes["file"]`.
    public func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let folder = try FolderHandle(settings.path)
        let names = try folder.pictures().sorted()
        guard !names.isEmpty else {
            throw CaptureError(.unreachable, "the folder \(settings.path) has no .jpg, .jpeg or .png file to play")
        }
        var generator = SplitMix(state: settings.seed)
        let period = Duration.microseconds(Int64(1e6 / settings.framesPerSecond))
        var (number, due) = (0, time.uptime())
        repeat {
            for name in settings.order == .name ? names : names.shuffled(using: &generator) {
                let wait = due - time.uptime()
                if wait > .zero, (try? await time.sleep(for: wait)) == nil { return }
                if Task.isCancelled { return }
                number += 1
                await deliver(try frame(number, name, folder))
                // What is late is not made up for by a burst.
                due = max(due + period, time.uptime())
            }
        } while settings.isLooped
    }

    private func frame(_ number: Int, _ name: String, _ folder: FolderHandle) throws(CaptureError) -> Frame {
        guard let mark = folder.mark(name), mark.size <= settings.bytesMax, let bytes = try folder.read(name, as: mark),
            let format = PixelDecoder.format(of: bytes)
        else {
            throw CaptureError(
                .refused,
                "\(settings.path)/\(name.cut(to: 120).withoutControls) is no JPEG or PNG file of up to "
                    + "\(settings.bytesMax) bytes; take it out of the folder")
        }
        return Frame(
            number: number, capturedAt: time.now(), clock: .arrival, arrivedAt: time.uptime(),
            picture: EncodedPicture(format: format, bytes: bytes), note: FrameNote(attributes: ["file": .string(name)]))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same order on every machine and with every version of the standard library's own.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
