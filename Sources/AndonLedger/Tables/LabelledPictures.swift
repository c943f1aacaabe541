import AndonModel
import AndonSQL

/// A picture with all that is known of the defects on it: what models said, what technicians found, what persons reported.
public struct LabelledPicture: Sendable, Codable {
    public var picture: Picture
    /// When the bytes went; nil while they are kept.
    public var removedAt: Timestamp?
    /// Its reports, oldest first.
    public var reports: [Report]
    public var missed: [MissedDefect]

    public struct Report: Sendable, Codable {
        public var inspection: String
        public var camera: String
        public var asset: String
        public var detectedAt: Timestamp
        public var model: String?
        public var modelVersion: String?
        public var detections: [Label]
    }

    /// A detection, with its verdict where its order has ended with one.
    public struct Label: Sendable, Codable {
        public var ordinal: Int
        public var defectClass: String
        public var confidence: Double?
        public var order: Reference?
        /// Whether it raised the order; a joined one has the verdict on the order's first.
        public var isFirst: Bool
        public var verdict: Closure.Verdict?
        public var rightClass: String?
        /// As it was reported: with `box`, `polygon`, `segmentation`, in pixels.
        public var defect: JSON
    }
}

extension Reader {
    /// Each picture with a detection that has a verdict, or with a missed defect that a person reported on it, once. The
    /// filter chooses the pictures; of a chosen one everything comes.
    ///
    /// - Parameter body: returns whether the next one is wanted.
    public func eachLabelledPicture(_ filter: LabelFilter, _ body: (LabelledPicture) throws -> Bool) throws {
        let judged = try db.cursor(
            Self.judged("") + " ORDER BY d.inspection_seq", filter.arguments)
        // A report with several such detections has a row for each, one behind the other.
        var last: Int64?
        while let row = try judged.next() {
            let (seq, sha256): (Int64, String) = (row["seq"], row["picture"])
            guard seq != last, try firstJudged(filter, sha256) == seq else { continue }
            last = seq
            if let labelled = try labelledPicture(sha256), try !body(labelled) { return }
        }
        // A model that is asked for did not make what it missed.
        guard filter.model == nil, filter.modelVersion == nil else { return }
        let missed = try db.cursor(
            "SELECT * FROM missed_defect WHERE picture IS NOT NULL ORDER BY id")
        while let row = try missed.next() {
            let report = Labels.missed(row)
            guard let sha256 = report.picture, filter.holds(report) else { continue }
            let isFirst = try firstReport(filter, sha256) == row["id"] as Int64
            guard isFirst, try firstJudged(filter, sha256) == nil else { continue }
            if let labelled = try labelledPicture(sha256), try !body(labelled) { return }
        }
    }

    private static func judged(_ further: String) -> String {
        """
        SELECT d.inspection_seq AS seq, i.picture AS picture FROM detection d
        JOIN inspection i ON i.seq = d.inspection_seq JOIN work_order w ON w.reference = d.reference
        WHERE i.picture IS NOT NULL AND \(LabelSQL.verdict) IS NOT NULL AND \(LabelFilter.condition) \(further)
        """
    }

    /// The first of a picture's reports that the filter chooses.
    private func firstJudged(_ filter: LabelFilter, _ sha256: String) throws -> Int64? {
        try row(
            Self.judged("AND i.picture = ?8") + " ORDER BY d.inspection_seq LIMIT 1", filter.arguments + [sha256])?[
                "seq"]
    }

    private func firstReport(_ filter: LabelFilter, _ sha256: String) throws -> Int64? {
        try rows("SELECT * FROM missed_defect WHERE picture = ? ORDER BY id", [sha256])
            .first { filter.holds(Labels.missed($0)) }?["id"]
    }

    private func labelledPicture(_ sha256: String) throws -> LabelledPicture? {
        guard let row = try row("SELECT * FROM picture WHERE sha256 = ?", [sha256]) else { return nil }
        let reports = try rows(
            "SELECT seq, id, camera, asset, detected_at, body FROM inspection WHERE picture = ? ORDER BY seq", [sha256])
        return LabelledPicture(
            picture: try Pictures.picture(row), removedAt: Timestamp(optional: row, "removed_at"),
            reports: try reports.map(report), missed: try missed(picture: sha256))
    }

    private func report(_ row: Row) throws -> LabelledPicture.Report {
        let body = try JSON(parsing: row["body"] as String)
        let labels = try rows(
            """
            SELECT d.ordinal, d.class, d.confidence, d.reference, d.outcome, \(LabelSQL.verdict) AS verdict,
                CASE WHEN d.reference IS NOT NULL THEN \(LabelSQL.rightClass) END AS right_class
            FROM detection d LEFT JOIN work_order w ON w.reference = d.reference
            WHERE d.inspection_seq = ? ORDER BY d.ordinal
            """, [row["seq"] as Int64]
        ).map { label in
            let ordinal: Int = label["ordinal"]
            return LabelledPicture.Label(
                ordinal: ordinal, defectClass: label["class"], confidence: label["confidence"],
                order: (label["reference"] as String?).flatMap(Reference.init),
                isFirst: label["outcome"] == Outcome.raised.rawValue,
                verdict: (label["verdict"] as String?).flatMap(Closure.Verdict.init), rightClass: label["right_class"],
                defect: body["defects"]?[ordinal] ?? .null)
        }
        return LabelledPicture.Report(
            inspection: row["id"], camera: row["camera"], asset: row["asset"],
            detectedAt: Timestamp(row, "detected_at"),
            model: body["model"]?["name"]?.string, modelVersion: body["model"]?["version"]?.string, detections: labels)
    }
}
