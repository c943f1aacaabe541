import AndonModel
import AndonTesting
import AndonWeb
import Foundation
import Testing

/// A running `andon serve` in a folder of its own.
final class ServerFixture: Sendable {
    let folder: TemporaryFolder
    let process: AndonProcess
    let client: TestClient
    let config: String

    static let plant = """
        plant:
          name: Test
          site: BEDFORD
          timeZone: Europe/Berlin
          defaultLocation: PLANT
          assets:
            - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1, location: BR100 }
          zones: [{ id: Z1, name: Press hall }]
          cameras: [{ id: CAM-01, asset: PRESS-07, zone: Z1 }]
        rules:
          classes:
            scratch: { minConfidence: 0.5, minSeverity: 0.4, action: Replace tool, code: SCRATCH }

        """

    /// - Parameters:
    ///   - files: what lies beside the configuration, by name.
    ///   - access: `open`, or `accounts` for people who sign in.
    ///   - port: 0 for a free one.
    init(
        _ yaml: String = ServerFixture.plant, files: [String: String] = [:], environment: [String: String] = [:],
        access: String = "open", port: Int = 0
    ) throws {
        folder = try TemporaryFolder("andon-server")
        config = folder.path + "/andon.yaml"
        try Data(yaml.utf8).write(to: URL(fileURLWithPath: config))
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)")) }
        process = try AndonProcess(
            config: config, data: try TestDatabase.folder(folder.path + "/data"), access: access, port: port,
            environment: environment)
        client = TestClient(process.address)
    }

    var data: String { folder.path + "/data" }

    func report(_ id: String, _ changes: [String: JSON] = [:]) -> JSON {
        let body: [String: JSON] = [
            "id": .string(id), "detectedAt": .time(SystemTime().now()), "camera": "CAM-01",
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.8]],
        ]
        return .object(body.merging(changes) { $1 })
    }

    /// An order is in its system in the end.
    func expectDelivered(_ reference: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(
            try await eventually {
                try await client.get("/api/v1/orders/\(reference)").json["order"]?["completedAt"] != nil
            }, "order \(reference) should be in its system", sourceLocation: sourceLocation)
    }

    /// What any test leaves behind must add up, and nothing may lie half done in the folder.
    func end(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await process.stop()
        let sum = try await AndonProcess.run(["reconcile", "--data", data])
        #expect(sum.status == 0, "\(sum.output)", sourceLocation: sourceLocation)
        let ledger = try await AndonProcess.run(["ledger", "verify", "--data", data])
        #expect(ledger.status == 0, "\(ledger.output)", sourceLocation: sourceLocation)
        #expect(try incoming().isEmpty, sourceLocation: sourceLocation)
    }

    func incoming() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: data + "/pictures/incoming")
    }

    /// Names of all kept pictures.
    func pictures() throws -> [String] {
        let files = FileManager.default.enumerator(atPath: data + "/pictures")
        return (files?.allObjects ?? []).compactMap { $0 as? String }.filter {
            $0.hasSuffix(".jpg") || $0.hasSuffix(".png")
        }
    }
}

/// A picture that ships with the demo.
func samplePicture(_ name: String) throws -> Data {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try Data(contentsOf: root.appendingPathComponent("Sources/AndonServer/Samples/\(name).jpg"))
}

/// Words and formats of a language, by the clock of Berlin.
func words(of language: Language) throws -> (texts: Texts, formats: Formats) {
    let web = try Web(timeZone: { "Europe/Berlin" }, plantName: { "Test" })
    return (web.texts(language), web.formats(language))
}
