import AndonDesk
import AndonIdentity
import AndonLearn
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// A change of a planned task, proposed on a page: the advice as it stands, and then the person's word.
struct ProposalPage: Sendable {
    let tools: PageTools
    let proposals: Proposals

    /// What was typed.
    private struct Typed {
        var task = ""
        var asset: String?
        var reason = ""
        var by = ""
    }

    func add(to router: Router<AppContext>) {
        router.get("/learn/proposals") { request, context in
            let form = OrdersRoutes.query(request)
            return try await page(Typed(task: form["task"] ?? "", asset: form["asset"]), nil, request, context)
        }
        router.post("/learn/proposals") { request, context in try await propose(request, context) }
    }

    private func propose(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let typed = Typed(
            task: fields["task"] ?? "", asset: fields["asset"], reason: (fields["reason"] ?? "").cut(to: 1000),
            by: (fields["by"] ?? "").cut(to: 100))
        let task = try proposals.task(typed.task, tools.scope(context.caller, .plan))
        do {
            let asset = try proposals.asset(typed.asset, of: task)
            let advised = try await proposals.advice(on: task)
            // The advice that was confirmed, and no other: a closure may have come in between.
            guard fields["figures"] == advised.figures else { throw Self.changed }
            let made = try await proposals.propose(
                task, advised, asset: asset, by: context.doer(fields), reason: typed.reason)
            let place = made.found.reference.map { "/orders/\($0)" } ?? "/learn/advice"
            return .redirect(to: place, type: .normal)
        } catch let problem as Problem where [400, 409, 422].contains(problem.status) {
            return try await page(typed, problem, request, context)
        }
    }

    private static let changed = Problem(
        status: 409, type: "advice-changed", title: "The advice is another one now",
        detail: "It has changed since the page was read. Read it again below, and confirm it then.")

    private func page(
        _ typed: Typed, _ problem: Problem?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let task = try proposals.task(typed.task, tools.scope(context.caller, .plan))
        let texts = tools.web.texts(context.language)
        var (values, shown): ([String: Any], Problem?) = ([:], problem)
        do {
            let advised = try await proposals.advice(on: task)
            let writer = PhraseWriter(texts: texts, formats: tools.web.formats(context.language))
            values["sentences"] = advised.said.map { writer.text($0) }
            values["figures"] = advised.figures
        } catch let none as Problem where none.status == 422 {
            shown = none
        }
        values["task"] = task.name
        values["assets"] = task.assets.sorted().map { asset -> [String: Any] in
            ["id": asset, "isChosen": asset == typed.asset]
        }
        values["reason"] = typed.reason
        values["by"] = typed.by
        values["isAnybody"] = context.caller.isAnybody
        values["problem"] = shown.map { "\($0.title). \($0.detail)" }
        return tools.web.page(
            "learn-proposal", values, title: texts["learn", "proposal"], section: "learn",
            status: shown.map { .init(code: $0.status) } ?? .ok, request, context)
    }
}
