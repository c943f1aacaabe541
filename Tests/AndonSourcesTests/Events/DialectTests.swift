import AndonModel
import AndonTesting
import Testing

@testable import AndonSources

@Suite("Events of edge stacks")
struct DialectTests {
    // MARK: DeepStream

    /// The full payload as Gst-nvmsgconv's documentation shows it, of a model with two classes of one's own.
    private static func full(_ id: String, _ kind: JSON, object: String = "scratch") -> JSON {
        [
            "messageid": .string(id), "mdsversion": "1.0", "@timestamp": "2026-11-29T08:00:00.250Z",
            "place": [
                "id": "1", "name": "LINE-1", "type": "line", "location": ["lat": 30.3, "lon": -40.5, "alt": 100],
            ],
            "sensor": ["id": "CAMERA_7", "type": "Camera", "description": "press 7"],
            "analyticsModule": ["id": "surface", "description": "defects", "source": "Yolo", "version": "4"],
            "object": [
                "id": "18446744073709551615", "speed": 0, "direction": 0, "orientation": 0,
                .init(object): kind,
                "bbox": ["topleftx": 585, "toplefty": 472, "bottomrightx": 642, "bottomrighty": 518],
                "location": ["lat": 0, "lon": 0, "alt": 0], "coordinate": ["x": 0, "y": 0, "z": 0],
            ],
            "event": ["id": "e-1", "type": "moving"], "videoPath": "",
        ]
    }

    private static let deepstream: [String: JSON] = [
        "dialect": "deepstream", "mapping": ["cameras": ["CAMERA_7": "CAM-01"]],
    ]

    @Test("A full payload is a report of one object; its own id makes it one")
    func deepstreamFull() async throws {
        let bench = try EventsBench(Self.deepstream)
        let message = Self.full("m-1", ["type": "deep", "confidence": 0.75])
        let first = try await bench.take(message)
        let second = try await bench.take(message)
        #expect(first[0].id == EventKey(.event, server: "edge", event: "m-1").id)
        #expect(second[0].isRepeated && bench.reports.count == 1)
        let report = bench.reports[0]
        #expect(report["camera"] == "CAM-01" && report["detectedAt"] == "2026-11-29T08:00:00.250000Z")
        #expect(report["model"] == ["name": "surface", "version": "4"])
        let defect = try #require(report["defects"]?[0])
        #expect(defect["class"] == "scratch" && defect["confidence"] == 0.75)
        #expect(defect["box"] == ["x": 585, "y": 472, "width": 57, "height": 46, "unit": "pixel"])
        #expect(defect["attributes"]?["track"] == "18446744073709551615")
        // What no option names is kept.
        #expect(report["attributes"]?["message"]?["place"]?["name"] == "LINE-1")
        #expect(report["attributes"]?["source"] == ["name": "edge", "dialect": "deepstream", "event": "m-1"])
    }

    private static let placeholders: [(JSON, JSON?)] = [
        (["confidence": 1], nil), (["make": "", "confidence": 1], nil), (["confidence": -0.1], nil), ([:], nil),
        (["make": "x", "confidence": 1], 1), (["confidence": 0.99], 0.99),
    ]

    @Test("A confidence that stands for none is none", arguments: placeholders)
    func deepstreamPlaceholder(_ kind: JSON, _ confidence: JSON?) async throws {
        let bench = try EventsBench(Self.deepstream)
        try await bench.take(Self.full("m", kind))
        #expect(bench.reports[0]["defects"]?[0]?["confidence"] == confidence)
    }

    @Test("Messages of one tracked object are one event where the configuration says so")
    func deepstreamTrack() async throws {
        let options = Self.deepstream.merging(["key": "{/sensorId} {/object/id}"]) { $1 }
        let bench = try EventsBench(options)
        let outcomes = try await bench.take(
            .array((1...5).map { Self.full("m-\($0)", ["confidence": 0.5]) }))
        #expect(outcomes.map(\.isRepeated) == [false, true, true, true, true] && bench.reports.count == 1)
        #expect(bench.source.board.now.repeated == 4)
    }

