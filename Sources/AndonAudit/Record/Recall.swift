import AndonLedger
import AndonModel
import AndonSQL

/// What a decision on a lot needs: every report and order of it, the last good and the first bad one on each asset, and the
/// lots that ran on the same assets around the same time.
public struct Recall: Sendable {
    public var lot: String
    public var runs: [Run]
    public var neighbours: [Neighbour]
    /// Orders of the lot's detections, the oldest first.
    public var orders: [Reference]

    /// The lot on one asset.
    public struct Run: Sendable, Equatable {
        public var asset: String
        public var first: Timestamp
        public var last: Timestamp
        public var reports: Int
        public var defects: Int
        /// The newest report without a defect before the first one with, of any lot.
        public var lastGood: String?
        public var firstBad: String?
        /// Parts inspected from the last good report to the lot's last one, as the reports count them.
        public var partsBetween: Int?
    }

    /// Another lot on an asset of this one.
    public struct Neighbour: Sendable, Equatable {
        public var lot: String
        public var asset: String
        public var first: Timestamp
        public var last: Timestamp
        public var reports: Int
        public var defects: Int
    }

    /// - Parameter margin: how long before the lot's first and after its last report another lot is a neighbour.
    /// - Throws: ``StoreError``.
    public init(lot: String, margin: Duration, from reader: Reader) throws {
        self.lot = lot
        runs = try reader.rows(
            """
            SELECT asset, MIN(detected_at) AS first, MAX(detected_at) AS last, COUNT(*) AS reports, SUM(defects) AS defects
            FROM inspection WHERE lot = ? GROUP BY asset ORDER BY first
            """, [lot]
        ).map { row in
            Run(
                asset: row["asset"], first: Timestamp(microseconds: row["first"]),
                last: Timestamp(microseconds: row["last"]), reports: row["reports"], defects: row["defects"])
        }
        neighbours = try runs.flatMap { try Self.neighbours(of: $0, lot, margin, reader) }
        orders = try reader.rows(
            """
            SELECT DISTINCT w.reference, w.seq FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
            JOIN work_order w ON w.reference = d.reference WHERE i.lot = ? ORDER BY w.seq
            """, [lot]
        ).compactMap { Reference($0["reference"] as String) }
        for index in runs.indices { try Self.bound(&runs[index], lot, reader) }
    }

    private static func neighbours(
        of run: Run, _ lot: String, _ margin: Duration, _ reader: Reader
    ) throws -> [Neighbour] {
        try reader.rows(
            """
            SELECT lot, MIN(detected_at) AS first, MAX(detected_at) AS last, COUNT(*) AS reports, SUM(defects) AS defects
            FROM inspection WHERE asset = ? AND detected_at BETWEEN ? AND ? AND lot IS NOT NULL AND lot <> ?
            GROUP BY lot ORDER BY first
            """,
            [run.asset, (run.first - margin).microseconds, (run.last + margin).microseconds, lot]
        ).map { row in
            Neighbour(
                lot: row["lot"], asset: run.asset, first: Timestamp(microseconds: row["first"]),
                last: Timestamp(microseconds: row["last"]), reports: row["reports"], defects: row["defects"])
        }
    }

    /// The last good and the first bad report, and the parts between.
    private static func bound(_ run: inout Run, _ lot: String, _ reader: Reader) throws {
        guard
            let bad = try reader.row(
                """
                SELECT id, detected_at FROM inspection WHERE lot = ? AND asset = ? AND +defects > 0
                ORDER BY detected_at, seq LIMIT 1
                """, [lot, run.asset])
        else { return }
        run.firstBad = bad["id"]
        let good = try reader.row(
            """
            SELECT id, detected_at FROM inspection WHERE asset = ? AND detected_at < ? AND +defects = 0
            ORDER BY detected_at DESC, seq DESC LIMIT 1
            """, [run.asset, bad["detected_at"] as Int64])
        guard let good else { return }
        run.lastGood = good["id"]
        run.partsBetween = try reader.count(
            "SELECT COALESCE(SUM(inspected), 0) FROM inspection WHERE asset = ? AND detected_at > ? AND detected_at <= ?",
            [run.asset, good["detected_at"] as Int64, run.last.microseconds])
    }

    public var json: JSON {
        [
            "schema": "andon.recall/1", "lot": .string(lot), "orders": .array(orders.map { .string($0.text) }),
            "runs": .array(
                runs.map { run in
                    .object(present: [
                        "asset": .string(run.asset), "first": .time(run.first), "last": .time(run.last),
                        "reports": .integer(run.reports), "defects": .integer(run.defects),
                        "lastGood": run.lastGood.map { .string($0) }, "firstBad": run.firstBad.map { .string($0) },
                        "partsBetween": run.partsBetween.map { .integer($0) },
                    ])
                }),
            "neighbours": .array(
                neighbours.map { other in
                    [
                        "lot": .string(other.lot), "asset": .string(other.asset), "first": .time(other.first),
                        "last": .time(other.last), "reports": .integer(other.reports),
                        "defects": .integer(other.defects),
                    ]
                }),
        ]
    }
}
