/// The log-rank test of whether groups live equally long, with as many events in each as their shares of those at risk
/// would have had (Mantel, Cancer Chemotherapy Reports 50(3), 1966; Peto and Peto, Journal of the Royal Statistical
/// Society A 135(2), 1972).
///
/// Events at equal times enter by the variance of the hypergeometric distribution. In strata (lives that are compared
/// only within their own stratum, as of one class or one line) the counts, the expected ones and the variances are added
/// up over the strata.
public struct LogRank: Codable, Hashable, Sendable {
    public struct Group: Codable, Hashable, Sendable {
        /// Lives.
        public var count: Int
        public var observed: Int
        /// Events it would have had, were all groups alike: more observed means that it lives shorter.
        public var expected: Double
        /// Of observed minus expected.
        public var variance: Double
    }

    /// In the order given.
    public var groups: [Group]
    public var chiSquared: Double
    /// Groups less one; less yet where a group was never at risk at an event, or where strata have no group in common.
    public var degrees: Int
    /// P(chi-squared is so great by chance), with its digits however small.
    public var p: Double

    /// - Returns: nil where nothing can be compared: fewer than two groups were at risk at an event, or all that were
    ///   had theirs at one time; and for a time that is negative or no finite number.
    public init?(_ groups: [[Lifetime]]) { self.init(strata: [groups]) }

    /// The test of the times as the tables have rounded them.
    public init?(_ groups: [LifeTable]) { self.init(strata: [groups]) }

    /// - Parameter strata: each with all groups in the same order, empty where it has none of one.
    /// - Returns: nil for strata of different length too.
    public init?(strata: [[[Lifetime]]]) {
        var rows: [[[LifeTable.Row]]] = []
        for stratum in strata {
            let groups = stratum.compactMap(LifeTable.rows(of:))
            guard groups.count == stratum.count else { return nil }
            rows.append(groups)
        }
        self.init(rows: rows)
    }

    /// The stratified test of the times as the tables have rounded them.
    public init?(strata: [[LifeTable]]) { self.init(rows: strata.map { $0.map(\.rows) }) }

    private init?(rows strata: [[[LifeTable.Row]]]) {
        guard let size = strata.first?.count, strata.allSatisfy({ $0.count == size }) else { return nil }
        var sums = Sums(size: size)
        for stratum in strata { sums.add(stratum) }
        groups = sums.groups
        (chiSquared, degrees) = sums.test()
        guard degrees > 0 else { return nil }
        p = ChiSquared(degrees: Double(degrees)).upperTail(chiSquared)
    }
}

/// What the strata add up to.
private struct Sums {
    var groups: [LogRank.Group]
    /// Covariances of observed minus expected, by rows.
    private var matrix: [Double]

    init(size: Int) {
        groups = Array(repeating: LogRank.Group(count: 0, observed: 0, expected: 0, variance: 0), count: size)
        matrix = Array(repeating: 0, count: size * size)
    }

    mutating func add(_ stratum: [[LifeTable.Row]]) {
        var atRisk = stratum.map { $0.reduce(0) { $0 + $1.count } }
        for group in stratum.indices { groups[group].count += atRisk[group] }
        let rows = stratum.indices
            .flatMap { group in stratum[group].map { (group: group, row: $0) } }
            .sorted { $0.row.time < $1.row.time }
        var next = 0
        while next < rows.count {
            let same = rows[next...].prefix { $0.row.time == rows[next].row.time }
            next += same.count
            add(events: same.reduce(0) { $0 + $1.row.events }, atRisk: atRisk)
            for (group, row) in same {
                groups[group].observed += row.events
                atRisk[group] -= row.count
            }
        }
        for group in groups.indices { groups[group].variance = matrix[group * groups.count + group] }
    }

    /// One time's events, which fall on those at risk by chance.
    private mutating func add(events: Int, atRisk: [Int]) {
        guard events > 0 else { return }
        let all = Double(atRisk.reduce(0, +))
        let events = Double(events)
        let shares = atRisk.map { Double($0) / all }
        for group in groups.indices { groups[group].expected += events * shares[group] }
        // The last one left is no chance.
        guard all > 1 else { return }
        let factor = events * (all - events) / (all - 1)
        for a in groups.indices where atRisk[a] > 0 {
            for b in groups.indices where atRisk[b] > 0 {
                // A group's own is its share times that of all others, where no difference loses digits.
                let product = a == b ? shares[a] * ((all - Double(atRisk[a])) / all) : -shares[a] * shares[b]
                matrix[a * groups.count + b] += factor * product
            }
        }
    }

    /// u' V^- u of the deviations and the rank of V, by elimination with the pivot that has kept most of its variance.
    func test() -> (chiSquared: Double, degrees: Int) {
        let size = groups.count
        var matrix = matrix
        var deviations = groups.map { Double($0.observed) - $0.expected }
        var chiSquared = 0.0
        var left = groups.indices.filter { groups[$0].variance > 0 }
        var degrees = 0
        func kept(_ group: Int) -> Double { matrix[group * size + group] / groups[group].variance }
        // The deviations of all groups of a stratum sum to 0, so the last one's variance is spent but for its last bits.
        while let pivot = left.max(by: { kept($0) < kept($1) }), kept(pivot) > 1e-9 {
            left.removeAll { $0 == pivot }
            degrees += 1
            let variance = matrix[pivot * size + pivot]
            chiSquared += deviations[pivot] * deviations[pivot] / variance
            for a in left {
                let factor = matrix[a * size + pivot] / variance
                deviations[a] -= factor * deviations[pivot]
                for b in left { matrix[a * size + b] -= factor * matrix[pivot * size + b] }
            }
        }
        return (chiSquared, degrees)
    }
}
