import AndonModel

/// The sentence that an auditor reads: what was compared, what decided, and for what.
struct Reason {
    let view: DetectionView
    let verdict: Verdict
    /// Of a predicted repair.
    var date: RepairDate?

    var sentence: String {
        switch verdict {
        case .below(let shortfalls):
            "Recorded only: \(shortfalls.map(shortfall).joined(separator: " and ")) for \(subject)."
        case .joins(let reference): "Joined order \(reference), open for \(subject)."
        case .keptBeside(let reference): "Recorded only: order \(reference) is open for \(subject)."
        case .moreUrgent(let order):
            "Raised: \(passed), more urgent (priority \(view.priority)) than the open order \(order.reference)"
                + " (priority \(order.priority))."
        case .cancelled(let reference, let passed):
            "Recorded only: order \(reference) for \(subject) was cancelled \(Self.ago(passed)),"
                + " and detections within \(Quantity.text(view.rule.afterCancelFor)) of that make no order."
        case .routine(let chart):
            "Recorded only: routine variation for \(subject), the process is in control: \(chart.sentence)."
        case .signalled(let chart, let open):
            "Raised: the control chart signals for \(subject)\(open.map { ", beside the open order \($0)" } ?? ""):"
                + " \(chart.sentence)."
        case .predicted(let prediction, let open):
            "Raised: a degradation for \(subject)\(open.map { ", beside the open order \($0)" } ?? ""):"
                + " \(prediction.sentence). \(planned)."
        case .tooFew(let count):
            "Recorded only: \(count) of the \(view.rule.frequency.count) detections within \(window) that make an"
                + " order for \(subject)."
        case .didNotHold(let reference, let passed, let count):
            "Raised: \(self.passed)\(counted(count)); the repair of order \(reference), closed \(Self.ago(passed)),"
                + " did not hold."
        case .coolingDown(let passed):
            "Recorded only: the last order for \(subject) was raised \(Self.ago(passed)), and the cool-down is"
                + " \(Quantity.text(view.rule.coolDown))."
        case .raised(let open, let count):
            "Raised: \(passed)\(counted(count)), \(open.map { "beside the open order \($0)" } ?? "no open order")."
        }
    }

    private var planned: String {
        date.map { "Planned for \($0.at.toTheSecond): \($0.reason)" } ?? "Planned for no date: the data carry none"
    }

    /// "scratch on PRESS-07".
    private var subject: String { "\(className) on \(view.detection.place.asset)" }

    private var className: String {
        view.rule.isKnown ? view.className : "\(view.className) (a class that the rules do not have)"
    }

    private var passed: String {
        "\(Self.comparison(view.confidence)) and \(Self.comparison(view.severity)) for \(subject)"
    }

    private func counted(_ count: Int) -> String {
        guard view.rule.frequency.isOn else { return "" }
        return ", \(count) detections within \(window) (\(view.rule.frequency.count) make an order)"
    }

    private var window: String {
        switch view.rule.frequency.within {
        case .time(let duration): Quantity.text(duration)
        case .parts(let count): "\(count) parts"
        }
    }

    private func shortfall(_ comparison: DetectionView.Comparison) -> String {
        let value = comparison.value.map(Self.figure) ?? "not stated"
        let note = comparison.note.map { " (\($0))" } ?? ""
        return "\(comparison.name) \(value)\(note) is below the minimum \(Self.figure(comparison.minimum ?? 0))"
    }

    private static func comparison(_ comparison: DetectionView.Comparison) -> String {
        let note = comparison.note.map { " (\($0))" } ?? ""
        guard let value = comparison.value else { return "\(comparison.name) not stated\(note)" }
        guard let minimum = comparison.minimum else {
            return "\(comparison.name) \(figure(value))\(note) (no minimum)"
        }
        return "\(comparison.name) \(figure(value))\(note) >= \(figure(minimum))"
    }

    /// At least two decimals and never rounded: 0.7999 below 0.80 must not read as 0.80 below 0.80.
    static func figure(_ value: Double) -> String {
        let text = value.description
        guard let point = text.firstIndex(of: "."), !text.contains("e") else { return text }
        return text.distance(from: point, to: text.endIndex) == 2 ? text + "0" : text
    }

    /// "2h 5m before"; a negative duration, of a detection that arrives late, is "2h 5m after this detection".
    static func ago(_ duration: Duration) -> String {
        "\(span(duration.distance)) \(duration < .zero ? "after this detection" : "before")"
    }

    /// The two largest units.
    static func span(_ duration: Duration) -> String {
        let (whole, _) = duration.components
        guard whole > 0 else { return Quantity.text(duration) }
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        let first = units.firstIndex { whole >= $0.1 } ?? 3
        let (name, size) = units[first]
        let head = "\(whole / size)\(name)"
        guard first < 3, whole % size / units[first + 1].1 > 0 else { return head }
        return "\(head) \(whole % size / units[first + 1].1)\(units[first + 1].0)"
    }
}
