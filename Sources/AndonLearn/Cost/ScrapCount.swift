/// Defective parts of one stream before and after each of its repairs, against the parts that were inspected.
///
/// Only where parts are known is something said: the asset's count of inspected parts stands beside each defect, so spans
/// of parts run from defect to defect. Where defects come by chance at one rate, (k - 2) / (parts from the first to the
/// last of k) has that rate as its mean (the first and the last of k points in a span of length L lie L (k - 1) / (k + 1)
/// apart on average, and the reciprocal of their distance has the mean (k / (k - 2)) / L). From the last defect before a
/// repair to now, one defect fewer is seen than the rate makes expect, for the parts between that defect and the repair
/// hold none by choice: so one is taken off.
public struct ScrapCount: Hashable, Sendable {
    /// Defects between two repairs.
    struct Span: Hashable, Sendable {
        var defects = 0
        var first: Int64 = 0
        var last: Int64 = 0

        mutating func add(_ parts: Int64) {
            first = defects == 0 ? parts : min(first, parts)
            last = defects == 0 ? parts : max(last, parts)
            defects += 1
        }
    }

    /// One repair with what it is measured by.
    public struct Effect: Hashable, Sendable {
        /// Microseconds since 1970 UTC.
        public var repairedAt: Int64
        public var defectsBefore: Int
        public var partsBefore: Int64
        public var defectsAfter: Int
        public var partsAfter: Int64
        /// No repair came after it: the span goes on until now.
        public var isNewest: Bool

        /// Defective parts that did not come, as far as the rate before would have gone on; below 0 where more came.
        public var avoided: Double {
            Double(defectsBefore - 2) / Double(partsBefore) * Double(partsAfter) - Double(defectsAfter)
                - (isNewest ? 1 : 0)
        }
    }

    /// Fewer defects before a repair make no rate.
    static let defectsMin = 5
    /// Where more than every second part is defective, good parts are not counted.
    static let partsPerDefectMin: Int64 = 2

    private let ends: [Int64]
    private var spans: [Span]
    private var place = 0

    /// - Parameter ends: of the repairs, rising; in microseconds since 1970 UTC.
    init(ends: [Int64]) {
        self.ends = ends
        spans = Array(repeating: Span(), count: ends.count + 1)
    }

    /// - Parameters:
    ///   - time: not before that of the last call.
    ///   - parts: inspected by then.
    mutating func add(at time: Int64, parts: Int64) {
        while place < ends.count, ends[place] <= time { place += 1 }
        spans[place].add(parts)
    }

    /// - Parameter parts: inspected by now.
    /// - Returns: the repairs that something can be said of.
    func effects(upTo parts: Int64) -> [Effect] {
        var before = spans[0]
        var found: [Effect] = []
        for (index, end) in ends.enumerated() {
            let after = spans[index + 1]
            let isNewest = index == ends.count - 1
            // Two repairs without a defect between them are one.
            guard after.defects > 0 || isNewest else { continue }
            let effect = Effect(
                repairedAt: end, defectsBefore: before.defects, partsBefore: before.last - before.first,
                defectsAfter: after.defects, partsAfter: (isNewest ? parts : after.last) - before.last,
                isNewest: isNewest)
            if effect.defectsBefore >= Self.defectsMin,
                effect.partsBefore >= Int64(effect.defectsBefore) * Self.partsPerDefectMin, effect.partsAfter > 0
            {
                found.append(effect)
            }
            before = after
        }
        return found
    }
}
