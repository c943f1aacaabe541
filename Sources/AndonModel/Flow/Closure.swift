/// An order's life in the CMMS, in our words.
public enum OrderState: String, Sendable, Codable, CaseIterable {
    case open
    case inProgress
    /// The work is done; the record is not closed yet.
    case done
    case closed
    case cancelled
    /// Its work goes on under another order of the CMMS.
    case merged
    /// The CMMS does not have it any more.
    case missing

    /// Whether a further detection joins the order: work is still to be done under it.
    public var takesOccurrences: Bool { self == .open || self == .inProgress }
    /// Whether the work is over: a further detection means that it did not hold, or that nobody will do it.
    public var isEnded: Bool { !takesOccurrences }
    /// Whether the CMMS may still change it in the ordinary course of things.
    public var isFollowed: Bool { takesOccurrences || self == .done }
}

/// An order as the CMMS has it now.
public struct RemoteOrder: Hashable, Sendable, Codable {
    /// What the connector addresses it by.
    public var remoteID: String
    /// Our reference as the CMMS holds it.
    public var reference: Reference?
    public var state: OrderState
    /// The CMMS's own word for the state.
    public var vendorState: String
    /// The priority that is in force there, by its own scale.
    public var priority: String?
    public var assignee: String?
    /// The order that goes on with the work, when `state` is `.merged`.
    public var mergedInto: String?
    public var closure: Closure?
    public var changedAt: Timestamp?

    public init(
        remoteID: String, reference: Reference?, state: OrderState, vendorState: String, priority: String? = nil,
        assignee: String? = nil, mergedInto: String? = nil, closure: Closure? = nil, changedAt: Timestamp? = nil
    ) {
        self.remoteID = remoteID
        self.reference = reference
        self.state = state
        self.vendorState = vendorState
        self.priority = priority
        self.assignee = assignee
        self.mergedInto = mergedInto
        self.closure = closure
        self.changedAt = changedAt
    }
}

/// What the repair brought back. A fact that nobody recorded is nil, never 0 or "".
public struct Closure: Hashable, Sendable, Codable {
    public var technician: String?
    public var startedAt: Timestamp?
    public var closedAt: Timestamp?
    public var labourHours: Double?
    public var parts: [Part]
    public var problemCode: String?
    /// The root cause by its code.
    public var causeCode: String?
    public var remedyCode: String?
    public var notes: String?
    public var verdict: Verdict?

    /// What the technician found at the machine.
    public enum Verdict: String, Sendable, Codable {
        case confirmed
        case falseAlarm
        case wrongClass
    }

    public struct Part: Hashable, Sendable, Codable {
        public var code: String
        public var name: String?
        public var quantity: Double

        public init(code: String, name: String? = nil, quantity: Double) {
            self.code = code
            self.name = name
            self.quantity = quantity
        }
    }

    public init(
        technician: String? = nil, startedAt: Timestamp? = nil, closedAt: Timestamp? = nil, labourHours: Double? = nil,
        parts: [Part] = [], problemCode: String? = nil, causeCode: String? = nil, remedyCode: String? = nil,
        notes: String? = nil, verdict: Verdict? = nil
    ) {
        self.technician = technician
        self.startedAt = startedAt
        self.closedAt = closedAt
        self.labourHours = labourHours
        self.parts = parts
        self.problemCode = problemCode
        self.causeCode = causeCode
        self.remedyCode = remedyCode
        self.notes = notes
        self.verdict = verdict
    }
}
