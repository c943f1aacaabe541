import AndonModel
import AndonSQL

/// A server that works on this store, as the database has it.
public struct ServerRecord: Sendable, Equatable {
    /// Made at its start.
    public var id: String
    /// For people: its machine and process.
    public var name: String
    /// The digest of the configuration that it read; nil before it has read one.
    public var configuration: String?
    /// When others may take its work, by the database's clock, where it does not say once more that it lives.
    public var freeAt: Timestamp

    public init(id: String, name: String, configuration: String?, freeAt: Timestamp) {
        (self.id, self.name, self.configuration, self.freeAt) = (id, name, configuration, freeAt)
    }
}

/// The newest changes of what servers keep in memory: the same where nothing was changed.
public struct SharedChanges: Sendable, Equatable {
    /// Of what people changed in the interface.
    public var setting: Int64?
    /// Of the CMMS's registries.
    public var registry: Int64?
}

/// Servers that work on one store, and what each of them has under way.
///
/// A row of the outbox that is under way has an owner, and a fence: a number that grows each time that somebody takes the
/// row. A server says now and then that it lives. What a server has under way that has not said so for as long as it promised
/// is taken from it: its fence grows, and the row must be looked for in the CMMS. Every transaction that writes has the
/// schema's lock, so each of these is one conditional statement, and no row need be locked by itself.
enum Servers {
    static let schema = """
        CREATE TABLE server (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, configuration TEXT, started_at INTEGER NOT NULL,
            free_at INTEGER NOT NULL);
        ALTER TABLE outbox ADD COLUMN owner TEXT;
        ALTER TABLE outbox ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX outbox_owner ON outbox (owner) WHERE state IN ('sending', 'searching');
        """

    /// Rows of servers that ended are kept so long after the end of their leases, for people.
    static let keptAfter: Duration = .seconds(86_400)
}

extension Transaction {
    /// By the clock that all servers of the store share.
    private func sharedNow() throws -> Timestamp {
        try db.sharedClock().map { Timestamp(microseconds: $0) } ?? now
    }

    /// Says that this server lives, and that others may take its work when it has not said so again after `duration`.
    public func keepLease(name: String, configuration: String?, for duration: Duration) throws {
        let now = try sharedNow()
        try run(
            """
            INSERT INTO server (id, name, configuration, started_at, free_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET free_at = excluded.free_at, configuration = excluded.configuration
            """,
            [server, name, configuration, now.microseconds, (now + duration).microseconds])
        try run("DELETE FROM server WHERE free_at < ?", [(now - Servers.keptAfter).microseconds])
    }

    /// Ends this server's lease: what it has under way, if it has, is free at once.
    public func endLease() throws { try run("DELETE FROM server WHERE id = ?", [server]) }

    /// Takes what servers have under way that are not there any more: it may or may not have arrived, and must be looked
    /// for. Where no other process can write, every other server is gone.
    ///
    /// The searches begin anew: one that did not end says nothing, and how long ago another one ended is not known, since the
    /// clock may have been set meanwhile.
    ///
    /// - Returns: how many rows.
    public func takeOver() throws -> Int {
        let clock = try db.sharedClock() ?? .max
        if clock == .max {
            try run(
                """
                UPDATE outbox SET searches = 0, due_at = MIN(due_at, ?)
                WHERE state = 'unknown' AND (owner IS NULL OR owner <> ?)
                """, [now.microseconds, server])
        }
        return try run(
            """
            UPDATE outbox SET state = 'unknown', searches = 0, due_at = ?, owner = NULL, fence = fence + 1
            WHERE state IN ('sending', 'searching') AND (owner IS NULL OR owner <> ?)
                AND NOT EXISTS (SELECT 1 FROM server s WHERE s.id = outbox.owner AND s.free_at > ?)
            """, [now.microseconds, server, clock])
    }

    /// Whether the row is still this attempt's: nobody has taken it meanwhile, nor has its order been raised again, which ended it.
    ///
    /// - Parameter withOrder: whether the order that the row is of is wanted too.
    /// - Returns: `isOver` where the row has ended without this attempt, and without anybody else's.
    public func held(
        _ claim: Claim, withOrder: Bool = false
    ) throws -> (isOwn: Bool, isOver: Bool, order: WorkOrder?) {
        var questions = [
            DatabaseQuestion("SELECT state FROM outbox WHERE id = ? AND fence = ?", [claim.row.id, claim.fence])
        ]
        if withOrder {
            questions.append(
                DatabaseQuestion("SELECT document FROM work_order WHERE reference = ?", [claim.row.reference.text]))
        }
        let found = try db.rows(of: questions)
        let order = withOrder ? try found[1].first.map { try WorkOrder(kept: $0["document"]) } : nil
        let state: String? = found[0].first?["state"]
        return (state == "sending" || state == "searching", state == "done", order)
    }
}

extension Reader {
    /// The servers whose leases hold, the one that has been there for longest first.
    public func servers() throws -> [ServerRecord] {
        try rows("SELECT * FROM server WHERE free_at > ? ORDER BY started_at, id", [try db.sharedClock() ?? 0]).map {
            ServerRecord(
                id: $0["id"], name: $0["name"], configuration: $0["configuration"], freeAt: Timestamp($0, "free_at"))
        }
    }

    /// How far what servers keep in memory has been changed in the store.
    public func sharedChanges() throws -> SharedChanges {
        func newest(_ sql: String) throws -> Int64? { try row(sql)?["newest"] }
        return SharedChanges(
            setting: try newest("SELECT MAX(id) AS newest FROM setting_change"),
            registry: try newest("SELECT MAX(read_at) AS newest FROM registry"))
    }

    /// Whether the effect waits or is under way.
    public func isOpen(_ row: OutboxRow) throws -> Bool {
        try count("SELECT COUNT(*) FROM outbox WHERE id = ? AND state NOT IN ('done', 'dead')", [row.id]) > 0
    }
}
