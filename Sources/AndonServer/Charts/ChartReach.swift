import AndonDecide
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// Which streams somebody's roles reach. A stream of one asset is that asset's. One of several tells of all that its chart
/// watches together, and is seen by who sees all of that.
struct ChartReach: Sendable {
    /// A part of the plant, and whether it is all of it.
    private struct Part: Sendable {
        let scope: SiteScope
        let isWhole: Bool

        init(_ scope: SiteScope) { (self.scope, isWhole) = (scope, scope.hidden.isEmpty) }

        func has(_ chart: Chart?) -> Bool {
            guard !isWhole else { return true }
            // Of a chart that is no longer in force nobody knows what it watched.
            guard let chart else { return false }
            guard chart.assets.isEmpty else { return chart.assets.allSatisfy { scope.sees(asset: $0) } }
            return !chart.cameras.isEmpty && chart.cameras.allSatisfy { scope.sees(camera: $0) }
        }
    }

    private let caller: Caller
    private let seeing: Part
    private let tuning: Part
    private let charts: [String: Chart]

    init(_ tools: PageTools, _ caller: Caller) {
        self.caller = caller
        seeing = Part(tools.scope(caller))
        tuning = Part(tools.scope(caller, .tune))
        charts = tools.inForce().charts.map(\.chart).byName
    }

    func sees(_ chart: String, asset: String?) -> Bool {
        if let asset { return seeing.scope.sees(asset: asset) }
        return seeing.has(charts[chart])
    }

    /// Names of the charts in force that watch something within reach, sorted.
    var names: [String] {
        charts.values.filter { seeing.scope.sees(some: $0) }.map(\.name).sorted()
    }

    /// Whether what is decided about the stream concerns no asset out of reach.
    func mayTune(_ record: ChartStreamRecord) -> Bool {
        if let asset = record.asset { return tuning.scope.sees(asset: asset) }
        return tuning.has(charts[record.chart])
    }

    /// - Throws: `Problem` 404 for a stream out of reach, as for one that is not there.
    func demand(_ record: ChartStreamRecord) throws {
        guard sees(record.chart, asset: record.asset) else { throw Self.unknown(record.chart, record.stratum) }
    }

    /// - Throws: `Problem` 404 as above, 403 where it may be seen and not changed.
    func demandTuning(_ record: ChartStreamRecord) throws {
        try demand(record)
        guard mayTune(record) else {
            throw caller.refusal(of: .tune, at: record.asset.flatMap { tuning.scope.plant.site(of: $0) })
        }
    }

    static func unknown(_ chart: String, _ stratum: String) -> Problem {
        Answer.notFound(
            "stream \"\(stratum.cut(to: 200))\" of the chart \"\(chart.cut(to: 80))\"; GET /api/v1/charts lists them")
    }
}
