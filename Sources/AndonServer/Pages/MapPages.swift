import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The plant map for people: the map, its wall screen, the editor of a plan's zones, and the form for a new plan.
struct MapPages: Sendable {
    let keeping: MapKeeping
    let web: Web

    static let access = Access.all(
        Access.get(.read, "/map"), Access.byPage(Access.get(.read, "/map/live")), Access.get(.tune, "/map/:plan/edit"),
        Access.post(.tune, "/map", "/map/:plan/remove"))

    /// Open orders that are looked through for those of one zone.
    private static let ordersMax = 5000
    /// Seconds between two looks of an open page.
    private static let seconds = 15

    func add(to router: Router<AppContext>) {
        router.get("/map") { request, context in try await page(request, context) }
        router.get("/map/live") { request, context in try await live(request, context) }
        router.post("/map") { request, context in try await upload(request, context) }
        router.get("/map/:plan/edit") { request, context in
            try await edit(context.parameters.decoded("plan"), request, context)
        }
        router.post("/map/:plan/remove") { request, context in
            try await remove(context.parameters.decoded("plan"), request, context)
        }
    }

    // MARK: The map

    /// What is asked for in the address.
    private struct Query {
        var plan: String?
        var zone: String?
        var isWall: Bool

        init(_ request: Request) {
            let query = request.uri.queryParameters
            func text(_ name: Substring) -> String? { query[name].flatMap { $0.isEmpty ? nil : String($0) } }
            (plan, zone) = (text("plan"), text("zone"))
            isWall = query["wall"] != nil
        }

        /// The same for the part that is fetched again and again.
        var live: String {
            var parts: [String] = []
            if let plan { parts.append("plan=\(plan.urlPathEscaped)") }
            if let zone { parts.append("zone=\(zone.urlPathEscaped)") }
            if isWall { parts.append("wall=1") }
            return "/map/live" + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
        }
    }

    /// - Throws: ``Problem`` 404 for a plan that there is not.
    private func look(_ query: Query, _ context: AppContext) async throws -> MapPage {
        let map = try await keeping.map(for: context.caller)
        let plant = keeping.configuration().plant
        if let plan = query.plan { try keeping.demand(plan: plan, context.caller) }
        let sites = SiteScope(plant, context.caller)
        var orders: [PlacedOrder] = []
        if query.zone != nil {
            orders = try await keeping.store.read { try $0.placedOrders(limit: Self.ordersMax) }
        }
        return MapPage(
            map: map, plan: query.plan, zone: query.zone, orders: orders.filter { sites.sees(asset: $0.asset) },
            plant: plant, texts: web.texts(context.language), formats: web.formats(context.language),
            isEditor: context.caller.may(.tune), isWall: query.isWall)
    }

    private func page(_ request: Request, _ context: AppContext) async throws -> Response {
        try await page(Query(request), request, context)
    }

    /// - Parameters:
    ///   - form: what was typed into the form that was refused.
    ///   - problem: why.
    private func page(
        _ query: Query, _ request: Request, _ context: AppContext, form: [String: Any] = [:], problem: Problem? = nil
    ) async throws -> Response {
        let look = try await look(query, context)
        var values = look.live
        values["liveAddress"] = query.live
        values["seconds"] = "\(Self.seconds)"
        values["hatch"] = "legend"
        values["hatchScale"] = "1"
        values["wallAddress"] = "/map?" + (query.plan.map { "plan=\($0.urlPathEscaped)&" } ?? "") + "wall=1"
        values["legend"] = PlantMap.State.allCases.reversed().map { state -> [String: Any] in
            ["state": state.rawValue, "words": look.texts["map", "legend-\(state.rawValue)"]]
        }
        values["tabs"] = tabs(look, query.plan)
        values["hasTabs"] = look.map.plans.count > 1
        values["mayTune"] = look.isEditor && !query.isWall
        values["asksName"] = context.caller.isAnybody
        values["removable"] = look.map.plans.filter { $0.zones.isEmpty }.map { plan -> [String: Any] in
            ["name": plan.name, "action": "/map/\(plan.name.urlPathEscaped)/remove"]
        }
        values["form"] = form
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        if let problem { values["faults"] = Self.faults(problem) }
        return web.page(
            "map", values, title: look.texts["map", "title"], section: "map", scripts: ["map.js"],
            isBare: query.isWall, status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    /// The faults that the problem's own sentence does not say.
    private static func faults(_ problem: Problem) -> [String] {
        let said = problem.detail.lowercased()
        return problem.errors.prefix(8).map(\.detail).filter { !said.contains($0.lowercased()) }
    }

    private func tabs(_ look: MapPage, _ chosen: String?) -> [[String: Any]] {
        let all: [[String: Any]] = [
            ["name": look.texts["map", "all-plans"], "address": MapLinks.map(plan: nil), "isHere": chosen == nil]
        ]
        return all
            + look.map.plans.map { plan -> [String: Any] in
                ["name": plan.name, "address": MapLinks.map(plan: plan.name), "isHere": plan.name == chosen]
            }
    }

    /// The part that changes, for the script of an open page.
    private func live(_ request: Request, _ context: AppContext) async throws -> Response {
        let look = try await look(Query(request), context)
        return Web.response(web.fragment("map-live", look.live, context.language))
    }

    // MARK: Plans

    private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        var upload: PlanUpload?
        do {
            let read = try await PlanUpload(request)
            upload = read
            try keeping.demandUpload(read, context.caller)
            try await keeping.add(read, by: context.doer(typed: read.by))
            return .redirect(to: MapLinks.map(plan: read.name), type: .normal)
        } catch let problem as Problem where problem.status < 500 {
            var form: [String: Any] = [:]
            form["name"] = upload?.name
            form["reason"] = upload?.reason
            form["by"] = upload?.by
            form["replaces"] = upload?.replaces == true
            form["wasSent"] = upload?.picture.isEmpty == false
            return try await page(Query(request), request, context, form: form, problem: problem)
        }
    }

    private func remove(_ plan: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let reason = try MapRoutes.reason(fields["reason"])
            try keeping.demandDrawing(on: plan, context.caller)
            try await keeping.remove(plan, by: context.doer(fields), reason: reason)
            return .redirect(to: "/map", type: .normal)
        } catch let problem as Problem where problem.status < 500 {
            let form: [String: Any] = ["removal": fields["reason"] ?? ""]
            return try await page(Query(request), request, context, form: form, problem: problem)
        }
    }

    // MARK: The editor

    private func edit(_ name: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let scope = try keeping.demandDrawing(on: name, context.caller)
        let map = try await keeping.map(for: context.caller)
        guard let plan = map.plans.first(where: { $0.name == name }) else {
            throw Answer.notFound("floor plan \(name.cut(to: 80))")
        }
        let texts = web.texts(context.language)
        let editor = MapEditor(
            plan: plan, scope: scope, texts: texts, asksName: context.caller.isAnybody)
        var values = editor.values
        // Parts of the script, by addresses that change with them: an import by name would find an old one.
        for part in ["shape", "view", "input"] { values["\(part)Script"] = web.address(ofAsset: "map-\(part).js") }
        return web.page(
            "map-edit", values, title: texts.text("map-edit", "title", ["name": name]), section: "map",
            scripts: ["map-edit.js"], request, context)
    }
}
