import AndonModel

/// Somebody who has signed in at the provider, as this server sees them.
public struct ClaimedPerson: Sendable, Equatable {
    public var issuer: String
    /// The provider's name for the person, for good.
    public var subject: String
    /// Nil where no claim gives one that is one here.
    public var login: String?
    public var printedName: String
    /// In one order; empty for somebody who has nothing to do here.
    public var grants: [Grant]

    public init(issuer: String, subject: String, login: String?, printedName: String, grants: [Grant]) {
        (self.issuer, self.subject, self.login) = (issuer, subject, login)
        (self.printedName, self.grants) = (printedName, grants)
    }
}

/// Makes a person of claims, by the configuration.
public struct ClaimRoles: Sendable {
    private let settings: OpenIDSettings

    /// Values of the roles' claim that are looked at: some people are in hundreds of groups.
    private static let valuesMax = 2000

    public init(_ settings: OpenIDSettings) { self.settings = settings }

    /// - Parameter claims: of a token that was checked, with further ones of the same subject.
    public func person(_ claims: JSON, subject: String) -> ClaimedPerson {
        let login = value(claims, settings.loginClaim)?.string.flatMap(Self.login)
        return ClaimedPerson(
            issuer: settings.issuer, subject: subject, login: login,
            printedName: value(claims, settings.nameClaim)?.string.flatMap(Self.printedName) ?? login ?? "(no name)",
            grants: grants(claims))
    }

    /// Whether something that is asked for is missing.
    public func lacks(_ claims: JSON) -> Bool {
        [settings.loginClaim, settings.nameClaim, settings.rolesClaim].contains { value(claims, $0) == nil }
    }

    /// What the person may do, whatever the order in which the provider lists it: two equal answers give equal lists.
    func grants(_ claims: JSON) -> [Grant] {
        guard let claim = value(claims, settings.rolesClaim) else { return [] }
        let names = (claim.array ?? [claim]).prefix(Self.valuesMax).compactMap(\.string)
        let given = Set(names.flatMap { settings.roles[$0] ?? [] })
        return given.sorted { left, right in
            let places = (Self.place(left), Self.place(right))
            return places.0 == places.1 ? (left.site ?? "") < (right.site ?? "") : places.0 < places.1
        }
    }

    private static func place(_ grant: Grant) -> Int { Role.allCases.firstIndex(of: grant.role) ?? 0 }

    private func value(_ claims: JSON, _ name: String) -> JSON? {
        let found = name.hasPrefix("/") ? claims.value(at: name) : claims[name]
        return found == .null ? nil : found
    }

    /// Login names of the provider may be mail addresses; those of accounts that are made here have no such letters.
    private static func login(_ text: String) -> String? {
        let login = text.trimmed
        guard (2...100).contains(login.utf8.count),
            login.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_@+".contains($0)) })
        else { return nil }
        return login
    }

    private static func printedName(_ text: String) -> String? {
        let name = text.asOneLine
        return (2...100).contains(name.count) ? name : nil
    }
}
