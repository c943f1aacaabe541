import AndonModel

/// What a person may do. A person may have several.
public enum Role: String, Sendable, CaseIterable {
    case viewer
    case technician
    case planner
    case qualityEngineer = "quality-engineer"
    case auditor
    case administrator
}

/// A person who signs: one account, one person, for good. Numbers and login names are never given out again
/// (21 CFR 11.100(a), 11.300(a)).
public struct Account: Sendable, Equatable {
    public enum State: String, Sendable {
        /// Made, and waiting for its owner to set a password.
        case invited
        case active
        case retired
    }

    /// From 1, in the order of their making.
    public var number: Int64
    public var login: String
    public var printedName: String
    /// What the person may do, and where; in the order in which they were given.
    public var grants: [Grant]
    public var state: State
    /// Wrong passwords since the last right one.
    public var failures: Int
    /// Nothing is taken from this account before then.
    public var lockedUntil: Timestamp?
    /// From when on a new password is needed before anything else.
    public var passwordDueAt: Timestamp?
    /// The way in of a person who has no password: made by others, and good for one use.
    var invitation: Invitation?
    /// The key, behind the password; nil until there is one.
    var sealed: SealedKey?

    struct Invitation: Sendable, Equatable {
        /// SHA-256 of the code, hexadecimal. A code has 80 random bits: no slow hash is needed.
        var digest: String
        var expiresAt: Timestamp
    }

    /// Each once, wherever it holds.
    public var roles: [Role] { grants.map(\.role).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

    /// Whether its owner can type a password: not who comes by OpenID Connect alone.
    public var hasPassword: Bool { sealed != nil }

    /// As the ledger calls it.
    public var subject: String { Self.subject(number) }

    public static func subject(_ number: Int64) -> String { "account/\(number)" }

    public func isLocked(at time: Timestamp) -> Bool { lockedUntil.map { time < $0 } ?? false }

    /// What administrators and auditors see. Nothing of the key or a code is in it.
    public var json: JSON {
        .object(present: [
            "account": .integer(number), "login": .string(login), "printedName": .string(printedName),
            "roles": .array(grants.map { .string("\($0)") }), "state": .string(state.rawValue),
            "lockedUntil": lockedUntil.map { .time($0) }, "passwordDueAt": passwordDueAt.map { .time($0) },
        ])
    }
}
