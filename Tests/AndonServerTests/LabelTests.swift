import AndonDesk
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Labels for training the model")
struct LabelTests {
    private static let python: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["ANDON_LABELS_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv-labels/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private static let reason: Comment =
        "no Python with pycocotools: set ANDON_LABELS_PYTHON, or run scripts/setup --tests for .venv-labels"

    private static let classes = ["scratch", "dent", "chip", "pore", "run"]
    private static let plant = ServerFixture.plant.replacing(
        "    scratch: { minConfidence: 0.5, minSeverity: 0.4, action: Replace tool, code: SCRATCH }\n",
        with: classes.map { "    \($0): { minConfidence: 0.5, minSeverity: 0.4 }\n" }.joined())

    private let form = ["Content-Type": "application/x-www-form-urlencoded"]

    /// Reports one defect and closes its order on the desk.
    private func order(
        _ server: ServerFixture, _ id: String, _ label: String, _ picture: Data, _ place: [String: JSON],
        _ verdict: String
    ) async throws -> String {
        let defect: JSON = .object(
            ["class": .string(label), "confidence": 0.9, "severity": 0.8].merging(place) { $1 })
        let answer = try await server.client.report(
            server.report(id, ["defects": [defect], "model": ["name": "vision", "version": "3.2"]]), picture: picture)
        let reference = try #require(answer.json["detections"]?[0]?["order"]?.string, "\(answer.text)")
        try await server.expectDelivered(reference)
        let facts = "person=E.+Weber&hours=1&cause=WEAR&notes=done&verdict=\(verdict)"
        _ = try await server.client.send(
            "POST", "/desk/\(reference)/close", headers: form, body: Data(facts.utf8))
        #expect(
            try await eventually {
                try await server.client.get("/api/v1/orders/\(reference)").json["order"]?["state"] == "closed"
            })
        return reference
    }

    /// The picture as a camera that lies on its side writes it.
    private func turned(_ picture: Data) async throws -> Data {
        let folder = try TemporaryFolder("andon-labels")
        let file = URL(fileURLWithPath: folder.path + "/t.jpg")
        try picture.write(to: file)
        let result = try await runProgram(
            URL(fileURLWithPath: "/usr/bin/env"), ["exiftool", "-q", "-n", "-Orientation=6", file.path])
        #expect(result.status == 0, "\(result.output)")
        return try Data(contentsOf: file)
    }

    private static func sha256(_ data: Data) -> String { Hex.sha256(Array(data)) }
    private static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> [String: JSON] {
        ["box": ["x": .number(x), "y": .number(y), "width": .number(width), "height": .number(height)]]
    }
    /// 1280 x 960, the first ten pixels of columns 2 and 3.
    private static let mask: JSON = [
        "size": [960, 1280], "counts": [1920, 10, 950, 10, .integer(1280 * 960 - 2890)],
    ]

    @Test(
        "The archives say, to pycocotools and to a reader of YOLO, what technicians found, in pixels of the files",
        .enabled(if: LabelTests.python != nil, LabelTests.reason))
    func archives() async throws {
        let server = try ServerFixture(Self.plant)
        let pictures = try ["scratch", "dent", "edge-chip", "porosity", "coating-run", "good-plate"].map(samplePicture)
        let sideways = try await turned(pictures[4])
        _ = try await order(
            server, "l-1", "scratch", pictures[0], Self.box(10.5, 20.25, 301, 42), "confirmed")
        _ = try await order(server, "l-2", "dent", pictures[1], Self.box(1, 2, 3, 4), "falseAlarm")
        let chip = try await order(
            server, "l-3", "chip", pictures[2], ["polygon": [[100, 100], [200, 100], [200, 300]]], "wrongClass")
        _ = try await order(server, "l-4", "pore", pictures[3], Self.box(5, 5, 5, 5), "wrongClass")
        _ = try await order(server, "l-5", "run", sideways, ["segmentation": Self.mask], "confirmed")
        _ = try await server.client.report(server.report("l-6", ["defects": []]), picture: pictures[5])

        let right = try await server.client.post(
            "/api/v1/learn/missed", ["order": .string(chip), "class": "dent", "by": "E. Weber"])
        #expect(right.status == 201 && right.json["inspection"] == "l-3", "\(right.text)")
        let unseen = try await server.client.post(
            "/api/v1/learn/missed",
            [
                "inspection": "l-6", "class": "blister", "by": "E. Weber", "words": "at the edge",
                "box": ["x": 700, "y": 800.5, "width": 99.5, "height": 100],
            ])
        #expect(unseen.status == 201 && unseen.json["camera"] == "CAM-01", "\(unseen.text)")

        let found = try await read(server)
        let all = "\(server.folder.path)/all"
        let kept = try await AndonProcess.run(
            ["learn", "labels", all, "--format", "yolo", "--keep-gaps", "--server", server.client.address])
        #expect(kept.status == 0, "\(kept.output)")
        let unsaid = "\(all)/labels/\(Self.sha256(pictures[3])).txt"
        #expect(try String(contentsOfFile: unsaid, encoding: .utf8).isEmpty)
        #expect(found["problems"] == [], "\(found["problems"] ?? .null)")
        let expected: [(Data, [JSON])] = [
            (pictures[0], [["scratch", 10.5, 20.25, 301, 42]]), (pictures[1], []),
            (pictures[2], [["dent", 100, 100, 100, 200]]), (sideways, [["run", 2, 0, 2, 10]]),
            (pictures[5], [["blister", 700, 800.5, 99.5, 100]]),
        ]
        for format in ["coco", "yolo"] { expect(found[format], expected, format) }
        let chips = found["coco"]?[Self.sha256(pictures[2])]?[0]
        #expect(chips?[5] == 10_000 && abs((chips?[6]?.number ?? 0) - 10_000) < 200, "\(chips ?? .null)")
        #expect(chips?[7]?["said"] == "chip" && chips?[7]?["order"]?.string == chip && chips?[7]?["model"] == "vision")
        let run = found["coco"]?[Self.sha256(sideways)]?[0]
        #expect(run?[5] == 20 && run?[6] == 20, "\(run ?? .null)")
        try await leftOut(server, pictures)
        try await server.end()
    }

