import AndonModel

/// Reads a model's outputs as its card says: findings in pixels of the frame, with a calibrated confidence.
public struct Postprocessor: Sendable {
    let card: ModelCard
    let classes: [ClassRule]

    /// What holds for one class.
    struct ClassRule: Sendable {
        let name: String
        let isDefect: Bool
        /// The least raw score that reaches the threshold; nil where none does.
        let level: Double?
    }

    public init(_ card: ModelCard) {
        self.card = card
        classes = card.classes.map {
            ClassRule(
                name: $0, isDefect: $0 != card.goodClass,
                level: card.calibration.leastScore(reaching: card.threshold(of: $0)))
        }
    }

    /// What to ask the engine for.
    public var outputNames: [String] { card.outputs.names }

    /// - Parameters:
    ///   - outputs: by name; axis 0 is the batch.
    ///   - row: which picture of the batch, from 0.
    ///   - placement: where the model's picture lies in the frame.
    /// - Throws: `InferenceError` of kind `refused`, where an output is missing, has another shape than the card says, or
    ///   has a number that is none.
    public func findings(
        _ outputs: [String: Tensor], row: Int, placement: Placement
    ) throws(InferenceError) -> Verdict {
        switch card.outputs {
        case .classification(let output):
            return try classification(output, Self.row(row, of: output.probabilities, outputs))
        case .detection(let output):
            return try detection(output, Self.row(row, of: output.boxes, outputs), placement)
        case .segmentation(let output):
            return try segmentation(output, Self.row(row, of: output.mask, outputs), placement)
        case .anomaly(let output):
            return try anomaly(
                output, score: output.score.map { name throws(InferenceError) in try Self.row(row, of: name, outputs) },
                map: output.map.map { name throws(InferenceError) in try Self.row(row, of: name, outputs) }, placement)
        }
    }

    /// One picture's part of an output; every number is finite.
    struct Row {
        let name: String
        /// Without the batch.
        let shape: [Int]
        let values: ArraySlice<Float>

        /// - Parameter card: what the card says, for example `[1, 4 + 3, N]`.
        func refusal(card: String) -> InferenceError {
            InferenceError(
                .refused,
                "the output \"\(name)\" should be \(card) as the card says, and came as \([1] + shape); "
                    + "mend the card's outputs or classes")
        }
    }

    private static func row(_ row: Int, of name: String, _ outputs: [String: Tensor]) throws(InferenceError) -> Row {
        guard let tensor = outputs[name] else {
            let came = outputs.keys.sorted().joined(separator: ", ")
            throw InferenceError(.refused, "the card names the output \"\(name)\", and the model gave: \(came)")
        }
        guard let batch = tensor.shape.first, (0..<batch).contains(row) else {
            throw InferenceError(
                .refused, "picture \(row) of the batch is not in the output \"\(name)\" of shape \(tensor.shape)")
        }
        let size = tensor.values.count / batch
        let found = Row(
            name: name, shape: Array(tensor.shape.dropFirst()), values: tensor.values[row * size..<(row + 1) * size])
        // All bits of an exponent are set in an infinity and in what is no number; a loop over bits runs on vectors.
        let isFinite = found.values.withUnsafeBufferPointer { values in
            var bad: UInt32 = 0
            for value in values { bad |= (value.bitPattern & 0x7F80_0000) == 0x7F80_0000 ? 1 : 0 }
            return bad == 0
        }
        guard isFinite else {
            throw InferenceError(
                .refused,
                "the output \"\(name)\" has numbers that are none (NaN or infinite); check the card's scale, mean and std, "
                    + "and the model")
        }
        return found
    }

    /// A score as the card promises it, with what rounding may do beyond.
    static func probability(_ value: Double, _ name: String) throws(InferenceError) -> Double {
        guard value >= -0.001, value <= 1.001 else {
            throw InferenceError(
                .refused,
                "the output \"\(name)\" should have scores from 0 to 1 as the card says, and has \(value); "
                    + "the card's activation or boxForm is another")
        }
        return min(max(value, 0), 1)
    }

    func finding(_ name: String, _ score: Double, box: Box? = nil, outline: [[Point]]? = nil) -> Finding {
        Finding(
            defectClass: name, score: score, confidence: card.calibration.confidence(score),
            isCalibrated: card.calibration != .none, box: box, outline: outline)
    }

    private func classification(
        _ output: ModelCard.OutputSpec.Classification, _ row: Row
    ) throws(InferenceError) -> Verdict {
        let scores = try self.scores(output, row)
        var defects = zip(classes, scores).filter(\.0.isDefect).sorted { $0.1 > $1.1 }
        let score = defects.first.map { card.calibration.confidence($0.1) } ?? 0
        if !output.severalLabels { defects = Array(defects.prefix(1)) }
        let found = defects.filter { rule, score in rule.level.map { score >= $0 } ?? false }
        return Verdict(findings: found.map { finding($0.0.name, $0.1) }, score: score)
    }

    /// A score for each class.
    private func scores(
        _ output: ModelCard.OutputSpec.Classification, _ row: Row
    ) throws(InferenceError) -> [Double] {
        let values = row.values.map(Double.init)
        let defects = classes.indices.filter { classes[$0].isDefect }
        guard values.count == classes.count else {
            guard values.count == 1, defects.count == 1, classes.count == 2, output.activation != .softmax else {
                throw row.refusal(card: "[1, \(classes.count)], a score for each class,")
            }
            let score = try Self.activated(values, output.activation, row.name)[0]
            return classes.map { $0.isDefect ? score : 1 - score }
        }
        return try Self.activated(values, output.activation, row.name)
    }

    private static func activated(
        _ values: [Double], _ activation: ModelCard.OutputSpec.Activation, _ name: String
    ) throws(InferenceError) -> [Double] {
        switch activation {
        case .none: return try values.map { value throws(InferenceError) in try probability(value, name) }
        case .sigmoid: return values.map(Calibration.sigmoid)
        case .softmax: return softmax(values)
        }
    }
}
