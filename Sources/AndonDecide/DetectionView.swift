import AndonModel

/// One detection seen through the rules: every value that the checks and the sentence need, computed once.
struct DetectionView {
    let detection: Detection
    let ground: Ground
    let confidence: Comparison
    let severity: Comparison
    let band: String
    let priority: Int

    var rule: EffectiveRule { ground.rule }
    var className: String { ground.className }
    var classCode: String? { ground.classCode }
    var criticality: String { ground.criticality }

    /// A stated value beside its minimum.
    struct Comparison: Equatable {
        var field: Rule.Field
        /// "confidence" or "severity".
        var name: String
        /// Nil when nobody stated it.
        var value: Double?
        var minimum: Double?
        /// Where the value came from when it is not the sender's own number, in words.
        var note: String?

        /// Equality passes, and so does what cannot be compared.
        var passes: Bool {
            guard let value, let minimum else { return true }
            return value >= minimum
        }
    }

    init(_ detection: Detection, rules: Rules) {
        self.init(detection, on: Ground(rules, class: detection.defect.defectClass, at: detection.place))
    }

    /// - Parameter ground: that of the detection's class at its place.
    init(_ detection: Detection, on ground: Ground) {
        self.detection = detection
        self.ground = ground
        confidence = Comparison(
            field: .minConfidence, name: "confidence", value: Self.finite(detection.defect.confidence),
            minimum: ground.rule.fields.minConfidence)
        severity = Self.severity(of: detection.defect, on: ground)
        (band, priority) = ground.rank(severity.value)
    }

    private static func severity(of defect: Defect, on ground: Ground) -> Comparison {
        let fields = ground.rule.fields
        var result = Comparison(field: .minSeverity, name: "severity", minimum: fields.minSeverity)
        var unknownName: String?
        switch defect.severity {
        case .score(let value): result.value = finite(value)
        case .name(let name):
            result.value = ground.severity(named: name)
            if result.value == nil { unknownName = "\"\(name)\", a name that the rules do not have" }
            result.note = result.value == nil ? unknownName : "\"\(name)\""
        case nil: break
        }
        if result.value == nil, let value = fields.defaultSeverity {
            result.value = value
            result.note = (unknownName.map { "stated as \($0); " } ?? "not stated; ") + "the default was taken"
        }
        return result
    }

    /// A value that is not a number cannot be compared; the intake refuses it, and the decision stays total.
    private static func finite(_ value: Double?) -> Double? {
        guard let value, value.isFinite else { return nil }
        return value
    }
}

/// What the rules say of one class at one place, whatever is detected there: put together once and asked often.
final class Ground: Sendable {
    let rule: EffectiveRule
    let className: String
    let classCode: String?
    let criticality: String
    private let bands: SeverityBands
    private let severityNames: [String: Double]
    /// Of each band, in the order of the bands.
    private let priorities: [Int]
    private let priorityOfUnstated: Int

    init(_ rules: Rules, class label: String, at place: Place) {
        let known = rules.classes[label]
        let criticality = rules.criticalities.rank(place.criticality)
        rule = rules.effectiveRule(class: label, at: place)
        // The sender's own label stays visible when the rules do not have it.
        className = known?.name ?? label
        classCode = (known ?? rules.unmapped).code
        self.criticality = criticality
        bands = rules.bands
        severityNames = rules.severityNames
        priorities = rules.bands.bands.map { rules.priorities[$0.name, criticality] }
        priorityOfUnstated = rules.priorities[rules.bands.unstated, criticality]
    }

    /// The band that a severity falls into, and the priority of it here.
    func rank(_ severity: Double?) -> (band: String, priority: Int) {
        guard let place = bands.place(of: severity) else { return (bands.unstated, priorityOfUnstated) }
        return (bands.bands[place].name, priorities[place])
    }

    func severity(named name: String) -> Double? { bands.severity(named: name, severityNames) }
}
