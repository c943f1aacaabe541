import AndonModel
import AndonSQL

/// Orders change with many entries: each row is held against the newest, what is counted for it is counted again.
extension FactsVerifier {
    func checkOrders() throws {
        let orders = try FactCursor(reader.db, .order)
        while !orders.isAtEnd {
            try check(orders)
            try orders.advance()
        }
        let strays = try reader.rows(
            "SELECT number FROM order_change WHERE reference NOT IN (SELECT reference FROM work_order) LIMIT 100")
        for row in strays { try fault("order_change", FactCursor.words(row[0]), nil, Self.stray) }
    }

    private func check(_ order: FactCursor) throws {
        let reference = try order.text(7) ?? order.names().row
        var isNewest = true
        var isNamed = false
        let sql = """
            SELECT idx, kind, subject, entry FROM ledger WHERE subject = ? AND \(FactTable.aboutOrder) ORDER BY idx DESC
            """
        let cursor = try reader.db.rawRows(sql, [reference], of: "the ledger")
        while !isNamed, let raw = try cursor.next() {
            guard let entry = FactEntry(raw) else { continue }
            if isNewest { try checkRow(order, reference, entry) }
            isNewest = false
            isNamed = try checkNames(order, reference, entry)
        }
        if !isNewest, !isNamed {
            // No CMMS has said anything of it yet.
            for (place, column) in [(Int32(0), "assignee"), (1, "closure")] where !order.value(place).isNull {
                try fault("work_order", reference, nil, "\(column) is there, and no entry says so")
            }
        }
        try checkCounted(order, reference)
    }

    private func checkRow(_ order: FactCursor, _ reference: String, _ entry: FactEntry) throws {
        guard let digest = entry.digest(.row) else { return uncovered("work_order") }
        if order.rowDigest == digest {
            result.rows += 1
        } else {
            try fault("work_order", reference, entry.index, Self.altered)
        }
        let changes = try reader.db.digest(.change, "WHERE reference = ? ORDER BY number", [reference])
        guard changes != entry.digest(.changes) else { return }
        try fault("order_change", "of \(reference)", entry.index, "the rows are not what the entry says")
    }

    /// - Returns: whether this entry says who has the order, and how it ended.
    private func checkNames(_ order: FactCursor, _ reference: String, _ entry: FactEntry) throws -> Bool {
        guard FactTable.tellsState(entry.kind) else { return false }
        let body = try entry.parsed().body
        // What we cancelled ourselves names nobody.
        guard body["connector"] == nil else { return false }
        try compareName("work_order", reference, "assignee", order.value(0), body, "/assignee", entry.index)
        try compareName(
            "work_order", reference, "closure's technician", order.value(1), body, "/closure/technician", entry.index)
        return true
    }

    /// What no entry says, and the detections and attempts do.
    private func checkCounted(_ order: FactCursor, _ reference: String) throws {
        let found = try reader.row(
            "SELECT COUNT(*), MAX(detected_at), MAX(severity) FROM detection WHERE reference = ?", [reference])
        let newest = try reader.row(
            "SELECT priority FROM detection WHERE reference = ? ORDER BY rowid DESC LIMIT 1", [reference])
        guard let found, let newest else { return }
        let counted: [(Int32, String, DatabaseValue)] = [
            (2, "occurrences", found[0]), (3, "last_seen_at", found[1]), (4, "worst_severity", found[2]),
            (5, "newest_priority", newest[0]),
        ]
        for (place, column, value) in counted where order.value(place) != value {
            try fault(
                "work_order", reference, nil, "\(column) is not what the detections make (\(FactCursor.words(value)))")
        }
        guard !order.value(6).isNull else { return }
        let isTold = try reader.count(
            """
            SELECT COUNT(*) FROM outbox o JOIN attempt a ON a.outbox_id = o.id
            WHERE o.reference = ? AND a.answered_at = ?
            """, [reference, order.value(6)])
        if isTold == 0 {
            try fault("work_order", reference, nil, "completed_at is the time of no answer")
        }
    }
}
