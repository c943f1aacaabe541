import AndonModel
import AndonSQL

/// Reports one by one: a year's are more than the memory holds.
public struct PastReports {
    private let cursor: RowCursor
    private let context: History.Context
    /// Reports of control charts, and proposals.
    private let signals: Set<Int64>
    private var isAhead = false
    private var row: Row?

    init(_ reader: Reader, _ reports: Range<Int64>, _ context: History.Context) throws {
        self.context = context
        signals = Set(
            try reader.db.values(
                """
                SELECT seq FROM inspection WHERE ((id >= 'spc:' AND id < 'spc;')
                    OR (id >= 'trend:' AND id < 'trend;') OR (id >= 'learn:' AND id < 'learn;')) AND +seq >= ? AND +seq < ?
                """,
                [reports.lowerBound, reports.upperBound]))
        cursor = try reader.db.cursor(
            Self.sql(context), [reports.lowerBound, reports.upperBound])
    }

    private static func sql(_ context: History.Context) -> String {
        let detection = """
            d.ordinal, d.class, d.confidence, d.stated_severity, d.severity_name, d.parts_at, d.outcome, d.reference
            """
        switch context {
        case .none:
            // A detection's own row has all that a decision needs: the reports' long bodies stay unread.
            return """
                SELECT d.inspection_seq, d.detected_at, d.received_at, d.asset, \(detection) FROM detection d
                WHERE d.inspection_seq >= ? AND d.inspection_seq < ? ORDER BY d.inspection_seq, d.ordinal
                """
        case .columns, .bodies:
            return """
                SELECT i.seq, i.detected_at, i.received_at, i.asset, \(detection), i.camera, i.lot, i.inspected,
                    json_extract(i.body, '$.zone'), i.body
                FROM inspection i LEFT JOIN detection d ON d.inspection_seq = i.seq
                WHERE i.seq >= ? AND i.seq < ? ORDER BY i.seq, d.ordinal
                """
        }
    }

    public mutating func next() throws -> PastReport? {
        while let report = try nextOfAll() {
            if !signals.contains(report.seq) { return report }
        }
        return nil
    }

    private mutating func nextOfAll() throws -> PastReport? {
        if !isAhead { row = try cursor.next() }
        isAhead = true
        guard let first = row else { return nil }
        var report = PastReport(
            seq: first[0], detectedAt: Timestamp(microseconds: first[1]), receivedAt: Timestamp(microseconds: first[2]),
            asset: first[3])
        let inspection = try read(first, into: &report)
        while let current = row, current[0] == report.seq {
            if var detection = try Self.detection(current) {
                if let inspection, inspection.defects.indices.contains(detection.ordinal) {
                    detection.defect = inspection.defects[detection.ordinal]
                }
                report.detections.append(detection)
            }
            row = try cursor.next()
        }
        return report
    }

    private func read(_ row: Row, into report: inout PastReport) throws -> Inspection? {
        if case .none = context { return nil }
        var found = PastReport.Context(camera: row[12], zone: row[15], lot: row[13], units: row[14])
        defer { report.context = found }
        guard case .bodies(let read) = context else { return nil }
        let inspection = try read(row[16])
        found.model = inspection.model?.name
        found.attributes = inspection.attributes
        return inspection
    }

    private static func detection(_ row: Row) throws -> PastDetection? {
        guard let ordinal: Int = row[4] else { return nil }
        guard let outcome = Outcome(rawValue: row[10]) else {
            throw StoreError.inconsistent("a detection of report \(row[0] as Int64) has no known outcome")
        }
        return PastDetection(
            ordinal: ordinal,
            defect: Defect(defectClass: row[5], confidence: row[6], severity: severity(row[7], row[8])),
            partsAt: row[9], outcome: outcome, reference: (row[11] as String?).flatMap(Reference.init))
    }

    static func severity(_ score: Double?, _ name: String?) -> Severity? {
        score.map { .score($0) } ?? name.map { .name($0) }
    }
}

/// Batches of counts one by one.
public struct PastFrameBatches {
    private let cursor: RowCursor
    private var isAhead = false
    private var row: Row?
    /// Of the last count that was read.
    public private(set) var number: Int64

    init(_ reader: Reader, from: Timestamp, to: Timestamp, above number: Int64) throws {
        self.number = number
        cursor = try reader.db.cursor(
            """
            SELECT f.rowid, f.batch, b.after_inspection, b.received_at, f.camera, f.asset, f.lot, f.from_at,
                f.to_at, f.inspected
            FROM frame_count f JOIN frame_batch b ON b.id = f.batch
            WHERE f.rowid > ? AND b.received_at >= ? AND b.received_at < ? ORDER BY f.rowid
            """, [number, from.microseconds, to.microseconds])
    }

    public mutating func next() throws -> PastFrames? {
        if !isAhead { row = try cursor.next() }
        isAhead = true
        guard let first = row else { return nil }
        let batch: String = first[1]
        var frames = PastFrames(after: first[2], receivedAt: Timestamp(microseconds: first[3]))
        while let current = row, current[1] == batch {
            number = current[0]
            let count = FrameCount(
                camera: current[4], from: Timestamp(microseconds: current[7]), to: Timestamp(microseconds: current[8]),
                inspected: current[9], lot: current[6])
            frames.counts.append((count, current[5]))
            row = try cursor.next()
        }
        return frames
    }
}

/// Changes of orders one by one.
public struct PastChanges {
    private let cursor: RowCursor
    /// Of the last change that was read.
    public private(set) var number: Int64

    init(_ reader: Reader, before end: Int64, above number: Int64) throws {
        self.number = number
        cursor = try reader.db.cursor(
            """
            SELECT c.number, c.after_inspection, c.reference, w.asset, w.class, c.state, c.ended_at, c.repaired
            FROM order_change c JOIN work_order w ON w.reference = c.reference
            WHERE c.number > ? AND c.after_inspection < ? ORDER BY c.number
            """, [number, end])
    }

    public mutating func next() throws -> PastChange? {
        guard let row = try cursor.next() else { return nil }
        number = row[0]
        guard let reference = Reference(row[2]), let state = OrderState(rawValue: row[5]) else {
            throw StoreError.inconsistent("the change \(number) of an order has an unknown state")
        }
        return PastChange(
            after: row[1], reference: reference, asset: row[3], defectClass: row[4], state: state,
            endedAt: (row[6] as Int64?).map { Timestamp(microseconds: $0) }, isRepair: row[7])
    }
}
