import AndonModel

/// One thing that a model found in a frame.
public struct Finding: Sendable, Hashable {
    public var defectClass: String
    /// What the model said, 0...1.
    public var score: Double
    /// The score after calibration; the same as `score` when the card has none.
    public var confidence: Double
    public var isCalibrated: Bool
    /// In pixels of the original frame; nil when the model cannot say where, never the whole frame in its place.
    public var box: Box?
    /// The outline of a segmentation, in the same pixels.
    public var outline: [[Point]]?

    public init(
        defectClass: String, score: Double, confidence: Double, isCalibrated: Bool, box: Box? = nil,
        outline: [[Point]]? = nil
    ) {
        self.defectClass = defectClass
        self.score = score
        self.confidence = confidence
        self.isCalibrated = isCalibrated
        self.box = box
        self.outline = outline
    }
}
