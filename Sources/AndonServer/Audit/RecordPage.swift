import AndonAudit
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb

/// A record as one page: every fact with the entries of the ledger behind it, and forms for what only people know.
struct RecordPage {
    let record: TraceableRecord
    let texts: Texts
    let formats: Formats
    /// Why a form was refused, in words.
    var problem: String?
    /// What was typed into the form of a fact.
    var typed = RecordFields()
    var sign: SignForm

    init(_ record: TraceableRecord, _ texts: Texts, _ formats: Formats) {
        (self.record, self.texts, self.formats) = (record, texts, formats)
        sign = SignForm(record.reference, texts)
    }

    func values(_ caller: Caller) -> [String: Any] {
        let missing = record.missing(TraceableRecord.essentials).map { name($0) }.joined(separator: ", ")
        var values: [String: Any] = ["reference": record.reference.text, "title": record.title]
        values["complete"] = record.isComplete
        values["missing"] = texts.text("record", "incomplete", ["what": missing])
        values["sections"] = RecordSection.chain.enumerated().map { number, section -> [String: Any] in
            ["heading": texts["record", "section-\(number)"], "facts": section.kinds.map { fact(record.evidence($0)) }]
        }
        values["transmission"] = record.transmission.map(attempt)
        values["hasTransmission"] = !record.transmission.isEmpty
        values["trail"] = record.trail.map(entry)
        values["kinds"] = EvidenceKind.recordable.map { kind -> [String: Any] in
            ["word": kind.word, "label": name(kind), "isChosen": kind.word == typed.evidence]
        }
        values["value"] = typed.value
        values["by"] = typed.by
        values["why"] = typed.why
        values["isTyping"] = typed.isTyped
        values["mayRecord"] = caller.may(.retain)
        values["asksWho"] = caller.account == nil
        values["signatures"] = record.signatures.map { signature -> [String: Any] in
            ["words": signature.words, "index": signature.index]
        }
        values["hasSignatures"] = !record.signatures.isEmpty
        values["sign"] = sign.values
        if let problem { values["problem"] = problem }
        if let picture = record.order.document.picture?.sha256 { values["picture"] = picture }
        values["marked"] = record.order.document.region != nil
        return values
    }

    private func name(_ kind: EvidenceKind) -> String { texts["record", "fact-\(kind.word)"] }

    private func fact(_ evidence: Evidence) -> [String: Any] {
        var values: [String: Any] = ["factName": name(evidence.kind)]
        values["entries"] = evidence.entries.map { ["index": $0] }
        values["isWorkedOut"] = !evidence.isMissing && evidence.entries.isEmpty
        values["isKnown"] = !evidence.isMissing
        values["fact"] = evidence.value ?? ""
        return values
    }

    private func attempt(_ attempt: AttemptRecord) -> [String: Any] {
        var values: [String: Any] = ["effect": texts["order", "effect-\(attempt.effect.rawValue)"]]
        values["number"] = attempt.number
        values["at"] = formats.second(attempt.startedAt)
        values["atMachine"] = Formats.machine(attempt.startedAt)
        values["outcome"] = attempt.answer?.outcome ?? texts["order", "no-answer"]
        values["answer"] = attempt.answer?.remoteID ?? attempt.answer?.detail ?? ""
        return values
    }

    private func entry(_ entry: LedgerEntry) -> [String: Any] {
        var values: [String: Any] = ["index": entry.index, "kind": entry.kind, "subject": entry.subject]
        values["at"] = formats.second(entry.at)
        values["atMachine"] = Formats.machine(entry.at)
        values["said"] = RecordDocument.words(entry.body)
        return values
    }
}

/// A fact that somebody types, as it was typed.
struct RecordFields: Sendable {
    var evidence = ""
    var value = ""
    var by = ""
    var why = ""

    var isTyped: Bool { ![evidence, value, by, why].allSatisfy(\.isEmpty) }
}
