import AndonModel
import AndonSQL
import Foundation

/// One thing to be done in a CMMS, with its history: a row of the outbox.
///
/// States: `pending` waits for its time; `sending` has left, or is about to; `unknown` left without an answer and
/// must be looked for; `searching` is being looked for; `done`; `dead` needs a person. Rows of one ordering key
/// are worked on one at a time: the one whose turn it is has `is_head`. Creations, notes and changes go in the order of
/// their ids, and so do files, behind them (`Turns.swift`).
public struct OutboxRow: Sendable {
    public var id: Int64
    public var connector: String
    public var orderingKey: String
    public var reference: Reference
    public var effect: Effect.Kind
    public var payload: JSON
    public var attempts: Int
    public var searches: Int
    public var createdAt: Timestamp
    public var lastError: String?
}

/// A row that was handed out, with its attempt already on record.
public struct Claim: Sendable {
    public enum Action: String, Sendable {
        /// Do it.
        case send
        /// An earlier attempt had no answer: look for its trace first.
        case search
    }

    public var row: OutboxRow
    public var action: Action
    public var attemptID: Int64
    public var startedAt: Timestamp
    /// Grows each time that somebody takes the row: an attempt whose fence is not the row's any more has lost it.
    public var fence: Int64
}

/// How an attempt ended, for the transmission log.
public struct AttemptAnswer: Sendable {
    /// `done`, `found`, `not-found`, or the name of the error's case.
    public var outcome: String
    public var status: Int?
    public var latency: Duration
    public var remoteID: String?
    public var detail: String?
    /// Every exchange over the wire: method, address, digest of the request, status, latency.
    public var exchanges: JSON

    public init(
        outcome: String, status: Int? = nil, latency: Duration, remoteID: String? = nil, detail: String? = nil,
        exchanges: JSON = .array([])
    ) {
        self.outcome = outcome
        self.status = status
        self.latency = latency
        self.remoteID = remoteID
        self.detail = detail
        self.exchanges = exchanges
    }
}

/// One line of the transmission log.
public struct AttemptRecord: Sendable {
    public var effect: Effect.Kind
    public var number: Int
    public var action: String
    public var startedAt: Timestamp
    public var payloadDigest: String
    /// Nil while the answer is awaited.
    public var answer: AttemptAnswer?
}

extension Transaction {
    /// Adds a row; it is its key's turn at once when no other of the key is open, or when the one whose turn it is lets
    /// it pass.
    public func enqueue(
        _ effect: Effect.Kind, of reference: Reference, connector: String, orderingKey: String, payload: JSON,
        after delay: Duration = .zero
    ) throws {
        try enqueue(
            effect, of: reference, connector: connector, orderingKey: orderingKey, payloads: [payload], after: delay)
    }

    /// Adds rows of one effect and one key, which go in their order.
    public func enqueue(
        _ effect: Effect.Kind, of reference: Reference, connector: String, orderingKey: String, payloads: [JSON],
        after delay: Duration = .zero
    ) throws {
        guard !payloads.isEmpty else { return }
        let key = try standing(connector: connector, orderingKey: orderingKey)
        for (place, payload) in payloads.enumerated() {
            try insert(
                effect, of: reference, connector: connector, orderingKey: orderingKey, payload: payload,
                isHead: !key.isOpen && place == 0, due: now + delay)
        }
        if key.isOpen { try join(effect, isDue: delay <= .zero, key) }
    }

    /// Adds the first row of a key that nothing had before.
    func enqueueFirst(_ effect: Effect.Kind, of reference: Reference, connector: String, orderingKey: String) throws {
        try insert(
            effect, of: reference, connector: connector, orderingKey: orderingKey, payload: .null, isHead: true,
            due: now)
    }

    /// Adds rows behind one that is under way: the turn of their key is not theirs before that one's end.
    public func enqueue(_ effect: Effect.Kind, behind row: OutboxRow, payloads: [JSON]) throws {
        for payload in payloads {
            try insert(
                effect, of: row.reference, connector: row.connector, orderingKey: row.orderingKey, payload: payload,
                isHead: false, due: now)
        }
    }

    private func insert(
        _ effect: Effect.Kind, of reference: Reference, connector: String, orderingKey: String, payload: JSON,
        isHead: Bool, due: Timestamp
    ) throws {
        try post(
            """
            INSERT INTO outbox (connector, ordering_key, reference, effect, payload, state, is_head, attempts, searches,
                due_at, created_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, 0, 0, ?, ?)
            """,
            [
                connector, orderingKey, reference.text, effect.rawValue, payload.canonicalText, isHead,
                due.microseconds, now.microseconds,
            ])
    }

