import AndonConfiguration
import AndonInference
import AndonModel
import AndonTesting
import AndonVision
import Foundation
import Synchronization
import Testing

@testable import AndonSources

@Suite("A camera's model, health and speed")
struct CameraWatchTests {
    @Test("A camera that sends nothing is reported against, once, and an alarm stands until frames come again")
    func dead() async throws {
        let bench = try await CameraBench(
            ["health": ["watches": ["dead"], "deadAfter": "10s", "asset": "CAMERA-01"]], keepsWaiting: false)
        await bench.camera.takeUpModel()
        await bench.camera.pass(try bench.frame(1, hasDefect: false))
        for _ in 1...30 {
            bench.time.advance(by: .seconds(1))
            await bench.camera.beatOnce()
        }
        #expect(bench.intake.troubles == ["camera_dead"])
        let report = try #require(bench.intake.now.documents.last)
        #expect(report["asset"] == "CAMERA-01" && report["camera"] == "CAM-01" && report["kind"] == "threshold")
        #expect(try await bench.alarms().contains("camera-trouble"))
        for number in 2...8 { await bench.camera.pass(try bench.frame(number, hasDefect: false)) }
        await bench.camera.beatOnce()
        #expect(try await bench.alarms().contains("camera-trouble") == false)
        #expect(bench.intake.troubles.count == 1)
    }

    @Test("A black picture goes with its report, which waits while the store has no room")
    func black() async throws {
        let bench = try await CameraBench(["health": ["watches": ["black"], "begins": "3"]])
        await bench.camera.takeUpModel()
        bench.intake.answer { _ in throw StoreFull() }
        for number in 1...4 { await bench.camera.pass(try bench.frame(number, hasDefect: false, level: 0)) }
        #expect(bench.intake.troubles.isEmpty)
        bench.intake.answer(nil)
        await bench.camera.beatOnce()
        #expect(bench.intake.troubles == ["camera_black"])
        guard case .bytes(let bytes)? = bench.intake.now.pictures.values.first else {
            Issue.record("the report should have the frame with it")
            return
        }
        #expect(bytes.starts(with: [0xFF, 0xD8]))
    }

    @Test("A camera that was moved while the server was down is found, until somebody says that it is right so")
    func movedMeanwhile() async throws {
        let options: [String: JSON] = ["health": ["watches": ["moved"], "learnsFrom": "5"]]
        let before = try await CameraBench(options)
        await before.camera.recallScene()
        await before.camera.takeUpModel()
        for number in 1...5 { await before.camera.pass(try before.scene(number)) }
        #expect(before.camera.board.now.sceneLearnedAt != nil && before.intake.troubles.isEmpty)

        let bench = try await CameraBench(options, after: before)
        await bench.camera.recallScene()
        await bench.camera.takeUpModel()
        for number in 1...8 { await bench.camera.pass(try bench.scene(number, off: 4)) }
        #expect(bench.intake.troubles == ["camera_moved"])
        #expect(bench.camera.board.now.troubles["moved"] != nil)

        try await bench.camera.learnScene(by: "A. Nowak", reason: "turned to the new fixture")
        #expect(bench.camera.board.now.troubles.isEmpty && bench.camera.board.now.sceneLearnedAt == nil)
        for number in 9...20 { await bench.camera.pass(try bench.scene(number, off: 4)) }
        #expect(bench.camera.board.now.troubles.isEmpty && bench.intake.troubles.count == 1)

        // What was learned then is what the next run knows; with another zone it learns for itself.
        let next = try await CameraBench(options, after: bench)
        await next.camera.recallScene()
        #expect(next.camera.board.now.sceneLearnedAt != nil)
        let zone: JSON = ["x": "0", "y": "0.5", "width": "1", "height": "0.5"]
        let other = try await CameraBench(
            ["health": ["watches": ["moved"], "learnsFrom": "5", "stillZone": zone]], after: bench)
        await other.camera.recallScene()
        #expect(other.camera.board.now.sceneLearnedAt == nil)
    }

    private struct StoreFull: Error {}

