import AndonModel
import AndonSQL

/// Sums that are carried on: what was counted up to a place of each table, and where that was. What is asked for often is these
/// and what came since, so that it takes the same time whatever the store holds.
///
/// Reports, detections, orders and entries are only ever added, so the sum up to a place never changes. Pictures come and go:
/// triggers count them, so that no way of removing one can forget to.
public struct RunningSums: Sendable, Equatable {
    public var inspections: Int
    /// Defects that the reports name.
    public var defects: Int
    public var detections: Int
    public var recorded: Int
    public var grouped: Int
    public var raised: Int
    public var orders: Int
    /// Entries of the ledger that take a report in.
    public var accepted: Int
    public var pictures: Int
    public var pictureBytes: Int
    /// Pictures of which only the description is kept.
    public var picturesRemoved: Int
    /// Up to where each table was counted.
    var places: Places

    struct Places: Sendable, Equatable {
        var inspection: Int64
        var detection: Int64
        var order: Int64
        var entry: Int64
    }

    /// Entries that may lie behind the sums before they are carried on.
    public static let entriesBehindMax: Int64 = 5000

    /// Kinds of entries that take a report in: what the control charts have to say and what is proposed is one as well.
    static let accepting = FactTable.inspection.kinds.sorted().map { "'\($0)'" }.joined(separator: ", ")

    static let schema = """
        CREATE TABLE running_sum (
            one INTEGER PRIMARY KEY CHECK (one = 1), inspections INTEGER NOT NULL, defects INTEGER NOT NULL,
            inspection_place INTEGER NOT NULL, detections INTEGER NOT NULL, recorded INTEGER NOT NULL,
            grouped INTEGER NOT NULL, raised INTEGER NOT NULL, detection_place INTEGER NOT NULL,
            orders INTEGER NOT NULL, order_place INTEGER NOT NULL, accepted INTEGER NOT NULL,
            entry_place INTEGER NOT NULL, pictures INTEGER NOT NULL, picture_bytes INTEGER NOT NULL,
            pictures_removed INTEGER NOT NULL);
        INSERT INTO running_sum SELECT 1, i.times, i.defects, i.place, d.times, d.recorded, d.grouped, d.raised, d.place,
            w.times, w.place, l.times, l.place, p.kept, p.bytes, p.times - p.kept
            FROM (SELECT COUNT(*) AS times, COALESCE(SUM(defects), 0) AS defects, COALESCE(MAX(seq), 0) AS place
                FROM inspection) AS i,
            (SELECT COUNT(*) AS times, COUNT(CASE WHEN outcome = 'recorded' THEN 1 END) AS recorded,
                COUNT(CASE WHEN outcome = 'grouped' THEN 1 END) AS grouped,
                COUNT(CASE WHEN outcome = 'raised' THEN 1 END) AS raised, COALESCE(MAX(rowid), 0) AS place
                FROM detection) AS d,
            (SELECT COUNT(*) AS times, COALESCE(MAX(seq), 0) AS place FROM work_order) AS w,
            (SELECT COUNT(CASE WHEN kind IN ('chart.signal', 'chart.trend', 'inspection.accepted', 'learn.proposed')
                THEN 1 END) AS times, COALESCE(MAX(idx), -1) AS place FROM ledger) AS l,
            (SELECT COUNT(*) AS times, COUNT(CASE WHEN removed_at IS NULL THEN 1 END) AS kept,
                COALESCE(SUM(CASE WHEN removed_at IS NULL THEN bytes ELSE 0 END), 0) AS bytes FROM picture) AS p;
        CREATE TRIGGER picture_added AFTER INSERT ON picture BEGIN
            UPDATE running_sum SET
                pictures = pictures + CASE WHEN new.removed_at IS NULL THEN 1 ELSE 0 END,
                picture_bytes = picture_bytes + CASE WHEN new.removed_at IS NULL THEN new.bytes ELSE 0 END,
                pictures_removed = pictures_removed + CASE WHEN new.removed_at IS NULL THEN 0 ELSE 1 END WHERE one = 1;
        END;
        CREATE TRIGGER picture_moved AFTER UPDATE OF removed_at ON picture BEGIN
            UPDATE running_sum SET
                pictures = pictures + CASE WHEN new.removed_at IS NULL THEN 1 ELSE 0 END
                    - CASE WHEN old.removed_at IS NULL THEN 1 ELSE 0 END,
                picture_bytes = picture_bytes + CASE WHEN new.removed_at IS NULL THEN new.bytes ELSE 0 END
                    - CASE WHEN old.removed_at IS NULL THEN old.bytes ELSE 0 END,
                pictures_removed = pictures_removed + CASE WHEN new.removed_at IS NULL THEN 0 ELSE 1 END
                    - CASE WHEN old.removed_at IS NULL THEN 0 ELSE 1 END WHERE one = 1;
        END;
        """

