import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("The pages of the plant map")
struct MapPageTests {
    private static let inGerman = ["Accept-Language": "de", "Accept": "text/html"]

    private static func page(_ bench: MapBench, _ path: String, _ headers: [String: String] = [:]) async throws
        -> String
    {
        let answer = try await bench.client.send("GET", path, headers: headers)
        #expect(answer.status == 200, "\(answer.text.prefix(400))")
        #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        // The policy would not let it through.
        #expect(
            !answer.text.contains("style=\"") && !answer.text.contains("<style") && !answer.text.contains(" onclick"))
        #expect(answer.text.components(separatedBy: "<h1").count == 2 && !answer.text.contains("«"), "\(answer.text)")
        return answer.text
    }

    @Test(
        "The map shows each zone with its state in words, on the plan and in a table, and leads to its orders and charts"
    )
    func shown() async throws {
        let bench = try MapBench()
        let reference = try await bench.raised("a", camera: "CAM-01")
        let page = try await Self.page(bench, "/map")
        #expect(page.contains("viewBox=\"0 0 80 40\"") && page.contains("points=\"10,10 40,10 40,30 10,30\""))
        #expect(page.contains("href=\"/map?zone=Z1#zone\"") && page.contains("Press hall (Z1): "))
        #expect(page.contains("out of control") && page.contains("<th scope=\"row\">") && page.contains("on no plan"))
        #expect(page.contains("data-address=\"/map/live\"") && page.contains("href=\"/map/hall/edit\""))
        let zone = try await Self.page(bench, "/map?plan=hall&zone=Z1")
        #expect(
            zone.contains("href=\"/orders/\(reference)\"")
                && zone.contains("href=\"/orders?asset=PRESS-07&amp;show=all\""))
        #expect(
            zone.contains("href=\"/charts/all?stream=")
                && zone.contains("data-address=\"/map/live?plan=hall&amp;zone=Z1\""))
        let wall = try await Self.page(bench, "/map?wall=1")
        #expect(wall.contains("class=\"wall\"") && !wall.contains("<nav") && !wall.contains("<form"))
        let live = try await bench.client.get("/map/live?zone=Z1")
        #expect(live.status == 200 && live.text.hasPrefix("<div class=\"map-body\"") && live.text.contains(reference))
        #expect(try await bench.client.get("/map?plan=loft").status == 404)
        try await bench.server.end()
    }

    @Test("The map speaks German where the browser asks for it")
    func german() async throws {
        let bench = try MapBench()
        let page = try await Self.page(bench, "/map", Self.inGerman)
        #expect(page.contains("<html lang=\"de\">") && page.contains("Werksplan") && page.contains("keine Regelkarte"))
        let editor = try await Self.page(bench, "/map/hall/edit", Self.inGerman)
        #expect(editor.contains("Zonen des Grundrisses") && editor.contains("Alle Zonen speichern"))
        try await bench.server.end()
    }

    @Test("The editor has a surface for keys, all assets and cameras to choose, and its scripts")
    func editor() async throws {
        let bench = try MapBench()
        let page = try await Self.page(bench, "/map/hall/edit")
        #expect(
            page.contains("id=\"canvas\"") && page.contains("tabindex=\"0\"") && page.contains("role=\"application\""))
        for id in ["PRESS-07", "MILL-03", "CAM-01", "CAM-02"] { #expect(page.contains("value=\"\(id)\""), "\(id)") }
        #expect(page.contains("data-save=\"/api/v1/map/plans/hall/zones\"") && page.contains("now in Z2"))
        for part in ["shape", "view", "input"] {
            let address = try #require(page.firstMatch(of: try Regex("data-\(part)=\"([^\"]+)\""))?.output[1].substring)
            let script = try await bench.client.get(String(address))
            #expect(script.status == 200 && script.headers["content-type"]?.hasPrefix("text/javascript") == true)
            #expect(script.text.contains("export "))
        }
        #expect(try await bench.client.get("/map/loft/edit").status == 404)
        try await bench.server.end()
    }

    @Test("A plan comes by the page's form; one that is refused leaves what was typed")
    func form() async throws {
        let bench = try MapBench()
        let svg = Data(MapBench.svg.utf8)
        let refused = try await bench.upload(
            Data("hello".utf8), name: "Yard 2", reason: "the \"new\" yard", path: "/map")
        #expect(
            refused.status == 422 && refused.text.contains("role=\"alert\"") && refused.text.contains("neither SVG"))
        #expect(
            refused.text.contains("value=\"the &quot;new&quot; yard\"") && refused.text.contains("value=\"Yard 2\""))
        let taken = try await bench.upload(svg, name: "hall", path: "/map")
        #expect(taken.status == 409 && taken.text.contains("choose the file once more"))
        // The client goes where it is sent: to the map of the plan.
        let done = try await bench.upload(svg, name: "yard", path: "/map")
        #expect(done.status == 200 && done.text.contains("<h2>yard</h2>"), "\(done.status)")
        let remove = try await bench.client.send(
            "POST", "/map/yard/remove", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data("reason=gone".utf8))
        #expect(remove.status == 200 && !remove.text.contains("<h2>yard</h2>"))
        let kept = try await bench.client.send(
            "POST", "/map/hall/remove", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data("reason=gone".utf8))
        #expect(kept.status == 409 && kept.text.contains("Zones lie on it: Z1"))
        try await bench.server.end()
    }
}
