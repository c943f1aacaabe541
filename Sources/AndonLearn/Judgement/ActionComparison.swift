import AndonSPC

extension ActionVerdict.Comparison {
    private struct Stratum: Hashable {
        var asset: String
        var quarter: Int
    }

    /// - Parameters:
    ///   - own: repairs by one action.
    ///   - group: all repairs of the class, those among them.
    /// - Returns: nil where no other action was used in the same seasons, or nothing came back.
    init?(_ own: [RepairCase], among group: [RepairCase]) {
        let finest = Self(own, among: group, isByAsset: true)
        // Strata that leave out most of the repairs would compare the rest of them only.
        guard
            let best = finest.flatMap({ 2 * $0.own >= own.count ? $0 : nil })
                ?? Self(own, among: group, isByAsset: false)
        else { return nil }
        self = best
    }

    private init?(_ own: [RepairCase], among group: [RepairCase], isByAsset: Bool) {
        guard let action = own.first?.action else { return nil }
        let strata = Dictionary(grouping: group) {
            Stratum(asset: isByAsset ? $0.asset : "", quarter: Circumstances.quarter($0.ended))
        }
        let pairs = strata.values.compactMap { repairs -> [[Lifetime]]? in
            let own = repairs.filter { $0.action == action }.map(\.ownLife)
            let others = repairs.filter { $0.action != action }.map(\.ownLife)
            return own.isEmpty || others.isEmpty ? nil : [own, others]
        }
        guard let test = LogRank(strata: pairs) else { return nil }
        self.init(
            isByAsset: isByAsset, own: test.groups[0].count, others: test.groups[1].count,
            observed: test.groups[0].observed, expected: test.groups[0].expected, p: test.p)
    }
}
