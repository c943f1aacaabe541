import AndonModel
import UACodec

/// What a variable's value says at one moment.
struct Sample: Sendable, Hashable {
    var value: FieldValue
    /// The source's time, or the server's where the source gives none.
    var at: Timestamp

    init(value: FieldValue, at: Timestamp) {
        self.value = value
        self.at = at
    }

    /// Nil for a bad value, and for one without any time.
    init?(_ value: DataValue) {
        guard !value.effectiveStatus.isBad, let variant = value.value,
            let at = (value.sourceTimestamp ?? value.serverTimestamp)?.timestamp
        else { return nil }
        self.init(value: FieldValue(variant), at: at)
    }
}

/// Tells which changes of a trigger are new detections, and how many went by unseen.
struct TriggerTracker: Sendable, Hashable {
    let kind: VariablesForm.TriggerKind
    /// The last that was settled.
    private(set) var last: Sample?

    enum Verdict: Sendable, Hashable {
        case nothing
        /// A new detection; before it `missed` others came that nobody saw (of a counter alone this is known).
        case new(missed: Int)
    }

    init(kind: VariablesForm.TriggerKind, last: Sample? = nil) {
        self.kind = kind
        self.last = last
    }

    /// What a sample means. A counter that went back was begun anew and has counted from nothing since; one that stands
    /// at zero was set back and has counted nothing yet, unless it had run full.
    func verdict(_ sample: Sample) -> Verdict {
        guard let last, sample.at >= last.at, sample != last else { return .nothing }
        switch kind {
        case .change: return .new(missed: 0)
        case .rising: return sample.value == .bool(true) && last.value != .bool(true) ? .new(missed: 0) : .nothing
        case .counter:
            guard let now = sample.value.number, let before = last.value.number else {
                return sample.value == last.value ? .nothing : .new(missed: 0)
            }
            if now == before { return .nothing }
            if now < before { return Self.begunAnew(at: now, after: before) }
            return .new(missed: Int(min(now - before, 1e9)) - 1)
        }
    }

    private static func begunAnew(at now: Double, after before: Double) -> Verdict {
        guard now > 0 else { return isFull(before) ? .new(missed: 0) : .nothing }
        return .new(missed: Int(min(now, 1e9)) - 1)
    }

    /// Whether a counter goes on with zero from here: at the end of an integer's range (OPC 10000-3, 8.26 and the
    /// following), or at a number of nines alone, as a PLC's decimal counters do.
    private static func isFull(_ value: Double) -> Bool {
        guard let value = Int64(exactly: value), value > 0 else { return false }
        let rangeEnds: [Int64] = [0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF]
        return rangeEnds.contains(value) || String(value).allSatisfy { $0 == "9" }
    }

    mutating func settle(_ sample: Sample) { last = sample }

    /// The event's name: the trigger, its value, its time.
    static func key(trigger: String, _ sample: Sample) -> String {
        "variable:\(trigger):\(sample.value.words ?? "-"):\(sample.at)"
    }
}

/// The newest samples of the fields, as far as a later trigger may ask for them.
struct FieldSamples: Sendable {
    private var samples: [String: [Sample]] = [:]
    /// Samples kept of one field.
    private static let samplesMax = 1_000

    mutating func add(_ sample: Sample, of field: String) {
        var known = samples[field] ?? []
        let place = known.lastIndex { $0.at <= sample.at }.map { $0 + 1 } ?? 0
        known.insert(sample, at: place)
        if known.count > Self.samplesMax { known.removeFirst(known.count - Self.samplesMax) }
        samples[field] = known
    }

    /// Each field as it was at that time; a field without a value by then is missing.
    func values(at time: Timestamp) -> [String: FieldValue] {
        samples.compactMapValues { known in known.last { $0.at <= time }?.value }
    }

    /// Forgets what no trigger from `time` on can ask for.
    mutating func forget(before time: Timestamp) {
        for (field, known) in samples {
            guard let newest = known.lastIndex(where: { $0.at <= time }), newest > 0 else { continue }
            samples[field] = Array(known[newest...])
        }
    }
}

extension VariablesForm {
    /// The fields of one event as a mapping reads them.
    static func fields(_ values: [String: FieldValue], trigger: Sample) -> FieldValue {
        var members = values
        members["trigger"] = trigger.value
        members["sourceTimestamp"] = .text(trigger.at.description)
        return .object(members)
    }
}
