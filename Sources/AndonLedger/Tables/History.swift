import AndonModel
import AndonSQL

/// The past as a replay reads it: reports, counts and changes of orders, each in the order in which it came.
public enum History {
    /// What control charts need of a report beside its detections.
    public enum Context: Sendable {
        /// Nothing is charted: only detections are read.
        case none
        /// Every report, also of good parts, with what stands in columns.
        case columns
        /// The whole body too: measurements, areas, attributes, the model.
        case bodies(read: @Sendable (String) throws -> Inspection)
    }

    static func stated(_ severity: Severity?) -> (score: Double?, name: String?) {
        switch severity {
        case .score(let score): (score, nil)
        case .name(let name): (nil, name)
        case nil: (nil, nil)
        }
    }

    /// What a replay asks for and the first tables did not have.
    ///
    /// `stated_severity` and `severity_name` are what the sender said; `severity` beside them is what the rules of
    /// that day made of it. `order_change` holds when each state became known, by the last report before it: the
    /// order's own row has only the last one. Triggers write it, so that no way of changing an order can forget to.
    /// The two small indexes have the detections whose making is over an hour from their receipt: all others are found
    /// by when they were received.
    static let schema = """
        CREATE INDEX inspection_received ON inspection (received_at);
        CREATE INDEX work_order_raised ON work_order (raised_at);

        ALTER TABLE detection ADD COLUMN stated_severity REAL;
        ALTER TABLE detection ADD COLUMN severity_name TEXT;
        UPDATE detection SET (stated_severity, severity_name) = (
            SELECT CASE WHEN typeof(stated) IN ('integer', 'real') THEN CAST(stated AS REAL) END,
                CASE WHEN typeof(stated) = 'text' THEN stated END
            FROM (SELECT json_extract(body, '$.defects[' || detection.ordinal || '].severity') AS stated
                FROM inspection WHERE seq = detection.inspection_seq));

        ALTER TABLE frame_batch ADD COLUMN after_inspection INTEGER NOT NULL DEFAULT 0;
        UPDATE frame_batch SET after_inspection = COALESCE(
            (SELECT MAX(seq) FROM inspection WHERE received_at <= frame_batch.received_at), 0);
        CREATE TRIGGER frame_batch_after AFTER INSERT ON frame_batch BEGIN
            UPDATE frame_batch SET after_inspection = (SELECT COALESCE(MAX(seq), 0) FROM inspection)
            WHERE id = new.id;
        END;

        CREATE TABLE order_change (
            number INTEGER PRIMARY KEY, reference TEXT NOT NULL, after_inspection INTEGER NOT NULL,
            state TEXT NOT NULL, ended_at INTEGER, repaired INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX order_change_after ON order_change (after_inspection, number);
        CREATE INDEX order_change_order ON order_change (reference, number);
        INSERT INTO order_change (reference, after_inspection, state, ended_at)
            SELECT reference, COALESCE((SELECT seq FROM inspection WHERE received_at <= known_at
                ORDER BY received_at DESC, seq DESC LIMIT 1), 0), state,
                CASE WHEN state NOT IN ('open', 'inProgress') THEN COALESCE(ended_at, known_at) END
            FROM (
                SELECT l.idx, w.reference, w.ended_at,
                    COALESCE(json_extract(l.entry, '$.body.to'), 'open') AS state,
                    CAST(strftime('%s', substr(json_extract(l.entry, '$.at'), 1, 19)) AS INTEGER) * 1000000
                        + CAST(substr(json_extract(l.entry, '$.at'), 21, 6) AS INTEGER) AS known_at
                FROM work_order w JOIN ledger l ON l.subject = w.reference
                WHERE l.kind = 'order.raised-again' OR (l.kind IN ('order.changed', 'order.started', 'order.done',
                        'order.closed', 'order.cancelled', 'order.merged', 'order.missing', 'order.reopened')
                    AND json_extract(l.entry, '$.body.to') IS NOT json_extract(l.entry, '$.body.from')))
            ORDER BY idx;
        CREATE TRIGGER work_order_change AFTER UPDATE OF state, ended_at ON work_order
            WHEN old.state IS NOT new.state OR old.ended_at IS NOT new.ended_at BEGIN
            INSERT INTO order_change (reference, after_inspection, state, ended_at, repaired)
            VALUES (new.reference, (SELECT COALESCE(MAX(seq), 0) FROM inspection), new.state, new.ended_at,
                CASE WHEN old.state IN ('open', 'inProgress') AND new.state IN ('done', 'closed')
                AND COALESCE(new.closure, '') NOT LIKE '%"verdict":"falseAlarm"%' THEN 1 ELSE 0 END);
        END;

        CREATE INDEX detection_ahead ON detection (detected_at) WHERE detected_at > received_at + 3600000000;
        CREATE INDEX detection_late ON detection (inspection_seq, detected_at)
            WHERE detected_at < received_at - 3600000000;

        CREATE TABLE shadow (digest TEXT PRIMARY KEY, since INTEGER NOT NULL);
        """
}

