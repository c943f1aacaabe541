import AndonIntake
import AndonModel
import AndonTesting
import Testing

@Suite("Inspection reader")
struct InspectionReaderTests {
    private let reader = InspectionReader()

    private func read(_ text: String, size: PixelSize? = nil) throws(Problem) -> Inspection {
        try reader.read(Array(text.utf8), pictureSize: size)
    }

    /// The least that is taken, with more members in it.
    private func read(with members: String, size: PixelSize? = nil) throws(Problem) -> Inspection {
        try read(#"{"id":"a","detectedAt":"2026-11-23T21:09:00Z","camera":"C",\#(members)}"#, size: size)
    }

    @Test("The least report has an id, a time and a camera, and everything else stays missing")
    func least() throws {
        let inspection = try read(#"{"id":"a","detectedAt":"2026-11-23T22:09:00+01:00","camera":"CAM-7","lot":null}"#)

        let time = try #require(Timestamp("2026-11-23T21:09:00Z"))
        #expect(inspection == Inspection(id: "a", detectedAt: time, camera: "CAM-7"))
    }

    @Test("The whole report is read")
    func whole() throws {
        let inspection = try read(
            with: #"""
                "kind":"threshold","zone":"Z","asset":"P-3","lot":"L","unit":"SN1",
                "model":{"name":"yolo","version":"8"},
                "inspected":12,"picture":{"file":"a/b.jpg","sha256":"\#(String(repeating: "AB", count: 32))",
                "width":100,"height":50},"attributes":{"shift":2},
                "defects":[{"class":"dent","confidence":0.5,"severity":"major",
                "box":{"x":1,"y":2,"width":3,"height":4},
                "measurement":{"name":"depth","value":0.4,"limit":0.3,"unit":"mm"},
                "attributes":{"k":[1]}},{"class":"gap","severity":0.25,"polygon":[[0,0],{"x":10,"y":0},[10,20]]}]
                """#)

        #expect(inspection.kind == .threshold)
        #expect(inspection.model == VisionModel(name: "yolo", version: "8"))
        #expect(inspection.inspected == 12)
        #expect(inspection.picture?.sha256 == String(repeating: "ab", count: 32))
        #expect(inspection.attributes == ["shift": 2])
        #expect(
            inspection.defects == [
                Defect(
                    defectClass: "dent", confidence: 0.5, severity: .name("major"),
                    region: Region(box: Box(x: 1, y: 2, width: 3, height: 4)),
                    measurement: Measurement(name: "depth", value: 0.4, limit: 0.3, unit: "mm"),
                    attributes: ["k": [1]]),
                Defect(
                    defectClass: "gap", severity: .score(0.25),
                    region: Region(
                        box: Box(x: 0, y: 0, width: 10, height: 20),
                        polygon: [Point(x: 0, y: 0), Point(x: 10, y: 0), Point(x: 10, y: 20)])),
            ])
    }

    @Test("The stored form of any inspection reads back as the same inspection")
    func roundTrip() throws {
        for seed in UInt64(1)...3000 {
            var random = SeededRandom(seed: seed)
            let inspection = random.inspection()
            let json = InspectionReader.json(of: inspection)

            let again = try reader.read(json.canonicalBytes)

            #expect(again == inspection, "seed \(seed): \(json.canonicalText)")
            #expect(InspectionReader.json(of: again).canonicalBytes == json.canonicalBytes, "seed \(seed)")
        }
    }

    @Test("All faults of a report come in one answer, each with its place")
    func allFaults() {
        let problem = refusal {
            try read(
                #"""
                {"id":"","kind":"detect","detectedAt":"2026-11-23T21:09:00","zone":7,"inspected":0,"model":{},
                 "picture":{"file":"../x.jpg","sha256":"12","width":10},"colour":1,
                 "defects":[{"confidence":1.01,"severity":true,"box":{"x":-1,"y":0,"width":1,"height":1}},
                            {"class":"a","box":{"x":0,"y":0,"width":0,"height":1}},5]}
                """#)
        }

        #expect(problem?.status == 422)
        #expect(problem?.type == "invalid-inspection")
        #expect(
            problem?.pointers.sorted() == [
                "/camera", "/colour", "/defects/0/box/x", "/defects/0/class", "/defects/0/confidence",
                "/defects/0/severity", "/defects/1/box/width", "/defects/2", "/detectedAt", "/id", "/inspected",
                "/kind",
                "/model/name", "/picture/file", "/picture/height", "/picture/sha256", "/zone",
            ])
    }

    @Test(
        "A misspelt member is named with the one that was meant",
        arguments: [
            ("detected_at", "detectedAt"), ("Camera", "camera"), ("defect", "defects"), ("lott", "lot"),
            ("atributes", "attributes"),
        ])
    func misspelt(sent: String, meant: String) {
        let problem = refusal { try read(with: "\"\(sent)\":1") }

        #expect(problem?.detail(at: "/\(sent)")?.contains("did you mean \"\(meant)\"?") == true)
    }

    @Test("A member that is near to none is told where free data belongs")
    func unknown() {
        let problem = refusal { try read(with: #""operatorBadge/~":1"#) }

        #expect(problem?.detail(at: "/operatorBadge~1~0")?.contains("free data belongs in \"attributes\"") == true)
    }

    @Test("A time without an offset is answered with the text that would be right")
    func noOffset() {
        let problem = refusal { try read(#"{"id":"a","camera":"C","detectedAt":"2026-11-23T21:09:00"}"#) }

        #expect(problem?.detail(at: "/detectedAt")?.contains("write \"2026-11-23T21:09:00Z\" for UTC") == true)
    }

    @Test("Confidence is kept as given and its ends are part of it", arguments: [0, 1, 0.7, 0.30000000000000004])
    func confidence(value: Double) throws {
        let inspection = try read(with: #""defects":[{"class":"a","confidence":\#(value)}]"#)

        #expect(inspection.defects.first?.confidence == value)
    }

    @Test(
        "Text that is no name is refused",
        arguments: [
            #""""#, #"" a""#, #""a ""#, #""a\nb""#, #""a\u0000""#, #""\u202Eab""#, #""a\u2028b""#, #""\u00a0a""#, "7",
            "true", "[]",
            "{}",
        ])
    func badNames(value: String) {
        #expect(refusal { try read(with: "\"lot\":\(value)") }?.pointers == ["/lot"])
    }

    @Test("An id has at most 128 characters and a name 200, whatever their bytes")
    func lengths() throws {
        func text(_ count: Int) -> String { String(repeating: "中", count: count) }
        let time = #""detectedAt":"2026-11-23T21:09:00Z""#

        #expect(try read(#"{"id":"\#(text(128))","camera":"\#(text(200))",\#(time)}"#).id == text(128))
        #expect(refusal { try read(#"{"id":"\#(text(129))","camera":"C",\#(time)}"#) }?.pointers == ["/id"])
        #expect(refusal { try read(#"{"id":"a","camera":"\#(text(201))",\#(time)}"#) }?.pointers == ["/camera"])
    }

    @Test(
        "A file that leads out of the watched folder is refused",
        arguments: [
            "/etc/passwd", "../a.jpg", "a/../../b.jpg", "a//b.jpg", "./a.jpg", "a/", "..", "a\\\\b.jpg",
        ])
    func file(path: String) {
        #expect(refusal { try read(with: #""picture":{"file":"\#(path)"}"#) }?.pointers == ["/picture/file"])
    }

    @Test("A size that contradicts the picture's own bytes is refused")
    func size() throws {
        let probed = PixelSize(width: 640, height: 480)

        #expect(try read(with: #""picture":{"width":640,"height":480}"#, size: probed).picture?.width == 640)
        let problem = refusal { try read(with: #""picture":{"width":640,"height":400}"#, size: probed) }
        #expect(problem?.pointers == ["/picture"])
    }

    @Test("Attributes beyond 64 KiB are refused")
    func attributes() throws {
        let piece = #""\#(String(repeating: "x", count: 30_000))""#

        #expect(try read(with: #""attributes":{"a":\#(piece),"b":\#(piece)}"#).attributes.count == 2)
        let problem = refusal { try read(with: #""attributes":{"a":\#(piece),"b":\#(piece),"c":\#(piece)}"#) }
        #expect(problem?.pointers == ["/attributes"])
    }

    @Test("Faults point into the document that was sent, also when the report is a part of it")
    func pointer() {
        let problem = refusal { try reader.read(IntakeDocument(["id": 5], pointer: "/data")) }

        #expect(problem?.pointers.sorted() == ["/data/camera", "/data/detectedAt", "/data/id"])
    }

    @Test("A thousand faults make a short answer that says how many there are")
    func manyFaults() {
        let defects = Array(repeating: #"{"confidence":2}"#, count: 1000).joined(separator: ",")
        let problem = refusal { try read(with: "\"defects\":[\(defects)]") }

        #expect(problem?.errors.count == 100)
        #expect(problem?.detail.contains("the first of 2000 faults") == true)
    }

    @Test("What is not JSON is answered 400, and too much of it 413")
    func syntax() {
        #expect(refusal { try read(#"{"id":"a","detectedAt":NaN}"#) }?.type == "invalid-json")
        #expect(refusal { try read(#"{"id":"a","detectedAt":NaN}"#) }?.pointers == ["/detectedAt"])
        #expect(refusal { try read("") }?.status == 400)
        #expect(refusal { try read(String(repeating: "[", count: 5000)) }?.status == 400)
        #expect(refusal { try read(String(repeating: " ", count: 3 << 20)) }?.status == 413)
        #expect(refusal { try read("[]") }?.status == 422)
    }

    @Test("A hundred thousand unknown members do not cost more than a moment")
    func manyMembers() {
        let members = (0..<100_000).map { "\"m\($0)\":1" }.joined(separator: ",")
        let clock = ContinuousClock()
        let start = clock.now
        let problem = refusal { try read("{\(members)}") }

        #expect(problem?.errors.count == 100)
        #expect(clock.now - start < .seconds(20))
    }
}
