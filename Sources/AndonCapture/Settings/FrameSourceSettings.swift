import AndonModel
import AndonVision

/// Where a camera's frames come from, as the configuration says.
public enum FrameSourceSettings: Sendable {
    case stream(FFmpegSource.Input, FFmpegSource.Options)
    case genicam(camera: String?, FFmpegSource.Options)
    case folder(FolderSource.Settings)
    case played(PlayedFolder.Settings)
    case push(bytesMax: Int)

    /// The host that the source connects to; nil where it connects to none.
    public var host: String? {
        switch self {
        case .stream(.rtsp(let url, _), _), .stream(.mjpeg(let url, _), _): Self.host(of: url)
        case .stream, .genicam, .folder, .played, .push: nil
        }
    }

    /// The source itself. Nothing is opened before it runs.
    public func source(
        name: String, time: any TimeSource, random: any RandomSource
    ) throws(CaptureError) -> any FrameSource {
        switch self {
        case .stream(let input, let options): FFmpegSource(name: name, input: input, options: options, time: time)
        case .genicam(let camera, let options): GenICamSource(name: name, camera: camera, options: options, time: time)
        case .folder(let settings): FolderSource(name: name, settings: settings, time: time)
        case .played(let settings): PlayedFolder(name: name, settings: settings, time: time)
        case .push(let bytesMax): PushedFrames(name: name, time: time, bytesMax: bytesMax)
        }
    }

    /// Of an address `scheme://user@host:port/path`; without the brackets of an IPv6 address.
    static func host(of url: String) -> String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let host = place.hasPrefix("[") ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        return host.isEmpty ? nil : String(host)
    }
}
