import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The legal holds: what must be kept whatever the retention says; placed and released with a reason.
struct HoldPages: Sendable {
    let tools: PageTools
    let routes: KeepingRoutes

    static let access = Access.whole(
        Access.all(
            Access.get(.audit, "/audit/holds"), Access.post(.retain, "/audit/holds", "/audit/holds/:id/release")))

    func add(to router: Router<AppContext>) {
        router.get("/audit/holds") { request, context in try await page(Shown(), request, context) }
        router.post("/audit/holds") { request, context in try await place(request, context) }
        router.post("/audit/holds/:id/release") { request, context in
            try await release(context.parameters.decoded("id"), request, context)
        }
    }

    /// What a page shows beside the list.
    private struct Shown {
        var done: String?
        var problem: Problem?
        /// The fields of the form that was refused.
        var typed: RequestFields?
        /// The hold whose release was refused; nil for the form that places one.
        var refused: String?
    }

    private static let kinds = ["order", "asset", "lot", "camera"]
    private static let rowsMax = 200

    private func place(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            var body: [String: JSON] = ["reason": .string(fields["reason"] ?? "")]
            // A hold of nothing is refused by who checks it.
            if let kind = fields["kind"], Self.kinds.contains(kind) { body[kind] = .string(fields["subject"] ?? "") }
            for name in ["from", "to"] { body[name] = fields[name].map { JSON.string($0) } }
            let placed = try await routes.placed(.object(body), by: context.doer(fields))
            let words = tools.web.texts(context.language).text("audit", "hold-placed", ["id": "\(placed.id)"])
            return try await page(Shown(done: words), request, context)
        } catch let problem as Problem {
            return try await page(Shown(problem: problem, typed: fields), request, context)
        }
    }

    private func release(_ id: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let body: JSON = ["reason": .string(fields["reason"] ?? "")]
            _ = try await routes.released(id, body, by: context.doer(fields))
            let words = tools.web.texts(context.language).text("audit", "hold-released", ["id": id.cut(to: 20)])
            return try await page(Shown(done: words), request, context)
        } catch let problem as Problem where problem.status != 404 {
            return try await page(Shown(problem: problem, typed: fields, refused: id), request, context)
        }
    }

    private func page(_ shown: Shown, _ request: Request, _ context: AppContext) async throws -> Response {
        let texts = tools.web.texts(context.language)
        let withReleased = request.uri.queryParameters["released"] == "true"
        let holds = try await tools.store.read { try $0.holds(withReleased: withReleased) }
        let typed = shown.refused == nil ? shown.typed : nil
        var values: [String: Any] = [:]
        values["holds"] = holds.prefix(Self.rowsMax).map { row($0, shown, context.language) }
        values["isEmpty"] = holds.isEmpty
        values["withReleased"] = withReleased
        values["isAnybody"] = context.caller.isAnybody
        values["mayRetain"] = context.caller.may(.retain)
        values["kinds"] = Self.kinds.map { kind -> [String: Any] in
            ["kind": kind, "words": texts["audit", "hold-\(kind)"], "isChosen": typed?["kind"] == kind]
        }
        for name in ["subject", "from", "to", "reason", "by"] { values[name] = (typed?[name] ?? "").cut(to: 1000) }
        values["isOpen"] = typed != nil
        values["done"] = shown.done
        values["problem"] = shown.problem.map { "\($0.title). \($0.detail)" }
        return tools.web.page(
            "audit-holds", values, title: texts["audit", "holds"], section: "audit",
            status: shown.problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    private func row(_ hold: Hold, _ shown: Shown, _ language: Language) -> [String: Any] {
        let (texts, formats) = (tools.web.texts(language), tools.web.formats(language))
        var row: [String: Any] = ["id": hold.id, "kind": texts["audit", "hold-\(hold.scope.kind)"]]
        row["what"] = hold.scope.subject
        if case .camera(_, let from, let to) = hold.scope {
            row["period"] = "\(formats.time(from)) – \(to.map { formats.time($0) } ?? "")"
        }
        row["at"] = formats.time(hold.placedAt)
        row["placedBy"] = hold.placedBy
        row["why"] = hold.reason
        row["released"] = hold.release.map { "\(formats.time($0.at)), \($0.by): \($0.reason)" }
        row["isRefused"] = shown.refused == "\(hold.id)"
        row["typed"] = shown.refused == "\(hold.id)" ? (shown.typed?["reason"] ?? "") : ""
        return row
    }
}
