import AndonCapture
import AndonInference
import AndonModel
import AndonVision
import Logging

/// What a camera's source needs of the process around it.
public struct CameraEnvironment: Sendable {
    public var time: any TimeSource
    public var random: any RandomSource
    public var logger: Logger
    /// Pixels of a frame that will still be decoded.
    public var pixelsMax: Int
    /// Defects that the intake takes in one report.
    public var defectsMax: Int
    /// Loads, checks and warms up a model.
    public var load: @Sendable (_ card: String, CameraSettings.Engine) async throws(ModelRefusal) -> LoadedModel
    /// Which card is in force for a source; the file's own when nil.
    public var card: @Sendable (_ source: String) async -> String?

    public init(
        time: any TimeSource, random: any RandomSource, logger: Logger, pixelsMax: Int, defectsMax: Int,
        load: @escaping @Sendable (_ card: String, CameraSettings.Engine) async throws(ModelRefusal) -> LoadedModel,
        card: @escaping @Sendable (_ source: String) async -> String? = { _ in nil }
    ) {
        (self.time, self.random, self.logger) = (time, random, logger)
        (self.pixelsMax, self.defectsMax) = (pixelsMax, defectsMax)
        (self.load, self.card) = (load, card)
    }
}

/// Why a model is not taken.
public struct ModelRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// All of them: a person mends them at once.
    public var reasons: [String]
    /// Whether the same card may be taken later: the engine is away now.
    public var isWorthTryingAgain: Bool

    public init(_ reasons: [String], isWorthTryingAgain: Bool = false) {
        (self.reasons, self.isWorthTryingAgain) = (reasons, isWorthTryingAgain)
    }

    public var description: String { reasons.joined(separator: "; ") }
}
