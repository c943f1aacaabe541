/// One defect class as the rules know it, with what is different for groups, types and single assets.
public struct DefectClass: Sendable, Equatable {
    /// The label as the vision model says it.
    public var label: String
    /// What people call it.
    public var name: String
    /// The problem code in the CMMS.
    public var code: String?
    public var rule: Rule
    /// By the asset's group, type and id.
    public var groups: [String: Rule]
    public var types: [String: Rule]
    public var assets: [String: Rule]

    public init(
        label: String, name: String? = nil, code: String? = nil, rule: Rule = Rule(), groups: [String: Rule] = [:],
        types: [String: Rule] = [:], assets: [String: Rule] = [:]
    ) {
        self.label = label
        self.name = name ?? label
        self.code = code
        self.rule = rule
        self.groups = groups
        self.types = types
        self.assets = assets
    }
}
