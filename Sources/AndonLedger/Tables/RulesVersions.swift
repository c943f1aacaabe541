import AndonModel
import GRDB

extension Transaction {
    /// Gives the rules their version: the same rules keep theirs, other rules get the next one and a ledger entry.
    public func putRulesInForce(_ body: JSON) throws -> Int {
        let digest = Hex.sha256(body.canonicalBytes)
        let last = try reader.row("SELECT version, digest FROM rules_version ORDER BY version DESC LIMIT 1")
        if let last, last["digest"] == digest { return last["version"] }
        let version: Int = (last?["version"] ?? 0) + 1
        try run(
            "INSERT INTO rules_version (version, digest, in_force_at, body) VALUES (?, ?, ?, ?)",
            [version, digest, now.microseconds, body.canonicalText])
        try record("rules.in-force", of: "rules/\(version)", ["digest": .string(digest), "version": .integer(version)])
        return version
    }
}

extension Reader {
    /// The rules that had this version; nil for none.
    public func rules(version: Int) throws -> JSON? {
        guard let row = try row("SELECT body FROM rules_version WHERE version = ?", [version]) else { return nil }
        return try JSON(parsing: row["body"] as String)
    }
}