extension Reader {
    /// The first report that was received at `time` or later; one behind the last when there is none.
    public func firstReport(from time: Timestamp) throws -> Int64 {
        let found = try row(
            "SELECT seq FROM inspection WHERE received_at >= ? ORDER BY received_at, seq LIMIT 1", [time.microseconds])
        return try found?["seq"] ?? endOfReports()
    }

    /// When the first report of all was received; nil without one.
    public func firstReceipt() throws -> Timestamp? {
        try row("SELECT MIN(received_at) AS at FROM inspection").flatMap { Timestamp(optional: $0, "at") }
    }

    /// One behind the newest report.
    public func endOfReports() throws -> Int64 {
        Int64(try count("SELECT COALESCE(MAX(seq), 0) + 1 FROM inspection"))
    }

    /// Whether this store was opened for writing since the program has a history.
    public func requireHistory() throws {
        guard try db.tableExists("order_change") else {
            throw StoreError.unusable(
                "it was written by a version before histories could be replayed; start the server once with this one")
        }
    }

    /// Reports in the order of receipt, those of control charts left out: a replay makes its own signals.
    public func pastReports(_ reports: Range<Int64>, _ context: History.Context) throws -> PastReports {
        try PastReports(self, reports, context)
    }

    /// Batches of counts that were received from `from` on and before `to`, and are numbered above `number`.
    public func pastFrames(from: Timestamp, to: Timestamp, above number: Int64) throws -> PastFrameBatches {
        try PastFrameBatches(self, from: from, to: to, above: number)
    }

    /// Changes of orders that came before report `end`, and are numbered above `number`.
    public func pastChanges(before end: Int64, above number: Int64) throws -> PastChanges {
        try PastChanges(self, before: end, above: number)
    }

    /// The number of the last change before report `first`; 0 without one.
    public func lastChange(before first: Int64) throws -> Int64 {
        Int64(try count("SELECT COALESCE(MAX(number), 0) FROM order_change WHERE after_inspection < ?", [first]))
    }

    /// What became of the signals of control charts among `reports`, in their order.
    public func pastSignals(_ reports: Range<Int64>) throws -> [PastSignal: [PastFate]] {
        var found: [PastSignal: [PastFate]] = [:]
        for row in try rows(
            """
            SELECT i.id, d.asset, d.class, d.detected_at, d.outcome, d.reference FROM inspection i
            JOIN detection d ON d.inspection_seq = i.seq
            WHERE i.id >= 'spc:' AND i.id < 'spc;' AND +i.seq >= ? AND +i.seq < ? ORDER BY +i.seq
            """, [reports.lowerBound, reports.upperBound])
        {
            guard let outcome = Outcome(rawValue: row[4]) else { continue }
            let signal = PastSignal(
                id: row[0], asset: row[1], defectClass: row[2], at: Timestamp(microseconds: row[3]))
            found[signal, default: []].append(
                PastFate(outcome: outcome, reference: (row[5] as String?).flatMap(Reference.init)))
        }
        return found
    }