    func leave(_ item: OutboxRow, _ action: Claim.Action, fence: Int64) throws -> Leaving {
        var item = item
        switch action {
        case .send:
            item.attempts += 1
            item.searches = 0
        case .search: item.searches += 1
        }
        if item.effect == .append, item.payload == .null { item.payload = try occurrence(of: item.reference) }
        try post(
            """
            UPDATE outbox SET state = ?, attempts = ?, searches = ?, payload = ?, owner = ?, fence = ?
            WHERE id = ?
            """,
            [
                action == .send ? "sending" : "searching", item.attempts, item.searches,
                item.payload.canonicalText, server, fence, item.id,
            ])
        return Leaving(item, action, fence: fence)
    }

    /// Puts the attempts of these rows on record.
    func begin(_ leaving: [Leaving]) throws -> [Claim] {
        let attempts = try db.runInserts(
            leaving.map { item in
                DatabaseQuestion(
                    """
                    INSERT INTO attempt (outbox_id, number, action, started_at, payload_digest) VALUES (?, ?, ?, ?, ?)
                    """, [item.row.id, item.row.attempts, item.action.rawValue, now.microseconds, item.digest])
            })
        return try zip(leaving, attempts).map { item, attemptID in
            let (row, action) = (item.row, item.action)
            try record(
                "attempt.sent", of: row.reference.text,
                [
                    "action": .string(action.rawValue), "attempt": .integer(attemptID),
                    "connector": .string(row.connector), "effect": .string(row.effect.rawValue),
                    "number": .integer(row.attempts), "payloadSha256": .string(item.digest),
                ])
            return Claim(row: row, action: action, attemptID: attemptID, startedAt: now, fence: item.fence)
        }
    }

    /// What a note says is fixed when it first leaves, so that a later search looks for the same note.
    private func occurrence(of reference: Reference) throws -> JSON {
        guard let order = try reader.order(reference) else {
            throw StoreError.inconsistent("a note belongs to the order \(reference), which is not there")
        }
        return .object(present: [
            "count": .integer(order.occurrences), "added": .integer(order.occurrences - order.noted),
            "lastSeenAt": .time(order.lastSeenAt), "worstSeverity": order.worstSeverity.map { .number($0) },
            "priority": .integer(order.newestPriority),
        ])
    }

    /// Notes the end of an attempt in the transmission log and the ledger.
    ///
    /// - Parameter isLate: somebody else had the row when it ended.
    public func answered(_ claim: Claim, _ answer: AttemptAnswer, isLate: Bool = false) throws {
        try post(
            """
            UPDATE attempt SET answered_at = ?, outcome = ?, status = ?, latency_us = ?, remote_id = ?, detail = ?,
                exchanges = ? WHERE id = ?
            """,
            [
                now.microseconds, answer.outcome, answer.status, answer.latency.microseconds, answer.remoteID,
                answer.detail, answer.exchanges.canonicalText, claim.attemptID,
            ])
        try record(
            "attempt.answered", of: claim.row.reference.text,
            .object(present: [
                "attempt": .integer(claim.attemptID), "effect": .string(claim.row.effect.rawValue),
                "outcome": .string(answer.outcome), "status": answer.status.map { .integer($0) },
                "latencyMs": .number(answer.latency.milliseconds), "remoteId": answer.remoteID.map { .string($0) },
                "detail": answer.detail.map { .string($0.cut(to: 2000)) }, "exchanges": answer.exchanges,
                "late": isLate ? .bool(true) : nil,
            ]), names: ["/detail", "/exchanges"])
    }

    /// Puts a row back: to be sent again at `due`, or, when `unknown`, to be looked for. A search that itself
    /// failed does not count as one.
    public func putBack(
        _ claim: Claim, unknown: Bool, due: Timestamp, error: String, searchCounts: Bool = true
    ) throws {
        try run(
            "UPDATE outbox SET state = ?, due_at = ?, last_error = ?, searches = searches - ? WHERE id = ?",
            [
                unknown ? "unknown" : "pending", due.microseconds, error,
                claim.action == .search && !searchCounts ? 1 : 0, claim.row.id,
            ])
        // A file that must be tried again holds up nothing else; one that may have arrived must be looked for first.
        guard claim.row.effect == .attach, !unknown else { return }
        try run("UPDATE outbox SET is_head = 0 WHERE id = ?", [claim.row.id])
        try handTurn(connector: claim.row.connector, orderingKey: claim.row.orderingKey)
    }

