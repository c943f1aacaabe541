import AndonModel
import AndonTesting
import Foundation
import Testing
import UASecurity

@testable import AndonSources

@Suite("Vision systems over OPC UA", .enabled(if: VisionSystem.python != nil, VisionSystem.reason), .serialized)
struct VisionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("vision") }

    private func vision(port: Int? = nil, _ settings: [String: JSON] = [:]) async throws -> VisionSystem {
        try await VisionSystem(port: port ?? freePort(), settings, log: folder.path + "/vision.log")
    }

    private static func results(_ port: Int, _ further: String = "") -> String {
        """
            url: opc.tcp://127.0.0.1:\(port)/vision
            picture: { transfer: true, wait: 300ms }
            mapping:
              camera: CAM-01
              defects: /ResultContent/0/defects
              class: /class
              classes: { kratzer: scratch }
              confidence: /score
              confidenceMax: 100
              box: /box
            \(further)

        """
    }

    @Test("200 results through cuts, a restart of the system and a crash of ours: each once, with its picture")
    func once() async throws {
        let settings: [String: JSON] = ["state": .string(folder.path + "/results.json"), "twice": true]
        var system = try await vision(settings)
        let relay = try await CuttableRelay(to: system.port)
        let plant = try Plant(Self.results(relay.port))
        #expect(try await eventually { try await plant.isConnected() })
        for _ in 0..<4 {
            try await system.command("make", ["count": 10])
            relay.cut()
        }
        // The system is started anew, its namespaces in another order, and has results before anybody listens.
        system.kill()
        relay.cut()
        system = try await vision(port: system.port, settings.merging(["shift": 2]) { $1 })
        try await system.command("make", ["count": 40])
        #expect(try await eventually { try await plant.count() >= 60 })
        // Ours ends in the middle of its work.
        try await system.command("make", ["count": 30])
        plant.kill()
        try await system.command("make", ["count": 30])
        try plant.start()
        try await system.command("make", ["count": 30])
        relay.cut()
        try await system.command("make", ["count": 30])
        #expect(try await eventually { try await plant.count() >= 200 })
        let digests = try await system.command("digests", ["count": 200])["digests"]?.array ?? []
        for number in 0..<200 {
            let record = try #require(try await plant.inspection("result:R-\(number)"), "R-\(number)")
            let defects = number % 3 == 0 ? 0 : number % 5 == 0 ? 2 : 1
            #expect(record["detections"]?.array?.count == defects, "R-\(number)")
            if number % 11 == 10 {
                #expect(record["picture"]?.string == .none)
                #expect(record["inspection"]?["attributes"]?["pictureMissing"]?.string?.contains("BadNotFound") == true)
            } else {
                #expect(record["picture"]?.string == digests[number].string.map { "/pictures/\($0)" }, "R-\(number)")
            }
        }
        // Whatever may still be delivered twice would be here by the time that one more is.
        try await system.command("make", ["count": 1])
        #expect(try await eventually { try await plant.has("result:R-200") })
        #expect(try await plant.count() == 201)
        #expect(try await plant.gaps() == [])
        let standing = try await plant.standing()
        #expect(standing["watches"] == ["Camera"] && standing["server"] == .string(VisionSystem.server))
        #expect(standing["refused"] == 0)
        let fetched = standing["fetched"]?.integer ?? 0
        #expect(fetched > 0 && fetched < standing["received"]?.integer ?? 0)
        await relay.close()
        try await plant.end()
    }

    @Test("A system that keeps nothing leaves a gap in the ledger when it is started anew")
    func gap() async throws {
        var system = try await vision(["list": false])
        let plant = try Plant(Self.results(system.port))
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("make", ["count": 3])
        #expect(try await eventually { try await plant.count() == 3 })
        system.kill()
        system = try await vision(port: system.port, ["list": false])
        #expect(try await eventually { try await plant.gaps().count == 1 })
        let gap = try #require(try await plant.gaps().first)
        #expect(gap["why"]?.string?.contains("offers no list of its results") == true)
        #expect(try await plant.client.get("/healthz").text.contains("1 gaps, the last from"))
        #expect(try await plant.client.get("/metrics").text.contains("andon_source_gaps_total{source=\"vision\"} 1.0"))
        try await plant.end()
    }

    @Test("A mapping that does not fit keeps what came, says what to do, and takes it in once it is mended")
    func refusals() async throws {
        let system = try await vision()
        let wrong = Self.results(system.port).replacing("/class", with: "/colour")
        let plant = try Plant(wrong)
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("make", ["count": 3])
        #expect(try await eventually { try await plant.standing()["refusalsKept"] == 2 })
        #expect(try await eventually { try await plant.count() == 1 })
        let refusals = try await plant.client.get("/api/v1/sources/vision/refusals").json["refusals"]?.array ?? []
        #expect(refusals.map { $0["event"]?.string } == ["result:R-2", "result:R-1"])
        #expect(refusals[0]["place"] == "/ResultContent/0/defects/0/colour")
        #expect(refusals[0]["reason"]?.string?.contains("mend mapping.class") == true)
        #expect(refusals[0]["fields"]?["PartId"]?["Id"] == "P2")
        plant.kill()
        try plant.start(Self.results(system.port))
        #expect(try await eventually { try await plant.count() == 3 })
        #expect(try await plant.standing()["refusalsKept"] == 0)
        try await plant.end()
    }

    @Test("A fault of the vision system becomes an inspection of its own asset")
    func condition() async throws {
        let system = try await vision()
        let plant = try Plant(
            Self.results(system.port, "condition: { asset: PRESS-07, camera: CAM-01, errorClass: lamp_fault }"))
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("fail", ["code": "E7"])
        #expect(try await eventually { try await plant.count() == 1 })
        let entries = try await plant.client.get("/api/v1/ledger?from=0&limit=1000").json["entries"]?.array ?? []
        let accepted = try #require(entries.first { $0["kind"] == "inspection.accepted" })
        #expect(accepted["body"]?["asset"] == "PRESS-07")
        let id = accepted["subject"]?.string ?? ""
        let record = try await plant.client.get("/api/v1/inspections/\(id)").json
        let defect = record["inspection"]?["defects"]?[0]
        #expect(defect?["class"] == "lamp_fault" && defect?["severity"] == 0.8)
        #expect(defect?["attributes"]?["errorCode"] == "E7")
        try await plant.end()
    }

    @Test("Events of the maker's own type, with keys and values and the picture among the fields")
    func events() async throws {
        let system = try await vision()
        let relay = try await CuttableRelay(to: system.port)
        let plant = try Plant(
            """
                url: opc.tcp://127.0.0.1:\(relay.port)/vision
                form: event
                event:
                  type: DefectEventType
                  namespace: urn:test:vision
                  fields: [DefectClass, Confidence, Details, Image]
                picture: { field: /Image }
                mapping:
                  camera: CAM-01
                  decode: { /Details: key-value }
                  lot: /Details/lot
                  class: /DefectClass
                  classes: { OK: none }
                  confidence: /Confidence
                  measurement: { name: depth, value: /Details/depth, unit: mm }
                  box: { x: /Details/x, y: /Details/y, width: /Details/w, height: /Details/h }

            """)
        #expect(try await eventually { try await plant.isConnected() })
        for first in stride(from: 1, to: 30, by: 10) {
            try await system.command("events", ["first": .integer(first), "last": .integer(first + 9)])
            relay.cut()
        }
        #expect(try await eventually { try await plant.count() == 30 })
        let lot = try await plant.client.get("/api/v1/lots/L2").json
        #expect(lot.canonicalText.contains("scratch"))
        #expect(try await plant.gaps() == [])
        await relay.close()
        try await plant.end()
    }

    @Test(
        "Plain variables around a counter, read or monitored, and what the history has", arguments: ["read", "monitor"])
    func variables(_ taking: String) async throws {
        var system = try await vision(["history": true])
        let node = "nsu=urn:test:vision;s=Line"
        let plant = try Plant(
            """
                url: opc.tcp://127.0.0.1:\(system.port)/vision
                form: variables
                variables:
                  trigger: \(node).Counter
                  taking: \(taking)
                  fields: { class: \(node).Class, confidence: \(node).Confidence, lot: \(node).Lot, image: \(node).Image }
                picture: { field: /image }
                mapping:
                  camera: CAM-01
                  lot: /lot
                  class: /class
                  classes: { OK: none }
                  confidence: /confidence

            """)
        #expect(try await eventually { try await plant.isConnected() })
        // The counter's first value is where it begins.
        try await system.command("inspect", ["first": 1, "last": 20, "pause": 0.01])
        #expect(try await eventually { try await plant.count() == 20 })
        let lot = try await plant.client.get("/api/v1/lots/L1").json
        #expect(lot.canonicalText.contains("dent"))
        // A restart without any history: the counter says how many went by before anybody could connect.
        system.kill()
        system = try await vision(port: system.port, ["counter": 25])
        #expect(try await eventually { try await plant.gaps().count == 1 })
        #expect(try await plant.gaps().first?["missed"] == 4)
        #expect(try await plant.count() == 21)
        try await plant.end()
    }

    @Test("andon source check shows what is there and what it becomes, and takes nothing in")
    func check() async throws {
        let system = try await vision()
        try await system.command("make", ["count": 2])
        let config = folder.path + "/andon.yaml"
        try Data((Plant.head() + Self.results(system.port)).utf8).write(to: URL(fileURLWithPath: config))
        let found = try await AndonProcess.run(["source", "check", "vision", "--config", config])
        #expect(found.status == 0, "\(found.output)")
        for words in [
            "ok  offers None, not protected",
            "ok  vision system Camera, results managed by nsu=urn:test:vision;s=Camera.Results",
            "ok  it keeps 2 results", "class: \"kratzer\"", "class: \"scratch\"", "unit: \"P1\"",
        ] {
            #expect(found.output.contains(words), "\(words)\n\(found.output)")
        }
        let checked = try await AndonProcess.run(["check", "--config", config])
        #expect(checked.output.contains("sources: vision (opcua)"))
        let unknown = try await AndonProcess.run(["source", "check", "no", "--config", config])
        #expect(unknown.status == 1 && unknown.output.contains("has no source \"no\"; it has vision"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/andon-data/store.sqlite"))
    }

    @Test("Nothing is asked of a host outside the networks that are allowed")
    func egress() async throws {
        let system = try await vision()
        let config = folder.path + "/andon.yaml"
        let yaml = Plant.head() + Self.results(system.port) + "network: { allowed: [10.0.0.0/8] }\n"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
        let found = try await AndonProcess.run(["source", "check", "vision", "--config", config])
        #expect(found.status == 1 && found.output.contains("outside the networks that this server may speak to"))
    }

    @Test("A protected connection is made once both sides trust each other")
    func protected() async throws {
        let own = try ApplicationInstance.make(
            ApplicationDescription(
                applicationURI: VisionSystem.server, name: "Vision", hostNames: ["localhost"], addresses: ["127.0.0.1"]),
            key: try RSAPrivateKey(bits: 2048))
        let (certificate, key) = (folder.path + "/vision.der", folder.path + "/vision.pem")
        try Data(own.chain).write(to: URL(fileURLWithPath: certificate))
        try Data(own.key.pem.utf8).write(to: URL(fileURLWithPath: key))
        let system = try await vision(["certificate": .string(certificate), "key": .string(key)])
        let plant = try Plant(Self.results(system.port), policy: "strongest")
        let rejected = plant.data + "/pki/rejected"
        #expect(
            try await eventually {
                try await plant.standing()["lastError"]?.string?.contains("The server's certificate") == true
            })
        let names = try FileManager.default.contentsOfDirectory(atPath: rejected)
        #expect(names.count == 1)
        for name in names {
            try FileManager.default.moveItem(
                atPath: "\(rejected)/\(name)", toPath: "\(plant.data)/pki/trusted/certs/\(name)")
        }
        #expect(try await eventually { try await plant.isConnected() })
        #expect(try await plant.standing()["security"] == "Basic256Sha256, SignAndEncrypt")
        try await system.command("make", ["count": 3])
        #expect(try await eventually { try await plant.count() == 3 })
        try await plant.end()
    }

    @Test("Results of OPC 40001-101, and the folder of results for what was missed")
    func machinery() async throws {
        let system = try await vision(["machinery": true])
        let plant = try Plant(
            """
                url: opc.tcp://127.0.0.1:\(system.port)/vision
                form: machineryResult
                mapping: { camera: CAM-01, class: /ResultContent/0/class, confidence: /ResultContent/0/p }

            """)
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("judge", ["first": 1, "last": 6])
        #expect(try await eventually { try await plant.count() == 6 })
        plant.kill()
        try await system.command("judge", ["first": 7, "last": 10])
        try plant.start()
        #expect(try await eventually { try await plant.count() == 10 })
        for number in 1...10 {
            let record = try #require(try await plant.inspection("result:M-\(number)"))
            #expect(record["detections"]?.array?.count == (number % 3 == 0 ? 0 : 1), "M-\(number)")
            #expect(record["inspection"]?["unit"]?.string == "P\(number)")
        }
        #expect(try await plant.gaps() == [])
        try await plant.end()
    }

    @Test("Pictures in a shared folder are taken when they are whole")
    func shared() async throws {
        let shared = folder.path + "/share"
        try FileManager.default.createDirectory(atPath: shared + "/day", withIntermediateDirectories: true)
        let system = try await vision(["folder": .string(shared)])
        let plant = try Plant(
            """
                url: opc.tcp://127.0.0.1:\(system.port)/vision
                form: event
                event: { type: DefectEventType, namespace: "urn:test:vision", fields: [DefectClass, Details] }
                picture: { folder: \(shared), path: "{/Details/file}", stableFor: 300ms, wait: 60s }
                mapping:
                  camera: CAM-01
                  decode: { /Details: key-value }
                  lot: /Details/lot
                  class: /DefectClass

            """)
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("events", ["first": 0, "last": 5])
        #expect(try await eventually { try await plant.count() == 6 })
        let digests = try await system.command("digests", ["count": 6])["digests"]?.array ?? []
        for (number, digest) in digests.enumerated() {
            let answer = try await plant.client.get("/pictures/\(digest.string ?? "")")
            #expect(answer.status == 200, "\(number)")
        }
        try await plant.end()
    }

    @Test("What a counter told while nobody listened comes out of the history")
    func history() async throws {
        let system = try await vision(["history": true])
        let node = "nsu=urn:test:vision;s=Line"
        let plant = try Plant(
            """
                url: opc.tcp://127.0.0.1:\(system.port)/vision
                form: variables
                variables:
                  trigger: \(node).Counter
                  fields: { class: \(node).Class, lot: \(node).Lot }
                mapping: { camera: CAM-01, lot: /lot, class: /class, classes: { OK: none } }

            """)
        #expect(try await eventually { try await plant.isConnected() })
        try await system.command("inspect", ["first": 1, "last": 5, "pause": 0.01])
        #expect(try await eventually { try await plant.count() == 5 })
        plant.kill()
        try await system.command("inspect", ["first": 6, "last": 25, "pause": 0])
        try plant.start()
        #expect(try await eventually { try await plant.count() == 25 })
        #expect(try await plant.client.get("/api/v1/lots/L1").json.canonicalText.contains("dent"))
        #expect(try await plant.gaps() == [])
        try await plant.end()
    }
}
