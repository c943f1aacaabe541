import AndonModel
import AndonSQL

/// What orders are asked for. Everything that is given must hold; names are compared whole.
public struct OrderSearch: Sendable, Equatable {
    public var delivery: Delivery?
    public var state: OrderState?
    /// Whose work is still to be done: `open` and `inProgress`.
    public var isOpen = false
    public var connector: String?
    public var asset: String?
    public var defectClass: String?
    /// 1 is the most urgent.
    public var priority: Int?
    /// Of any detection in the order.
    public var lot: String?
    /// Raised from here on, and before `to`.
    public var from: Timestamp?
    public var to: Timestamp?
    /// Andon's reference, or the number or the id of the CMMS.
    public var number: String?
    /// Assets whose orders are left out: those that who asks may not see.
    public var hidden: [String] = []
    public var sort = Sort.sequence
    public var isDescending = true
    public var page = Page.first
    /// The `seq` of the last one of the page before.
    public var before: Int64?
    public var limit: Int

    /// By what they are in order; those that are equal in it, by `seq`.
    public enum Sort: String, Sendable, CaseIterable {
        /// In the order of their raising, one number each.
        case sequence
        case raised, priority, state, seen, occurrences

        var column: String {
            switch self {
            case .sequence: "seq"
            case .raised: "raised_at"
            case .priority: "priority"
            case .state: "state"
            case .seen: "last_seen_at"
            case .occurrences: "occurrences"
            }
        }
    }

    /// Which part of the list.
    public enum Page: Sendable, Equatable {
        case first
        /// What follows this place.
        case after(OrderCursor)
        /// What comes before it, next to it.
        case ahead(OrderCursor)
    }

    public init(limit: Int = 100) { self.limit = limit }

    private var isAhead: Bool {
        if case .ahead = page { true } else { false }
    }

    /// Few orders have a number or a lot: these are found first, whatever they are sorted by.
    private var goesByName: Bool { number != nil || lot != nil }

    /// The index that leads to them. SQLite keeps no figures on how rare a value is, so it is told: each of these holds
    /// the columns that are asked for beside, and no row is read that is not shown.
    fileprivate var index: String? {
        if goesByName { return nil }
        if asset != nil { return "work_order_of_asset" }
        if defectClass != nil { return "work_order_of_class" }
        if isOpen || state?.takesOccurrences == true { return "work_order_of_open" }
        if let delivery, delivery != .acknowledged { return "work_order_delivery" }
        // Nearly all orders are closed: that narrows nothing.
        if let state, state != .closed || sort == .state { return "work_order_of_state" }
        if from != nil || to != nil { return "work_order_of_time" }
        switch sort {
        case .sequence: return nil
        case .raised: return "work_order_of_time"
        case .priority: return "work_order_priority"
        case .state: return "work_order_of_state"
        case .seen: return "work_order_seen"
        case .occurrences: return "work_order_occurrences"
        }
    }

    /// The conditions that are asked for, and no others: each then has its index.
    private var conditions: (sql: [String], arguments: [(any DatabaseValueConvertible)?]) {
        var sql: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        func ask(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
            sql.append(condition)
            arguments += values
        }
        // In the words of the index over them.
        if isOpen || state?.takesOccurrences == true { ask("state IN ('open', 'inProgress')") }
        if let state { ask("state = ?", state.rawValue) }
        // What nearly all orders share leads to none of them: it is not to be gone by.
        let free = index == nil && !goesByName ? "+" : ""
        if let delivery { ask("\(free)delivery = ?", delivery.rawValue) }
        if let connector { ask("\(free)connector = ?", connector) }
        if let asset { ask("asset = ?", asset) }
        if let defectClass { ask("class = ?", defectClass) }
        if let priority { ask("\(free)priority = ?", priority) }
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
        if !hidden.isEmpty { ask("asset NOT IN (SELECT value FROM json_each(?))", Self.list(hidden)) }
        if let before { ask("seq < ?", before) }
        switch page {
        case .first: break
        case .after(let cursor): stand(behind: cursor, isDescending)
        case .ahead(let cursor): stand(behind: cursor, !isDescending)
        }
        func stand(behind cursor: OrderCursor, _ isDescending: Bool) {
            sql.append(place(isDescending))
            arguments += cursor.arguments(sort)
        }
        return (sql, arguments)
    }

    static func list(_ names: [String]) -> String { JSON.array(names.map { .string($0) }).canonicalText }

    /// Behind a place in the order that goes down, or up.
    private func place(_ isDescending: Bool) -> String {
        let sign = isDescending ? "<" : ">"
        let mark = goesByName ? "+" : ""
        return sort == .sequence ? "\(mark)seq \(sign) ?" : "(\(mark)\(sort.column), \(mark)seq) \(sign) (?, ?)"
    }

    private func order(_ isDescending: Bool, _ mark: String) -> String {
        let columns = sort == .sequence ? ["seq"] : [sort.column, "seq"]
        return columns.map { "\(mark)\($0) \(isDescending ? "DESC" : "ASC")" }.joined(separator: ", ")
    }

