import AndonIdentity
import AndonLedger
import AndonModel
import AndonSites
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The sites that forward to this server, and the orders of all of them beside its own.
struct SitePages: Sendable {
    let tools: PageTools
    let sites: SiteIntake

    static let access = Access.all(
        Access.get(.read, "/sites", "/sites/orders.csv", "/sites/:site/orders/:reference"),
        Access.whole(Access.post(.administer, "/sites/:site/history")))

    private static let rowsOnPage = 50
    private static let fileRowsMax = 100_000
    private static let step = 500

    func add(to router: Router<AppContext>) {
        router.get("/sites") { request, context in try await page(Shown(), request, context) }
        router.get("/sites/orders.csv") { request, context in try await file(request, context) }
        router.get("/sites/:site/orders/:reference") { request, context in try await order(request, context) }
        router.post("/sites/:site/history") { request, context in try await begin(request, context) }
    }

    /// What the page shows beside the lists.
    private struct Shown {
        var done: String?
        var problem: Problem?
    }

    private func page(_ shown: Shown, _ request: Request, _ context: AppContext) async throws -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let words = SiteWords(texts: texts, formats: formats)
        let sight = SiteSight(tools, context)
        let form = request.method == .get ? request.uri.queryParameters : [:]
        let search = try JointSearch { name in form[Substring(name)].map(String.init) }
        let orders = try await sight.orders(search, limit: Self.rowsOnPage)
        let all = try await sight.sites()
        var values: [String: Any] = [:]
        values["sites"] = all.map { words.values($0) }
        values["noSites"] = all.isEmpty
        values["orders"] = orders.map { words.values($0, own: sight.own) }
        values["noOrders"] = orders.isEmpty
        values["fields"] = JointSearch.names.map { name -> [String: Any] in
            ["name": name, "label": texts["sites", "field-\(name)"], "value": search.fields[name] ?? ""]
        }
        let query = Self.query(search)
        values["file"] = "/sites/orders.csv\(query.isEmpty ? "" : "?\(query)")"
        if orders.count == Self.rowsOnPage, let last = orders.last {
            values["next"] = "/sites?\(query.isEmpty ? "" : "\(query)&")before=\(JointSearch.mark(last))"
        }
        values["mayAdminister"] = context.caller.may(.administer) && context.caller.sites(for: .administer) == nil
        values["isAnybody"] = context.caller.isAnybody
        values["done"] = shown.done
        values["problem"] = shown.problem.map { "\($0.title). \($0.detail)" }
        return tools.web.page(
            "sites", values, title: texts["sites", "title"], section: "orders",
            status: shown.problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    private static func query(_ search: JointSearch) -> String {
        JointSearch.names.compactMap { name in
            search.fields[name].map {
                "\(name)=\($0.urlPathEscaped.replacing("&", with: "%26").replacing("+", with: "%2B"))"
            }
        }.joined(separator: "&")
    }

    private func begin(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let site = try context.parameters.decoded("site")
        let texts = tools.web.texts(context.language)
        do {
            let body: JSON = ["reason": .string(fields["reason"] ?? "")]
            _ = try await SiteRoutes(tools: tools, sites: sites).begin(site, body, by: context.doer(fields))
            let words = texts.text("sites", "history-begun", ["site": site.cut(to: 40)])
            return try await page(Shown(done: words), request, context)
        } catch let problem as Problem where problem.status != 404 {
            return try await page(Shown(problem: problem), request, context)
        }
    }

    private func order(_ request: Request, _ context: AppContext) async throws -> Response {
        let site = try context.parameters.decoded("site")
        let reference = try context.parameters.decoded("reference")
        let order = try await SiteSight(tools, context).order(reference, site: site)
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let title = "\(site.cut(to: 40)): \(reference.cut(to: 40))"
        let values = SiteWords(texts: texts, formats: formats).detail(order, site: site)
        return tools.web.page("site-order", values, title: title, section: "orders", request, context)
    }

    // MARK: The file

    private static let columns = [
        "site", "reference", "number", "state", "delivery", "priority", "kind", "class", "asset", "raisedAt", "endedAt",
        "former",
    ]

    private func file(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = request.uri.queryParameters
        let search = try JointSearch { name in name == "before" ? nil : form[Substring(name)].map(String.init) }
        let sight = SiteSight(tools, context)
        let headers: HTTPFields = [
            .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
            .contentDisposition: "attachment; filename=\"andon-orders-of-all-sites.csv\"",
        ]
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: Self.columns.joined(separator: ",") + "\r\n"))
            var (search, written) = (search, 0)
            while written < Self.fileRowsMax {
                let orders = try await sight.orders(search, limit: Self.step)
                let text = orders.map { Self.row($0, own: sight.own) }.joined()
                try await writer.write(ByteBuffer(string: text))
                written += orders.count
                guard orders.count == Self.step, let last = orders.last else { break }
                search = search.behind(last)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func row(_ order: JointOrder, own: String) -> String {
        let cells: [String] = [
            order.site ?? own, order.reference, order.number ?? "", order.state, order.delivery,
            String(order.priority), order.kind, order.defectClass, order.asset, order.raisedAt.description,
            order.endedAt?.description ?? "", order.isFormer ? "true" : "",
        ]
        return cells.map(OrdersFile.cell).joined(separator: ",") + "\r\n"
    }
}

/// What the pages say of sites and their orders.
struct SiteWords {
    let texts: Texts
    let formats: Formats

