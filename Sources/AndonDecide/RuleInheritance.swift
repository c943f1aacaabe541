import AndonModel

/// Where each option of the rule for a class on an asset comes from: what every level says, the narrowest first, and what
/// counts. For people who look at it; a decision asks `Rules.effectiveRule`, which says the same.
public struct RuleInheritance: Sendable {
    /// One place of the configuration.
    public struct Level: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            case asset, type, group, `class`, defaults
            /// What is done where nobody says anything.
            case builtIn = "built-in"
        }

        public var kind: Kind
        /// Of the asset, the type, the group or the class; nil for the two widest.
        public var name: String?
        /// JSON Pointer into the section `rules`; nil for what is built in.
        public var pointer: String?
        public var rule: Rule
    }

    public let label: String
    /// Whether the rules have the class; else `unmapped` counts in its place.
    public let isKnown: Bool
    /// The narrowest first; the last is what is built in.
    public let levels: [Level]

    /// - Parameters:
    ///   - asset: its id; nil for the class on any asset.
    ///   - type: of the asset, as the plant has it.
    ///   - group: the same.
    public init(_ rules: Rules, class label: String, asset: String?, type: String?, group: String?) {
        let known = rules.classes[label]
        let found = known ?? rules.unmapped
        let place = known == nil ? "/unmapped" : "/classes/\(JSONPointer.escape(label))"
        self.label = label
        isKnown = known != nil
        var levels: [Level] = []
        func add(_ kind: Level.Kind, _ name: String?, _ part: [String: Rule], _ key: String) {
            guard let name, let rule = part[name] else { return }
            levels.append(
                Level(kind: kind, name: name, pointer: "\(place)/\(key)/\(JSONPointer.escape(name))", rule: rule))
        }
        add(.asset, asset, found.assets, "assets")
        add(.type, type, found.types, "types")
        add(.group, group, found.groups, "groups")
        levels.append(Level(kind: .class, name: found.label, pointer: place, rule: found.rule))
        levels.append(Level(kind: .defaults, pointer: "/defaults", rule: rules.defaults))
        levels.append(Level(kind: .builtIn, rule: .builtIn))
        self.levels = levels
    }

    /// Each level that says something of an option, the narrowest first: that one counts.
    public func words(on field: Rule.Field) -> [(level: Level, value: JSON)] {
        levels.compactMap { level in level.rule.json[field.rawValue].map { (level, $0) } }
    }
}

extension Rule {
    /// What holds where nobody says anything: one open order for a class on an asset, and no detection held back.
    public static let builtIn: Rule = {
        let none = EffectiveRule(class: DefectClass(label: ""), isKnown: false)
        return Rule(
            frequency: none.frequency, coolDown: none.coolDown, whileOpen: none.whileOpen, whenWorse: none.whenWorse,
            kind: none.kind, reopenWithin: none.reopenWithin, afterCancel: none.afterCancel,
            afterCancelFor: none.afterCancelFor, whenInControl: none.whenInControl,
            whenOutOfControl: none.whenOutOfControl)
    }()
}

extension RuleInheritance {
    /// Seconds are seconds; `frequency` is a number of detections within seconds or parts.
    public var json: JSON {
        var options: [JSON] = []
        for field in Rule.Field.allCases {
            let words = words(on: field)
            var option: [String: JSON] = ["name": .string(field.rawValue)]
            if let first = words.first {
                option["value"] = first.value
                option["from"] = first.level.json
            }
            option["levels"] = .array(
                words.map { word in
                    var level = word.level.json.object ?? [:]
                    level["value"] = word.value
                    return .object(level)
                })
            options.append(.object(option))
        }
        return ["class": .string(label), "known": .bool(isKnown), "options": .array(options)]
    }
}

extension RuleInheritance.Level {
    /// Without what it says.
    var json: JSON {
        .object(present: [
            "level": .string(kind.rawValue), "name": name.map { .string($0) }, "pointer": pointer.map { .string($0) },
        ])
    }
}
