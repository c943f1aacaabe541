import AndonLedger
import AndonModel
import AndonTransparency

/// Login name and password: the two components of an electronic signature (21 CFR 11.200(a)(1)). All of them are asked for
/// at each signing: there is no session in which one of them is left out.
public struct Credentials: Sendable {
    public var login: String
    public var password: String

    public init(login: String, password: String) { (self.login, self.password) = (login, password) }
}

/// A person who has just shown who they are, with their key at hand.
public struct Unlocked: Sendable {
    public let account: Account
    let key: SigningKey
    let seed: [UInt8]
}

/// The accounts of the people who sign, and who may do what.
///
/// No one person can use another's signature: a key opens only with its owner's password, which nobody else ever had, and
/// an account is made, changed or reset by an administrator together with a second person, once there is one
/// (21 CFR 11.200(a)(3)). Every change is an entry of the ledger, with what was before.
public struct Accounts: Sendable {
    public let store: Store
    public let policy: AccountPolicy
    let cost: SealedKey.Cost
    /// What the keys are named after: the log's name.
    let origin: String
    let turnstile = Turnstile()
    /// An account's row is not what the ledger says.
    static let alteredAlarm = "account-altered"

    public init(store: Store, policy: AccountPolicy, origin: String) {
        self.init(store: store, policy: policy, origin: origin, cost: .standard)
    }

    init(store: Store, policy: AccountPolicy, origin: String, cost: SealedKey.Cost) {
        (self.store, self.policy, self.origin, self.cost) = (store, policy, origin, cost)
    }

    // MARK: Who somebody is

    /// Opens a person's key.
    ///
    /// - Parameter purpose: what for, as the ledger says it of a refusal.
    /// - Throws: ``Problem``: wrong, locked, or too old a password. A wrong one is an entry of the ledger, and locks the
    ///   account when it is one too many.
    public func unlock(_ credentials: Credentials, for purpose: String) async throws -> Unlocked {
        let unlocked = try await turnstile.pass { try await open(credentials, for: purpose) }
        if let fault = try await store.read({ try $0.fault(of: unlocked.account) }) {
            try await store.write {
                try $0.alarm(
                    Self.alteredAlarm, subject: unlocked.account.subject,
                    "The account is not what the ledger says: \(fault).")
            }
            throw AccountProblem.conflict(
                "The account is not what the ledger says (\(fault)): nothing is taken from it. Run andon ledger verify."
            )
        }
        if try await store.read({ try $0.isUp(Self.alteredAlarm, subject: unlocked.account.subject) }) {
            try await store.write { try $0.clearAlarm(Self.alteredAlarm, subject: unlocked.account.subject) }
        }
        if let due = unlocked.account.passwordDueAt, due <= store.time.now() { throw AccountProblem.passwordDue }
        return unlocked
    }

    func open(_ credentials: Credentials, for purpose: String) async throws -> Unlocked {
        let found = try await store.read { try $0.account(login: credentials.login) }
        guard let account = found, account.state == .active, let sealed = account.sealed else {
            let cost = cost
            try await Turnstile.aside { SealedKey.pretend(credentials.password, cost) }
            try await store.write { transaction in
                guard let found else { return try transaction.noteUnknownAttempt() }
                let why = found.state == .active ? "it has no password" : "the account is \(found.state.rawValue)"
                try transaction.refuse(found, why, purpose)
            }
            throw AccountProblem.wrong(policy)
        }
        if let until = account.lockedUntil, account.isLocked(at: store.time.now()) {
            throw AccountProblem.locked(until: until)
        }
        guard let opened = try await Turnstile.aside({ try sealed.open(credentials.password) }) else {
            throw try await failed(account.number, purpose)
        }
        // Mostly there is nothing to write, and nothing to wait for the disk for.
        guard account.failures > 0 || account.lockedUntil != nil else {
            let current = try await store.read { try $0.account(account.number) }
            return Unlocked(account: current ?? account, key: opened.key, seed: opened.seed)
        }
        let current = try await store.write { try $0.noteSuccess(account.number) }
        return Unlocked(account: current, key: opened.key, seed: opened.seed)
    }

    /// A wrong password or code: counted, written down, and one too many locks the account and raises an alarm.
    func failed(_ number: Int64, _ purpose: String) async throws -> Problem {
        let policy = policy
        return try await store.write { transaction in
            guard var account = try transaction.reader.account(number) else { return AccountProblem.wrong(policy) }
            account.failures += 1
            try transaction.refuse(account, "wrong password, \(account.failures) in a row", purpose)
            guard account.failures >= policy.attemptsMax else {
                try transaction.update(account)
                return AccountProblem.wrong(policy)
            }
            let until = transaction.now + policy.lockFor
            (account.lockedUntil, account.failures) = (until, 0)
            try transaction.update(account)
            try transaction.record(
                "account.locked", of: account.subject,
                ["until": .time(until), "attempts": .integer(policy.attemptsMax)])
            try transaction.alarm(
                "account-locked", subject: account.subject,
                "\(policy.attemptsMax) wrong passwords in a row for \(account.login), until \(until). If it was not "
                    + "its owner, somebody tries to sign in another's name.")
            return AccountProblem.locked(until: until)
        }
    }

