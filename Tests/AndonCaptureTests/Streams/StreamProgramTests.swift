import AndonModel
import AndonVision
import Foundation
import Synchronization
import Testing

@testable import AndonCapture

/// What came of a source, and how it ended.
final class Taken: Sendable {
    private let all = Mutex<(frames: [Frame], max: Int, stop: (@Sendable () -> Void)?)>(([], .max, nil))
    var frames: [Frame] { all.withLock { $0.frames } }

    func add(_ frame: Frame) {
        let stop = all.withLock { all in
            all.frames.append(frame)
            return all.frames.count >= all.max ? all.stop : nil
        }
        stop?()
    }

    private func stop(at max: Int, _ stop: @escaping @Sendable () -> Void) {
        let isOver = all.withLock { all in
            (all.max, all.stop) = (max, stop)
            return all.frames.count >= max
        }
        if isOver { stop() }
    }

    /// Runs a source until it ends by itself, or has brought so many.
    static func from(_ source: any FrameSource, atMost max: Int = .max) async -> (taken: Taken, error: CaptureError?) {
        let taken = Taken()
        let running = Task { () -> CaptureError? in
            do throws(CaptureError) {
                try await source.run { taken.add($0) }
                return nil
            } catch {
                return error
            }
        }
        taken.stop(at: max) { running.cancel() }
        return (taken, await running.value)
    }
}

/// A folder that goes with its test.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("andon-capture-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func script(_ text: String) throws -> String {
        let file = path + "/program-\(UUID().uuidString)"
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        return file
    }
}

@Suite("Programs that bring pictures")
struct StreamProgramTests {
    private static let part = "printf -- '--a\\r\\nContent-Length: 3\\r\\n\\r\\nabc\\r\\n'"

    private func source(_ program: String, stallAfter: Duration = .seconds(10), secrets: String? = nil) -> FFmpegSource
    {
        FFmpegSource(
            name: "cam", input: .rtsp(url: "rtsp://user@camera.example/1", password: secrets),
            options: .init(stallAfter: stallAfter, program: program), time: SystemTime())
    }

    @Test("A program that is not installed is named, with how to install it")
    func missing() async {
        let (_, error) = await Taken.from(source("no-such-program"))
        #expect(error?.kind == .missingTool)
        #expect(error?.reason.contains("apt-get install ffmpeg") == true)
    }

    @Test("A program that ends without a picture is a camera that is not reached, in the program's last words")
    func withoutPicture() async throws {
        let folder = try Folder()
        let (taken, error) = await Taken.from(source(try folder.script("echo first >&2; echo no route >&2; exit 3")))
        #expect(taken.frames.isEmpty)
        #expect(error?.kind == .unreachable)
        #expect(error?.reason.hasSuffix("no route") == true)
    }

    @Test("The password of a camera is in no error, however the program quotes it")
    func masked() async throws {
        let folder = try Folder()
        let program = try folder.script("echo \"cannot open $*: p4ss/word p4ss%2Fword\" >&2; exit 1")
        let (_, error) = await Taken.from(source(program, secrets: "p4ss/word"))
        let reason = try #require(error?.reason)
        #expect(reason.contains("cannot open"))
        #expect(!reason.contains("p4ss/word") && !reason.contains("p4ss%2Fword"), "\(reason)")
    }

    @Test("A program that ends after some pictures broke the camera's stream, whether it ended well or badly")
    func endings() async throws {
        let folder = try Folder()
        let good = await Taken.from(source(try folder.script("\(Self.part)\n\(Self.part)")))
        #expect(good.error?.kind == .ended)
        #expect(good.taken.frames.map(\.number) == [1, 2])
        #expect(good.taken.frames.allSatisfy { $0.picture.bytes == Array("abc".utf8) && $0.clock == .arrival })
        let bad = await Taken.from(source(try folder.script("\(Self.part)\necho gone >&2\nexit 2")))
        #expect(bad.taken.frames.count == 1)
        #expect(
            bad.error
                == CaptureError(
                    .broken, "\(bad.error?.reason.split(separator: " ").first ?? "") ended with status 2: gone"))
    }

    @Test("A program that says nothing more is ended, and so is what it started")
    func stalled() async throws {
        let folder = try Folder()
        let file = folder.path + "/child"
        let program = try folder.script("\(Self.part)\nsleep 1000 &\necho $! >\(file)\nwait")
        let (taken, error) = await Taken.from(source(program, stallAfter: .milliseconds(300)))
        #expect(taken.frames.count == 1)
        #expect(error?.kind == .broken)
        let child = try #require(Int32(try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)))
        #expect(isGone(child), "the program's own child \(child) still runs")
    }

    @Test("A program that goes on writing and never finishes a picture is ended too")
    func trickles() async throws {
        let folder = try Folder()
        let program = try folder.script(
            "printf -- '--a\\r\\nContent-Length: 9999999\\r\\n\\r\\n'\nwhile :; do echo abc; done")
        let (_, error) = await Taken.from(source(program, stallAfter: .milliseconds(300)))
        #expect(error?.reason.contains("no picture came for 0.3 s") == true, "\(error?.reason ?? "")")
    }

    @Test("Who does not want any more frames has the program ended before run returns")
    func cancelled() async throws {
        let folder = try Folder()
        let file = folder.path + "/self"
        let program = try folder.script("echo $$ >\(file)\nwhile :; do \(Self.part); done")
        let (taken, error) = await Taken.from(source(program), atMost: 5)
        #expect(taken.frames.count >= 5)
        #expect(error == nil)
        let own = try #require(Int32(try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber)))
        // Its reader's thread kills it at once, and may not have reaped it at this instant.
        for _ in 0..<100_000 where !isGone(own) { await Task.yield() }
        #expect(isGone(own))
    }

    /// Not there, or dead and not reaped yet (by whoever adopted it).
    private func isGone(_ process: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return stat.split(separator: ")").last?.split(separator: " ").first.map { "ZX".contains($0) } ?? true
    }
}
