import AndonModel
import AndonSQL
import AndonTransparency

/// The write side of the store, within one batch's transaction.
public final class Transaction {
    let db: Database
    /// One time for the whole batch: facts that become durable together happened together.
    public let now: Timestamp
    var tree: MerkleFrontier
    /// Entries that are not written yet, in their order.
    var waiting: [WaitingEntry] = []
    let random: any RandomSource
    /// Who writes: ``Store/server``.
    let server: String
    /// Subjects of alarms that are up, by their kind, as far as they were asked for.
    var alarmsKnown: [String: Set<String>] = [:]

    init(db: Database, tree: MerkleFrontier, now: Timestamp, random: any RandomSource, server: String) {
        self.server = server
        self.db = db
        self.tree = tree
        self.now = now
        self.random = random
    }

    /// The read side, seeing this transaction's own writes.
    public var reader: Reader { Reader(db: db) }

    /// Undoes what `body` did where it throws. What waited before is written first.
    func inSavepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try settleEntries()
        let before = tree
        do {
            return try db.inSavepoint {
                let value = try body()
                try settleEntries()
                return value
            }
        } catch {
            (tree, waiting) = (before, [])
            alarmsKnown = [:]
            throw error
        }
    }

    /// Whether anything was written, or is about to be, that was not at an earlier time. It goes up alone.
    var changes: Int { db.changes + waiting.count }

    /// Runs one statement; statements are prepared once for each connection.
    @discardableResult
    public func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try db.run(sql, arguments)
    }

    /// Runs one statement that nothing here rests on before the next: one way to the database and back is saved.
    func post(_ sql: String, _ arguments: StatementArguments = []) throws { try db.post(sql, arguments) }
}

extension Transaction {
    /// Inserts one row into a table whose rows have numbers, and returns the row's number.
    func runInsert(_ sql: String, _ arguments: StatementArguments) throws -> Int64 { try db.runInsert(sql, arguments) }
}

/// The read side of the store, within one snapshot.
public struct Reader {
    let db: Database

    public func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try db.rows(sql, arguments)
    }

    public func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try db.row(sql, arguments)
    }

    public func count(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try db.value(sql, arguments) ?? 0
    }
}

extension Timestamp {
    public init(_ row: Row, _ column: String) { self.init(microseconds: row[column]) }

    public init?(optional row: Row, _ column: String) {
        guard let value: Int64 = row[column] else { return nil }
        self.init(microseconds: value)
    }
}
