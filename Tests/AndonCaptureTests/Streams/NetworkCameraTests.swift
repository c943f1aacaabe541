import AndonModel
import AndonVision
import Foundation
import Testing

@testable import AndonCapture

private let programs = ["/usr/bin/ffmpeg", "/usr/bin/python3"]

/// A camera that speaks RTSP: RTP within the connection, Basic authentication. It closes each stream after a while.
private final class NetworkCamera {
    private let process = Process()
    private let port: Int

    init(password: String, closesAfter seconds: Double) throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: programs[1])
        process.arguments = [
            tests.appendingPathComponent("Counterpart/rtsp_camera.py").path, programs[0], "op", password, "\(seconds)",
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        port = try #require(
            Int(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).filter(\.isNumber)))
    }

    deinit { process.terminate() }

    func source(password: String) -> FFmpegSource {
        FFmpegSource(
            name: "cam", input: .rtsp(url: "rtsp://op@127.0.0.1:\(port)/stream1", password: password),
            time: SystemTime())
    }
}

/// The machine's clock, on which nobody waits.
private struct HastyTime: TimeSource {
    private let clock = SystemTime()

    func now() -> Timestamp { clock.now() }
    func uptime() -> Duration { clock.uptime() }
    func sleep(for duration: Duration) async throws { try Task.checkCancellation() }
}

private struct Even: RandomSource {
    func next() -> UInt64 { 1 << 63 }
}

@Suite(
    "A network camera by RTSP",
    .enabled(
        if: programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) },
        "ffmpeg or Python is not installed"))
struct NetworkCameraTests {
    @Test("A camera that closes its stream is broken, however well ffmpeg ends; it is followed again, and again")
    func reconnects() async throws {
        let camera = try NetworkCamera(password: "p4ss/w%rd", closesAfter: 1)
        let supervisor = CaptureSupervisor(
            source: camera.source(password: "p4ss/w%rd"), time: HastyTime(), random: Even())
        let taken = Taken()
        let (events, told) = AsyncStream.makeStream(of: CaptureEvent.self)
        let running = Task {
            await supervisor.run(report: { told.yield($0) }, deliver: { taken.add($0) })
        }
        var (connections, ends) = (0, [CaptureError.Kind]())
        for await event in events {
            if case .lost(let error) = event { ends.append(error.kind) }
            if event == .connected { connections += 1 }
            if connections == 3 { break }
        }
        running.cancel()
        await running.value
        #expect(taken.frames.count > 30)
        #expect(taken.frames.allSatisfy { $0.picture.bytes.suffix(2) == [0xFF, 0xD9] })
        #expect(ends.prefix(2) == [.ended, .ended])
    }

    @Test("A wrong password is told as the camera says it, and stands nowhere")
    func refused() async throws {
        let camera = try NetworkCamera(password: "right", closesAfter: 1)
        let (taken, error) = await Taken.from(camera.source(password: "wr0ng-one"))
        #expect(taken.frames.isEmpty)
        #expect(error?.kind == .unreachable)
        let reason = try #require(error?.reason)
        #expect(reason.contains("401") && !reason.contains("wr0ng"), "\(reason)")
    }
}
