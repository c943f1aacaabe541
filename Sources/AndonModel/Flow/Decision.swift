/// What becomes of one detection: exactly one of these, with its reason in words.
public enum Outcome: String, Sendable, Codable, CaseIterable {
    /// A new order.
    case raised
    /// A further occurrence of an order that is open.
    case grouped
    /// Kept and counted; no order, for the reason given.
    case recorded
}

/// Whether the order mends what is broken or prevents what is coming.
public enum OrderKind: String, Sendable, Codable, CaseIterable {
    case corrective
    case predictive
}

/// Who gets the order.
public struct Route: Hashable, Sendable, Codable {
    public enum Target: String, Sendable, Codable {
        case onCall
        case backlog
    }

    public var target: Target
    /// The person or crew by its code in the CMMS; nil in the backlog.
    public var assignee: String?
    /// Set when someone should have been on call and nobody was: the order is in the backlog and an alarm is up.
    public var alarm: String?

    public init(target: Target, assignee: String? = nil, alarm: String? = nil) {
        self.target = target
        self.assignee = assignee
        self.alarm = alarm
    }
}

/// The decision on one detection.
public struct Decision: Hashable, Sendable {
    public var outcome: Outcome
    /// The open order that the detection joins; nil unless `outcome` is `.grouped`.
    public var joins: Reference?
    public var kind: OrderKind
    /// 1 is the most urgent.
    public var priority: Int
    /// 0...1 after the table of names and the class's default; nil when nobody said.
    public var severity: Double?
    public var severityBand: String
    public var criticality: String
    /// The class as the rules name it, and whether they know it at all.
    public var className: String
    public var classCode: String?
    public var classKnown: Bool
    /// Recommended corrective action category; nil when none is mapped.
    public var action: String?
    /// When a predictive order is planned for; nil without a date.
    public var scheduledAt: Timestamp?
    /// The order type by its code in the CMMS; nil leaves it to the connector's configuration.
    public var orderType: String?
    public var route: Route
    /// One readable sentence.
    public var reason: String
    /// The rule that decided, by its place in the configuration, for example `classes.scratch.minConfidence`.
    public var rule: String
    public var rulesVersion: Int

    public init(
        outcome: Outcome, joins: Reference? = nil, kind: OrderKind, priority: Int, severity: Double?,
        severityBand: String, criticality: String, className: String, classCode: String? = nil, classKnown: Bool,
        action: String? = nil, orderType: String? = nil, scheduledAt: Timestamp? = nil, route: Route, reason: String,
        rule: String, rulesVersion: Int
    ) {
        self.outcome = outcome
        self.joins = joins
        self.kind = kind
        self.priority = priority
        self.severity = severity
        self.severityBand = severityBand
        self.criticality = criticality
        self.className = className
        self.classCode = classCode
        self.classKnown = classKnown
        self.action = action
        self.orderType = orderType
        self.scheduledAt = scheduledAt
        self.route = route
        self.reason = reason
        self.rule = rule
        self.rulesVersion = rulesVersion
    }
}

/// What the decision must know of the past, asked for before it is made and read in the same transaction.
public struct FactsWanted: Hashable, Sendable {
    /// Detections of the class on the asset that pass the thresholds and are younger than this, counted up to `countMax`.
    public var window: Window?
    public var minConfidence: Double?
    public var minSeverity: Double?
    public var countMax: Int

    /// A sliding window; both edges are exact: an event exactly one window old is outside.
    public enum Window: Hashable, Sendable {
        case time(Duration)
        case parts(Int)
    }

    public init(window: Window? = nil, minConfidence: Double? = nil, minSeverity: Double? = nil, countMax: Int = 0) {
        self.window = window
        self.minConfidence = minConfidence
        self.minSeverity = minSeverity
        self.countMax = countMax
    }
}

/// The past, as far as the decision asked for it.
public struct Facts: Hashable, Sendable {
    /// The open order for the same class and asset; of several, the most urgent.
    public var openOrder: OpenOrder?
    /// Earlier detections within the wanted window, not counting this one.
    public var countInWindow: Int
    /// When the detection that raised the last order for the same class and asset was made; for the cool-down.
    public var lastRaisedAt: Timestamp?
    /// When the last order for the same class and asset was closed or cancelled, and how.
    public var lastEnded: EndedOrder?
    /// Where the detection stands in its control charts; empty when no chart has it.
    public var charts: [ChartPosition]
    /// The planned stops ahead, for a prediction's date.
    public var stops: [PlannedStop] = []

    /// The position that tells most: out of control before in control, the farthest from the centre first.
    public var chart: ChartPosition? { charts.mostTelling }

    public struct OpenOrder: Hashable, Sendable {
        public var reference: Reference
        public var priority: Int
        public var worstSeverity: Double?
        public var occurrences: Int

        public init(reference: Reference, priority: Int, worstSeverity: Double?, occurrences: Int) {
            self.reference = reference
            self.priority = priority
            self.worstSeverity = worstSeverity
            self.occurrences = occurrences
        }
    }

    public struct EndedOrder: Hashable, Sendable {
        public var reference: Reference
        public var at: Timestamp
        public var state: OrderState

        public init(reference: Reference, at: Timestamp, state: OrderState) {
            self.reference = reference
            self.at = at
            self.state = state
        }
    }

    public init(
        openOrder: OpenOrder? = nil, countInWindow: Int = 0, lastRaisedAt: Timestamp? = nil,
        lastEnded: EndedOrder? = nil, charts: [ChartPosition] = []
    ) {
        self.charts = charts
        self.openOrder = openOrder
        self.countInWindow = countInWindow
        self.lastRaisedAt = lastRaisedAt
        self.lastEnded = lastEnded
    }
}

/// One detection as the decision sees it.
public struct Detection: Hashable, Sendable {
    public var inspectionID: String
    /// Position among the inspection's defects, from 0.
    public var ordinal: Int
    public var kind: Inspection.Kind
    public var detectedAt: Timestamp
    public var receivedAt: Timestamp
    public var camera: String
    public var defect: Defect
    public var place: Place
    /// Whether a control chart's signal speaks here, and not a picture: it is beyond doubt and waits for no
    /// threshold and no frequency.
    public var isSignal: Bool
    /// The degradation that speaks here; `isSignal` is then true as well.
    public var prediction: Prediction?

    public init(
        inspectionID: String, ordinal: Int, kind: Inspection.Kind, detectedAt: Timestamp, receivedAt: Timestamp,
        camera: String, defect: Defect, place: Place, isSignal: Bool = false, prediction: Prediction? = nil
    ) {
        self.prediction = prediction
        self.isSignal = isSignal
        self.inspectionID = inspectionID
        self.ordinal = ordinal
        self.kind = kind
        self.detectedAt = detectedAt
        self.receivedAt = receivedAt
        self.camera = camera
        self.defect = defect
        self.place = place
    }

    /// The detection's name everywhere: the inspection's id, a `#`, and the position.
    public var id: String { "\(inspectionID)#\(ordinal)" }
}
