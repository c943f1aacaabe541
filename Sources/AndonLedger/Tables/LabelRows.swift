import AndonModel
import AndonSQL

/// Which detections a question about the model is about.
public struct LabelFilter: Hashable, Sendable {
    public var defectClass: String?
    public var asset: String?
    public var camera: String?
    /// The model's name, whatever its version.
    public var model: String?
    public var modelVersion: String?
    /// Microseconds since 1970 UTC at which the defect was seen: from here on, and before `until`.
    public var from: Int64
    public var until: Int64

    public init(
        defectClass: String? = nil, asset: String? = nil, camera: String? = nil, model: String? = nil,
        modelVersion: String? = nil, from: Int64 = .min, until: Int64 = .max
    ) {
        self.defectClass = defectClass
        self.asset = asset
        self.camera = camera
        self.model = model
        self.modelVersion = modelVersion
        self.from = from
        self.until = until
    }

    /// Whether a person's report is meant: its model is known only where it names an inspection.
    public func holds(_ missed: MissedDefect) -> Bool {
        (defectClass == nil || defectClass == missed.defectClass) && (asset == nil || asset == missed.asset)
            && (camera == nil || camera == missed.camera) && missed.seenAt.microseconds >= from
            && missed.seenAt.microseconds < until
    }

    /// With the parameters 1 to 7.
    static let condition = """
        i.inspected > 0 AND (?1 IS NULL OR d.class = ?1) AND (?2 IS NULL OR d.asset = ?2)
            AND (?3 IS NULL OR i.camera = ?3) AND (?4 IS NULL OR json_extract(i.body, '$.model.name') = ?4)
            AND (?5 IS NULL OR json_extract(i.body, '$.model.version') = ?5) AND d.detected_at >= ?6 AND d.detected_at < ?7
        """

    var arguments: StatementArguments { [defectClass, asset, camera, model, modelVersion, from, until] }
}

/// A detection with what the technician found, where its order has ended with a verdict.
public struct JudgedDetection: Sendable {
    public var asset: String
    public var defectClass: String
    public var confidence: Double?
    public var detectedAt: Int64
    public var outcome: Outcome
    public var camera: String
    public var model: String?
    public var modelVersion: String?
    public var verdict: Closure.Verdict?
    /// What it was, where the class was wrong and somebody said what is right.
    public var rightClass: String?
}

enum LabelSQL {
    /// Of the order `w`: nothing before the work is over.
    static let verdict =
        "CASE WHEN w.state IN ('done', 'closed', 'cancelled') THEN json_extract(w.closure, '$.verdict') END"
    /// The newest word on what an order's defect was.
    static let rightClass = """
        (SELECT m.class FROM missed_defect m WHERE m.reference = d.reference ORDER BY m.id DESC LIMIT 1)
        """
}

extension Reader {
    /// Every detection that a vision system made, in the order of their reception: one pass, nothing kept.
    public func eachJudged(_ filter: LabelFilter, _ body: (JudgedDetection) throws -> Void) throws {
        let rows = try db.rawRows(
            """
            SELECT d.asset, d.class, d.confidence, d.detected_at, d.outcome, i.camera,
                json_extract(i.body, '$.model.name'), json_extract(i.body, '$.model.version'), \(LabelSQL.verdict),
                CASE WHEN d.reference IS NOT NULL AND json_extract(w.closure, '$.verdict') = 'wrongClass'
                    THEN \(LabelSQL.rightClass) END
            FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
            LEFT JOIN work_order w ON w.reference = d.reference
            WHERE \(LabelFilter.condition) ORDER BY d.inspection_seq, d.ordinal
            """, filter.arguments, of: "detections", isShared: false)
        while let raw = try rows.next() {
            let confidence = raw.type(2) == .null ? nil : raw.real(2)
            try body(
                JudgedDetection(
                    asset: raw.text(0) ?? "", defectClass: raw.text(1) ?? "", confidence: confidence,
                    detectedAt: raw.integer(3), outcome: raw.text(4).flatMap(Outcome.init) ?? .recorded,
                    camera: raw.text(5) ?? "", model: raw.text(6), modelVersion: raw.text(7),
                    verdict: raw.text(8).flatMap(Closure.Verdict.init), rightClass: raw.text(9)))
        }
    }
}
