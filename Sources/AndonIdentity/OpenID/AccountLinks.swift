import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// Which account belongs to whom at a provider of OpenID Connect.
enum AccountLinks {
    /// Times are microseconds since 1970 UTC. A subject is a name of a person and may be erased, so that it is no key of the
    /// table; `person` is a digest of issuer and subject of somebody who was refused, kept for a day.
    static let step = SchemaStep(
        name: "identity-oidc-1",
        sql: """
            CREATE TABLE account_link (
                account INTEGER PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL, linked_at INTEGER NOT NULL);
            CREATE INDEX account_link_subject ON account_link (subject);
            CREATE TABLE account_link_refusal (
                person TEXT PRIMARY KEY, at INTEGER NOT NULL, attempts INTEGER NOT NULL);
            """)
}

extension Accounts {
    /// The account of somebody who has signed in at the provider: made at the first time, and with the roles that the
    /// provider gives from then on.
    ///
    /// It has no password, and so no key: it signs nothing until an administrator gives its owner a code for one. A login
    /// name that another account has or had is never taken over. Each refusal is an entry of the ledger, at most one a
    /// minute for each person.
    ///
    /// - Throws: ``OpenIDRefusal``.
    public func enter(_ person: ClaimedPerson) async throws -> Account {
        let salt = Hex.text(store.random.bytes(16))
        return try await store.write { try $0.enter(person, salt: salt) }.get()
    }
}

extension Reader {
    /// The account that was linked to somebody; nil for somebody who comes for the first time.
    func linkedAccount(issuer: String, subject: String) throws -> Account? {
        let found = try row("SELECT account FROM account_link WHERE subject = ? AND issuer = ?", [subject, issuer])
        guard let found else { return nil }
        let number: Int64 = found["account"]
        return try account(number)
    }
}

extension Transaction {
    /// A refusal is a result, and no error: an error would undo what is written down of it.
    fileprivate func enter(_ person: ClaimedPerson, salt: String) throws -> Result<Account, OpenIDRefusal> {
        do {
            guard let account = try reader.linkedAccount(issuer: person.issuer, subject: person.subject) else {
                return .success(try link(person, salt: salt))
            }
            try check(account, person)
            return .success(try bringUpToDate(account, person))
        } catch let refusal as OpenIDRefusal {
            return .failure(refusal)
        }
    }

    // MARK: The first time

    private func link(_ person: ClaimedPerson, salt: String) throws -> Account {
        guard !person.grants.isEmpty else { throw try refusal(.noRole, person) }
        guard let login = person.login else { throw try refusal(.noLogin, person) }
        guard try !reader.isTaken(login: login) else { throw try refusal(.loginTaken, person) }
        let account = try insert(
            Account(
                number: 0, login: login, printedName: person.printedName, grants: person.grants, state: .active,
                failures: 0), salt: salt)
        try run(
            "INSERT INTO account_link (account, issuer, subject, linked_at) VALUES (?, ?, ?, ?)",
            [account.number, person.issuer, person.subject, now.microseconds])
        try record(
            "account.created", of: account.subject,
            [
                "account": .integer(account.number), "login": .string(login),
                "printedName": .string(account.printedName), "roles": Self.roles(account.grants),
                "identity": .string("signed in at \(person.issuer)"), "why": "the first sign-in",
                "by": "OpenID Connect",
            ], names: ["/login", "/printedName"])
        try record(
            "account.linked", of: account.subject,
            [
                "account": .integer(account.number), "issuer": .string(person.issuer),
                "subject": .string(person.subject),
            ], names: ["/subject"])
        return account
    }

    private static func roles(_ grants: [Grant]) -> JSON { .array(grants.map { .string("\($0)") }) }

    // MARK: Each further time

    private func check(_ account: Account, _ person: ClaimedPerson) throws {
        let trail = try AccountTrail(account.number, reader)
        let isLinked = trail.isLinked(issuer: person.issuer, subject: person.subject)
        if let fault = trail.fault(of: account) ?? (isLinked ? nil : "it was not linked to who came in by it") {
            try alarm(
                Accounts.alteredAlarm, subject: account.subject, "The account is not what the ledger says: \(fault).")
            throw try refusal(.altered, person, account)
        }
        try clearAlarm(Accounts.alteredAlarm, subject: account.subject)
        switch account.state {
        case .retired: throw try refusal(.retired, person, account)
        case .invited: throw try refusal(.waiting, person, account)
        case .active: break
        }
        guard !account.isLocked(at: now) else { throw try refusal(.locked, person, account) }
        guard person.grants.isEmpty else { return }
        // Who has no role there any more does not stay here by an earlier sign-in.
        try endSessions(of: account, why: "no role")
        throw try refusal(.noRole, person, account)
    }

    private func bringUpToDate(_ account: Account, _ person: ClaimedPerson) throws -> Account {
        guard account.grants != person.grants else { return account }
        var changed = account
        changed.grants = person.grants
        try update(changed)
        try endSessions(of: changed, why: "account.changed")
        try record(
            "account.changed", of: account.subject,
            [
                "roles": ["old": Self.roles(account.grants), "new": Self.roles(changed.grants)],
                "why": .string("the roles that \(person.issuer) gives"), "by": "OpenID Connect",
            ])
        return changed
    }

    // MARK: Refusals

    private func refusal(
        _ kind: OpenIDRefusal.Kind, _ person: ClaimedPerson, _ account: Account? = nil
    ) throws -> OpenIDRefusal {
        if let attempts = try countRefusal(of: person) {
            let body = JSON.object(present: [
                "why": .string(kind.why), "for": .string("signing in by OpenID Connect"),
                "issuer": .string(person.issuer),
                "subject": .string(person.subject), "login": person.login.map { .string($0) },
                "attempts": .integer(attempts),
            ])
            try record(
                "account.refused", of: account?.subject ?? "account/unknown", body, names: ["/subject", "/login"])
        }
        return OpenIDRefusal(kind, account.map { "\($0.subject): \(kind.why)" } ?? kind.why)
    }

    /// - Returns: the attempts since the last entry, where one is due: a program that tries again and again must not flood
    ///   the ledger.
    private func countRefusal(of person: ClaimedPerson) throws -> Int? {
        let mark = Hex.sha256(Array("\(person.issuer)\n\(person.subject)".utf8))
        try run("DELETE FROM account_link_refusal WHERE at < ?", [(now - .seconds(86_400)).microseconds])
        let last = try reader.row("SELECT at, attempts FROM account_link_refusal WHERE person = ?", [mark])
        var attempts = 1
        var writtenAt: Timestamp?
        if let last {
            let before: Int = last["attempts"]
            attempts += before
            writtenAt = Timestamp(last, "at")
        }
        let isDue = writtenAt.map { now - $0 >= .seconds(60) } ?? true
        try run(
            """
            INSERT INTO account_link_refusal (person, at, attempts) VALUES (?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET at = excluded.at, attempts = excluded.attempts
            """, [mark, (isDue ? now : writtenAt ?? now).microseconds, isDue ? 0 : attempts])
        return isDue ? attempts : nil
    }
}
