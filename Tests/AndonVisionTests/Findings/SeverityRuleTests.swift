import AndonModel
import AndonVision
import Testing

@Suite("Severity")
struct SeverityRuleTests {
    private static func read(_ members: JSON) -> (rule: SeverityRule, faults: [SettingsFault]) {
        let faults = SettingsFaults()
        let reader = SettingsReader(
            Settings(document: members, file: "andon.yaml"), faults: faults, secrets: ModelCardTests.secrets)
        return (SeverityRule(reading: reader), faults.faults)
    }

    private static func finding(_ name: String, _ confidence: Double, _ box: Box?) -> Finding {
        Finding(defectClass: name, score: confidence, confidence: confidence, isCalibrated: true, box: box)
    }

    static let written: JSON = [
        "millimetresPerPixel": [0.5, 0.25], "confidenceFloor": 0.2, "sizeFloor": 0.5, "areaReference": 100,
        "classes": ["crack": ["weight": 0.8, "areaReference": 50], "stain": ["weight": 0.1]], "elsewhere": 0.9,
        "zones": [
            ["name": "seal", "factor": 1.5, "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]],
            ["name": "rim", "factor": 0.5, "in": "pixels", "polygon": [[0, 0], [300, 0], [300, 10], [0, 10]]],
        ],
    ]

    @Test("The value is the product that is stated, and the words say each factor")
    func example() {
        let (rule, faults) = Self.read(Self.written)
        #expect(faults.isEmpty)
        // 20 × 10 pixels of 0.125 mm² are 25 mm², half of a crack's 50.
        let crack = Self.finding("crack", 0.5, Box(x: 10, y: 50, width: 20, height: 10))
        let (value, why) = rule.severity(of: crack, frame: (width: 400, height: 200))
        #expect(abs(value - 0.8 * 0.6 * 0.75 * 1.5) < 1e-12)
        #expect(
            why == "0.54 = class crack 0.8 × confidence 0.5: 0.6 × size 25 of 50 mm²: 0.75 × zone seal: 1.5")
        let stain = rule.severity(of: Self.finding("stain", 1, nil), frame: (width: 400, height: 200))
        #expect(abs(stain.value - 0.09) < 1e-12)
        #expect(stain.why == "0.09 = class stain 0.1 × confidence 1: 1 × size unknown: 1 × no place known: 0.9")
        let rim = Self.finding("other", 1, Box(x: 250, y: 0, width: 4, height: 10))
        let outside = Self.finding("other", 1, Box(x: 320, y: 0, width: 4, height: 10))
        #expect(rule.severity(of: rim, frame: (400, 200)).why.hasSuffix("zone rim: 0.5"))
        #expect(rule.severity(of: outside, frame: (400, 200)).why.hasSuffix("no zone: 0.9"))
    }

    @Test("Without a scale sizes are pixels², and without a reference they do not count")
    func pixels() {
        let box = Box(x: 0, y: 0, width: 10, height: 10)
        let plain = Self.read([:]).rule.severity(of: Self.finding("a", 0.7, box), frame: (20, 20))
        #expect(plain.value == 0.7)
        #expect(plain.why.contains("size 100 px², not counted: 1"))
        let counted = Self.read(["areaReference": 400]).rule.severity(of: Self.finding("a", 1, box), frame: (20, 20))
        #expect(abs(counted.value - 0.7) < 1e-12)
        let heavy = Self.read(["weight": 3]).rule.severity(of: Self.finding("a", 1, box), frame: (20, 20))
        #expect(heavy.value == 1 && heavy.why.hasSuffix(", at most 1"))
    }

    @Test("It never falls as confidence or size grows, and stays in 0...1")
    func monotone() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        for _ in 0..<1_000 {
            let rule = SeverityRule(
                millimetresPerPixel: dice.unit() < 0.5 ? nil : .init(x: dice.unit() + 0.01, y: dice.unit() + 0.01),
                confidenceFloor: dice.unit(), sizeFloor: dice.unit(),
                standard: .init(weight: dice.unit() * 2, areaReference: dice.unit() * 1_000 + 0.1),
                elsewhere: dice.unit() * 2)
            let (confidence, side) = (dice.unit(), dice.unit() * 50 + 0.1)
            let value = { (confidence: Double, side: Double) in
                let box = Box(x: 50 - side / 2, y: 50 - side / 2, width: side, height: side)
                return rule.severity(of: Self.finding("a", confidence, box), frame: (100, 100)).value
            }
            let base = value(confidence, side)
            #expect((0...1).contains(base))
            #expect(value(min(1, confidence + dice.unit()), side) >= base - 1e-12)
            #expect(value(confidence, side * (1 + dice.unit())) >= base - 1e-12)
        }
    }

    @Test("Mistakes are named, all in one pass")
    func faults() {
        let faults = Self.read([
            "millimetresPerPixel": [1, 2, 3], "sizeFloor": 2, "wieght": 1, "classes": ["a": ["weight": -1]],
            "zones": [["name": "z", "polygon": [[0, 0], [2, 0]]]],
        ]).faults
        let places = Set(faults.map(\.path))
        #expect(
            places == [
                "/millimetresPerPixel", "/sizeFloor", "/wieght", "/classes/a/weight", "/zones/0/polygon",
                "/zones/0/polygon/1/0", "/zones/0",
            ], "\(faults)")
    }
}
