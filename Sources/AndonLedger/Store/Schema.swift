import AndonSQL

/// A step of the schema, applied once and never changed afterwards.
///
/// A part of the product that keeps tables of its own (the desk) brings its steps along.
public typealias SchemaStep = DatabaseStep

/// The tables. Times are whole microseconds since 1970 UTC; documents are JSON texts; digests are 32 bytes.
package enum Schema {
    package static let steps = [
        SchemaStep(name: "1-main-job", sql: mainJob), SchemaStep(name: "2-registry", sql: registry),
        SchemaStep(name: "3-charts", sql: charts), SchemaStep(name: "4-history", sql: History.schema),
        SchemaStep(name: "5-keeping", sql: Pictures.schema),
        SchemaStep(name: "6-turns", sql: TurnSQL.schema), SchemaStep(name: "7-reach", sql: Holds.schema),
        SchemaStep(name: "8-signed-log", sql: signedLog),
        // A recall asks what ran on an asset around a time.
        SchemaStep(name: "9-recall", sql: "CREATE INDEX inspection_asset ON inspection (asset, detected_at);"),
        SchemaStep(name: "10-search", sql: search),
        // What is still to be done is asked for at each start, and is few among all orders.
        SchemaStep(
            name: "11-open-orders",
            sql: "CREATE INDEX work_order_open ON work_order (seq) WHERE state IN ('open', 'inProgress');"),
        SchemaStep(name: "12-sources", sql: Sources.schema),
        SchemaStep(name: "13-courses", sql: CourseSchema.schema),
        SchemaStep(name: "14-labels", sql: Labels.schema),
        SchemaStep(name: "15-repairs", sql: CourseSchema.repairs),
        SchemaStep(name: "16-missed-orders", sql: Labels.ordersOfPeople),
        SchemaStep(name: "17-order-lists", sql: OrderLists.schema),
        SchemaStep(name: "18-order-views", sql: OrderViews.schema),
        SchemaStep(name: "19-photos", sql: OrderPhotos.schema),
        SchemaStep(name: "20-settings", sql: SettingChanges.schema + RulesVersions.documents),
        SchemaStep(name: "21-rule-drafts", sql: RuleDrafts.schema),
        SchemaStep(name: "22-ledger-search", sql: LedgerSearchSchema.schema),
        SchemaStep(name: "24-chart-causes", sql: ChartCauses.schema + ChartLines.schema),
        SchemaStep(name: "25-sums", sql: Reconciliation.schema),
        SchemaStep(name: "26-vision", sql: EvidenceFrames.schema),
        SchemaStep(name: "27-camera-scene", sql: CameraScenes.schema),
        SchemaStep(name: "28-servers", sql: Servers.schema),
        SchemaStep(name: "28-sites", sql: SiteSchema.schema),
        SchemaStep(name: "29-objects", sql: PictureObjects.schema),
        SchemaStep(name: "30-orders-of-stream", sql: ordersOfStream),
        SchemaStep(name: "31-course-sums", sql: CourseSchema.sums),
        SchemaStep(name: "31-growth", sql: RunningSums.schema + FollowedOrders.schema),
        SchemaStep(name: "31-restores", sql: Restores.schema),
        SchemaStep(name: "32-head-peaks", sql: "ALTER TABLE ledger_head ADD COLUMN peaks BLOB"),
    ]

    /// What a decision asks of a stream's orders is found at once, however many of them are open or ended.
    private static let ordersOfStream = """
        CREATE INDEX work_order_stream_open ON work_order (asset, class, priority, seq DESC)
            WHERE state IN ('open', 'inProgress');
        CREATE INDEX work_order_stream_ended ON work_order (asset, class, seq) WHERE ended_at IS NOT NULL;
        """

    /// Orders are found by class, and by what the CMMS calls them; a camera's silence by the times of its reports. What
    /// charts report is of no part, and no sign of a camera.
    private static let search = """
        DROP INDEX work_order_raised;
        CREATE INDEX work_order_raised ON work_order (raised_at, seq);
        CREATE INDEX work_order_class ON work_order (class, seq);
        CREATE INDEX work_order_number ON work_order (remote_number) WHERE remote_number IS NOT NULL;
        CREATE INDEX work_order_there ON work_order (remote_id) WHERE remote_id IS NOT NULL;
        CREATE INDEX inspection_camera ON inspection (camera, detected_at) WHERE inspected > 0;
        """

    private static let mainJob = """
        CREATE TABLE inspection (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
            received_at INTEGER NOT NULL, detected_at INTEGER NOT NULL, camera TEXT NOT NULL, asset TEXT NOT NULL,
            lot TEXT, unit TEXT, picture TEXT, defects INTEGER NOT NULL, inspected INTEGER NOT NULL,
            skewed INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE INDEX inspection_lot ON inspection (lot) WHERE lot IS NOT NULL;

        CREATE TABLE picture (
            sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, media_type TEXT NOT NULL, width INTEGER, height INTEGER,
            damage TEXT, received_at INTEGER NOT NULL);

        CREATE TABLE detection (
            inspection_seq INTEGER NOT NULL, ordinal INTEGER NOT NULL, asset TEXT NOT NULL, class TEXT NOT NULL,
            confidence REAL, severity REAL, detected_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
            parts_at INTEGER NOT NULL, outcome TEXT NOT NULL, reference TEXT, kind TEXT NOT NULL,
            priority INTEGER NOT NULL, unmapped INTEGER NOT NULL, rule TEXT NOT NULL, rules_version INTEGER NOT NULL,
            reason TEXT NOT NULL, PRIMARY KEY (inspection_seq, ordinal));
        CREATE INDEX detection_stream ON detection (asset, class, detected_at);
        CREATE INDEX detection_order ON detection (reference) WHERE reference IS NOT NULL;

        CREATE TABLE frame_batch (
            id TEXT PRIMARY KEY, digest TEXT NOT NULL, received_at INTEGER NOT NULL);
        CREATE TABLE frame_count (
            batch TEXT NOT NULL, camera TEXT NOT NULL, asset TEXT NOT NULL, lot TEXT, from_at INTEGER NOT NULL,
            to_at INTEGER NOT NULL, inspected INTEGER NOT NULL);
        CREATE INDEX frame_count_camera ON frame_count (camera, from_at);
        CREATE TABLE part_counter (asset TEXT PRIMARY KEY, parts INTEGER NOT NULL);

        CREATE TABLE work_order (
            reference TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, connector TEXT NOT NULL, asset TEXT NOT NULL,
            class TEXT NOT NULL, kind TEXT NOT NULL, priority INTEGER NOT NULL, delivery TEXT NOT NULL,
            state TEXT NOT NULL, raised_at INTEGER NOT NULL, detected_at INTEGER NOT NULL,
            inspection_id TEXT NOT NULL, acknowledged_at INTEGER, completed_at INTEGER, remote_id TEXT,
            remote_number TEXT, remote_link TEXT, remote_priority TEXT, vendor_state TEXT, assignee TEXT,
            merged_into TEXT, occurrences INTEGER NOT NULL, noted INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
            worst_severity REAL, newest_priority INTEGER NOT NULL, ended_at INTEGER, closure TEXT, document TEXT NOT NULL);
        CREATE INDEX work_order_stream ON work_order (asset, class, seq);
        CREATE INDEX work_order_remote ON work_order (connector, remote_id);
        CREATE INDEX work_order_delivery ON work_order (delivery, seq);

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY, connector TEXT NOT NULL, ordering_key TEXT NOT NULL, reference TEXT NOT NULL,
            effect TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL, is_head INTEGER NOT NULL,
            attempts INTEGER NOT NULL, searches INTEGER NOT NULL, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL,
            last_error TEXT);
        CREATE INDEX outbox_claim ON outbox (connector, due_at, id)
            WHERE is_head = 1 AND state IN ('pending', 'unknown');
        CREATE INDEX outbox_order ON outbox (connector, ordering_key, id) WHERE state NOT IN ('done', 'dead');
        CREATE INDEX outbox_reference ON outbox (reference, id);
        CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';

        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, outbox_id INTEGER NOT NULL, number INTEGER NOT NULL, action TEXT NOT NULL,
            started_at INTEGER NOT NULL, payload_digest TEXT NOT NULL, answered_at INTEGER, outcome TEXT,
            status INTEGER, latency_us INTEGER, remote_id TEXT, detail TEXT, exchanges TEXT);
        CREATE INDEX attempt_outbox ON attempt (outbox_id, id);

        CREATE TABLE alarm (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
            detail TEXT NOT NULL, cleared_at INTEGER);
        CREATE UNIQUE INDEX alarm_up ON alarm (kind, subject) WHERE cleared_at IS NULL;

        CREATE TABLE rules_version (
            version INTEGER PRIMARY KEY, digest TEXT NOT NULL, in_force_at INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE TABLE poll (connector TEXT PRIMARY KEY, cursor TEXT, polled_at INTEGER NOT NULL);
        CREATE TABLE registry_asset (
            connector TEXT NOT NULL, asset TEXT NOT NULL, name TEXT, criticality TEXT, location TEXT,
            read_at INTEGER NOT NULL, PRIMARY KEY (connector, asset));

        CREATE TABLE ledger (
            idx INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, entry TEXT NOT NULL,
            leaf BLOB NOT NULL, nodes BLOB NOT NULL);
        CREATE INDEX ledger_subject ON ledger (subject, idx);
        CREATE TABLE ledger_head (
            one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL, at INTEGER NOT NULL);
        """

    /// Control charts: each stream's state, its points, the limits that it was judged by, and the repairs in between.
    /// `filling` is what came since the last point; `begun_at` the number of the last point before the process that
    /// runs now; `repair` an order whose closure the stream has not seen yet; `planned` the predictive order;
    /// `proposal` limits that a person may put in force.
    private static let charts = """
        CREATE TABLE chart_stream (
            chart TEXT NOT NULL, stratum TEXT NOT NULL, definition TEXT NOT NULL, points INTEGER NOT NULL,
            state TEXT NOT NULL, filling TEXT NOT NULL, asset TEXT, begun_at INTEGER NOT NULL, repair TEXT,
            planned TEXT, proposal TEXT, PRIMARY KEY (chart, stratum));
        CREATE INDEX chart_stream_asset ON chart_stream (asset) WHERE asset IS NOT NULL;
        CREATE TABLE chart_point (
            chart TEXT NOT NULL, stratum TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
            value REAL NOT NULL, size REAL NOT NULL, plotted REAL, centre REAL, lower REAL, upper REAL, sigmas REAL,
            signals TEXT NOT NULL, made_of TEXT NOT NULL, standing TEXT, limits_version INTEGER, late INTEGER NOT NULL,
            spread REAL, PRIMARY KEY (chart, stratum, number));
        CREATE TABLE chart_repair (
            chart TEXT NOT NULL, stratum TEXT NOT NULL, point INTEGER NOT NULL, reference TEXT NOT NULL,
            at INTEGER NOT NULL, before REAL, after REAL, PRIMARY KEY (chart, stratum, point));
        CREATE TABLE chart_limits (
            chart TEXT NOT NULL, stratum TEXT NOT NULL, version INTEGER NOT NULL, made_at INTEGER NOT NULL,
            made_by TEXT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,
            PRIMARY KEY (chart, stratum, version));
        """

    /// A CMMS's asset registry as it was last read: one row for each asset, the asset as a document.
    private static let registry = """
        DROP TABLE registry_asset;
        CREATE TABLE registry_asset (
            connector TEXT NOT NULL, asset TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (connector, asset));
        CREATE TABLE registry (connector TEXT PRIMARY KEY, read_at INTEGER NOT NULL, digest TEXT NOT NULL);
        """

    /// What makes the ledger provable to others: the keys with the entries that put them in force, the signed
    /// checkpoints, what witnesses and time stamping authorities said of them, the values that entries only commit to,
    /// and the logs of other sites that this one is a witness of. No column holds what verification could not check.
    private static let signedLog = """
        CREATE TABLE ledger_key (idx INTEGER PRIMARY KEY, vkey TEXT NOT NULL);
        CREATE TABLE ledger_checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL);
        CREATE TABLE ledger_cosignature (
            size INTEGER NOT NULL, vkey TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (size, vkey)) WITHOUT ROWID;
        CREATE TABLE ledger_stamp (size INTEGER PRIMARY KEY, request BLOB NOT NULL, reply BLOB NOT NULL);
        CREATE TABLE ledger_value (
            idx INTEGER NOT NULL, member TEXT NOT NULL, salt BLOB NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (idx, member)) WITHOUT ROWID;
        CREATE TABLE witnessed_log (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL);
        """
}
