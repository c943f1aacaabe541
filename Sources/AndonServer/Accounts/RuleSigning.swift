import AndonIdentity
import AndonLedger
import AndonModel

/// Signatures under versions of the rules, and the alarm while the one in force has none.
struct RuleSigning: Sendable {
    let store: Store
    let policy: AccountPolicy

    private static let alarm = "rules-unsigned"

    static func subject(_ version: Int) -> String { "rules/\(version)" }

    /// Where it is expected, an alarm stands until somebody approves the rules in force.
    func watch(_ version: Int) async throws {
        guard policy.expectsSignedRules else { return }
        try await store.write { transaction in
            let subject = Self.subject(version)
            for (_, kind, other, _) in try transaction.reader.alarms() where kind == Self.alarm && other != subject {
                try transaction.clearAlarm(kind, subject: other)
            }
            guard try !Self.isApproved(version, transaction.reader) else {
                return try transaction.clearAlarm(Self.alarm, subject: subject)
            }
            try transaction.alarm(
                Self.alarm, subject: subject,
                "Version \(version) of the rules is in force, and nobody has approved it: look at /rules/\(version) and sign."
            )
        }
    }

    static func isApproved(_ version: Int, _ reader: Reader) throws -> Bool {
        try reader.signatures(of: subject(version)).contains {
            $0.fault == nil && $0.statement.meaning == .approval
        }
    }

    func sign(_ version: Int, as unlocked: Unlocked, _ request: SignatureRequest) async throws -> Int64 {
        let subject = Self.subject(version)
        let index = try await store.write { transaction in
            let entries = try transaction.reader.ledgerEntries(of: subject).filter { !$0.kind.hasPrefix("alarm.") }
            guard !entries.isEmpty else {
                throw Answer.notFound("version \(version) of the rules")
            }
            return try transaction.sign(.rules, of: subject, entries: entries.map(\.index), as: unlocked, request)
        }
        try await watchIfInForce(version)
        return index
    }

    private func watchIfInForce(_ version: Int) async throws {
        let newest = try await store.read { try $0.rulesVersions(limit: 1).first?.version }
        if newest == version { try await watch(version) }
    }
}
