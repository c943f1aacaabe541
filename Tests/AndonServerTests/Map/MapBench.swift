import AndonModel
import AndonTesting
import Foundation

/// A running server with a plan, two zones (one without a place), and what the tests of the map send to it.
struct MapBench {
    let server: ServerFixture

    static let svg = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40"><rect width="80" height="40" fill="#ddd"/></svg>
        """

    static let plant = """
        plant:
          name: Test
          floorPlans: { hall: { file: hall.svg } }
          assets: [{ id: PRESS-07, name: Stamping press 7 }, { id: MILL-03 }]
          zones: [{ id: Z1, name: Press hall, box: [10, 10, 30, 20] }, { id: Z2, name: Mills }]
          cameras: [{ id: CAM-01, asset: PRESS-07, zone: Z1, at: [20, 20] }, { id: CAM-02, asset: MILL-03, zone: Z2 }]
        rules:
          classes: { scratch: {}, dent: {} }
          charts: { all: { kind: c, classes: [scratch], subgroup: { parts: 1 }, limits: { centre: 0.01 } } }

        """

    init(_ yaml: String = MapBench.plant, access: String = "open") throws {
        server = try ServerFixture(yaml, files: ["hall.svg": Self.svg], access: access)
    }

    var client: TestClient { server.client }

    func plan(_ name: String = "hall") async throws -> JSON? {
        try await client.get("/api/v1/map").json["plans"]?.array?.first { $0["name"] == .string(name) }
    }

    func zone(_ id: String) async throws -> JSON? {
        let map = try await client.get("/api/v1/map").json
        let zones = (map["plans"]?.array ?? []).flatMap { $0["zones"]?.array ?? [] } + (map["unplaced"]?.array ?? [])
        return zones.first { $0["id"] == .string(id) }
    }

    /// A zone as an editor sends it.
    static func drawn(_ id: String, _ corners: JSON = [[0, 0], [20, 0], [20, 10]], _ more: [String: JSON] = [:]) -> JSON
    {
        .object(["id": .string(id), "corners": corners].merging(more) { $1 })
    }

    static let press = drawn("Z1", [[10, 10], [40, 10], [40, 30], [10, 30]], ["cameras": ["CAM-01"]])

    func save(_ zones: [JSON], _ more: [String: JSON] = [:], on plan: String = "hall") async throws -> TestClient.Answer
    {
        let body: [String: JSON] = ["zones": .array(zones), "reason": "the hall was rebuilt", "by": "E. Novak"]
        return try await client.send(
            "PUT", "/api/v1/map/plans/\(plan)/zones", headers: ["Content-Type": "application/json"],
            body: Data(JSON.object(body.merging(more) { $1 }).canonicalBytes))
    }

    /// Sends a form with a floor plan; parts that are nil are left out.
    func upload(
        _ picture: Data?, name: String? = "yard", reason: String? = "a new hall", replace: Bool = false,
        path: String = "/api/v1/map/plans"
    ) async throws -> TestClient.Answer {
        var body = Data()
        func part(_ head: String, _ content: Data) {
            body +=
                Data("--mapbench\r\nContent-Disposition: form-data; \(head)\r\n\r\n".utf8) + content + Data("\r\n".utf8)
        }
        if let name { part("name=\"name\"", Data(name.utf8)) }
        if let reason { part("name=\"reason\"", Data(reason.utf8)) }
        part("name=\"by\"", Data("E. Novak".utf8))
        if replace { part("name=\"replace\"", Data("true".utf8)) }
        // Its name and type lie: only the content counts.
        if let picture {
            part("name=\"picture\"; filename=\"../x.gif\"\r\nContent-Type: application/octet-stream", picture)
        }
        body += Data("--mapbench--\r\n".utf8)
        return try await client.send(
            "POST", path, headers: ["Content-Type": "multipart/form-data; boundary=mapbench"], body: body)
    }

    func raised(_ id: String, camera: String, _ defectClass: String = "scratch") async throws -> String {
        let defect: JSON = ["class": .string(defectClass), "confidence": 0.9, "severity": 0.8]
        let answer = try await client.post(
            "/api/v1/inspections", server.report(id, ["camera": .string(camera), "defects": [defect]]))
        return answer.json["detections"]?.array?.first?["order"]?.string ?? answer.text
    }

    /// The newest entry about the configuration.
    func newestChange() async throws -> JSON? {
        var (from, newest): (Int, JSON?) = (0, nil)
        while true {
            let entries = try await client.get("/api/v1/ledger?from=\(from)").json["entries"]?.array ?? []
            newest = entries.last { $0["kind"] == "settings.changed" } ?? newest
            guard let last = entries.last?["index"]?.integer, last >= from else { return newest }
            from = last + 1
        }
    }
}
