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

    static let ready = """
        SELECT outbox.*, \(Restores.isDoubtful) AS is_doubtful FROM outbox
        WHERE connector = ? AND urgency = ? AND is_head = 1 AND state IN ('pending', 'unknown')
            AND due_at <= ? ORDER BY due_at, id LIMIT 1
        """
    static let nextDue = """
        SELECT MIN(due_at) AS due FROM outbox WHERE connector = ? AND urgency = ? AND is_head = 1
            AND state IN ('pending', 'unknown')
        """

    /// A note whose time has not come, and that has not been tried.
    private static let isEarly = "effect = 'append' AND attempts = 0 AND due_at > ?"
    private static let oldest =
        "SELECT id, passed, due_at FROM outbox WHERE connector = ? AND ordering_key = ? AND urgency = ? "
        + "AND state NOT IN ('done', 'dead')"

    static let oldestOfAll = oldest + " ORDER BY id LIMIT 1"
    static let oldestInTime = oldest + " AND NOT (\(isEarly)) ORDER BY id LIMIT 1"

    static let hasOpen = """
        SELECT EXISTS (SELECT 1 FROM outbox WHERE connector = ? AND ordering_key = ? AND state NOT IN ('done', 'dead'))
        """
    static let hasHead = """
        SELECT EXISTS (SELECT 1 FROM outbox WHERE connector = ? AND ordering_key = ? AND is_head = 1)
        """
    /// What has left, or may have, keeps its turn.
    static let stepAside = """
        UPDATE outbox SET is_head = 0 WHERE connector = ? AND ordering_key = ? AND is_head = 1 AND state = 'pending'
            AND ((\(isEarly)) OR (? = 1 AND effect = 'attach' AND (passed < ? OR due_at > ?)))
        """
}

extension Transaction {
    /// How often a file lets later rows of its key go first. Then it has the turn, once it is due.
    public static var passesMax: Int { 7 }

    /// Whether a row of the key waits or is under way.
    func hasOpenRow(connector: String, orderingKey: String) throws -> Bool {
        try reader.count(TurnSQL.hasOpen, [connector, orderingKey]) > 0
    }

    /// A row has joined the others of its key: it has the turn at once where nobody has it, or where who has it lets it
    /// pass. A note that waits for its time lets everything pass, a file everything but files.
    func join(_ effect: Effect.Kind, isDue: Bool, connector: String, orderingKey: String) throws {
        let presses = isDue && Urgency(effect) != .file
        let stepped = try run(
            TurnSQL.stepAside,
            [connector, orderingKey, now.microseconds, presses, Self.passesMax, now.microseconds])
        let isFree = try stepped > 0 || reader.count(TurnSQL.hasHead, [connector, orderingKey]) == 0
        if isFree { try handTurn(connector: connector, orderingKey: orderingKey) }
    }

    /// Gives the turn to a row of the key, where no row has it: to the oldest creation or change that is in time, then
    /// to the oldest file, then to a note that waits. A file that was passed often enough comes before all others.
    func handTurn(connector: String, orderingKey: String) throws {
        func oldest(_ urgency: Urgency) throws -> Row? {
            try reader.row(TurnSQL.oldestOfAll, [connector, orderingKey, urgency.rawValue])
        }
        let change = try reader.row(
            TurnSQL.oldestInTime, [connector, orderingKey, Urgency.change.rawValue, now.microseconds])
        let pressing = [try oldest(.creation)?["id"] as Int64?, change?["id"] as Int64?].compactMap { $0 }.min()
        let file = try oldest(.file)
        let fileID = file?["id"] as Int64?
        let isFileDue = (file?["due_at"] as Int64?).map { $0 <= now.microseconds } ?? false
        let passed = file?["passed"] as Int? ?? 0
        let next: Int64?
        if let pressing, !(isFileDue && passed >= Self.passesMax) {
            next = pressing
            if let fileID, isFileDue { try post("UPDATE outbox SET passed = passed + 1 WHERE id = ?", [fileID]) }
        } else {
            next = try fileID ?? oldest(.change)?["id"]
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
        var claims: [Claim] = []
        var files = 0
        while claims.count < limit {
            let admitted = turns.preference.filter { $0 != .file || files < filesMax }
            guard let claim = try claimFirst(of: admitted, connector) else { break }
            turns.next()
            if claim.row.effect == .attach { files += 1 }
            claims.append(claim)
        }
        return claims
    }

    /// The same for a caller who asks once.
    public func claim(connector: String, limit: Int) throws -> [Claim] {
        var turns = Turns()
        return try claim(connector: connector, limit: limit, turns: &turns)
    }

    private func claimFirst(of preference: [Urgency], _ connector: String) throws -> Claim? {
        for urgency in preference {
            while let ready = try reader.row(TurnSQL.ready, [connector, urgency.rawValue, now.microseconds]) {
                let row = try Reader.outboxRow(ready)
                let isUnknown = ready["state"] == "unknown" || ready["is_doubtful"] == true
                if try !isUnknown && isTold(row) {
                    try supersede(row)
                    continue
                }
                return try begin(row, isUnknown ? .search : .send, fence: ready["fence"] + 1)
            }
        }
        return nil
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