    @Test("A folder is never dead")
    func folder() async throws {
        let bench = try await CameraBench(["health": ["watches": ["dead"], "deadAfter": "1s"]], keepsWaiting: true)
        for _ in 1...30 {
            bench.time.advance(by: .seconds(1))
            await bench.camera.beatOnce()
        }
        #expect(bench.intake.troubles.isEmpty)
    }

    @Test("A model is swapped under frames; a bad one is refused with its reasons and the old one goes on")
    func swap() async throws {
        let (old, new) = (ScriptedEngine(), ScriptedEngine())
        let time = TestTime()
        let bench = try await CameraBench { card async throws(ModelRefusal) in
            switch card {
            case "models/scratches.yaml": try await CameraBench.model(old, time: time)
            case "models/next.yaml": try await CameraBench.model(new, CameraBench.card(version: "2"), time: time)
            default: throw ModelRefusal(["line 3: version is missing", "line 9: no such task"])
            }
        }
        await bench.camera.takeUpModel()
        let gate = Gate()
        old.wait { await gate.pass() }
        let frame = try bench.frame(1, hasDefect: true)
        let underWay = Task { await bench.camera.pass(frame) }
        while old.calls < 2 { await Task.yield() }
        await #expect(throws: ModelRefusal.self) { try await bench.camera.swapModel(to: "bad.yaml") }
        for outside in ["../x.yaml", "/etc/passwd", "a//b", ""] {
            await #expect(throws: ModelRefusal.self) { try await bench.camera.swapModel(to: outside) }
        }
        #expect(bench.camera.board.now.model?.version == "1")
        let standing = try await bench.camera.swapModel(to: "next.yaml")
        #expect(standing.version == "2" && standing.card == "models/next.yaml" && !old.isClosed)
        await gate.open()
        await underWay.value
        #expect(old.isClosed && !new.isClosed)
        await bench.camera.pass(try bench.frame(2, hasDefect: true))
        #expect(bench.intake.defects.map { $0["model"]?["version"]?.string } == ["1", "2"])
        #expect(bench.camera.board.now.tally.droppedInAll == 0)
    }

