import AndonModel
import AndonSQL

/// Rules that somebody works on, and that are not in force.
public struct RuleDraft: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// Somebody works on it.
        case open
        /// Its author is done, and another person must let it pass.
        case waiting
        case inForce = "in-force"
        case discarded

        /// Whether it may still come into force.
        public var isAlive: Bool { self == .open || self == .waiting }
    }

    /// Who did something, and when.
    public struct Hand: Sendable, Equatable {
        public var at: Timestamp
        public var name: String
        /// Number of the account; nil for a machine, and for a server that asks nobody who they are.
        public var account: Int64?

        public init(at: Timestamp, name: String, account: Int64?) {
            (self.at, self.name, self.account) = (at, name, account)
        }

        /// Whether it is the same person or machine. Whom a machine's key names is taken for the person of that name, so
        /// that nobody lets pass what they submitted through a key.
        public func isSame(as other: Hand) -> Bool {
            if let account, let others = other.account { return account == others }
            return ThroughName.person(of: name) == ThroughName.person(of: other.name)
        }
    }

    /// From 1, in the order of their making.
    public var number: Int64
    /// Counts up with each change: who changes an older one is told so.
    public var revision: Int
    public var state: State
    /// The version of the rules that was in force when it was begun, or brought up to date.
    public var base: Int
    /// The section `rules` of that version.
    public var baseDocument: JSON
    /// The whole section `rules` as it would be.
    public var document: JSON
    public var reason: String?
    /// The version that it has become.
    public var version: Int?
    public var created: Hand
    public var changed: Hand
    public var submitted: Hand?
    public var approved: Hand?

    public init(base: Int, baseDocument: JSON, document: JSON, created: Hand) {
        number = 0
        revision = 1
        state = .open
        self.base = base
        self.baseDocument = baseDocument
        self.document = document
        self.created = created
        changed = created
    }

    /// As the ledger calls it.
    public var subject: String { "rules-draft/\(number)" }
}

/// What was done with a draft, as its entry says it.
public enum DraftStep: String, Sendable {
    case opened, changed, rebased, submitted, approved, discarded

    var kind: String { "rules.draft-\(rawValue)" }
}

enum RuleDrafts {
    static let schema = """
        CREATE TABLE rule_draft (
            id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, state TEXT NOT NULL, base INTEGER NOT NULL,
            base_document TEXT NOT NULL, document TEXT NOT NULL, reason TEXT, version INTEGER,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, created_account INTEGER,
            changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL, changed_account INTEGER,
            submitted_at INTEGER, submitted_by TEXT, submitted_account INTEGER,
            approved_at INTEGER, approved_by TEXT, approved_account INTEGER);
        CREATE INDEX rule_draft_state ON rule_draft (state, id);
        """

    static func draft(_ row: Row) throws -> RuleDraft {
        let number: Int64 = row["id"]
        guard let state = RuleDraft.State(rawValue: row["state"]), let created = hand(row, "created"),
            let changed = hand(row, "changed")
        else { throw StoreError.inconsistent("the draft \(number) of the rules has an unknown state") }
        var draft = RuleDraft(
            base: row["base"], baseDocument: try SettingChanges.parsed(row["base_document"]),
            document: try SettingChanges.parsed(row["document"]), created: created)
        draft.number = number
        draft.revision = row["revision"]
        draft.state = state
        draft.reason = row["reason"]
        draft.version = row["version"]
        draft.changed = changed
        draft.submitted = hand(row, "submitted")
        draft.approved = hand(row, "approved")
        return draft
    }

    private static func hand(_ row: Row, _ name: String) -> RuleDraft.Hand? {
        guard let at = Timestamp(optional: row, "\(name)_at") else { return nil }
        return RuleDraft.Hand(at: at, name: row["\(name)_by"] ?? "", account: row["\(name)_account"])
    }
}

