/// The tables that the questions over years are asked of, kept up to date by triggers, so that no way of changing an
/// order can forget to. They hold nothing that is not in the orders and detections (`andon learn check` makes them anew
/// and compares), and are therefore no facts of the ledger.
enum CourseSchema {
    /// `course` has the course of each order as small numbers, those first that most questions ask for: a row is read up
    /// to the last column that is wanted. `outcome` is a ``CourseOutcome``; `returned_at` the first detection of the
    /// class on the asset after a repair that raised an order or joined one. Orders of the time before Andon are in it
    /// with numbers below 0 and the `history` that they came with.
    ///
    /// `recurrence_hour` counts the detections of a stream by the hour in which they were made, so that the count of a
    /// month is the sum of 720 rows at most, however many detections there were.
    static let schema = """
        ALTER TABLE work_order ADD COLUMN assigned_at INTEGER;
        ALTER TABLE work_order ADD COLUMN started_at INTEGER;
        ALTER TABLE work_order ADD COLUMN closed_at INTEGER;
        UPDATE work_order SET started_at = \(time("json_extract(closure, '$.startedAt')")),
            closed_at = CASE state WHEN 'closed' THEN ended_at END;

        CREATE TABLE course_stream (
            id INTEGER PRIMARY KEY, asset TEXT NOT NULL, class TEXT NOT NULL, UNIQUE (asset, class));
        CREATE TABLE course_name (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX course_name_text ON course_name (kind, text);
        CREATE TABLE course_person (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE INDEX course_person_name ON course_person (name);
        CREATE TABLE course (
            seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, action INTEGER, outcome INTEGER NOT NULL,
            ended_at INTEGER, returned_at INTEGER, detected_at INTEGER NOT NULL, raised_at INTEGER NOT NULL,
            acknowledged_at INTEGER, assigned_at INTEGER, started_at INTEGER, closed_at INTEGER, priority INTEGER NOT NULL,
            cause INTEGER, person INTEGER, crew INTEGER, lot INTEGER, supplier_lot INTEGER, labour_hours REAL,
            history INTEGER);
        CREATE INDEX course_return ON course (stream, returned_at) WHERE outcome = 1;
        CREATE INDEX course_raised ON course (stream, raised_at);
        CREATE TABLE course_part (
            seq INTEGER NOT NULL, part INTEGER NOT NULL, quantity REAL NOT NULL, PRIMARY KEY (seq, part)) WITHOUT ROWID;
        CREATE TABLE course_history (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
            document TEXT NOT NULL);
        CREATE TABLE recurrence_hour (
            stream INTEGER NOT NULL, hour INTEGER NOT NULL, detections INTEGER NOT NULL,
            PRIMARY KEY (stream, hour)) WITHOUT ROWID;

        \(fill)
        \(triggers)
        """

    /// All that is asked of repairs over years lies in the index by which a return finds them, those of a stream side by
    /// side.
    static let repairs = """
        DROP INDEX course_return;
        CREATE INDEX course_repair ON course (stream, returned_at, action, ended_at, history) WHERE outcome = 1;
        """

    /// Everything from the orders and detections that are there; the tables are empty but for histories.
    private static let fill = """
        INSERT OR IGNORE INTO course_stream (asset, class) SELECT DISTINCT asset, class FROM detection;
        INSERT OR IGNORE INTO course_stream (asset, class) SELECT DISTINCT asset, class FROM work_order;
        INSERT INTO recurrence_hour \(hours);
        \(names.map { name($0, of: "work_order AS new") }.joined())
        \(person(of: "work_order AS new"))
        INSERT INTO course (\(columns)) SELECT \(values) FROM work_order AS new;
        INSERT OR IGNORE INTO course_name (kind, text) SELECT DISTINCT 'part', json_extract(value, '$.code')
            FROM work_order, json_each(closure, '$.parts');
        \(parts(of: "work_order AS new"))
        """

    private static let triggers = """
        CREATE TRIGGER course_detected AFTER INSERT ON detection BEGIN
            INSERT OR IGNORE INTO course_stream (asset, class) VALUES (new.asset, new.class);
            INSERT INTO recurrence_hour (stream, hour, detections) VALUES (
                (SELECT id FROM course_stream WHERE asset = new.asset AND class = new.class),
                new.detected_at / 3600000000, 1)
            ON CONFLICT (stream, hour) DO UPDATE SET detections = recurrence_hour.detections + 1;
        END;
        CREATE TRIGGER course_returned AFTER INSERT ON detection WHEN new.outcome IN ('raised', 'grouped') BEGIN
            UPDATE course SET returned_at = new.detected_at
            WHERE stream = (SELECT id FROM course_stream WHERE asset = new.asset AND class = new.class)
                AND outcome = 1 AND returned_at IS NULL AND ended_at < new.detected_at AND history IS NULL;
            UPDATE course SET returned_at = new.detected_at
            WHERE stream = (SELECT id FROM course_stream WHERE asset = new.asset AND class = new.class)
                AND outcome = 1 AND returned_at > new.detected_at AND ended_at < new.detected_at AND history IS NULL;
        END;
        CREATE TRIGGER course_raised AFTER INSERT ON work_order BEGIN
            INSERT OR IGNORE INTO course_stream (asset, class) VALUES (new.asset, new.class);
            \(names.map { name($0, of: nil) }.joined())
            \(person(of: nil))
            INSERT INTO course (\(columns)) VALUES (\(values));
        END;
        CREATE TRIGGER course_changed
        AFTER UPDATE OF state, ended_at, closure, acknowledged_at, assigned_at, started_at, closed_at ON work_order BEGIN
            \(names.map { name($0, of: nil) }.joined())
            \(person(of: nil))
            UPDATE course SET (\(columns)) = (\(values)) WHERE seq = new.seq;
            \(changedParts)
        END;
        """