    /// Orders by their raising, oldest first, as they stand now; without those that a trend foretold or a person
    /// proposed, which a replay leaves out.
    public func pastOrders(from: Timestamp?, to: Timestamp) throws -> [PastOrder] {
        try rows(
            """
            SELECT reference, seq, asset, class, kind, priority, raised_at, detected_at, state, ended_at,
                json_extract(closure, '$.verdict') FROM work_order
            WHERE raised_at >= ? AND raised_at < ? AND inspection_id NOT LIKE 'trend:%'
                AND inspection_id NOT LIKE 'learn:%' ORDER BY seq
            """, [from?.microseconds ?? .min, to.microseconds]
        ).compactMap(Self.pastOrder)
    }

    /// Orders that were raised before report `first`, as they stood when it came.
    public func ordersStanding(at first: Int64, raisedBefore time: Timestamp) throws -> [PastOrder] {
        try rows(
            """
            SELECT w.reference, w.seq, w.asset, w.class, w.kind, w.priority, w.raised_at, w.detected_at,
                COALESCE(c.state, 'open'), c.ended_at, json_extract(w.closure, '$.verdict')
            FROM work_order w LEFT JOIN order_change c ON c.number = (
                SELECT number FROM order_change WHERE reference = w.reference AND after_inspection < ?
                ORDER BY number DESC LIMIT 1)
            WHERE w.raised_at < ? ORDER BY w.seq
            """, [first, time.microseconds]
        ).compactMap(Self.pastOrder)
    }

    private static func pastOrder(_ row: Row) -> PastOrder? {
        guard let reference = Reference(row[0]), let kind = OrderKind(rawValue: row[4]),
            let state = OrderState(rawValue: row[8])
        else { return nil }
        return PastOrder(
            reference: reference, seq: row[1], asset: row[2], defectClass: row[3], kind: kind, priority: row[5],
            raisedAt: Timestamp(microseconds: row[6]), detectedAt: Timestamp(microseconds: row[7]), state: state,
            endedAt: (row[9] as Int64?).map { Timestamp(microseconds: $0) },
            verdict: (row[10] as String?).flatMap(Closure.Verdict.init))
    }

    /// Ended orders that were raised in the period and whose repair said whether the detection was right; how many
    /// ended without a word on it comes beside.
    public func judgedOrders(from: Timestamp, to: Timestamp) throws -> (judged: [JudgedOrder], silent: Int) {
        let period: StatementArguments = [from.microseconds, to.microseconds]
        let judged: [JudgedOrder] = try rows(
            """
            SELECT w.reference, w.asset, w.class, json_extract(w.closure, '$.verdict') AS verdict,
                MAX(d.severity) AS severity, MAX(d.confidence) AS confidence
            FROM work_order w JOIN detection d ON d.reference = w.reference
            WHERE w.raised_at >= ? AND w.raised_at < ? AND w.ended_at IS NOT NULL
                AND json_extract(w.closure, '$.verdict') IS NOT NULL
            GROUP BY w.reference ORDER BY w.seq
            """, period
        ).compactMap { row in
            guard let reference = Reference(row[0]), let verdict = Closure.Verdict(rawValue: row[3]) else { return nil }
            return JudgedOrder(
                reference: reference, asset: row[1], defectClass: row[2], verdict: verdict, severity: row[4],
                confidence: row[5])
        }
        let silent = try count(
            """
            SELECT COUNT(*) FROM work_order WHERE raised_at >= ? AND raised_at < ? AND ended_at IS NOT NULL
                AND json_extract(closure, '$.verdict') IS NULL
            """, period)
        return (judged, silent)
    }

    /// Since when a candidate runs in the shadow; nil for one that never did.
    public func shadowSince(_ digest: String) throws -> Timestamp? {
        try row("SELECT since FROM shadow WHERE digest = ?", [digest]).map { Timestamp($0, "since") }
    }
}

extension Transaction {
    /// Keeps when a candidate was first seen, and returns it.
    public func shadow(_ digest: String) throws -> Timestamp {
        try run(
            "INSERT INTO shadow (digest, since) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING",
            [digest, now.microseconds])
        return try reader.shadowSince(digest) ?? now
    }
}
