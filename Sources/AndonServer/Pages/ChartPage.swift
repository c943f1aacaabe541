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

/// One stream of a chart: its page, and what a person decides about it.
struct ChartPage: Sendable {
    let tools: PageTools

    private static let pointsShown = 60
    private static let points = 10...300

    private var causes: CauseStep { CauseStep(store: tools.store) }
    private var limits: LimitsStep { LimitsStep(store: tools.store, inForce: tools.inForce) }

    func add(to router: Router<AppContext>) {
        router.get("/charts/:chart") { request, context in
            let form = OrdersRoutes.query(request)
            return try await page(Named(context.parameters, form["stream"]), Shown(form), request, context)
        }
        router.get("/charts/:chart/points/:point") { request, context in try await point(request, context) }
        router.post("/charts/:chart/causes") { request, context in try await keep(request, context) }
        router.post("/charts/:chart/causes/:cause/withdraw") { request, context in
            try await withdraw(request, context)
        }
        router.post("/charts/:chart/limits") { request, context in try await setLimits(request, context) }
    }

    /// A stream by its names.
    struct Named: Sendable {
        var chart: String
        var stratum: String

        init(_ parameters: Parameters, _ stream: String?) throws {
            chart = try parameters.decoded("chart")
            stratum = stream ?? ""
        }

        func address(_ more: String = "") -> String { ChartAddress.page(chart, stratum, more) }
    }

    /// What a page shows beside the stream.
    struct Shown: Sendable {
        var count = ChartPage.pointsShown
        /// Number of the last point; nil for the newest.
        var through: Int?
        var cause = CauseForm()
        var limits: LimitsForm?
        var trial: LimitsTrial?
        var problem: Problem?
        /// Where the problem is said: `causes` or `limits`.
        var place = ""

        init() {}

        init(_ form: URLEncodedForm) {
            if let count = form["points"].flatMap({ Int($0) }) {
                self.count = min(max(count, ChartPage.points.lowerBound), ChartPage.points.upperBound)
            }
            through = form["through"].flatMap { Int($0) }.flatMap { $0 >= 1 ? $0 : nil }
            cause.from = (form["from"] ?? "").cut(to: 20)
            cause.to = (form["to"] ?? "").cut(to: 20)
        }
    }

    // MARK: The page

