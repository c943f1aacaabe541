import AndonSPC

/// Confidences of one class by one version of a model: the first ones as the reference, and the newest.
struct ConfidencePeriods: Sendable {
    /// Values of each period at most.
    static let size = 200
    /// The newest period is compared from so many values on.
    static let newestMin = 50

    struct Period: Sendable {
        var values: [Double] = []
        var from: Int64 = .max
        var until: Int64 = .min

        var mean: Double { values.reduce(0, +) / Double(values.count) }
    }

    private(set) var reference = Period()
    private var recent: [(value: Double, at: Int64)] = []
    /// Where the next of the newest goes: the oldest of them.
    private var place = 0
    /// Values in all.
    private(set) var count = 0

    mutating func add(_ value: Double, at time: Int64) {
        count += 1
        if reference.values.count < Self.size {
            reference.values.append(value)
            reference.from = min(reference.from, time)
            reference.until = max(reference.until, time)
        } else if recent.count < Self.size {
            recent.append((value, time))
        } else {
            recent[place] = (value, time)
            place = (place + 1) % Self.size
        }
    }

    /// The newest values behind the reference; nil for too few.
    var newest: Period? {
        guard recent.count >= Self.newestMin else { return nil }
        return Period(
            values: recent.map(\.value), from: recent.map(\.at).min() ?? 0, until: recent.map(\.at).max() ?? 0)
    }
}

/// One class and version of a model whose confidences were compared.
struct ConfidenceDrift: Sendable {
    var stream: FeedbackCounts.Stream
    var reference: ConfidencePeriods.Period
    var newest: ConfidencePeriods.Period
    var test: KolmogorovSmirnov
    /// The share of pairs in which the newer value is the greater; nil where all are equal.
    var greater: Double?
    /// By Holm over all that were compared.
    var adjusted = 1.0

    /// All that can be compared, by rising adjusted p.
    static func all(_ periods: [FeedbackCounts.Stream: ConfidencePeriods]) -> [ConfidenceDrift] {
        var found = periods.compactMap { stream, periods -> ConfidenceDrift? in
            guard let newest = periods.newest,
                let test = KolmogorovSmirnov(periods.reference.values, newest.values)
            else { return nil }
            return ConfidenceDrift(
                stream: stream, reference: periods.reference, newest: newest, test: test,
                greater: MannWhitney(newest.values, periods.reference.values)?.share)
        }
        let adjusted = Holm.adjusted(found.map(\.test.p)) ?? []
        for (index, value) in adjusted.enumerated() { found[index].adjusted = value }
        return found.sorted {
            ($0.adjusted, $0.test.p, $0.stream.defectClass, $0.stream.model.words)
                < ($1.adjusted, $1.test.p, $1.stream.defectClass, $1.stream.model.words)
        }
    }
}
