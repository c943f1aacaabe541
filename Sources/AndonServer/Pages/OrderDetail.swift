import AndonDraw
import AndonIdentity
import AndonLedger
import AndonModel

/// Everything that the page of one order shows, as of one moment.
struct OrderDetail: Sendable {
    var order: OrderRecord
    /// The defects of its picture; nil where none has a place in it.
    var marks: [Annotation.Mark]
    /// Why the picture's bytes are not here; nil while they are.
    var removal: PictureRemoval?
    var occurrences: [OrderOccurrence]
    /// Behind which occurrence the next part of them begins; nil where there are no more.
    var more: Int64?
    var related: [OrderRecord]
    var history: [LedgerEntry]
    var attempts: [AttemptRecord]
    var dead: [OrderDeadLetter]
    var signatures: [CheckedSignature]
    /// What technicians photographed at the machine, oldest first; of those whose bytes are still there.
    var photos: [OrderPhoto]
    /// Frames before and after the picture, in their order; of those whose bytes are still there.
    var frames: [EvidenceFrameRow]
    /// The newest points of the chart that is shown, up to the detection's own.
    var points: [ChartPointRecord]

    static let occurrencesOnPage = 24
    private static let relatedMax = 10
    private static let pointsMax = 25
    /// Entries that say how the order came to where it stands.
    private static let historyKinds =
        LedgerEntry.orderStateKinds.union([
            "order.raised", "order.acknowledged", "order.raised-again", "order.rescheduled", "order.taken-back",
            "outbox.revived", "outbox.superseded",
        ]).sorted()

    /// - Parameter before: the place of the occurrence behind which those that are shown begin.
    /// - Returns: nil when there is no such order.
    init?(_ reference: Reference, before: Int64? = nil, from reader: Reader) throws {
        guard let order = try reader.order(reference) else { return nil }
        self.order = order
        let document = order.document
        removal = try document.picture.flatMap { try reader.removal(ofPicture: $0.sha256) }
        let isShown = document.picture != nil && removal == nil
        marks = isShown ? try OrderAnnotation(order: document).annotation(reader)?.marks ?? [] : []
        let found = try reader.occurrences(of: reference, before: before, limit: Self.occurrencesOnPage + 1)
        occurrences = Array(found.prefix(Self.occurrencesOnPage))
        more = found.count > Self.occurrencesOnPage ? occurrences.last?.place : nil
        related = try reader.relatedOrders(to: order, limit: Self.relatedMax)
        history = try reader.ledgerEntries(of: reference.text, kinds: Self.historyKinds)
        attempts = try reader.attempts(of: reference)
        dead = try reader.deadLetters(of: reference)
        signatures = try reader.signatures(of: reference.text)
        photos = try reader.photos(of: reference).filter { try reader.isPictureKept($0.picture.sha256) }
        frames = try reader.evidenceFrames(of: order.inspectionID).filter { $0.removedAt == nil }
        points =
            try Self.position(document).map {
                try reader.chartPoints($0.chart, $0.stratum, last: Self.pointsMax, through: $0.point)
            } ?? []
    }

    /// Where the detection stands in the chart that is drawn of it.
    static func position(_ document: WorkOrder) -> ChartPosition? { document.charts?.first { $0.point > 0 } }
}
