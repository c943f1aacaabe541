/// The ranks of assets by what their failure costs, the most critical first.
public struct Criticalities: Sendable, Equatable {
    public var names: [String]
    /// The rank of an asset that the registry does not know, or gives no rank.
    public var unknown: String

    /// `unknown` is the second lowest rank when not given: an asset that nobody ranked may matter.
    public init(_ names: [String], unknown: String? = nil) {
        self.names = names
        self.unknown = unknown ?? names.dropLast().last ?? names.last ?? ""
    }

    public static let standard = Criticalities(["A", "B", "C"])

    /// `name` when it is a rank, else the rank of the unknown.
    public func rank(_ name: String?) -> String {
        guard let name, names.contains(name) else { return unknown }
        return name
    }
}