    @Test("A minimal payload is a report of a frame; one without objects is a good part")
    func deepstreamMinimal() async throws {
        let bench = try EventsBench(["dialect": "deepstream"])
        func frame(_ id: String, _ objects: [JSON]) -> JSON {
            [
                "version": "4.0", "id": .string(id), "@timestamp": "2026-11-29T08:00:00.250Z", "sensorId": "CAM-01",
                "objects": .array(objects),
            ]
        }
        try await bench.take(
            frame("41", ["-1|585|472|642|518|scratch|#|deep|long|0.83", "12|1.5|2|3|4|dent", "3|1|2|3|4|chip|#|deep"]))
        try await bench.take(frame("42", []))
        let again = try await bench.take(frame("42", []))
        #expect(again[0].isRepeated && bench.reports.count == 2)
        let defects = try #require(bench.reports[0]["defects"]?.array)
        #expect(defects.map { $0["class"] } == ["scratch", "dent", "chip"])
        #expect(defects.map { $0["confidence"] } == [0.83, nil, nil])
        #expect(defects[1]["box"] == ["x": 1.5, "y": 2, "width": 1.5, "height": 2, "unit": "pixel"])
        #expect(bench.reports[1]["defects"] == [])
        let wrong = try await bench.take(frame("43", ["a|b"]))
        #expect(wrong[0].refusal?.hasPrefix("/objects/0 is the text \"a|b\"") == true)
    }

    // MARK: Roboflow

    private static let roboflow: [String: JSON] = ["dialect": "roboflow", "mapping": ["camera": "CAM-01"]]

    @Test("A model's answer is a report; a box's x and y are its middle")
    func roboflowDetection() async throws {
        let bench = try EventsBench(Self.roboflow)
        let outcome = try await bench.take(try EventsBench.roboflow("detection"))
        #expect(outcome[0].id == EventKey(.event, server: "edge", event: "i-1").id)
        let report = bench.reports[0]
        #expect(report["detectedAt"] == .time(bench.time.now()))
        let defects = try #require(report["defects"]?.array)
        #expect(defects.map { $0["class"] } == ["scratch", "dent"])
        #expect(defects[0]["box"] == ["x": 80, "y": 50, "width": 41, "height": 20, "unit": "pixel"])
        #expect(defects[0]["attributes"] == ["track": 7, "detection": "d-1"])
        // Half of it is beyond the edge: cut when the picture's size is known.
        let cut = report.withRegionsCut(width: 640, height: 480)["defects"]?[1]?["box"]
        #expect(cut == ["x": 0, "y": 455, "width": 7, "height": 25, "unit": "pixel"])
    }

