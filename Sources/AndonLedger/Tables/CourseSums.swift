/// The later step of the tables of `CourseSchema`: what is asked for each order that is raised costs the same however many
/// a stream has had, and an order's way through the CMMS writes no more than what it changed.
extension CourseSchema {
    /// Orders are counted by the hour as detections are. A closure's words are looked up where it changes, and not where a
    /// time is noted.
    static let sums = """
        ALTER TABLE recurrence_hour ADD COLUMN orders INTEGER NOT NULL DEFAULT 0;
        INSERT INTO recurrence_hour (stream, hour, detections, orders)
            SELECT s.id, w.raised_at / 3600000000, 0, COUNT(*)
            FROM work_order w JOIN course_stream s ON s.asset = w.asset AND s.class = w.class WHERE 1 = 1 GROUP BY 1, 2
            ON CONFLICT (stream, hour) DO UPDATE SET orders = excluded.orders;

        DROP TRIGGER course_raised;
        DROP TRIGGER course_changed;
        CREATE TRIGGER course_raised AFTER INSERT ON work_order BEGIN
            INSERT OR IGNORE INTO course_stream (asset, class) VALUES (new.asset, new.class);
            \(newNames)
            \(person(of: nil))
            INSERT INTO course (\(columns)) VALUES (\(values));
            INSERT INTO recurrence_hour (stream, hour, detections, orders) VALUES (
                (SELECT id FROM course_stream WHERE asset = new.asset AND class = new.class),
                new.raised_at / 3600000000, 0, 1)
            ON CONFLICT (stream, hour) DO UPDATE SET orders = recurrence_hour.orders + 1;
        END;
        CREATE TRIGGER course_noted AFTER UPDATE OF acknowledged_at, assigned_at, started_at ON work_order BEGIN
            UPDATE course SET acknowledged_at = new.acknowledged_at, assigned_at = new.assigned_at,
                started_at = new.started_at WHERE seq = new.seq;
        END;
        CREATE TRIGGER course_changed AFTER UPDATE OF state, ended_at, closure, closed_at ON work_order
        WHEN old.state IS NOT new.state OR old.ended_at IS NOT new.ended_at OR old.closure IS NOT new.closure
            OR old.closed_at IS NOT new.closed_at BEGIN
            \(newNames)
            \(person(of: nil))
            UPDATE course SET (\(columns)) = (\(values)) WHERE seq = new.seq;
            \(changedParts)
        END;
        """

    /// The names of the order `new` that are not there yet.
    private static let newNames = """
        INSERT INTO course_name (kind, text) SELECT told.kind, told.text FROM (
            \(names.map { "SELECT '\($0.kind)' AS kind, \($0.text) AS text" }.joined(separator: " UNION ALL ")))
            AS told WHERE told.text IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM course_name n WHERE n.kind = told.kind AND n.text = told.text);
        """

    /// How many rows are not what the orders and detections say.
    static let differences = """
        SELECT (SELECT COUNT(*) FROM (
                SELECT \(columns) FROM course WHERE history IS NULL EXCEPT SELECT \(values) FROM work_order AS new) AS a)
            + (SELECT COUNT(*) FROM (
                SELECT \(values) FROM work_order AS new EXCEPT SELECT \(columns) FROM course WHERE history IS NULL) AS b)
            + (SELECT COUNT(*) FROM (
                SELECT stream, hour, detections, orders FROM recurrence_hour EXCEPT \(hours)) AS c)
            + (SELECT COUNT(*) FROM (
                \(hours) EXCEPT SELECT stream, hour, detections, orders FROM recurrence_hour) AS d)
        """

    private static let hours = """
        SELECT s.id, e.hour, SUM(e.detections), SUM(e.orders) FROM (
            SELECT asset, class, detected_at / 3600000000 AS hour, 1 AS detections, 0 AS orders FROM detection
            UNION ALL SELECT asset, class, raised_at / 3600000000 AS hour, 0 AS detections, 1 AS orders FROM work_order)
            AS e JOIN course_stream s ON s.asset = e.asset AND s.class = e.class GROUP BY 1, 2
        """
}
