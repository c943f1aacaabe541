import AndonModel
import AndonVision
import Foundation

/// Frames that ffmpeg brings: from a network camera (RTSP, or MJPEG over HTTP), a camera on USB, or a file.
///
/// A camera that already sends JPEG files has them copied byte for byte; other streams are decoded and written as JPEG, which
/// is then what is kept as evidence. Frames bear the time of their arrival.
public struct FFmpegSource: FrameSource {
    public enum Input: Sendable, Hashable {
        /// Over TCP. `password` stands in the place of `{password}` in the address, or is put into it.
        case rtsp(url: String, password: String?)
        /// Video4Linux: `/dev/video0`; `format` is ffmpeg's `input_format`, mjpeg by default.
        case usb(device: String, format: String?)
        /// Played at its own pace, or as fast as frames are taken.
        case file(path: String, isPaced: Bool, isLooped: Bool)
        case mjpeg(url: String, password: String?)
    }

    public struct Options: Sendable, Hashable {
        /// Thinned to so many; nil for all.
        public var framesPerSecond: Double?
        /// Only frames that stand by themselves are decoded: cheapest, a frame every second or so.
        public var keyFramesOnly: Bool
        /// ffmpeg's quality of JPEG files, 2 (best) to 31.
        public var quality: Int
        /// Without a frame for so long the stream is begun anew.
        public var stallAfter: Duration
        /// Of one frame's file.
        public var bytesMax: Int
        /// A name along the PATH, or a path.
        public var program: String

        public init(
            framesPerSecond: Double? = nil, keyFramesOnly: Bool = false, quality: Int = 3,
            stallAfter: Duration = .seconds(10), bytesMax: Int = 20_000_000, program: String = "ffmpeg"
        ) {
            (self.framesPerSecond, self.keyFramesOnly, self.quality) = (framesPerSecond, keyFramesOnly, quality)
            (self.stallAfter, self.bytesMax, self.program) = (stallAfter, bytesMax, program)
        }
    }

    public let name: String
    public let input: Input
    public let options: Options
    private let time: any TimeSource

    public init(name: String, input: Input, options: Options = Options(), time: any TimeSource) {
        (self.name, self.input, self.options, self.time) = (name, input, options, time)
    }

    /// A file that is not paced can wait; a camera cannot.
    public var keepsWaiting: Bool {
        if case .file(_, isPaced: false, _) = input { return true }
        return false
    }

    public func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let program = StreamProgram(
            program: options.program, arguments: arguments, secrets: secrets, stallAfter: patience,
            bytesMax: options.bytesMax, installed: "sudo apt-get install ffmpeg")
        let frames = StreamFrames(program: program, thinned: isCopied ? options.framesPerSecond : nil, time: time)
        if case .file = input { return try await frames.run(deliver) }
        try await frames.follow(deliver)
    }

    // MARK: The command

    /// Where ffmpeg thins the stream, frames are far apart by themselves.
    private var patience: Duration {
        guard !isCopied, let rate = options.framesPerSecond else { return options.stallAfter }
        return max(options.stallAfter, .seconds(3 / rate))
    }

    /// Whether the camera's own files are handed on.
    private var isCopied: Bool {
        switch input {
        case .mjpeg: true
        case .usb(_, let format): format == nil || format == "mjpeg"
        case .rtsp, .file: false
        }
    }

    /// An array, never a line for a shell.
    var arguments: [String] {
        var words = ["-nostdin", "-hide_banner", "-loglevel", "error"]
        if options.keyFramesOnly { words += ["-skip_frame", "nokey"] }
        let patience = String(max(1, options.stallAfter.components.seconds) * 1_000_000)
        switch input {
        case .rtsp(let url, let password):
            words += ["-rtsp_transport", "tcp", "-timeout", patience, "-i", Self.address(url, password)]
        case .usb(let device, let format):
            words += ["-f", "v4l2", "-input_format", format ?? "mjpeg", "-i", device]
        case .file(let path, let isPaced, let isLooped):
            if isLooped { words += ["-stream_loop", "-1"] }
            if isPaced { words += ["-re"] }
            words += ["-i", "file:\(path)"]
        case .mjpeg(let url, let password): words += ["-rw_timeout", patience, "-i", Self.address(url, password)]
        }
        words += ["-an", "-sn", "-dn"]
        if isCopied {
            words += ["-c:v", "copy"]
        } else {
            if let rate = options.framesPerSecond {
                words += ["-vf", "fps=\(rate)"]
            } else {
                // With the stream's own rate as the base of time, two frames that come close together would end ffmpeg.
                words += ["-fps_mode", "vfr", "-enc_time_base", "1:90000"]
            }
            words += ["-c:v", "mjpeg", "-q:v", String(options.quality), "-pix_fmt", "yuvj420p"]
        }
        return words + ["-flush_packets", "1", "-f", "mpjpeg", "pipe:1"]
    }

    /// `rtsp://user@host/path` with the password of the user put in.
    private static func address(_ url: String, _ password: String?) -> String {
        guard let password, let at = user(of: url)?.endIndex else { return url }
        return url[..<at] + ":" + escaped(password) + url[at...]
    }

    /// As the part of an address (RFC 3986, section 2.1).
    private static func escaped(_ password: String) -> String {
        password.utf8.map { byte in
            let letter = Character(UnicodeScalar(byte))
            if letter.isASCII, letter.isLetter || letter.isNumber { return String(letter) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// What stands before the host, without the @.
    private static func user(of url: String) -> Substring? {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { !"/?#".contains($0) }
        return authority.lastIndex(of: "@").map { authority[..<$0] }
    }

    private var secrets: [String] {
        switch input {
        case .rtsp(let url, let password), .mjpeg(let url, let password):
            // Also of an address that was given with a password in it.
            let written = Self.user(of: url)?.split(separator: ":", maxSplits: 1).dropFirst().first
            return [password.map(Self.escaped), password, written.map(String.init)].compactMap(\.self)
        case .usb, .file: return []
        }
    }
}

/// Numbers the pictures of a program, and thins them where the program cannot.
struct StreamFrames: Sendable {
    let program: StreamProgram
    /// Frames a second that are passed on; nil for all.
    let thinned: Double?
    let time: any TimeSource

    /// A camera has no end: where its stream has one, it broke, as ffmpeg also ends well after a connection that was closed.
    func follow(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        try await run(deliver)
        if !Task.isCancelled { throw CaptureError(.ended, "the camera's stream came to its end") }
    }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let pace = Pace(every: thinned.map { .microseconds(Int(1_000_000 / $0)) })
        let time = time
        try await program.run(time: time) { picture, arrivedAt in
            guard let number = await pace.number(at: arrivedAt) else { return }
            let format = EncodedPicture.Format.jpeg
            await deliver(
                Frame(
                    number: number, capturedAt: time.now() - (time.uptime() - arrivedAt), clock: .arrival,
                    arrivedAt: arrivedAt, picture: EncodedPicture(format: format, bytes: picture)))
        }
    }

    private actor Pace {
        private let every: Duration?
        private var due: Duration?
        private var count = 0

        init(every: Duration?) { self.every = every }

        /// Of the frame that arrived now; nil for one that is left out.
        func number(at arrivedAt: Duration) -> Int? {
            if let every {
                // Half a frame of slack, as frames are never to the microsecond.
                if let due, arrivedAt < due - every / 2 { return nil }
                due = max(due ?? arrivedAt, arrivedAt - every) + every
            }
            count += 1
            return count
        }
    }
}
