import AndonLedger
import AndonSQL

/// The desk's own tables; times are microseconds since 1970 UTC.
public enum DeskSchema {
    /// All of them, in their order.
    public static let steps = [step, phone]

    static let step = SchemaStep(
        name: "desk-1",
        sql: """
            CREATE TABLE desk_order (
                number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, document TEXT NOT NULL, state TEXT NOT NULL,
                assignee TEXT, created_at INTEGER NOT NULL, started_at INTEGER, closure TEXT,
                changed INTEGER NOT NULL);
            CREATE INDEX desk_order_changed ON desk_order (changed);
            CREATE TABLE desk_file (
                number INTEGER NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (number, name));
            CREATE TABLE desk_note (
                number INTEGER NOT NULL, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, text TEXT NOT NULL);
            """)

    /// What the lists are found by, open orders by what is asked of them alone: a desk of many years lists as fast as
    /// a new one. `desk_step` has the steps that came with a key of their own, each with its answer, so that one that
    /// comes again is done once.
    private static let phone = SchemaStep(
        name: "desk-2-phone",
        sql: """
            ALTER TABLE desk_order ADD COLUMN priority INTEGER
                GENERATED ALWAYS AS (CAST(json_extract(document, '$.priority') AS INTEGER)) VIRTUAL;
            ALTER TABLE desk_order ADD COLUMN asset TEXT
                GENERATED ALWAYS AS (json_extract(document, '$.place.asset')) VIRTUAL;
            ALTER TABLE desk_order ADD COLUMN line TEXT
                GENERATED ALWAYS AS (json_extract(document, '$.place.line')) VIRTUAL;
            CREATE INDEX desk_order_mine ON desk_order (assignee COLLATE NOCASE, priority, number DESC)
                WHERE state IN ('open', 'inProgress');
            CREATE INDEX desk_order_theirs ON desk_order (priority, number DESC)
                WHERE state IN ('open', 'inProgress') AND assignee IS NOT NULL;
            CREATE INDEX desk_order_line ON desk_order (line, priority, number DESC)
                WHERE state IN ('open', 'inProgress');
            CREATE INDEX desk_order_done ON desk_order (changed) WHERE state NOT IN ('open', 'inProgress');
            ALTER TABLE desk_note ADD COLUMN written_by TEXT;
            CREATE INDEX desk_note_order ON desk_note (number, at);
            CREATE TABLE desk_step (
                key TEXT PRIMARY KEY, reference TEXT NOT NULL, action TEXT NOT NULL, account INTEGER,
                digest TEXT NOT NULL, at INTEGER NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID;
            CREATE INDEX desk_step_at ON desk_step (at);
            """)

    /// Where names of persons stand.
    public static let nameColumns = [
        NameColumn(table: "desk_order", column: "assignee", content: .name),
        NameColumn(table: "desk_order", column: "closure", content: .document(pointer: "technician")),
        NameColumn(table: "desk_note", column: "written_by", content: .name),
    ]
}
