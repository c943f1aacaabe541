import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// The accounts' own tables; times are microseconds since 1970 UTC.
public enum IdentitySchema {
    /// All of them, in their order.
    public static let steps = [step, Sessions.step, AccountLinks.step]

    /// `login_mark` is a salted digest of the login name in small letters: it stays when a name is erased, so that nobody
    /// gets a login name that somebody had. `unknown_attempts` counts attempts under names that nobody has.
    static let step = SchemaStep(
        name: "identity-1",
        sql: """
            CREATE TABLE account (
                number INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, login_salt TEXT NOT NULL,
                login_mark TEXT NOT NULL, printed_name TEXT NOT NULL, roles TEXT NOT NULL, state TEXT NOT NULL,
                failures INTEGER NOT NULL, locked_until INTEGER, password_due_at INTEGER, invitation TEXT,
                invitation_expires_at INTEGER, sealed TEXT);
            CREATE TABLE unknown_attempts (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, at INTEGER);
            """)

    /// Where names of persons stand.
    public static let nameColumns = [
        NameColumn(table: "account", column: "printed_name", content: .name),
        NameColumn(table: "account", column: "login", content: .name),
        NameColumn(table: "account_link", column: "subject", content: .name),
    ]
}

extension Reader {
    /// In the order of their making.
    public func accounts() throws -> [Account] {
        try rows("SELECT * FROM account ORDER BY number").map(Self.account)
    }

    public func account(_ number: Int64) throws -> Account? {
        try row("SELECT * FROM account WHERE number = ?", [number]).map(Self.account)
    }

    /// Login names are the same in any case.
    func account(login: String) throws -> Account? {
        try row("SELECT * FROM account WHERE login = ? COLLATE NOCASE", [login]).map(Self.account)
    }

    /// Whether anybody can show who they are by a password: people who come by OpenID Connect alone administer no accounts.
    public func hasPasswords() throws -> Bool { try accounts().contains(where: \.hasPassword) }

    /// Whether anybody has or had this login name.
    func isTaken(login: String) throws -> Bool {
        try rows("SELECT login_salt, login_mark FROM account").contains {
            LoginMark.digest(login, salt: $0["login_salt"]) == $0["login_mark"] as String
        }
    }

    private static func account(_ row: Row) throws -> Account {
        let number: Int64 = row["number"]
        let sealed = try (row["sealed"] as String?).map { text in
            guard let sealed = (try? JSON(parsing: text)).flatMap(SealedKey.init) else {
                throw StoreError.inconsistent("the key of account \(number) cannot be read")
            }
            return sealed
        }
        guard let state = Account.State(rawValue: row["state"]) else {
            throw StoreError.inconsistent("account \(number) has an unknown state")
        }
        let expiry = Timestamp(optional: row, "invitation_expires_at")
        return Account(
            number: number, login: row["login"], printedName: row["printed_name"],
            grants: (row["roles"] as String).split(separator: " ").compactMap { Grant(String($0)) },
            state: state, failures: row["failures"],
            lockedUntil: Timestamp(optional: row, "locked_until"),
            passwordDueAt: Timestamp(optional: row, "password_due_at"),
            invitation: (row["invitation"] as String?).flatMap { digest in
                expiry.map { Account.Invitation(digest: digest, expiresAt: $0) }
            }, sealed: sealed)
    }
}

enum LoginMark {
    static func digest(_ login: String, salt: String) -> String {
        Hex.sha256(Array("\(salt)/\(login.lowercased())".utf8))
    }
}

extension Transaction {
    /// - Returns: the account with its number.
    func insert(_ account: Account, salt: String) throws -> Account {
        try run(
            """
            INSERT INTO account (login, login_salt, login_mark, printed_name, roles, state, failures)
            VALUES (?, ?, ?, ?, ?, ?, 0)
            """,
            [
                account.login, salt, LoginMark.digest(account.login, salt: salt), account.printedName,
                account.grants.map(\.description).joined(separator: " "), account.state.rawValue,
            ])
        var made = account
        made.number = Int64(try reader.count("SELECT MAX(number) FROM account"))
        try update(made)
        return made
    }

    func update(_ account: Account) throws {
        try run(
            """
            UPDATE account SET printed_name = ?, roles = ?, state = ?, failures = ?, locked_until = ?,
                password_due_at = ?, invitation = ?, invitation_expires_at = ?, sealed = ? WHERE number = ?
            """,
            [
                account.printedName, account.grants.map(\.description).joined(separator: " "), account.state.rawValue,
                account.failures, account.lockedUntil?.microseconds, account.passwordDueAt?.microseconds,
                account.invitation?.digest, account.invitation?.expiresAt.microseconds,
                account.sealed?.json.canonicalText, account.number,
            ])
    }

    /// Counts an attempt under a name that nobody has, and says in the ledger at most once a minute how many there were:
    /// a flood of them must not flood the ledger.
    func noteUnknownAttempt() throws {
        try run("INSERT INTO unknown_attempts (one, count) VALUES (1, 0) ON CONFLICT DO NOTHING")
        try run("UPDATE unknown_attempts SET count = count + 1")
        let last = try reader.row("SELECT at FROM unknown_attempts").flatMap { Timestamp(optional: $0, "at") }
        guard last.map({ now - $0 >= .seconds(60) }) ?? true else { return }
        let count = try reader.count("SELECT count FROM unknown_attempts")
        try record(
            "account.refused", of: "account/unknown", ["attempts": .integer(count), "why": "no such login name"])
        try run("UPDATE unknown_attempts SET count = 0, at = ?", [now.microseconds])
    }
}
