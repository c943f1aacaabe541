import AndonModel

/// Which check decided, with what the sentence must say about it.
enum Verdict {
    case below([DetectionView.Comparison])
    case joins(Reference)
    case keptBeside(Reference)
    case moreUrgent(than: Facts.OpenOrder)
    case cancelled(Reference, passed: Duration)
    case tooFew(Int)
    case routine(ChartPosition)
    case signalled(ChartPosition, beside: Reference?)
    case predicted(Prediction, beside: Reference?)
    case didNotHold(Reference, passed: Duration, count: Int)
    case coolingDown(passed: Duration)
    case raised(beside: Reference?, count: Int)

    var outcome: Outcome {
        switch self {
        case .below, .keptBeside, .cancelled, .routine, .tooFew, .coolingDown: .recorded
        case .joins: .grouped
        case .moreUrgent, .signalled, .predicted, .didNotHold, .raised: .raised
        }
    }

    var joins: Reference? {
        if case .joins(let reference) = self { return reference }
        return nil
    }

    /// The place in the configuration that decided. An order that only passed is owed to the threshold that it
    /// passed last; without one, to the class.
    func path(in view: DetectionView) -> String {
        let rule = view.rule
        switch self {
        case .below(let shortfalls): return rule.path(of: shortfalls.first?.field ?? .minConfidence)
        case .joins, .keptBeside: return rule.path(of: .whileOpen)
        case .moreUrgent: return rule.path(of: .whenWorse)
        case .cancelled: return rule.path(of: .afterCancel)
        case .routine: return rule.path(of: .whenInControl)
        case .signalled(let chart, _):
            return view.detection.isSignal ? "charts.\(chart.chart)" : rule.path(of: .whenOutOfControl)
        case .predicted(let prediction, _): return "charts.\(prediction.chart).trend"
        case .tooFew: return rule.path(of: .frequency)
        case .didNotHold: return rule.path(of: .reopenWithin)
        case .coolingDown: return rule.path(of: .coolDown)
        case .raised:
            if rule.frequency.isOn { return rule.path(of: .frequency) }
            let compared = [view.severity, view.confidence].first { $0.value != nil && $0.minimum != nil }
            return compared.map { rule.path(of: $0.field) } ?? rule.classPath
        }
    }
}
