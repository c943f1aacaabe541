/// Rules that a point may break. Western Electric (Statistical Quality Control Handbook, 1956), Nelson (Journal of
/// Quality Technology 16(4), 1984), and AIAG's selection of them (SPC manual, 2nd edition, 2005).
public struct RunRule: OptionSet, Codable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// One point beyond 3 sigma: Western Electric 1, Nelson 1.
    public static let beyond3 = RunRule(rawValue: 1 << 0)
    /// Two of the last three beyond 2 sigma on one side, the point among them: Western Electric 2, Nelson 5.
    public static let twoOfThree = RunRule(rawValue: 1 << 1)
    /// Four of the last five beyond 1 sigma on one side, the point among them: Western Electric 3, Nelson 6.
    public static let fourOfFive = RunRule(rawValue: 1 << 2)
    /// A run on one side of the centre line: Western Electric 4 (8), Nelson 2 (9).
    public static let side = RunRule(rawValue: 1 << 3)
    /// Points that steadily rise or fall: Nelson 3 (6).
    public static let trend = RunRule(rawValue: 1 << 4)
    /// Points that go up and down in turn: Nelson 4 (14).
    public static let alternating = RunRule(rawValue: 1 << 5)
    /// Points within 1 sigma: Nelson 7 (15).
    public static let hugging = RunRule(rawValue: 1 << 6)
    /// Points beyond 1 sigma, at least one on each side: Nelson 8 (8).
    public static let mixture = RunRule(rawValue: 1 << 7)

    public static let westernElectric: RunRule = [.beyond3, .twoOfThree, .fourOfFive, .side]
    public static let nelson: RunRule = [
        .beyond3, .side, .trend, .alternating, .twoOfThree, .fourOfFive, .hugging, .mixture,
    ]
    /// Those that hold for counts with a small mean, whose law is far from normal.
    public static let attribute: RunRule = [.beyond3, .side, .trend, .alternating]

    public static let all: [(rule: RunRule, name: String)] = [
        (.beyond3, "beyond-3-sigma"), (.twoOfThree, "2-of-3-beyond-2-sigma"), (.fourOfFive, "4-of-5-beyond-1-sigma"),
        (.side, "run-on-one-side"), (.trend, "steady-trend"), (.alternating, "alternating"),
        (.hugging, "hugging-the-centre"), (.mixture, "mixture"),
    ]

    public var names: [String] { Self.all.filter { contains($0.rule) }.map(\.name) }

    /// A pattern of several points, as opposed to one that stands alone.
    public static let patterns: RunRule = [.twoOfThree, .fourOfFive, .side, .trend, .alternating, .hugging, .mixture]
}

/// Which rules are on, and how long their runs are.
public struct RunRuleSettings: Codable, Hashable, Sendable {
    public var rules: RunRule
    /// Points, 2...64 each.
    public var sideLength: Int
    public var trendLength: Int
    public var alternatingLength: Int
    public var huggingLength: Int
    public var mixtureLength: Int

    public init(
        rules: RunRule, sideLength: Int, trendLength: Int = 6, alternatingLength: Int = 14, huggingLength: Int = 15,
        mixtureLength: Int = 8
    ) {
        self.rules = rules
        self.sideLength = sideLength
        self.trendLength = trendLength
        self.alternatingLength = alternatingLength
        self.huggingLength = huggingLength
        self.mixtureLength = mixtureLength
    }

    /// Rule 1 alone: every further rule multiplies false alarms (run length in control 370 against 74 with all).
    public static let rule1 = RunRuleSettings(rules: .beyond3, sideLength: 9)
    public static let westernElectric = RunRuleSettings(rules: .westernElectric, sideLength: 8)
    public static let nelson = RunRuleSettings(rules: .nelson, sideLength: 9)
    /// AIAG, table II.1: as Nelson's, with seven points on a side.
    public static let aiag = RunRuleSettings(rules: .nelson, sideLength: 7)
}

/// The rules along one stream of points, in constant time and memory.
///
/// A rule flags the point that completes its pattern and every later one that continues it. Windows must be full;
/// beyond means strictly beyond; a point that cannot be judged is passed over as if it were not there.
public struct RunRules: Codable, Hashable, Sendable {
    /// Points that were judged.
    public private(set) var count = 0
    /// Bit i: the point i ago lay beyond 1 or 2 sigma, above or below.
    private var above1: UInt64 = 0
    private var below1: UInt64 = 0
    private var above2: UInt64 = 0
    private var below2: UInt64 = 0
    private var sideRun: Int32 = 0
    /// Steps in one direction; negative falls.
    private var trendSteps: Int32 = 0
    private var alternatingSteps: Int32 = 0
    private var huggingRun: Int32 = 0
    private var mixtureRun: Int32 = 0
    private var last = 0.0

