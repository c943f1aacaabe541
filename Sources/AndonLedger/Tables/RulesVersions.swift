import AndonModel
import AndonSQL

enum RulesVersions {
    /// The section `rules` that a version was read from: what can be edited, and put in force again.
    static let documents = """
        CREATE TABLE rules_document (version INTEGER PRIMARY KEY, document TEXT NOT NULL);
        """
}

extension Transaction {
    /// Gives the rules their version: the same rules keep theirs, other rules get the next one and an entry of the ledger,
    /// with every value that was changed, what it was before, and who says why.
    ///
    /// - Parameter document: the section that the rules were read from; it is kept with a new version.
    public func putRulesInForce(
        _ body: JSON, document: JSON? = nil, change: ConfigurationChange? = nil
    ) throws -> Int {
        let digest = Hex.sha256(body.canonicalBytes)
        let last = try reader.row("SELECT version, digest, body FROM rules_version ORDER BY version DESC LIMIT 1")
        if let last, last["digest"] == digest { return last["version"] }
        let version: Int = (last?["version"] ?? 0) + 1
        try run(
            "INSERT INTO rules_version (version, digest, in_force_at, body) VALUES (?, ?, ?, ?)",
            [version, digest, now.microseconds, body.canonicalText])
        if let document {
            try run(
                "INSERT INTO rules_document (version, document) VALUES (?, ?)", [version, document.canonicalText])
        }
        let before = try (last?["body"] as String?).map { try JSON(parsing: $0) }
        let changes = before.map { JSONDifference.between($0, body).map(\.json) }
        try record(
            "rules.in-force", of: "rules/\(version)",
            .object(present: [
                "digest": .string(digest), "version": .integer(version), "changes": changes.map { .array($0) },
                "by": change.map { .string($0.by) }, "why": change.map { .string($0.reason) },
                "approvedBy": change?.approvedBy.map { .string($0) },
            ]), names: ["/by", "/approvedBy"])
        return version
    }
}

extension Reader {
    /// The versions of the rules, the newest first, with the time from which each was in force.
    public func rulesVersions(limit: Int = 1000) throws -> [(version: Int, inForceAt: Timestamp)] {
        try rows("SELECT version, in_force_at FROM rules_version ORDER BY version DESC LIMIT ?", [limit]).map {
            ($0["version"], Timestamp($0, "in_force_at"))
        }
    }

    /// The section that a version was read from; nil for none, as of versions of before it was kept.
    public func rulesDocument(version: Int) throws -> JSON? {
        guard let row = try row("SELECT document FROM rules_document WHERE version = ?", [version]) else { return nil }
        return try SettingChanges.parsed(row["document"])
    }

    /// The rules that had this version; nil for none.
    public func rules(version: Int) throws -> JSON? {
        guard let row = try row("SELECT body FROM rules_version WHERE version = ?", [version]) else { return nil }
        return try JSON(parsing: row["body"] as String)
    }
}
