import AndonModel

/// The rule for one class on one asset, with the place that each field came from.
public struct EffectiveRule: Sendable, Equatable {
    /// Where a field was said.
    public enum Source: Sendable, Equatable {
        case defaults
        case `class`
        case group(String)
        case type(String)
        case asset(String)
    }

    public let isKnown: Bool
    public let label: String
    /// The fields as said; nil where nobody said anything.
    public private(set) var fields = Rule()
    private var sources: [Rule.Field: Source] = [:]

    init(class found: DefectClass, isKnown: Bool) {
        self.isKnown = isKnown
        label = found.label
    }

    mutating func overlay(_ rule: Rule, from source: Source) {
        var noted: [Rule.Field] = []
        fields.overlay(rule) { noted.append($0) }
        for field in noted { sources[field] = source }
    }

    /// Where `field` was said; nil when its value is built in.
    public func source(of field: Rule.Field) -> Source? { sources[field] }

    /// The place of `field` in the configuration, for example `classes.scratch.assets.PRESS-07.minConfidence`;
    /// for a value that is built in, the place where it could be said for all classes.
    public func path(of field: Rule.Field) -> String {
        let place =
            switch sources[field] {
            case nil, .defaults: "defaults"
            case .class: classPath
            case .group(let name): "\(classPath).groups.\(name)"
            case .type(let name): "\(classPath).types.\(name)"
            case .asset(let name): "\(classPath).assets.\(name)"
            }
        return "\(place).\(field.rawValue)"
    }

    /// `classes.CLASS`, or `unmapped`.
    public var classPath: String { isKnown ? "classes.\(label)" : "unmapped" }

    /// What a decision by this rule must know of the past.
    var factsWanted: FactsWanted {
        guard frequency.isOn else { return FactsWanted() }
        return FactsWanted(
            window: frequency.within, minConfidence: fields.minConfidence, minSeverity: fields.minSeverity,
            countMax: frequency.count - 1)
    }

    // What is built in: one open order for a class on an asset, and no detection held back.
    public var frequency: Frequency { fields.frequency ?? .off }
    public var coolDown: Duration { fields.coolDown ?? .zero }
    public var whileOpen: Rule.WhileOpen { fields.whileOpen ?? .join }
    public var whenWorse: Rule.WhenWorse { fields.whenWorse ?? .join }
    public var kind: OrderKind { fields.kind ?? .corrective }
    public var reopenWithin: Duration { fields.reopenWithin ?? .zero }
    public var afterCancel: Rule.AfterCancel { fields.afterCancel ?? .raise }
    public var afterCancelFor: Duration { fields.afterCancelFor ?? .zero }
    public var whenInControl: Rule.WhenInControl { fields.whenInControl ?? .raise }
    public var whenOutOfControl: Rule.WhenOutOfControl { fields.whenOutOfControl ?? .check }
}
