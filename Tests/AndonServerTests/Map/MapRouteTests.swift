import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The plant map over HTTP")
struct MapRouteTests {
    @Test("The map counts open orders and signals by zone, as reports come in")
    func shown() async throws {
        let bench = try MapBench()
        let before = try #require(try await bench.zone("Z1"))
        #expect(before["state"] == "clear" && before["spc"] == "no-chart" && before["orders"]?["open"] == 0)
        #expect(before["cameras"] == ["CAM-01"] && before["assetsByCamera"] == ["PRESS-07"])
        _ = try await bench.raised("a", camera: "CAM-01")
        let after = try #require(try await bench.zone("Z1"))
        let open = try #require(after["orders"]?["open"]?.integer)
        #expect(open >= 1 && after["orders"]?["worst"] != nil && after["state"] != "clear")
        #expect(after["spc"] == "signalled" && after["signals"]?[0]?["chart"] == "all")
        _ = try await bench.raised("b", camera: "NEW")
        let map = try await bench.client.get("/api/v1/map").json
        #expect(map["elsewhere"]?["open"]?.integer ?? 0 >= 1, "an order of no zone is shown as well")
        #expect(map["unplaced"]?.array?.compactMap { $0["id"]?.string } == ["Z2"])
        try await bench.server.end()
    }

    @Test("The picture of a plan is served as it is, and nothing in it can run or load")
    func picture() async throws {
        let bench = try MapBench()
        let plan = try #require(try await bench.plan())
        #expect(plan["width"] == 80 && plan["height"] == 40 && plan["mediaType"] == "image/svg+xml")
        let picture = try await bench.client.get(try #require(plan["picture"]?.string))
        #expect(
            picture.status == 200 && picture.text == MapBench.svg && picture.headers["content-type"] == "image/svg+xml")
        #expect(
            picture.headers["content-security-policy"]
                == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox")
        #expect(picture.headers["x-content-type-options"] == "nosniff")
        let tag = try #require(picture.headers["etag"])
        let again = try await bench.client.send(
            "GET", "/api/v1/map/plans/hall/picture", headers: ["If-None-Match": tag])
        #expect(again.status == 304 && again.body.isEmpty)
        #expect(try await bench.client.get("/api/v1/map/plans/loft/picture").status == 404)
        try await bench.server.end()
    }

