/// A connection to PostgreSQL within a transaction.
final class PostgresDatabase: Database {
    private let connection: PostgresConnection
    /// Where others would see what this one reads: nil within a transaction that writes.
    private let share: (() throws -> any DatabaseReaders)?
    private var savepoints = 0

    /// Rows of a cursor that come with one answer.
    private static let rowsMax = 2000

    init(_ connection: PostgresConnection, share: (() throws -> any DatabaseReaders)? = nil) {
        (self.connection, self.share) = (connection, share)
    }

    override func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        changes += 1
        return try execute(sql, arguments).changed
    }

    override func post(_ sql: String, _ arguments: StatementArguments = []) throws {
        changes += 1
        let (text, values) = PostgresDialect.statement(sql).text(arguments.values)
        try connection.post(text, values)
    }

    private func execute(
        _ sql: String, _ arguments: StatementArguments, further: String = ""
    ) throws -> PostgresResult {
        let (text, values) = PostgresDialect.statement(sql).text(arguments.values)
        return try connection.execute(text + further, values)
    }

    override func runScript(_ sql: String) throws {
        changes += 1
        try connection.script(sql)
    }

    override func settle() throws { try connection.settle() }

    override var isGivenUp: Bool { connection.hasGivenUp }

    override func fewRows(_ sql: String, _ arguments: StatementArguments = []) throws -> RawRows {
        PostgresRows(try execute(sql, arguments), of: nil)
    }

    override func fewRows(
        of questions: [DatabaseQuestion], _ body: (Int, RawRows) throws -> Void
    ) throws {
        let statements = questions.map { PostgresDialect.statement($0.sql).text($0.arguments.values) }
        for (number, result) in try connection.execute(statements).enumerated() {
            try body(number, PostgresRows(result, of: nil))
        }
    }

    override func rawRows(
        _ sql: String, _ arguments: StatementArguments = [], of subject: String? = nil, isShared: Bool = true
    ) throws -> RawRows {
        let connection = connection
        let (text, values) = PostgresDialect.statement(sql).text(arguments.values)
        let name = try connection.declareCursor(text, values)
        let fetch = "FETCH \(Self.rowsMax) FROM \(name)"
        // Each cursor has a name of its own: prepared, this would push out what is used again.
        let first = try connection.script(fetch)
        guard first.count == Self.rowsMax else {
            try connection.script("CLOSE \(name)")
            return PostgresRows(first, of: subject)
        }
        // What is not read to its end goes with the transaction.
        return PostgresRows(first, of: subject) { try connection.script(fetch) }
    }

    override func runInsert(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        changes += 1
        return try Self.number(try execute(sql, arguments, further: Self.returning))
    }

    override func runInserts(_ rows: [DatabaseQuestion]) throws -> [Int64] {
        changes += rows.count
        let statements = rows.map { row in
            let (text, values) = PostgresDialect.statement(row.sql).text(row.arguments.values)
            return (text + Self.returning, values)
        }
        return try connection.execute(statements).map(Self.number)
    }

    private static let returning = " RETURNING rowid"

    private static func number(_ made: PostgresResult) throws -> Int64 {
        guard made.count > 0, let number = made.text(0, 0).flatMap({ Int64($0) }) else {
            throw DatabaseError(kind: .other, message: "no row was inserted", sql: made.sql)
        }
        return number
    }

    override func tableExists(_ name: String) throws -> Bool {
        try connection.execute("SELECT to_regclass($1) IS NOT NULL", [.text("\"\(name)\"")]).text(0, 0) == "t"
    }

    override func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        savepoints += 1
        defer { savepoints -= 1 }
        let name = "p\(savepoints)"
        // What was posted before is not of this savepoint, nor is its error.
        try connection.settle()
        try connection.post("SAVEPOINT \(name)", [])
        do {
            let value = try body()
            _ = try connection.execute("RELEASE SAVEPOINT \(name)", [])
            return value
        } catch {
            // Where the connection is gone, so is the transaction; what was posted is undone with the rest.
            _ = try? connection.settle()
            _ = try? connection.script("ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)")
            throw error
        }
    }

    override func sharedClock() throws -> Int64? {
        try value("SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000000) AS bigint)")
    }

    override func readers() throws -> (any DatabaseReaders)? { try share?() }
}
