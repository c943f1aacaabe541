import AndonDecide
import AndonModel

/// A generator with a seed, so that a failing case can be run again: the seed stands in the failure's message.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    mutating func maybe<Value>(_ share: Double, _ value: (inout Seeded) -> Value) -> Value? {
        chance(share) ? value(&self) : nil
    }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &self)]
    }

    /// Tenths, so that equality is met often.
    mutating func tenth() -> Double { Double(Int.random(in: 0...10, using: &self)) / 10 }
}

extension Timestamp {
    static func at(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }
    static let noon = at("2026-11-24T12:00:00Z")
}

extension Reference {
    static let first = named("A7K2M9QX3F")

    static func named(_ text: String) -> Reference {
        Reference(text) ?? Reference(from: Zero())
    }

    private struct Zero: RandomSource {
        func next() -> UInt64 { 0 }
    }
}

extension Detection {
    static func sample(
        _ defectClass: String = "scratch", on asset: String = "PRESS-07", confidence: Double? = 0.97,
        severity: Severity? = .score(0.82), at time: Timestamp = .noon, received: Timestamp? = nil,
        type: String? = "press", group: String? = "forming", criticality: String? = "A"
    ) -> Detection {
        let known = Asset(id: asset, type: type, group: group, criticality: criticality)
        let plant = Plant(name: "Plant", assets: [asset: known], cameras: ["CAM-01": Camera(id: "CAM-01")])
        let inspection = Inspection(id: "i-1", detectedAt: time, camera: "CAM-01", asset: asset)
        return Detection(
            inspectionID: inspection.id, ordinal: 0, kind: .detection, detectedAt: time, receivedAt: received ?? time,
            camera: "CAM-01", defect: Defect(defectClass: defectClass, confidence: confidence, severity: severity),
            place: plant.place(of: inspection))
    }
}

extension Rules {
    /// One class, `scratch`, with this rule.
    static func scratch(_ rule: Rule, defaults: Rule = Rule(), routing: Routing? = nil) -> Rules {
        Rules(
            version: 7, defaults: defaults, classes: ["scratch": DefectClass(label: "scratch", rule: rule)],
            routing: routing ?? Routing(priorities: [], schedule: OnCallSchedule(timeZone: "UTC")))
    }
}

extension Facts {
    static func open(priority: Int = 3) -> Facts {
        Facts(openOrder: OpenOrder(reference: .first, priority: priority, worstSeverity: nil, occurrences: 1))
    }

    static func ended(_ state: OrderState, at time: Timestamp) -> Facts {
        Facts(lastEnded: EndedOrder(reference: .first, at: time, state: state))
    }
}
