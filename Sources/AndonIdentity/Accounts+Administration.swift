import AndonLedger
import AndonModel

/// Who asks for a change of accounts: an administrator, a second person, and why.
public struct Authorisation: Sendable {
    public var administrator: Credentials
    /// Needed as soon as there is another person with an account.
    public var approver: Credentials?
    public var reason: String

    public init(administrator: Credentials, approver: Credentials?, reason: String) {
        (self.administrator, self.approver, self.reason) = (administrator, approver, reason)
    }
}

extension Accounts {
    /// What a new account is made of.
    public struct Applicant: Sendable {
        public var login: String
        public var printedName: String
        public var grants: [Grant]
        /// How somebody made sure who this is (21 CFR 11.100(b)): "passport seen by M. Weber".
        public var identity: String

        public init(login: String, printedName: String, grants: [Grant], identity: String) {
            (self.login, self.printedName, self.grants, self.identity) = (login, printedName, grants, identity)
        }

        func check() throws {
            guard (2...40).contains(login.count),
                login.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) })
            else {
                throw AccountProblem.fault("A login name has 2 to 40 letters, digits, dots, hyphens and underscores.")
            }
            guard (2...100).contains(printedName.trimmed.count) else {
                throw AccountProblem.fault("The printed name, as it stands under signatures, has 2 to 100 characters.")
            }
            guard !grants.isEmpty else {
                let names = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw AccountProblem.fault("An account has at least one role of \(names).")
            }
            guard (3...200).contains(identity.trimmed.count) else {
                throw AccountProblem.fault(
                    "Say how somebody made sure who the person is, in identity: 3 to 200 characters.")
            }
        }
    }

    private static let recovered = "account-recovered"

    /// The first account, an administrator's, or a way back in when nobody can administer any more: with the code that lies
    /// in the data folder.
    public func setUp(
        code: String, login: String, printedName: String, password: String, accepts: Bool
    ) async throws -> Account {
        let file = SetUpCode(folder: store.folder)
        let applicant = Applicant(
            login: login.trimmed, printedName: printedName.trimmed, grants: [Grant(.administrator)],
            identity: "holds the code of the data folder")
        return try await turnstile.pass {
            let isFirst = try await store.read { try !$0.hasPasswords() }
            guard let content = file.read(), isFirst || content.by != nil,
                InvitationCode.digest(content.code) == InvitationCode.digest(code)
            else {
                try await store.write { try $0.noteUnknownAttempt() }
                throw AccountProblem.conflict(
                    isFirst
                        ? "The code is not the one in the file set-up-code of the data folder."
                        : "There are accounts already: an administrator makes further ones. If none can, see andon account recover."
                )
            }
            try applicant.check()
            guard accepts else { throw AccountProblem.fault(Self.statementNeeded) }
            try PasswordRules.check(password, login: applicant.login, printedName: applicant.printedName, policy)
            let salt = Hex.text(store.random.bytes(16))
            let made = try await store.write { transaction in
                let made = try transaction.make(applicant, salt: salt)
                try transaction.recordCreation(
                    made, applicant,
                    ["why": .string(content.reason ?? "the first account"), "by": .string(content.by ?? "set-up")])
                if let person = content.by {
                    try transaction.alarm(
                        Self.recovered, subject: made.subject,
                        "\(person) made the administrator \(made.login) with the data folder's code: \(content.reason ?? "")"
                    )
                }
                return made
            }
            let account = try await establish(made, password: password)
            file.remove()
            return account
        }
    }

    /// A new account.
    /// - Returns: the code by which its owner sets a password: to be handed to that person alone.
    public func create(_ applicant: Applicant, _ authorisation: Authorisation) async throws -> (Account, code: String) {
        try applicant.check()
        let words = try await authorised(authorisation, for: "a new account", about: nil, giving: applicant.grants)
        let (salt, code, expiry) = (Hex.text(store.random.bytes(16)), InvitationCode.make(store.random), invitationEnd)
        let account = try await store.write { transaction in
            var made = try transaction.make(applicant, salt: salt)
            made.invitation = .init(digest: InvitationCode.digest(code), expiresAt: expiry)
            try transaction.update(made)
            try transaction.recordCreation(made, applicant, words)
            return made
        }
        return (account, code)
    }

    private var invitationEnd: Timestamp { store.time.now() + policy.invitationAgeMax }

    /// A lost or known password: what was is worth nothing at once, and the owner makes a new key with the code.
    public func reset(_ number: Int64, _ authorisation: Authorisation) async throws -> (Account, code: String) {
        let words = try await authorised(authorisation, for: "a reset", about: number)
        let (code, expiry) = (InvitationCode.make(store.random), invitationEnd)
        let account = try await change(number, "account.reset", words) { account in
            guard account.state != .retired else { throw AccountProblem.conflict("The account is retired, for good.") }
            (account.state, account.sealed) = (.invited, nil)
            (account.failures, account.lockedUntil) = (0, nil)
            account.invitation = .init(digest: InvitationCode.digest(code), expiresAt: expiry)
            return [:]
        }
        return (account, code)
    }

    /// Ends an account. Its signatures stay valid; its number and login name are never used again.
    public func retire(_ number: Int64, _ authorisation: Authorisation) async throws -> Account {
        let words = try await authorised(authorisation, for: "a retirement", about: number, alone: true)
        let administrator = try await store.read { reader in
            try reader.accounts().contains {
                $0.number != number && $0.state == .active && $0.hasPassword
                    && $0.grants.contains(Grant(.administrator))
            }
        }
        guard administrator else { throw AccountProblem.conflict("No administrator would be left.") }
        return try await change(number, "account.retired", words) { account in
            (account.state, account.sealed, account.invitation) = (.retired, nil, nil)
            return [:]
        }
    }

    public func unlockAccount(_ number: Int64, _ authorisation: Authorisation) async throws -> Account {
        let words = try await authorised(authorisation, for: "an unlocking", about: number, alone: true)
        let account = try await change(number, "account.unlocked", words) { account in
            let was = account.lockedUntil
            (account.failures, account.lockedUntil) = (0, nil)
            return ["lockedUntil": was.map { .time($0) } ?? .null]
        }
        try await store.write { try $0.clearAlarm("account-locked", subject: account.subject) }
        return account
    }

    /// Other roles, or another printed name: what was stays in the ledger.
    public func change(
        _ number: Int64, printedName: String?, grants: [Grant]?, _ authorisation: Authorisation
    ) async throws -> Account {
        guard printedName != nil || grants != nil else { throw AccountProblem.fault("Nothing is to be changed.") }
        if let printedName, !(2...100).contains(printedName.trimmed.count) {
            throw AccountProblem.fault("The printed name has 2 to 100 characters.")
        }
        if let grants, grants.isEmpty { throw AccountProblem.fault("An account has at least one role.") }
        let words = try await authorised(
            authorisation, for: "a change of an account", about: number, giving: grants ?? [])
        return try await change(number, "account.changed", words) { account in
            var changes: [String: JSON] = [:]
            if let grants {
                changes["roles"] = [
                    "old": .array(account.grants.map { .string("\($0)") }),
                    "new": .array(grants.map { .string("\($0)") }),
                ]
                account.grants = grants
            }
            if let printedName {
                changes["printedName"] = ["old": .string(account.printedName), "new": .string(printedName.trimmed)]
                account.printedName = printedName.trimmed
            }
            return changes
        }
    }

    private func change(
        _ number: Int64, _ kind: String, _ words: [String: JSON],
        _ apply: @escaping @Sendable (inout Account) throws -> [String: JSON]
    ) async throws -> Account {
        try await store.write { transaction in
            guard var account = try transaction.reader.account(number) else { throw AccountProblem.none(number) }
            let changes = try apply(&account)
            try transaction.update(account)
            if kind != "account.unlocked" { try transaction.endSessions(of: account, why: kind) }
            try transaction.record(
                kind, of: account.subject, .object(words.merging(changes) { $1 }),
                names: ["/by", "/approvedBy", "/printedName/old", "/printedName/new"])
            return account
        }
    }

    // MARK: Two people

    /// Checks both people, and says who they were.
    ///
    /// - Parameters:
    ///   - number: the account that it is about, whose owner can be neither of them.
    ///   - grants: what is given to the account.
    ///   - alone: a second person is not needed: what is done gives nobody anything.
    private func authorised(
        _ authorisation: Authorisation, for purpose: String, about number: Int64?, giving grants: [Grant] = [],
        alone: Bool = false
    ) async throws -> [String: JSON] {
        let reason = authorisation.reason.trimmed
        guard (3...1000).contains(reason.count) else {
            throw AccountProblem.fault("Say why, in reason: 3 to 1000 characters.")
        }
        let administrator = try await unlock(authorisation.administrator, for: purpose).account
        guard administrator.roles.contains(.administrator) else {
            try await store.write { try $0.refuse(administrator, "not an administrator", purpose) }
            throw AccountProblem.notAllowed("Accounts are kept by administrators; \(administrator.login) is none.")
        }
        guard administrator.number != number else {
            throw AccountProblem.notAllowed("Nobody changes their own account: ask another administrator.")
        }
        try await demandReach(of: administrator, over: grants, about: number, for: purpose)
        var words: [String: JSON] = [
            "why": .string(reason), "by": .string(administrator.printedName),
            "byAccount": .integer(administrator.number),
        ]
        guard let second = try await approver(authorisation, purpose, administrator, number, alone: alone) else {
            return words
        }
        try await store.write { transaction in
            // Two people administer again, and have seen it.
            for alarm in try transaction.reader.alarms() where alarm.kind == Self.recovered {
                try transaction.clearAlarm(alarm.kind, subject: alarm.subject)
            }
        }
        words["approvedBy"] = .string(second.printedName)
        words["approvedByAccount"] = .integer(second.number)
        return words
    }

    /// Who administers some sites gives roles at these alone, and changes no account with roles elsewhere.
    private func demandReach(
        of administrator: Account, over grants: [Grant], about number: Int64?, for purpose: String
    ) async throws {
        guard let sites = Caller(administrator).sites(for: .administer) else { return }
        let held = try await store.read { reader in try number.flatMap { try reader.account($0) }?.grants ?? [] }
        let isWithin = (grants + held).allSatisfy { grant in grant.site.map { sites.contains($0) } ?? false }
        guard !isWithin else { return }
        try await store.write { try $0.refuse(administrator, "an administrator of other sites", purpose) }
        throw AccountProblem.notAllowed(
            "\(administrator.login) administers \(sites.sorted().joined(separator: ", ")) alone: roles elsewhere, and accounts "
                + "that have such, are for an administrator whose role names no site.")
    }

    private func approver(
        _ authorisation: Authorisation, _ purpose: String, _ administrator: Account, _ number: Int64?, alone: Bool
    ) async throws -> Account? {
        guard let credentials = authorisation.approver else {
            let others = try await store.read { reader in
                try reader.accounts().contains {
                    $0.state == .active && $0.hasPassword && $0.number != administrator.number && $0.number != number
                }
            }
            guard alone || !others else {
                throw AccountProblem.notAllowed(
                    "This needs a second person with an account, who types login name and password as well (approver): "
                        + "no one alone may make or reset a signature.")
            }
            return nil
        }
        let second = try await unlock(credentials, for: purpose).account
        guard second.number != administrator.number, second.number != number else {
            throw AccountProblem.notAllowed("The second person is another one than the administrator and the owner.")
        }
        return second
    }
}

