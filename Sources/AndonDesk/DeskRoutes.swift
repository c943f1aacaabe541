import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The desk's pages: plain forms that work on a phone, without script; with it they bridge a time without a network.
public struct DeskRoutes: Sendable {
    let desk: Desk
    let web: Web
    let surroundings: DeskSurroundings

    static let formBytesMax = 64 << 10

    public init(desk: Desk, web: Web, surroundings: DeskSurroundings) {
        (self.desk, self.web, self.surroundings) = (desk, web, surroundings)
    }

    public func add(to router: Router<AppContext>) {
        router.get("/desk") { request, context in try await listPage(request, context) }
        router.get("/desk/worker.js") { _, _ in try worker() }
        router.get("/desk/missed") { request, context in
            let query = request.uri.queryParameters
            let values = ["order", "class", "inspection"].reduce(into: [String: String]()) { values, name in
                values[name] = query[Substring(name)].map { String($0) }
            }
            return missedPage(values, request, context)
        }
        router.post("/desk/missed") { request, context in try await reportMissed(request, context) }
        router.get("/desk/:reference") { request, context in
            try await orderPage(Self.reference(context.parameters), request, context)
        }
        router.post("/desk/:reference/:action") { request, context in
            try await act(
                Self.reference(context.parameters), context.parameters.require("action"), request, context)
        }
    }

    private static func reference(_ parameters: Parameters) throws -> Reference {
        guard let reference = Reference(try parameters.require("reference")) else {
            throw Problem(
                status: 404, type: "not-found", title: "Not found",
                detail: "A reference is ten characters of A-Z and 0-9.")
        }
        return reference
    }

    /// The service worker: browsers look for a new one each time, and let it serve the desk's addresses alone.
    private func worker() throws -> Response {
        var response = try web.file("desk-worker.js")
        response.headers[.cacheControl] = "no-cache"
        if let name = HTTPField.Name("Service-Worker-Allowed") { response.headers[name] = "/desk" }
        return response
    }

    // MARK: Whose page

    /// A name for the caller that a phone keeps things by.
    static func person(_ caller: Caller) -> String {
        caller.account.map { "\($0.number)" } ?? "open"
    }

    /// Whether it is there, and the caller sees it: who may not see it is not told that it is there.
    ///
    /// - Throws: ``Problem`` 404.
    func check(_ order: DeskOrder?, _ reference: Reference, _ context: AppContext) throws -> DeskOrder {
        guard let order, context.caller.may(.read, at: surroundings.site(order.order.place.asset)) else {
            throw Desk.none(reference)
        }
        return order
    }

    /// A page of the desk, with what its script needs.
    func page(
        _ template: String, _ values: [String: Any], title: String, status: HTTPResponse.Status = .ok,
        _ request: Request, _ context: AppContext
    ) -> Response {
        var values = values
        values["person"] = Self.person(context.caller)
        values["asks"] = context.caller.isAnybody
        values["logic"] = web.address(ofAsset: "desk-logic.js")
        values["store"] = web.address(ofAsset: "desk-store.js")
        values["manifest"] = web.address(ofAsset: "desk.webmanifest")
        var response = web.page(
            template, values, title: title, section: "desk", scripts: ["desk.js"], status: status, request, context)
        // The service worker keeps pages by who they are of.
        if let name = HTTPField.Name("Andon-Person") { response.headers[name] = Self.person(context.caller) }
        return response
    }

    // MARK: The list

    private func listPage(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        let texts = web.texts(context.language)
        let lines = surroundings.lines(context.caller)
        let line = lines.first { $0 == query["line"].map { String($0) } }
        let account = context.caller.account
        let view = DeskView(
            names: account.map { [$0.printedName, $0.login] } ?? [], hidden: surroundings.hidden(context.caller),
            line: line)
        let isDone = query["done"] != nil
        var values: [String: Any] = ["isDone": isDone]
        let parts: [(String, [DeskOrder])]
        if isDone {
            parts = [("done", try await desk.done(view))]
        } else {
            parts = Self.parts(try await desk.list(view), isKnown: account != nil)
        }
        values["parts"] = parts.map { name, orders in part(name, orders, texts, context) }
        values["isEmpty"] = parts.isEmpty || parts.allSatisfy { $0.1.isEmpty }
        values["hasLines"] = lines.count > 1
        values["lines"] = lines.map { ["name": $0, "isHere": $0 == line] as [String: Any] }
        return page("desk", values, title: texts["desk", "title"], request, context)
    }

    /// In the order of the page; those without an order are left out, but for the own ones.
    private static func parts(_ list: DeskList, isKnown: Bool) -> [(String, [DeskOrder])] {
        let all = [("mine", list.mine), ("unassigned", list.unassigned), ("others", list.others)]
        return all.filter { !$0.1.isEmpty || ($0.0 == "mine" && isKnown) }
    }

    private func part(
        _ name: String, _ orders: [DeskOrder], _ texts: Texts, _ context: AppContext
    ) -> [String: Any] {
        var values: [String: Any] = ["part": name, "heading": texts["desk", "part-\(name)"]]
        values["orders"] = orders.map { DeskPage.listed($0, texts, web.formats(context.language)) }
        values["none"] = orders.isEmpty ? texts["desk", "part-none"] : nil
        // There may be more: the line narrows it.
        values["more"] =
            orders.count == DeskList.limit ? texts.text("desk", "part-more", ["count": "\(DeskList.limit)"]) : nil
        return values
    }

    // MARK: An order

    /// - Parameters:
    ///   - problem: why a step was refused.
    ///   - action: the step, whose form comes back with what was typed.
    func orderPage(
        _ reference: Reference, problem: Problem? = nil, action: DeskAction? = nil, form: URLEncodedForm? = nil,
        _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let mayPlan = context.caller.may(.plan)
        guard let papers = try await desk.page(reference, withPeople: mayPlan) else { throw Desk.none(reference) }
        let order = try check(papers.order, reference, context)
        let site = surroundings.site(order.order.place.asset)
        let texts = web.texts(context.language)
        let built = DeskPage(
            papers: papers, texts: texts, formats: web.formats(context.language), now: desk.store.time.now(),
            makeKey: { Hex.text(desk.store.random.bytes(16)) })
        var values = built.values(typed: form, of: action)
        values["mayWork"] = context.caller.may(.work, at: site)
        values["mayPlan"] = mayPlan && context.caller.may(.plan, at: site)
        values["signs"] = surroundings.accounts.policy.signsClosures
        values["problem"] = problem?.detail
        values["me"] = context.caller.account?.printedName
        return page(
            "desk-order", values, title: built.title, status: problem.map { .init(code: $0.status) } ?? .ok, request,
            context)
    }
}
