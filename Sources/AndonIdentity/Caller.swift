import AndonLedger
import AndonModel

/// Who asks for something, as the server found out by a session, a key or a certificate.
public struct Caller: Sendable {
    public enum Kind: Sendable {
        /// A person who is signed in.
        case person(Account)
        /// A program with a key or a certificate, by its name.
        case machine(String)
        /// A server that asks nobody who they are (`server.access: open`).
        case anybody
        /// Somebody who has shown nothing.
        case stranger
    }

    public let kind: Kind
    /// By site; those of nil hold everywhere.
    private let permissions: [String?: Set<Permission>]
    /// A machine that showed a certificate of its own, and no key.
    public let hasCertificate: Bool

    private init(_ kind: Kind, _ permissions: [String?: Set<Permission>], hasCertificate: Bool = false) {
        (self.kind, self.permissions, self.hasCertificate) = (kind, permissions, hasCertificate)
    }

    public init(_ account: Account) {
        var permissions: [String?: Set<Permission>] = [:]
        for grant in account.grants { permissions[grant.site, default: []].formUnion(grant.role.permissions) }
        self.init(.person(account), permissions)
    }

    /// - Parameter sites: where its permissions hold; empty for everywhere.
    public init(
        machine name: String, _ permissions: Set<Permission>, sites: Set<String> = [], hasCertificate: Bool = false
    ) {
        let places: [String?] = sites.isEmpty ? [nil] : sites.map { $0 }
        self.init(
            .machine(name), Dictionary(places.map { ($0, permissions) }, uniquingKeysWith: { $1 }),
            hasCertificate: hasCertificate)
    }

    public static let anybody = Caller(.anybody, [nil: Set(Permission.allCases)])
    public static let stranger = Caller(.stranger, [:])

    /// As the ledger says who did something: the printed name, or the machine's. Of an open server nobody knows more than
    /// what was typed.
    public var name: String {
        switch kind {
        case .person(let account): account.printedName
        case .machine(let name): name
        case .anybody: "anybody"
        case .stranger: "a stranger"
        }
    }

    public var account: Account? {
        if case .person(let account) = kind { account } else { nil }
    }

    public var isStranger: Bool {
        if case .stranger = kind { true } else { false }
    }

    public var isAnybody: Bool {
        if case .anybody = kind { true } else { false }
    }

    /// Whether it may do this anywhere at all.
    public func may(_ permission: Permission) -> Bool { permissions.values.contains { $0.contains(permission) } }

    /// Whether it may do this at a site. What belongs to no site is everybody's who may do it anywhere.
    public func may(_ permission: Permission, at site: String?) -> Bool {
        guard let site else { return may(permission) }
        return [nil, site].contains { permissions[$0]?.contains(permission) == true }
    }

    /// The sites at which it may do this; nil when it may everywhere.
    public func sites(for permission: Permission) -> Set<String>? {
        if permissions[nil]?.contains(permission) == true { return nil }
        return Set(permissions.compactMap { $0.value.contains(permission) ? $0.key : nil })
    }

    /// All that it may do somewhere, in the order of the table.
    public var all: [Permission] { Permission.allCases.filter { may($0) } }
}

// MARK: Who did something

extension Caller {
    /// Characters of a typed name, and of a machine's, that are kept.
    public static let typedNameMax = 100
    private static let machineNameMax = 60

    /// The person who answers for something, as the ledger and the tables keep it.
    ///
    /// A signed-in person is known: what was typed says nothing then, and is not looked at. A machine says for whom it
    /// asks, and both stand there: `J. Miller (through mes-1)`. On an open server it is who somebody says to be.
    ///
    /// - Parameter typed: who a request says that it is of; whatever names a machine in it is taken out, as only the server
    ///   says that.
    /// - Returns: nil where no person is known: a machine that names nobody, an open server on which nobody gave a name.
    public func person(typed: String?) -> String? {
        if let account { return account.printedName }
        let name = ThroughName.person(of: (typed ?? "").asOneLine).cut(to: Self.typedNameMax)
        guard !name.isEmpty else { return nil }
        guard case .machine(let machine) = kind else { return name }
        return ThroughName.text(name, through: machine.cut(to: Self.machineNameMax))
    }

    /// The same, for what a machine may do by itself: one that names nobody is named itself.
    ///
    /// - Returns: nil on an open server on which nobody gave a name.
    public func doer(typed: String?) -> String? {
        if let person = person(typed: typed) { return person }
        return isAnybody ? nil : name
    }
}
