import AndonLedger
import AndonModel

/// A picture as a model is trained with it: what is on it, or why it may not be used.
///
/// A picture with a defect that has no box teaches the model that nothing is there. It is therefore used whole or not at
/// all, unless that is asked for.
public struct TrainingPicture: Sendable {
    public var boxes: [TrainingBox] = []
    /// Detections that a technician found to be no defect: the picture is shown without their boxes.
    public var falseAlarms = 0
    /// Why not everything on it is known, in words.
    public var gaps: [String] = []

    public init(_ labelled: LabelledPicture) {
        for report in labelled.reports {
            for label in report.detections { add(label, report) }
        }
        let orders = Set(labelled.reports.flatMap { $0.detections.compactMap(\.order) })
        for missed in labelled.missed where missed.order.map(orders.contains) != true { add(missed) }
    }

    private mutating func add(_ label: LabelledPicture.Label, _ report: LabelledPicture.Report) {
        let id = "\(report.inspection)#\(label.ordinal)"
        let name: String
        switch label.verdict {
        case nil: return gap("the detection \(id) has no verdict")
        case .falseAlarm?:
            falseAlarms += 1
            return
        case .confirmed?: name = label.defectClass
        case .wrongClass?:
            guard let right = label.rightClass else {
                return gap("the class of \(id) is wrong, and nobody said what is right")
            }
            name = right
        }
        guard var box = TrainingBox(label.defect, name) else { return gap("the detection \(id) has no box") }
        box.attributes = .object(present: [
            "verdict": label.verdict.map { .string($0.rawValue) }, "said": .string(label.defectClass),
            "confidence": label.confidence.map(JSON.number), "model": report.model.map(JSON.string),
            "modelVersion": report.modelVersion.map(JSON.string), "order": label.order.map { .string($0.text) },
            "ofSameOrder": .bool(!label.isFirst), "inspection": .string(report.inspection), "detection": .string(id),
        ])
        add(box)
    }

    private mutating func add(_ missed: MissedDefect) {
        guard let place = missed.box else { return gap("a missed \(missed.defectClass) was reported without a box") }
        add(
            TrainingBox(
                defectClass: missed.defectClass, box: place, area: place.width * place.height,
                attributes: .object(present: [
                    "verdict": "missed", "inspection": missed.inspection.map(JSON.string),
                    "order": missed.order.map { .string($0.text) },
                ])))
    }

    /// A picture that was reported twice has its defects once.
    private mutating func add(_ box: TrainingBox) {
        guard !boxes.contains(where: { $0.defectClass == box.defectClass && $0.box == box.box }) else { return }
        boxes.append(box)
    }

    private mutating func gap(_ words: String) { gaps.append(words) }

    /// Classes that have a box on it, or a false alarm.
    public static func classes(_ labelled: LabelledPicture) -> Set<String> {
        let alarms = labelled.reports.flatMap(\.detections).filter { $0.verdict == .falseAlarm }.map(\.defectClass)
        return Set(TrainingPicture(labelled).boxes.map(\.defectClass) + alarms)
    }
}

/// A defect in pixels of the picture's file, origin top left, before any turning by Exif.
public struct TrainingBox: Sendable {
    public var defectClass: String
    public var box: Box
    /// As COCO has it: polygons, or a mask in run-length encoding.
    public var segmentation: JSON?
    /// Pixels that it covers.
    public var area: Double
    public var attributes: JSON

    init(defectClass: String, box: Box, segmentation: JSON? = nil, area: Double, attributes: JSON) {
        self.defectClass = defectClass
        self.box = box
        self.segmentation = segmentation
        self.area = area
        self.attributes = attributes
    }

    /// - Parameter defect: as it was reported and kept.
    init?(_ defect: JSON, _ name: String) {
        guard let box = defect["box"], let x = box["x"]?.number, let y = box["y"]?.number,
            let width = box["width"]?.number, let height = box["height"]?.number
        else { return nil }
        defectClass = name
        self.box = Box(x: x, y: y, width: width, height: height)
        attributes = .null
        let rings: [[Double]]
        if let mask = defect["segmentation"], mask.object != nil {
            segmentation = mask
            area = Double(MaskRuns.covered(mask["counts"]) ?? 0)
            return
        } else if let polygons = defect["segmentation"]?.array {
            rings = polygons.map { ($0.array ?? []).compactMap(\.number) }
        } else if let points = defect["polygon"]?.array {
            rings = [points.flatMap { ($0.array ?? []).compactMap(\.number) }]
        } else {
            area = width * height
            return
        }
        segmentation = .array(rings.map { .array($0.map(JSON.number)) })
        area = rings.reduce(0) { $0 + Self.enclosed($1) }
    }

    /// The shoelace formula.
    private static func enclosed(_ ring: [Double]) -> Double {
        let count = ring.count / 2
        let sum = (0..<count).reduce(0.0) { sum, index in
            let next = (index + 1) % count
            return sum + ring[2 * index] * ring[2 * next + 1] - ring[2 * next] * ring[2 * index + 1]
        }
        return sum.magnitude / 2
    }
}

/// Runs of COCO's masks: uncovered and covered pixels in turn, as numbers or as pycocotools's text (`rleToString`).
enum MaskRuns {
    /// Covered pixels; nil for what are no runs.
    static func covered(_ counts: JSON?) -> Int? {
        switch counts {
        case .array(let runs)?:
            return runs.enumerated().reduce(0) { $1.offset % 2 == 1 ? $0 + ($1.element.integer ?? 0) : $0 }
        case .string(let text)?: return covered(Array(text.utf8))
        default: return nil
        }
    }

    private static func covered(_ letters: [UInt8]) -> Int? {
        var runs: [Int] = []
        var place = 0
        while place < letters.count {
            var (value, shift) = (0, 0)
            while true {
                guard place < letters.count, letters[place] >= 48, shift < 60 else { return nil }
                let bits = Int(letters[place]) - 48
                place += 1
                value |= (bits & 31) << shift
                shift += 5
                guard bits & 32 != 0 else {
                    if bits & 16 != 0 { value |= -1 << shift }
                    break
                }
            }
            runs.append(runs.count > 2 ? value &+ runs[runs.count - 2] : value)
        }
        return runs.enumerated().reduce(0) { $1.offset % 2 == 1 ? $0 &+ $1.element : $0 }
    }
}