    // MARK: The owner's own steps

    /// Sets the first password with the code that others made for it, and makes the key.
    ///
    /// - Parameter accepts: the person says that the signature binds like one by hand (21 CFR 11.10(j), 11.100(c)).
    public func enrol(login: String, code: String, password: String, accepts: Bool) async throws -> Account {
        try await turnstile.pass {
            let now = store.time.now()
            guard let account = try await store.read({ try $0.account(login: login) }), account.state == .invited,
                let invitation = account.invitation
            else {
                try await store.write { try $0.noteUnknownAttempt() }
                throw AccountProblem.conflict(
                    "There is no account of this login name that waits for a password. Ask an administrator for a code."
                )
            }
            if let until = account.lockedUntil, account.isLocked(at: now) { throw AccountProblem.locked(until: until) }
            guard InvitationCode.digest(code) == invitation.digest, now < invitation.expiresAt else {
                _ = try await failed(account.number, "enrolment")
                throw AccountProblem.conflict(
                    "The code is wrong, was used, or is too old. Ask an administrator for one.")
            }
            guard accepts else { throw AccountProblem.fault(Self.statementNeeded) }
            return try await establish(account, password: password)
        }
    }

    static let statementNeeded =
        "Say that you take your electronic signature to be as binding as the one by hand (accepts: true); without that "
        + "no signature can be given."

    /// Makes a key behind a new password.
    func establish(_ account: Account, password: String) async throws -> Account {
        try PasswordRules.check(password, login: account.login, printedName: account.printedName, policy)
        let (name, cost, random) = ("\(origin)/account/\(account.number)", cost, store.random)
        let sealed = try await Turnstile.aside {
            try SealedKey.make(name: name, password: password, cost: cost, random: random)
        }
        let policy = policy
        return try await store.write { transaction in
            guard var current = try transaction.reader.account(account.number), current.state == .invited else {
                throw AccountProblem.conflict("The account has a password by now.")
            }
            (current.state, current.sealed, current.invitation) = (.active, sealed, nil)
            (current.failures, current.lockedUntil) = (0, nil)
            let due = transaction.now + policy.passwordAgeMax
            current.passwordDueAt = due
            try transaction.update(current)
            try transaction.record(
                "account.key", of: current.subject,
                [
                    "account": .integer(current.number), "key": .string("\(sealed.key)"), "passwordDueAt": .time(due),
                    "printedName": .string(current.printedName),
                    "accepts": "my electronic signature binds me like the one by hand",
                ], names: ["/printedName"])
            return current
        }
    }

    /// Puts the key behind a new password; signatures stay by the same key.
    public func changePassword(_ credentials: Credentials, to password: String) async throws -> Account {
        try await turnstile.pass {
            let unlocked = try await open(credentials, for: "a new password")
            guard password != credentials.password else {
                throw AccountProblem.fault("The new password is the old one.")
            }
            let account = unlocked.account
            try PasswordRules.check(password, login: account.login, printedName: account.printedName, policy)
            let random = store.random
            let sealed = try await Turnstile.aside { () -> SealedKey? in
                guard try account.sealed?.had(password) != true else {
                    throw AccountProblem.fault("You had this password before; take one that you never had here.")
                }
                return try account.sealed?.resealed(
                    seed: unlocked.seed, from: credentials.password, to: password, random: random)
            }
            let policy = policy
            return try await store.write { transaction in
                guard var current = try transaction.reader.account(account.number), current.sealed == account.sealed
                else { throw AccountProblem.conflict("The account was changed meanwhile; begin anew.") }
                current.sealed = sealed
                let due = transaction.now + policy.passwordAgeMax
                let before = current.passwordDueAt
                current.passwordDueAt = due
                try transaction.update(current)
                try transaction.endSessions(of: current, why: "account.password-changed")
                try transaction.record(
                    "account.password-changed", of: current.subject,
                    .object(present: ["passwordDueAt": .time(due), "was": before.map { .time($0) }]))
                return current
            }
        }
    }
}

extension Transaction {
    func refuse(_ account: Account, _ why: String, _ purpose: String) throws {
        try record("account.refused", of: account.subject, ["why": .string(why), "for": .string(purpose)])
    }

    /// The right password: earlier wrong ones count no more.
    func noteSuccess(_ number: Int64) throws -> Account {
        guard var account = try reader.account(number) else { throw AccountProblem.none(number) }
        guard account.failures > 0 || account.lockedUntil != nil else { return account }
        (account.failures, account.lockedUntil) = (0, nil)
        try update(account)
        try clearAlarm("account-locked", subject: account.subject)
        return account
    }
}
