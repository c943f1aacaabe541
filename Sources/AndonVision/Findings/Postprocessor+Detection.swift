import AndonModel

extension Postprocessor {
    /// A box in pixels of the model, before any is dropped.
    struct Candidate: Equatable {
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double
        var score: Double
        var classIndex: Int
    }

    func detection(
        _ output: ModelCard.OutputSpec.Detection, _ row: Row, _ placement: Placement
    ) throws(InferenceError) -> Verdict {
        let (candidates, highest) =
            output.boxForm == .endToEnd ? try ready(row) : try scored(row, isLast: output.boxForm == .centreLast)
        let sorted = candidates.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
        let kept =
            output.boxForm == .endToEnd
            ? Array(sorted.prefix(output.findingsMax))
            : Self.suppressed(sorted, iou: output.nmsIoU, perClass: output.perClassNMS, max: output.findingsMax)
        let findings = kept.compactMap { candidate -> Finding? in
            // What lies in the bars beside the picture is nowhere in the frame.
            guard
                let box = placement.frameBox(
                    x: candidate.left, y: candidate.top, width: candidate.right - candidate.left,
                    height: candidate.bottom - candidate.top)
            else { return nil }
            return finding(classes[candidate.classIndex].name, candidate.score, box: box)
        }
        return Verdict(findings: findings, score: card.calibration.confidence(highest))
    }

    /// Greedy non-maximum suppression.
    ///
    /// - Parameter sorted: the strongest first.
    static func suppressed(_ sorted: [Candidate], iou: Double, perClass: Bool, max: Int) -> [Candidate] {
        var kept: [Candidate] = []
        for candidate in sorted {
            guard kept.count < max else { break }
            let isCovered = kept.contains { strong in
                (!perClass || strong.classIndex == candidate.classIndex) && overlap(strong, candidate) > iou
            }
            if !isCovered { kept.append(candidate) }
        }
        return kept
    }

    /// Intersection over union.
    static func overlap(_ one: Candidate, _ other: Candidate) -> Double {
        let width = min(one.right, other.right) - max(one.left, other.left)
        let height = min(one.bottom, other.bottom) - max(one.top, other.top)
        guard width > 0, height > 0 else { return 0 }
        let common = width * height
        let areas =
            (one.right - one.left) * (one.bottom - one.top) + (other.right - other.left) * (other.bottom - other.top)
        return common / (areas - common)
    }

    /// `[4 + classes, N]`, or `[N, 4 + classes]` where `isLast`.
    private func scored(_ row: Row, isLast: Bool) throws(InferenceError) -> ([Candidate], highest: Double) {
        let fields = 4 + classes.count
        guard row.shape.count == 2, row.shape[isLast ? 1 : 0] == fields else {
            throw row.refusal(card: isLast ? "[1, N, 4 + \(classes.count)]" : "[1, 4 + \(classes.count), N]")
        }
        let count = row.shape[isLast ? 0 : 1]
        let (fieldStep, boxStep) = isLast ? (1, fields) : (count, 1)
        var (candidates, highest, worst) = ([Candidate](), Float(0), Float(0))
        row.values.withUnsafeBufferPointer { values in
            for index in 0..<count {
                let at = index * boxStep
                var (best, score) = (0, values[at + 4 * fieldStep])
                for other in 1..<max(1, classes.count) {
                    let rival = values[at + (4 + other) * fieldStep]
                    if rival > score { (best, score) = (other, rival) }
                }
                if abs(score - 0.5) > abs(worst - 0.5) { worst = score }
                guard classes[best].isDefect else { continue }
                highest = max(highest, score)
                guard let level = classes[best].level, Double(score) >= level else { continue }
                let (x, y) = (Double(values[at]), Double(values[at + fieldStep]))
                let (width, height) = (Double(values[at + 2 * fieldStep]), Double(values[at + 3 * fieldStep]))
                guard width > 0, height > 0 else { continue }
                candidates.append(
                    Candidate(
                        left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2,
                        score: min(Double(score), 1), classIndex: best))
            }
        }
        _ = try Self.probability(Double(worst), row.name)
        return (candidates, min(Double(highest), 1))
    }

    /// `[N, 6]`; rows that only fill up have a score of 0 or less and any class.
    private func ready(_ row: Row) throws(InferenceError) -> ([Candidate], highest: Double) {
        guard row.shape.count == 2, row.shape[1] == 6 else { throw row.refusal(card: "[1, N, 6]") }
        var (candidates, highest) = ([Candidate](), 0.0)
        for start in stride(from: row.values.startIndex, to: row.values.endIndex, by: 6) {
            let field = { Double(row.values[start + $0]) }
            guard field(4) > 0 else { continue }
            let score = try Self.probability(field(4), row.name)
            guard let index = Int(exactly: field(5)), classes.indices.contains(index) else {
                throw InferenceError(
                    .refused,
                    "the output \"\(row.name)\" has the class \(field(5)), and the card has \(classes.count) classes, "
                        + "from 0; mend the card's classes or boxForm")
            }
            guard classes[index].isDefect else { continue }
            highest = max(highest, score)
            guard let level = classes[index].level, score >= level, field(2) > field(0), field(3) > field(1) else {
                continue
            }
            candidates.append(
                Candidate(
                    left: field(0), top: field(1), right: field(2), bottom: field(3), score: score, classIndex: index))
        }
        return (candidates, highest)
    }
}