    /// The statement, for ``Reader/orders(_:)`` and for a look at its plan. Rows are found by number first, so that only
    /// those of the page are read whole.
    fileprivate var statement: (sql: String, arguments: StatementArguments) {
        let (sql, arguments) = conditions
        let whole = sql.isEmpty ? "" : "WHERE " + sql.joined(separator: " AND ")
        let by = index.map { "INDEXED BY \($0)" } ?? ""
        let inner = order(isDescending != isAhead, goesByName ? "+" : "")
        return (
            """
            SELECT * FROM work_order WHERE seq IN (
                SELECT seq FROM work_order \(by) \(whole) ORDER BY \(inner) LIMIT ?)
            ORDER BY \(order(isDescending, ""))
            """, StatementArguments(arguments + [limit])
        )
    }
}

/// A place in a sorted list of orders: what the order there is sorted by, and its `seq`.
public struct OrderCursor: Sendable, Equatable {
    var value: String
    var seq: Int64

    /// - Parameter text: as ``text`` has it; nil when it is no place in a list that is sorted so.
    public init?(_ text: String, _ sort: OrderSearch.Sort) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let seq = Int64(parts[1]) else { return nil }
        let value = String(parts[0])
        guard sort == .state ? OrderState(rawValue: value) != nil : Int64(value) != nil else { return nil }
        (self.value, self.seq) = (value, seq)
    }

    init(_ order: OrderRecord, _ sort: OrderSearch.Sort) {
        seq = order.seq
        switch sort {
        case .sequence: value = "\(order.seq)"
        case .raised: value = "\(order.raisedAt.microseconds)"
        case .priority: value = "\(order.priority)"
        case .state: value = order.state.rawValue
        case .seen: value = "\(order.lastSeenAt.microseconds)"
        case .occurrences: value = "\(order.occurrences)"
        }
    }

    public var text: String { "\(value).\(seq)" }

    fileprivate func arguments(_ sort: OrderSearch.Sort) -> [(any DatabaseValueConvertible)?] {
        switch sort {
        case .sequence: [seq]
        case .state: [value, seq]
        default: [Int64(value) ?? 0, seq]
        }
    }
}

/// A part of a list, with the ways on and back.
public struct OrderPage: Sendable {
    public var orders: [OrderRecord]
    /// The end of this part, where something follows it.
    public var next: OrderCursor?
    /// Its beginning, where something comes before it.
    public var previous: OrderCursor?
}

extension Reader {
    /// In the order that is asked for: the newest first without another.
    public func orders(_ search: OrderSearch) throws -> [OrderRecord] {
        let (sql, arguments) = search.statement
        return try rows(sql, arguments).map(Self.order)
    }

    /// The same with the ways on and back.
    public func orderPage(_ search: OrderSearch) throws -> OrderPage {
        var wider = search
        wider.limit += 1
        var found = try orders(wider)
        let hasMore = found.count > search.limit
        func cursor(_ order: OrderRecord?) -> OrderCursor? { order.map { OrderCursor($0, search.sort) } }
        switch search.page {
        case .first:
            if hasMore { found.removeLast() }
            return OrderPage(orders: found, next: hasMore ? cursor(found.last) : nil)
        case .after(let place):
            if hasMore { found.removeLast() }
            return OrderPage(
                orders: found, next: hasMore ? cursor(found.last) : nil, previous: cursor(found.first) ?? place)
        case .ahead(let place):
            if hasMore { found.removeFirst() }
            return OrderPage(
                orders: found, next: cursor(found.last) ?? place, previous: hasMore ? cursor(found.first) : nil)
        }
    }

    /// How SQLite finds them (`EXPLAIN QUERY PLAN`), a line for each step.
    public func plan(of search: OrderSearch) throws -> [String] {
        let (sql, arguments) = search.statement
        return try rows("EXPLAIN QUERY PLAN \(sql)", arguments).map { $0["detail"] }
    }
}

enum OrderLists {
    /// What orders are listed by. Each index of a rare thing holds all columns that a list is narrowed and sorted by; those of
    /// a sort hold what nearly all orders share.
    static let schema = """
        CREATE INDEX work_order_of_time ON work_order (raised_at, seq, \(rest), asset, class, state);
        CREATE INDEX work_order_of_asset ON work_order (asset, raised_at, seq, \(rest), class, state);
        CREATE INDEX work_order_of_class ON work_order (class, raised_at, seq, \(rest), asset, state);
        CREATE INDEX work_order_of_state ON work_order (state, seq, raised_at, \(rest));
        CREATE INDEX work_order_of_open ON work_order (raised_at, seq, \(rest), asset, class, state)
            WHERE state IN ('open', 'inProgress');
        CREATE INDEX work_order_priority ON work_order (priority, seq, connector);
        CREATE INDEX work_order_seen ON work_order (last_seen_at, seq, priority, connector);
        CREATE INDEX work_order_occurrences ON work_order (occurrences, seq, priority, connector);
        """

    private static let rest = "priority, last_seen_at, occurrences, connector, delivery"
}
