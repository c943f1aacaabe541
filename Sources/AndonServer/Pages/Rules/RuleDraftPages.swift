import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// A draft on its page: what it changes, what it would have done, and the steps that put it in force.
struct RuleDraftPages: Sendable {
    let tools: PageTools

    private static let draft = "/rules/drafts/:id"
    private static let reasonMax = 1000

    static let access = Access.all(
        Access.get(.read, draft),
        Access.post(
            .tune, "/rules/drafts", "\(draft)/backtest", "\(draft)/submit", "\(draft)/approve", "\(draft)/discard",
            "\(draft)/rebase"))

    private var drafting: RuleDrafting { tools.drafting }

    /// What the page shows beside the draft.
    private struct Shown {
        /// A step that was refused: which one, why, and what was typed.
        var refused: (step: String, problem: Problem)?
        var reason = ""
        var by = ""
        var days = RuleDrafting.daysDefault
        var comparison: RulesComparison?
    }

    func add(to router: Router<AppContext>) {
        router.post("/rules/drafts") { request, context in
            let form = try await PageForm(request)
            let made = try await drafting.open(nil, drafting.author(context.caller, typed: form["by"]))
            return Response.redirect(to: "/rules/drafts/\(made.number)", type: .normal)
        }
        router.get(RouterPath(Self.draft)) { request, context in
            try await page(RuleDraftRoutes.number(context.parameters), Shown(), request, context)
        }
        router.post(RouterPath(Self.draft + "/backtest")) { request, context in
            try await backtest(request, context)
        }
        for step in ["submit", "approve", "discard", "rebase"] {
            router.post(RouterPath("\(Self.draft)/\(step)")) { request, context in
                try await take(step, request, context)
            }
        }
    }

    // MARK: Steps

    /// Takes a step, or shows the page again with why not and what was typed.
    private func take(_ step: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let number = try RuleDraftRoutes.number(context.parameters)
        let form = try await PageForm(request)
        do {
            try await done(step, number, form, drafting.author(context.caller, typed: form["by"]))
            return Response.redirect(to: "/rules/drafts/\(number)", type: .normal)
        } catch let problem as Problem where problem.status != 404 {
            let shown = Shown(refused: (step, problem), reason: form.typed("reason"), by: form.typed("by"))
            return try await page(number, shown, request, context)
        }
    }

    private func done(
        _ step: String, _ number: Int64, _ form: PageForm, _ author: RuleDrafting.Author
    ) async throws {
        let reason = form["reason"]?.cut(to: Self.reasonMax)
        switch step {
        case "submit":
            guard let reason else { throw RuleDraftRoutes.noReason }
            _ = try await drafting.submit(number, reason: reason, revision: form.revision, author)
        case "approve":
            _ = try await drafting.approve(number, revision: form.revision, author)
        case "rebase":
            let keepsMine: Bool? =
                switch form["take"] {
                case "mine": true
                case "theirs": false
                default: nil
                }
            _ = try await drafting.rebase(number, keepsMine: keepsMine, revision: form.revision, author)
        default:
            _ = try await drafting.discard(number, reason: reason, author)
        }
    }

    private func backtest(_ request: Request, _ context: AppContext) async throws -> Response {
        let number = try RuleDraftRoutes.number(context.parameters)
        let form = try await PageForm(request)
        let days = form["days"].flatMap { Int($0) } ?? RuleDrafting.daysDefault
        var shown = Shown(days: min(max(days, RuleDrafting.days.lowerBound), RuleDrafting.days.upperBound))
        try drafting.demandWhole(context.caller)
        do {
            let draft = try await drafting.draft(number)
            shown.comparison = try await drafting.backtest(draft, days: shown.days)
        } catch let problem as Problem where problem.status != 404 {
            shown.refused = ("backtest", problem)
        }
        return try await page(number, shown, request, context)
    }

    // MARK: The page

