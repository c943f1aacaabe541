import AndonModel
import AndonVision
import Foundation
import Testing

@testable import AndonCapture

private let ffmpeg = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}
private let fakeCamera = "/usr/bin/arv-fake-gv-camera-0.8"
private let gstreamer = "/usr/bin/gst-launch-1.0"

/// The real ffmpeg, and real files and streams that it made.
@Suite("Frames by ffmpeg", .enabled(if: ffmpeg != nil, "ffmpeg is not installed"))
struct FFmpegSourceTests {
    private static func run(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ffmpeg ?? "")
        process.arguments = ["-nostdin", "-hide_banner", "-loglevel", "error"] + arguments
        try process.run()
        return process
    }

    /// Seconds of the test picture at 25 frames a second.
    private static func clip(_ name: String, in folder: Folder, seconds: Int, _ codec: [String]) throws -> String {
        let path = "\(folder.path)/\(name)"
        let process = try run(
            ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=\(seconds)"] + codec + [path])
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return path
    }

    private func file(_ path: String, isLooped: Bool = false, _ options: FFmpegSource.Options = .init()) -> FFmpegSource
    {
        FFmpegSource(
            name: "cam", input: .file(path: path, isPaced: false, isLooped: isLooped), options: options,
            time: SystemTime())
    }

    @Test("Of a film each frame comes once, as a whole JPEG file; thinned, so many a second")
    func film() async throws {
        let folder = try Folder()
        let path = try Self.clip("film.mp4", in: folder, seconds: 2, ["-c:v", "mpeg4"])
        let (taken, error) = await Taken.from(file(path))
        #expect(error == nil)
        #expect(taken.frames.map(\.number) == Array(1...50))
        for frame in taken.frames {
            #expect(
                frame.picture.bytes.starts(with: [0xFF, 0xD8, 0xFF]) && frame.picture.bytes.suffix(2) == [0xFF, 0xD9])
        }
        #expect(taken.frames.map(\.arrivedAt) == taken.frames.map(\.arrivedAt).sorted())
        let thinned = await Taken.from(file(path, .init(framesPerSecond: 5)))
        #expect(9...11 ~= thinned.taken.frames.count)
        let looped = await Taken.from(file(path, isLooped: true), atMost: 120)
        #expect(looped.taken.frames.count >= 120)
    }

    @Test("A file that is not there, and one that is no film, are told in ffmpeg's words")
    func noFilm() async throws {
        let folder = try Folder()
        let missing = await Taken.from(file(folder.path + "/none.mp4"))
        #expect(missing.error?.kind == .unreachable)
        #expect(missing.error?.reason.contains("No such file") == true)
        let path = folder.path + "/text.mp4"
        try Data("no film".utf8).write(to: URL(fileURLWithPath: path))
        #expect(await Taken.from(file(path)).error?.kind == .unreachable)
    }

    @Test("Frames that come unevenly, some close together, come all")
    func uneven() async throws {
        let folder = try Folder()
        let path = try Self.clip(
            "film.mkv", in: folder, seconds: 2,
            [
                "-vf", "settb=1/1000,setpts='(N-mod(N,2))*40+mod(N,2)*4'", "-fps_mode", "passthrough",
                "-enc_time_base", "1:1000", "-c:v", "mpeg4",
            ])
        let (taken, error) = await Taken.from(file(path))
        #expect(error == nil)
        #expect(taken.frames.count == 50)
    }

    @Test("Of a film that was cut off the whole frames come, and none that is broken")
    func cutOff() async throws {
        let folder = try Folder()
        let path = try Self.clip("film.avi", in: folder, seconds: 2, ["-c:v", "mjpeg"])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.prefix(data.count * 2 / 3).write(to: URL(fileURLWithPath: path))
        let (taken, _) = await Taken.from(file(path))
        #expect(20...40 ~= taken.frames.count)
        #expect(taken.frames.allSatisfy { $0.picture.bytes.suffix(2) == [0xFF, 0xD9] })
    }

    @Test("A camera's JPEG files over HTTP are handed on byte for byte, and its ending server is a broken stream")
    func motionJPEG() async throws {
        let folder = try Folder()
        let path = try Self.clip("film.mjpeg", in: folder, seconds: 1, ["-c:v", "mjpeg", "-q:v", "4"])
        let port = try freePort()
        let server = try Self.run([
            "-re", "-i", path, "-c:v", "copy", "-f", "mpjpeg", "-content_type",
            "multipart/x-mixed-replace;boundary=ffmpeg", "-listen", "1", "http://127.0.0.1:\(port)/cam",
        ])
        defer { server.terminate() }
        let source = FFmpegSource(
            name: "cam", input: .mjpeg(url: "http://127.0.0.1:\(port)/cam", password: nil), time: SystemTime())
        // Until the server listens the camera is not reached.
        var answer = await Taken.from(source)
        while answer.error?.kind == .unreachable, server.isRunning { answer = await Taken.from(source) }
        let film = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let frames = answer.taken.frames.map(\.picture.bytes)
        #expect(frames.count >= 20)
        let joined = frames.flatMap { $0 }
        #expect(film.starts(with: joined) || Array(film.suffix(joined.count)) == joined)
    }

    @Test("A child that is killed from outside is a broken stream")
    func killed() async throws {
        let folder = try Folder()
        let path = try Self.clip("film.mp4", in: folder, seconds: 1, ["-c:v", "mpeg4"])
        let taken = Taken()
        let source = file(path, isLooped: true)
        let running = Task { () -> CaptureError? in
            do throws(CaptureError) {
                try await source.run { taken.add($0) }
                return nil
            } catch {
                return error
            }
        }
        while taken.frames.count < 10 { await Task.yield() }
        let killer = Process()
        killer.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        killer.arguments = ["pkill", "-KILL", "-f", path]
        try killer.run()
        killer.waitUntilExit()
        let error = await running.value
        #expect(error?.kind == .broken)
        #expect(error?.reason.contains("137") == true, "\(error?.reason ?? "")")
    }

    private func freePort() throws -> Int {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])",
        ]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        return try #require(Int(text.filter(\.isNumber)))
    }
}

@Suite(
    "Frames of a GigE camera",
    .enabled(
        if: [fakeCamera, gstreamer].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) },
        "GStreamer or aravis's fake camera is not installed"))
struct GenICamSourceTests {
    @Test("aravis's own GigE Vision camera on the loopback is followed")
    func gigE() async throws {
        let camera = Process()
        camera.executableURL = URL(fileURLWithPath: fakeCamera)
        camera.arguments = ["-i", "127.0.0.1"]
        try camera.run()
        // It does not listen to SIGTERM.
        defer { kill(camera.processIdentifier, SIGKILL) }
        let source = GenICamSource(name: "cam", camera: "127.0.0.1", time: SystemTime())
        var frames: [Frame] = []
        for _ in 0..<20 where frames.isEmpty {
            frames = await Taken.from(source, atMost: 3).taken.frames
        }
        #expect(frames.count >= 3)
        #expect(frames.allSatisfy { $0.picture.bytes.starts(with: [0xFF, 0xD8, 0xFF]) })
    }
}
