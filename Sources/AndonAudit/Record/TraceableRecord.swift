import AndonIdentity
import AndonLedger
import AndonModel

/// The whole chain of one order, from the picture to what came after its closure, each fact with the entries of the
/// ledger that it rests on.
public struct TraceableRecord: Sendable {
    public var reference: Reference
    public var title: String
    public var order: OrderRecord
    /// In the order of ``EvidenceKind``.
    public var evidence: [Evidence]
    public var detections: [DetectionRecord]
    public var transmission: [AttemptRecord]
    /// What technicians photographed at the machine, oldest first.
    public var photos: [OrderPhoto]
    /// Everything that the ledger says of the order, its detections, their reports and the rules in force, ascending.
    public var trail: [LedgerEntry]
    /// Under the order, oldest first, each held against what it signs.
    public var signatures: [CheckedSignature]
    /// Orders for the same class and asset that were raised after this one ended.
    public var recurrences: [OrderRecord]

    /// Detections of one order that a record names one by one.
    public static let detectionsMax = 200
    /// Entries of one subject that a record holds; more are counted.
    public static let entriesMax = 1000

    /// - Returns: nil when there is no such order.
    /// - Throws: ``StoreError``.
    public init?(_ reference: Reference, from reader: Reader) throws {
        guard let order = try reader.order(reference) else { return nil }
        self.reference = reference
        self.order = order
        title = OrderText(order.document).title
        detections = try reader.detections(of: reference, limit: Self.detectionsMax)
        transmission = try reader.attempts(of: reference)
        photos = try reader.photos(of: reference)
        signatures = try reader.signatures(of: reference.text)
        trail = try reader.recordTrail(of: order, detections, signatures)
        recurrences =
            try order.endedAt.map {
                try reader.orders(asset: order.asset, defectClass: order.defectClass, after: $0, limit: 20)
            } ?? []
        evidence = []
        evidence = try EvidenceFinder(record: self, reader: reader).all()
    }

    public func evidence(_ kind: EvidenceKind) -> Evidence {
        evidence.first { $0.kind == kind } ?? Evidence(kind, nil)
    }

    /// What nobody recorded, of what is asked for.
    public func missing(_ kinds: [EvidenceKind]) -> [EvidenceKind] { kinds.filter { evidence($0).isMissing } }

    /// Detection, response, root cause and resolution: without all four nothing is called complete.
    public static let essentials: [EvidenceKind] = [.detection, .transmission, .cause, .closure]

    public var isComplete: Bool { missing(Self.essentials).isEmpty }
}

extension Reader {
    /// Where the entries of an order's record stand in the ledger: what a signature is over. Nil for no such order.
    public func recordIndexes(of reference: Reference) throws -> (state: OrderState, entries: [Int64])? {
        guard let order = try order(reference) else { return nil }
        let trail = try recordTrail(
            of: order, detections(of: reference, limit: TraceableRecord.detectionsMax),
            signatures(of: reference.text))
        return (order.state, trail.map(\.index))
    }

    /// Everything that the ledger says of an order, its detections, their reports, the rules in force and who signed.
    func recordTrail(
        of order: OrderRecord, _ detections: [DetectionRecord], _ signatures: [CheckedSignature]
    ) throws -> [LedgerEntry] {
        let reports = detections.map(\.inspectionID).uniqued()
        let rules = Set(detections.map(\.rulesVersion) + [order.document.rulesVersion]).sorted().map { "rules/\($0)" }
        let subjects =
            [order.reference.text] + reports + rules + detections.map { "\($0.inspectionID)#\($0.ordinal)" }
        let signers = try signatures.map(\.statement.account).uniqued().flatMap(keyEntries)
        let entries = try subjects.flatMap { try ledgerEntries(of: $0, limit: TraceableRecord.entriesMax) }
        return (entries + signers).sorted { $0.index < $1.index }
    }

    /// The entries that say who an account is, and by which keys it signs.
    func keyEntries(_ account: Int64) throws -> [LedgerEntry] {
        try ledgerEntries(of: Account.subject(account), kinds: ["account.created", "account.key"])
    }
}

extension Sequence where Element: Hashable {
    /// Without repetitions, in their order.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
