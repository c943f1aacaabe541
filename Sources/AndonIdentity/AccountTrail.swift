import AndonLedger
import AndonModel

/// What the ledger says of an account, against what its row says: nobody gives themselves a role by an editor of databases.
public struct AccountTrail {
    /// The kinds of entries that make an account what it is.
    public static let kinds = [
        "account.created", "account.key", "account.password-changed", "account.changed", "account.reset",
        "account.retired", "account.locked", "account.unlocked", "account.linked",
    ]

    private var roles: [Grant] = []
    private var state: Account.State?
    private var key: String?
    private var login: JSON?
    private var printedName: JSON?
    /// Whose it is at a provider of OpenID Connect.
    private var link: JSON?

    init(_ account: Int64, _ reader: Reader) throws {
        for entry in try reader.ledgerEntries(of: Account.subject(account), kinds: Self.kinds) { follow(entry) }
    }

    private mutating func follow(_ entry: LedgerEntry) {
        switch entry.kind {
        case "account.created":
            state = .invited
            roles = Self.roles(entry.body["roles"])
            (login, printedName) = (entry.body["login"], entry.body["printedName"])
        case "account.changed":
            if let new = entry.body["roles"]?["new"] { roles = Self.roles(new) }
            if let new = entry.body["printedName"]?["new"] { printedName = new }
        case "account.linked": (state, link) = (.active, entry.body)
        case "account.key": (state, key) = (.active, entry.body["key"]?.string)
        case "account.reset": (state, key) = (.invited, nil)
        case "account.retired": (state, key) = (.retired, nil)
        default: break
        }
    }

    private static func roles(_ json: JSON?) -> [Grant] {
        (json?.array ?? []).compactMap { $0.string.flatMap(Grant.init) }
    }

    /// Whether it was made for this person of a provider.
    func isLinked(issuer: String, subject: String) -> Bool {
        link?["issuer"]?.string == issuer && link?["subject"]?.string == subject
    }

    /// - Returns: what is other in the row; nil when all is as the ledger says.
    func fault(of account: Account) -> String? {
        if state == nil { return "no entry tells of it" }
        if account.state != state { return "it is \(account.state.rawValue), and should be \(state?.rawValue ?? "")" }
        if account.grants != roles { return "its roles are not those that were given" }
        if account.sealed.map({ "\($0.key)" }) != key { return "its key is not the one that was made for it" }
        let withheld = Transaction.withheldWord
        for (shown, value) in [(account.login, login), (account.printedName, printedName)] {
            guard shown == (value?.string ?? withheld) else { return "its names are not those that were written" }
        }
        return nil
    }
}

extension Reader {
    /// Why an account's row is not what the ledger says; nil when it is.
    func fault(of account: Account) throws -> String? {
        try AccountTrail(account.number, self).fault(of: account)
    }
}
