import AndonLedger
import AndonModel
import Foundation
import Testing

@testable import AndonLearn

@Suite("A picture as a model is trained with it")
struct TrainingPictureTests {
    /// Labels by what the technician found, each with a box of its own.
    private static func picture(_ labels: [JSON], missed: [MissedDefect] = []) throws -> LabelledPicture {
        let detections = try labels.enumerated().map { index, label -> LabelledPicture.Label in
            let members: JSON = .object(
                ["ordinal": .integer(index), "defectClass": "scratch", "isFirst": true, "defect": box(Double(index))]
                    .merging(label.object ?? [:]) { $1 })
            return try JSONDecoder().decode(LabelledPicture.Label.self, from: Data(members.canonicalBytes))
        }
        let report: JSON = [
            "inspection": "i-1", "camera": "CAM-1", "asset": "PRESS-07", "detectedAt": "2026-11-01T06:00:00Z",
            "detections": [],
        ]
        var decoded = try JSONDecoder().decode(LabelledPicture.Report.self, from: Data(report.canonicalBytes))
        decoded.detections = detections
        let described: JSON = [
            "picture": ["sha256": "ab", "bytes": 1, "mediaType": "image/png", "width": 100, "height": 80],
            "reports": [], "missed": [],
        ]
        var labelled = try JSONDecoder().decode(LabelledPicture.self, from: Data(described.canonicalBytes))
        labelled.reports = [decoded]
        labelled.missed = missed
        return labelled
    }

    private static func box(_ x: Double) -> JSON {
        ["class": "scratch", "box": ["x": .number(x), "y": 2, "width": 3, "height": 4]]
    }

    @Test("Confirmed ones have their box, false alarms none, wrong classes the one that is right")
    func verdicts() throws {
        let training = TrainingPicture(
            try Self.picture([
                ["verdict": "confirmed"], ["verdict": "falseAlarm"], ["verdict": "wrongClass", "rightClass": "dent"],
            ]))
        #expect(training.boxes.map(\.defectClass) == ["scratch", "dent"] && training.boxes.map(\.box.x) == [0, 2])
        #expect(training.falseAlarms == 1 && training.gaps.isEmpty)
    }

    @Test(
        "What is on it and has no verdict, no right class or no box is a gap",
        arguments: [
            ([:], "has no verdict"), (["verdict": "wrongClass"], "nobody said"),
            (["verdict": "confirmed", "defect": ["class": "scratch"]], "has no box"),
        ] as [(JSON, String)])
    func gaps(_ label: JSON, _ words: String) throws {
        let training = TrainingPicture(try Self.picture([["verdict": "confirmed"], label]))
        #expect(training.boxes.count == 1 && training.gaps.count == 1)
        #expect(training.gaps.first?.contains(words) == true, "\(training.gaps)")
    }

    @Test("A missed defect is a box; the word on what an order's defect was is none of its own")
    func missed() throws {
        let order = try #require(Reference("ABCDEFGH23"))
        let at = Timestamp(microseconds: 0)
        let box = Box(x: 50, y: 60, width: 5, height: 6)
        let reports = [
            MissedDefect(defectClass: "dent", seenAt: at, box: box, by: "A"),
            MissedDefect(defectClass: "dent", seenAt: at, box: box, by: "B"),
            MissedDefect(defectClass: "dent", seenAt: at, order: order, by: "C"),
        ]
        let training = TrainingPicture(
            try Self.picture(
                [["verdict": "wrongClass", "rightClass": "dent", "order": .string(order.text)]], missed: reports))
        #expect(training.boxes.map(\.box) == [Box(x: 0, y: 2, width: 3, height: 4), box] && training.gaps.isEmpty)
        let unplaced = TrainingPicture(
            try Self.picture([], missed: [MissedDefect(defectClass: "dent", seenAt: at, by: "A")]))
        #expect(unplaced.boxes.isEmpty && unplaced.gaps.count == 1)
    }

    @Test("YOLO has the middle and the sides in shares of the picture's sides")
    func yolo() {
        let text = YoloText.labels([(category: 3, box: Box(x: 10, y: 20, width: 30, height: 40))], size: (100, 80))
        #expect(text == "3 0.250000000 0.500000000 0.300000000 0.500000000\n")
        #expect(YoloText.labels([], size: (100, 80)).isEmpty)
        #expect(YoloText.data(["a: \"b\""]) == "path: .\ntrain: images\nval: images\nnames:\n  0: \"a: \\\"b\\\"\"\n")
    }
}
