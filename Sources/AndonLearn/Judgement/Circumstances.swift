import AndonSPC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much faster than usual a class comes back on each asset and in each quarter of the year, whatever is done about
/// it. An action is not to look better because it was used on the good machine or in the quiet season.
///
/// The rate of return is a product of one factor for the action at the age of the repair, one for the asset and one for
/// the quarter: Poisson's likelihood of returns and days watched (Holford, Biometrics 36(2), 1980; Laird and Olivier,
/// Journal of the American Statistical Association 76, 1981), with normal priors on the logarithms. The logarithm of an
/// asset's factor is the asset's own part and one for each action, in the share of the asset's repairs it has (Mundlak,
/// Econometrica 46(1), 1978): the assets that an action is used on may be better or worse as a whole, which a prior on
/// each asset alone would rule out. Where assets or quarters were seen with one action alone, nothing but the prior tells
/// the two apart, and the factor's error says so.
struct Circumstances {
    /// Deviations of the priors on the logarithms: at 1 an asset in three is more than 2.7 times better or worse.
    private static let assetPrior = 1.0
    private static let seasonPrior = 0.7
    private static let actionPrior = 3.0
    private static let habitPrior = 1.0
    private static let quarters = 4
    private static let year = 365.25

    private struct Cell {
        var row: Int
        var asset: Int
        var quarter: Int
        var days = 0.0
        var returns = 0.0
    }

    private let horizon: Double
    private let ages: [Double]
    private let actions: [String: Int]
    private let assets: [String: Int]
    /// Share of the class's repairs on each asset.
    private let mix: [Double]
    /// Of each asset's repairs, the share that each of its actions has.
    private let habits: [[(action: Int, share: Double)]]
    /// By asset, and where each asset's begin.
    private var cells: [Cell] = []
    private var cellStarts: [Int] = []
    private var base: [Double]
    private var assetLogs: [Double]
    private var habitLogs: [Double]
    private(set) var seasonLogs = Array(repeating: 0.0, count: quarters)
    private var precision: ArrowMatrix?
    private var seasonCovariance: [[Double]] = []

    /// - Parameter repairs: of one class.
    init(_ repairs: [RepairCase], horizon: Double) {
        self.horizon = horizon
        ages = [horizon / 6, horizon / 2, horizon]
        actions = Self.numbers(repairs.map(\.action))
        assets = Self.numbers(repairs.map(\.asset))
        var counts = Array(repeating: [Int: Double](), count: assets.count)
        for repair in repairs {
            counts[assets[repair.asset] ?? 0][actions[repair.action] ?? 0, default: 0] += 1
        }
        let sums = counts.map { $0.values.reduce(0, +) }
        mix = sums.map { $0 / Double(repairs.count) }
        habits = zip(counts, sums).map { counts, sum in
            counts.sorted { $0.key < $1.key }.map { (action: $0.key, share: $0.value / sum) }
        }
        habitLogs = Array(repeating: 0, count: actions.count)
        base = Array(repeating: 0, count: actions.count * (ages.count + 1))
        assetLogs = Array(repeating: 0, count: assets.count)
        collect(repairs)
        fit()
    }