    @Test("Outlines, classes, several labels, nothing, and a workflow's output are read as their makers write them")
    func roboflowOthers() async throws {
        let bench = try EventsBench(Self.roboflow)
        for name in ["segmentation", "classification", "labels", "nothing", "workflow"] {
            try await bench.take(try EventsBench.roboflow(name))
        }
        let found = bench.reports.map { $0["defects"]?.array ?? [] }
        #expect(
            found.map { $0.compactMap { $0["class"]?.string } } == [
                ["scratch"], ["scratch"], ["scratch", "stain"], [], ["scratch"],
            ])
        #expect(found[0][0]["polygon"]?.array?.count == 3 && found[0][0]["polygonUnit"] == "pixel")
        #expect(found[1][0]["confidence"] == 0.8 && found[2].map { $0["confidence"] } == [0.9, 0.7])
        #expect(found[4][0]["box"]?["x"] == 80)
    }

    @Test("A mask goes before an outline, and an anomaly's confidence follows from its scale")
    func roboflowMask() async throws {
        let bench = try EventsBench(Self.roboflow)
        try await bench.take([
            "inference_id": "a",
            "predictions": [
                [
                    "class": "scratch", "confidence": 0.5, "x": 2, "y": 2, "width": 4, "height": 4,
                    "points": [[0, 0], [4, 0], [4, 4]], "rle_mask": ["size": [8, 8], "counts": "0"],
                ]
            ],
        ])
        let defect = try #require(bench.reports[0]["defects"]?[0])
        #expect(defect["segmentation"] == ["size": [8, 8], "counts": "0"] && defect["polygon"] == nil)
        let anomaly: JSON = [
            "predictions": [], "top": "anomalous", "confidence": 0.88, "anomaly_score": 14, "anomaly_threshold": 10,
            "anomaly_scale": 2, "is_anomalous": true,
        ]
        try await bench.take(anomaly)
        let found = try #require(bench.reports[1]["defects"]?[0])
        let confidence = try #require(found["confidence"]?.number)
        #expect(found["class"] == "anomaly" && abs(confidence - 1 / (1 + 0.135335283236613)) < 1e-12)
    }

    private static func event(_ schema: String, _ data: JSON, _ image: JSON = ["label": "x"]) -> JSON {
        [
            "inference_timestamp": "2026-11-29T08:00:00.123456+00:00", "event_schema": .string(schema),
            "event_data": data,
            "images": [image], "displayImagePosition": 0, "custom_metadata": ["shift": "B"],
        ]
    }

    @Test("Events of the event writer are good parts, defects with what the image shows, alarms, or no reports")
    func roboflowEvents() async throws {
        let bench = try EventsBench(Self.roboflow)
        let boxes: JSON = [
            "objectDetections": [
                ["class": "dent", "x": 10, "y": 10, "width": 4, "height": 4, "confidence": 0.7]
            ], "base64Image": "AAEC", "inputBase64Image": "AwQF",
        ]
        try await bench.take(Self.event("quality_check", ["result": "pass", "externalId": "U-1"], boxes))
        try await bench.take(Self.event("quality_check", ["result": "fail", "externalId": "U-2"], boxes))
        try await bench.take(Self.event("quality_check", ["result": "fail", "externalId": "U-3"]))
        try await bench.take(
            Self.event("safety_alert", ["alertType": "guard_open", "severity": "high", "externalId": "U-4"]))
        try await bench.take(
            Self.event(
                "custom", ["externalId": "U-5"],
                ["classifications": [["class": "good", "confidence": 0.1], ["class": "stain", "confidence": 0.9]]]))
        let skipped = try await bench.take(Self.event("inventory_count", ["itemCount": 7]))
        #expect(skipped[0].skip == "/event_schema is inventory_count")
        #expect(bench.reports.map { $0["unit"] } == ["U-1", "U-2", "U-3", "U-4", "U-5"])
        #expect(
            bench.reports.map { $0["defects"]?[0]?["class"] } == [nil, "dent", "quality_check", "guard_open", "stain"])
        #expect(bench.reports[3]["defects"]?[0]?["severity"] == 0.9)
        #expect(bench.reports[1]["detectedAt"] == "2026-11-29T08:00:00.123456Z")
        #expect(bench.reports[1]["attributes"]?["custom"] == ["shift": "B"])
        // The picture as the camera saw it, without what was drawn on it, and not beside the report once more.
        let id = try #require(bench.reports[1]["id"]?.string)
        #expect(bench.intake.now.pictures[id] == .bytes([3, 4, 5]))
        #expect(bench.reports[1]["attributes"]?["message"]?["image"]?["base64Image"] == nil)
    }

    @Test("Two models' answers in one output are refused, with their names")
    func roboflowTwo() async throws {
        let bench = try EventsBench(Self.roboflow)
        let answer = try EventsBench.roboflow("detection")
        let outcome = try await bench.take(["outputs": [["left": answer, "right": answer]]])
        #expect(outcome[0].refusal?.hasPrefix("/outputs/0 has several models' answers: left, right") == true)
    }

    // MARK: Frigate

    private static func frigate(_ type: String, _ after: [String: JSON]) -> JSON {
        let event: [String: JSON] = [
            "id": "1764403200.5-abc", "camera": "CAM-01", "frame_time": 1_764_403_201, "label": "box_open",
            "sub_label": ["red", 0.8], "top_score": 0.9, "false_positive": false, "start_time": 1_764_403_200.5,
            "end_time": .null, "score": 0.7, "box": [10, 20, 110, 70], "current_zones": ["belt"],
        ]
        return ["type": .string(type), "before": .object(event), "after": .object(event.merging(after) { $1 })]
    }

    @Test("An event of Frigate is one report, made by its first message that is no false positive")
    func frigate() async throws {
        let bench = try EventsBench(["dialect": "frigate"])
        let early = try await bench.take(Self.frigate("new", ["false_positive": true]))
        #expect(early[0].skip == "/after/false_positive is true" && bench.reports.isEmpty)
        try await bench.take(Self.frigate("update", [:]))
        let end = try await bench.take(Self.frigate("end", ["top_score": 0.95]))
        #expect(end[0].isRepeated && bench.reports.count == 1)
        let report = bench.reports[0]
        #expect(report["detectedAt"] == "2025-11-29T08:00:00.500000Z" && report["camera"] == "CAM-01")
        let defect = try #require(report["defects"]?[0])
        #expect(defect["class"] == "box_open" && defect["confidence"] == 0.9)
        #expect(defect["box"] == ["x": 10, "y": 20, "width": 100, "height": 50, "unit": "pixel"])
        #expect(defect["attributes"] == ["subLabel": "red"])
        #expect(bench.source.board.now.skipped == ["/after/false_positive is true": 1])
    }

    // MARK: Any JSON

    @Test("A webhook's fields are mapped by the configuration alone, and its address may say the camera")
    func webhook() async throws {
        let bench = try EventsBench([
            "messages": "/events", "key": "/nr", "skip": ["/kind": ["heartbeat"]],
            "mapping": [
                "camera": "/$request/query/camera", "detectedAt": "/t", "detectedAtUnit": "milliseconds",
                "class": "/what", "confidence": "/sure", "confidenceMax": "100",
            ],
        ])
        let body: JSON = [
            "events": [
                ["nr": 1, "kind": "defect", "t": 1_764_403_200_500, "what": "scratch", "sure": 40],
                ["nr": 2, "kind": "heartbeat"],
                ["nr": 3, "kind": "defect", "t": "yesterday", "what": "scratch"],
            ]
        ]
        let outcomes = try await bench.take(body, query: ["camera": "CAM-02"])
        #expect(outcomes[0].id != nil && outcomes[1].skip == "/kind is heartbeat")
        #expect(outcomes[2].refusal?.hasPrefix("/t is the text \"yesterday\", not milliseconds since 1970") == true)
        let report = bench.reports[0]
        #expect(report["camera"] == "CAM-02" && report["defects"]?[0]?["confidence"] == 0.4)
        #expect(report["detectedAt"] == "2025-11-29T08:00:00.500000Z")
    }

    @Test("A time without an offset gets the one that the configuration says")
    func offset() async throws {
        let mapping: JSON = ["camera": "C", "class": "/c", "detectedAt": "/t", "detectedAtOffset": "+01:00"]
        let bench = try EventsBench(["mapping": mapping])
        for time in ["2026-11-29 09:00:00.5", "2026-11-29T08:00:00.5Z"] {
            try await bench.take(["c": "scratch", "t": .string(time)])
        }
        #expect(Set(bench.reports.compactMap { $0["detectedAt"]?.string }) == ["2026-11-29T08:00:00.500000Z"])
    }
}
