import AndonModel

/// What is done with the detections of one class, as far as one place of the configuration says it.
///
/// A nil field is not said here and comes from the next wider place (see `Rules.effectiveRule`). A field is
/// switched off at a narrower place by its neutral value: a minimum of 0, a duration of 0, `Frequency.off`.
public struct Rule: Sendable, Equatable {
    /// 0...1. A detection with this confidence or more passes; one without a confidence is not compared.
    public var minConfidence: Double?
    /// 0...1. A detection with this severity or more passes; one without a severity is not compared.
    public var minSeverity: Double?
    /// How many qualifying detections make an order.
    public var frequency: Frequency?
    /// No second order before this much time has passed since the last one was raised. At exactly this time it
    /// may be raised.
    public var coolDown: Duration?
    /// What happens to a qualifying detection while an order for the same class and asset is open.
    public var whileOpen: WhileOpen?
    /// What happens when it is more urgent than that order.
    public var whenWorse: WhenWorse?
    public var kind: OrderKind?
    /// Recommended category of corrective action, in the plant's words.
    public var action: String?
    /// Code of the order type in the CMMS.
    public var orderType: String?
    /// 0...1. Taken for a detection that states no severity.
    public var defaultSeverity: Double?
    /// A detection sooner than this after the closing of an order means that the repair did not hold.
    public var reopenWithin: Duration?
    /// What happens to a detection sooner than `afterCancelFor` after someone cancelled the order.
    public var afterCancel: AfterCancel?
    public var afterCancelFor: Duration?
    /// What happens to a qualifying detection whose process is in control. Has no effect without a chart in phase II.
    public var whenInControl: WhenInControl?
    /// What happens to a detection below the thresholds whose process is out of control.
    public var whenOutOfControl: WhenOutOfControl?

    /// The fields by their names in the configuration.
    public enum Field: String, Sendable, CaseIterable {
        case minConfidence, minSeverity, frequency, coolDown, whileOpen, whenWorse, kind, action, orderType
        case defaultSeverity, reopenWithin, afterCancel, afterCancelFor, whenInControl, whenOutOfControl
    }

    public enum WhileOpen: String, Sendable, CaseIterable {
        /// The detection becomes a further occurrence of the open order.
        case join
        /// The detection is kept and counted only.
        case record
        /// The open order changes nothing: frequency and cool-down decide.
        case raise
    }

    public enum WhenWorse: String, Sendable, CaseIterable {
        /// As `whileOpen` says.
        case join
        /// A more urgent order is raised beside the open one, at once.
        case raise
    }

    public enum WhenInControl: String, Sendable, CaseIterable {
        /// The chart changes nothing.
        case raise
        /// Routine variation is kept and counted only.
        case record
    }

    public enum WhenOutOfControl: String, Sendable, CaseIterable {
        /// The thresholds decide as ever.
        case check
        /// The chart's signal is enough: no threshold and no frequency is asked.
        case raise
    }

    public enum AfterCancel: String, Sendable, CaseIterable {
        /// The cancelling changes nothing.
        case raise
        /// The detection is kept and counted only: a person has judged this defect.
        case record
    }

    public init(
        minConfidence: Double? = nil, minSeverity: Double? = nil, frequency: Frequency? = nil,
        coolDown: Duration? = nil, whileOpen: WhileOpen? = nil, whenWorse: WhenWorse? = nil, kind: OrderKind? = nil,
        action: String? = nil, orderType: String? = nil, defaultSeverity: Double? = nil, reopenWithin: Duration? = nil,
        afterCancel: AfterCancel? = nil, afterCancelFor: Duration? = nil, whenInControl: WhenInControl? = nil,
        whenOutOfControl: WhenOutOfControl? = nil
    ) {
        self.whenInControl = whenInControl
        self.whenOutOfControl = whenOutOfControl
        self.minConfidence = minConfidence
        self.minSeverity = minSeverity
        self.frequency = frequency
        self.coolDown = coolDown
        self.whileOpen = whileOpen
        self.whenWorse = whenWorse
        self.kind = kind
        self.action = action
        self.orderType = orderType
        self.defaultSeverity = defaultSeverity
        self.reopenWithin = reopenWithin
        self.afterCancel = afterCancel
        self.afterCancelFor = afterCancelFor
    }

    /// Takes every field that `narrower` says, and tells `note` which ones these were.
    mutating func overlay(_ narrower: Rule, note: (Field) -> Void) {
        func take<Value>(_ value: Value?, _ target: inout Value?, _ field: Field) {
            guard let value else { return }
            target = value
            note(field)
        }
        take(narrower.minConfidence, &minConfidence, .minConfidence)
        take(narrower.minSeverity, &minSeverity, .minSeverity)
        take(narrower.frequency, &frequency, .frequency)
        take(narrower.coolDown, &coolDown, .coolDown)
        take(narrower.whileOpen, &whileOpen, .whileOpen)
        take(narrower.whenWorse, &whenWorse, .whenWorse)
        take(narrower.kind, &kind, .kind)
        take(narrower.action, &action, .action)
        take(narrower.orderType, &orderType, .orderType)
        take(narrower.defaultSeverity, &defaultSeverity, .defaultSeverity)
        take(narrower.reopenWithin, &reopenWithin, .reopenWithin)
        take(narrower.afterCancel, &afterCancel, .afterCancel)
        take(narrower.afterCancelFor, &afterCancelFor, .afterCancelFor)
        take(narrower.whenInControl, &whenInControl, .whenInControl)
        take(narrower.whenOutOfControl, &whenOutOfControl, .whenOutOfControl)
    }
}