    private static func numbers(_ names: [String]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: Set(names).sorted().enumerated().map { ($1, $0) })
    }

    /// How the circumstances of the action's repairs within the horizon compare with the class's mix of assets and a
    /// whole year; above 1 they were worse.
    func factor(of action: String) -> LogFactor {
        guard let number = actions[action], let precision else { return .one }
        var ownAssets = Array(repeating: 0.0, count: assets.count)
        var ownQuarters = Array(repeating: 0.0, count: Self.quarters)
        var plain = 0.0
        let rows = rows(of: number)
        for cell in cells where rows.contains(cell.row) {
            let days = cell.days * exp(base[cell.row])
            let weight = days * exp(assetLog(cell.asset) + seasonLogs[cell.quarter])
            plain += days
            ownAssets[cell.asset] += weight
            ownQuarters[cell.quarter] += weight
        }
        let own = ownQuarters.reduce(0, +)
        guard own > 0 else { return .one }
        let usualAssets = mix.indices.map { mix[$0] * exp(assetLog($0)) }
        let assetSum = usualAssets.reduce(0, +)
        // The derivatives of the factor's logarithm.
        let byAsset = mix.indices.map { ownAssets[$0] / own - usualAssets[$0] / assetSum }
        var byHabit = habitLogs.map { _ in 0.0 }
        for (asset, slope) in byAsset.enumerated() {
            for habit in habits[asset] { byHabit[habit.action] += habit.share * slope }
        }
        let variance = precision.variance(
            diagonal: byAsset, dense: Array(repeating: 0, count: base.count) + byQuarter(ownQuarters) + byHabit)
        return LogFactor(mean: log(own / plain / assetSum / meanSeason), deviation: variance.squareRoot())
    }

    /// The same for its repairs on one asset, compared with a whole year there.
    func factor(of action: String, on asset: String) -> LogFactor {
        guard let number = actions[action], let place = assets[asset], precision != nil else { return .one }
        var ownQuarters = Array(repeating: 0.0, count: Self.quarters)
        var plain = 0.0
        let rows = rows(of: number)
        for cell in cells[cellStarts[place]..<cellStarts[place + 1]] where rows.contains(cell.row) {
            let days = cell.days * exp(base[cell.row])
            plain += days
            ownQuarters[cell.quarter] += days * exp(seasonLogs[cell.quarter])
        }
        let own = ownQuarters.reduce(0, +)
        guard own > 0 else { return .one }
        let slopes = byQuarter(ownQuarters)
        var variance = 0.0
        for (slope, row) in zip(slopes, seasonCovariance) {
            for (other, value) in zip(slopes, row) { variance += slope * other * value }
        }
        return LogFactor(mean: log(own / plain / meanSeason), deviation: max(0, variance).squareRoot())
    }

    /// The rows of an action's ages within the horizon.
    private func rows(of action: Int) -> Range<Int> {
        action * (ages.count + 1)..<action * (ages.count + 1) + ages.count
    }

    private var meanSeason: Double { seasonLogs.reduce(0) { $0 + exp($1) } / Double(Self.quarters) }

    /// The derivatives of a factor's logarithm by the seasons'.
    private func byQuarter(_ own: [Double]) -> [Double] {
        let sum = own.reduce(0, +)
        return own.indices.map { own[$0] / sum - exp(seasonLogs[$0]) / meanSeason / Double(Self.quarters) }
    }

    private func assetLog(_ asset: Int) -> Double {
        habits[asset].reduce(assetLogs[asset]) { $0 + $1.share * habitLogs[$1.action] }
    }

    /// The life as it would be were every quarter like the mean of the year.
    func withoutSeason(_ life: Lifetime, from ended: Double) -> Lifetime {
        let mean = meanSeason
        var time = 0.0
        Self.split(from: ended, days: life.time) { quarter, days in time += days * exp(seasonLogs[quarter]) / mean }
        return Lifetime(time: time, isEvent: life.isEvent)
    }

    /// The quarter of the year, 0...3.
    static func quarter(_ day: Double) -> Int {
        let turns = day / year
        return min(quarters - 1, Int((turns - turns.rounded(.down)) * Double(quarters)))
    }

    private static func split(from start: Double, days: Double, _ body: (Int, Double) -> Void) {
        let length = year / Double(quarters)
        let end = start + days
        var from = start
        var number = (start / length).rounded(.down)
        while from < end {
            number += 1
            let to = min(end, number * length)
            if to > from { body(((Int(number) - 1) % quarters + quarters) % quarters, to - from) }
            from = max(from, to)
        }
    }

    private mutating func collect(_ repairs: [RepairCase]) {
        var places: [Int: Int] = [:]
        for repair in repairs {
            let asset = assets[repair.asset] ?? 0
            let first = (actions[repair.action] ?? 0) * (ages.count + 1)
            let life = repair.ownLife
            // A return on the day of the repair is watched for half a day.
            let end = life.isEvent ? max(life.time, 0.5) : life.time
            var from = 0.0
            var last: Int?
            for (age, to) in (ages + [.infinity]).enumerated() where end > from {
                let until = min(to, end)
                Self.split(from: repair.ended + from, days: until - from) { quarter, days in
                    let key = ((first + age) * assets.count + asset) * Self.quarters + quarter
                    let place = places[key] ?? cells.count
                    if place == cells.count {
                        places[key] = place
                        cells.append(Cell(row: first + age, asset: asset, quarter: quarter))
                    }
                    cells[place].days += days
                    last = place
                }
                from = to
            }
            if life.isEvent, let last { cells[last].returns += 1 }
        }
        cells.sort { $0.asset < $1.asset }
        cellStarts = Array(repeating: 0, count: assets.count + 1)
        for cell in cells { cellStarts[cell.asset + 1] += 1 }
        for asset in 0..<assets.count { cellStarts[asset + 1] += cellStarts[asset] }
    }

    private mutating func fit() {
        let days = cells.reduce(0) { $0 + $1.days }
        let returns = cells.reduce(0) { $0 + $1.returns }
        guard days > 0 else { return }
        // Where nothing came back, that is no more than half a return: the quarters not seen stay in doubt.
        let usual = log(max(0.5, returns) / days)
        var rowDays = Array(repeating: 0.0, count: base.count)
        var rowReturns = rowDays
        for cell in cells {
            rowDays[cell.row] += cell.days
            rowReturns[cell.row] += cell.returns
        }
        for row in base.indices { base[row] = log((rowReturns[row] + 0.5) / (rowDays[row] + 0.5 * exp(-usual))) }
        for _ in 0..<30 where !step(usual) {}
        guard let precision else { return }
        seasonCovariance = seasonLogs.indices.map { quarter in
            var right = Array(repeating: 0.0, count: base.count + Self.quarters + habitLogs.count)
            right[base.count + quarter] = 1
            let solved = precision.solve(diagonal: assetLogs.map { _ in 0 }, dense: right).dense
            return Array(solved[base.count..<base.count + Self.quarters])
        }
    }

    /// One of Newton's, each no longer than 1 in a logarithm; true once it has become small.
    private mutating func step(_ usual: Double) -> Bool {
        func weight(_ prior: Double) -> Double { 1 / (prior * prior) }
        let rows = base.count
        let quarters = rows + Self.quarters
        var byAsset = assetLogs.map { -$0 * weight(Self.assetPrior) }
        var rest = base.map { (usual - $0) * weight(Self.actionPrior) }
        rest += seasonLogs.map { -$0 * weight(Self.seasonPrior) }
        rest += habitLogs.map { -$0 * weight(Self.habitPrior) }
        var matrix = ArrowMatrix(diagonal: assets.count, dense: rest.count)
        for row in rest.indices {
            let prior = row < rows ? Self.actionPrior : row < quarters ? Self.seasonPrior : Self.habitPrior
            matrix.add(weight(prior), row, row)
        }
        var sums = Array(repeating: 0.0, count: quarters)
        var place = 0
        for asset in assetLogs.indices {
            let log = assetLog(asset)
            var used: [Int] = []
            var sum = 0.0
            var excess = 0.0
            while place < cells.count, cells[place].asset == asset {
                let cell = cells[place]
                place += 1
                let quarter = rows + cell.quarter
                let expected = cell.days * exp(base[cell.row] + log + seasonLogs[cell.quarter])
                rest[cell.row] += cell.returns - expected
                rest[quarter] += cell.returns - expected
                matrix.add(expected, cell.row, cell.row)
                matrix.add(expected, quarter, cell.row)
                matrix.add(expected, quarter, quarter)
                if sums[cell.row] == 0 { used.append(cell.row) }
                if sums[quarter] == 0 { used.append(quarter) }
                sums[cell.row] += expected
                sums[quarter] += expected
                sum += expected
                excess += cell.returns - expected
            }
            byAsset[asset] += excess
            var entries = used.sorted().map { ArrowMatrix.Entry(column: $0, value: sums[$0]) }
            // What the actions have in the asset's factor goes with all its days, whichever action they were after.
            for habit in habits[asset] {
                let column = quarters + habit.action
                rest[column] += habit.share * excess
                for entry in entries { matrix.add(habit.share * entry.value, column, entry.column) }
                matrix.add(habit.share * habit.share * sum, column, column)
                entries.append(ArrowMatrix.Entry(column: column, value: habit.share * sum))
            }
            matrix.set(weight(Self.assetPrior) + sum, diagonal: asset, coupling: entries)
            for column in used { sums[column] = 0 }
        }
        matrix.factorise()
        precision = matrix
        let (assetSteps, restSteps) = matrix.solve(diagonal: byAsset, dense: rest)
        let longest = max(assetSteps.map(abs).max() ?? 0, restSteps.map(abs).max() ?? 0)
        let scale = longest > 1 ? 1 / longest : 1
        for asset in assetLogs.indices { assetLogs[asset] += scale * assetSteps[asset] }
        for row in base.indices { base[row] += scale * restSteps[row] }
        for quarter in seasonLogs.indices { seasonLogs[quarter] += scale * restSteps[rows + quarter] }
        for action in habitLogs.indices { habitLogs[action] += scale * restSteps[quarters + action] }
        return longest < 1e-2
    }
}
