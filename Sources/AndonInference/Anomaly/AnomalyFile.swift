import AndonVision
import Foundation

/// The one file of a model that was learned from good pictures: its threshold, the backbone whose features it was learned
/// with where there is one, and the model. All numbers are little-endian:
///
/// | bytes | what |
/// | --- | --- |
/// | 8 | `ANDONANO` |
/// | 2 × 4 | version (1), bytes of the head: UInt32 |
/// | | head: JSON with `threshold`, `backboneBytes` and `backboneOutput` |
/// | | backbone: an ONNX file |
/// | | the model: `AnomalyModel.encode()` |
public struct AnomalyFile: Sendable, Hashable {
    /// A network that makes features.
    public struct Backbone: Sendable, Hashable {
        /// An ONNX file.
        public var bytes: [UInt8]
        /// Which of its outputs are the features, `[1, depth, rows, columns]`.
        public var output: String

        public init(bytes: [UInt8], output: String) {
            self.bytes = bytes
            self.output = output
        }
    }

    private struct Head: Codable {
        var threshold: AnomalyThreshold
        var backboneBytes: Int
        var backboneOutput: String?
    }

    private static let magic = Array("ANDONANO".utf8)
    private static let version: UInt32 = 1
    private static let headStart = 16
    private static let headMax = 1 << 16

    public var model: AnomalyModel
    public var threshold: AnomalyThreshold
    /// Nil for `SimpleFeatures`.
    public var backbone: Backbone?

    public init(model: AnomalyModel, threshold: AnomalyThreshold, backbone: Backbone? = nil) {
        self.model = model
        self.threshold = threshold
        self.backbone = backbone
    }

    /// Whether a model's file is one of these.
    public static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    public func encode() throws -> [UInt8] {
        let encoder = JSONEncoder()
        // The same model has the same bytes, and so the same hash.
        encoder.outputFormatting = .sortedKeys
        let head = try encoder.encode(
            Head(
                threshold: threshold, backboneBytes: backbone?.bytes.count ?? 0, backboneOutput: backbone?.output))
        var bytes = Self.magic
        for word in [Self.version, UInt32(head.count)] {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes + head + (backbone?.bytes ?? []) + model.encode()
    }

    /// Reads a file. Any bytes give a model that can be used, or a reason.
    public init(decoding bytes: [UInt8]) throws(AnomalyModelError) {
        guard Self.isOne(bytes), bytes.count >= Self.headStart else {
            throw AnomalyModelError(
                "this is no anomaly model: it does not begin with ANDONANO; make one with andon vision learn")
        }
        let words = [8, 12].map { start in
            bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        guard words[0] == Self.version else {
            throw AnomalyModelError(
                "the anomaly model has version \(words[0]), and this program reads \(Self.version); learn it again")
        }
        let rest = bytes.count - Self.headStart
        guard words[1] <= Self.headMax, Int(words[1]) <= rest,
            let head = try? JSONDecoder().decode(
                Head.self, from: Data(bytes[Self.headStart..<Self.headStart + Int(words[1])])),
            (0...rest - Int(words[1])).contains(head.backboneBytes)
        else { throw AnomalyModelError("the head of the anomaly model cannot be read; the file was cut or changed") }
        let threshold = head.threshold
        guard threshold.score.isFinite, threshold.lower.isFinite, threshold.lower < threshold.score else {
            throw AnomalyModelError(
                "the anomaly model has the threshold \(threshold.score), which is not above its lowest score "
                    + "\(threshold.lower); learn it again")
        }
        let start = Self.headStart + Int(words[1])
        let backbone = bytes[start..<start + head.backboneBytes]
        self.threshold = threshold
        self.backbone = head.backboneOutput.map { Backbone(bytes: Array(backbone), output: $0) }
        model = try AnomalyModel(decoding: Array(bytes[(start + head.backboneBytes)...]))
    }
}
