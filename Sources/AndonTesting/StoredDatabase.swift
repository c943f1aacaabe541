import AndonSQL

/// The database of a store, behind the store's back.
public final class StoredDatabase: Sendable {
    private let engine: any DatabaseEngine

    /// - Parameter folder: the store's.
    public init(folder: String) throws {
        engine = try TestDatabase.engine(folder)
    }

    public func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try engine.readNow(body) }

    public func write<Value>(_ body: (Database) throws -> Value) throws -> Value { try engine.writeNow(body) }

    /// Runs a statement, or several that take no values.
    public func alter(_ sql: String, _ arguments: StatementArguments = []) throws {
        try write { db in
            if arguments.values.isEmpty { try db.runScript(sql) } else { try db.run(sql, arguments) }
        }
    }

    /// What `body` finds in a transaction that is undone in the end.
    public func trying<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var found: Value?
        do {
            try engine.writeNow { db in
                found = try body(db)
                throw Undone()
            }
        } catch is Undone {}
        guard let found else { throw Undone() }
        return found
    }

    private struct Undone: Error {}

    public func migrate(_ steps: [DatabaseStep]) throws { try engine.migrate(steps) }

    public func close() throws { try engine.close() }

    // MARK: What is in it

    /// The tables that steps made, by name.
    public func tables() throws -> [String] {
        try read { db in
            try db.values(
                engine.isShared
                    ? """
                    SELECT CAST(relname AS text) FROM pg_class WHERE relkind = 'r' AND relname NOT IN ('andon_step', 'andon_writer')
                        AND relnamespace = CAST(current_schema() AS regnamespace) ORDER BY relname
                    """
                    : """
                    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                        AND name NOT LIKE 'grdb%' ORDER BY name
                    """)
        }
    }

    public func columns(of table: String) throws -> [String] {
        try read { db in
            try db.values(
                engine.isShared
                    ? """
                    SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = CAST(? AS regclass) AND attnum > 0
                        AND NOT attisdropped AND attname <> 'rowid' AND attgenerated = '' ORDER BY attnum
                    """ : "SELECT name FROM pragma_table_info(?)", [table])
        }
    }

    /// Who alters the database need not run what it says is to be run then.
    public func dropTriggers() throws {
        try write { db in
            let drops: [String] = try db.values(
                engine.isShared
                    ? """
                    SELECT 'DROP TRIGGER ' || tgname || ' ON ' || CAST(CAST(tgrelid AS regclass) AS text) FROM pg_trigger
                        JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal
                        AND c.relnamespace = CAST(current_schema() AS regnamespace)
                    """ : "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'")
            for drop in drops { try db.runScript(drop) }
        }
    }

    /// Changes rows as they are, and lets no trigger make others of them.
    public func withoutTriggers(_ body: (Database) throws -> Void) throws {
        try write { db in
            guard !engine.isShared else {
                try db.runScript("SET LOCAL session_replication_role = replica")
                return try body(db)
            }
            let triggers = try db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try db.runScript("DROP TRIGGER \(trigger["name"] as String)") }
            try body(db)
            for trigger in triggers { try db.runScript(trigger["sql"] as String) }
        }
    }
}
