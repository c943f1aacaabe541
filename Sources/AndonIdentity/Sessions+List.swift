import AndonLedger
import AndonModel
import AndonSQL

/// A session that is open, as lists show it: nothing of its token is in it.
public struct OpenSession: Sendable {
    public var means: Session.Means
    public var begunAt: Timestamp
    /// To the half minute.
    public var seenAt: Timestamp
    public var endsAt: Timestamp
    /// Of who asks.
    public var isThis: Bool
}

extension Sessions {
    private static let listMax = 100

    /// The open sessions of an account, the newest first; at most 100.
    ///
    /// - Parameter token: of who asks; nil for none.
    public func open(of account: Int64, token: String?) async throws -> [OpenSession] {
        let now = accounts.store.time.now()
        let idle = accounts.policy.idleTimeout
        let own = token.map(Self.digest)
        return try await accounts.store.read { reader in
            let rows = try reader.rows(
                "SELECT * FROM session WHERE account = ? AND ends_at > ? ORDER BY begun_at DESC LIMIT ?",
                [account, now.microseconds, Self.listMax])
            return rows.map { row in
                OpenSession(
                    means: Session.Means(rawValue: row["means"]) ?? .password, begunAt: Timestamp(row, "begun_at"),
                    seenAt: Timestamp(row, "seen_at"), endsAt: Timestamp(row, "ends_at"),
                    isThis: own == row["token"] as String)
            }.filter { now - $0.seenAt < idle }
        }
    }

    /// How many sessions are open, by the account's number.
    public func openCounts() async throws -> [Int64: Int] {
        let now = accounts.store.time.now().microseconds
        let seen = now - Int64(accounts.policy.idleTimeout.microseconds)
        return try await accounts.store.read { reader in
            let rows = try reader.rows(
                "SELECT account, COUNT(*) AS count FROM session WHERE ends_at > ? AND seen_at > ? GROUP BY account",
                [now, seen])
            var counts: [Int64: Int] = [:]
            for row in rows { counts[row["account"]] = row["count"] }
            return counts
        }
    }

    /// Ends all sessions of a person but the one that asks for it.
    ///
    /// - Returns: how many.
    public func endOthers(of account: Account, but token: String) async throws -> Int {
        let digest = Self.digest(token)
        return try await accounts.store.write { transaction in
            let count = try transaction.reader.count(
                "SELECT COUNT(*) FROM session WHERE account = ? AND token <> ?", [account.number, digest])
            guard count > 0 else { return 0 }
            try transaction.run(
                "DELETE FROM session WHERE account = ? AND token <> ?", [account.number, digest])
            try transaction.record(
                "session.ended", of: account.subject,
                ["why": "its person ended all others", "sessions": .integer(count)])
            return count
        }
    }
}
