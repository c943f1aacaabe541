/// One connection to a database, within a transaction or a snapshot of it.
///
/// Statements are SQL that both engines take, with `?` (or `?1`) for values. A statement is prepared once for each
/// connection.
open class Database {
    /// Statements that wrote, or may have, so far.
    public internal(set) var changes = 0

    init() {}

    /// Runs one statement.
    ///
    /// - Returns: rows that it changed.
    @discardableResult
    public func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        preconditionFailure("an engine's own")
    }

    /// Runs one statement that nobody waits for: an engine may send it along with the next one.
    ///
    /// - Throws: what this statement is refused for, or, where it was sent along, the next one, or the end of the savepoint or
    ///   transaction that it is in. Nothing of that one stays either way.
    public func post(_ sql: String, _ arguments: StatementArguments = []) throws { try run(sql, arguments) }

    /// Runs statements that take no values, one after the other.
    public func runScript(_ sql: String) throws { preconditionFailure("an engine's own") }

    /// The rows of a statement.
    ///
    /// - Parameters:
    ///   - subject: what cannot be read, in words, for an error.
    ///   - isShared: whether the connection's own prepared statement will do: not where the same runs twice at once.
    public func rawRows(
        _ sql: String, _ arguments: StatementArguments = [], of subject: String? = nil, isShared: Bool = true
    ) throws -> RawRows {
        preconditionFailure("an engine's own")
    }

    /// The rows of a statement of which there are few: an engine may bring them all at once.
    public func fewRows(_ sql: String, _ arguments: StatementArguments = []) throws -> RawRows {
        try rawRows(sql, arguments)
    }

    /// The rows of several statements of which each has few, one after the other: an engine may ask for all of them at once.
    public func fewRows(
        of questions: [DatabaseQuestion], _ body: (Int, RawRows) throws -> Void
    ) throws {
        for (number, question) in questions.enumerated() {
            try body(number, try fewRows(question.sql, question.arguments))
        }
    }

    /// Inserts one row into a table whose rows have numbers.
    ///
    /// - Returns: the row's number.
    public func runInsert(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        preconditionFailure("an engine's own")
    }

    /// Inserts several such rows, one after the other: an engine may send all of them at once.
    ///
    /// - Returns: the rows' numbers.
    public func runInserts(_ rows: [DatabaseQuestion]) throws -> [Int64] {
        try rows.map { try runInsert($0.sql, $0.arguments) }
    }

    public func tableExists(_ name: String) throws -> Bool { preconditionFailure("an engine's own") }

    /// Waits for what was sent along.
    ///
    /// - Throws: what a statement of it is refused for.
    public func settle() throws {}

    /// Whether an engine has given the transaction up because a statement in it failed: nothing of it will be kept.
    public var isGivenUp: Bool { false }

    /// Undoes what `body` did where it throws.
    public func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        preconditionFailure("an engine's own")
    }

    /// What `body` deletes is overwritten with zeros in the file, its freed pages too, where the engine can do that.
    public func overwriting<Value>(_ body: () throws -> Value) throws -> Value { try body() }

    /// Microseconds since 1970 by the engine's own clock, at this moment; nil where no other process writes.
    public func sharedClock() throws -> Int64? { nil }

    /// Lets others read what this connection reads; nil where they would not see the same.
    public func readers() throws -> (any DatabaseReaders)? { nil }

    // MARK: Ways to read

    public final func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try fewRows(sql, arguments).all()
    }

    /// The rows of several statements of which each has few; an engine may ask for all of them at once.
    public final func rows(of questions: [DatabaseQuestion]) throws -> [[Row]] {
        var found: [[Row]] = []
        try fewRows(of: questions) { found.append(try $1.all()) }
        return found
    }

    public final func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        let rows = try fewRows(sql, arguments)
        return try rows.advance() ? rows.row : nil
    }

    /// The first column of the first row; nil where there is no row, or it is no such value.
    public final func value<Value: DatabaseValueConvertible>(
        _ sql: String, _ arguments: StatementArguments = []
    ) throws -> Value? {
        let rows = try fewRows(sql, arguments)
        return try rows.advance() ? Value.fromDatabaseValue(rows.value(0)) : nil
    }

    /// The first column of every row.
    ///
    /// - Precondition: each is such a value.
    public final func values<Value: DatabaseValueConvertible>(
        _ sql: String, _ arguments: StatementArguments = []
    ) throws -> [Value] {
        try rows(sql, arguments).map { $0[0] }
    }

    /// The rows of a statement that may run more than once at a time.
    public final func cursor(_ sql: String, _ arguments: StatementArguments = []) throws -> RowCursor {
        RowCursor(try rawRows(sql, arguments, isShared: false))
    }

    /// Hands each row to `body` where the engine has it.
    public final func eachRaw(
        _ sql: String, _ arguments: StatementArguments, _ body: (RawRows) throws -> Void
    ) throws {
        let rows = try rawRows(sql, arguments)
        while try rows.advance() { try body(rows) }
    }
}

