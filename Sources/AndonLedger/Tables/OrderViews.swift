import AndonModel
import AndonSQL

/// A list of orders that somebody gave a name: what it is narrowed to and sorted by.
public struct OrderView: Sendable, Equatable {
    public var id: Int64
    /// The number of the account whose it is; nil for everybody's.
    public var owner: Int64?
    public var name: String
    /// The list's address behind the `?`, in the one order of its parts.
    public var query: String
    public var madeAt: Timestamp
}

enum OrderViews {
    static let schema = """
        CREATE TABLE order_view (
            id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER, name TEXT NOT NULL, query TEXT NOT NULL,
            made_at INTEGER NOT NULL);
        CREATE UNIQUE INDEX order_view_name ON order_view (COALESCE(owner, 0), name);
        """
}

extension Reader {
    /// Everybody's first, then the account's own; each by name.
    public func orderViews(of owner: Int64?) throws -> [OrderView] {
        try rows(
            "SELECT * FROM order_view WHERE owner IS NULL OR owner = ? ORDER BY owner IS NOT NULL, name, id", [owner]
        ).map(Self.orderView)
    }

    public func orderView(_ id: Int64) throws -> OrderView? {
        try row("SELECT * FROM order_view WHERE id = ?", [id]).map(Self.orderView)
    }

    private static func orderView(_ row: Row) -> OrderView {
        OrderView(
            id: row["id"], owner: row["owner"], name: row["name"], query: row["query"],
            madeAt: Timestamp(row, "made_at"))
    }

    /// Whether the owner has another view of this name.
    private func isTaken(_ name: String, owner: Int64?, but id: Int64?) throws -> Bool {
        try count(
            "SELECT COUNT(*) FROM order_view WHERE COALESCE(owner, 0) = ? AND name = ? AND id <> ?",
            [owner ?? 0, name, id ?? 0]) > 0
    }

    /// What a name must be, in the problem's words where it is not.
    fileprivate func checked(_ name: String, owner: Int64?, but id: Int64? = nil) throws -> String {
        let name = name.asOneLine
        guard !name.isEmpty, name.count <= OrderView.nameMax else {
            throw OrderView.problem("A view needs a name of 1 to \(OrderView.nameMax) characters.")
        }
        guard try !isTaken(name, owner: owner, but: id) else {
            throw OrderView.problem(
                "There is a view \"\(name)\" already; choose another name, or delete that one first.")
        }
        return name
    }
}

extension OrderView {
    public static var nameMax: Int { 60 }
    /// Bytes of a list's address at most.
    public static var queryMax: Int { 1000 }
    /// Views of one account, and of everybody, at most.
    public static var countMax: Int { 50 }

    fileprivate static func problem(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-view", title: "The view cannot be kept", detail: detail)
    }

    fileprivate var subject: String { "view/\(id)" }

    fileprivate var json: JSON {
        .object(present: [
            "name": .string(name), "query": .string(query), "account": owner.map { .integer($0) },
        ])
    }
}

extension Transaction {
    /// Keeps a view under a name.
    ///
    /// - Parameter person: who does it, as the ledger says it.
    /// - Throws: ``Problem`` 422 for a name that is none or is taken, and where there are too many.
    @discardableResult
    public func saveOrderView(
        _ name: String, query: String, owner: Int64?, by person: String
    ) throws -> OrderView {
        let name = try reader.checked(name, owner: owner)
        guard query.utf8.count <= OrderView.queryMax else {
            throw OrderView.problem("The list has more conditions than a view holds; leave some out.")
        }
        let count = try reader.count("SELECT COUNT(*) FROM order_view WHERE COALESCE(owner, 0) = ?", [owner ?? 0])
        guard count < OrderView.countMax else {
            throw OrderView.problem("There are \(count) views already, and no more are kept; delete one first.")
        }
        let id = try runInsert(
            "INSERT INTO order_view (owner, name, query, made_at) VALUES (?, ?, ?, ?)",
            [owner, name, query, now.microseconds])
        let view = OrderView(
            id: id, owner: owner, name: name, query: query, madeAt: now)
        try record("view.saved", of: view.subject, ["view": view.json, "by": .string(person)], names: ["/by"])
        return view
    }

    /// Gives a view another name.
    ///
    /// - Throws: ``Problem`` 422 for a name that is none or is taken.
    public func rename(_ view: OrderView, to name: String, by person: String) throws {
        let name = try reader.checked(name, owner: view.owner, but: view.id)
        try run("UPDATE order_view SET name = ? WHERE id = ?", [name, view.id])
        try record(
            "view.renamed", of: view.subject,
            ["before": view.json, "name": .string(name), "by": .string(person)], names: ["/by"])
    }

    public func delete(_ view: OrderView, by person: String) throws {
        try run("DELETE FROM order_view WHERE id = ?", [view.id])
        try record("view.removed", of: view.subject, ["before": view.json, "by": .string(person)], names: ["/by"])
    }
}
