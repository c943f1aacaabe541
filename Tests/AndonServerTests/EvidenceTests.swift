import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("An order's picture, from the report to the CMMS")
struct EvidenceTests {
    private func post(
        _ server: ServerFixture, _ id: String, _ picture: Data, _ defects: JSON
    ) async throws -> String? {
        let answer = try await server.client.report(server.report(id, ["defects": defects]), picture: picture)
        try #require(answer.status == 202, "\(answer.text)")
        return answer.json["detections"]?.array?.first?["order"]?.string
    }

    private static let defect: JSON = [
        [
            "class": "scratch", "confidence": 0.9, "severity": 0.8,
            "box": ["x": 500, "y": 400, "width": 200, "height": 120],
        ]
    ]

    private func files(_ server: ServerFixture, _ reference: String) async throws -> [String] {
        let sent = try await server.client.get("/api/v1/orders/\(reference)").json["transmission"]?.array ?? []
        return sent.filter { $0["effect"]?.string == "attach" }.compactMap { $0["remoteId"]?.string }
    }

    private func digest(_ bytes: some Collection<UInt8>) -> Substring { Hex.sha256(Array(bytes)).prefix(8) }

    @Test("The original, its annotated copy and the enlarged defect beside the last good picture arrive, once each")
    func arrives() async throws {
        let server = try ServerFixture()
        let (good, bad) = (try samplePicture("good-plate"), try samplePicture("scratch"))
        #expect(try await post(server, "good", good, []) == nil)
        let reference = try #require(try await post(server, "bad", bad, Self.defect))
        let annotated = try await server.client.get("/orders/\(reference)/annotated")
        #expect(annotated.status == 200 && annotated.headers["content-type"] == "image/jpeg", "\(annotated.text)")
        #expect(annotated.body.count > bad.count / 2 && Array(annotated.body) != Array(bad))
        let crop = try await server.client.get("/orders/\(reference)/crop")
        #expect(crop.status == 200 && crop.headers["content-type"] == "image/png")
        let names = [
            "andon-\(reference)-original-\(digest(bad)).jpg",
            "andon-\(reference)-annotated-\(digest(annotated.body)).jpg",
            "andon-\(reference)-crop-\(digest(crop.body)).png",
        ]
        #expect(try await eventually { try await files(server, reference).count == 3 })
        let sent = try await files(server, reference)
        #expect(sent.sorted() == names.sorted(), "the same bytes are served and sent")
        let desk = try await server.client.get("/desk/\(reference)").text
        #expect(
            desk.contains("src=\"/orders/\(reference)/annotated\"")
                && desk.contains("src=\"/orders/\(reference)/crop\""))
        try await server.end()
    }

    @Test("A picture that cannot be drawn on is kept as received, the order goes on, and the ledger says why")
    func damaged() async throws {
        let server = try ServerFixture()
        let whole = try samplePicture("scratch")
        let cut = whole.prefix(whole.count / 2)
        let reference = try #require(try await post(server, "cut", cut, Self.defect))
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").text.contains("picture.not-annotated")
            })
        let record = try await server.client.get("/api/v1/orders/\(reference)")
        #expect(record.text.contains("Premature end of JPEG file"), "\(record.text)")
        let annotated = try await server.client.get("/orders/\(reference)/annotated")
        #expect(annotated.status == 404 && annotated.text.contains("Premature end"), "\(annotated.text)")
        let original = try await server.client.get("/pictures/\(Hex.sha256(Array(cut)))")
        #expect(Array(original.body) == Array(cut))
        #expect(try await server.client.get("/orders/\(reference)/sheet.pdf").status == 200)
        let alarms = try await server.client.get("/api/v1/alarms").text
        #expect(!alarms.contains("dead"), "\(alarms)")
        try await server.end()
    }

    @Test("A defect without a place in its picture has no annotated copy, and nothing waits for one")
    func placeless() async throws {
        let server = try ServerFixture()
        let reference = try #require(
            try await post(
                server, "nowhere", try samplePicture("scratch"),
                [["class": "scratch", "confidence": 0.9, "severity": 0.8]]))
        #expect(try await eventually { try await files(server, reference).contains { $0.contains("-original-") } })
        #expect(try await server.client.get("/orders/\(reference)/annotated").status == 404)
        #expect(try await server.client.get("/orders/\(reference)/crop").status == 404)
        try await server.end()
    }

    /// A disc with a hole, as the runs that a detector sends, and as pixels.
    private static func covers(_ x: Int, _ y: Int) -> Bool {
        let square = (x - 640) * (x - 640) + (y - 400) * (y - 400)
        return square <= 200 * 200 && square > 90 * 90
    }

    private static func runs(_ width: Int, _ height: Int) -> JSON {
        var counts = [0]
        var isRun = false
        for x in 0..<width {
            for y in 0..<height {
                if covers(x, y) != isRun {
                    counts.append(0)
                    isRun.toggle()
                }
                counts[counts.count - 1] += 1
            }
        }
        return ["size": [.integer(height), .integer(width)], "counts": .array(counts.map { .integer($0) })]
    }

    /// A JPEG's pixels by libjpeg-turbo's own program, three values each.
    private static func pixels(_ jpeg: Data) async throws -> (width: Int, values: [UInt8]) {
        let folder = try TemporaryFolder()
        let (file, out) = (folder.path + "/in.jpg", folder.path + "/out.ppm")
        try jpeg.write(to: URL(fileURLWithPath: file))
        let run = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["djpeg", "-nosmooth", "-pnm", "-outfile", out, file])
        try #require(run.status == 0, "\(run.output)")
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: out)))
        let parts = bytes.split(separator: 10, maxSplits: 3)
        let sides = String(decoding: parts[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        return (sides[0], Array(parts[3]))
    }

    @Test("A mask becomes an outline in the picture: a line around it and in its hole, and nothing of it is covered")
    func mask() async throws {
        let server = try ServerFixture()
        let original = try samplePicture("scratch")
        let segmentation = Self.runs(1280, 960)
        let defects: JSON = [["class": "scratch", "confidence": 0.9, "severity": 1, "segmentation": segmentation]]
        let reference = try #require(try await post(server, "mask", original, defects))
        let record = try await server.client.get("/api/v1/inspections/mask").json
        #expect(record["inspection"]?["defects"]?[0]?["segmentation"] == segmentation, "kept as it was received")
        let order = try await server.client.get("/api/v1/orders/\(reference)").json["document"]?["region"]
        #expect(order?["box"] == ["x": 440, "y": 200, "width": 401, "height": 401])
        #expect(order?["outline"]?.array?.count == 2)

        let annotated = try await server.client.get("/orders/\(reference)/annotated")
        try #require(annotated.status == 200, "\(annotated.text)")
        let (before, after) = (try await Self.pixels(original), try await Self.pixels(annotated.body))
        func isMarked(_ x: Int, _ y: Int) -> Bool {
            let at = (y * after.width + x) * 3
            return zip(after.values[at..<at + 3], [0xD5, 0x5E, 0x00]).allSatisfy { abs(Int($0) - $1) < 50 }
        }
        // Around the disc, and in the hole, two pixels beyond the edge of what is covered.
        for (radius, isOn) in [(203.0, true), (87, true), (145, false), (240, false), (40, false)] {
            let marked = (0..<72).count { step in
                let angle = Double(step) / 72 * 2 * .pi
                return isMarked(
                    Int((640 + radius * cos(angle)).rounded()), Int((400 + radius * sin(angle)).rounded()))
            }
            // What is encoded again rings a little where the line is steep.
            #expect(isOn ? marked >= 68 : marked == 0, "\(marked) of 72 at the radius \(radius)")
        }
        // Blocks that lie whole in the mask have no line over them, so they are the original's.
        for (x, y) in [(640, 255), (500, 400), (740, 500)] {
            let at = (y * after.width + x) * 3
            #expect(after.values[at..<at + 3] == before.values[at..<at + 3], "\(x), \(y)")
        }
        #expect(try await server.client.get("/orders/\(reference)/crop").status == 200)
        try await server.end()
    }

    @Test("A mask that is none is refused with its place, and nothing of the report is taken")
    func badMask() async throws {
        let server = try ServerFixture()
        let defects: JSON = [["class": "scratch", "segmentation": ["size": [1280, 960], "counts": [0, 1_228_800]]]]
        let answer = try await server.client.report(
            server.report("swapped", ["defects": defects]), picture: try samplePicture("scratch"))
        #expect(answer.status == 422 && answer.json["errors"]?[0]?["pointer"] == "/defects/0/segmentation/size")
        #expect(answer.text.contains("the two are swapped"), "\(answer.text)")
        #expect(try await server.client.get("/api/v1/inspections/swapped").status == 404)
        try await server.end()
    }
}