    /// The parts of the order `new`, where its closure changed.
    static let changedParts = """
        DELETE FROM course_part WHERE seq = new.seq AND old.closure IS NOT new.closure;
        INSERT INTO course_name (kind, text) SELECT DISTINCT 'part', json_extract(value, '$.code')
            FROM json_each(new.closure, '$.parts') AS part WHERE old.closure IS NOT new.closure AND NOT EXISTS (
                SELECT 1 FROM course_name WHERE kind = 'part' AND text = json_extract(part.value, '$.code'));
        INSERT OR IGNORE INTO course_part (seq, part, quantity) SELECT new.seq, n.id, SUM(CAST(json_extract(p.value, '$.quantity') AS REAL))
            FROM json_each(new.closure, '$.parts') AS p
            JOIN course_name n ON n.kind = 'part' AND n.text = json_extract(p.value, '$.code')
            WHERE old.closure IS NOT new.closure GROUP BY n.id;
        """

    private static let hours = """
        SELECT s.id, d.detected_at / 3600000000, COUNT(*)
            FROM detection d JOIN course_stream s ON s.asset = d.asset AND s.class = d.class GROUP BY 1, 2
        """

    static let columns = """
        seq, stream, action, outcome, ended_at, returned_at, detected_at, raised_at, acknowledged_at, assigned_at,
            started_at, closed_at, priority, cause, person, crew, lot, supplier_lot, labour_hours
        """

    /// Of the order `new`. A closure's cause and action are its own; what an order was raised with is none.
    static let values = """
        new.seq, (SELECT id FROM course_stream WHERE asset = new.asset AND class = new.class),
            \(id("action", "json_extract(new.closure, '$.remedyCode')")), \(outcome), new.ended_at,
            CASE WHEN \(outcome) = 1 THEN (
                SELECT d.detected_at FROM detection d WHERE d.asset = new.asset AND d.class = new.class
                    AND d.detected_at > new.ended_at AND d.outcome IN ('raised', 'grouped')
                ORDER BY d.detected_at LIMIT 1) END,
            new.detected_at, new.raised_at, new.acknowledged_at, new.assigned_at, new.started_at, new.closed_at,
            new.priority, \(id("cause", "json_extract(new.closure, '$.causeCode')")),
            (SELECT MIN(id) FROM course_person WHERE name = json_extract(new.closure, '$.technician')),
            \(names.suffix(3).map { id($0.kind, $0.text) }.joined(separator: ", ")),
            CAST(json_extract(new.closure, '$.labourHours') AS REAL)
        """

    private static let outcome = """
        (CASE WHEN new.state IN ('open', 'inProgress') THEN 0 WHEN new.state NOT IN ('done', 'closed') THEN 3
            WHEN json_extract(new.closure, '$.verdict') = 'falseAlarm' THEN 2 ELSE 1 END)
        """

    static let names: [(kind: String, text: String)] = [
        ("action", "json_extract(new.closure, '$.remedyCode')"), ("cause", "json_extract(new.closure, '$.causeCode')"),
        ("crew", "json_extract(new.document, '$.route.assignee')"), ("lot", "json_extract(new.document, '$.lot')"),
        ("supplierLot", "json_extract(new.document, '$.attributes.supplierLot')"),
    ]

    private static func id(_ kind: String, _ text: String) -> String {
        "(SELECT MIN(id) FROM course_name WHERE kind = '\(kind)' AND text = \(text))"
    }

    private static func name(_ name: (kind: String, text: String), of source: String?) -> String {
        """
        INSERT INTO course_name (kind, text) SELECT DISTINCT '\(name.kind)', \(name.text)
            \(source.map { "FROM \($0)" } ?? "") WHERE \(name.text) IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM course_name WHERE kind = '\(name.kind)' AND text = \(name.text));

        """
    }

    static func person(of source: String?) -> String {
        let text = "json_extract(new.closure, '$.technician')"
        return """
            INSERT INTO course_person (name) SELECT DISTINCT \(text) \(source.map { "FROM \($0)" } ?? "")
                WHERE \(text) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM course_person WHERE name = \(text));
            """
    }

    private static func parts(of source: String) -> String {
        """
        INSERT INTO course_part (seq, part, quantity) SELECT new.seq, n.id, SUM(CAST(json_extract(p.value, '$.quantity') AS REAL))
            FROM \(source), json_each(new.closure, '$.parts') AS p
            JOIN course_name n ON n.kind = 'part' AND n.text = json_extract(p.value, '$.code') GROUP BY new.seq, n.id;
        """
    }

    /// Microseconds of a time as the ledger writes it.
    private static func time(_ text: String) -> String {
        """
        CAST(strftime('%s', substr(\(text), 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(\(text), 21, 6) AS INTEGER)
        """
    }
}
