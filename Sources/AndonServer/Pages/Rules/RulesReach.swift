import AndonModel
import AndonSPC

/// The rules as somebody sees them whose roles reach a part of the plant: without what they say of assets out of reach, and
/// without the charts of such assets alone. Classes, bands, the calendar and what else holds everywhere is everybody's.
struct RulesReach: Sendable {
    private let scope: SiteScope
    private let hidden: Set<String>
    /// Names of the charts in force that watch something within reach.
    private let charts: Set<String>

    /// - Parameter charts: those of the rules in force.
    init(_ scope: SiteScope, charts: [Chart]) {
        self.scope = scope
        hidden = Set(scope.hidden)
        self.charts = Set(charts.filter { scope.sees(some: $0) }.map(\.name))
    }

    /// Whether nothing is out of reach, so that the rules are seen as they are.
    var isWhole: Bool { hidden.isEmpty }

    /// Whether a chart watches something within reach; one that names no asset watches all of them.
    func sees(_ chart: Chart) -> Bool { scope.sees(some: chart) }

    /// Whether a place in the document is not one of an asset out of reach.
    func sees(pointer: String) -> Bool {
        guard !isWhole else { return true }
        return !Self.steps(pointer).contains { $0.name == "assets" && hidden.contains($0.next) }
    }

    /// Neighbours in a JSON Pointer.
    private static func steps(_ pointer: String) -> [(name: String, next: String)] {
        let tokens = JSONPointer.tokens(pointer) ?? []
        return zip(tokens, tokens.dropFirst()).map { (name: $0, next: $1) }
    }

    // MARK: Documents

    /// The section `rules`, or the rules as the ledger has them.
    func document(_ document: JSON) -> JSON { isWhole ? document : part(document, named: "") }

    /// - Parameter name: of the member that the value is; empty for none.
    private func part(_ value: JSON, named name: String) -> JSON {
        switch (name, value) {
        case ("assets", .object(let members)): return .object(members.filter { !hidden.contains($0.key) })
        case ("assets", .array(let names)): return .array(names.filter { !isHidden($0) })
        case ("cameras", .array(let names)): return .array(names.filter { isSeen(camera: $0) })
        case ("charts", .object(let members)):
            return .object(members.filter { isSeen(chart: $0.value) }.mapValues { part($0, named: "") })
        case (_, .object(let members)):
            var kept: [String: JSON] = [:]
            for (name, member) in members { kept[name] = part(member, named: name) }
            return .object(kept)
        case (_, .array(let elements)): return .array(elements.map { part($0, named: "") })
        default: return value
        }
    }

    private func isHidden(_ asset: JSON) -> Bool {
        guard let id = asset.string else { return false }
        return hidden.contains(id)
    }

    private func isSeen(camera: JSON) -> Bool {
        guard let id = camera.string else { return true }
        return scope.sees(camera: id)
    }

    /// As the document writes it.
    func isSeen(chart: JSON) -> Bool {
        let assets = chart["assets"]?.array ?? []
        return assets.isEmpty || !assets.allSatisfy { isHidden($0) }
    }

    /// What a version changed. A chart that is no longer in force cannot be told to be of one site, and is left out.
    func differences(_ differences: [JSONDifference]) -> [JSONDifference] {
        guard !isWhole else { return differences }
        return differences.compactMap { difference in
            let steps = Self.steps(difference.pointer)
            let isElsewhere = steps.contains { $0.name == "charts" && !charts.contains($0.next) }
            guard !isElsewhere, sees(pointer: difference.pointer) else { return nil }
            let name = steps.last?.next ?? JSONPointer.tokens(difference.pointer)?.last ?? ""
            let (old, new) = (
                difference.old.map { part($0, named: name) }, difference.new.map { part($0, named: name) }
            )
            return old == new ? nil : JSONDifference(pointer: difference.pointer, old: old, new: new)
        }
    }
}
