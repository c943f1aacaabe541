import AndonModel
import Testing

@testable import AndonVision

@Suite("A camera's health")
struct CameraHealthTests {
    private static let seed: UInt64 = 20_261_129

    /// A camera that was learned, ten frames a second; the next frame is due at the duration.
    private func learned(_ scene: Scene, _ settings: CameraHealthSettings = .init()) -> (CameraHealth, Duration) {
        var health = CameraHealth(settings)
        for index in 0..<settings.learnsFrom {
            #expect(health.look(scene.picture(part: index * 7 % 90 - 14), at: .milliseconds(100 * index)) == [])
        }
        #expect(health.reference != nil && health.unjudged == [:])
        return (health, .milliseconds(100 * settings.learnsFrom))
    }

    /// Shows frames until something changes; how many it took.
    private func until(
        _ health: inout CameraHealth, _ uptime: inout Duration, atMost: Int, _ picture: () -> Pixels
    ) -> (Int, [CameraTrouble]) {
        for count in 1...atMost {
            let changes = health.look(picture(), at: uptime)
            uptime += .milliseconds(100)
            if !changes.isEmpty { return (count, changes) }
        }
        return (atMost, [])
    }

    @Test("Over 2,000 frames with noise, passing parts and light that drifts by half nothing is reported")
    func quiet() {
        let scene = Scene(seed: Self.seed)
        var (health, uptime) = learned(scene)
        for index in 0..<2_000 {
            let light = 1 - 0.5 * Double(min(index, 2_000 - index)) / 1_000
            let changes = health.look(scene.picture(light: light, part: index * 3 % 200 - 20), at: uptime)
            #expect(changes == [], "seed \(Self.seed), frame \(index)")
            uptime += .milliseconds(100)
        }
        #expect(health.standing == [:])
    }

