import AndonModel
import AndonSQL

/// Notes about further occurrences: each tells of a number of them, and none of what another has told.
///
/// A note that the CMMS refused is a dead letter, and a person's to decide on. It does not go again under another
/// number; the next one goes when there is more to tell, and tells of all that nobody told. A person who sends the dead
/// one again after that sends nothing.
extension Transaction {
    /// Whether a note that would leave now has nothing to tell: another told of its occurrences meanwhile.
    func isTold(_ row: OutboxRow) throws -> Bool {
        guard row.effect == .append, row.payload == .null || row.payload["count"] != nil,
            let order = try reader.row(
                "SELECT occurrences, noted FROM work_order WHERE reference = ?", [row.reference.text])
        else { return false }
        return row.payload["count"]?.integer ?? order["occurrences"] <= order["noted"]
    }

    /// Ends a note that another made needless.
    func supersede(_ row: OutboxRow) throws {
        try finish(row)
        try record(
            "outbox.superseded", of: row.reference.text,
            .object(present: ["effect": .string(row.effect.rawValue), "count": row.payload["count"]]))
    }
}

enum NoteSQL {
    /// What decides whether a note about an order is due.
    static func standing(of reference: Reference) -> DatabaseQuestion {
        DatabaseQuestion(
            "SELECT connector, asset, delivery, state, occurrences, noted FROM work_order WHERE reference = ?",
            [reference.text])
    }
}

extension Reader {
    /// The most occurrences that a note told of which is a dead letter, of the order as it was last created; 0 where there is
    /// none.
    func occurrencesOfDeadNotes(_ reference: Reference) throws -> Int {
        let payloads = try rows(
            """
            SELECT payload FROM outbox WHERE reference = ? AND effect = 'append' AND state = 'dead' AND id > COALESCE(
                (SELECT MAX(c.id) FROM outbox c WHERE c.reference = ? AND c.effect = 'create'), 0)
            """, [reference.text, reference.text])
        return try payloads.compactMap { try JSON(parsing: $0["payload"] as String)["count"]?.integer }.max() ?? 0
    }
}
