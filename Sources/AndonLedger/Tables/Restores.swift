import AndonModel
import AndonSQL

/// Data folders that came out of a backup, or are of an earlier time for another reason.
///
/// What the server did after that time, its CMMS has, and this store does not know of. So whatever is done for an
/// order that was in the backup is looked for first, once, as after an attempt without an answer. Orders that are raised from
/// here on have references of their own, and nothing of them can be there.
enum Restores {
    /// `orders` is the number of the newest order that was in the backup.
    static let schema = """
        CREATE TABLE restored (id TEXT PRIMARY KEY, at INTEGER NOT NULL, orders INTEGER NOT NULL);
        """

    /// Of a row of the outbox: whether its order was in a backup that this store came out of, and nobody has looked since. Where
    /// there was none, which is asked first, no order is looked up: PostgreSQL would keep a plan of when there were few.
    static let isDoubtful = """
        CASE WHEN EXISTS (SELECT 1 FROM restored) THEN EXISTS (
            SELECT 1 FROM restored r JOIN work_order w ON w.seq <= r.orders WHERE w.reference = outbox.reference
                AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.outbox_id = outbox.id AND a.started_at >= r.at))
        ELSE 0 = 1 END
        """
}

extension Transaction {
    /// From here on whatever is done for an order that is there is looked for in its CMMS first, once.
    ///
    /// - Parameter id: another one for each reason to doubt.
    /// - Returns: the number of the newest order, and whether that was not known.
    func doubtEarlierOrders(_ id: String) throws -> (newest: Int64, isNew: Bool) {
        let newest: Int64 = try reader.row("SELECT MAX(seq) AS seq FROM work_order")?["seq"] ?? 0
        let added = try run(
            "INSERT INTO restored (id, at, orders) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [id, now.microseconds, newest])
        return (newest, added > 0)
    }

    /// Takes note that this store came out of a backup: see ``RestoredNote``.
    ///
    /// - Returns: false where that is known already.
    func noteRestore(_ note: RestoredNote) throws -> Bool {
        let (newest, isNew) = try doubtEarlierOrders(note.id)
        guard isNew else { return false }
        try record(
            "store.restored", of: "store",
            [
                "backup": .string(note.backup), "entries": .integer(note.entries), "ordersUpTo": .integer(newest),
                "moved": .bool(note.isMove), "by": .string(note.person), "reason": .string(note.reason),
            ], names: ["/by"])
        return true
    }
}
