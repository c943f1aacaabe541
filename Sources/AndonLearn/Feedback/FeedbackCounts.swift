import AndonLedger
import AndonModel
import AndonSPC

/// What became of the detections of one group.
struct FeedbackCell: Hashable, Sendable {
    var detections = 0
    var confirmed = 0
    var falseAlarms = 0
    var wrongClass = 0
    /// Sum and number of the confidences that were given.
    var confidence = 0.0
    var withConfidence = 0

    /// Orders with a verdict.
    var judged: Int { confirmed + falseAlarms + wrongClass }
    var precision: Proportion? { Proportion(hits: confirmed, trials: judged) }
    var meanConfidence: Double? { withConfidence > 0 ? confidence / Double(withConfidence) : nil }

    mutating func add(_ detection: JudgedDetection) {
        detections += 1
        if let value = detection.confidence {
            confidence += value
            withConfidence += 1
        }
        // One technician looked once: those that joined say nothing of their own.
        guard detection.outcome == .raised else { return }
        switch detection.verdict {
        case .confirmed?: confirmed += 1
        case .falseAlarm?: falseAlarms += 1
        case .wrongClass?: wrongClass += 1
        case nil: break
        }
    }

    mutating func add(_ other: FeedbackCell) {
        detections += other.detections
        confirmed += other.confirmed
        falseAlarms += other.falseAlarms
        wrongClass += other.wrongClass
        confidence += other.confidence
        withConfidence += other.withConfidence
    }
}

/// A model as people name it: `weldvision 3.2`.
struct ModelName: Hashable, Sendable {
    var name: String
    var version: String?

    init(_ detection: JudgedDetection) {
        name = detection.model ?? Self.unnamed
        version = detection.modelVersion
    }

    static let unnamed = "not said"
    var words: String { version.map { "\(name) \($0)" } ?? name }

    /// The name with the version; what nobody said is said in the reader's language.
    var phrase: Phrase {
        guard name == Self.unnamed else { return .name(words) }
        let unsaid = Phrase("model-not-said", "not said")
        guard let version else { return unsaid }
        return Phrase(
            "model-version", "{model} {version}", ["model": .phrase(unsaid), "version": .name(version)])
    }

    var cell: Report.Cell { name == Self.unnamed ? .phrase(phrase) : .text(words) }
    var nameCell: Report.Cell { name == Self.unnamed ? .phrase(Phrase("model-not-said", "not said")) : .text(name) }
}

/// Counts of one pass over all detections; what is kept grows with classes, models, cameras and months, not with
/// detections.
struct FeedbackCounts: Sendable {
    struct Key: Hashable, Sendable {
        var defectClass: String
        var model: ModelName
        var camera: String
    }

    struct Month: Hashable, Sendable {
        /// Months since January of the year 0, UTC.
        var number: Int
        var defectClass: String
        var model: ModelName
    }

    struct Stream: Hashable, Sendable {
        var defectClass: String
        var model: ModelName
    }

    /// What a class was called, and what it was: nil where nobody said.
    struct Confusion: Hashable, Sendable {
        var said: String
        var was: String?
    }

    private(set) var cells: [Key: FeedbackCell] = [:]
    private(set) var months: [Month: FeedbackCell] = [:]
    private(set) var confidences: [Stream: ConfidencePeriods] = [:]
    private(set) var confusions: [Confusion: Int] = [:]
    /// By class, and by camera and class: defects that no model called what they are, as persons reported them.
    private(set) var missed: [String: Int] = [:]
    private(set) var missedByCamera: [String: [String: Int]] = [:]

    mutating func add(_ detection: JudgedDetection) {
        let model = ModelName(detection)
        let label = detection.defectClass
        cells[Key(defectClass: label, model: model, camera: detection.camera), default: FeedbackCell()].add(detection)
        let month = CalendarMonth.number(at: detection.detectedAt)
        months[Month(number: month, defectClass: label, model: model), default: FeedbackCell()].add(detection)
        // Those that join an open order show the same defect again, and would count one thing many times.
        if detection.outcome != .grouped, let confidence = detection.confidence {
            confidences[Stream(defectClass: label, model: model), default: ConfidencePeriods()]
                .add(confidence, at: detection.detectedAt)
        }
        if detection.outcome == .raised, detection.verdict == .wrongClass {
            confusions[Confusion(said: label, was: detection.rightClass), default: 0] += 1
        }
    }

    mutating func add(_ report: MissedDefect) {
        missed[report.defectClass, default: 0] += 1
        if let camera = report.camera { missedByCamera[camera, default: [:]][report.defectClass, default: 0] += 1 }
    }

    /// The cells put together by what `group` says.
    func grouped<Group: Hashable>(by group: (Key) -> Group) -> [Group: FeedbackCell] {
        var result: [Group: FeedbackCell] = [:]
        for (key, cell) in cells { result[group(key), default: FeedbackCell()].add(cell) }
        return result
    }
}
