import AndonModel
import AndonSQL

/// How much an effect presses: an order that nobody in the plant sees yet before news of one that they see, and that
/// before the files that illustrate it.
public enum Urgency: Int, Sendable, CaseIterable {
    case creation = 0
    /// Notes, moved dates, orders that are taken back.
    case change = 1
    /// Pictures, charts, maps, sheets, long texts: they must be drawn, and are sent in megabytes.
    case file = 2

    public init(_ effect: Effect.Kind) {
        switch effect {
        case .create: self = .creation
        case .attach: self = .file
        case .append, .reschedule, .withdraw: self = .change
        }
    }
}

/// Whose turn it is among what is ready: weighted round robin over the three urgencies.
///
/// Of eight attempts in a row one looks for a change first and one for a file first; the other six, and these two where
/// there is none, take the most urgent. So a file never waits for more than seven attempts before the oldest ready file
/// leaves, however many orders come, and a burst of files costs a new order one eighth of the attempts at most.
public struct Turns: Sendable {
    static let cycle: [[Urgency]] = {
        let usual = Urgency.allCases
        let change: [Urgency] = [.change, .creation, .file]
        let file: [Urgency] = [.file, .creation, .change]
        return [usual, usual, usual, change, usual, usual, usual, file]
    }()

    private var given = 0

    public init() {}

    var preference: [Urgency] { Self.cycle[given % Self.cycle.count] }

    mutating func next() { given = (given + 1) % Self.cycle.count }
}

/// The statements by which turns are given. All of them find their rows in an index, however long the queue is.
enum TurnSQL {
    /// `urgency` follows from the effect. `passed` counts how often a later row of the same key went before this file.
    /// At most one row of a key has the turn.
    static let schema = """
        ALTER TABLE outbox ADD COLUMN urgency INTEGER
            GENERATED ALWAYS AS (CASE effect WHEN 'create' THEN 0 WHEN 'attach' THEN 2 ELSE 1 END) VIRTUAL;
        ALTER TABLE outbox ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
        DROP INDEX outbox_claim;
        DROP INDEX outbox_order;
        CREATE INDEX outbox_claim ON outbox (connector, urgency, due_at, id)
            WHERE is_head = 1 AND state IN ('pending', 'unknown');
        CREATE INDEX outbox_turn ON outbox (connector, ordering_key, urgency, id) WHERE state NOT IN ('done', 'dead');
        CREATE UNIQUE INDEX outbox_head ON outbox (connector, ordering_key) WHERE is_head = 1;
        """

    /// The first of each urgency that are ready. Parameters: connector, time, how many of each.
    static let ready = {
        let parts = Urgency.allCases.map { urgency in
            """
            SELECT * FROM (SELECT outbox.*, \(Restores.isDoubtful) AS is_doubtful FROM outbox
                WHERE connector = ?1 AND urgency = \(urgency.rawValue) AND is_head = 1 AND state IN ('pending', 'unknown')
                    AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3) AS u\(urgency.rawValue)
            """
        }
        return parts.joined(separator: " UNION ALL ")
    }()
    static let nextDue = """
        SELECT MIN(due_at) AS due FROM outbox WHERE connector = ? AND urgency = ? AND is_head = 1
            AND state IN ('pending', 'unknown')
        """

    /// Who may have the turn of a key: the oldest creation, the oldest change that is in time, the oldest file, and the oldest change
    /// of all. A note is early whose time has not come, and that has not been tried. Parameters: connector, key, time.
    static let candidates = {
        let inTime = "AND NOT (effect = 'append' AND attempts = 0 AND due_at > ?3)"
        let parts = [
            (Candidate.creation, Urgency.creation, ""), (.change, .change, inTime), (.file, .file, ""),
            (.early, .change, ""),
        ].map { candidate, urgency, condition in
            """
            SELECT * FROM (SELECT \(candidate.rawValue) AS candidate, id, passed, due_at FROM outbox
                WHERE connector = ?1 AND ordering_key = ?2 AND urgency = \(urgency.rawValue)
                    AND state NOT IN ('done', 'dead') \(condition) ORDER BY id LIMIT 1) AS c\(candidate.rawValue)
            """
        }
        return parts.joined(separator: " UNION ALL ")
    }()