/// A statement, and its values.
public struct DatabaseQuestion: Sendable {
    public var sql: String
    public var arguments: StatementArguments

    public init(_ sql: String, _ arguments: StatementArguments = []) { (self.sql, self.arguments) = (sql, arguments) }
}

/// Further connections to what one connection reads.
public protocol DatabaseReaders: Sendable {
    /// Runs `body` in a snapshot of its own, no older than the one that they were asked of.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value
}

/// An engine with its connections: one that writes, several that read.
public protocol DatabaseEngine: Sendable {
    /// Reads a snapshot; does not wait for writers.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value

    func readNow<Value>(_ body: (Database) throws -> Value) throws -> Value

    /// Runs `body` on the writer's own thread, one after the other, outside of any transaction.
    func asyncWrite(_ body: @escaping @Sendable (any DatabaseWriter) -> Void)

    /// Runs `body` in a transaction of the writer's and waits: for tools, beside no writer of a store's.
    func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value

    /// Whether other processes may write to the same database.
    var isShared: Bool { get }

    /// Makes tables: applies the steps that were not applied.
    ///
    /// - Throws: `DatabaseError` of the kind `newer` where steps were applied that are not among these.
    func migrate(_ steps: [DatabaseStep]) throws

    /// Work that keeps the files small, for the background.
    ///
    /// - Throws: `DatabaseError` of the kinds `damaged` and `syncFailed`, and no other.
    func maintain() async throws

    /// Waits for what was begun.
    func close() throws
}

/// A step of a schema: its name, and statements.
public struct DatabaseStep: Sendable {
    public var name: String
    public var sql: String

    public init(name: String, sql: String) { (self.name, self.sql) = (name, sql) }
}

/// The connection that writes.
public protocol DatabaseWriter {
    /// All of `body` is durable when this returns; nothing of it where it throws.
    ///
    /// - Parameter inDoubt: called again and again, with why it is not known, while an engine that left during the commit does
    ///   not say whether it happened. Whoever waits to write behind it can be told that the engine is away.
    func inTransaction(_ body: (Database) throws -> Void, inDoubt: (DatabaseError) -> Void) throws

    /// Whether a transaction that was begun is still there: an engine may have undone it with an error.
    var isInTransaction: Bool { get }

    /// Waits until the files are small again, where they have grown.
    ///
    /// - Throws: `DatabaseError` of the kinds `damaged` and `syncFailed`: what was answered may not be there.
    func maintainIfNeeded() throws
}

extension DatabaseWriter {
    /// The same where nobody waits behind it.
    public func inTransaction(_ body: (Database) throws -> Void) throws { try inTransaction(body, inDoubt: { _ in }) }
}

/// What an engine says no with.
public struct DatabaseError: Error, CustomStringConvertible, Sendable {
    public enum Kind: Sendable {
        /// There was no room; what was there before is whole.
        case full
        /// The schema is of a newer version.
        case newer
        /// Another process has the right to write.
        case inUse
        /// A constraint of a table forbids it.
        case constraint
        /// The engine cannot be reached, or left.
        case unreachable
        /// A page is not what was written.
        case damaged
        /// What was written may not be on the disk.
        case syncFailed
        case other
    }

    public var kind: Kind
    /// In the engine's words.
    public var message: String
    public var sql: String?

    public init(kind: Kind, message: String, sql: String? = nil) {
        (self.kind, self.message, self.sql) = (kind, message, sql)
    }

    public var description: String { sql.map { "\(message): \($0)" } ?? message }
}
