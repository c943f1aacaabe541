import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

/// A plant with two sites, BEDFORD and LEEDS, who asks of all of it, and who may do everything at BEDFORD alone.
struct SiteBench {
    let folder: TemporaryFolder
    let server: AndonProcess
    let all: TestClient
    let here: TestClient

    static let plant = """
        plant:
          name: Two
          site: BEDFORD
          floorPlans: { hall: { file: hall.svg }, mill: { file: mill.svg } }
          assets:
            - { id: PRESS-07, name: Stamping press 7, line: LINE-1 }
            - { id: MILL-03, name: Mill 3, line: LINE-2, site: LEEDS }
          zones:
            - { id: Z1, name: Press hall, plan: hall, box: [10, 10, 30, 20] }
            - { id: Z2, name: Mill shop, plan: mill, box: [10, 10, 30, 20] }
          cameras: [{ id: CAM-01, asset: PRESS-07, zone: Z1 }, { id: CAM-02, asset: MILL-03, zone: Z2 }]
        rules:
          classes:
            scratch:
              minConfidence: 0.5
              minSeverity: 0.4
              assets: { PRESS-07: { minSeverity: 0.3 }, MILL-03: { minSeverity: 0.2, action: Sharpen } }
          charts:
            press: { kind: c, classes: [scratch], assets: [PRESS-07], subgroup: { parts: 1 }, limits: { centre: 4 } }
            mills: { kind: c, classes: [scratch], assets: [MILL-03], subgroup: { parts: 1 }, limits: { centre: 4 } }
            both: { kind: c, classes: [scratch], by: [shift], subgroup: { parts: 1 }, limits: { centre: 4 } }
        learn:
          tasks:
            - { name: Clean the press, every: 30d, assets: [PRESS-07], classes: [scratch] }
            - { name: Clean the mill, every: 30d, assets: [MILL-03], classes: [scratch] }
            - { name: Clean everything, every: 30d, assets: [PRESS-07, MILL-03], classes: [scratch] }

        """

    init() async throws {
        folder = try TemporaryFolder("andon-sites")
        let (config, data) = ("\(folder.path)/andon.yaml", "\(folder.path)/data")
        try Data(Self.plant.utf8).write(to: URL(fileURLWithPath: config))
        for name in ["hall", "mill"] {
            try Data(MapBench.svg.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name).svg"))
        }
        let store = try Store(
            folder: try TestDatabase.folder(data), time: SystemTime(), steps: DeskSchema.steps + IdentitySchema.steps)
        let key = try await APIKeys(store).make(
            name: "bedford", permissions: Set(Permission.allCases), sites: ["BEDFORD"], by: "test")
        try store.close()
        server = try AndonProcess(config: config, data: data)
        all = TestClient(server.address)
        here = TestClient(server.address, headers: ["Authorization": "Bearer \(key.text)"])
    }

    static func report(_ id: String, _ camera: String) -> JSON {
        [
            "id": .string(id), "detectedAt": .time(SystemTime().now()), "camera": .string(camera), "lot": "L-1",
            "defects": [["class": "scratch", "confidence": 0.9, "severity": 0.8]],
        ]
    }

    /// - Returns: the order that a report raised, and the digest of its picture.
    func raise(_ id: String, _ camera: String, _ picture: String) async throws -> (order: String, digest: String) {
        let bytes = try samplePicture(picture)
        let answer = try await all.report(Self.report(id, camera), picture: bytes)
        let order = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        return (order, Hex.sha256(Array(bytes)))
    }

    /// What a text says of the other site.
    static func leaks(_ text: String) -> [String] {
        ["MILL-03", "Mill 3", "Mill shop", "CAM-02", "LEEDS", "LINE-2", "Sharpen", "mills"].filter { text.contains($0) }
    }

    /// The answer to who sees one site is whole, and says nothing of the other.
    func check(_ path: String, contains words: String? = nil, _ place: SourceLocation = #_sourceLocation) async throws {
        let answer = try await here.page(path)
        #expect(answer.status == 200, "\(path): \(answer.status) \(answer.text)", sourceLocation: place)
        let found = Self.leaks(answer.text)
        #expect(found.isEmpty, "\(path): \(found) in \(answer.text)", sourceLocation: place)
        if let words { #expect(answer.text.contains(words), "\(path): \(answer.text)", sourceLocation: place) }
        // What is not there for who sees all would prove nothing.
        #expect(try await all.page(path).status == 200, "\(path)", sourceLocation: place)
    }
}
