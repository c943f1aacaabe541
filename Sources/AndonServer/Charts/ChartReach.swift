import AndonDecide
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// Which streams somebody's roles reach. A stream without an asset is of all those that its chart names; one of a chart that
/// names none is everybody's.
struct ChartReach: Sendable {
    private let caller: Caller
    private let seeing: SiteScope
    private let tuning: SiteScope
    private let charts: [String: Chart]

    init(_ tools: PageTools, _ caller: Caller) {
        self.caller = caller
        seeing = tools.scope(caller)
        tuning = tools.scope(caller, .tune)
        charts = tools.inForce().charts.map(\.chart).byName
    }

    func sees(_ chart: String, asset: String?) -> Bool {
        if let asset { return seeing.sees(asset: asset) }
        let assets = charts[chart]?.assets ?? []
        return assets.isEmpty || assets.contains { seeing.sees(asset: $0) }
    }

    /// Whether what is decided about the stream concerns no asset out of reach.
    func mayTune(_ record: ChartStreamRecord) -> Bool {
        if let asset = record.asset { return tuning.sees(asset: asset) }
        return (charts[record.chart]?.assets ?? []).allSatisfy { tuning.sees(asset: $0) }
    }

    /// - Throws: `Problem` 404 for a stream out of reach, as for one that is not there.
    func demand(_ record: ChartStreamRecord) throws {
        guard sees(record.chart, asset: record.asset) else { throw Self.unknown(record.chart, record.stratum) }
    }

    /// - Throws: `Problem` 404 as above, 403 where it may be seen and not changed.
    func demandTuning(_ record: ChartStreamRecord) throws {
        try demand(record)
        guard mayTune(record) else {
            throw caller.refusal(of: .tune, at: record.asset.flatMap { tuning.plant.site(of: $0) })
        }
    }

    static func unknown(_ chart: String, _ stratum: String) -> Problem {
        Answer.notFound(
            "stream \"\(stratum.cut(to: 200))\" of the chart \"\(chart.cut(to: 80))\"; GET /api/v1/charts lists them")
    }
}
