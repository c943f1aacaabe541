#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a calibration could not be made.
public struct CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String
    public var description: String { reason }
}

extension Calibration {
    /// The temperature of the least negative log-likelihood, from 0.05 to 20, by golden section over its logarithm.
    ///
    /// - Parameters:
    ///   - scores: 0...1, of pictures that the training never saw.
    ///   - labels: whether each was a defect.
    public static func fitTemperature(scores: [Double], labels: [Bool]) throws(CalibrationError) -> Calibration {
        try check(scores, labels, needsBoth: true)
        let logits = scores.map(logit)
        let loss = { (logT: Double) in
            let t = exp(logT)
            return zip(logits, labels).reduce(0) { $0 + softplus(($1.1 ? -$1.0 : $1.0) / t) }
        }
        let ratio = (5.0.squareRoot() - 1) / 2
        var (low, high) = (log(0.05), log(20.0))
        var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
        var (lossLeft, lossRight) = (loss(left), loss(right))
        while high - low > 1e-9 {
            if lossLeft <= lossRight {
                (high, right, lossRight) = (right, left, lossLeft)
                left = high - ratio * (high - low)
                lossLeft = loss(left)
            } else {
                (low, left, lossLeft) = (left, right, lossRight)
                right = low + ratio * (high - low)
                lossRight = loss(right)
            }
        }
        return .temperature(exp((low + high) / 2))
    }

    /// Platt's two numbers over the logit, with his targets between 0 and 1, by Newton's method with backtracking (Lin, Lin
    /// and Weng, "A note on Platt's probabilistic outputs for support vector machines", Machine Learning 68, 2007).
    public static func fitPlatt(scores: [Double], labels: [Bool]) throws(CalibrationError) -> Calibration {
        try check(scores, labels, needsBoth: true)
        let positives = Double(labels.count { $0 })
        let negatives = Double(labels.count) - positives
        let targets = labels.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
        var fit = PlattFit(logits: scores.map(logit), targets: targets, b: log((positives + 1) / (negatives + 1)))
        for _ in 0..<100 where fit.step() {}
        guard fit.a > 0 else {
            throw CalibrationError(
                reason: "the scores fall where defects are: a came out as \(fit.a); are labels or classes swapped?")
        }
        return .platt(a: fit.a, b: fit.b)
    }

    /// The rising steps of least squared error by pool adjacent violators, equal scores taken together first.
    public static func fitIsotonic(scores: [Double], labels: [Bool]) throws(CalibrationError) -> Calibration {
        try check(scores, labels, needsBoth: false)
        struct Block {
            var first: Double
            var last: Double
            var hits: Double
            var count: Double
            var mean: Double { hits / count }
        }
        var blocks: [Block] = []
        for (score, label) in zip(scores, labels).sorted(by: { $0.0 < $1.0 }) {
            var block = Block(first: score, last: score, hits: label ? 1 : 0, count: 1)
            if let before = blocks.last, before.first == score {
                blocks.removeLast()
                block.hits += before.hits
                block.count += before.count
            }
            blocks.append(block)
        }
        var pooled: [Block] = []
        for block in blocks {
            var block = block
            while let before = pooled.last, before.mean >= block.mean {
                pooled.removeLast()
                block = Block(
                    first: before.first, last: block.last, hits: before.hits + block.hits,
                    count: before.count + block.count)
            }
            pooled.append(block)
        }
        return .isotonic(
            pooled.flatMap { block in
                (block.first < block.last ? [block.first, block.last] : [block.first])
                    .map { Knot(score: $0, confidence: block.mean) }
            })
    }

    /// Expected calibration error: how far confidence and frequency lie apart, over bins of equal width, weighted by how many
    /// fall in each (Naeini et al., 2015). Nil of nothing.
    public static func expectedError(confidences: [Double], labels: [Bool], bins: Int = 15) -> Double? {
        guard !confidences.isEmpty, confidences.count == labels.count, bins > 0,
            confidences.allSatisfy({ (0...1).contains($0) })
        else { return nil }
        var gaps = [Double](repeating: 0, count: bins)
        for (confidence, label) in zip(confidences, labels) {
            let bin = min(max(Int((confidence * Double(bins)).rounded(.up)) - 1, 0), bins - 1)
            gaps[bin] += (label ? 1 : 0) - confidence
        }
        return gaps.reduce(0) { $0 + abs($1) } / Double(confidences.count)
    }

    /// Brier's score: the mean squared distance of confidence and truth. Nil of nothing.
    public static func brier(confidences: [Double], labels: [Bool]) -> Double? {
        guard !confidences.isEmpty, confidences.count == labels.count else { return nil }
        let sum = zip(confidences, labels).reduce(0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) }
        return sum / Double(confidences.count)
    }

    private static func check(_ scores: [Double], _ labels: [Bool], needsBoth: Bool) throws(CalibrationError) {
        guard scores.count == labels.count, !scores.isEmpty else {
            throw CalibrationError(
                reason: "\(scores.count) scores and \(labels.count) labels; each picture needs one of both")
        }
        if let index = scores.firstIndex(where: { !(0...1).contains($0) }) {
            throw CalibrationError(reason: "score \(index) is \(scores[index]); scores are numbers from 0 to 1")
        }
        if needsBoth, Set(labels).count < 2 {
            throw CalibrationError(reason: "every label is the same; give pictures with a defect and without")
        }
    }

    /// log(1 + e^x) without overflow.
    static func softplus(_ value: Double) -> Double { max(value, 0) + log1p(exp(-abs(value))) }
}

private struct PlattFit {
    let logits: [Double]
    let targets: [Double]
    var a = 0.0
    var b: Double

    private func loss(_ a: Double, _ b: Double) -> Double {
        zip(logits, targets).reduce(0) {
            let value = a * $1.0 + b
            return $0 + Calibration.softplus(value) - $1.1 * value
        }
    }

    /// One Newton step, halved until it lessens the loss enough (Armijo).
    ///
    /// - Returns: whether there is still a way to go.
    mutating func step() -> Bool {
        // Keeps the matrix invertible where all scores are equal.
        var (haa, hab, hbb) = (1e-12, 0.0, 1e-12)
        var (ga, gb) = (0.0, 0.0)
        for (logit, target) in zip(logits, targets) {
            let p = Calibration.sigmoid(a * logit + b)
            let curve = p * (1 - p)
            haa += curve * logit * logit
            hab += curve * logit
            hbb += curve
            ga += (p - target) * logit
            gb += p - target
        }
        guard max(abs(ga), abs(gb)) > 1e-9 else { return false }
        let determinant = haa * hbb - hab * hab
        let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant)
        let (before, slope) = (loss(a, b), ga * da + gb * db)
        var length = 1.0
        while length > 1e-10 {
            let (nextA, nextB) = (a + length * da, b + length * db)
            if loss(nextA, nextB) < before + 1e-4 * length * slope {
                (a, b) = (nextA, nextB)
                return true
            }
            length /= 2
        }
        return false
    }
}
