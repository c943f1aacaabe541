import Foundation

/// One stream from new to its crossing, or to the end of the data where it never crosses.
struct Life: Sendable {
    var times: [Double] = []
    var values: [Double] = []
    var threshold: Double
    /// When the level crosses; nil where it never does.
    var crossing: Double?
    var start = 0.0
}

/// Seeded values.
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }
    mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
}

/// Streams of known truth. The noise of a value has standard deviation 1, the threshold lies 5 to 12 of them above the
/// level of the new thing (3 in `noisy`), a value comes every four hours or so, and a life has 100 to 160 values.
enum Wear: String, CaseIterable, Sendable {
    case linear, exponential, begun, noisy, seasonal, missing, spikes, jumpOver, jumpShort, level, autocorrelated

    var hasCrossing: Bool { ![.jumpShort, .level, .autocorrelated].contains(self) }

    var words: String {
        switch self {
        case .linear: "linear"
        case .exponential: "exponential, e^2 to e^4 over the life"
        case .begun: "level, then linear"
        case .noisy: "linear, noise a third of the way"
        case .seasonal: "linear, with a daily cycle of 2"
        case .missing: "linear, 30 % and a hole missing"
        case .spikes: "linear, 3 % spikes of 8"
        case .jumpOver: "no wear, a jump over the threshold"
        case .jumpShort: "no wear, a jump of 60 % of the way"
        case .level: "no wear"
        case .autocorrelated: "no wear, autocorrelation 0.8"
        }
    }

    func life(_ noise: inout Noise) -> Life {
        let step = 1.0 / 6
        let count = 100 + Int(noise.uniform(0, 60))
        let end = Double(count) * step
        let gap = self == .noisy ? 3 : noise.uniform(5, 12)
        let base = noise.uniform(2, 5)
        let bend = noise.uniform(2, 4)
        let turn = noise.uniform(0.3, 0.7) * end
        let phase = noise.uniform(0, 2 * .pi)
        var life = Life(threshold: base + gap)
        life.crossing = !hasCrossing ? nil : self == .jumpOver ? turn : end
        var drift = noise.normal()
        for place in 0..<count {
            let time = (Double(place) + noise.uniform(-0.1, 0.1)) * step
            drift = 0.8 * drift + 0.6 * noise.normal()
            let error = self == .autocorrelated ? drift : noise.normal()
            let spike = self == .spikes && noise.uniform() < 0.03 ? 8.0 : 0
            let isLost = noise.uniform() < 0.3 || time > turn && time < turn + 0.1 * end
            guard time < life.crossing ?? .infinity else { break }
            if self == .missing, isLost { continue }
            life.times.append(time)
            life.values.append(
                base + gap * wear(time, end: end, turn: turn, bend: bend) + error + spike
                    + (self == .seasonal ? 2 * sin(2 * .pi * time + phase) : 0))
        }
        return life
    }

    /// 0 when new, 1 at the threshold.
    private func wear(_ time: Double, end: Double, turn: Double, bend: Double) -> Double {
        switch self {
        case .linear, .noisy, .seasonal, .missing, .spikes: time / end
        case .exponential: (exp(bend * time / end) - 1) / (exp(bend) - 1)
        case .begun: max(0, time - turn) / (end - turn)
        case .jumpOver: time < turn ? 0 : 1.2
        case .jumpShort: time < turn ? 0 : 0.6
        case .level, .autocorrelated: 0
        }
    }
}
