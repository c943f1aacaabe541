import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What was seen in the last hours, as it comes in: the page, its stream, and the wall.
struct NowRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/now", "/now/wall"), Access.byPage(Access.get(.read, "/now/stream")))

    /// Cards of a page, and those that a page keeps while more come in.
    private static let pageSize = 48
    private static let keptMax = 96
    private static let wallSize = 12
    /// Names that a field proposes at most.
    private static let proposalsMax = 300

    func add(to router: Router<AppContext>) {
        router.get("/now") { request, context in try await page(request, context) }
        router.get("/now/wall") { request, context in try await wall(request, context) }
        router.get("/now/stream") { request, context in try await stream(request, context) }
    }

    private func hidden(_ context: AppContext) -> Set<String> { Set(tools.scope(context.caller).hidden) }

    // MARK: The page

    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = NowQuery(request)
        let hidden = hidden(context)
        let filter: DetectionFilter
        let before: Int64?
        do throws(Problem) {
            filter = try query.filter(hiding: hidden)
            before = try query.before()
        } catch {
            return try await refused(error, query, request, context)
        }
        let (found, place) = try await tools.store.read { reader in
            let found = try reader.shownDetections(filter, before: before, limit: Self.pageSize)
            return (found, try NowPlace(reader))
        }
        let cards = NowCards(tools, context.language)
        var values = try await frame(query, cards, hidden, context)
        values["cards"] = found.detections.map { cards.card($0) }
        values["isEmpty"] = found.detections.isEmpty
        values["sendsTest"] = before == nil && !query.isFiltering && context.caller.may(.report)
        values["older"] = found.before.map { "/now?\(query.text(adding: [("before", "\($0)")]))" }
        if before == nil {
            values["stream"] = "/now/stream?\(query.text(adding: [("after", place.text)]))"
            values["keep"] = "\(Self.keptMax)"
            values["version"] = NowStream.version(tools.web)
        } else {
            values["newest"] = "/now?\(query.text())"
        }
        return show("now", values, request, context)
    }

    /// What all pages of Now have: the form as it was filled in, figures, alarms.
    private func frame(
        _ query: NowQuery, _ cards: NowCards, _ hidden: Set<String>, _ context: AppContext
    ) async throws -> [String: Any] {
        let summary = try await tools.now.summary(hiding: hidden)
        var values = cards.figures(summary)
        values.merge(cards.alarms(summary)) { $1 }
        values["form"] = form(query, hidden, context)
        return values
    }

    private func form(_ query: NowQuery, _ hidden: Set<String>, _ context: AppContext) -> [String: Any] {
        let texts = tools.web.texts(context.language)
        let force = tools.inForce()
        var form: [String: Any] = [:]
        form["asset"] = query.typed["asset"] ?? ""
        form["class"] = query.typed["class"] ?? ""
        form["severity"] = query.typed["severity"] ?? ""
        form["isOrders"] = query.typed["orders"] != nil
        form["isFiltering"] = query.isFiltering
        form["outcomes"] = Outcome.allCases.map { outcome -> [String: Any] in
            var choice: [String: Any] = [:]
            choice["value"] = outcome.rawValue
            choice["words"] = texts["now", "outcome-\(outcome.rawValue)"]
            choice["isChosen"] = query.typed["outcome"] == outcome.rawValue
            return choice
        }
        form["assets"] = force.plant.assets.values.filter { !hidden.contains($0.id) }.sorted { $0.id < $1.id }
            .prefix(Self.proposalsMax).map { asset -> [String: Any] in
                ["id": asset.id, "label": asset.name ?? asset.id]
            }
        form["classes"] = Array(force.classNames.prefix(Self.proposalsMax))
        return form
    }

    /// The form comes back as it was filled in, with what is wrong.
    private func refused(
        _ problem: Problem, _ query: NowQuery, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        var values = try await frame(query, NowCards(tools, context.language), hidden(context), context)
        values["problem"] = problem.detail
        return show("now", values, status: problem.status, request, context)
    }

    private func show(
        _ template: String, _ values: [String: Any], isBare: Bool = false, status: Int = 200, _ request: Request,
        _ context: AppContext
    ) -> Response {
        tools.web.page(
            template, values, title: tools.web.texts(context.language)["now", isBare ? "wall" : "title"],
            section: "now", scripts: ["now.js"], isBare: isBare, status: .init(code: status), request, context)
    }

    // MARK: The wall

    private func wall(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = NowQuery(request)
        let hidden = hidden(context)
        let filter = try query.filter(hiding: hidden)
        let minutes = try query.minutes()
        let now = tools.store.time.now()
        let (found, place) = try await tools.store.read { reader in
            let found = try reader.shownDetections(
                filter, since: now - .seconds(minutes * 60), limit: Self.wallSize)
            return (found, try NowPlace(reader))
        }
        let cards = NowCards(tools, context.language, pictureWidth: 640)
        var values = try await frame(query, cards, hidden, context)
        values["cards"] = found.detections.map { cards.card($0) }
        values["stream"] = "/now/stream?\(query.text(adding: [("after", place.text), ("wall", "yes")]))"
        values["keep"] = "\(Self.wallSize)"
        values["minutes"] = "\(minutes)"
        values["version"] = NowStream.version(tools.web)
        values["zone"] = tools.inForce().plant.timeZone
        values["plant"] = tools.inForce().plant.name
        values["clock"] = tools.web.formats(context.language).clock(now)
        return show("now-wall", values, isBare: true, request, context)
    }

    // MARK: The stream

    /// Whether the session that the stream began with is still there; who has none is asked again with the next stream.
    private func isSignedIn(_ request: Request, _ context: AppContext) -> @Sendable () async throws -> Bool {
        guard context.session != nil, let token = request.cookies[Gate.cookie]?.value else { return { true } }
        let sessions = Sessions(tools.accounts)
        return { try await sessions.resume(token, isUse: false) != nil }
    }

    private func stream(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = NowQuery(request)
        let filter = try query.filter(hiding: hidden(context))
        // A browser that comes back says by itself where it stopped.
        let start = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] } ?? query.typed["after"]
        let place = try start.map { text -> NowPlace in
            guard let place = NowPlace(text) else {
                throw Answer.invalidQuery("after, or Last-Event-ID, is the id of an event of this stream.")
            }
            return place
        }
        let isWall = request.uri.queryParameters["wall"] == "yes"
        let stream = NowStream(
            tools: tools, filter: filter, language: context.language, pictureWidth: isWall ? 640 : 320,
            isSignedIn: isSignedIn(request, context))
        return try await stream.response(to: request, from: place)
    }
}
