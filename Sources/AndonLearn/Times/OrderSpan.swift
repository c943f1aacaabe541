import AndonLedger

/// A time that is measured on each order, from one stamp to another.
public enum OrderSpan: Int, CaseIterable, Sendable {
    /// Detection to the order in Andon's own store.
    case creation
    /// Detection to the CMMS's answer that it has the order.
    case acknowledgement
    /// The CMMS's answer to the order being given to somebody.
    case assignment
    /// The CMMS's answer to the start of the work.
    case start
    /// Start of the work to its end: the active repair, whose mean is the MTTR.
    case repair
    /// Detection to the end of the work.
    case restoration
    /// Detection to the closing of the record.
    case closing

    /// Times are in seconds for what Andon does itself, in hours for what people do.
    var isInSeconds: Bool { self == .creation }
    var unit: Phrase { isInSeconds ? Units.seconds : Units.hours }
    var microseconds: Double { isInSeconds ? 1e6 : 3.6e9 }

    public var title: String { called.english }

    var called: Phrase {
        switch self {
        case .creation: Phrase("span-creation", "Detection to order")
        case .acknowledgement: Phrase("span-acknowledgement", "Detection to the CMMS's answer")
        case .assignment: Phrase("span-assignment", "The CMMS's answer to assignment")
        case .start: Phrase("span-start", "The CMMS's answer to the start of the work")
        case .repair: Phrase("span-repair", "Start to end of the work (active repair)")
        case .restoration: Phrase("span-restoration", "Detection to the end of the work (restoration)")
        case .closing: Phrase("span-closing", "Detection to the closing of the record")
        }
    }

    /// Within a sentence, with its unit.
    var inHours: Phrase {
        switch self {
        case .creation: Phrase("hours-creation", "detection to order, in hours")
        case .acknowledgement: Phrase("hours-acknowledgement", "detection to the CMMS's answer, in hours")
        case .assignment: Phrase("hours-assignment", "the CMMS's answer to assignment, in hours")
        case .start: Phrase("hours-start", "the CMMS's answer to the start of the work, in hours")
        case .repair: Phrase("hours-repair", "start to end of the work (active repair), in hours")
        case .restoration:
            Phrase("hours-restoration", "detection to the end of the work (restoration), in hours")
        case .closing: Phrase("hours-closing", "detection to the closing of the record, in hours")
        }
    }

    /// What of an order without it is missing.
    var stamp: String { missing.english }

    var missing: Phrase {
        switch self {
        case .creation: Phrase("stamp-creation", "an order's time")
        case .acknowledgement: Phrase("stamp-acknowledgement", "the CMMS's answer")
        case .assignment: Phrase("stamp-assignment", "the CMMS's answer or the assignment")
        case .start: Phrase("stamp-start", "the CMMS's answer or the start of the work")
        case .repair: Phrase("stamp-repair", "the start or the end of the work")
        case .restoration: Phrase("stamp-restoration", "the end of the work")
        case .closing: Phrase("stamp-closing", "the closing of the record")
        }
    }
}

/// What one order says about a span.
public enum Measured: Hashable, Sendable {
    /// In microseconds; without the event where the order had not come to it when it was last seen.
    case life(Int64, isEvent: Bool)
    /// The order is past it and has no stamp: not measurable, which is not 0.
    case unstamped
    /// The later stamp is before the earlier one.
    case contradicted
    /// The order has not come to where the span begins.
    case notBegun
}

/// The stamps of one order, in microseconds since 1970 UTC; 0 for none.
public struct OrderStamps: Hashable, Sendable {
    public var outcome: CourseOutcome
    public var isImported: Bool
    public var detectedAt: Int64
    public var raisedAt: Int64
    public var acknowledgedAt: Int64
    public var assignedAt: Int64
    public var startedAt: Int64
    public var endedAt: Int64
    public var closedAt: Int64

    public init(
        outcome: CourseOutcome, isImported: Bool = false, detectedAt: Int64, raisedAt: Int64, acknowledgedAt: Int64 = 0,
        assignedAt: Int64 = 0, startedAt: Int64 = 0, endedAt: Int64 = 0, closedAt: Int64 = 0
    ) {
        self.outcome = outcome
        self.isImported = isImported
        self.detectedAt = detectedAt
        self.raisedAt = raisedAt
        self.acknowledgedAt = acknowledgedAt
        self.assignedAt = assignedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.closedAt = closedAt
    }

    init(_ course: CourseRows) {
        self.init(
            outcome: course.outcome, isImported: course.seq < 0, detectedAt: course.detectedAt,
            raisedAt: course.raisedAt, acknowledgedAt: course.acknowledgedAt, assignedAt: course.assignedAt,
            startedAt: course.startedAt, endedAt: course.endedAt, closedAt: course.closedAt)
    }

    /// - Parameter seen: until when the order was watched, in microseconds.
    public func measure(_ span: OrderSpan, seen: Int64) -> Measured {
        let (from, to) = ends(span)
        guard from != 0 else { return outcome == .open ? .notBegun : .unstamped }
        if to != 0 { return to < from ? .contradicted : .life(to - from, isEvent: true) }
        switch outcome {
        case .open: return .life(max(0, seen - from), isEvent: false)
        case .repaired, .falseAlarm:
            // Work that is done stays to be closed. A history of orders says of its records all it ever will.
            if span == .closing, !isImported { return .life(max(0, seen - from), isEvent: false) }
            // No repair ended a false alarm.
            guard outcome == .falseAlarm, span == .repair || span == .restoration else { return .unstamped }
        case .dropped: break
        }
        guard endedAt != 0 else { return .unstamped }
        return endedAt < from ? .contradicted : .life(endedAt - from, isEvent: false)
    }

    private func ends(_ span: OrderSpan) -> (from: Int64, to: Int64) {
        let end = outcome == .repaired ? endedAt : 0
        return switch span {
        case .creation: (detectedAt, raisedAt)
        case .acknowledgement: (detectedAt, acknowledgedAt)
        case .assignment: (acknowledgedAt, assignedAt)
        case .start: (acknowledgedAt, startedAt)
        case .repair: (startedAt, end)
        case .restoration: (detectedAt, end)
        case .closing: (detectedAt, closedAt)
        }
    }
}