    // MARK: What came since

    static let newReports = """
        SELECT COUNT(*) AS times, COALESCE(SUM(defects), 0) AS defects, MAX(seq) AS place FROM inspection WHERE seq > ?
        """
    static let newDetections = """
        SELECT COUNT(*) AS times, COUNT(CASE WHEN outcome = 'recorded' THEN 1 END) AS recorded,
            COUNT(CASE WHEN outcome = 'grouped' THEN 1 END) AS grouped,
            COUNT(CASE WHEN outcome = 'raised' THEN 1 END) AS raised, MAX(rowid) AS place
        FROM detection WHERE rowid > ?
        """
    static let newOrders = "SELECT COUNT(*) AS times, MAX(seq) AS place FROM work_order WHERE seq > ?"
    /// Of the kinds that count, from their index.
    static let newEntries = "SELECT COUNT(*) AS times FROM ledger WHERE kind IN (\(accepting)) AND idx > ?"
}

extension Reader {
    /// The sums as they are now.
    public func runningSums() throws -> RunningSums {
        guard try db.tableExists("running_sum"), let kept = try row("SELECT * FROM running_sum WHERE one = 1") else {
            throw StoreError.unusable(
                "it was written by a version before sums were carried on; start the server once with this one")
        }
        var sums = RunningSums(
            inspections: kept["inspections"], defects: kept["defects"], detections: kept["detections"],
            recorded: kept["recorded"], grouped: kept["grouped"], raised: kept["raised"], orders: kept["orders"],
            accepted: kept["accepted"], pictures: kept["pictures"], pictureBytes: kept["picture_bytes"],
            picturesRemoved: kept["pictures_removed"],
            places: .init(
                inspection: kept["inspection_place"], detection: kept["detection_place"],
                order: kept["order_place"], entry: kept["entry_place"]))
        try add(to: &sums)
        return sums
    }

    private func add(to sums: inout RunningSums) throws {
        if let new = try row(RunningSums.newReports, [sums.places.inspection]) {
            sums.inspections += new["times"]
            sums.defects += new["defects"]
            sums.places.inspection = new["place"] ?? sums.places.inspection
        }
        if let new = try row(RunningSums.newDetections, [sums.places.detection]) {
            sums.detections += new["times"]
            sums.recorded += new["recorded"]
            sums.grouped += new["grouped"]
            sums.raised += new["raised"]
            sums.places.detection = new["place"] ?? sums.places.detection
        }
        if let new = try row(RunningSums.newOrders, [sums.places.order]) {
            sums.orders += new["times"]
            sums.places.order = new["place"] ?? sums.places.order
        }
        sums.accepted += try count(RunningSums.newEntries, [sums.places.entry])
        // The head is written at the end of a batch: within one the entries themselves say how many there are.
        sums.places.entry = try row("SELECT MAX(idx) AS place FROM ledger")?["place"] ?? sums.places.entry
    }

    /// Entries that are not in the kept sums yet.
    public func entriesBehindSums() throws -> Int64 {
        let place: Int64? = try row("SELECT entry_place FROM running_sum WHERE one = 1")?["entry_place"]
        return try ledgerSize() - 1 - (place ?? -1)
    }
}

extension Transaction {
    /// Carries the sums on to here.
    public func carrySums() throws {
        // Also over what was recorded in this transaction.
        try settleEntries()
        let sums = try reader.runningSums()
        try run(
            """
            UPDATE running_sum SET inspections = ?, defects = ?, inspection_place = ?, detections = ?, recorded = ?,
                grouped = ?, raised = ?, detection_place = ?, orders = ?, order_place = ?, accepted = ?, entry_place = ?
            WHERE one = 1
            """,
            [
                sums.inspections, sums.defects, sums.places.inspection, sums.detections, sums.recorded, sums.grouped,
                sums.raised, sums.places.detection, sums.orders, sums.places.order, sums.accepted, sums.places.entry,
            ])
    }
}
