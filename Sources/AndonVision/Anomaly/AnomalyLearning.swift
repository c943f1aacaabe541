import AndonModel

/// Learns a model and its threshold from good pictures alone.
public struct AnomalyLearning: Sendable, Hashable {
    /// Fewer pictures say too little about what is usual.
    public static let picturesMin = 20
    /// Features are kept between the passes up to so many bytes; beyond it they are made anew in each.
    static let keptMax = 256 << 20

    /// Parts that the pictures are cut into, in their order; each is scored by a model of the others.
    public var folds = 5
    public var dimensionsMax = 100
    public var regularisation = 0.01
    /// In places of the map.
    public var smoothing = 1.0
    public var falseAlarms = 0.01
    public var confidence = 0.95
    /// Of the sums of one model; two lie side by side while the folds are scored, and the models themselves add half as much.
    public var bytesMax = 1 << 30

    public init() {}

    /// Reads the section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        folds = reader.integer("folds", in: 2...20) ?? folds
        dimensionsMax = reader.integer("dimensions", in: 1...2_000) ?? dimensionsMax
        regularisation = reader.number("regularisation", in: 1e-6...10) ?? regularisation
        smoothing = reader.number("smoothing", in: 0...16) ?? smoothing
        falseAlarms = reader.number("falseAlarms", in: 0.0001...0.4) ?? falseAlarms
        confidence = reader.number("confidence", in: 0.5...0.999) ?? confidence
        bytesMax = reader.byteCount("memory", in: 1_000_000...(1 << 36)) ?? bytesMax
        reader.finish()
    }

    /// What was learned.
    public struct Result: Sendable {
        public var model: AnomalyModel
        public var threshold: AnomalyThreshold
        /// Of each picture, by a model that had not seen it, in the order of the pictures.
        public var scores: [Double]
    }

    /// Learns from all pictures, and scores each with a model of the other folds. As these models saw fewer pictures than
    /// the one that is given back, their scores are rather too high than too low.
    ///
    /// Folds are stretches of the order given: pictures that were taken one after the other, and are nearly the same, do not
    /// fall on both sides.
    ///
    /// - Parameters:
    ///   - count: how many pictures there are.
    ///   - picture: gives each by its index; asked several times for the same one.
    ///   - progress: told what share is done, 0...1.
    /// - Throws: `AnomalyModelError`, or what `picture` and `features` throw.
    public func learn(
        count: Int, features: any AnomalyFeatures, random: any RandomSource,
        picture: @Sendable (Int) async throws -> Pixels, progress: @Sendable (Double) -> Void = { _ in }
    ) async throws -> Result {
        guard count >= Self.picturesMin else {
            throw AnomalyModelError(
                "\(count) good pictures are too few to learn from; give at least \(Self.picturesMin), better 50 to 500")
        }
        let first = try await features.features(picture(0))
        let keeps = count * first.values.count * MemoryLayout<Float>.size <= Self.keptMax
        var kept: [FeatureMap] = []
        // All models use the same dimensions, so that their scores can be compared.
        let empty = try AnomalyFit(
            like: first, identity: features.identity, dimensionsMax: dimensionsMax, regularisation: regularisation,
            smoothing: smoothing, bytesMax: bytesMax, random: random)
        var fit = empty
        for index in 0..<count {
            let map = try await features.features(picture(index))
            try fit.add(map)
            if keeps { kept.append(map) }
            progress(Double(index + 1) / Double(count * (folds + 1)))
        }
        let model = try fit.model()
        fit = empty
        var scores: [Double] = []
        for fold in 0..<folds {
            let heldOut = (count * fold / folds)..<(count * (fold + 1) / folds)
            var part = empty
            for index in 0..<count where !heldOut.contains(index) {
                try part.add(keeps ? kept[index] : await features.features(picture(index)))
            }
            let judge = try part.model()
            for index in heldOut {
                scores.append(try judge.map(keeps ? kept[index] : await features.features(picture(index))).score)
            }
            progress(Double(fold + 2) / Double(folds + 1))
        }
        let threshold = try AnomalyThreshold(scores: scores, falseAlarms: falseAlarms, confidence: confidence)
        return Result(model: model, threshold: threshold, scores: scores)
    }
}