    /// Ends a row and gives the turn to the next of its key.
    public func finish(_ row: OutboxRow, dead error: String? = nil) throws {
        try end(row, error)
        try handTurn(connector: row.connector, orderingKey: row.orderingKey)
    }

    /// Ends a row that is done, gives the turn to the next of its key, and puts a note into the outbox where one is due.
    public func finish(_ row: OutboxRow, notingBy policy: QueuePolicy) throws {
        try end(row, nil)
        let found = try db.rows(of: [
            turnQuestion(row.connector, row.orderingKey), NoteSQL.standing(of: row.reference),
        ])
        try handTurn(to: found[0])
        if let order = found[1].first { try enqueueNoteIfDue(row.reference, order, policy: policy) }
    }

    private func end(_ row: OutboxRow, _ error: String?) throws {
        try post(
            "UPDATE outbox SET state = ?, is_head = 0, last_error = ? WHERE id = ?",
            [error == nil ? "done" : "dead", error, row.id])
    }

    /// Makes the dead rows of an order (of all orders when nil) pending again. Returns how many.
    ///
    /// - Parameter reason: why, in the person's words.
    public func revive(
        _ reference: Reference?, connector: String?, by person: String, reason: String? = nil
    ) throws -> Int {
        let dead = try reader.rows(
            """
            SELECT * FROM outbox WHERE state = 'dead' AND (? IS NULL OR reference = ?) AND (? IS NULL OR connector = ?)
            ORDER BY id
            """, [reference?.text, reference?.text, connector, connector]
        ).map(Reader.outboxRow)
        for row in dead {
            try run(
                "UPDATE outbox SET state = 'pending', is_head = 0, due_at = ? WHERE id = ?", [now.microseconds, row.id])
            try join(
                row.effect, isDue: true, standing(connector: row.connector, orderingKey: row.orderingKey))
            if row.effect == .create {
                try run("UPDATE work_order SET delivery = 'waiting' WHERE reference = ?", [row.reference.text])
            }
            try clearAlarm("dead-letter", subject: row.reference.text)
            try record(
                "outbox.revived", of: row.reference.text,
                .object(present: [
                    "effect": .string(row.effect.rawValue), "by": .string(person),
                    "why": reason.map { .string($0) },
                ]), names: ["/by"])
        }
        return dead.count
    }

    /// Somebody has set the clock by which rows wait: what was to pass until they are due passes all the same. A pause between
    /// two searches that a jump made shorter would send an order twice, and one that it made longer would keep it back.
    ///
    /// - Parameter ofAll: whether all rows wait by this server's clock, and not its own alone.
    func shiftWaits(by jump: Duration, ofAll: Bool) throws {
        try run(
            """
            UPDATE outbox SET due_at = due_at + ? WHERE state IN ('pending', 'unknown') AND (? = 1 OR owner = ?)
            """, [jump.microseconds, ofAll, server])
    }

    /// The CMMS has the order: from here on its pictures and notes can go.
    public func acknowledge(_ reference: Reference, _ receipt: Receipt) throws {
        try post(
            """
            UPDATE work_order SET delivery = 'acknowledged', acknowledged_at = COALESCE(acknowledged_at, ?),
                remote_id = ?, remote_number = ?, remote_link = ? WHERE reference = ?
            """, [now.microseconds, receipt.remoteID, receipt.number, receipt.link, reference.text])
    }

    /// The CMMS has all that it was to have first, where no file waits any more.
    public func completeUnlessFilesWait(_ reference: Reference) throws {
        try post(
            """
            UPDATE work_order SET completed_at = ? WHERE reference = ? AND completed_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM outbox o WHERE o.reference = work_order.reference AND o.effect = 'attach'
                    AND o.state NOT IN ('done', 'dead'))
            """, [now.microseconds, reference.text])
    }

    public func markDead(_ reference: Reference) throws {
        try run("UPDATE work_order SET delivery = 'dead' WHERE reference = ?", [reference.text])
    }

    /// Notes that the CMMS has been told of `count` occurrences.
    public func noted(_ count: Int, of reference: Reference) throws {
        try run("UPDATE work_order SET noted = MAX(noted, ?) WHERE reference = ?", [count, reference.text])
    }
}

