import AndonModel
import AndonVision
import Synchronization

/// Random numbers that a seed repeats (SplitMix64). The seed stands in every failure.
final class Seeded: RandomSource {
    private let state: Mutex<UInt64>

    init(_ seed: UInt64) {
        state = Mutex(seed)
    }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }

    func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// Nearly normal, standard deviation 1: the sum of twelve uniform ones less six (Irwin and Hall).
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

/// A fixed scene with structure, seen by a camera with noise, a light that drifts and parts that pass by.
struct Scene {
    let width = 64
    let height = 48
    private let scene: [Double]
    private let noise: [Double]
    private let random: Seeded
    /// More of the scene than the camera sees, so that it can be moved.
    private static let margin = 16

    init(seed: UInt64) {
        let random = Seeded(seed)
        let (across, down) = (width + 2 * Self.margin, height + 2 * Self.margin)
        var scene = [Double](repeating: 90, count: across * down)
        for _ in 0..<60 {
            let (x, y) = (random.int(0...across - 8), random.int(0...down - 6))
            let level = 40 + 150 * random.unit()
            for row in y..<min(down, y + random.int(3...10)) {
                for column in x..<min(across, x + 8) { scene[row * across + column] = level }
            }
        }
        self.scene = scene
        noise = (0..<8192).map { _ in 2 * random.normal() }
        self.random = random
    }

    /// - Parameters:
    ///   - light: 1 as at the beginning.
    ///   - part: where the left side of a passing part is, which covers rows 16 to 30; none when nil.
    ///   - blur: how many pixels to each side are averaged.
    func picture(
        light: Double = 1, part: Int? = nil, dx: Int = 0, dy: Int = 0, blur: Int = 0, noisy: Bool = true,
        colour: Pixels.Colour = .grey
    ) -> Pixels {
        let across = width + 2 * Self.margin
        let start = random.int(0...8191)
        var samples: [UInt8] = []
        samples.reserveCapacity(width * height)
        for y in 0..<height {
            for x in 0..<width {
                var value = 0.0
                if let part, (16..<30).contains(y), (part..<part + 14).contains(x) {
                    value = 200
                } else if blur == 0 {
                    value = scene[(y + Self.margin + dy) * across + x + Self.margin + dx]
                } else {
                    for row in -blur...blur {
                        for column in -blur...blur {
                            value += scene[(y + row + Self.margin + dy) * across + x + column + Self.margin + dx]
                        }
                    }
                    value /= Double((2 * blur + 1) * (2 * blur + 1))
                }
                let dirt = noisy ? noise[(start + y * width + x) & 8191] : 0
                let sample = UInt8(min(255, max(0, value * light + dirt)))
                for _ in 0..<colour.rawValue { samples.append(sample) }
            }
        }
        return Pixels(width: width, height: height, colour: colour, samples: samples)
    }
}

func frame(_ number: Int, bytes: Int = 10, at seconds: Double = 0) -> Frame {
    Frame(
        number: number, capturedAt: Timestamp(microseconds: 0), clock: .arrival, arrivedAt: .seconds(seconds),
        picture: EncodedPicture(format: .jpeg, bytes: [UInt8](repeating: 0, count: bytes)))
}
