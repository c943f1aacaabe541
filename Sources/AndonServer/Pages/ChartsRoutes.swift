import AndonDecide
import AndonDesk
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb
import HTTPTypes
import Hummingbird

/// Control charts for people: all streams by trouble, and one of them with what is known and what may be decided.
struct ChartsRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/charts", "/charts/:chart", "/charts/:chart/points/:point"),
        Access.post(.tune, "/charts/:chart/causes", "/charts/:chart/causes/:cause/withdraw", "/charts/:chart/limits"))

    /// Small charts of a page, and of a wall.
    private static let pageSize = 24
    private static let wallSize = 12
    /// Streams that are looked at for one list.
    private static let linesMax = 10_000
    /// Points of a small chart.
    private static let sparkPoints = 30

    func add(to router: Router<AppContext>) {
        router.get("/charts") { request, context in try await list(request, context) }
        ChartPage(tools: tools).add(to: router)
    }

    // MARK: All of them

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = ChartsQuery(OrdersRoutes.query(request))
        let state: ChartState?
        let page: Int
        do throws(Problem) {
            state = try query.state()
            page = try query.page()
        } catch {
            return show(query, ["problem": error.detail, "isEmpty": false], status: 400, request, context)
        }
        let size = query.isWall ? Self.wallSize : Self.pageSize
        let found = try await lines(query, state, context)
        let shown = Array(found.lines.dropFirst((page - 1) * size).prefix(size))
        var values: [String: Any] = [:]
        values["cards"] = try await cards(shown, context)
        values["isEmpty"] = shown.isEmpty
        values["isCut"] = found.isCut
        values["count"] = words(context).texts.count(
            ChartsWords.page, "count", found.lines.count, words(context).formats.number(found.lines.count))
        if page > 1 { values["previous"] = query.address(page: page - 1) }
        if found.lines.count > page * size { values["next"] = query.address(page: page + 1) }
        return show(query, values, request, context)
    }

    /// The streams that are asked for and may be seen, sorted; and whether there are more than were looked at.
    private func lines(
        _ query: ChartsQuery, _ state: ChartState?, _ context: AppContext
    ) async throws -> (lines: [ChartLine], isCut: Bool) {
        let (chart, asset) = (query.chart, query.asset)
        let read = try await tools.store.read { try $0.chartLines(of: chart, asset: asset, limit: Self.linesMax) }
        let names = Set(tools.inForce().charts.map(\.chart.name))
        let reach = ChartReach(tools, context.caller)
        let seen = read.filter { line in
            reach.sees(line.chart, asset: line.asset) && (state.map { $0 == line.state(inForce: names) } ?? true)
        }
        return (ChartLine.byTrouble(seen, inForce: names), read.count == Self.linesMax)
    }

    private func words(_ context: AppContext) -> ChartsWords {
        ChartsWords(texts: tools.web.texts(context.language), formats: tools.web.formats(context.language))
    }

    private func cards(_ lines: [ChartLine], _ context: AppContext) async throws -> [[String: Any]] {
        let known = tools.inForce().charts.map(\.chart).byName
        let read = try await tools.store.read { reader in
            try lines.compactMap { line in try SmallChart(line, known[line.chart], points: Self.sparkPoints, reader) }
        }
        let (words, names) = (words(context), Set(known.keys))
        let streams = StreamWords(words.texts, tools.inForce())
        return read.map { small in
            var values = small.values(words, inForce: names)
            if let words = streams.text(small.line.stratum, of: known[small.line.chart]) {
                values["streamWords"] = words
            }
            return values
        }
    }

    private func show(
        _ query: ChartsQuery, _ found: [String: Any], status: Int = 200, _ request: Request, _ context: AppContext
    ) -> Response {
        let words = words(context)
        var values = found
        values["chart"] = query.chart ?? ""
        values["asset"] = query.asset ?? ""
        values["isFiltering"] = query.isFiltering
        values["isWall"] = query.isWall
        values["states"] = ChartState.allCases.map { state -> [String: Any] in
            var choice: [String: Any] = [:]
            choice["value"] = state.rawValue
            choice["words"] = words["state-\(state.rawValue)"]
            choice["isChosen"] = query.typed["state"] == state.rawValue
            return choice
        }
        values["charts"] = ChartReach(tools, context.caller).names
        values["assets"] = assets(context)
        values["plant"] = tools.inForce().plant.name
        values["clock"] = words.formats.clock(tools.store.time.now())
        return tools.web.page(
            query.isWall ? "charts-wall" : "charts", values, title: words["title"], section: "charts",
            scripts: query.isWall ? ["charts.js"] : [], isBare: query.isWall, status: .init(code: status), request,
            context)
    }

    /// Names that the field proposes.
    private func assets(_ context: AppContext) -> [String] {
        let scope = tools.scope(context.caller)
        return Array(tools.inForce().plant.assets.keys.filter { scope.sees(asset: $0) }.sorted().prefix(300))
    }
}

/// One stream as the list shows it.
struct SmallChart: Sendable {
    let line: ChartLine
    private let points: [ChartPointRecord]
    private let plotted: [Double?]
    private let study: Monitor.CapabilityStudy?
    private let gathered: Int
    private let baseline: Int

    /// - Returns: nil when the stream has gone since.
    init?(_ line: ChartLine, _ chart: Chart?, points count: Int, _ reader: Reader) throws {
        guard let record = try reader.chartStream(line.chart, line.stratum) else { return nil }
        self.line = line
        points = try reader.chartPoints(line.chart, line.stratum, last: count)
        plotted = points.map { point in point.judged?.plotted ?? chart?.value(of: point)?.value }
        let monitor = try Monitor(record)
        study = chart.flatMap { monitor.capability($0) }
        (gathered, baseline) = (monitor.gatheredCount, chart?.baseline ?? 0)
    }

    func values(_ words: ChartsWords, inForce: Set<String>) -> [String: Any] {
        let state = line.state(inForce: inForce)
        let newest = points.last { !$0.isLate }
        let signals = newest?.signals ?? []
        var values: [String: Any] = [:]
        values["name"] = line.chart
        if !line.stratum.isEmpty { values["stream"] = line.stratum }
        values["address"] = ChartAddress.page(line.chart, line.stratum)
        values["state"] = words["state-\(state.rawValue)"]
        values["tag"] = state.tag
        values["value"] = words.figure(plotted.last ?? nil)
        values["at"] = newest.map { words.formats.time($0.at) }
        values["machineTime"] = newest.map { Formats.machine($0.at) }
        if !signals.isEmpty { values["rules"] = words.rules(signals) }
        values["capability"] = words.capability(study)
        if state == .baseline {
            values["gathered"] = words.texts.text(
                ChartsWords.page, "gathered", ["count": "\(gathered)", "of": "\(baseline)"])
        }
        if let planned = line.planned { values["planned"] = planned }
        values["spark"] = Sparkline.svg(spark, label: label(words, state))
        return values
    }

    private var spark: [Sparkline.Point] {
        zip(points, plotted).map { point, value in
            Sparkline.Point(
                value: value, centre: point.judged?.centre, lower: point.judged?.lower, upper: point.judged?.upper,
                isSignal: !point.signals.isEmpty)
        }
    }

    private func label(_ words: ChartsWords, _ state: ChartState) -> String {
        let signals = points.count { !$0.signals.isEmpty }
        return words.texts.text(
            ChartsWords.page, "spark",
            [
                "count": "\(points.count)", "state": words["state-\(state.rawValue)"],
                "value": words.figure(plotted.last ?? nil), "signals": "\(signals)",
            ])
    }
}