    /// What is not there, not asked for or not known is in no archive, and listed.
    private func leftOut(_ server: ServerFixture, _ pictures: [Data]) async throws {
        func about(_ name: String, _ options: [String]) async throws -> JSON {
            let folder = "\(server.folder.path)/\(name)"
            let made = try await AndonProcess.run(
                ["learn", "labels", folder, "--server", server.client.address] + options)
            #expect(made.status == 0, "\(made.output)")
            return try JSON(parsing: try String(contentsOfFile: folder + "/provenance.json", encoding: .utf8))
        }
        let one = try await about("one", ["--limit", "1"])
        #expect(one["about"]?["counts"]?["pictures"] == 1 && one["about"]?["counts"]?["beyondLimit"] == 5, "\(one)")
        let scratch = Self.sha256(pictures[0])
        let lone = try await about("lone", ["--class", "scratch", "--model", "vision", "--camera", "CAM-01"])
        #expect(lone["pictures"]?.array?.compactMap { $0["sha256"]?.string } == [scratch], "\(lone)")
        let nobody = try await about("nobody", ["--model-version", "9"])
        #expect(nobody["pictures"] == [] && nobody["leftOut"] == [])
        try FileManager.default.removeItem(atPath: "\(server.data)/pictures/\(scratch.prefix(2))/\(scratch).jpg")
        let all = try await about("gone", [])
        let reasons = Dictionary(
            uniqueKeysWithValues: (all["leftOut"]?.array ?? []).map {
                ($0["sha256"]?.string ?? "", $0["reason"]?.string ?? "")
            })
        #expect(reasons.count == 2 && reasons[scratch] == "its file is missing", "\(reasons)")
        #expect(reasons[Self.sha256(pictures[3])]?.contains("nobody said what is right") == true, "\(reasons)")
        #expect(all["about"]?["basis"]?["ledgerSize"]?.integer ?? 0 > 0)
    }

    private func expect(_ found: JSON?, _ expected: [(Data, [JSON])], _ format: String) {
        #expect(found?.object?.count == expected.count, "\(format): \(found ?? .null)")
        for (picture, boxes) in expected {
            let own = found?[Self.sha256(picture)]?.array ?? [.null]
            #expect(own.count == boxes.count, "\(format): \(own)")
            for (box, wanted) in zip(own, boxes) {
                #expect(box[0] == wanted[0], "\(format)")
                for side in 1...4 {
                    let distance = abs((box[side]?.number ?? .infinity) - (wanted[side]?.number ?? 0))
                    #expect(distance < 1e-5, "\(format): \(box), \(wanted)")
                }
            }
        }
    }

