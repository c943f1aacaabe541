import AndonModel
import GRDB

/// What orders are asked for. Everything that is given must hold; names are compared whole.
public struct OrderSearch: Sendable, Equatable {
    public var delivery: Delivery?
    public var connector: String?
    public var asset: String?
    public var defectClass: String?
    /// Of any detection in the order.
    public var lot: String?
    /// Raised from here on, and before `to`.
    public var from: Timestamp?
    public var to: Timestamp?
    /// Andon's reference, or the number or the id of the CMMS.
    public var number: String?
    /// The `seq` of the last one of the page before.
    public var before: Int64?
    public var limit: Int

    public init(limit: Int = 100) { self.limit = limit }

    /// The conditions that are asked for, and no others: each then has its index.
    fileprivate var conditions: (sql: [String], arguments: [(any DatabaseValueConvertible)?]) {
        var sql: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        func ask(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
            sql.append(condition)
            arguments += values
        }
        if let delivery { ask("delivery = ?", delivery.rawValue) }
        if let connector { ask("connector = ?", connector) }
        if let asset { ask("asset = ?", asset) }
        if let defectClass { ask("class = ?", defectClass) }
        if let from { ask("raised_at >= ?", from.microseconds) }
        if let to { ask("raised_at < ?", to.microseconds) }
        if let number { ask("(reference = ? OR remote_number = ? OR remote_id = ?)", number, number, number) }
        if let lot {
            ask(
                """
                reference IN (SELECT d.reference FROM inspection i JOIN detection d ON d.inspection_seq = i.seq
                    WHERE i.lot = ? AND d.reference IS NOT NULL)
                """, lot)
        }
        if let before { ask("seq < ?", before) }
        return (sql, arguments)
    }

    /// Whether the time alone narrows it: SQLite would go through the orders from the newest on then.
    private var goesByTime: Bool {
        (from != nil || to != nil) && [asset, defectClass, lot, number].allSatisfy { $0 == nil } && delivery == nil
    }

    /// The statement, for ``Reader/orders(_:)`` and for a look at its plan. Rows are found by number first, so that only
    /// those of the page are read whole.
    fileprivate var statement: (sql: String, arguments: StatementArguments) {
        let (sql, arguments) = conditions
        let whole = sql.isEmpty ? "" : "WHERE " + sql.joined(separator: " AND ")
        return (
            """
            SELECT * FROM work_order WHERE seq IN (
                SELECT seq FROM work_order \(whole) ORDER BY \(goesByTime ? "+" : "")seq DESC LIMIT ?)
            ORDER BY seq DESC
            """, StatementArguments(arguments + [limit])
        )
    }
}

extension Reader {
    /// Newest first.
    public func orders(_ search: OrderSearch) throws -> [OrderRecord] {
        let (sql, arguments) = search.statement
        return try rows(sql, arguments).map(Self.order)
    }

    /// How SQLite finds them (`EXPLAIN QUERY PLAN`), a line for each step.
    public func plan(of search: OrderSearch) throws -> [String] {
        let (sql, arguments) = search.statement
        return try rows("EXPLAIN QUERY PLAN \(sql)", arguments).map { $0["detail"] }
    }
}