    enum Candidate: Int {
        case creation, change, file, early
    }

    /// Whether a row of a key waits or is under way, and which has the turn. Parameters: connector, key.
    static let standing = """
        SELECT o.is_open, h.id, h.effect, h.state, h.attempts, h.passed, h.due_at FROM (SELECT EXISTS (
            SELECT 1 FROM outbox WHERE connector = ?1 AND ordering_key = ?2 AND state NOT IN ('done', 'dead')) AS is_open) AS o
        LEFT JOIN outbox h ON h.connector = ?1 AND h.ordering_key = ?2 AND h.is_head = 1
        """
}

/// How a key of the outbox stands.
struct KeyStanding {
    let connector: String
    let orderingKey: String
    /// Whether a row of it waits or is under way.
    let isOpen: Bool
    /// The row whose turn it is.
    let head: Head?

    struct Head {
        let id: Int64
        let effect: String
        let isPending: Bool
        let attempts: Int
        let passed: Int
        let due: Timestamp

        /// Whether it lets pass what has joined. What has left, or may have, keeps its turn.
        ///
        /// - Parameter presses: whether what joined is due, and more urgent than files.
        func stepsAside(for presses: Bool, now: Timestamp, passesMax: Int) -> Bool {
            guard isPending else { return false }
            let isLater = due > now
            let isEarlyNote = effect == Effect.Kind.append.rawValue && attempts == 0 && isLater
            let isFile = effect == Effect.Kind.attach.rawValue
            return isEarlyNote || presses && isFile && (passed < passesMax || isLater)
        }
    }
}

extension Transaction {
    /// A row that was handed out, and is about to leave.
    struct Leaving {
        let row: OutboxRow
        let action: Claim.Action
        /// Which the row has from now on: one more than it had.
        let fence: Int64

        /// Of what is to be done there.
        let digest: String

        init(_ row: OutboxRow, _ action: Claim.Action, fence: Int64) {
            (self.row, self.action, self.fence) = (row, action, fence)
            digest = Hex.sha256(Array("\(row.reference)/\(row.effect.rawValue)/\(row.payload.canonicalText)".utf8))
        }
    }

    /// How often a file lets later rows of its key go first. Then it has the turn, once it is due.
    public static var passesMax: Int { 7 }

    func standing(connector: String, orderingKey: String) throws -> KeyStanding {
        guard let row = try reader.row(TurnSQL.standing, [connector, orderingKey]) else {
            throw StoreError.inconsistent("the outbox cannot say how \(orderingKey) stands")
        }
        let head = (row["id"] as Int64?).map { id in
            KeyStanding.Head(
                id: id, effect: row["effect"], isPending: row["state"] == "pending", attempts: row["attempts"],
                passed: row["passed"], due: Timestamp(row, "due_at"))
        }
        return KeyStanding(
            connector: connector, orderingKey: orderingKey, isOpen: row["is_open"], head: head)
    }

    /// A row has joined the others of its key: it has the turn at once where nobody has it, or where who has it lets it
    /// pass. A note that waits for its time lets everything pass, a file everything but files.
    ///
    /// - Parameter key: how the key stood before.
    func join(_ effect: Effect.Kind, isDue: Bool, _ key: KeyStanding) throws {
        if let head = key.head {
            let presses = isDue && Urgency(effect) != .file
            guard head.stepsAside(for: presses, now: now, passesMax: Self.passesMax) else { return }
            try post("UPDATE outbox SET is_head = 0 WHERE id = ?", [head.id])
        }
        try handTurn(connector: key.connector, orderingKey: key.orderingKey)
    }

    /// Gives the turn to a row of the key, where no row has it: to the oldest creation or change that is in time, then
    /// to the oldest file, then to a note that waits. A file that was passed often enough comes before all others.
    func handTurn(connector: String, orderingKey: String) throws {
        let question = turnQuestion(connector, orderingKey)
        try handTurn(to: try reader.rows(question.sql, question.arguments))
    }

