import AndonInference
import AndonLedger
import AndonModel
import AndonTesting
import AndonVision
import Synchronization
import Testing

@testable import AndonSources

@Suite("A camera's frames")
struct CameraFlowTests {
    @Test("A frame with a defect is a report with its place, model, confidence and times; one without is counted")
    func reportAndCount() async throws {
        let bench = try await CameraBench()
        let note = FrameNote(id: "f-1", unit: "U-7", lot: "L-2", attributes: ["gauge": 3])
        bench.feed.send(try bench.frame(1, hasDefect: true, note: note))
        bench.feed.send(try bench.frame(2, hasDefect: false))
        bench.feed.end()
        await bench.camera.run()
        let report = try #require(bench.intake.defects.first)
        #expect(report["camera"] == "CAM-01" && report["unit"] == "U-7" && report["lot"] == "L-2")
        #expect(report["id"]?.string?.hasPrefix("vision:") == true && report["id"]?.string?.count == 47)
        #expect(report["model"] == ["name": "scratches", "version": "1"])
        let defect = try #require(report["defects"]?[0])
        #expect(defect["class"] == "scratch" && defect["confidence"]?.number.map { abs($0 - 0.9) < 1e-6 } == true)
        // The model's 8 x 8 pixels lie over the frame's 32 x 24.
        #expect(defect["box"] == ["x": 8, "y": 6, "width": 16, "height": 9])
        #expect(defect["attributes"]?["calibrated"] == false)
        let attributes = try #require(report["attributes"])
        #expect(attributes["modelSha256"]?.string?.count == 64 && attributes["engine"] == "scripted 1")
        #expect(attributes["gauge"] == 3 && attributes["frame"]?["clock"] == "arrival")
        for stage in ["decode", "preprocess", "infer", "postprocess", "total"] {
            #expect(attributes["latencyMs"]?[stage]?.number != nil)
        }
        let batch = try #require(bench.intake.now.batches.values.first?.first)
        #expect(batch.camera == "CAM-01" && batch.inspected == 1 && batch.from < batch.to)
        let tally = bench.camera.board.now.tally
        #expect(tally.received == 2 && tally.reported == 1 && tally.good == 1 && tally.underWay == 0)
        #expect(bench.camera.board.now.state == .stopped && bench.engine.isClosed)
    }

    @Test("Every frame ends once, whatever fails: sums hold at every instant", arguments: 1...6 as ClosedRange<UInt64>)
    func sums(_ seed: UInt64) async throws {
        let isLive = seed.isMultiple(of: 2)
        let bench = try await CameraBench(["goodFrames": ["every": "1s"]], keepsWaiting: !isLive, seed: seed)
        let chance = Chance(seed: seed)
        bench.engine.fail { number in
            // The first call is the warm-up.
            guard number > 1, chance.percent(20) else { return nil }
            return InferenceError([.unavailable, .late, .overloaded, .refused][chance.int(4)], "as the test says")
        }
        bench.intake.answer { _ in
            if chance.percent(15) { throw StoreError.full("as the test says") }
            return chance.percent(5) ? Problem(status: 422, type: "t", title: "T", detail: "as the test says") : nil
        }
        var undecodable = 0
        for number in 1...150 {
            var frame = try bench.frame(number, hasDefect: chance.percent(40))
            if chance.percent(10) {
                frame.picture = EncodedPicture(format: .jpeg, bytes: [0xFF, 0xD8, 0xFF, 1, 2])
                undecodable += 1
            }
            bench.feed.send(frame)
        }
        bench.feed.end()
        let instants = Mutex(0)
        let watch = Task {
            while !Task.isCancelled {
                let tally = bench.camera.board.now.tally
                #expect(tally.underWay >= 0, "seed \(seed): \(tally)")
                instants.withLock { $0 += 1 }
                await Task.yield()
            }
        }
        await bench.whileTimeGoes { await bench.camera.run() }
        watch.cancel()
        let tally = bench.camera.board.now.tally
        #expect(tally.received == 150 && tally.underWay == 0, "seed \(seed): \(tally)")
        #expect(tally.reported == bench.intake.defects.count, "seed \(seed)")
        #expect(tally.good >= bench.intake.counted, "seed \(seed)")
        #expect(instants.withLock { $0 } > 0)
        if !isLive {
            #expect(tally.dropped[.undecodable] == undecodable, "seed \(seed)")
            // What can wait is never dropped for want of an engine or of room.
            for reason in [FrameTally.Drop.slot, .stale, .engineUnavailable, .engineLate, .noRoom] {
                #expect(tally.dropped[reason] == nil, "seed \(seed): \(reason)")
            }
        }
    }

