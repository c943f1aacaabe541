import AndonModel
import GRDB
import GRDBSQLite

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
        let rows = try RawRows(
            db,
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
            func text(_ column: Int32) -> String? { sqlite3_column_text(raw, column).map { String(cString: $0) } }
            let confidence = sqlite3_column_type(raw, 2) == SQLITE_NULL ? nil : sqlite3_column_double(raw, 2)
            try body(
                JudgedDetection(
                    asset: text(0) ?? "", defectClass: text(1) ?? "", confidence: confidence,
                    detectedAt: sqlite3_column_int64(raw, 3), outcome: text(4).flatMap(Outcome.init) ?? .recorded,
                    camera: text(5) ?? "", model: text(6), modelVersion: text(7),
                    verdict: text(8).flatMap(Closure.Verdict.init), rightClass: text(9)))
        }
    }
}