    public init() {}

    /// - Parameters:
    ///   - value: what is plotted; trends and alternation go by it.
    ///   - z: its distance from the centre line in its own sigma.
    /// - Returns: the rules that the point breaks; none for a NaN.
    public mutating func add(_ value: Double, z: Double, _ settings: RunRuleSettings) -> RunRule {
        guard !z.isNaN, !value.isNaN else { return [] }
        advance(value, z)
        return broken(z, settings)
    }

    mutating func advance(_ value: Double, _ z: Double) {
        above1 = above1 << 1 | (z > 1 ? 1 : 0)
        below1 = below1 << 1 | (z < -1 ? 1 : 0)
        above2 = above2 << 1 | (z > 2 ? 1 : 0)
        below2 = below2 << 1 | (z < -2 ? 1 : 0)
        sideRun = z > 0 ? max(sideRun, 0) + 1 : z < 0 ? min(sideRun, 0) - 1 : 0
        let isBeyond = z > 1 || z < -1
        huggingRun = isBeyond ? 0 : huggingRun + 1
        mixtureRun = isBeyond ? mixtureRun + 1 : 0
        if count > 0 {
            let step: Int32 = value > last ? 1 : value < last ? -1 : 0
            let before = trendSteps.signum()
            alternatingSteps = step == 0 ? 0 : step == -before ? alternatingSteps + 1 : 1
            trendSteps = step == 0 ? 0 : step == before ? trendSteps + step : step
        }
        last = value
        count += 1
    }

    func broken(_ z: Double, _ settings: RunRuleSettings) -> RunRule {
        var broken: RunRule = []
        if z > 3 || z < -3 { broken.insert(.beyond3) }
        if count >= 3, Self.holds(above2, 0b111, 2) || Self.holds(below2, 0b111, 2) { broken.insert(.twoOfThree) }
        if count >= 5, Self.holds(above1, 0b11111, 4) || Self.holds(below1, 0b11111, 4) { broken.insert(.fourOfFive) }
        if abs(sideRun) >= Int32(settings.sideLength) { broken.insert(.side) }
        if abs(trendSteps) >= Int32(settings.trendLength - 1) { broken.insert(.trend) }
        if alternatingSteps >= Int32(settings.alternatingLength - 1) { broken.insert(.alternating) }
        if huggingRun >= Int32(settings.huggingLength) { broken.insert(.hugging) }
        if mixtureRun >= Int32(settings.mixtureLength) {
            let window = Self.window(settings.mixtureLength)
            if above1 & window != 0, below1 & window != 0 { broken.insert(.mixture) }
        }
        return broken.intersection(settings.rules)
    }

    /// The point itself is in the zone, and at least `least` of the window are.
    private static func holds(_ zone: UInt64, _ window: UInt64, _ least: Int) -> Bool {
        zone & 1 == 1 && (zone & window).nonzeroBitCount >= least
    }

    private static func window(_ length: Int) -> UInt64 { length >= 64 ? .max : (1 << UInt64(length)) - 1 }

    /// How many judged points ago the points lie that make `rule`, newest first; 0 is the last one added.
    public func points(of rule: RunRule, _ settings: RunRuleSettings) -> [Int] {
        func zone(_ bits: UInt64, _ other: UInt64, _ length: Int) -> [Int] {
            let bits = bits & 1 == 1 ? bits : other
            return (0..<length).filter { bits >> UInt64($0) & 1 == 1 }
        }
        switch rule {
        case .beyond3: return [0]
        case .twoOfThree: return zone(above2, below2, 3)
        case .fourOfFive: return zone(above1, below1, 5)
        case .side: return Array(0..<Int(abs(sideRun)))
        case .trend: return Array(0...Int(abs(trendSteps)))
        case .alternating: return Array(0...Int(alternatingSteps))
        case .hugging: return Array(0..<Int(huggingRun))
        case .mixture: return Array(0..<Int(mixtureRun))
        default: return []
        }
    }
}
