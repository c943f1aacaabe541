import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("What is made of an order, over HTTP")
struct OrderFileTests {
    private static let svg = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40"><rect width="80" height="40" fill="#ddd"/></svg>
        """

    private static let plant = """
        plant:
          name: Test
          floorPlans: { hall: { file: hall.svg } }
          assets:
            - { id: PRESS-07, name: Stamping press 7, criticality: A, line: LINE-1 }
            - { id: MILL-03 }
          zones: [{ id: Z1, name: Press hall, box: [10, 10, 30, 20] }, { id: Z2 }]
          cameras: [{ id: CAM-01, asset: PRESS-07, zone: Z1, at: [20, 20] }, { id: CAM-02, asset: MILL-03, zone: Z2 }]
        rules:
          classes: { scratch: {} }

        """

    private func raised(_ server: ServerFixture, _ id: String, camera: String = "CAM-01") async throws -> String {
        let answer = try await server.client.post("/api/v1/inspections", server.report(id, ["camera": .string(camera)]))
        return try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
    }

    /// The files that the desk has got so far.
    private func files(_ server: ServerFixture, _ reference: String) async throws -> [String] {
        let sent = try await server.client.get("/api/v1/orders/\(reference)").json["transmission"]?.array ?? []
        return sent.filter { $0["effect"]?.string == "attach" }.compactMap { $0["remoteId"]?.string }
    }

    @Test("The map and the sheet are served and shown, and the map is what was attached")
    func served() async throws {
        let server = try ServerFixture(Self.plant, files: ["hall.svg": Self.svg])
        let reference = try await raised(server, "a")
        let map = try await server.client.get("/orders/\(reference)/map")
        #expect(map.status == 200 && map.headers["content-type"] == "image/png" && map.body.count > 5000)
        let name = "andon-\(reference)-map-\(Hex.sha256(Array(map.body)).prefix(8)).png"
        #expect(try await eventually { try await files(server, reference).contains(name) })
        let desk = try await server.client.get("/desk/\(reference)").text
        #expect(
            desk.contains("src=\"/orders/\(reference)/map?format=svg\" alt=\"Floor plan with the zone Z1 marked\""),
            "\(desk)")
        let page = try await server.client.get("/orders/\(reference)/map?format=svg")
        #expect(page.status == 200 && page.headers["content-type"] == "image/svg+xml")
        #expect(page.text.contains("<title>") && page.text.contains("zone Press hall (Z1)"))
        #expect(!page.text.contains("<image"))
        #expect(page.headers["content-security-policy"]?.contains("img-src data:") == true, "for a plan that is a PNG")
        let fault = try await server.client.get("/orders/\(reference)/map?format=gif")
        #expect(fault.status == 400 && fault.json["detail"]?.string == "format is png or svg.")
        #expect(desk.contains("href=\"/orders/\(reference)/sheet.pdf\""))
        let sent = try await files(server, reference)
        #expect(sent == [name], "no sheet where nobody asked for one")
        let sheet = try await server.client.get("/orders/\(reference)/sheet.pdf")
        #expect(sheet.status == 200 && sheet.headers["content-type"] == "application/pdf")
        #expect(sheet.headers["content-disposition"] == "inline; filename=\"andon-\(reference).pdf\"")
        #expect(sheet.body.starts(with: Array("%PDF-1.".utf8)))
        #expect(try await server.client.get("/orders/\(reference)/sheet.pdf").body == sheet.body, "the same each time")
        let isEmpty = try await eventually {
            try FileManager.default.contentsOfDirectory(atPath: server.data + "/derived").isEmpty
        }
        #expect(isEmpty, "what has arrived is not kept twice")
        try await server.end()
    }

    @Test("An order without a place on a plan has no map and is none the worse; unknown orders are not found")
    func none() async throws {
        let server = try ServerFixture(Self.plant, files: ["hall.svg": Self.svg])
        let reference = try await raised(server, "b", camera: "CAM-02")
        let map = try await server.client.get("/orders/\(reference)/map")
        #expect(map.status == 404 && map.json["detail"]?.string?.contains("no place on a floor plan") == true)
        #expect(try await server.client.get("/orders/\(reference)/sheet.pdf").status == 200)
        #expect(try await server.client.get("/orders/\(reference)/chart").status == 404)
        for path in ["map", "sheet.pdf", "chart"] {
            #expect(try await server.client.get("/orders/AAAAAAAAAA/\(path)").status == 404)
            #expect(try await server.client.get("/orders/nothing/\(path)").status == 404)
        }
        try await server.end()
    }

    @Test("A connector that asks for sheets gets one for each order, with the picture in it")
    func asked() async throws {
        let yaml = Self.plant + "connectors: { desk: { attachments: [sheet] } }\n"
        let server = try ServerFixture(yaml, files: ["hall.svg": Self.svg])
        let picture = try samplePicture("scratch")
        let report = server.report("c")
        let answer = try await server.client.report(report, picture: picture)
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
        let sheet = try await server.client.get("/orders/\(reference)/sheet.pdf").body
        #expect(sheet.range(of: picture.suffix(4000)) != nil, "the JPEG is in it as it is")
        let name = "andon-\(reference)-sheet-\(Hex.sha256(Array(sheet)).prefix(8)).pdf"
        #expect(try await eventually { try await files(server, reference).contains(name) })
        #expect(try await !files(server, reference).contains { $0.contains("-map-") })
        try await server.end()
    }

    @Test("What a client has is not sent again; its tag is the digest of the bytes")
    func tags() async throws {
        let server = try ServerFixture(Self.plant, files: ["hall.svg": Self.svg])
        let answer = try await server.client.report(
            server.report(
                "t",
                [
                    "defects": [
                        ["class": "scratch", "severity": 0.8, "box": ["x": 20, "y": 20, "width": 60, "height": 40]]
                    ]
                ]),
            picture: samplePicture("scratch"))
        let reference = try #require(answer.json["detections"]?.array?.first?["order"]?.string, "\(answer.text)")
        for name in ["annotated", "crop", "map", "sheet.pdf"] {
            let path = "/orders/\(reference)/\(name)"
            let first = try await server.client.get(path)
            let tag = "\"\(Hex.sha256(Array(first.body)))\""
            #expect(first.status == 200 && first.headers["etag"] == tag, "\(name): \(first.status)")
            #expect(first.headers["cache-control"] == "private, no-cache")
            for header in [tag, "\"other\", \(tag)", "W/\(tag)", "*"] {
                let again = try await server.client.send("GET", path, headers: ["If-None-Match": header])
                #expect(again.status == 304 && again.body.isEmpty && again.headers["etag"] == tag, "\(name) \(header)")
            }
            for header in ["\"other\"", "", "\(tag.dropLast(2))\""] {
                let whole = try await server.client.send("GET", path, headers: ["If-None-Match": header])
                #expect(whole.status == 200 && whole.body == first.body, "\(name) \(header)")
            }
        }
        try await server.end()
    }
}
