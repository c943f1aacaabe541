import AndonLedger
import AndonModel

/// What a person records of an order that no camera and no CMMS tells: disposition, containment, cause and so on.
///
/// It stands in the ledger alone (`evidence.recorded`), each correction as an entry of its own with what it replaces, who
/// and why, so that no earlier value is lost (21 CFR 11.10(e)).
public struct RecordedEvidence: Sendable {
    public var kind: EvidenceKind
    public var value: String
    public var by: String
    /// Why an earlier value is replaced; needed where there is one.
    public var why: String?

    public static let entryKind = "evidence.recorded"
    public static let valueMax = 4000

    /// - Throws: ``Problem`` with what is missing.
    public init(kind: EvidenceKind, value: String, by: String, why: String?) throws {
        func refuse(_ detail: String) -> Problem {
            Problem(status: 422, type: "invalid-evidence", title: "The evidence cannot be recorded", detail: detail)
        }
        guard EvidenceKind.recordable.contains(kind) else {
            let words = EvidenceKind.recordable.map(\.word).joined(separator: ", ")
            throw refuse("\"\(kind.word)\" comes from the report or the CMMS; what people record is one of \(words).")
        }
        let (value, by) = (value.trimmed, by.trimmed)
        guard !value.isEmpty, value.count <= Self.valueMax else {
            throw refuse("\"value\" needs 1 to \(Self.valueMax) characters; it has \(value.count).")
        }
        guard !by.isEmpty, by.count <= 200 else {
            throw refuse("\"by\" is the name of who says so: 1 to 200 characters.")
        }
        (self.kind, self.value, self.by) = (kind, value, by)
        self.why = why.map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Writes it into the ledger.
    /// - Throws: ``Problem``: no such order; a correction without a reason; a value that stands already.
    public func keep(of reference: Reference, in transaction: Transaction) throws -> Int64 {
        guard try transaction.reader.order(reference) != nil else {
            throw Problem(status: 404, type: "not-found", title: "Not found", detail: "There is no order \(reference).")
        }
        let trail = try transaction.reader.ledgerEntries(of: reference.text, limit: TraceableRecord.entriesMax)
        let earlier = try Self.all(in: trail, transaction.reader)[kind]
        guard earlier?.value != Self.words(value, by) else { return earlier?.entries.last ?? 0 }
        guard earlier == nil || why != nil else {
            throw Problem(
                status: 422, type: "invalid-evidence", title: "The evidence cannot be recorded",
                detail:
                    "\(kind.name) is recorded already; a correction needs \"why\". The earlier value stays in the ledger."
            )
        }
        return try transaction.record(
            Self.entryKind, of: reference.text,
            .object(present: [
                "evidence": .string(kind.rawValue), "value": .string(value), "by": .string(by),
                "was": earlier?.entries.last.map { .integer($0) }, "why": why.map { .string($0) },
            ]), names: ["/by"])
    }

    private static func words(_ value: String, _ by: String) -> String { "\(value) (\(by))" }

    /// The newest of each kind, with the entries of it and of those that it replaced.
    static func all(in trail: [LedgerEntry], _ reader: Reader) throws -> [EvidenceKind: Evidence] {
        var found: [EvidenceKind: Evidence] = [:]
        for entry in trail where entry.kind == entryKind {
            guard let kind = entry.body["evidence"]?.string.flatMap(EvidenceKind.init(rawValue:)),
                let value = entry.body["value"]?.string
            else { continue }
            let by = entry.body["by"]?.string ?? "name withheld"
            found[kind] = Evidence(kind, words(value, by), entries: (found[kind]?.entries ?? []) + [entry.index])
        }
        return found
    }
}
