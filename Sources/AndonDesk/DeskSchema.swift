import AndonLedger

/// The desk's own tables; times are microseconds since 1970 UTC.
public enum DeskSchema {
    public static let step = SchemaStep(
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

    /// Where names of persons stand.
    public static let nameColumns = [
        NameColumn(table: "desk_order", column: "assignee", content: .name),
        NameColumn(table: "desk_order", column: "closure", content: .document(pointer: "technician")),
    ]
}
