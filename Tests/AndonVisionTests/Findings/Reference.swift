import Foundation

/// What Pillow, scikit-learn and SciPy say; `reference.py` made it.
struct Reference: Decodable {
    struct Picture: Decodable {
        var width: Int
        var height: Int
        var rgb: Bool
        var samples: Data
    }

    struct Resize: Decodable {
        var source: Picture
        var target: Picture
        var resize: String
    }

    struct Calibration: Decodable {
        var scores: [Double]
        var labels: [Bool]
        var temperature: Double
        var platt: [Double]
        var grid: [Double]
        var isotonic: [Double]
        var error: Double
        var brier: Double
    }

    struct Softmax: Decodable {
        var logits: [[Float]]
        var probabilities: [[Double]]
    }

    var resize: [Resize]
    var calibration: [Calibration]
    var softmax: Softmax

    static func load() throws -> Reference {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "reference.json")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }
}

/// SplitMix64 (Steele et al., 2014): the same numbers for the same seed.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func unit() -> Double { Double.random(in: 0...1, using: &self) }
}