    func values(_ shown: SiteSight.Shown) -> [String: Any] {
        let (site, sums) = (shown.site, shown.sums)
        func standing(_ name: String) -> String { formats.number(site.standing[name]?.integer ?? 0) }
        var values: [String: Any] = ["name": site.name, "path": site.name.urlPathEscaped]
        values["contact"] = formats.time(site.contactAt)
        values["behind"] = texts.text(
            "sites", "behind-words",
            ["entries": formats.number(Int(site.behind)), "seconds": formats.number(site.behindFor.seconds, digits: 0)])
        values["sum"] = texts.text(
            "sites", "sum-words",
            [
                "detections": formats.number(sums.defects), "recorded": formats.number(sums.outcomes[.recorded] ?? 0),
                "grouped": formats.number(sums.outcomes[.grouped] ?? 0), "raised": formats.number(sums.raised),
            ])
        values["isBroken"] = !sums.holds
        values["queue"] = texts.text(
            "sites", "queue-words",
            ["waiting": standing("waiting"), "dead": standing("dead"), "alarms": standing("alarms")])
        values["pictures"] = texts.text(
            "sites", "pictures-words",
            [
                "kept": formats.number(sums.pictures["kept"] ?? 0),
                "wanted": formats.number(sums.pictures["wanted"] ?? 0),
            ])
        values["tree"] = tree(site)
        values["refusal"] = site.refusal
        return values
    }

    private func tree(_ site: SiteRecord) -> String {
        guard site.refusal == nil else { return texts["sites", "tree-forked"] }
        guard let size = site.checkpointSize else { return texts["sites", "tree-continues"] }
        let key = site.isSigned ? "tree-signed" : "tree-checkpoint"
        return texts.text("sites", key, ["size": formats.number(Int(size))])
    }

    func values(_ order: JointOrder, own: String) -> [String: Any] {
        var values: [String: Any] = ["site": order.site ?? own, "reference": order.reference]
        values["address"] =
            order.site.map { "/sites/\($0.urlPathEscaped)/orders/\(order.reference.urlPathEscaped)" }
            ?? "/orders/\(order.reference.urlPathEscaped)"
        values["number"] = order.number
        values["state"] = order.state
        values["delivery"] = order.delivery
        values["priority"] = order.priority
        values["class"] = order.defectClass
        values["asset"] = order.asset
        values["raised"] = formats.time(order.raisedAt)
        values["isFormer"] = order.isFormer
        return values
    }

    /// An order of a site, each fact as it was forwarded.
    func detail(_ order: JSON, site: String) -> [String: Any] {
        var values: [String: Any] = ["site": site]
        var facts = (order["order"]?.object ?? [:]).merging(order["further"]?.object ?? [:]) { $1 }
        facts["connector"] = order["connector"]
        let closure = facts.removeValue(forKey: "closure")
        values["reference"] = facts["reference"]?.string ?? ""
        values["facts"] = rows(facts)
        values["closure"] = rows(closure?.object ?? [:])
        values["hasClosure"] = closure != nil
        values["detections"] = (order["detections"]?.array ?? []).map { detection -> [String: Any] in
            var row: [String: Any] = [:]
            for name in ["report", "class", "outcome", "reason", "camera"] { row[name] = detection[name]?.string ?? "" }
            row["at"] = detection["detectedAt"]?.string.map(shown) ?? ""
            row["picture"] = detection["picture"]?.string.map { "/api/v1/sites/\(site.urlPathEscaped)/pictures/\($0)" }
            return row
        }
        return values
    }

    private func rows(_ facts: [String: JSON]) -> [[String: Any]] {
        facts.sorted { $0.key < $1.key }.map { name, value in
            ["name": name, "value": value.string.map(shown) ?? value.canonicalText]
        }
    }

    /// A time as the reader writes times; any other text as it is.
    private func shown(_ text: String) -> String {
        guard let time: Timestamp = Timestamp(text) else { return text }
        return formats.time(time)
    }
}
