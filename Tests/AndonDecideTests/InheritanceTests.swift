import AndonDecide
import AndonModel
import Testing

@Suite("Where each option comes from")
struct InheritanceTests {
    @Test("The narrowest level that says something is the one that a decision takes", arguments: 0..<400)
    func property(_ seed: Int) {
        var random = Seeded(seed)
        let rules = random.rules()
        let label = random.one(of: Seeded.classes + ["never seen"])
        let asset = random.one(of: Seeded.assets + ["A9"])
        let type = random.maybe(0.7) { $0.one(of: Seeded.types) }
        let group = random.maybe(0.7) { $0.one(of: Seeded.groups) }
        let found = RuleInheritance(rules, class: label, asset: asset, type: type, group: group)
        let effective = rules.effectiveRule(class: label, asset: asset, type: type, group: group)
        #expect(found.isKnown == effective.isKnown, "seed \(seed)")
        for field in Rule.Field.allCases {
            let words = found.words(on: field)
            let said = effective.fields.json[field.rawValue]
            #expect(
                words.first { $0.level.kind != .builtIn }?.value == said, "\(field), seed \(seed)")
            let source = words.first.flatMap { Self.source($0.level) }
            #expect(source == effective.source(of: field), "\(field), seed \(seed)")
        }
    }

    private static func source(_ level: RuleInheritance.Level) -> EffectiveRule.Source? {
        switch level.kind {
        case .asset: level.name.map { .asset($0) }
        case .type: level.name.map { .type($0) }
        case .group: level.name.map { .group($0) }
        case .class: .class
        case .defaults: .defaults
        case .builtIn: nil
        }
    }

    @Test("Each level has its place in the document, with what has a slash in its name escaped")
    func pointers() {
        let rules = Rules(
            classes: [
                "a/b": DefectClass(label: "a/b", rule: Rule(minSeverity: 0.4), types: ["t~1": Rule(minSeverity: 0)])
            ])
        let found = RuleInheritance(rules, class: "a/b", asset: nil, type: "t~1", group: nil)
        #expect(found.levels.map(\.pointer) == ["/classes/a~1b/types/t~01", "/classes/a~1b", "/defaults", nil])
        #expect(found.words(on: .minSeverity).map(\.value) == [0, 0.4])
        #expect(found.words(on: .whileOpen).map(\.value) == ["join"], "what is built in")
        let other = RuleInheritance(rules, class: "dent", asset: "A-1", type: nil, group: nil)
        #expect(!other.isKnown && other.levels.first?.pointer == "/unmapped")
    }
}
