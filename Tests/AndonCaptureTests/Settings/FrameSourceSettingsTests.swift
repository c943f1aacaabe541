import AndonModel
import AndonTesting
import Testing

@testable import AndonCapture

@Suite("The section capture of a camera")
struct FrameSourceSettingsTests {
    private func read(_ document: JSON) -> (settings: FrameSourceSettings, faults: [String]) {
        let faults = SettingsFaults()
        let reader = SettingsReader(
            Settings(document: document, file: "t"), faults: faults,
            secrets: SecretSource(environment: { $0 == "PASSWORD" ? "s3cret" : nil }, file: { _ in nil }))
        let settings = FrameSourceSettings(reading: reader)
        return (settings, faults.faults.map { "\($0.path) \($0.message)" })
    }

    private func source(_ document: JSON) throws -> any FrameSource {
        let (settings, faults) = read(document)
        #expect(faults == [])
        return try settings.source(name: "s", time: LeapingTime(), random: SystemRandom())
    }

    @Test("Each kind of source is built as it is written")
    func builds() throws {
        let rtsp = try #require(
            try source([
                "from": "rtsp", "url": "rtsp://op@cam-7.example:554/s", "password": ["env": "PASSWORD"], "quality": 5,
                "stallAfter": "4s", "framesPerSecond": 2.5, "keyFramesOnly": true, "bytesMax": "1MB",
            ]) as? FFmpegSource)
        #expect(rtsp.input == .rtsp(url: "rtsp://op@cam-7.example:554/s", password: "s3cret"))
        #expect(
            rtsp.options
                == FFmpegSource.Options(
                    framesPerSecond: 2.5, keyFramesOnly: true, quality: 5, stallAfter: .seconds(4), bytesMax: 1_000_000)
        )
        let mjpeg = try source(["from": "mjpeg", "url": "http://cam/x?y=1"]) as? FFmpegSource
        #expect(mjpeg?.input == .mjpeg(url: "http://cam/x?y=1", password: nil))
        let usb = try source(["from": "usb", "format": "yuyv422"]) as? FFmpegSource
        #expect(usb?.input == .usb(device: "/dev/video0", format: "yuyv422"))
        let file = try source(["from": "file", "path": "/f.mp4", "paced": false, "loop": true]) as? FFmpegSource
        #expect(file?.input == .file(path: "/f.mp4", isPaced: false, isLooped: true))
        #expect((try source(["from": "genicam", "camera": "Basler-1"]) as? GenICamSource)?.camera == "Basler-1")
        let folder = try source([
            "from": "folder", "path": "/in", "afterwards": "leave", "sidecar": "required", "clock": "file",
            "stableFor": "2s", "sweepEvery": "1m",
        ])
        #expect(
            (folder as? FolderSource)?.settings
                == FolderSource.Settings(
                    path: "/in", afterwards: .leave, sidecar: .required, clock: .file, stableFor: .seconds(2),
                    sweepEvery: .seconds(60)))
        let played = try source([
            "from": "played", "path": "/p", "framesPerSecond": 8, "order": "shuffled", "seed": 3, "loop": true,
        ])
        #expect(
            (played as? PlayedFolder)?.settings
                == PlayedFolder.Settings(path: "/p", framesPerSecond: 8, order: .shuffled, seed: 3, isLooped: true))
        #expect(try source(["from": "push"]) is PushedFrames)
    }

    @Test(
        "A mistake is named with its place",
        arguments: [
            (["path": "/in"], "the option \"from\" is required here"),
            (["from": "rstp"], "/from should be one of rtsp"),
            (["from": "rtsp"], "the option \"url\" is required here"),
            (["from": "rtsp", "url": "http://cam/x"], "/url should be an address like rtsp://"),
            (["from": "mjpeg", "url": "http:///x"], "/url should be an address like http://"),
            (["from": "rtsp", "url": "rtsp://op:pw@cam/x"], "/url has a password in it"),
            (["from": "rtsp", "url": "rtsp://cam/x", "password": ["env": "PASSWORD"]], "/url a password needs a user"),
            (["from": "rtsp", "url": "rtsp://op@cam/x", "password": "pw"], "/password a secret is not written here"),
            (["from": "usb", "quality": 1], "/quality should be a whole number from 2 to 31"),
            (["from": "usb", "stallAfter": "10ms"], "/stallAfter should be between 1s and 1h"),
            (["from": "folder"], "the option \"path\" is required here"),
            (
                ["from": "folder", "path": "/in", "afterwards": "burn"],
                "/afterwards should be one of leave, move, delete"
            ),
            (["from": "folder", "path": "/in", "loop": true], "/loop unknown option"),
            (["from": "played", "path": "/p", "framesPerSecond": 0], "/framesPerSecond should be a number from 0.01"),
            (["from": "push", "bytesMax": "1GB"], "/bytesMax should be a size"),
        ] as [(JSON, String)])
    func faults(_ document: JSON, _ words: String) {
        let faults = read(document).faults
        #expect(faults.contains { $0.contains(words) }, "\(faults)")
        #expect(!"\(faults)".contains("pw@"))
    }

    @Test("The host of an address is found, whatever stands around it")
    func hosts() {
        let table: [(String, String?)] = [
            ("rtsp://op@cam-7.example:554/s", "cam-7.example"), ("http://10.1.2.3/a@b:c", "10.1.2.3"),
            ("rtsp://[fe80::1]:554/s", "fe80::1"), ("http://cam?x=/", "cam"), ("rtsp:///x", nil), ("cam", nil),
        ]
        for (url, host) in table { #expect(FrameSourceSettings.host(of: url) == host, "\(url)") }
        #expect(read(["from": "rtsp", "url": "rtsp://op@cam/s"]).settings.host == "cam")
        #expect(read(["from": "usb"]).settings.host == nil)
    }
}
