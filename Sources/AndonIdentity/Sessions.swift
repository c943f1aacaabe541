import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// A person's way through the pages between signing in and leaving. It signs nothing: a signature asks for both of its
/// components each time.
public struct Session: Sendable {
    public var account: Account
    /// How the person came in.
    public var means: Means
    public var begunAt: Timestamp
    /// When it ends whatever happens.
    public var endsAt: Timestamp

    public enum Means: String, Sendable {
        case password
        case openID = "openid"
        case certificate
        /// The one-time link of the first start.
        case link
    }
}

/// Sessions are rows of the store, by a digest of their token: who reads the database cannot take one over.
public struct Sessions: Sendable {
    let accounts: Accounts
    private var store: Store { accounts.store }
    private var policy: AccountPolicy { accounts.policy }

    public init(_ accounts: Accounts) { self.accounts = accounts }

    /// Times are microseconds since 1970 UTC; `token` is the SHA-256 of a token of 32 random bytes.
    public static let step = SchemaStep(
        name: "identity-2-sessions",
        sql: """
            CREATE TABLE session (
                token TEXT PRIMARY KEY, account INTEGER NOT NULL, means TEXT NOT NULL, begun_at INTEGER NOT NULL,
                seen_at INTEGER NOT NULL, ends_at INTEGER NOT NULL);
            CREATE INDEX session_account ON session (account);
            CREATE TABLE api_key (
                number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE,
                permissions TEXT NOT NULL, sites TEXT NOT NULL, made_at INTEGER NOT NULL, expires_at INTEGER,
                revoked_at INTEGER, used_at INTEGER);
            """)

    static func digest(_ token: String) -> String { Hex.sha256(Array("session/\(token)".utf8)) }

    /// Signs a person in.
    ///
    /// - Returns: the token, for a cookie: nobody else has it.
    /// - Throws: ``Problem``: as ``Accounts/unlock(_:for:)``.
    public func begin(_ credentials: Credentials) async throws -> (token: String, session: Session) {
        let unlocked = try await accounts.unlock(credentials, for: "signing in")
        return try await begin(unlocked.account, by: .password)
    }

    /// Begins the session of somebody who has shown who they are by other means.
    public func begin(_ account: Account, by means: Session.Means) async throws -> (token: String, session: Session) {
        let token = Hex.text(store.random.bytes(32))
        let age = policy.sessionAgeMax
        let session = try await store.write { transaction in
            let now = transaction.now
            try transaction.run("DELETE FROM session WHERE ends_at <= ?", [now.microseconds])
            let session = Session(account: account, means: means, begunAt: now, endsAt: now + age)
            try transaction.run(
                "INSERT INTO session (token, account, means, begun_at, seen_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    Self.digest(token), account.number, means.rawValue, now.microseconds, now.microseconds,
                    session.endsAt.microseconds,
                ])
            try transaction.record(
                "session.begun", of: account.subject,
                ["means": .string(means.rawValue), "endsAt": .time(session.endsAt)])
            return session
        }
        return (token, session)
    }

    /// The session of a token; nil when there is none any more: ended, idle for too long, or its person no longer active.
    ///
    /// - Parameter isUse: a sign that somebody is there, which begins the idle time anew; what an open page asks for by itself
    ///   is none.
    public func resume(_ token: String, isUse: Bool = true) async throws -> Session? {
        let digest = Self.digest(token)
        let now = store.time.now()
        let found = try await store.read { reader -> (session: Session, seenAt: Timestamp)? in
            guard let row = try reader.row("SELECT * FROM session WHERE token = ?", [digest]),
                let account = try reader.account(row["account"]), account.state == .active
            else { return nil }
            let session = Session(
                account: account, means: Session.Means(rawValue: row["means"]) ?? .password,
                begunAt: Timestamp(row, "begun_at"), endsAt: Timestamp(row, "ends_at"))
            return (session, Timestamp(row, "seen_at"))
        }
        guard let found, now < found.session.endsAt, now - found.seenAt < policy.idleTimeout else { return nil }
        // Not at each picture of a page: the idle time is counted to the half minute.
        if isUse, now - found.seenAt >= .seconds(30) {
            try await store.write { transaction in
                _ = try transaction.run("UPDATE session SET seen_at = ? WHERE token = ?", [now.microseconds, digest])
            }
        }
        return found.session
    }

    /// Leaves.
    public func end(_ token: String) async throws {
        let digest = Self.digest(token)
        try await store.write { transaction in
            guard let row = try transaction.reader.row("SELECT account FROM session WHERE token = ?", [digest]) else {
                return
            }
            try transaction.run("DELETE FROM session WHERE token = ?", [digest])
            try transaction.record("session.ended", of: Account.subject(row["account"]), ["why": "signed out"])
        }
    }
}

extension Transaction {
    /// Ends all sessions of an account, where its rights or its password are no longer what they were.
    func endSessions(of account: Account, why: String) throws {
        let count = try reader.count("SELECT COUNT(*) FROM session WHERE account = ?", [account.number])
        guard count > 0 else { return }
        try run("DELETE FROM session WHERE account = ?", [account.number])
        try record("session.ended", of: account.subject, ["why": .string(why), "sessions": .integer(count)])
    }
}