    func turnQuestion(_ connector: String, _ orderingKey: String) -> DatabaseQuestion {
        DatabaseQuestion(TurnSQL.candidates, [connector, orderingKey, now.microseconds])
    }

    /// - Parameter rows: the answer to ``turnQuestion(_:_:)``.
    func handTurn(to rows: [Row]) throws {
        func row(_ candidate: TurnSQL.Candidate) -> Row? { rows.first { $0["candidate"] == candidate.rawValue } }
        func id(_ candidate: TurnSQL.Candidate) -> Int64? { row(candidate)?["id"] }
        let isFileDue = row(.file).map { $0["due_at"] <= now.microseconds } ?? false
        let passed = row(.file)?["passed"] ?? 0
        let next: Int64?
        if let pressing = [id(.creation), id(.change)].compactMap({ $0 }).min(),
            !(isFileDue && passed >= Self.passesMax)
        {
            next = pressing
            if let file = id(.file), isFileDue {
                try post("UPDATE outbox SET passed = passed + 1 WHERE id = ?", [file])
            }
        } else {
            next = id(.file) ?? id(.early)
        }
        if let next { try post("UPDATE outbox SET is_head = 1 WHERE id = ?", [next]) }
    }

    /// Hands out up to `limit` rows whose turn and time it is, and records that they leave: a crash from here on
    /// finds them as sent.
    ///
    /// - Parameters:
    ///   - filesMax: how many of them may be files.
    ///   - turns: goes on from call to call, so that nothing that is ready waits for ever.
    public func claim(
        connector: String, limit: Int, filesMax: Int = .max, turns: inout Turns
    ) throws -> [Claim] {
        var claims: [Leaving] = []
        var files = 0
        var ready = try readyRows(connector, limit)
        while claims.count < limit {
            let admitted = turns.preference.filter { $0 != .file || files < filesMax }
            guard let urgency = admitted.first(where: { ready[$0]?.isEmpty == false }),
                let first = ready[urgency]?.removeFirst()
            else { break }
            let row = try Reader.outboxRow(first)
            let isUnknown = first["state"] == "unknown" || first["is_doubtful"] == true
            if try !isUnknown && isTold(row) {
                try supersede(row)
                // Another of its key may be ready now.
                ready = try readyRows(connector, limit - claims.count)
                continue
            }
            claims.append(try leave(row, isUnknown ? .search : .send, fence: first["fence"] + 1))
            turns.next()
            if row.effect == .attach { files += 1 }
        }
        return claims.isEmpty ? [] : try begin(claims)
    }

    /// What may leave, in its order.
    private func readyRows(_ connector: String, _ limit: Int) throws -> [Urgency: [Row]] {
        guard limit > 0 else { return [:] }
        func isBefore(_ first: Row, _ second: Row) -> Bool {
            let (left, right): ((Int64, Int64), (Int64, Int64)) = (
                (first["due_at"], first["id"]), (second["due_at"], second["id"])
            )
            return left < right
        }
        // A union says nothing about the order of its rows.
        let rows = try reader.rows(TurnSQL.ready, [connector, now.microseconds, limit]).sorted(by: isBefore)
        return try Dictionary(grouping: rows) { row in
            guard let urgency = Urgency(rawValue: row["urgency"]) else {
                throw StoreError.inconsistent("the outbox row \(row["id"] as Int64) has no urgency")
            }
            return urgency
        }
    }

    /// The same for a caller who asks once.
    public func claim(connector: String, limit: Int) throws -> [Claim] {
        var turns = Turns()
        return try claim(connector: connector, limit: limit, turns: &turns)
    }
}

extension Reader {
    /// When the next row of the connector is due, among those of these urgencies; nil when none waits.
    public func nextDue(connector: String, _ urgencies: [Urgency] = Urgency.allCases) throws -> Timestamp? {
        try urgencies.compactMap { urgency in
            try row(TurnSQL.nextDue, [connector, urgency.rawValue]).flatMap { Timestamp(optional: $0, "due") }
        }.min()
    }
}
