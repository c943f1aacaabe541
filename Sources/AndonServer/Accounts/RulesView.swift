import AndonIdentity
import AndonLedger
import AndonModel

/// A version of the rules with what was changed in it, by whom and why, and who signed it.
struct RulesView: Sendable {
    var version: Int
    var inForceAt: Timestamp
    var digest: String
    /// Nil for the first version, and for versions of before changes were written down.
    var changes: [JSONDifference]?
    var by: String?
    var reason: String?
    var approvedBy: String?
    var signatures: [CheckedSignature]
    var body: JSON

    init(_ version: Int, _ inForceAt: Timestamp, _ reader: Reader) throws {
        let subject = RuleSigning.subject(version)
        let entry = try reader.ledgerEntries(of: subject).first { $0.kind == "rules.in-force" }?.body
        (self.version, self.inForceAt) = (version, inForceAt)
        digest = entry?["digest"]?.string ?? ""
        changes = entry?["changes"]?.array?.compactMap { change in
            change["at"]?.string.map { JSONDifference(pointer: $0, old: change["old"], new: change["new"]) }
        }
        (by, reason) = (entry?["by"]?.string, entry?["why"]?.string)
        approvedBy = entry?["approvedBy"]?.string
        signatures = try reader.signatures(of: subject)
        body = try reader.rules(version: version) ?? .null
    }

    /// As somebody sees it to whom a part of the plant is out of reach. The digest stays that of the whole.
    func within(_ reach: RulesReach) -> RulesView {
        var view = self
        view.changes = changes.map { reach.differences($0) }
        view.body = reach.document(body)
        return view
    }

    var isApproved: Bool { signatures.contains { $0.fault == nil && $0.statement.meaning == .approval } }

    var json: JSON {
        .object(present: [
            "version": .integer(version), "inForceAt": .time(inForceAt), "sha256": .string(digest),
            "changes": changes.map { .array($0.map(\.json)) }, "by": by.map { .string($0) },
            "why": reason.map { .string($0) }, "approvedBy": approvedBy.map { .string($0) },
            "signatures": .array(signatures.map(\.json)), "rules": body,
        ])
    }
}
