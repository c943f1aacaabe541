import AndonModel
import AndonTesting
import AndonVision
import Synchronization
import Testing

@testable import AndonCapture

/// Delivers as many frames as each run is said to, one a second, and breaks; ends behind the last.
private final class Breaking: FrameSource {
    let name = "breaking"
    let keepsWaiting: Bool
    let time: any TimeSource
    private let runs: Mutex<[Int]>

    init(_ runs: [Int], keepsWaiting: Bool = false, time: any TimeSource) {
        self.runs = Mutex(runs)
        self.keepsWaiting = keepsWaiting
        self.time = time
    }

    func run(_ deliver: @escaping @Sendable (Frame) async -> Void) async throws(CaptureError) {
        guard let count = runs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return }
        for number in 0..<count {
            await deliver(
                Frame(
                    number: number + 1, capturedAt: time.now(), clock: .arrival, arrivedAt: time.uptime(),
                    picture: EncodedPicture(format: .jpeg, bytes: [])))
            try? await time.sleep(for: .seconds(1))
        }
        throw CaptureError(.broken, "run of \(count)")
    }
}

private struct Chance: RandomSource {
    let bits: UInt64
    func next() -> UInt64 { bits }
}

private final class Events: Sendable {
    private let all = Mutex<[CaptureEvent]>([])
    var list: [CaptureEvent] { all.withLock { $0 } }
    func add(_ event: CaptureEvent) { all.withLock { $0.append(event) } }
}

@Suite("A source that is run again")
struct CaptureSupervisorTests {
    private func events(
        _ runs: [Int], keepsWaiting: Bool = false, bits: UInt64 = .max, healthyAfter: Duration = .seconds(30)
    ) async -> [CaptureEvent] {
        let (time, events) = (LeapingTime(), Events())
        let supervisor = CaptureSupervisor(
            source: Breaking(runs, keepsWaiting: keepsWaiting, time: time), time: time, random: Chance(bits: bits),
            backOff: .init(first: .seconds(1), most: .seconds(8), healthyAfter: healthyAfter))
        await supervisor.run(report: { events.add($0) }, deliver: { _ in })
        return events.list
    }

    @Test("Waits double up to the limit, and no run without a frame counts as connected")
    func doubles() async throws {
        let events = await events([0, 0, 0, 0, 0, 0], bits: 0)
        let waits = events.compactMap { event -> Duration? in
            if case .waiting(let until) = event { return until }
            return nil
        }
        // Half of 1, 2, 4, 8, 8, 8 seconds: chance is at its least.
        #expect(waits == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5].map { .seconds($0) })
        #expect(!events.contains(.connected))
        #expect(events.filter { $0 == .lost(CaptureError(.broken, "run of 0")) }.count == 6)
    }

    @Test("Chance shortens a wait by up to a half")
    func jitters() {
        let backOff = CaptureSupervisor.BackOff()
        var dice = Dice(seed: 20_261_129)
        for attempt in 0..<10_000 {
            let full = backOff.wait(attempt, chance: 1)
            let wait = backOff.wait(attempt, chance: Double(dice.below(1 << 30)) / Double(1 << 30))
            #expect(wait >= full / 2 && wait <= full && full <= .seconds(60))
        }
    }

    @Test("A healthy period begins the waits anew, a short one does not")
    func resets() async {
        func lastWait(_ frames: Int) async -> Duration? {
            let events = await events([0, 0, frames], bits: 0, healthyAfter: .seconds(5))
            guard case .waiting(let last)? = events.last(where: { if case .waiting = $0 { true } else { false } })
            else {
                return nil
            }
            // Two waits and the frames come before it.
            return last - .seconds(1.5) - .seconds(frames)
        }
        #expect(await lastWait(5) == .seconds(0.5))
        #expect(await lastWait(4) == .seconds(2))
    }

    @Test("A camera is connected by its first frame, once a run; a source that waits, by being there")
    func connects() async {
        let camera = await events([3, 0, 1])
        #expect(camera.filter { $0 == .connected }.count == 2)
        let folder = await events([0], keepsWaiting: true)
        #expect(folder.first == .connected)
    }

    @Test("A folder that is not there is never called connected, and is found once it is there")
    func missingFolder() async throws {
        let (time, events) = (LeapingTime(), Events())
        let source = FolderSource(name: "f", settings: .init(path: "/nowhere/at/all"), time: time)
        let running = Task {
            await CaptureSupervisor(source: source, time: time, random: Chance(bits: 0)).run(
                report: { events.add($0) }, deliver: { _ in })
        }
        while events.list.count < 6 { await Task.yield() }
        running.cancel()
        await running.value
        #expect(!events.list.contains(.connected))
        guard case .lost(let error)? = events.list.first else {
            Issue.record("nothing was lost")
            return
        }
        #expect(error.kind == .unreachable && error.reason.contains("/nowhere/at/all"))
    }
}

@Suite("Frames that are sent here")
struct PushedFramesTests {
    private let time = LeapingTime()

    @Test("A frame is numbered, bears the sender's time or that of its arrival, and waits for its delivery")
    func delivers() async throws {
        let pushed = PushedFrames(name: "p", time: time)
        let work = AtWork(pushed)
        let file = try Pictures.bytes("grey.jpg")
        while (try? await pushed.push(file, note: FrameNote(id: "a"), capturedAt: nil)) == nil { await Task.yield() }
        let trigger = Timestamp(microseconds: 7)
        #expect(try await pushed.push(file, note: FrameNote(unit: "u"), capturedAt: trigger) == 2)
        let (first, second) = (await work.next(), await work.next())
        #expect(first?.number == 1 && first?.clock == .arrival && first?.capturedAt == time.now())
        #expect(first?.note.id == "a" && first?.picture == EncodedPicture(format: .jpeg, bytes: file))
        #expect(second?.clock == .trigger && second?.capturedAt == trigger && second?.note.unit == "u")
        #expect(await work.end() == nil)
        await #expect(throws: CaptureError(.unreachable, "the camera p takes no frames now")) {
            try await pushed.push(file, note: FrameNote(), capturedAt: nil)
        }
    }

    @Test("What is no picture, or too large a one, is refused before it is delivered")
    func refuses() async throws {
        let pushed = PushedFrames(name: "p", time: time, bytesMax: 100_000, pixelsMax: 10_000)
        var png = try Pictures.bytes("grey.png")
        // The width's second byte: 65,536 and more pixels.
        png[17] = 1
        let broken: [[UInt8]] = [
            [], [0xFF], [0xFF, 0xD8, 0xFF], Array("GIF89a".utf8), png, Array(png.prefix(20)),
            [UInt8](repeating: 0, count: 100_001),
        ]
        for bytes in broken {
            await #expect {
                try await pushed.push(bytes, note: FrameNote(), capturedAt: nil)
            } throws: { ($0 as? CaptureError)?.kind == .refused }
        }
    }
}
