import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel

/// A draft of the rules as people see it: what it would change, and what stands in its way.
struct DraftView: Sendable {
    var draft: RuleDraft
    /// From the rules in force to the draft; of one that is no longer alive, from what it began with.
    var differences: [JSONDifference]
    /// Of the document, with the plant as it is now.
    var faults: [Problem.Fault]
    /// Other rules came into force since it was begun.
    var isOutdated: Bool
    /// What both have changed since.
    var clashes: [JSONMerge.Clash]

    /// - Parameter reach: what whoever looks may see; of the rest nothing is in the view.
    init(_ whole: RuleDraft, inForce: Configuration, faults: [Problem.Fault], _ reach: RulesReach) {
        var draft = whole
        draft.document = reach.document(whole.document)
        draft.baseDocument = reach.document(whole.baseDocument)
        self.draft = draft
        self.faults = faults.filter { reach.sees(pointer: $0.pointer) }
        isOutdated = draft.state.isAlive && draft.base != inForce.rules.version
        let now = reach.document(inForce.section("rules") ?? [:])
        differences = JSONDifference.between(draft.state.isAlive ? now : draft.baseDocument, draft.document)
        clashes =
            isOutdated ? JSONMerge(base: draft.baseDocument, mine: draft.document, theirs: now).clashes : []
    }

    /// - Parameter isWhole: with the document, and not only with what differs.
    func json(isWhole: Bool = true) -> JSON {
        .object(present: [
            "id": .integer(draft.number), "revision": .integer(draft.revision), "state": .string(draft.state.rawValue),
            "base": .integer(draft.base), "outdated": .bool(isOutdated), "document": isWhole ? draft.document : nil,
            "differences": .array(differences.map(\.json)),
            "faults": .array(
                faults.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }),
            "clashes": .array(clashes.map(\.json)), "reason": draft.reason.map { .string($0) },
            "version": draft.version.map { .integer($0) }, "created": draft.created.json,
            "changed": draft.changed.json, "submitted": draft.submitted?.json, "approved": draft.approved?.json,
        ])
    }
}

extension RuleDraft.Hand {
    /// Who and when; the account's number stays out of sight.
    var json: JSON { ["at": .time(at), "by": .string(name)] }
}

extension JSONMerge.Clash {
    var json: JSON {
        .object(present: ["pointer": .string(pointer), "base": base, "draft": mine, "inForce": theirs])
    }

    /// For people: what was, what is in force now, and what the draft says.
    var words: String {
        func text(_ value: JSON?) -> String { value.map { $0.string ?? $0.canonicalText } ?? "nothing" }
        return "was \(text(base)), is \(text(theirs)) now, and \(text(mine)) in the draft"
    }
}
