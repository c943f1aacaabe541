import AndonDecide
import AndonModel
import Testing

@Suite("One decision")
struct DecideTests {
    let strict = Rules.scratch(Rule(minConfidence: 0.8, minSeverity: 0.5))

    @Test("A detection above both thresholds raises an order, and the sentence says why")
    func raises() {
        let decision = strict.decide(.sample(), facts: Facts())
        #expect(decision.outcome == .raised)
        #expect(
            decision.reason
                == "Raised: confidence 0.97 >= 0.80 and severity 0.82 >= 0.50 for scratch on PRESS-07, no open order.")
        #expect(decision.rule == "classes.scratch.minSeverity")
        #expect(decision.rulesVersion == 7)
        #expect(decision.severityBand == "major" && decision.criticality == "A" && decision.priority == 1)
    }

    @Test("A confidence below the minimum is recorded with the rule that said so")
    func belowConfidence() {
        let decision = strict.decide(.sample(confidence: 0.55), facts: Facts())
        #expect(decision.outcome == .recorded)
        #expect(
            decision.reason == "Recorded only: confidence 0.55 is below the minimum 0.80 for scratch on PRESS-07.")
        #expect(decision.rule == "classes.scratch.minConfidence")
    }

    @Test("Both shortfalls stand in one sentence")
    func belowBoth() {
        let decision = strict.decide(.sample(confidence: 0.7999, severity: .score(0.1)), facts: Facts())
        #expect(
            decision.reason
                == "Recorded only: confidence 0.7999 is below the minimum 0.80 and severity 0.10 is below the minimum"
                + " 0.50 for scratch on PRESS-07.")
    }

    @Test("A value equal to its minimum passes", arguments: [0.0, 0.1, 0.3, 0.7, 0.8, 1.0])
    func equality(_ value: Double) {
        let rules = Rules.scratch(Rule(minConfidence: value, minSeverity: value))
        #expect(rules.decide(.sample(confidence: value, severity: .score(value)), facts: Facts()).outcome == .raised)
        let below = Detection.sample(confidence: value.nextDown, severity: .score(value))
        #expect(rules.decide(below, facts: Facts()).outcome == .recorded)
    }

    @Test("What nobody stated is not compared, and the sentence says so")
    func notStated() {
        let decision = strict.decide(.sample(confidence: nil, severity: nil), facts: Facts())
        #expect(decision.outcome == .raised)
        #expect(decision.severity == nil && decision.severityBand == "moderate")
        #expect(
            decision.reason
                == "Raised: confidence not stated and severity not stated for scratch on PRESS-07, no open order.")
        #expect(decision.rule == "classes.scratch")
    }

    @Test("The class's default severity is taken where none was stated")
    func defaultSeverity() {
        let rules = Rules.scratch(Rule(minSeverity: 0.5, defaultSeverity: 0.95))
        let decision = rules.decide(.sample(severity: nil), facts: Facts())
        #expect(decision.severity == 0.95 && decision.severityBand == "critical")
        #expect(decision.reason.contains("severity 0.95 (not stated; the default was taken) >= 0.50"))
    }

    @Test("A severity in words becomes a number by the rules' table or the band of that name")
    func severityNames() {
        var rules = strict
        rules.severityNames = ["severe": 0.95]
        #expect(rules.decide(.sample(severity: .name("Severe")), facts: Facts()).severity == 0.95)
        #expect(rules.decide(.sample(severity: .name("MAJOR")), facts: Facts()).severity == 0.7)
        let unknown = rules.decide(.sample(severity: .name("awful")), facts: Facts())
        #expect(unknown.severity == nil && unknown.outcome == .raised)
        #expect(unknown.reason.contains("severity not stated (\"awful\", a name that the rules do not have)"))
    }

    @Test("A number that is none is treated as not stated", arguments: [Double.nan, .infinity, -.infinity])
    func notANumber(_ value: Double) {
        let decision = strict.decide(.sample(confidence: value, severity: .score(value)), facts: Facts())
        #expect(decision.outcome == .raised && decision.severity == nil)
    }

    @Test("A class that the rules do not have takes the unmapped rule and is never dropped")
    func unknownClass() {
        var rules = strict
        rules.unmapped = DefectClass(label: "unmapped", code: "OTHER", rule: Rule(minConfidence: 0.9))
        let decision = rules.decide(.sample("rust"), facts: Facts())
        #expect(decision.outcome == .raised && !decision.classKnown)
        #expect(decision.className == "rust" && decision.classCode == "OTHER")
        #expect(decision.rule == "unmapped.minConfidence")
        #expect(decision.reason.contains("rust (a class that the rules do not have) on PRESS-07"))
        #expect(rules.decide(.sample("rust", confidence: 0.5), facts: Facts()).outcome == .recorded)
    }

    @Test("Two assets, the same class and picture, different outcomes")
    func perAsset() {
        let rules = Rules(classes: [
            "scratch": DefectClass(
                label: "scratch", rule: Rule(minConfidence: 0.8), assets: ["MILL-03": Rule(minConfidence: 0.99)])
        ])
        #expect(rules.decide(.sample(on: "PRESS-07"), facts: Facts()).outcome == .raised)
        let other = rules.decide(.sample(on: "MILL-03"), facts: Facts())
        #expect(other.outcome == .recorded)
        #expect(other.rule == "classes.scratch.assets.MILL-03.minConfidence")
    }

    @Test("Corrective and predictive orders come from the class's own switch")
    func kinds() {
        let rules = Rules(classes: [
            "scratch": DefectClass(label: "scratch"),
            "coating_run": DefectClass(
                label: "coating_run", rule: Rule(kind: .predictive, action: "Schedule overhaul", orderType: "PM")),
        ])
        let predictive = rules.decide(.sample("coating_run"), facts: Facts())
        #expect(predictive.kind == .predictive && predictive.action == "Schedule overhaul")
        #expect(predictive.orderType == "PM")
        let corrective = rules.decide(.sample(), facts: Facts())
        #expect(corrective.kind == .corrective && corrective.action == nil)
    }

    @Test("An asset of an unknown rank takes the rank for the unknown")
    func unknownCriticality() {
        #expect(strict.decide(.sample(criticality: "Z"), facts: Facts()).criticality == "B")
        #expect(strict.decide(.sample(criticality: nil), facts: Facts()).priority == 2)
    }

    @Test("A severity on the border of two bands is in the upper one")
    func bandBorders() {
        let bands = SeverityBands.standard
        #expect(bands.name(for: 0.9) == "critical" && bands.name(for: 0.9.nextDown) == "major")
        #expect(bands.name(for: 0) == "minor" && bands.name(for: -1) == "minor" && bands.name(for: nil) == "moderate")
    }
}
