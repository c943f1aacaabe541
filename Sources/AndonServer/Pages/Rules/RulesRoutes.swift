import AndonConfiguration
import AndonDecide
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The pages of the rules in force and of their history; drafts have pages of their own.
struct RulesRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/rules", "/rules/class", "/rules/history", "/rules/:version"),
        // Who signs shows login name and password once more.
        Access.whole(Access.post(.read, "/rules/:version/sign")),
        Access.post(.tune, "/rules/:version/return"))

    private var signatures: SignatureRoutes { SignatureRoutes(tools: tools) }

    func add(to router: Router<AppContext>) {
        router.get("/rules") { request, context in try await overview(request, context) }
        router.get("/rules/class") { request, context in try oneClass(request, context) }
        router.get("/rules/history") { request, context in try await history(request, context) }
        router.get("/rules/:version") { request, context in
            try await version(SignatureRoutes.version(context.parameters), nil, request, context)
        }
        router.post("/rules/:version/sign") { request, context in try await sign(request, context) }
        router.post("/rules/:version/return") { request, context in try await comeBack(request, context) }
    }

    // MARK: In force

    private func overview(_ request: Request, _ context: AppContext) async throws -> Response {
        let words = RuleWords(tools.web, context.language)
        let current = tools.drafting.server.inForceNow
        let reach = tools.drafting.reach(context.caller)
        let drafts = try await tools.drafting.list(isAlive: true, reach)
        let versions = try await signatures.versions(limit: 5, reach)
        let asset = PageForm(query: request)["asset"]
        let view = RulesOverview(
            rules: current.rules, plant: current.plant, scope: tools.scope(context.caller), asset: asset, words: words)
        var values: [String: Any] = view.values(at: tools.store.time.now())
        values["version"] = words.formats.number(current.rules.version)
        values["isChanged"] = current.sections.contains(RuleDrafting.section)
        values["mayTune"] = context.caller.may(.tune)
        values["isAnybody"] = context.caller.isAnybody
        values["drafts"] = drafts.map { Self.row($0, words) }
        values["hasDrafts"] = !drafts.isEmpty
        values["versions"] = versions.map { Self.row($0, words) }
        return tools.web.page(
            "rules", values, title: words["title"], section: "rules", request, context)
    }

    static func row(_ view: DraftView, _ words: RuleWords) -> [String: Any] {
        var row: [String: Any] = ["number": view.draft.number]
        row["words"] = words.text("draft-name", ["number": "\(view.draft.number)"])
        row["state"] = words["state-\(view.draft.state.rawValue)"]
        row["isWaiting"] = view.draft.state == .waiting
        row["isOutdated"] = view.isOutdated
        row["by"] = view.draft.changed.name
        row["at"] = words.formats.time(view.draft.changed.at)
        row["changes"] = words.count("changes", view.differences.count)
        return row
    }

    private static func row(_ view: RulesView, _ words: RuleWords) -> [String: Any] {
        var row: [String: Any] = ["number": view.version, "at": words.formats.time(view.inForceAt)]
        row["by"] = view.by ?? words["nobody-said"]
        row["why"] = view.reason ?? ""
        row["hasWhy"] = view.reason != nil
        row["approvedBy"] = view.approvedBy ?? ""
        row["changes"] = view.changes.map { words.count("changes", $0.count) } ?? words["not-written"]
        row["isApproved"] = view.isApproved
        return row
    }

    /// One class with all of its options, each level's word on them, and what counts on each asset.
    private func oneClass(_ request: Request, _ context: AppContext) throws -> Response {
        let query = PageForm(query: request)
        guard let label = query["name"] else {
            throw Answer.invalidQuery("Give the class: ?name=scratch.")
        }
        let words = RuleWords(tools.web, context.language)
        let current = tools.drafting.server.inForceNow
        let view = ClassView(
            rules: current.rules, plant: current.plant, scope: tools.scope(context.caller), label: label,
            asset: query["asset"], after: query["after"] ?? "", words: words)
        return tools.web.page(
            "rules-class", view.values, title: words.text("class-title", ["name": label]), section: "rules", request,
            context)
    }

    // MARK: History

    private func history(_ request: Request, _ context: AppContext) async throws -> Response {
        let words = RuleWords(tools.web, context.language)
        let reach = tools.drafting.reach(context.caller)
        let versions = try await signatures.versions(reach)
        let drafts = try await tools.drafting.list(reach).filter { !$0.draft.state.isAlive }
        var values: [String: Any] = ["versions": versions.map { Self.row($0, words) }]
        values["drafts"] = drafts.map { Self.row($0, words) }
        values["hasDrafts"] = !drafts.isEmpty
        return tools.web.page(
            "rules-history", values, title: words["history"], section: "rules", request, context)
    }

    /// A form that was refused: why, and what was typed. Never the password.
    private struct Refused {
        var problem: Problem
        var login = ""
        var reason = ""
        var meaning: String?
    }

    private func version(
        _ number: Int, _ refused: Refused?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let words = RuleWords(tools.web, context.language)
        let view = try await signatures.view(number, tools.drafting.reach(context.caller))
        let document = try await tools.store.read { try $0.rulesDocument(version: number) }
        let current = tools.drafting.server.inForceNow
        let isInForce = current.rules.version == number
        let written = current.section(RuleDrafting.section)
        let names = ClassNames([document, written].compactMap(\.self), inForce: written)
        var values: [String: Any] = Self.row(view, words)
        values["digest"] = view.digest
        values["isFirst"] = view.changes == nil
        values["isInForce"] = isInForce
        values["who"] =
            view.by.map { words.text("changed-by", ["name": $0, "reason": view.reason ?? words["no-reason"]]) }
            ?? words["nobody-said-why"]
        values["approved"] = view.approvedBy.map { words.text("approved-by", ["name": $0]) }
        values["differences"] = (view.changes ?? []).map { Self.row($0, names) }
        values["signatures"] = view.signatures.map { ["words": $0.words] }
        values["isUnsigned"] = view.signatures.isEmpty
        values["meanings"] = SignatureMeaning.allCases.map { meaning -> [String: Any] in
            [
                "word": meaning.rawValue, "name": words["meaning-\(meaning.rawValue)"],
                "isChosen": refused?.meaning == meaning.rawValue,
            ]
        }
        values["mayReturn"] = context.caller.may(.tune) && document != nil && !isInForce
        // A signature is under the whole of the rules.
        values["maySign"] = context.caller.sites(for: .read) == nil
        values["isAnybody"] = context.caller.isAnybody
        values["isOpen"] = refused != nil
        values["problem"] = refused.map { "\($0.problem.title). \($0.problem.detail)" }
        values["login"] = refused?.login ?? context.caller.account?.login ?? ""
        values["reason"] = refused?.reason ?? ""
        return tools.web.page(
            "rules-version", values, title: words.text("version-title", ["number": "\(number)"]), section: "rules",
            status: refused.map { .init(code: $0.problem.status) } ?? .ok, request, context)
    }

    /// One fault, for a list.
    static func row(_ fault: Problem.Fault) -> [String: Any] {
        ["pointer": fault.pointer, "hasPointer": !fault.pointer.isEmpty, "detail": fault.detail]
    }

    /// One difference, for a table: where, what was, what is.
    static func row(_ difference: JSONDifference, _ names: ClassNames) -> [String: Any] {
        let row: [String: Any] = [
            "pointer": difference.pointer, "old": RuleWords.plain(difference.old),
            "new": RuleWords.plain(difference.new),
        ]
        return row.merging(names.values(at: difference.pointer)) { $1 }
    }

    private func sign(_ request: Request, _ context: AppContext) async throws -> Response {
        let number = try SignatureRoutes.version(context.parameters)
        let fields = try await RequestFields(request)
        do {
            _ = try await signatures.signRules(number, fields)
        } catch let problem as Problem where problem.status != 404 {
            let refused = Refused(
                problem: problem, login: fields["login"] ?? "", reason: fields["reason"] ?? "",
                meaning: fields["meaning"])
            return try await version(number, refused, request, context)
        }
        return Response.redirect(to: "/rules/\(number)", type: .normal)
    }

    /// One step back: a draft of what was in force then.
    private func comeBack(_ request: Request, _ context: AppContext) async throws -> Response {
        let number = try SignatureRoutes.version(context.parameters)
        let form = try await PageForm(request)
        do {
            let draft = try await tools.drafting.open(
                version: number, tools.drafting.author(context.caller, typed: form["by"]))
            return Response.redirect(to: "/rules/drafts/\(draft.number)", type: .normal)
        } catch let problem as Problem where problem.status != 404 {
            return try await version(number, Refused(problem: problem), request, context)
        }
    }
}
