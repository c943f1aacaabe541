import AndonDecide
import AndonModel
import Testing

@Suite("The table of precedence")
struct PrecedenceTests {
    /// One place more says something in each row; the last of them wins.
    struct Row: Sendable, CustomTestStringConvertible {
        var places: [String]
        var minConfidence: Double?
        var path: String

        var testDescription: String { places.joined(separator: " < ") }
    }

    static let rows = [
        Row(places: [], minConfidence: nil, path: "defaults.minConfidence"),
        Row(places: ["defaults"], minConfidence: 0.1, path: "defaults.minConfidence"),
        Row(places: ["defaults", "class"], minConfidence: 0.2, path: "classes.scratch.minConfidence"),
        Row(
            places: ["defaults", "class", "group"], minConfidence: 0.3,
            path: "classes.scratch.groups.forming.minConfidence"),
        Row(
            places: ["defaults", "class", "group", "type"], minConfidence: 0.4,
            path: "classes.scratch.types.press.minConfidence"),
        Row(
            places: ["defaults", "class", "group", "type", "asset"], minConfidence: 0.5,
            path: "classes.scratch.assets.PRESS-07.minConfidence"),
        Row(places: ["group", "asset"], minConfidence: 0.5, path: "classes.scratch.assets.PRESS-07.minConfidence"),
        Row(places: ["defaults", "type"], minConfidence: 0.4, path: "classes.scratch.types.press.minConfidence"),
        Row(places: ["class", "other asset"], minConfidence: 0.2, path: "classes.scratch.minConfidence"),
    ]

    @Test("The most specific place that says a field wins", arguments: rows)
    func table(_ row: Row) {
        func rule(_ place: String, _ value: Double) -> Rule {
            Rule(minConfidence: row.places.contains(place) ? value : nil)
        }
        let rules = Rules(
            defaults: rule("defaults", 0.1),
            classes: [
                "scratch": DefectClass(
                    label: "scratch", rule: rule("class", 0.2), groups: ["forming": rule("group", 0.3)],
                    types: ["press": rule("type", 0.4)],
                    assets: ["PRESS-07": rule("asset", 0.5), "PRESS-08": rule("other asset", 0.9)])
            ])
        let effective = rules.effectiveRule(
            class: "scratch", asset: "PRESS-07", type: "press", group: "forming")
        #expect(effective.fields.minConfidence == row.minConfidence)
        #expect(effective.path(of: .minConfidence) == row.path)
    }

    @Test("Each field is inherited for itself")
    func fieldByField() {
        let rules = Rules(
            defaults: Rule(minConfidence: 0.8, minSeverity: 0.3, coolDown: .seconds(60)),
            classes: [
                "scratch": DefectClass(
                    label: "scratch", rule: Rule(minSeverity: 0.5),
                    assets: ["PRESS-07": Rule(coolDown: .seconds(0), kind: .predictive)])
            ])
        let fields = rules.effectiveRule(class: "scratch", asset: "PRESS-07", type: nil, group: nil).fields
        #expect(fields == Rule(minConfidence: 0.8, minSeverity: 0.5, coolDown: .zero, kind: .predictive))
    }

    @Test("Rules that differ in anything differ in their JSON")
    func json() {
        var seen: [[UInt8]: Rules] = [:]
        for seed in 1...500 {
            var random = Seeded(seed)
            var rules = random.rules()
            rules.version = 1
            if let other = seen[rules.json.canonicalBytes] { #expect(other == rules, "seed \(seed)") }
            seen[rules.json.canonicalBytes] = rules
            rules.version = 2
            #expect(seen[rules.json.canonicalBytes] != nil, "the version is not part of the content, seed \(seed)")
        }
        #expect(seen.count > 490)
    }
}
