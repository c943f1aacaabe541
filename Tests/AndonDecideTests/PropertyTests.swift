import AndonDecide
import AndonModel
import Testing

@Suite("What holds for all rules, detections and pasts")
struct PropertyTests {
    static let cases = 1...4000

    @Test("Every detection has exactly one outcome, with a sentence, a rule and a priority in range")
    func total() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let rules = random.rules()
            let detection = random.detection()
            let facts = random.facts()
            let decision = rules.decide(detection, facts: facts)
            #expect((decision.joins != nil) == (decision.outcome == .grouped), "seed \(seed)")
            #expect(decision.joins == nil || decision.joins == facts.openOrder?.reference, "seed \(seed)")
            #expect(decision.reason.hasSuffix(".") && decision.reason.count > 20, "seed \(seed)")
            let heads: [Outcome: String] = [.raised: "Raised: ", .grouped: "Joined ", .recorded: "Recorded only: "]
            #expect(decision.reason.hasPrefix(heads[decision.outcome] ?? "?"), "seed \(seed)")
            #expect(!decision.rule.isEmpty && decision.rulesVersion == rules.version, "seed \(seed)")
            #expect((1...9).contains(decision.priority), "seed \(seed)")
            #expect(decision.classKnown == (rules.classes[detection.defect.defectClass] != nil), "seed \(seed)")
            if decision.outcome != .raised { #expect(decision.route == Route(target: .backlog), "seed \(seed)") }
        }
    }

    @Test("The same detection, facts and rules give the same decision")
    func pure() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let (rules, detection, facts) = (random.rules(), random.detection(), random.facts())
            #expect(rules.decide(detection, facts: facts) == rules.decide(detection, facts: facts), "seed \(seed)")
            #expect(rules.json.canonicalBytes == rules.json.canonicalBytes, "seed \(seed)")
        }
    }

    @Test("Nothing at or above its minimum is held back by a threshold, and nothing below passes one")
    func thresholds() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let (rules, detection, facts) = (random.rules(), random.detection(), random.facts())
            let decision = rules.decide(detection, facts: facts)
            let fields = rules.effectiveRule(class: detection.defect.defectClass, at: detection.place).fields
            let confidenceFails = (detection.defect.confidence ?? 2) < (fields.minConfidence ?? 0)
            let severityFails = (decision.severity ?? 2) < (fields.minSeverity ?? 0)
            let blamed = decision.rule.hasSuffix(".minConfidence") || decision.rule.hasSuffix(".minSeverity")
            #expect(
                (confidenceFails || severityFails) == (decision.outcome == .recorded && blamed), "seed \(seed)")
        }
    }

    @Test("More confidence or more severity never turns an order into a record")
    func monotone() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let (rules, detection, facts) = (random.rules(), random.detection(), random.facts())
            let decision = rules.decide(detection, facts: facts)
            var worse = detection
            worse.defect.confidence = detection.defect.confidence.map { min(1, $0 + random.tenth()) }
            if case .score(let value) = detection.defect.severity {
                worse.defect.severity = .score(min(1, value + random.tenth()))
            }
            let second = rules.decide(worse, facts: facts)
            if decision.outcome == .raised { #expect(second.outcome != .recorded, "seed \(seed)") }
            if decision.outcome == .grouped { #expect(second.outcome != .recorded, "seed \(seed)") }
            #expect(second.priority <= decision.priority, "seed \(seed)")
        }
    }

    @Test("More detections in the window never turn an order into a record")
    func monotoneInCount() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let (rules, detection) = (random.rules(), random.detection())
            var facts = random.facts()
            guard rules.decide(detection, facts: facts).outcome == .raised else { continue }
            facts.countInWindow += Int.random(in: 1...5, using: &random)
            #expect(rules.decide(detection, facts: facts).outcome == .raised, "seed \(seed)")
        }
    }

    @Test("A count that no store could give does not stop the decision", arguments: [Int.min, -1, Int.max])
    func absurdCount(_ count: Int) {
        let rules = Rules.scratch(Rule(frequency: Frequency(count: 2, within: .parts(3))))
        #expect(
            rules.decide(.sample(), facts: Facts(countInWindow: count)).outcome == (count > 0 ? .raised : .recorded))
    }

    @Test("The rule of a class on an asset is, field by field, the most specific that says anything")
    func precedence() {
        for seed in Self.cases {
            var random = Seeded(seed)
            let (rules, detection) = (random.rules(), random.detection())
            let (label, place) = (detection.defect.defectClass, detection.place)
            let effective = rules.effectiveRule(class: label, at: place)
            let found = rules.classes[label] ?? rules.unmapped
            let root = rules.classes[label] == nil ? "unmapped" : "classes.\(label)"
            // Narrowest first, straight from the documented table.
            let table: [(path: String, rule: Rule?)] = [
                ("\(root).assets.\(place.asset)", found.assets[place.asset]),
                ("\(root).types.\(place.assetType ?? "")", place.assetType.flatMap { found.types[$0] }),
                ("\(root).groups.\(place.assetGroup ?? "")", place.assetGroup.flatMap { found.groups[$0] }),
                (root, found.rule), ("defaults", rules.defaults),
            ]
            for field in Rule.Field.allCases {
                let winner = table.first { $0.rule?.json[field.rawValue] != nil }
                #expect(
                    effective.fields.json[field.rawValue] == winner?.rule?.json[field.rawValue],
                    "seed \(seed), \(field)")
                #expect(
                    effective.path(of: field) == "\(winner?.path ?? "defaults").\(field.rawValue)",
                    "seed \(seed), \(field)")
            }
        }
    }
}
