import AndonCapture
import AndonLedger
import AndonModel
import AndonTesting
import AndonVision
import Foundation
import Testing

/// What a camera of a test looks with, and at.
enum CameraSamples {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// ONNX Runtime as Python has it, or nil.
    static let library: String? = {
        let lib = root.appendingPathComponent(".venv-vision/lib").path
        let found = FileManager.default.enumerator(atPath: lib)?.compactMap { $0 as? String }.first {
            $0.hasSuffix("capi/libonnxruntime.so.1") || $0.contains("capi/libonnxruntime.so.1.")
        }
        return found.map { "\(lib)/\($0)" }
    }()

    static let missing: Comment = "no Python with onnxruntime: run scripts/setup --tests for .venv-vision"

    /// Where a server finds the engine.
    static var environment: [String: String] { library.map { ["ANDON_ONNXRUNTIME": $0] } ?? [:] }

    /// A model whose strongest class is always a defect with this threshold, and never with a threshold of 1.
    private static func card(version: String, threshold: Double, sha256: String) -> String {
        """
        schema: andon.model-card/1
        name: shapes
        version: "\(version)"
        task: classification
        file: classify.onnx
        sha256: \(sha256)
        licence: CC0-1.0
        input: { name: image, width: 16, height: 16 }
        outputs: { probabilities: probabilities }
        classes: [scratch, dent, chip, stain]
        threshold: \(threshold)

        """
    }

    /// The models' folder, with good cards (all frames have a defect for the first, none for the second) and bad ones.
    static func models() throws -> TemporaryFolder {
        let folder = try TemporaryFolder("andon-models")
        let bytes = try Data(
            contentsOf: root.appendingPathComponent("Tests/AndonInferenceTests/Counterpart/classify.onnx"))
        let digest = Hex.sha256(Array(bytes))
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
        try bytes.write(to: URL(fileURLWithPath: folder.path + "/classify.onnx"))
        try write("first.yaml", card(version: "1", threshold: 0.01, sha256: digest))
        try write("second.yaml", card(version: "2", threshold: 1, sha256: digest))
        try write("other-file.yaml", card(version: "3", threshold: 0.5, sha256: Hex.sha256([1])))
        try write("wrong.yaml", "schema: andon.model-card/1\nname: x\ntask: guess\nthreshold: 7\n")
        return folder
    }

    static func picture(_ seed: Int) throws -> Data {
        let samples = (0..<48 * 48 * 3).map { UInt8(truncatingIfNeeded: ($0 * 31 + seed * 97) % 251) }
        let pixels = Pixels(width: 48, height: 48, colour: .rgb, samples: samples)
        return Data(try PixelDecoder.encodeJPEG(pixels, quality: 90).bytes)
    }
}