    private func page(
        _ named: Named, _ shown: Shown, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let reach = ChartReach(tools, context.caller)
        let chart = tools.inForce().charts.map(\.chart).byName[named.chart]
        let detail = try await tools.store.read { reader in
            let record = try ChartRoutes.record(named.chart, named.stratum, reader)
            try reach.demand(record)
            return try ChartDetail(record, chart, count: shown.count, through: shown.through, reader)
        }
        let words = ChartsWords(
            texts: tools.web.texts(context.language), formats: tools.web.formats(context.language))
        var values = ChartDetailValues(detail: detail, words: words).values
        if let said = StreamWords(words.texts, tools.inForce()).text(named.stratum, of: chart) {
            values["streamWords"] = said
        }
        let mayTune = context.caller.may(.tune) && reach.mayTune(detail.record)
        values["mayTune"] = mayTune
        values["maySetLimits"] = mayTune && chart != nil && chart?.given == nil
        values["isAnybody"] = context.caller.isAnybody
        values["causeForm"] = shown.cause.values
        let form = shown.limits ?? LimitsForm.offered(detail.record, baseline: chart?.baseline ?? 2, detail.causes)
        values["limitsForm"] = form.values
        if let trial = shown.trial {
            var tried = trial.values(words)
            tried["digest"] = form.digest
            values["trial"] = tried
        }
        if let problem = shown.problem { values["\(shown.place)Problem"] = problem.detail }
        return tools.web.page(
            "chart", values, title: named.chart, section: "charts",
            status: shown.problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    /// From a point to the detections that it was made of, which come before it.
    private func point(_ request: Request, _ context: AppContext) async throws -> Response {
        let named = try Named(context.parameters, OrdersRoutes.query(request)["stream"])
        let text = try context.parameters.decoded("point")
        guard let number = Int(text), number >= 1 else { throw Answer.notFound("point \"\(text.cut(to: 40))\"") }
        let reach = ChartReach(tools, context.caller)
        let found = try await tools.store.read { reader -> (asset: String?, before: Int64?) in
            let record = try ChartRoutes.record(named.chart, named.stratum, reader)
            try reach.demand(record)
            let point = try reader.chartPoints(
                named.chart, named.stratum, last: 1, after: number - 1, through: number
            ).first
            guard let point else { throw Answer.notFound("point \(number) of the stream") }
            return (record.asset, try record.asset.flatMap { try reader.detectionRow(of: $0, after: point.at) })
        }
        let chart = tools.inForce().charts.map(\.chart).byName[named.chart]
        var parts: [String] = []
        if let asset = found.asset { parts.append("asset=\(ChartAddress.encoded(asset))") }
        if let only = chart?.classes.first, chart?.classes.count == 1 {
            parts.append("class=\(ChartAddress.encoded(only))")
        }
        if let before = found.before { parts.append("before=\(before)") }
        return .redirect(to: "/now" + (parts.isEmpty ? "" : "?\(parts.joined(separator: "&"))"), type: .found)
    }

    // MARK: Causes

    private func keep(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let named = try Named(context.parameters, fields["stream"])
        let form = CauseForm(fields)
        let reach = ChartReach(tools, context.caller)
        do {
            let stated = try form.stated(named.chart, named.stratum, by: context.doer(fields))
            _ = try await causes.keep(stated, demand: { try reach.demandTuning($0) })
        } catch let problem as Problem where [409, 422].contains(problem.status) {
            var shown = Shown()
            (shown.cause, shown.problem, shown.place) = (form, problem, "causes")
            return try await page(named, shown, request, context)
        }
        return .redirect(to: named.address() + "#causes", type: .normal)
    }

    private func withdraw(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let named = try Named(context.parameters, fields["stream"])
        let number = try ChartCauseRoutes.number(context.parameters)
        let reach = ChartReach(tools, context.caller)
        do {
            _ = try await causes.withdraw(
                number, ofChart: named.chart, by: context.doer(fields), reason: fields["reason"] ?? "",
                demand: { try reach.demandTuning($0) })
        } catch let problem as Problem where [409, 422].contains(problem.status) {
            var shown = Shown()
            (shown.problem, shown.place) = (problem, "causes")
            return try await page(named, shown, request, context)
        }
        return .redirect(to: named.address() + "#causes", type: .normal)
    }

    // MARK: Limits

    /// First a trial, which changes nothing and shows both; then, with the same points, for good.
    private func setLimits(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let named = try Named(context.parameters, fields["stream"])
        let form = LimitsForm(fields)
        let reach = ChartReach(tools, context.caller)
        try await tools.store.read { reader in
            try reach.demandTuning(ChartRoutes.record(named.chart, named.stratum, reader))
        }
        var shown = Shown()
        (shown.limits, shown.place) = (form, "limits")
        let isForGood = fields["step"] == "apply"
        let person = context.doer(fields)
        do {
            if isForGood {
                guard form.tried == form.digest else { throw Self.untried }
                _ = try await limits.apply(form.request(named.chart, named.stratum, by: person, isTrial: false))
                return .redirect(to: named.address() + "#limits", type: .normal)
            }
            shown.trial = try await trial(form, named, person)
        } catch let problem as Problem where problem.status == 422 {
            shown.problem = problem
            // Who only forgot the reason sees again what would be put in force.
            if isForGood, form.tried == form.digest { shown.trial = try? await trial(form, named, person) }
        }
        return try await page(named, shown, request, context)
    }

    private static let untried = ChartForms.refusal(
        "/from", "These limits were not tried yet: the points are others than those of the trial. Try them first.")

    private func trial(_ form: LimitsForm, _ named: Named, _ person: String) async throws -> LimitsTrial {
        let asked = try form.request(named.chart, named.stratum, by: person, isTrial: true)
        let answer = try await limits.apply(asked)
        return try await tools.store.read { reader in
            let record = try ChartRoutes.record(named.chart, named.stratum, reader)
            let points = try reader.chartPoints(
                named.chart, named.stratum, last: 10_000, after: asked.first - 1, through: asked.last)
            return LimitsTrial(monitor: try Monitor(record), answer: answer, points: points.filter { !$0.isLate })
        }
    }
}
