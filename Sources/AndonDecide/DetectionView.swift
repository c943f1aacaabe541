import AndonModel

/// One detection seen through the rules: every value that the checks and the sentence need, computed once.
struct DetectionView {
    let detection: Detection
    let rule: EffectiveRule
    let className: String
    let classCode: String?
    let confidence: Comparison
    let severity: Comparison
    let band: String
    let criticality: String
    let priority: Int

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
        self.init(
            detection, rules: rules,
            rule: rules.effectiveRule(class: detection.defect.defectClass, at: detection.place))
    }

    /// - Parameter rule: the effective rule of the detection's class at its place, which a replay keeps.
    init(_ detection: Detection, rules: Rules, rule: EffectiveRule) {
        let label = detection.defect.defectClass
        let known = rules.classes[label]
        self.detection = detection
        self.rule = rule
        // The sender's own label stays visible when the rules do not have it.
        className = known?.name ?? label
        classCode = (known ?? rules.unmapped).code
        confidence = Comparison(
            field: .minConfidence, name: "confidence", value: Self.finite(detection.defect.confidence),
            minimum: rule.fields.minConfidence)
        severity = Self.severity(of: detection.defect, rule: rule, rules: rules)
        band = rules.bands.name(for: severity.value)
        criticality = rules.criticalities.rank(detection.place.criticality)
        priority = rules.priorities[band, criticality]
    }

    private static func severity(of defect: Defect, rule: EffectiveRule, rules: Rules) -> Comparison {
        var result = Comparison(field: .minSeverity, name: "severity", minimum: rule.fields.minSeverity)
        var unknownName: String?
        switch defect.severity {
        case .score(let value): result.value = finite(value)
        case .name(let name):
            result.value = rules.severity(named: name)
            if result.value == nil { unknownName = "\"\(name)\", a name that the rules do not have" }
            result.note = result.value == nil ? unknownName : "\"\(name)\""
        case nil: break
        }
        if result.value == nil, let value = rule.fields.defaultSeverity {
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
