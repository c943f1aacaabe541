import AndonDesk
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The page of one order, and what a planner does about a dead letter. Programs that ask for no page get the order in words.
struct OrderDetailRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/orders/:reference"), Access.post(.plan, "/orders/:reference/retry"))

    func add(to router: Router<AppContext>) {
        router.get("/orders/:reference") { request, context in
            let reference = try RecordRoutes.reference(context.parameters)
            guard request.isOfBrowser else { return try await text(reference, context) }
            return try await page(reference, request, context)
        }
        router.post("/orders/:reference/retry") { request, context in
            try await retry(RecordRoutes.reference(context.parameters), request, context)
        }
    }

    /// The order in words, for who follows the link out of the CMMS with a program.
    private func text(_ reference: Reference, _ context: AppContext) async throws -> Response {
        let scope = tools.scope(context.caller)
        return try await tools.store.read { reader in
            guard let order = try reader.order(reference) else { throw Answer.notFound("order \(reference)") }
            try scope.demand(asset: order.asset, "order \(reference)")
            let state = "State: \(order.state.rawValue), \(order.delivery.rawValue) by \(order.connector)"
            let text = OrderText(order.document)
            let removal = try order.document.picture.flatMap { try reader.removal(ofPicture: $0.sha256) }
            let picture = removal.map { "\nThe picture is not kept any more since \($0.at): \($0.reason.words).\n" }
            return Answer.text("\(text.title)\n\(state)\n\n\(text.longText)\n\(picture ?? "")")
        }
    }

    /// - Parameter refused: a retry that was not made, with what was typed.
    private func page(
        _ reference: Reference, refused: (reason: String, by: String, problem: Problem)? = nil, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        let before = OrdersRoutes.query(request)["occurrences"].flatMap { Int64($0) }
        guard
            let detail = try await tools.store.read({ try OrderDetail(reference, before: before, from: $0) })
        else { throw Answer.notFound("order \(reference)") }
        try tools.scope(context.caller).demand(asset: detail.order.asset, "order \(reference)")
        let page = OrderDetailPage(
            detail: detail, plant: tools.inForce().plant, texts: tools.web.texts(context.language),
            formats: tools.web.formats(context.language))
        var values = page.values(context.caller)
        values["retryReason"] = refused?.reason ?? ""
        values["retryBy"] = refused?.by ?? ""
        if let refused { values["retryProblem"] = refused.problem.detail }
        return tools.web.page(
            "order", values, title: page.title, section: "orders", scripts: ["order.js"],
            status: refused.map { .init(code: $0.problem.status) } ?? .ok, request, context)
    }

    // MARK: Dead letters

    private func retry(
        _ reference: Reference, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let fields = try await RequestFields(request)
        guard let order = try await tools.store.read({ try $0.order(reference) }) else {
            throw Answer.notFound("order \(reference)")
        }
        let plant = tools.inForce().plant
        try tools.scope(context.caller).demand(asset: order.asset, "order \(reference)")
        try context.demand(.plan, at: plant.site(of: order.asset))
        let (reason, typed) = (fields["reason"] ?? "", fields["by"] ?? "")
        do {
            guard let by = context.caller.doer(typed: typed) else {
                throw Self.invalid("Say who you are: the ledger keeps it with the reason.")
            }
            let why = try Self.reason(reason)
            let count = try await tools.store.write { transaction in
                try transaction.revive(reference, connector: nil, by: by, reason: why)
            }
            guard count > 0 else { throw Self.nothingDead }
        } catch let problem as Problem {
            return try await page(reference, refused: (reason, typed, problem), request, context)
        }
        return Response.redirect(to: "/orders/\(reference)#transmission", type: .normal)
    }

    private static func reason(_ text: String) throws -> String {
        guard !text.isEmpty, text.count <= 1000 else {
            throw invalid("Say why it is sent again, in 1 to 1000 characters: what was wrong, and what was mended.")
        }
        return text
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(status: 422, type: "invalid-retry", title: "The order is not sent again", detail: detail)
    }

    private static let nothingDead = Problem(
        status: 409, type: "nothing-dead", title: "The order is not sent again",
        detail: "Nothing of this order is dead any more: somebody has sent it again, or it arrived meanwhile.")
}
