import AndonModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns a model's score into how often it is right, as pictures that the training never saw have shown.
///
/// Each form rises with the score or stays level, so it never changes which of two findings is the stronger.
public enum Calibration: Sendable, Hashable {
    /// A place that an isotonic calibration passes through, both 0...1.
    public struct Knot: Sendable, Hashable {
        public var score: Double
        public var confidence: Double

        public init(score: Double, confidence: Double) {
            self.score = score
            self.confidence = confidence
        }
    }

    case none
    /// σ(logit / t), t > 0 (Guo et al., "On calibration of modern neural networks", 2017).
    case temperature(Double)
    /// σ(a · logit + b), a > 0 (Platt, 1999).
    case platt(a: Double, b: Double)
    /// Straight lines between the knots, level before the first and after the last. Scores rise, confidences never fall.
    case isotonic([Knot])

    /// - Parameter score: 0...1.
    /// - Returns: 0...1.
    public func confidence(_ score: Double) -> Double {
        switch self {
        case .none: score
        case .temperature(let t): Self.sigmoid(Self.logit(score) / t)
        case .platt(let a, let b): Self.sigmoid(a * Self.logit(score) + b)
        case .isotonic(let knots): Self.between(knots, score)
        }
    }

    /// The least score, to 2^-48, whose confidence is `level` or more; nil where none is. So a map of many scores is
    /// compared without a calibration of each.
    func leastScore(reaching level: Double) -> Double? {
        guard confidence(1) >= level else { return nil }
        if confidence(0) >= level { return 0 }
        if self == .none { return level }
        var (below, enough) = (0.0, 1.0)
        for _ in 0..<48 {
            let middle = (below + enough) / 2
            if confidence(middle) >= level { enough = middle } else { below = middle }
        }
        return enough
    }

    static func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

    /// Finite: a score of exactly 0 or 1 counts as 1e-12 away from it.
    static func logit(_ score: Double) -> Double {
        let inside = min(max(score, 1e-12), 1 - 1e-12)
        return log(inside / (1 - inside))
    }

    private static func between(_ knots: [Knot], _ score: Double) -> Double {
        guard let first = knots.first, let last = knots.last else { return score }
        if score <= first.score { return first.confidence }
        if score >= last.score { return last.confidence }
        var (low, high) = (0, knots.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if knots[middle].score <= score { low = middle } else { high = middle }
        }
        let (left, right) = (knots[low], knots[high])
        let share = (score - left.score) / (right.score - left.score)
        return left.confidence + share * (right.confidence - left.confidence)
    }
}

extension Calibration {
    private enum Method: String, CaseIterable { case none, temperature, platt, isotonic }

    /// Reads a card's section.
    init(reading reader: SettingsReader) {
        if reader.raw("method") == nil { reader.missing("method") }
        switch reader.choice("method", default: Method.none) {
        case .none: self = .none
        case .temperature: self = .temperature(Self.required("t", in: 0.001...1_000, reader))
        case .platt:
            self = .platt(
                a: Self.required("a", in: 0.001...1_000, reader), b: Self.required("b", in: -1_000...1_000, reader))
        case .isotonic: self = .isotonic(Self.knots(reader))
        }
        reader.finish()
    }

    private static func required(_ key: String, in range: ClosedRange<Double>, _ reader: SettingsReader) -> Double {
        if reader.raw(key) == nil { reader.missing(key) }
        return reader.number(key, in: range) ?? 1
    }

    private static func knots(_ reader: SettingsReader) -> [Knot] {
        guard let node = reader.raw("points") else {
            reader.missing("points")
            return []
        }
        let elements = reader.list("points")
        let knots = elements.compactMap { knot($0, reader) }
        guard knots.count == elements.count else { return [] }
        let rises = zip(knots, knots.dropFirst()).allSatisfy { $0.score < $1.score && $0.confidence <= $1.confidence }
        if !rises || !(1...1_000).contains(knots.count) {
            reader.faults.add(
                "should be 1 to 1000 pairs [score, confidence] whose scores rise and whose confidences never fall",
                at: node)
        }
        return knots
    }

    private static func knot(_ node: Settings, _ reader: SettingsReader) -> Knot? {
        guard case .list(let pair) = node.value, pair.count == 2 else {
            reader.faults.add("should be a pair [score, confidence], found \(node.kindName)", at: node)
            return nil
        }
        guard let score = reader.number(of: pair[0], in: 0...1), let confidence = reader.number(of: pair[1], in: 0...1)
        else { return nil }
        return Knot(score: score, confidence: confidence)
    }
}
