import AndonModel
import AndonSQL

extension Reader {
    /// When the earliest detection of `reports` was made, or somewhat earlier.
    ///
    /// - Parameter from: when the first of them was received.
    public func earliestDetection(_ reports: Range<Int64>, receivedFrom from: Timestamp) throws -> Timestamp {
        let late = try row(
            """
            SELECT MIN(detected_at) AS at FROM detection
            WHERE detected_at < received_at - 3600000000 AND inspection_seq >= ? AND inspection_seq < ?
            """, [reports.lowerBound, reports.upperBound]
        ).flatMap { Timestamp(optional: $0, "at") }
        return min(late ?? from, from - WindowReach.near)
    }

    /// Detections before report `first` that a window which reaches into the period can still see, in the order of
    /// their receipt.
    ///
    /// - Parameters:
    ///   - since: those made later than this; nil for none by time.
    ///   - parts: those within this many parts of their asset; 0 for none by parts.
    ///   - backMax: so many rows are gone back for the windows by parts of all assets; what an asset has beyond is
    ///     asked for by itself.
    public func eachEarlierDetection(
        before first: Int64, since: Timestamp?, parts: Int, backMax: Int = 200_000,
        _ body: (_ asset: String, PastDetection, Timestamp) -> Void
    ) throws {
        guard since != nil || parts > 0 else { return }
        let reach = try WindowReach(before: first, since: since, parts: parts, backMax: backMax, self)
        let columns = """
            d.asset, d.ordinal, d.class, d.confidence, d.stated_severity, d.severity_name, d.parts_at, d.detected_at,
            d.outcome, d.reference, d.inspection_seq
            """
        var far: [Row] = []
        if let since {
            far += try rows(
                """
                SELECT \(columns) FROM detection d
                WHERE d.detected_at > d.received_at + 3600000000 AND d.detected_at > ? AND d.inspection_seq < ?
                """, [since.microseconds, reach.start])
        }
        for (asset, edge) in reach.quiet {
            far += try rows(
                "SELECT \(columns) FROM detection d WHERE d.asset = ? AND d.inspection_seq < ? AND d.parts_at > ?",
                [asset, reach.start, edge])
        }
        var seen: Set<PastPlace> = []
        let places = far.map { (row: $0, place: PastPlace(seq: $0[10], ordinal: $0[1])) }
        for (row, place) in places.sorted(by: { $0.place < $1.place }) where seen.insert(place).inserted {
            Self.tell(row, body)
        }
        let cursor = try db.cursor(
            """
            SELECT \(columns) FROM detection d
            WHERE d.inspection_seq >= ? AND d.inspection_seq < ? ORDER BY d.inspection_seq, d.ordinal
            """, [reach.start, first])
        while let row = try cursor.next() {
            if reach.contains(asset: row[0], partsAt: row[6], madeAt: row[7]) { Self.tell(row, body) }
        }
    }

    private static func tell(_ row: Row, _ body: (_ asset: String, PastDetection, Timestamp) -> Void) {
        guard let outcome = Outcome(rawValue: row[8]) else { return }
        let defect = Defect(defectClass: row[2], confidence: row[3], severity: PastReports.severity(row[4], row[5]))
        body(
            row[0],
            PastDetection(
                ordinal: row[1], defect: defect, partsAt: row[6], outcome: outcome,
                reference: (row[9] as String?).flatMap(Reference.init)), Timestamp(microseconds: row[7]))
    }
}

private struct PastPlace: Hashable, Comparable {
    var seq: Int64
    var ordinal: Int

    static func < (one: PastPlace, other: PastPlace) -> Bool { (one.seq, one.ordinal) < (other.seq, other.ordinal) }
}

/// How far back windows reach that are open before a report.
private struct WindowReach {
    /// A detection made further than this from its receipt stands in an index of its own.
    static let near = Duration.seconds(3600)
    /// All of the windows is in the reports from here on, but for `quiet` and for what was made long after its receipt.
    private(set) var start: Int64
    /// Assets whose window may reach behind `start`, with the counter that their detections must be above.
    private(set) var quiet: [String: Int64] = [:]
    private var edges: [String: Int64] = [:]
    private let since: Int64?

    init(before first: Int64, since: Timestamp?, parts: Int, backMax: Int, _ reader: Reader) throws {
        self.since = since?.microseconds
        start = first
        if parts > 0 { try goBack(first, Int64(parts), backMax, reader) }
        if let since { start = min(start, try reader.firstReport(from: since - Self.near)) }
    }

    func contains(asset: String, partsAt: Int64, madeAt: Int64) -> Bool {
        if let since, madeAt > since { return true }
        return edges[asset].map { partsAt > $0 } ?? false
    }

    private mutating func goBack(_ first: Int64, _ parts: Int64, _ backMax: Int, _ reader: Reader) throws {
        var open = Set<String>(
            try reader.db.values(
                """
                WITH RECURSIVE known(asset) AS (SELECT MIN(asset) FROM detection UNION ALL
                    SELECT (SELECT MIN(asset) FROM detection WHERE asset > known.asset) FROM known
                    WHERE known.asset IS NOT NULL)
                SELECT asset FROM known WHERE asset IS NOT NULL
                """))
        let cursor = try reader.db.cursor(
            """
            SELECT inspection_seq, asset, parts_at FROM detection WHERE inspection_seq < ?
            ORDER BY inspection_seq DESC LIMIT ?
            """, [first, backMax])
        var read = 0
        while !open.isEmpty, let row = try cursor.next() {
            read += 1
            let (seq, asset, at): (Int64, String, Int64) = (row[0], row[1], row[2])
            let edge = edges[asset] ?? at - parts
            edges[asset] = edge
            // The counter only grows: what is out of the window has nothing of it behind.
            if at > edge { start = seq } else { open.remove(asset) }
        }
        guard read == backMax else { return }
        for asset in open {
            let edge =
                try edges[asset]
                ?? reader.row(
                    "SELECT MAX(parts_at) AS parts FROM detection WHERE asset = ? AND inspection_seq < ?",
                    [asset, first]
                ).flatMap { ($0["parts"] as Int64?).map { $0 - parts } }
            if let edge { (quiet[asset], edges[asset]) = (edge, edge) }
        }
    }
}
