import AndonModel
import AndonTesting
import Foundation
import Testing

/// Where the browser's driver is.
enum Chromium {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["ANDON_WEB_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-web/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
    static let reason: Comment =
        "no Python with playwright: set ANDON_WEB_PYTHON, or run scripts/setup --tests for .venv-web"
}

/// The pages as people see them: in Chromium, driven by Playwright.
@Suite("Pages in a browser", .enabled(if: Chromium.python != nil, Chromium.reason))
struct BrowserTests {
    /// The sample plant with its orders, a camera that is looked at and one in trouble, and an administrator.
    private struct Plant {
        var bench: AccessBench
        let models: TemporaryFolder
        /// What reports, with a key of its own.
        var camera: TestClient
        var order: String

        /// - Parameter connectors: further ones, as lines of the section; an asset `LATHE-09` goes to the one named `plain`.
        init(connectors: String = "") async throws {
            let samples = Chromium.root.appendingPathComponent("Sources/AndonServer/Samples")
            var yaml = try String(contentsOf: samples.appendingPathComponent("andon.yaml"), encoding: .utf8)
            if !connectors.isEmpty {
                yaml = yaml.replacing(
                    "  paper: A4 ", with: "    - { id: LATHE-09, name: Lathe 9, connector: plain }\n  paper: A4 ")
                yaml = yaml.replacing("connectors:\n  desk:", with: "connectors:\n\(connectors)  desk:")
            }
            models = try CameraSamples.models()
            yaml += Self.cameras(models.path)
            let plan = try String(contentsOf: samples.appendingPathComponent("floor-plan.svg"), encoding: .utf8)
            bench = try await AccessBench(
                yaml, files: ["floor-plan.svg": plan], environment: CameraSamples.environment)
            let (key, _) = try await bench.key("camera", "report")
            camera = TestClient(bench.server.process.address, headers: key.headers)
            order = ""
            for number in 0..<12 { order = try await report(number) ?? order }
            try await expectCameras()
        }

        /// The first finds a defect in no frame, so that it changes nothing for those who look at other pages.
        private static func cameras(_ models: String) -> String {
            """

            sources:
              press-camera:
                type: camera
                camera: CAM-01
                capture: { from: push }
                model: { card: "\(models)/second.yaml", shadow: "\(models)/first.yaml" }
              capping-camera:
                type: camera
                camera: CAM-06
                capture: { from: file, path: "\(models)/no-such-film-of-the-capping-machine.mjpeg" }
                model: { card: "\(models)/no-such-card.yaml" }
                health: { deadAfter: 1s }

            """
        }

        /// One has a frame that was looked at, where there is an engine; the other's trouble is known.
        private func expectCameras() async throws {
            let key = try await bench.key("watch", "read").0
            let client = TestClient(bench.server.process.address, headers: key.headers)
            func source(_ name: String) async throws -> JSON? {
                try await client.get("/api/v1/sources").json["sources"]?.array?.first { $0["name"] == .string(name) }
            }
            #expect(
                try await eventually {
                    let troubles = try await source("capping-camera")?["troubles"]
                    return troubles?["dead"] != nil
                })
            guard CameraSamples.library != nil else { return }
            #expect(try await eventually { try await source("press-camera")?["shadow"] != nil })
            for name in ["good-plate", "scratch", "dent"] {
                let answer = try await camera.send(
                    "POST", "/api/v1/sources/press-camera/frames", headers: ["Content-Type": "image/jpeg"],
                    body: try samplePicture(name))
                #expect(answer.status == 202, "\(answer.text)")
            }
        }

        /// - Returns: the order that the report raised or joined.
        func report(_ number: Int) async throws -> String? {
            let kinds = [
                ("scratch", "PRESS-07", "CAM-01"), ("edge_chip", "MILL-03", "CAM-02"),
                ("solder_bridge", "REFLOW-02", "CAM-03"),
            ]
            let (name, asset, place) = kinds[number % kinds.count]
            let picture = try samplePicture(name.replacing("_", with: "-"))
            let box: JSON = ["x": 300, "y": 300, "width": 400, "height": 300]
            let defect: JSON = ["class": .string(name), "confidence": 0.95, "severity": 0.8, "box": box]
            let report: JSON = [
                "id": .string("browser-\(number)"), "detectedAt": .time(SystemTime().now()),
                "camera": .string(place), "asset": .string(asset), "inspected": 20, "defects": [defect],
            ]
            let answer = try await camera.report(report, picture: picture)
            #expect(answer.status == 202, "\(answer.text)")
            return answer.json["detections"]?[0]?["order"]?.string
        }

