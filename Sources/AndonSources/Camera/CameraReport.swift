import AndonInference
import AndonLedger
import AndonModel
import AndonVision

/// Makes the inspection documents of a camera (docs/api.md): of a frame with defects, and of trouble with the camera itself.
struct CameraReport: Sendable {
    let source: String
    let camera: String
    let zone: String?
    /// Whom trouble of the camera is reported against; nil for the camera's own asset.
    let healthAsset: String?
    let severity: SeverityRule
    /// Defects that the intake takes in one report.
    let defectsMax: Int

    /// What a frame went through until its report.
    struct Passage: Sendable {
        var decode: Duration
        var model: ModelTimes
        /// From the frame's arrival.
        var total: Duration
        /// Frames dropped so far, so that a reader knows whether the picture of the line is whole.
        var dropped: Int
    }

    /// `vision:` and 40 hexadecimal digits.
    static func id(_ name: String) -> String { "vision:" + Hex.sha256(Array(name.utf8)).prefix(40) }

    /// The same for a frame however often it comes: by its sender's id, else by its time and number.
    func id(of frame: Frame) -> String {
        if let id = frame.note.id { return Self.id("\(source)\n\(id)") }
        return Self.id("\(source)\n\(frame.capturedAt.microseconds)\n\(frame.number)")
    }

    // MARK: A defect

    func document(
        _ frame: Frame, _ verdict: Verdict, size: (width: Int, height: Int), by model: ModelStanding, _ passage: Passage
    ) -> JSON {
        // The worst ones, where there are more than the intake takes.
        let findings = verdict.findings.sorted { $0.confidence > $1.confidence }.prefix(defectsMax)
        var attributes = frame.note.attributes
        attributes.merge(self.attributes(of: model, passage)) { $1 }
        attributes["frame"] = [
            "number": .integer(frame.number), "clock": .string(frame.clock.rawValue),
            "width": .integer(size.width), "height": .integer(size.height),
        ]
        attributes["score"] = .number(verdict.score)
        if findings.count < verdict.findings.count {
            attributes["findingsLeftOut"] = .integer(verdict.findings.count - findings.count)
        }
        return .object(present: [
            "id": .string(id(of: frame)), "kind": .string(model.task == .anomaly ? "anomaly" : "detection"),
            "detectedAt": .time(frame.capturedAt), "camera": .string(camera), "zone": zone.map { .string($0) },
            "asset": frame.note.asset.map { .string($0) }, "lot": frame.note.lot.map { .string($0) },
            "unit": frame.note.unit.map { .string($0) },
            "model": ["name": .string(model.name), "version": .string(model.version)],
            "defects": .array(findings.map { defect($0, size) }), "attributes": .object(attributes),
        ])
    }

    private func attributes(of model: ModelStanding, _ passage: Passage) -> [String: JSON] {
        [
            "modelSha256": .string(model.sha256), "engine": .string(model.engine),
            "latencyMs": [
                "decode": .number(passage.decode.milliseconds),
                "preprocess": .number(passage.model.preprocess.milliseconds),
                "infer": .number(passage.model.infer.milliseconds),
                "postprocess": .number(passage.model.postprocess.milliseconds),
                "total": .number(passage.total.milliseconds),
            ],
            "droppedSoFar": .integer(passage.dropped),
        ]
    }

    private func defect(_ finding: Finding, _ size: (width: Int, height: Int)) -> JSON {
        let (severity, why) = severity.severity(of: finding, frame: size)
        let outline = finding.outline.flatMap { Self.segmentation($0) }
        return .object(present: [
            "class": .string(finding.defectClass), "confidence": .number(finding.confidence),
            "severity": .number(severity), "segmentation": outline,
            // The box follows from an outline.
            "box": outline == nil ? finding.box.flatMap { Self.box($0) } : nil,
            "attributes": [
                "score": .number(finding.score), "calibrated": .bool(finding.isCalibrated),
                "severityWhy": .string(why.cut(to: 300)),
            ],
        ])
    }

    private static func box(_ box: Box) -> JSON? {
        guard box.width > 0, box.height > 0 else { return nil }
        return [
            "x": .number(box.x), "y": .number(box.y), "width": .number(box.width), "height": .number(box.height),
        ]
    }

    /// The largest rings, as many as the intake takes (docs/api.md); nil when even they are too long: then the box says it.
    private static func segmentation(_ outline: [[Point]]) -> JSON? {
        let rings = outline.filter { $0.count >= 3 }.sorted { $0.count > $1.count }.prefix(100)
        guard !rings.isEmpty, rings.reduce(0, { $0 + $1.count }) <= 1000 else { return nil }
        return .array(rings.map { ring in .array(ring.flatMap { [.number($0.x), .number($0.y)] }) })
    }

    // MARK: Trouble of the camera

    /// - Parameters:
    ///   - at: when it began, by our clock.
    ///   - frame: the newest one there is.
    func document(_ trouble: CameraTrouble, at time: Timestamp, frame: Frame?) -> JSON {
        let defectClass = Self.defectClass(of: trouble.kind)
        return .object(present: [
            "id": .string(Self.id("\(source)\n\(defectClass)\n\(time.microseconds)")), "kind": "threshold",
            "detectedAt": .time(time), "camera": .string(camera), "zone": zone.map { .string($0) },
            "asset": healthAsset.map { .string($0) },
            "defects": [
                ["class": .string(defectClass), "confidence": 1, "severity": 1]
            ],
            "attributes": .object(present: [
                "trouble": .string(trouble.why.cut(to: 500)), "figure": .number(trouble.figure),
                "source": .string(source), "frame": frame.map { .integer($0.number) },
                "frameCapturedAt": frame.map { .time($0.capturedAt) },
            ]),
        ])
    }

    /// `camera_washed_out`
    static func defectClass(of kind: CameraTrouble.Kind) -> String {
        "camera_"
            + kind.rawValue.reduce(into: "") { name, letter in
                name += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
            }
    }
}