extension Reader {
    static func outboxRow(_ row: Row) throws -> OutboxRow {
        guard let reference = Reference(row["reference"]), let effect = Effect.Kind(rawValue: row["effect"]) else {
            throw StoreError.inconsistent("the outbox row \(row["id"] as Int64) has no reference or effect")
        }
        return OutboxRow(
            id: row["id"], connector: row["connector"], orderingKey: row["ordering_key"], reference: reference,
            effect: effect, payload: try JSON(parsing: row["payload"] as String), attempts: row["attempts"],
            searches: row["searches"], createdAt: Timestamp(row, "created_at"), lastError: row["last_error"])
    }

    /// Whether a further note about the order waits or is under way.
    public func hasOpenRow(_ reference: Reference, effect: Effect.Kind) throws -> Bool {
        try count(
            "SELECT COUNT(*) FROM outbox WHERE reference = ? AND effect = ? AND state NOT IN ('done', 'dead')",
            [reference.text, effect.rawValue]) > 0
    }

    /// Pictures of the order's occurrences that the CMMS was not sent yet, newest first.
    public func picturesNotAttached(_ reference: Reference, limit: Int) throws -> [String] {
        try rows(
            """
            SELECT i.picture AS picture, MAX(i.seq) AS newest FROM detection d JOIN inspection i
            ON i.seq = d.inspection_seq JOIN picture p ON p.sha256 = i.picture
            WHERE d.reference = ? AND p.removed_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM outbox o WHERE o.reference = d.reference AND o.effect = 'attach'
                AND o.payload LIKE '%' || i.picture || '%')
            GROUP BY i.picture ORDER BY newest DESC LIMIT ?
            """, [reference.text, limit]
        ).map { $0["picture"] }
    }

    /// Rows that need a person, oldest first.
    public func deadLetters(limit: Int = 1000) throws -> [OutboxRow] {
        try rows("SELECT * FROM outbox WHERE state = 'dead' ORDER BY id LIMIT ?", [limit]).map(Self.outboxRow)
    }

    /// The transmission log of an order.
    public func attempts(of reference: Reference) throws -> [AttemptRecord] {
        try rows(
            """
            SELECT a.*, o.effect AS effect FROM attempt a JOIN outbox o ON o.id = a.outbox_id
            WHERE o.reference = ? ORDER BY a.id
            """, [reference.text]
        ).compactMap { row in
            guard let effect = Effect.Kind(rawValue: row["effect"]) else { return nil }
            var answer: AttemptAnswer?
            if let outcome: String = row["outcome"] {
                answer = AttemptAnswer(
                    outcome: outcome, status: row["status"], latency: .microseconds(row["latency_us"] as Int64),
                    remoteID: row["remote_id"], detail: row["detail"],
                    exchanges: try JSON(parsing: row["exchanges"] as String))
            }
            return AttemptRecord(
                effect: effect, number: row["number"], action: row["action"], startedAt: Timestamp(row, "started_at"),
                payloadDigest: row["payload_digest"], answer: answer)
        }
    }

    /// How a connector's queue stands: what waits, what is dead, and what the oldest waiting effect last failed of.
    public func queue(connector: String) throws -> (waiting: Int, dead: Int, lastError: String?) {
        let waiting = try count(
            "SELECT COUNT(*) FROM outbox WHERE connector = ? AND state NOT IN ('done', 'dead')", [connector])
        let dead = try count("SELECT COUNT(*) FROM outbox WHERE connector = ? AND state = 'dead'", [connector])
        let failed = try row(
            """
            SELECT last_error FROM outbox WHERE connector = ? AND state NOT IN ('done', 'dead')
                AND last_error IS NOT NULL ORDER BY id LIMIT 1
            """, [connector])
        return (waiting, dead, failed?["last_error"])
    }

    /// A line for everything that a CMMS does not have yet, oldest first: reference, what, state, why.
    public func undelivered() throws -> [String] {
        try rows("SELECT * FROM outbox WHERE state <> 'done' ORDER BY id").map { row in
            let why = (row["last_error"] as String?).map { ": \($0)" } ?? ""
            let state: String = row["state"]
            let since = Timestamp(row, "created_at")
            return "\(row["reference"] as String)  \(row["connector"] as String)  \(row["effect"] as String)  "
                + "\(state == "dead" ? "dead" : "waiting")  since \(since), \(row["attempts"] as Int) attempts\(why)"
        }
    }
}
