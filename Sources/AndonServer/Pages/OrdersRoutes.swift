import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The list of orders, its views and its file for spreadsheets.
struct OrdersRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/orders", "/orders.csv", "/find"),
        // Views that are everybody's ask for `plan` themselves.
        Access.post(.read, "/orders/views", "/orders/views/:id/:action"))

    func add(to router: Router<AppContext>) {
        router.get("/orders") { request, context in try await list(request, context) }
        router.get("/orders.csv") { request, context in try await file(request, context) }
        router.get("/find") { request, context in try await find(request, context) }
        router.post("/orders/views") { request, context in try await save(request, context) }
        router.post("/orders/views/:id/:action") { request, context in try await change(request, context) }
    }

    /// A browser writes a space of a form as a plus.
    static func query(_ request: Request) -> URLEncodedForm { URLEncodedForm(request.uri.query ?? "") }

    // MARK: The list

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = Self.query(request)
        return try await list(OrdersQuery { form[$0] }, request, context)
    }

    /// - Parameter refused: a view that could not be kept, with what was typed.
    private func list(
        _ query: OrdersQuery, refused: (name: String, problem: Problem)? = nil, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        let owner = context.caller.account?.number
        let scope = tools.scope(context.caller)
        let views = try await tools.store.read { try $0.orderViews(of: owner) }
        var page = OrdersPage(
            query: query, views: views.filter { Self.isSeen($0, scope) }, scope: scope,
            connectors: tools.connectors.map { ($0.entry.name, $0.connector.traits.system) },
            texts: tools.web.texts(context.language), formats: tools.web.formats(context.language))
        var status = refused.map { HTTPResponse.Status(code: $0.problem.status) } ?? .ok
        do {
            page.found = try await found(query, context)
        } catch let problem as Problem where problem.status == 400 {
            page.problem = problem.detail
            status = .badRequest
        }
        var values = page.values(context.caller)
        values["hasSites"] = try await tools.store.read { try $0.hasSites() }
        if let refused { values["viewProblem"] = refused.problem.detail }
        values["viewName"] = refused?.name ?? ""
        return tools.web.page(
            "orders", values, title: page.texts["orders", "title"], section: "orders", scripts: ["orders.js"],
            status: status, request, context)
    }

    private func found(_ query: OrdersQuery, _ context: AppContext) async throws -> OrdersFound {
        guard let (search, meaning) = try await wanted(query, context) else { return OrdersFound() }
        let page = try await tools.store.read { try $0.orderPage(search) }
        // Who does not see all of the plant is not told that something is called so elsewhere.
        let isElsewhere = page.orders.isEmpty && !search.hidden.isEmpty
        return OrdersFound(page: page, meaning: isElsewhere ? nil : meaning)
    }

    /// What a list asks the store for, and what its word is; nil where nothing is called so.
    private func wanted(
        _ query: OrdersQuery, limit: Int = OrdersQuery.rowsOnPage, _ context: AppContext
    ) async throws -> (search: OrderSearch, meaning: OrderWord?)? {
        let zone = tools.web.formats(context.language).zone
        var search = try query.search(zone, limit: limit)
        search.hidden = tools.scope(context.caller).hidden
        guard let word = query.word else { return (search, nil) }
        var found = PlantDay(word, zone)?.word
        if found == nil { found = try await tools.store.read { try $0.meaning(of: word) } }
        guard let meaning = found else { return nil }
        // Who names one order wants to see it, in whatever state it is.
        if case .number = meaning {
            search.isOpen = false
            search.delivery = try query.choice("delivery", Delivery.self)
        }
        search.narrow(to: meaning)
        return (search, meaning)
    }

    // MARK: For spreadsheets

    private func file(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = Self.query(request)
        var query = OrdersQuery { form[$0] }
        (query.after, query.ahead) = (nil, nil)
        let search = try await wanted(query, limit: OrdersFile.step, context)?.search
        let store = tools.store
        let headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff", .contentDisposition: "attachment; filename=\"andon-orders.csv\"",
        ]
        let body = ResponseBody { writer in
            let writing = BodyWriter(writer)
            try await writing.write(Array(OrdersFile.head.utf8))
            var part = search
            var rows = 0
            while let asked = part, rows < OrdersFile.rowsMax {
                let page = try await store.read { try $0.orderPage(asked) }
                let orders = page.orders.prefix(OrdersFile.rowsMax - rows)
                rows += orders.count
                try await writing.write(Array(orders.map(OrdersFile.row).joined().utf8))
                part = page.next.map { next in
                    var following = asked
                    following.page = .after(next)
                    return following
                }
            }
            try await writing.finish()
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    // MARK: Everything

    private func find(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = Self.query(request)
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let word = form["q"].map { String($0.prefix(200)) } ?? ""
        var page = FindPage(word: word, texts: texts, formats: formats)
        if !word.isEmpty {
            let hidden = tools.scope(context.caller).hidden
            let day = PlantDay(word, formats.zone)?.word
            page.found = try await tools.store.read { try $0.find(word, as: day, hidden: hidden) }
        }
        return tools.web.page(
            "find", page.values, title: texts["find", "title"], section: "orders", request, context)
    }

    // MARK: Views

    /// Whether a view names nothing out of reach; what somebody named in a view of their own they know.
    private static func isSeen(_ view: OrderView, _ scope: SiteScope) -> Bool {
        guard view.owner == nil else { return true }
        // A word is an asset's name in whatever case.
        let hidden = Set(scope.hidden.map { $0.uppercased() })
        let form = URLEncodedForm(view.query)
        return ["asset", "q"].allSatisfy { name in
            guard let word = form[name] else { return true }
            return !hidden.contains(word.uppercased())
        }
    }

    private func save(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let form = URLEncodedForm(fields["query"] ?? "")
        let query = OrdersQuery { form[$0] }
        let owner = context.caller.account?.number
        let isShared = owner == nil || fields.flag("shared")
        let (name, who) = (fields["name"] ?? "", context.caller.name)
        if isShared, owner != nil { try context.demand(.plan) }
        do {
            guard owner != nil || context.caller.may(.plan) else { throw Self.noOwner }
            try await tools.store.write { transaction in
                _ = try transaction.saveOrderView(
                    name, query: query.query(), owner: isShared ? nil : owner, by: who)
            }
        } catch let problem as Problem {
            return try await list(query, refused: (name, problem), request, context)
        }
        return Response.redirect(to: query.address(), type: .normal)
    }

    private static let noOwner = Problem(
        status: 422, type: "invalid-view", title: "The view cannot be kept",
        detail: "Views of one's own are for people with an account; one for everybody needs the permission plan.")

    private func change(_ request: Request, _ context: AppContext) async throws -> Response {
        let (text, action) = (try context.parameters.require("id"), try context.parameters.require("action"))
        let fields = try await RequestFields(request)
        let (id, name, who) = (Int64(text) ?? 0, fields["name"] ?? "", context.caller.name)
        let owner = context.caller.account?.number
        guard ["rename", "delete"].contains(action),
            let view = try await tools.store.read({ try $0.orderView(id) }), view.owner == nil || view.owner == owner,
            Self.isSeen(view, tools.scope(context.caller))
        else { throw Answer.notFound("view \"\(text.cut(to: 40))\"") }
        if view.owner == nil { try context.demand(.plan) }
        let form = URLEncodedForm(view.query)
        let query = OrdersQuery { form[$0] }
        do {
            try await tools.store.write { transaction in
                if action == "delete" {
                    try transaction.delete(view, by: who)
                } else {
                    try transaction.rename(view, to: name, by: who)
                }
            }
        } catch let problem as Problem {
            return try await list(query, refused: (name, problem), request, context)
        }
        return Response.redirect(to: action == "delete" ? "/orders" : query.address(), type: .normal)
    }
}