    @Test("A shadow model sees the same frames and decides nothing")
    func shadow() async throws {
        let (live, beside) = (ScriptedEngine(), ScriptedEngine())
        let time = TestTime()
        let bench = try await CameraBench(
            ["model": ["card": "models/scratches.yaml", "shadow": "models/next.yaml"]]
        ) { card async throws(ModelRefusal) in
            try await CameraBench.model(card == "models/next.yaml" ? beside : live, time: time)
        }
        beside.fail { $0 == 3 ? InferenceError(.late, "as the test says") : nil }
        for number in 1...3 {
            bench.feed.send(try bench.frame(number, hasDefect: number == 1))
        }
        let run = Task { await bench.camera.run() }
        #expect(
            try await eventually {
                let shadow = bench.camera.board.now.shadow
                return (shadow?.comparison.frames ?? 0) + (shadow?.comparison.failed ?? 0) + (shadow?.skipped ?? 0) == 3
            })
        bench.feed.end()
        await run.value
        #expect(bench.intake.defects.count == 1 && bench.camera.board.now.tally.good == 2)
        #expect(beside.isClosed)
    }

    @Test("A camera over its limit for a minute is slow, and is so no longer after a minute below it")
    func slow() {
        var watch = SlowWatch(limit: .milliseconds(100))
        for second in 0..<60 {
            watch.look(.milliseconds(150), at: .seconds(second))
            #expect(!watch.isSlow)
        }
        watch.look(.milliseconds(150), at: .seconds(60))
        #expect(watch.isSlow)
        watch.look(.milliseconds(90), at: .seconds(61))
        watch.look(.milliseconds(150), at: .seconds(100))
        watch.look(.milliseconds(90), at: .seconds(101))
        watch.look(.milliseconds(90), at: .seconds(160))
        #expect(watch.isSlow)
        watch.look(.milliseconds(90), at: .seconds(161))
        #expect(!watch.isSlow)
    }

    @Test("Percentiles are of the last frames alone, by nearest rank")
    func percentiles() throws {
        var window = LatencyWindow(size: 100)
        #expect(window.figures == nil)
        for number in 1...250 { window.add(.milliseconds(number)) }
        let figures = try #require(window.figures)
        #expect(figures.p50 == .milliseconds(200) && figures.p95 == .milliseconds(245))
        #expect(figures.p99 == .milliseconds(249) && figures.count == 100)
    }

    @Test("Every option of a camera stands in the documents, and every option of the example is known")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        func text(_ name: String) throws -> String {
            try String(contentsOf: root.appendingPathComponent("docs/\(name).md"), encoding: .utf8)
        }
        let guide = try text("vision")
        let all = try guide + text("capture") + text("camera-health") + text("model-card")
        var asked: Set<String> = []
        for kind in ["rtsp", "usb", "file", "mjpeg", "folder", "played", "push", "genicam"] {
            for engine in ["onnxruntime", "openInference"] {
                let faults = SettingsFaults()
                let options: JSON = [
                    "capture": ["from": .string(kind)], "model": ["engine": [engine: [:]]],
                    "health": ["stillZone": [:]], "severity": ["classes": ["a": [:]], "zones": [[:]]],
                ]
                _ = CameraSettings(
                    reading: SettingsReader(
                        MapperTests.settings(options, "sources.c"), faults: faults,
                        secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
                asked.formUnion(faults.asked)
            }
        }
        let names = Set(asked.compactMap { $0.split(separator: ".").last.map(String.init) }).subtracting(["a"])
        #expect(names.count > 60)
        let missing = names.filter { all.contains("`\($0)`") == false && all.contains("\($0):") == false }
        #expect(missing.isEmpty, "not in the documents: \(missing.sorted())")
        let blocks = guide.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(blocks.count == 2)
        for block in blocks {
            let configuration = try Configuration.load(
                yaml: block.contains("plant:") ? block : "plant: { name: P }\n" + block,
                checkSource: { _, reader in _ = CameraSettings(reading: reader) })
            #expect(configuration.sources.first?.type == "camera")
        }
    }

    @Test("All defaults stand, and each mistake is named with its place")
    func settings() {
        func read(_ options: [String: JSON]) -> (CameraSettings, [String]) {
            let faults = SettingsFaults()
            let settings = CameraSettings(
                reading: SettingsReader(
                    MapperTests.settings(.object(options), "sources.c"), faults: faults,
                    secrets: SecretSource(environment: { _ in nil }, file: { _ in nil })))
            return (settings, faults.faults.map { "\($0.path): \($0.message)" })
        }
        let (settings, none) = read(CameraBench.options)
        #expect(none == [])
        #expect(settings.latencyMax == .milliseconds(100) && settings.goodEvery == .seconds(10))
        #expect(settings.evidence == .init(before: 2, after: 2, ring: .seconds(5), bytesMax: 64_000_000))
        #expect(settings.model.engine == .onnxRuntime(library: nil, threads: 1))
        let (remote, noFaults) = read(
            CameraBench.options.merging([
                "model": [
                    "card": "m.yaml", "engine": ["openInference": ["url": "http://10.0.0.5:8000", "protocol": "grpc"]],
                ]
            ]) { $1 })
        #expect(noFaults == [] && remote.latencyMax == .milliseconds(150))
        guard case .openInference(let server) = remote.model.engine else {
            Issue.record("a server, not \(remote.model.engine)")
            return
        }
        #expect(server.batchMax == 8 && server.gather == .zero && server.overlap == 2)
        let (_, faults) = read([
            "capture": ["from": "push"], "deadline": "0s", "health": ["asset": "X", "darkAfter": "1"],
            "model": ["engine": ["onnxruntime": ["threads": "0"], "openInference": ["url": "x"]]],
        ])
        for words in [
            "sources.c: the option \"camera\" is required here",
            "sources.c.model: the option \"card\" is required here",
            "sources.c.deadline: should be between 1ms and 10m", "sources.c.health.darkAfter: unknown option",
            "sources.c.model.engine: name onnxruntime or openInference, not both",
        ] {
            #expect(faults.contains { $0.contains(words) }, "\(words) in \(faults)")
        }
    }
}

/// Lets nobody through until it is open.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
