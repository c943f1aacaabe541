import AndonModel
import AndonSQL

/// A frame of the camera before or after the one that a report is about.
public struct EvidenceFrameRow: Sendable, Equatable {
    /// Frames from the report's own: -1 is the one before it.
    public var offset: Int
    public var capturedAt: Timestamp
    public var picture: Picture
    /// When its bytes went; nil while they are kept.
    public var removedAt: Timestamp?
}

enum EvidenceFrames {
    /// A frame is a picture like any other: kept once by its digest, and as long as the picture of its report.
    /// `camera_model`: the card that somebody put in the place of the configured one.
    static let schema = """
        CREATE TABLE evidence_frame (
            id INTEGER PRIMARY KEY, inspection_seq INTEGER NOT NULL, place INTEGER NOT NULL, sha256 TEXT NOT NULL,
            captured_at INTEGER NOT NULL, at INTEGER NOT NULL, UNIQUE (inspection_seq, place));
        CREATE INDEX evidence_frame_picture ON evidence_frame (sha256);
        CREATE TABLE camera_model (source TEXT PRIMARY KEY, configured TEXT NOT NULL, card TEXT NOT NULL);
        """

    /// When the newest report without an order came that has a frame with the digest `p.sha256`.
    static let recorded = """
        SELECT MAX(i.received_at) FROM evidence_frame e JOIN inspection i ON i.seq = e.inspection_seq
            WHERE e.sha256 = p.sha256 AND NOT EXISTS
                (SELECT 1 FROM detection d WHERE d.inspection_seq = i.seq AND d.reference IS NOT NULL)
        """

    /// When the orders of reports with a frame of the digest `p.sha256` ended, as `ended`.
    static let ends = """
        SELECT CASE WHEN w.ended_at IS NULL OR w.delivery <> 'acknowledged' THEN 9223372036854775807
                WHEN w.ended_at < e.at THEN e.at ELSE w.ended_at END AS ended
            FROM evidence_frame e JOIN detection d ON d.inspection_seq = e.inspection_seq
            JOIN work_order w ON w.reference = d.reference WHERE e.sha256 = p.sha256
        """

    /// A hold in force that covers a report which has a frame with the digest `p.sha256`.
    static let held = """
        SELECT 1 FROM evidence_frame e JOIN inspection i ON i.seq = e.inspection_seq JOIN hold h ON h.released_at IS NULL
            WHERE e.sha256 = p.sha256 AND \(Holds.covers)
        """
}

extension Reader {
    /// The frames around a report, in their order; those whose bytes are not kept any more are among them.
    public func evidenceFrames(of report: String) throws -> [EvidenceFrameRow] {
        try rows(
            """
            SELECT e.place, e.captured_at, p.* FROM evidence_frame e JOIN picture p ON p.sha256 = e.sha256
            JOIN inspection i ON i.seq = e.inspection_seq WHERE i.id = ? ORDER BY e.place
            """, [report]
        ).map { row in
            EvidenceFrameRow(
                offset: row["place"], capturedAt: Timestamp(row, "captured_at"), picture: try Pictures.picture(row),
                removedAt: Timestamp(optional: row, "removed_at"))
        }
    }

    /// The card that somebody put in force for a source, as long as the file names the same one as then.
    public func cameraModel(of source: String, configured: String) throws -> String? {
        try row("SELECT card FROM camera_model WHERE source = ? AND configured = ?", [source, configured])?["card"]
    }
}

extension Transaction {
    /// Keeps a frame around a report; its bytes lie in the folder of pictures already. One at the same place stays.
    ///
    /// - Throws: when there is no such report.
    public func keepEvidence(
        _ picture: Picture, offset: Int, capturedAt: Timestamp, of report: String
    ) throws {
        guard let seq = try reader.row("SELECT seq FROM inspection WHERE id = ?", [report])?["seq"] as Int64? else {
            throw StoreError.inconsistent("there is no report \(report) that a frame could stand beside")
        }
        let known = try reader.row(
            "SELECT 1 FROM evidence_frame WHERE inspection_seq = ? AND place = ?", [seq, offset])
        guard known == nil else { return }
        try insert(picture)
        let frame = try runInsert(
            "INSERT INTO evidence_frame (inspection_seq, place, sha256, captured_at, at) VALUES (?, ?, ?, ?, ?)",
            [seq, offset, picture.sha256, capturedAt.microseconds, now.microseconds])
        try record(
            "evidence.frame", of: report,
            [
                "frame": .integer(frame), "offset": .integer(offset), "capturedAt": .time(capturedAt),
                "sha256": .string(picture.sha256), "bytes": .integer(picture.bytes),
            ])
    }

    /// Another model looks at a camera's frames from now on.
    ///
    /// - Parameters:
    ///   - configured: the card that the file names; when the file names another one, that one counts.
    ///   - person: who put it in force, and why.
    public func putCameraModel(
        _ card: String, of source: String, configured: String, name: String, version: String, sha256: String,
        by person: String, reason: String
    ) throws {
        try run(
            """
            INSERT INTO camera_model (source, configured, card) VALUES (?, ?, ?)
            ON CONFLICT (source) DO UPDATE SET configured = excluded.configured, card = excluded.card
            """, [source, configured, card])
        try record(
            "vision.model", of: Sources.subject(source),
            [
                "card": .string(card), "name": .string(name), "version": .string(version), "sha256": .string(sha256),
                "by": .string(person), "reason": .string(reason),
            ], names: ["/by"])
    }
}