        func run(_ script: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
            let file = Chromium.root.appendingPathComponent("Tests/AndonServerTests/Counterpart/Browser/\(script)")
            return try await runProgram(
                URL(fileURLWithPath: Chromium.python ?? ""),
                [file.path, bench.server.process.address, "root.admin", AccessBench.password] + arguments)
        }
    }

    /// With `ANDON_SCREENSHOTS=FOLDER` what was seen is kept there, for people to look at.
    private static var shots: [String] {
        ProcessInfo.processInfo.environment["ANDON_SCREENSHOTS"].map { ["--shots", $0] } ?? []
    }

    /// Each screen once, both schemes and both languages among them; 6 for each screen in each scheme, as `ANDON_WALK_WAYS` may say.
    private static let ways = ProcessInfo.processInfo.environment["ANDON_WALK_WAYS"].flatMap { Int($0) } ?? 3

    @Test("Every page is right on a phone, a laptop and a wall screen, light and dark, in both languages")
    func walk() async throws {
        let plant = try await Plant()
        let order = plant.order
        let pages = [
            "/now", "/now/wall", "/orders", "/orders?show=all", "/orders/\(order)", "/orders/\(order)/record",
            "/desk", "/desk/\(order)", "/desk/missed", "/map", "/map/hall/edit", "/cameras", "/charts", "/rules",
            "/rules/history", "/rules/1", "/learn", "/learn/times", "/learn/cost", "/connectors", "/connectors/desk",
            "/audit", "/audit/verify", "/audit/signatures", "/export", "/accounts", "/accounts/keys",
            "/accounts/mine", "/me", "/find?q=PRESS-07", "/test-detection",
        ]
        let walked = try await plant.run("walk.py", Self.shots + ["--ways", "\(Self.ways)"] + pages)
        #expect(walked.status == 0, "\(walked.output)")
        var seen = 0
        for line in walked.output.split(separator: "\n") {
            guard let found = try? JSON(parsing: String(line)), let faults = found["faults"]?.array else { continue }
            seen += 1
            #expect(faults.isEmpty, "\(line)")
        }
        #expect(seen == pages.count * Self.ways, "\(walked.output.suffix(2000))")
        try await plant.bench.server.end()
    }

    @Test("Who follows the written guide comes from an empty folder to an order in the maintenance system")
    func firstStart() async throws {
        let script = Chromium.root.appendingPathComponent("Tests/AndonServerTests/Counterpart/Browser/first_start.py")
        let started = try await runProgram(
            URL(fileURLWithPath: Chromium.python ?? ""), [script.path, AndonProcess.program.path] + Self.shots)
        #expect(started.status == 0, "\(started.output.suffix(4000))")
    }

    @Test("Each page's main task can be done as a person does it, by mouse, by keys, on a phone without a network")
    func tasks() async throws {
        // Nothing of the sample plant is refused, so a further system does that, once with each order.
        let system = try await PickyCMMS().serve()
        let plant = try await Plant(connectors: PickyCMMS.section(system.address))
        // What a camera's page says of frames needs an engine that looks at them.
        let without = CameraSamples.library == nil ? ["--without", "cameras"] : []
        let done = try await plant.run("tasks.py", Self.shots + without)
        #expect(done.status == 0, "\(done.output.suffix(4000))")
        var seen = 0
        for line in done.output.split(separator: "\n") {
            guard let found = try? JSON(parsing: String(line)), let faults = found["faults"]?.array else { continue }
            seen += 1
            #expect(faults.isEmpty, "\(line)")
        }
        #expect(seen == 14 - without.count / 2, "\(done.output.suffix(2000))")
        try await plant.bench.server.end()
        try await system.stop()
    }
}