extension Transaction {
    fileprivate func make(_ applicant: Accounts.Applicant, salt: String) throws -> Account {
        guard try !reader.isTaken(login: applicant.login) else {
            throw AccountProblem.conflict(
                "Somebody has or had the login name \(applicant.login). Names are never given out again; take another.")
        }
        return try insert(
            Account(
                number: 0, login: applicant.login, printedName: applicant.printedName.trimmed, grants: applicant.grants,
                state: .invited, failures: 0), salt: salt)
    }

    fileprivate func recordCreation(
        _ account: Account, _ applicant: Accounts.Applicant, _ words: [String: JSON]
    ) throws {
        try record(
            "account.created", of: account.subject,
            .object(
                words.merging([
                    "account": .integer(account.number), "login": .string(account.login),
                    "printedName": .string(account.printedName),
                    "roles": .array(account.grants.map { .string("\($0)") }),
                    "identity": .string(applicant.identity.trimmed),
                ]) { $1 }), names: ["/by", "/approvedBy", "/login", "/printedName", "/identity"])
    }
}

extension Accounts {
    /// An administrator who shows who they are, for what is not a change of accounts.
    ///
    /// - Parameter purpose: what for, as the ledger says it of a refusal.
    /// - Throws: ``Problem``: as ``unlock(_:for:)``, and 403 for a person who is none.
    public func administrator(_ credentials: Credentials, for purpose: String) async throws -> Account {
        let account = try await unlock(credentials, for: purpose).account
        guard account.roles.contains(.administrator) else {
            try await store.write { try $0.refuse(account, "not an administrator", purpose) }
            throw AccountProblem.notAllowed("This is for administrators; \(account.login) is none.")
        }
        return account
    }
}
