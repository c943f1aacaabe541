import AndonModel
import AndonSQL

/// What a list shows of a detection that is named by its place in the store.
public struct ReplayedDetection: Sendable, Equatable {
    public var inspectionID: String
    public var asset: String
    public var defectClass: String
    public var detectedAt: Timestamp
    public var confidence: Double?
    public var severity: Double?
    /// What really became of it.
    public var outcome: Outcome
    public var reference: Reference?
    /// SHA-256 of its picture; nil without one, and where it is no longer kept.
    public var picture: String?
}

extension Reader {
    /// - Parameters:
    ///   - report: the report's place in the store.
    ///   - ordinal: the detection's in its report.
    public func shownDetection(report: Int64, ordinal: Int) throws -> ReplayedDetection? {
        try row(
            """
            SELECT i.id, d.asset, d.class, d.detected_at, d.confidence, d.severity, d.outcome, d.reference, p.sha256
            FROM detection d JOIN inspection i ON i.seq = d.inspection_seq
            LEFT JOIN picture p ON p.sha256 = i.picture AND p.removed_at IS NULL
            WHERE d.inspection_seq = ? AND d.ordinal = ?
            """, [report, ordinal]
        ).flatMap { row in
            guard let outcome = Outcome(rawValue: row[6]) else { return nil }
            return ReplayedDetection(
                inspectionID: row[0], asset: row[1], defectClass: row[2], detectedAt: Timestamp(microseconds: row[3]),
                confidence: row[4], severity: row[5], outcome: outcome,
                reference: (row[7] as String?).flatMap(Reference.init), picture: row[8])
        }
    }

    /// The id and the asset of a report that is named by its place in the store.
    public func shownReport(_ report: Int64) throws -> (id: String, asset: String, detectedAt: Timestamp)? {
        try row("SELECT id, asset, detected_at FROM inspection WHERE seq = ?", [report]).map {
            ($0[0], $0[1], Timestamp(microseconds: $0[2]))
        }
    }
}
