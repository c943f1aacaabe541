import AndonLedger
import AndonModel

/// Up to where the store was read: all detections up to a row, and all entries of the ledger before an index. It is the
/// `id` of an event, so that a browser that was away says where it stopped.
struct NowPlace: Sendable, Equatable {
    var detection: Int64
    var entry: Int64

    init(detection: Int64, entry: Int64) {
        (self.detection, self.entry) = (detection, entry)
    }

    /// The end of the store at this moment.
    init(_ reader: Reader) throws {
        detection = try reader.lastDetectionRow()
        entry = try reader.ledgerHead().size
    }

    /// Nil for what was never an id of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let detection = Int64(parts[0]), let entry = Int64(parts[1]), detection >= 0, entry >= 0
        else { return nil }
        self.init(detection: detection, entry: entry)
    }

    var text: String { "\(detection)-\(entry)" }

    /// Whether it is beyond the other in anything.
    func isAhead(of other: NowPlace) -> Bool { detection > other.detection || entry > other.entry }
}

/// What was added to the store between two places, and whose standing changed.
struct NowChange: Sendable {
    var from: NowPlace
    var to: NowPlace
    /// In the order of receipt.
    var detections: [ShownDetection] = []
    /// As they are now; the same change twice does no harm.
    var orders: [ShownOrder] = []
    /// An alarm was raised or cleared.
    var hasAlarms = false

    static let detectionsMax = 500
    static let entriesMax = 5000
    static let ordersMax = 1000

    var isEmpty: Bool { detections.isEmpty && orders.isEmpty && !hasAlarms }

    /// - Returns: nil when more happened than is told one by one, or when the place is none of this store: then a page is
    ///   to be read anew.
    init?(_ reader: Reader, from: NowPlace, to: NowPlace) throws {
        (self.from, self.to) = (from, to)
        let entries = to.entry - from.entry
        guard !from.isAhead(of: to), to.detection - from.detection <= Self.detectionsMax, entries <= Self.entriesMax
        else { return nil }
        if to.detection > from.detection {
            detections = try reader.shownDetections(
                after: from.detection, through: to.detection, limit: Self.detectionsMax)
        }
        guard entries > 0 else { return }
        let marks = try reader.ledgerMarks(from: from.entry, limit: Int(entries)).filter { $0.index < to.entry }
        hasAlarms = marks.contains { $0.kind.hasPrefix("alarm.") }
        let references = Self.references(marks)
        guard references.count <= Self.ordersMax else { return nil }
        orders = try references.compactMap { try reader.shownOrder($0) }
    }

    /// The orders that entries are about. One that was raised comes with its detection.
    private static func references(_ marks: [LedgerMark]) -> [Reference] {
        var seen: Set<Reference> = []
        return marks.compactMap { mark in
            guard mark.kind != "order.raised", let reference = Reference(mark.subject) else { return nil }
            return seen.insert(reference).inserted ? reference : nil
        }
    }
}

/// What one client was told, so that each detection is told once.
struct NowProgress: Sendable, Equatable {
    /// Up to where everything was told.
    private(set) var place: NowPlace

    /// The detections of a change that were not told yet, each with the place at which a client stands that has got it and
    /// nothing behind it. Orders come behind the detections, so the client that stops before them is told of them again.
    mutating func take(_ change: NowChange) -> [(detection: ShownDetection, place: NowPlace)] {
        let taken = change.detections.filter { $0.row > place.detection }.map {
            (detection: $0, place: NowPlace(detection: $0.row, entry: place.entry))
        }
        advance(to: change.to)
        return taken
    }

    mutating func advance(to other: NowPlace) {
        place = NowPlace(detection: max(place.detection, other.detection), entry: max(place.entry, other.entry))
    }
}