    @Test(
        "Each trouble is found within eight frames, says its figure and its limit, and is over as soon after",
        arguments: [
            (CameraTrouble.Kind.black, 0.02, 0, 0), (.washedOut, 60, 0, 0), (.blurred, 1, 0, 2), (.moved, 1, 5, 0),
            (.moved, 1, -2, 0),
        ])
    func found(kind: CameraTrouble.Kind, light: Double, shift: Int, blur: Int) throws {
        let scene = Scene(seed: Self.seed)
        var (health, uptime) = learned(scene)
        let since = uptime
        let (count, began) = until(&health, &uptime, atMost: 8) {
            scene.picture(light: light, dx: shift, dy: shift / 2, blur: blur)
        }
        let trouble = try #require(began.first, "\(kind) was not found, seed \(Self.seed)")
        #expect(began.count == 1 && trouble.kind == kind && !trouble.isOver && count >= 5 && trouble.since == since)
        #expect(trouble.why.contains("limit"))
        #expect(health.standing == [kind: since])
        let length = Double(shift * shift + (shift / 2) * (shift / 2)).squareRoot()
        if kind == .moved { #expect(abs(trouble.figure - length) < 0.01, "\(trouble)") }
        let (after, ended) = until(&health, &uptime, atMost: 6) { scene.picture() }
        #expect(ended.map(\.kind) == [kind] && ended.allSatisfy(\.isOver) && after == 5, "\(ended)")
        #expect(health.standing == [:])
    }

    @Test(
        "Frames that are the same to the last bit are a frozen camera after its time, and one that differs in noise is not"
    )
    func frozen() throws {
        let scene = Scene(seed: Self.seed)
        var (health, uptime) = learned(scene)
        let same = scene.picture()
        let began = uptime
        let (count, changes) = until(&health, &uptime, atMost: 110) { same }
        #expect(count == 102 && changes.map(\.kind) == [.frozen], "\(count) \(changes)")
        #expect(changes.first?.figure == 10 && uptime - began > .seconds(10))
        let (after, over) = until(&health, &uptime, atMost: 10) { scene.picture() }
        #expect(after == 5 && over.map(\.isOver) == [true])
        #expect(until(&health, &uptime, atMost: 150) { scene.picture() }.1 == [])
    }

    @Test("With a noise floor, frames that differ by less than it count as the same")
    func nearlyFrozen() {
        let scene = Scene(seed: Self.seed)
        var settings = CameraHealthSettings()
        settings.frozenNoise = 0.05
        var (health, uptime) = learned(scene, settings)
        let still = scene.picture(noisy: false)
        var flip = false
        let (_, changes) = until(&health, &uptime, atMost: 110) {
            flip.toggle()
            var samples = still.samples
            samples[100] ^= flip ? 1 : 0
            return Pixels(width: still.width, height: still.height, colour: .grey, samples: samples)
        }
        #expect(changes.map(\.kind) == [.frozen])
    }

    @Test(
        "A camera that sends nothing is dead after its time, also one that never sent, and lives again with its frames")
    func dead() {
        let scene = Scene(seed: Self.seed)
        var never = CameraHealth(CameraHealthSettings())
        #expect(never.silence(at: .seconds(100)) == [] && never.silence(at: .seconds(109)) == [])
        #expect(never.silence(at: .seconds(110)).map(\.kind) == [.dead])
        var (health, uptime) = learned(scene)
        let last = uptime - .milliseconds(100)
        #expect(health.silence(at: last + .seconds(9)) == [])
        let began = health.silence(at: last + .seconds(10.5))
        #expect(began.map(\.kind) == [.dead] && began.first?.since == last && began.first?.figure == 10.5)
        #expect(health.silence(at: last + .seconds(20)) == [])
        uptime = last + .seconds(21)
        let (count, over) = until(&health, &uptime, atMost: 10) { scene.picture() }
        #expect(count == 5 && over.map(\.kind) == [.dead] && over.map(\.isOver) == [true])
    }

    @Test("A camera that was turned to another scene has moved, and a kept reference finds that after a restart")
    func turned() throws {
        let scene = Scene(seed: Self.seed)
        let kept = try #require(learned(scene).0.reference)
        var settings = CameraHealthSettings()
        settings.movedByMax = 0.1
        var health = CameraHealth(settings, reference: kept)
        var uptime = Duration.zero
        let other = Scene(seed: 77)
        let (_, changes) = until(&health, &uptime, atMost: 12) { other.picture() }
        #expect(changes.contains { $0.kind == .moved }, "\(changes)")
    }

    @Test("A scene that is learned anew ends what was held against it, and what is seen from then on is right")
    func learnedAnew() throws {
        let scene = Scene(seed: Self.seed)
        var (health, uptime) = learned(scene)
        #expect(until(&health, &uptime, atMost: 8) { scene.picture(dx: 5, dy: 2) }.1.map(\.kind) == [.moved])
        let over = health.learnAnew()
        #expect(over.map(\.kind) == [.moved] && over.allSatisfy(\.isOver) && health.standing == [:])
        #expect(health.learnAnew() == [] && health.reference == nil)
        #expect(until(&health, &uptime, atMost: 60) { scene.picture(dx: 5, dy: 2) }.1 == [])
        #expect(health.reference != nil)
        #expect(until(&health, &uptime, atMost: 8) { scene.picture() }.1.map(\.kind) == [.moved])
    }

    @Test("A few moved frames among good ones change nothing")
    func shaken() {
        let scene = Scene(seed: Self.seed)
        var (health, uptime) = learned(scene)
        for index in 0..<100 {
            #expect(health.look(scene.picture(dx: index % 3 == 0 ? 5 : 0), at: uptime) == [])
            uptime += .milliseconds(100)
        }
    }

    @Test("Scenes that cannot be judged say why; the still zone mends a belt that always changes")
    func unjudged() {
        var health = CameraHealth(CameraHealthSettings())
        let flat = Pixels(width: 20, height: 20, colour: .grey, samples: [UInt8](repeating: 100, count: 400))
        for index in 0..<40 { _ = health.look(flat, at: .milliseconds(index)) }
        #expect(Set(health.unjudged.keys) == [.blurred, .moved])
        var settings = CameraHealthSettings()
        settings.stillZone = Box(x: 0, y: 0.7, width: 1, height: 0.3)
        let scene = Scene(seed: Self.seed)
        #expect(learned(scene, settings).0.unjudged == [:])
    }

    @Test("Large, tiny and coloured frames, and one of another size, are looked at all the same")
    func sizes() {
        let random = Seeded(Self.seed)
        var health = CameraHealth(CameraHealthSettings())
        for (width, height) in [(1, 1), (2, 3), (161, 1), (1, 500), (640, 11), (333, 200), (64, 48)] {
            for colour in [Pixels.Colour.grey, .rgb] {
                let samples = random.bytes(width * height * colour.rawValue)
                let pixels = Pixels(width: width, height: height, colour: colour, samples: samples)
                for index in 0..<35 { _ = health.look(pixels, at: .milliseconds(index)) }
                let grey = GreyPicture(glancingAt: pixels, widthMax: 160)
                #expect(grey.width <= 160 && grey.values.count == grey.width * grey.height)
            }
        }
    }

    @Test("The settings are read, and each mistake is said")
    func settings() {
        func read(_ json: JSON) -> (CameraHealthSettings, [String]) {
            let faults = SettingsFaults()
            let reader = SettingsReader(
                Settings(document: json, file: "health.json"), faults: faults,
                secrets: SecretSource(environment: { _ in nil }, file: { _ in nil }))
            return (CameraHealthSettings(reading: reader), faults.faults.map { "\($0.path): \($0.message)" })
        }
        #expect(read([:]) == (CameraHealthSettings(), []))
        let zone: JSON = ["x": 0.1, "y": 0, "width": 0.5, "height": 1]
        let (good, none) = read(["deadAfter": "3s", "watches": ["dead", "moved"], "begins": 9, "stillZone": zone])
        #expect(none == [] && good.deadAfter == .seconds(3) && good.watches == [.dead, .moved] && good.movedOf == 9)
        #expect(good.stillZone == Box(x: 0.1, y: 0, width: 0.5, height: 1))
        let (_, faults) = read([
            "watches": ["sleepy"], "movedOf": 2, "deadAfter": "0s", "blured": 1,
            "stillZone": ["x": 0.6, "y": 0, "width": 0.5, "height": 1],
        ])
        #expect(faults.count == 5, "\(faults)")
    }
}
