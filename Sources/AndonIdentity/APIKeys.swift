import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// A machine's key with what it may do. The key itself is shown once, when it is made; the store has its digest.
public struct APIKey: Sendable {
    public var number: Int64
    public var name: String
    public var permissions: Set<Permission>
    /// Where they hold; empty for everywhere.
    public var sites: Set<String>
    public var madeAt: Timestamp
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?
    /// To the hour.
    public var usedAt: Timestamp?

    public var caller: Caller { Caller(machine: name, permissions, sites: sites) }

    public func isGood(at time: Timestamp) -> Bool {
        revokedAt == nil && (expiresAt.map { time < $0 } ?? true)
    }

    /// Nothing of the key is in it.
    public var json: JSON {
        .object(present: [
            "key": .integer(number), "name": .string(name),
            "permissions": .array(permissions.sorted().map { .string($0.rawValue) }),
            "sites": .array(sites.sorted().map { .string($0) }), "madeAt": .time(madeAt),
            "expiresAt": expiresAt.map { .time($0) }, "revokedAt": revokedAt.map { .time($0) },
            "usedAt": usedAt.map { .time($0) },
        ])
    }
}

/// The keys of machines. A key looks like `andon_` and 43 letters of base64url: 256 random bits, which no slow hash is
/// needed for.
public struct APIKeys: Sendable {
    let store: Store
    private static let prefix = "andon_"

    public init(_ store: Store) { self.store = store }

    private static func digest(_ text: String) -> String { Hex.sha256(Array("api-key/\(text)".utf8)) }

    public func list() async throws -> [APIKey] {
        try await store.read { try $0.rows("SELECT * FROM api_key ORDER BY number").map(Self.key) }
    }

    private static func key(_ row: Row) -> APIKey {
        APIKey(
            number: row["number"], name: row["name"],
            permissions: Set(
                (row["permissions"] as String).split(separator: " ").compactMap { Permission(rawValue: String($0)) }),
            sites: Set((row["sites"] as String).split(separator: " ").map(String.init)),
            madeAt: Timestamp(row, "made_at"), expiresAt: Timestamp(optional: row, "expires_at"),
            revokedAt: Timestamp(optional: row, "revoked_at"), usedAt: Timestamp(optional: row, "used_at"))
    }

    /// - Parameter person: who makes it, for the ledger.
    /// - Returns: the key as the machine sends it: it is not shown again.
    public func make(
        name: String, permissions: Set<Permission>, sites: Set<String> = [], expiresAt: Timestamp? = nil,
        by person: String
    ) async throws -> (key: APIKey, text: String) {
        let name = name.trimmed
        guard (2...60).contains(name.count) else {
            throw AccountProblem.fault("A key's name says which machine has it: 2 to 60 characters.")
        }
        guard !permissions.isEmpty else {
            let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
            throw AccountProblem.fault("A key may do at least one of \(all).")
        }
        if let fault = sites.first(where: { Grant("viewer@\($0)") == nil }) {
            throw AccountProblem.fault(
                "\"\(fault.prefix(40))\" is no site's code: letters, digits, dots, hyphens and underscores.")
        }
        let text = Self.prefix + Base64URL.text(store.random.bytes(32))
        let key = try await store.write { transaction in
            if let expiresAt, expiresAt <= transaction.now {
                throw AccountProblem.fault("The key would have expired already: \(expiresAt).")
            }
            let taken = try transaction.reader.count(
                "SELECT COUNT(*) FROM api_key WHERE name = ? AND revoked_at IS NULL", [name])
            guard taken == 0 else {
                throw AccountProblem.conflict("There is a key named \(name); revoke it first, or take another name.")
            }
            try transaction.run(
                """
                INSERT INTO api_key (name, digest, permissions, sites, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    name, Self.digest(text), permissions.sorted().map(\.rawValue).joined(separator: " "),
                    sites.sorted().joined(separator: " "), transaction.now.microseconds, expiresAt?.microseconds,
                ])
            let number = Int64(try transaction.reader.count("SELECT MAX(number) FROM api_key"))
            let made = APIKey(
                number: number, name: name, permissions: permissions, sites: sites, madeAt: transaction.now,
                expiresAt: expiresAt)
            try transaction.record(
                "key.made", of: "key/\(number)",
                .object((made.json.object ?? [:]).merging(["by": .string(person)]) { $1 }), names: ["/by"])
            return made
        }
        return (key, text)
    }

    /// Nothing is taken from it any more, from the next request on.
    public func revoke(_ number: Int64, reason: String, by person: String) async throws -> APIKey {
        let reason = reason.trimmed
        guard (3...1000).contains(reason.count) else {
            throw AccountProblem.fault("Say why, in reason: 3 to 1000 characters.")
        }
        return try await store.write { transaction in
            guard let row = try transaction.reader.row("SELECT * FROM api_key WHERE number = ?", [number]) else {
                throw Problem(
                    status: 404, type: "not-found", title: "Not found", detail: "There is no key \(number).")
            }
            var key = Self.key(row)
            guard key.revokedAt == nil else { throw AccountProblem.conflict("The key \(key.name) is revoked already.") }
            key.revokedAt = transaction.now
            try transaction.run(
                "UPDATE api_key SET revoked_at = ? WHERE number = ?", [transaction.now.microseconds, number])
            try transaction.record(
                "key.revoked", of: "key/\(number)",
                ["name": .string(key.name), "why": .string(reason), "by": .string(person)], names: ["/by"])
            return key
        }
    }

    /// The key of a text that a machine sent; nil when it is none, or no longer good.
    public func find(_ text: String) async throws -> APIKey? {
        guard text.hasPrefix(Self.prefix), text.utf8.count < 100 else { return nil }
        let digest = Self.digest(text)
        let now = store.time.now()
        guard
            let key = try await store.read({ reader in
                try reader.row("SELECT * FROM api_key WHERE digest = ?", [digest]).map(Self.key)
            }), key.isGood(at: now)
        else { return nil }
        if key.usedAt.map({ now - $0 >= .seconds(3600) }) ?? true {
            try await store.write { transaction in
                _ = try transaction.run(
                    "UPDATE api_key SET used_at = ? WHERE number = ?", [now.microseconds, key.number])
            }
        }
        return key
    }
}
