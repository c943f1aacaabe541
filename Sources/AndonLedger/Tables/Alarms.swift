import AndonModel
import AndonSQL

extension Transaction {
    /// Raises an alarm once: while it is up, the same again changes nothing.
    public func alarm(_ kind: String, subject: String, _ detail: String) throws {
        let raised = try run(
            "INSERT INTO alarm (at, kind, subject, detail) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [now.microseconds, kind, subject, detail])
        alarmsKnown[kind]?.insert(subject)
        if raised > 0 { try record("alarm.raised", of: subject, ["kind": .string(kind), "detail": .string(detail)]) }
    }

    public func clearAlarm(_ kind: String, subject: String) throws {
        guard try alarmsUp(kind).contains(subject) else { return }
        let cleared = try run(
            "UPDATE alarm SET cleared_at = ? WHERE kind = ? AND subject = ? AND cleared_at IS NULL",
            [now.microseconds, kind, subject])
        alarmsKnown[kind]?.remove(subject)
        if cleared > 0 { try record("alarm.cleared", of: subject, ["kind": .string(kind)]) }
    }

    /// A newer order has taken the place of one that had ended when its defect was seen again.
    public func clearSeenAfterEnd() throws {
        guard try !alarmsUp(Alarms.seenAfterEnd).isEmpty else { return }
        let subjects = try reader.rows(
            """
            SELECT a.subject FROM alarm a JOIN work_order w ON w.reference = a.subject
            WHERE a.kind = ? AND a.cleared_at IS NULL AND EXISTS (
                SELECT 1 FROM work_order n WHERE n.asset = w.asset AND n.class = w.class AND n.seq > w.seq) ORDER BY a.id
            """, [Alarms.seenAfterEnd])
        for row in subjects { try clearAlarm(Alarms.seenAfterEnd, subject: row["subject"]) }
    }

    /// Each attempt that succeeds clears what is mostly not up: one question serves a whole batch.
    private func alarmsUp(_ kind: String) throws -> Set<String> {
        if let known = alarmsKnown[kind] { return known }
        let rows = try reader.rows("SELECT subject FROM alarm WHERE kind = ? AND cleared_at IS NULL", [kind])
        let found = Set(rows.map { $0["subject"] as String })
        alarmsKnown[kind] = found
        return found
    }
}

extension Reader {
    public func alarms() throws -> [(at: Timestamp, kind: String, subject: String, detail: String)] {
        try rows(Alarms.up).map {
            (Timestamp($0, "at"), $0["kind"], $0["subject"], $0["detail"])
        }
    }

    public func countOfAlarms() throws -> Int {
        try count(Alarms.countOfUp)
    }
}

public enum Alarms {
    /// Of an order that had ended in its CMMS when something was seen that joined it.
    public static let seenAfterEnd = "seen-after-end"

    // From the index that has those that are up alone: cleared ones stay for good.
    static let up = "SELECT * FROM alarm INDEXED BY alarm_up WHERE cleared_at IS NULL ORDER BY id"
    static let countOfUp = "SELECT COUNT(*) FROM alarm INDEXED BY alarm_up WHERE cleared_at IS NULL"
}
