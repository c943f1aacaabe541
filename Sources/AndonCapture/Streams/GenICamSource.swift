import AndonModel
import AndonVision

/// Frames of a GenICam camera (GigE Vision, USB3 Vision) through GStreamer with aravis, as a program beside this one: the
/// camera's driver crashes alone.
public struct GenICamSource: FrameSource {
    public let name: String
    /// As `arv-tool-0.8` lists it, or the address of a GigE camera; nil for the first that is found.
    public let camera: String?
    public let options: FFmpegSource.Options
    public var keepsWaiting: Bool { false }
    private let time: any TimeSource

    public init(name: String, camera: String?, options: FFmpegSource.Options = .init(), time: any TimeSource) {
        (self.name, self.camera, self.options, self.time) = (name, camera, options, time)
    }

    public func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        let program = StreamProgram(
            program: "gst-launch-1.0", arguments: arguments, secrets: [], stallAfter: options.stallAfter,
            bytesMax: options.bytesMax,
            installed: "sudo apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base "
                + "gstreamer1.0-plugins-good libaravis-0.8-0")
        try await StreamFrames(program: program, thinned: options.framesPerSecond, time: time).follow(deliver)
    }

    /// ffmpeg's scale of quality, 2...31, on JPEG's, 0...100.
    private var quality: Int { 100 - (options.quality - 2) * 3 }

    var arguments: [String] {
        ["-q", "aravissrc"] + (camera.map { ["camera-name=\($0)"] } ?? [])
            + [
                "!", "videoconvert", "!", "jpegenc", "quality=\(quality)", "!", "multipartmux", "boundary=andon", "!",
                "fdsink", "fd=1",
            ]
    }
}