    /// Both archives as the command writes them, read by Python.
    private func read(_ server: ServerFixture) async throws -> JSON {
        let files = ["coco", "yolo"].map { "\(server.folder.path)/\($0).zip" }
        for (file, format) in zip(files, ["coco", "yolo"]) {
            let made = try await AndonProcess.run(
                ["learn", "labels", file, "--format", format, "--server", server.client.address])
            #expect(made.status == 0, "\(made.output)")
        }
        let folder = server.folder.path + "/labels"
        for isThere in [false, true] {
            let made = try await AndonProcess.run(
                ["learn", "labels", folder, "--format", "yolo", "--server", server.client.address])
            #expect((made.status != 0) == isThere, "\(made.output)")
        }
        let unpacked = try FileManager.default.contentsOfDirectory(atPath: folder + "/images")
        #expect(unpacked.count == 5 && !FileManager.default.fileExists(atPath: folder + ".zip.partial"))
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Counterpart/labels.py").path
        let result = try await runProgram(URL(fileURLWithPath: try #require(Self.python)), [script] + files)
        #expect(result.status == 0, "\(result.output)")
        return try JSON(parsing: result.output)
    }

    @Test("A time from a form is of the plant's clock, summer and winter; a day that is none is refused")
    func wallClock() async throws {
        let folder = try TemporaryFolder()
        let store = try Store(folder: try TestDatabase.folder(folder.path), time: TestTime())
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        func seen(_ text: String) async throws -> String {
            let values = ["class": "dent", "asset": "PRESS-07", "by": "E. Weber", "seen": text]
            return try await MissedForm(zone: zone) { values[$0] }.keep(in: store).missed.seenAt.description
        }
        #expect(try await seen("2026-07-01T06:30") == "2026-07-01T04:30:00.000000Z")
        #expect(try await seen("2026-01-15T06:30") == "2026-01-15T05:30:00.000000Z")
        #expect(try await seen("2026-01-15") == "2026-01-14T23:00:00.000000Z")
        #expect(try await seen("2026-07-01T06:30:00Z") == "2026-07-01T06:30:00.000000Z")
        for text in ["2026-02-30", "2026-13-01T06:30", "2026-01-15T25:00", "6:30"] {
            await #expect(throws: Problem.self, "\(text)") { try await seen(text) }
        }
        try store.close()
    }

    @Test("The desk takes a missed defect, keeps it as a fact, and says what is wrong with one")
    func desk() async throws {
        let server = try ServerFixture(Self.plant)
        _ = try await server.client.report(server.report("m-1", ["defects": []]), picture: samplePicture("good-plate"))
        #expect(try await server.client.get("/desk").text.contains("/desk/missed"))
        #expect(try await server.client.get("/desk/missed?order=ABC").text.contains("value=\"ABC\""))
        func send(_ body: String, _ headers: [String: String] = [:]) async throws -> TestClient.Answer {
            try await server.client.send(
                "POST", "/desk/missed", headers: form.merging(headers) { $1 }, body: Data(body.utf8))
        }
        let kept = try await send("class=dent&by=E.+Weber&asset=PRESS-07&seen=2026-11-01T06%3A30&words=by+hand")
        #expect(kept.status == 200 && kept.text.contains("label 1"), "\(kept.text)")
        let wrong = [
            ("class=dent&asset=A", "say who"), ("by=E&asset=A", "say what"), ("class=dent&by=E", "say where"),
            ("class=dent&by=E&inspection=none", "no report"), ("class=dent&by=E&asset=A&seen=soon", "time like"),
            ("class=dent&by=E&asset=A&seen=2999-01-01", "future"), ("class=dent&by=E&order=AB", "ten characters"),
            ("class=dent&by=E&asset=A&x=1", "four numbers"),
            ("class=dent&by=E&asset=A&x=1&y=1&width=2&height=2", "on a picture"),
            ("class=dent&by=E&inspection=m-1&x=1200&y=1&width=200&height=2", "outside the picture"),
            ("class=%3Cb%3Edent&by=E&asset=A&picture=abc", "no picture"),
        ]
        for (body, words) in wrong {
            let answer = try await send(body)
            #expect(answer.status == 422 && answer.text.lowercased().contains(words), "\(body): \(answer.text)")
            #expect(!answer.text.contains("<b>dent"), "\(body)")
        }
        #expect(try await send("class=dent&by=E&asset=A", ["Sec-Fetch-Site": "cross-site"]).status == 403)
        let api = try await server.client.post("/api/v1/learn/missed", ["class": "dent", "asset": "PRESS-07"])
        #expect(api.status == 422 && api.json["errors"]?[0]?["pointer"] == "/by", "\(api.text)")

        let answer = try await server.client.get("/api/v1/learn/feedback").json
        let row = answer["sections"]?[0]?["table"]?["rows"]?[0]
        #expect(row?[0] == "dent" && row?[9] == 1, "\(answer)")
        let erased = try await AndonProcess.run(
            ["ledger", "erase", "E. Weber", "--by", "Boss", "--reason", "asked", "--server", server.client.address])
        #expect(erased.status == 0, "\(erased.output)")
        let trail = try await server.client.get("/api/v1/ledger")
        #expect(!trail.text.contains("Weber") && trail.text.contains("label 1"), "\(trail.text.prefix(2000))")
        try await server.end()
    }

    @Test("A query that cannot be is refused with what is right")
    func queries() async throws {
        let server = try ServerFixture(Self.plant)
        for query in ["", "format=voc", "format=coco&limit=0", "format=coco&from=soon"] {
            let answer = try await server.client.get("/api/v1/learn/labels?\(query)")
            #expect(answer.status == 400 && answer.json["type"] != nil, "\(query): \(answer.text)")
        }
        let empty = try await server.client.get("/api/v1/learn/labels?format=yolo")
        #expect(empty.status == 200 && empty.headers["andon-records"] == "0" && empty.body.starts(with: [0x50, 0x4B]))
        try await server.end()
    }
}