    @Test(
        "Without an engine nothing is said of a frame: it is dropped and counted, and an alarm stands until one answers"
    )
    func unavailable() async throws {
        let isAway = Mutex(true)
        let engine = ScriptedEngine()
        let time = TestTime()
        let bench = try await CameraBench(["health": ["watches": ["black"]]], keepsWaiting: false) {
            _ async throws(ModelRefusal) in
            if isAway.withLock({ $0 }) { throw ModelRefusal(["no library"], isWorthTryingAgain: true) }
            return try await CameraBench.model(engine, time: time)
        }
        await bench.camera.takeUpModel()
        await bench.camera.pass(try bench.frame(1, hasDefect: true))
        await bench.camera.beatOnce()
        #expect(try await bench.alarms() == ["vision-unavailable"])
        #expect(bench.intake.now.documents.isEmpty)
        #expect(bench.camera.board.now.tally.dropped == [.engineUnavailable: 1])
        isAway.withLock { $0 = false }
        bench.time.advance(by: .seconds(10))
        await bench.camera.beatOnce()
        #expect(try await bench.alarms().isEmpty)
        await bench.camera.pass(try bench.frame(2, hasDefect: true))
        #expect(bench.intake.defects.count == 1)
        engine.fail { _ in InferenceError(.unavailable, "it went away") }
        await bench.camera.pass(try bench.frame(3, hasDefect: true))
        await bench.camera.beatOnce()
        #expect(try await bench.alarms() == ["vision-unavailable"])
        engine.fail(nil)
        await bench.camera.pass(try bench.frame(4, hasDefect: false))
        await bench.camera.beatOnce()
        #expect(try await bench.alarms().isEmpty)
    }

    @Test("Counts are brought in time, keep their id while they are not durable, and none is lost")
    func counts() async throws {
        let bench = try await CameraBench(["goodFrames": ["every": "10s"]])
        await bench.camera.takeUpModel()
        for number in 1...3 {
            await bench.camera.pass(
                try bench.frame(number, hasDefect: false, note: FrameNote(lot: number < 3 ? "A" : "B")))
        }
        await bench.camera.bringCounts()
        #expect(bench.intake.now.batches.isEmpty)
        bench.time.advance(by: .seconds(10))
        bench.intake.answer { _ in throw StoreError.full("no room") }
        await bench.camera.bringCounts()
        await bench.camera.pass(try bench.frame(4, hasDefect: false))
        #expect(bench.camera.board.now.goodPending == 4)
        bench.intake.answer(nil)
        await bench.camera.bringCounts()
        #expect(bench.intake.now.batches.count == 1 && bench.intake.counted == 3)
        #expect(Set(bench.intake.now.batches.values.first?.map(\.lot) ?? []) == ["A", "B"])
        await bench.camera.bringCounts(isLast: true)
        #expect(bench.intake.counted == 4 && bench.camera.board.now.goodPending == 0)
    }

    @Test("A frame that its sender brings twice is one")
    func repeated() async throws {
        let bench = try await CameraBench()
        await bench.camera.takeUpModel()
        for number in 1...2 {
            await bench.camera.pass(try bench.frame(number, hasDefect: false, note: FrameNote(id: "same")))
        }
        #expect(bench.camera.board.now.tally.good == 1)
        #expect(bench.camera.board.now.tally.dropped == [.repeated: 1])
    }

    @Test("Frames before and after a defect go with it")
    func evidence() async throws {
        let bench = try await CameraBench(["evidence": ["before": "2", "after": "2"]])
        for number in 1...6 {
            bench.feed.send(try bench.frame(number, hasDefect: number == 3))
            bench.time.advance(by: .milliseconds(100))
        }
        bench.feed.end()
        await bench.camera.run()
        let report = try #require(bench.intake.defects.first?["id"]?.string)
        #expect(bench.intake.now.evidence[report]?.map(\.offset) == [-2, -1, 1, 2])
        #expect(bench.intake.now.evidence.count == 1)
    }
}

/// Chance that many tasks share; the seed stands in each failure.
final class Chance: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func percent(_ share: Int) -> Bool { random.withLock { $0.chance(share) } }
    func int(_ below: Int) -> Int { random.withLock { $0.int(0...below - 1) } }
}
