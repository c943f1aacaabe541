import AndonModel
import AndonSPC

/// The rules in force: everything that a decision depends on besides the detection and its past.
public struct Rules: DecisionMaker, Sendable, Equatable {
    /// Counts up from 1 as rules come into force; set by whoever puts them into force. Not part of `json`.
    public var version: Int
    public var bands: SeverityBands
    /// Severity names in lower case -> 0...1. The bands' own names need not be among them.
    public var severityNames: [String: Double]
    public var criticalities: Criticalities
    public var priorities: PriorityMatrix
    /// The action categories that rules may name; empty for any text.
    public var actions: [String]
    public var defaults: Rule
    /// By the label that the vision model gives.
    public var classes: [String: DefectClass]
    /// For labels that `classes` does not have.
    public var unmapped: DefectClass
    public var routing: Routing
    /// In the order of their names.
    public var charts: [Chart]

    public init(
        version: Int = 1, bands: SeverityBands = .standard, severityNames: [String: Double] = [:],
        criticalities: Criticalities = .standard, priorities: PriorityMatrix = .standard, actions: [String] = [],
        defaults: Rule = Rule(), classes: [String: DefectClass] = [:],
        unmapped: DefectClass = DefectClass(label: "unmapped"),
        routing: Routing = Routing(schedule: OnCallSchedule(timeZone: "UTC")), charts: [Chart] = []
    ) {
        self.charts = charts
        self.version = version
        self.bands = bands
        self.severityNames = severityNames
        self.criticalities = criticalities
        self.priorities = priorities
        self.actions = actions
        self.defaults = defaults
        self.classes = classes
        self.unmapped = unmapped
        self.routing = routing
    }

    /// The number of a severity name, whatever its case: from the table, else the lower bound of the band of
    /// that name; nil for a name that the rules do not have.
    public func severity(named name: String) -> Double? {
        bands.severity(named: name, severityNames)
    }

    /// The rule for a class on an asset, put together field by field; the most specific place that says a field
    /// wins:
    ///
    /// | Place | Path in the configuration | Wins over |
    /// | --- | --- | --- |
    /// | the asset | `classes.CLASS.assets.ASSET` | all below |
    /// | the asset's type | `classes.CLASS.types.TYPE` | group, class, defaults |
    /// | the asset's group | `classes.CLASS.groups.GROUP` | class, defaults |
    /// | the class | `classes.CLASS` | defaults |
    /// | all classes | `defaults` | what is built in |
    ///
    /// A class that the rules do not have takes `unmapped` in place of `classes.CLASS`.
    public func effectiveRule(class label: String, at place: Place) -> EffectiveRule {
        effectiveRule(class: label, asset: place.asset, type: place.assetType, group: place.assetGroup)
    }

    /// The same for an asset's id, type and group.
    public func effectiveRule(class label: String, asset: String, type: String?, group: String?) -> EffectiveRule {
        let known = classes[label]
        let found = known ?? unmapped
        var rule = EffectiveRule(class: found, isKnown: known != nil)
        rule.overlay(defaults, from: .defaults)
        rule.overlay(found.rule, from: .class)
        if let group, let part = found.groups[group] { rule.overlay(part, from: .group(group)) }
        if let type, let part = found.types[type] { rule.overlay(part, from: .type(type)) }
        if let part = found.assets[asset] { rule.overlay(part, from: .asset(asset)) }
        return rule
    }
}