    @Test("Zones that are saved count for the map of the next order, without a restart and after one")
    func saved() async throws {
        let bench = try MapBench()
        let first = try await bench.raised("a", camera: "CAM-02")
        #expect(try await bench.client.get("/orders/\(first)/map").status == 404, "its zone has no place yet")
        let version = try #require(try await bench.plan()?["version"])
        let mill = MapBench.drawn("Z2", [[50, 10], [70, 10], [70, 30]], ["name": "Mills", "cameras": ["CAM-02"]])
        let answer = try await bench.save([MapBench.press, mill], ["version": version])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["zones"]?.array?.count == 2 && answer.json["version"] != version)
        let second = try await bench.raised("b", camera: "CAM-02", "dent")
        #expect(second != first)
        let map = try await bench.client.get("/orders/\(second)/map?format=svg")
        #expect(map.status == 200 && map.text.contains("zone Mills (Z2)"), "\(map.text.prefix(300))")
        let change = try #require(try await bench.newestChange())
        #expect(change["body"]?["section"] == "plant.zones" && change["body"]?["why"] == "the hall was rebuilt")
        #expect(change["body"]?["was"] != nil && change["body"]?["changes"] != nil)
        try await bench.server.end()
        let restarted = try AndonProcess(config: bench.server.config, data: bench.server.data)
        let kept = try await TestClient(restarted.address).get("/api/v1/map").json["plans"]?[0]?["zones"]?.array
        #expect(kept?.compactMap { $0["id"]?.string } == ["Z1", "Z2"])
        try await restarted.stop()
    }

    @Test("The page of a zone that was moved by another keeps both: the second one is told")
    func clash() async throws {
        let bench = try MapBench()
        let version = try #require(try await bench.plan()?["version"])
        #expect(try await bench.save([MapBench.press], ["version": version]).status == 200)
        let clash = try await bench.save([MapBench.drawn("Z1")], ["version": version])
        #expect(clash.status == 409 && clash.json["type"] == "urn:andon:problem:map-changed", "\(clash.text)")
        #expect(try await bench.zone("Z1")?["corners"]?.array?.count == 4, "nothing was changed by it")
        try await bench.server.end()
    }

    @Test("Zones that cannot be are refused with what is wrong and where, and nothing changes")
    func refused() async throws {
        let bench = try MapBench()
        let before = try await bench.plan()?["version"]
        func refused(_ zones: [JSON], _ pointer: String, _ words: String, _ more: [String: JSON] = [:]) async throws {
            let answer = try await bench.save(zones, more)
            let fault = answer.json["errors"]?[0]
            #expect(answer.status == 422, "\(answer.text)")
            #expect(fault?["pointer"] == .string(pointer), "\(answer.text)")
            #expect(fault?["detail"]?.string?.contains(words) == true, "\(answer.text)")
        }
        let bow: JSON = [[0, 0], [20, 10], [20, 0], [0, 10]]
        try await refused(
            [MapBench.press, MapBench.drawn("Z5", bow)], "/zones/1/corners",
            "the zone Z5: edge 1 and edge 3 cross or touch")
        try await refused(
            [MapBench.drawn("Z1", [[0, 0], [81, 0], [9, 9]])], "/zones/0/corners", "corner 2 lies outside")
        try await refused([MapBench.drawn("Z1", [[0, 0], [8, 0]])], "/zones/0/corners", "3 to 200 corners, found 2")
        try await refused(
            [MapBench.drawn("Z1", [[0, 0], [8, "x"], [9, 9]])], "/zones/0/corners", "corner 2 is no place")
        try await refused([MapBench.drawn("Z1", "all")], "/zones/0/corners", "found 0")
        try await refused([MapBench.drawn(" ")], "/zones/0/id", "give it an id")
        try await refused([MapBench.press, MapBench.press], "/zones/1/id", "there is a zone Z1 already")
        try await refused(
            [MapBench.drawn("Z1", [[0, 0], [9, 0], [9, 9]], ["colour": 7])], "/zones/0/colour", "is not known")
        try await refused(
            [MapBench.drawn("Z1", [[0, 0], [9, 0], [9, 9]], ["assets": "X"])], "/zones/0/assets", "a list")
        try await refused(
            [MapBench.drawn("Z1", [[0, 0], [9, 0], [9, 9]], ["cameras": ["CAM-01", "CAM-99"]])], "/zones/0/cameras",
            "there is no camera CAM-99")
        try await refused(
            [MapBench.drawn("Z1")], "/zones/0/cameras", "the camera CAM-01 is in the zone Z1 by the plant file")
        try await refused([MapBench.press], "/reason", "say why", ["reason": " "])
        let none = try await bench.client.send("PUT", "/api/v1/map/plans/hall/zones", body: Data("{".utf8))
        #expect(none.status == 400 && none.json["type"] == "urn:andon:problem:invalid-json")
        #expect(try await bench.save([MapBench.press], on: "loft").status == 404)
        #expect(try await bench.plan()?["version"] == before)
        try await bench.server.end()
    }

    @Test("Whoever has no right to tune draws nothing, and is shown no editor")
    func rights() async throws {
        let bench = try await AccessBench()
        try await bench.person("v.look", "viewer", approver: nil)
        let viewer = try await bench.signIn("v.look")
        #expect(try await viewer.get("/api/v1/map").status == 200)
        for (method, path) in [
            ("PUT", "/api/v1/map/plans/hall/zones"), ("POST", "/api/v1/map/plans"),
            ("DELETE", "/api/v1/map/plans/hall"),
            ("GET", "/map/hall/edit"), ("POST", "/map"), ("POST", "/map/hall/remove"),
        ] {
            #expect(try await viewer.send(method, path, body: "{}").status == 403, "\(method) \(path)")
        }
        let page = try await viewer.send("GET", "/map", headers: ["Accept": "text/html"])
        #expect(page.status == 200 && !page.body.contains("enctype="), "no form for a plan")
        try await bench.server.end()
    }
}