    private func page(
        _ number: Int64, _ shown: Shown, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let words = RuleWords(tools.web, context.language)
        let reach = drafting.reach(context.caller)
        let view = try await drafting.view(drafting.draft(number), reach)
        let names = names(view.draft, context)
        var values = about(view, words, names)
        values.merge(steps(view, shown, context)) { $1 }
        if view.draft.state.isAlive {
            let isWhole = drafting.mayTuneWhole(context.caller)
            values["places"] = DraftPlaces(draft: view.draft, words: words, names: names, isWhole: isWhole).values
        }
        values["clashes"] = view.clashes.map { clash -> [String: Any] in
            let row: [String: Any] = [
                "pointer": clash.pointer, "base": RuleWords.plain(clash.base), "mine": RuleWords.plain(clash.mine),
                "theirs": RuleWords.plain(clash.theirs),
            ]
            return row.merging(names.values(at: clash.pointer)) { $1 }
        }
        values["isClashing"] = !view.clashes.isEmpty
        if let comparison = shown.comparison {
            values["comparison"] = ComparisonView(comparison: comparison, words: words, names: names).values
        }
        values["days"] = shown.days
        values["daysMax"] = RuleDrafting.days.upperBound
        return tools.web.page(
            "rules-draft", values, title: words.text("draft-name", ["number": "\(number)"]), section: "rules",
            status: shown.refused.map { .init(code: $0.problem.status) } ?? .ok, request, context)
    }

    /// A class that the draft adds has no page yet: who may change the draft gets its form.
    private func names(_ draft: RuleDraft, _ context: AppContext) -> ClassNames {
        let editor: ((String) -> String)? =
            draft.state.isAlive && context.caller.may(.tune)
            ? { DraftPlaces.rule($0, of: draft) } : nil
        return ClassNames(
            [draft.document, draft.baseDocument],
            inForce: drafting.server.inForceNow.section(RuleDrafting.section), editor: editor)
    }

    private func about(_ view: DraftView, _ words: RuleWords, _ names: ClassNames) -> [String: Any] {
        let draft = view.draft
        func hand(_ key: String, _ hand: RuleDraft.Hand?) -> String? {
            hand.map { words.text(key, ["name": $0.name, "time": words.formats.time($0.at)]) }
        }
        var values = RulesRoutes.row(view, words)
        values["isAlive"] = draft.state.isAlive
        values["isOpen"] = draft.state == .open
        values["revision"] = draft.revision
        values["base"] = words.text("based-on", ["version": "\(draft.base)"])
        values["baseNumber"] = draft.base
        values["version"] = draft.version
        values["why"] = draft.reason
        values["hands"] = [
            hand("created", draft.created), hand("last-changed", draft.changed), hand("submitted", draft.submitted),
            hand("approved", draft.approved),
        ].compactMap(\.self)
        values["differences"] = view.differences.map { RulesRoutes.row($0, names) }
        values["hasDifferences"] = !view.differences.isEmpty
        values["faults"] = view.faults.map { RulesRoutes.row($0) }
        values["isFaulty"] = !view.faults.isEmpty
        return values
    }

    private func steps(_ view: DraftView, _ shown: Shown, _ context: AppContext) -> [String: Any] {
        var values: [String: Any] = [:]
        let mayTune = context.caller.may(.tune)
        values["mayTune"] = mayTune
        values["mayStep"] = mayTune && view.draft.state.isAlive
        values["mayTry"] = mayTune && drafting.mayTuneWhole(context.caller)
        values["isAnybody"] = context.caller.isAnybody
        values["needsApproval"] = drafting.server.inForceNow.accounts.rulesNeedApproval
        values["reason"] = shown.refused == nil ? view.draft.reason ?? "" : shown.reason
        values["typedBy"] = shown.by
        values["problem"] = shown.refused.map { "\($0.problem.title). \($0.problem.detail)" }
        values["errors"] = (shown.refused?.problem.errors ?? []).map { RulesRoutes.row($0) }
        return values
    }
}
