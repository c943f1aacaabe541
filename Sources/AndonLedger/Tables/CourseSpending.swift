import AndonModel
import AndonSQL

/// The parts of all orders one after the other, by rising number of the order, with what the order is.
public final class CoursePartRows: StoredRows {
    /// The imported history that the order came with; 0 for one of ours.
    public var history: Int64 { integer(0) }
    public var part: Int64 { integer(1) }
    public var quantity: Double { rows.real(2) }
    public var stream: Int64 { integer(3) }
    /// 0 where none was recorded.
    public var action: Int64 { integer(4) }
    public var outcome: CourseOutcome { CourseOutcome(rawValue: integer(5)) ?? .dropped }
    /// Microseconds since 1970 UTC; 0 where there is no end.
    public var endedAt: Int64 { integer(6) }
}

/// Reports of a class on an asset one after the other, in the order of their counts of parts.
public final class DefectiveRows: StoredRows {
    /// Microseconds since 1970 UTC.
    public var detectedAt: Int64 { integer(0) }
    /// Parts of the asset that were inspected by then, since the first of all, as the reports and counts came in.
    public var parts: Int64 { integer(1) }
}

extension Reader {
    public func coursePartRows() throws -> CoursePartRows {
        CoursePartRows(
            try db.rawRows(
                """
                SELECT c.history, p.part, p.quantity, c.stream, c.action, c.outcome, c.ended_at
                FROM course_part p CROSS JOIN course c ON c.seq = p.seq ORDER BY p.seq, p.part
                """, [], of: "parts of courses", isShared: false))
    }

    /// Reports that found the class on the asset, each once however often it found it, by the time of the picture. What
    /// control charts and proposals say of it is of no part and left out.
    public func defective(asset: String, defectClass: String) throws -> DefectiveRows {
        DefectiveRows(
            try db.rawRows(
                """
                SELECT d.detected_at, MAX(d.parts_at) FROM detection d INDEXED BY detection_stream
                CROSS JOIN inspection i ON i.seq = d.inspection_seq
                WHERE d.asset = ? AND d.class = ? AND i.inspected > 0
                GROUP BY d.detected_at, d.inspection_seq ORDER BY d.detected_at
                """, [asset, defectClass], of: "defective parts", isShared: false))
    }

    /// Parts of the asset inspected so far; nil where none were.
    public func partsInspected(asset: String) throws -> Int64? {
        try row("SELECT parts FROM part_counter WHERE asset = ?", [asset])?["parts"]
    }
}

extension Reader {
    /// Orders that the trend of a control chart made, by their numbers.
    public func foretoldOrders(asset: String, defectClass: String) throws -> [Int64: Reference] {
        var found: [Int64: Reference] = [:]
        for row in try rows(
            """
            SELECT seq, reference FROM work_order WHERE asset = ? AND class = ? AND inspection_id LIKE 'trend:%'
            """, [asset, defectClass])
        {
            guard let reference = Reference(row["reference"] as String) else { continue }
            found[row["seq"]] = reference
        }
        return found
    }
}
