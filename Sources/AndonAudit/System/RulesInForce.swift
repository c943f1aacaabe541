import AndonDraw
import AndonIdentity
import AndonLedger
import AndonModel
import AndonSQL

/// The versions of the rules that decided in a time, each with the entries that put it in force and signed for it.
struct RulesInForce {
    struct Version {
        var number: Int
        var digest: String
        var since: Timestamp
        /// nil for the one that is in force.
        var until: Timestamp?
        var rules: JSON
        var entries: [LedgerEntry]
        /// Who signed for it and how, each held against what it signs.
        var signed: [CheckedSignature]
        /// Where the ledger says whose keys those are.
        var signers: [LedgerEntry]

        static let inForce = "rules.in-force"

        var isRecorded: Bool { entries.contains { $0.kind == Self.inForce && $0.body["digest"] == .string(digest) } }
        /// What is other than in the version before, as its entry says.
        var changes: JSON? { entries.first { $0.kind == Self.inForce }?.body["changes"] }
    }

    let versions: [Version]
    /// Each configuration that was read before the time ended, and each change in the interface, with what was changed.
    let configurations: [LedgerEntry]

    init(_ reader: Reader, _ query: PackageQuery) throws {
        configurations = try reader.ledgerEntries(
            of: "configuration", kinds: ["configuration.read", "settings.changed"]
        ).filter { $0.at < query.to }
        let found = try reader.rows(
            """
            SELECT version, digest, in_force_at, body, LEAD(in_force_at) OVER (ORDER BY version) AS until
            FROM rules_version ORDER BY version
            """)
        versions = try found.compactMap { row in
            let until: Int64? = row["until"]
            guard (row["in_force_at"] as Int64) < query.to.microseconds,
                until.map({ $0 > query.from.microseconds }) != false
            else { return nil }
            let number: Int = row["version"]
            let signed = try reader.signatures(of: "rules/\(number)")
            return Version(
                number: number, digest: row["digest"], since: Timestamp(microseconds: row["in_force_at"]),
                until: until.map { Timestamp(microseconds: $0) }, rules: try JSON(parsing: row["body"] as String),
                entries: try reader.ledgerEntries(of: "rules/\(number)"), signed: signed,
                signers: try signed.map(\.statement.account).uniqued().flatMap(reader.keyEntries))
        }
    }

    var part: SystemPart {
        SystemPart(
            finding,
            files: [
                .init("system/rules.csv", Array(csv.utf8)), .init("system/rules.json", json.canonicalBytes),
                .init("system/configuration.csv", Array(configurationCSV.utf8)),
            ], entries: (configurations + versions.flatMap { $0.entries + $0.signers }).map(\.index), blocks: blocks)
    }

    private var finding: SystemFinding {
        guard !versions.isEmpty else { return SystemFinding(.rules, .missing, "no rules were in force") }
        let lost = versions.filter { !$0.isRecorded }.map { "\($0.number)" }
        guard lost.isEmpty else {
            return SystemFinding(.rules, .finding, "versions without their entry: \(lost.joined(separator: ", "))")
        }
        let signed = versions.count { !$0.signed.isEmpty }
        return SystemFinding(
            .rules, .shown,
            "\(versions.count) version\(versions.count == 1 ? "" : "s") in force, \(signed) of them signed for")
    }

    private var csv: String {
        Register.csv(
            [["version", "in_force_since", "until", "sha256", "entries", "signatures", "changes"]]
                + versions.map { version in
                    [
                        "\(version.number)", "\(version.since)", version.until.map { "\($0)" } ?? "", version.digest,
                        version.entries.map { "\($0.index)" }.joined(separator: " "),
                        version.signed.map(\.words).joined(separator: "; "),
                        version.changes?.canonicalText ?? "",
                    ]
                })
    }

    /// The whole file's changes: plant, connectors, retention and all else.
    private var configurationCSV: String {
        Register.csv(
            [["entry", "read_at", "sha256", "by", "why", "changes"]]
                + configurations.map { entry in
                    [
                        "\(entry.index)", "\(entry.at)", entry.body["sha256"]?.string ?? "",
                        entry.body["by"]?.string ?? "", entry.body["why"]?.string ?? "",
                        entry.body["changes"]?.canonicalText ?? "",
                    ]
                })
    }

    /// `sha256` is of the canonical JSON (RFC 8785) of `rules`.
    private var json: JSON {
        [
            "schema": "andon.rules-evidence/1",
            "versions": .array(
                versions.map { version in
                    .object(present: [
                        "version": .integer(version.number), "since": .time(version.since),
                        "until": version.until.map { .time($0) }, "sha256": .string(version.digest),
                        "changes": version.changes, "rules": version.rules,
                        "entries": .array(version.entries.map { .integer($0.index) }),
                        "signatures": .array(version.signed.map(\.json)),
                    ])
                }),
        ]
    }

    private var blocks: [Document.Block] {
        guard !versions.isEmpty else { return [] }
        let rows = versions.map { version in
            [
                "\(version.number)", "\(version.since)", version.until.map { "\($0)" } ?? "in force",
                version.digest, version.entries.map { "\($0.index)" }.joined(separator: ", "),
                version.signed.isEmpty ? "not signed for" : version.signed.map(\.words).joined(separator: "; "),
            ]
        }
        return [
            .heading(2, "Rules in force"),
            .table(
                [
                    .init("Version", weight: 0.7), .init("Since", weight: 1.5), .init("Until", weight: 1.5),
                    .init("SHA-256", weight: 2.6), .init("Entries"), .init("Signatures", weight: 2),
                ], rows: rows),
        ]
    }
}