extension Transaction {
    /// Keeps a new draft, with its entry.
    ///
    /// - Returns: the draft with its number.
    public func open(_ draft: RuleDraft) throws -> RuleDraft {
        var made = draft
        made.number = try runInsert(
            """
            INSERT INTO rule_draft (revision, state, base, base_document, document, created_at, created_by,
                created_account, changed_at, changed_by, changed_account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                draft.revision, draft.state.rawValue, draft.base, draft.baseDocument.canonicalText,
                draft.document.canonicalText, draft.created.at.microseconds, draft.created.name, draft.created.account,
                draft.changed.at.microseconds, draft.changed.name, draft.changed.account,
            ])
        try record(.opened, made, JSONDifference.between(draft.baseDocument, draft.document))
        return made
    }

    /// Keeps what has become of a draft, with an entry that says what was changed in it.
    ///
    /// - Parameter before: as it was read. Another revision means that somebody else was faster.
    /// - Returns: the draft with its new revision; nil when it is not what it was.
    public func update(_ draft: RuleDraft, from before: RuleDraft, _ step: DraftStep) throws -> RuleDraft? {
        var made = draft
        made.revision = before.revision + 1
        let hands: [RuleDraft.Hand?] = [made.changed, made.submitted, made.approved]
        let places = hands.flatMap { Self.places($0) }
        let first: [(any DatabaseValueConvertible)?] = [
            made.revision, made.state.rawValue, made.base, made.baseDocument.canonicalText,
            made.document.canonicalText, made.reason, made.version,
        ]
        let last: [(any DatabaseValueConvertible)?] = [made.number, before.revision]
        let updated = try run(
            """
            UPDATE rule_draft SET revision = ?, state = ?, base = ?, base_document = ?, document = ?, reason = ?,
                version = ?, changed_at = ?, changed_by = ?, changed_account = ?, submitted_at = ?, submitted_by = ?,
                submitted_account = ?, approved_at = ?, approved_by = ?, approved_account = ?
            WHERE id = ? AND revision = ?
            """, StatementArguments(first + places + last))
        guard updated == 1 else { return nil }
        try record(step, made, JSONDifference.between(before.document, made.document))
        return made
    }

    private static func places(_ hand: RuleDraft.Hand?) -> [(any DatabaseValueConvertible)?] {
        [hand?.at.microseconds, hand?.name, hand?.account]
    }

    /// The newest entry says all that the row does: names beside it, and the rest by the row's digest.
    private func record(_ step: DraftStep, _ draft: RuleDraft, _ differences: [JSONDifference]) throws {
        var body: [String: JSON] = JSONDifference.list(differences)
        body["draft"] = .integer(draft.number)
        body["state"] = .string(draft.state.rawValue)
        body["base"] = .integer(draft.base)
        body["sha256"] = .string(Hex.sha256(draft.document.canonicalBytes))
        body["why"] = draft.reason.map(JSON.string)
        body["version"] = draft.version.map { .integer($0) }
        body["createdBy"] = .string(draft.created.name)
        body["changedBy"] = .string(draft.changed.name)
        body["submittedBy"] = draft.submitted.map { .string($0.name) }
        body["approvedBy"] = draft.approved.map { .string($0.name) }
        try record(
            step.kind, of: draft.subject, .object(body),
            names: ["/createdBy", "/changedBy", "/submittedBy", "/approvedBy"])
    }
}

extension Reader {
    public func ruleDraft(_ number: Int64) throws -> RuleDraft? {
        try row("SELECT * FROM rule_draft WHERE id = ?", [number]).map(RuleDrafts.draft)
    }

    /// The newest first.
    ///
    /// - Parameter isAlive: those alone that may still come into force.
    public func ruleDrafts(isAlive: Bool = false, limit: Int = 100) throws -> [RuleDraft] {
        try rows(
            """
            SELECT * FROM rule_draft WHERE NOT ? OR state IN ('open', 'waiting') ORDER BY id DESC LIMIT ?
            """, [isAlive, limit]
        ).map(RuleDrafts.draft)
    }
}
