/// Finds what is unlike the good pictures that its model was learned from.
public struct AnomalyDetector: Sendable {
    public let model: AnomalyModel
    public let features: any AnomalyFeatures
    public let threshold: AnomalyThreshold
    public let regions: AnomalyRegions
    public let defectClass: String

    /// - Parameter defectClass: the class of every finding; the model cannot tell defects apart.
    /// - Throws: when the features are not those that the model was learned with.
    public init(
        model: AnomalyModel, features: any AnomalyFeatures, threshold: AnomalyThreshold,
        regions: AnomalyRegions = AnomalyRegions(), defectClass: String = "anomaly"
    ) throws(AnomalyModelError) {
        guard model.identity == features.identity else {
            throw AnomalyModelError(
                "the anomaly model was learned with the features \(model.identity), and these are \(features.identity); learn "
                    + "it again, or use the features that it was learned with")
        }
        self.model = model
        self.features = features
        self.threshold = threshold
        self.regions = regions
        self.defectClass = defectClass
    }

    /// - Returns: the score of the whole picture, 0...1 with the threshold at 0.5, and a finding for each region above the
    ///   threshold, each with its own score; none where the picture is not above it. The scores are not calibrated.
    public func look(_ pixels: Pixels) async throws -> (score: Double, findings: [Finding]) {
        let map = try model.map(await features.features(pixels))
        let found = regions.find(in: map, above: threshold.score, width: pixels.width, height: pixels.height)
        let findings = found.map { region in
            let score = threshold.normalised(region.peak)
            return Finding(
                defectClass: defectClass, score: score, confidence: score, isCalibrated: false, box: region.box)
        }
        return (threshold.normalised(map.score), findings)
    }
}
