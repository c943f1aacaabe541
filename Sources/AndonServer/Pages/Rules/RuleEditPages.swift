import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The forms that change a draft, a part of it each. What is refused comes back with what was typed.
struct RuleEditPages: Sendable {
    let tools: PageTools

    private static let draft = "/rules/drafts/:id"
    private static let names = [
        RuleEditor.name, MatrixEditor.name, RoutingEditor.name, TrendEditor.name, DocumentEditor.name,
    ]

    static let access = names.flatMap { name in
        [Access(.get, "\(draft)/\(name)", .tune), Access(.post, "\(draft)/\(name)", .tune)]
    }

    private var drafting: RuleDrafting { tools.drafting }

    func add(to router: Router<AppContext>) {
        for name in Self.names {
            router.get(RouterPath("\(Self.draft)/\(name)")) { request, context in
                let draft = try await drafting.draft(RuleDraftRoutes.number(context.parameters))
                return try await page(editor(name, request, context), draft, Shown(), request, context)
            }
            router.post(RouterPath("\(Self.draft)/\(name)")) { request, context in
                try await save(editor(name, request, context), request, context)
            }
        }
    }

    /// - Throws: ``Problem`` for what is out of reach, wholly or in part.
    private func editor(_ name: String, _ request: Request, _ context: AppContext) throws -> any RulesEditor {
        if name == DocumentEditor.name { try drafting.demandWhole(context.caller) }
        let editor = try editor(name, request)
        try editor.demand(tools.scope(context.caller))
        return editor
    }

    private func editor(_ name: String, _ request: Request) throws -> any RulesEditor {
        switch name {
        case MatrixEditor.name: return MatrixEditor()
        case RoutingEditor.name: return RoutingEditor(now: tools.store.time.now())
        case TrendEditor.name: return TrendEditor()
        case DocumentEditor.name: return DocumentEditor()
        default:
            let query = PageForm(query: request)
            if let at = query["at"] { return try RuleEditor(at: at) }
            // A small form of the draft's page: a class, or a part of the plant, by its name.
            return try RuleEditor(
                at: RuleEditor.pointer(query["base"], kind: query["kind"] ?? "", name: query["name"] ?? ""))
        }
    }

    /// What the page shows beside the form.
    private struct Shown {
        /// A form that was refused, and why.
        var refused: (form: PageForm, problem: Problem)?
    }

    private func save(
        _ editor: any RulesEditor, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        // A document is larger than other forms, and grows on its way by what a form escapes.
        let form = try await PageForm(request, bytesMax: 4 * RuleDrafting.documentBytesMax)
        let draft = try await drafting.draft(RuleDraftRoutes.number(context.parameters))
        do {
            let document = try await editor.document(form, ground(draft, context))
            _ = try await drafting.replace(
                draft.number, document, revision: form.revision,
                drafting.author(context.caller, typed: form["by"]))
            return Response.redirect(to: "/rules/drafts/\(draft.number)", type: .normal)
        } catch let problem as Problem {
            return try await page(editor, draft, Shown(refused: (form, problem)), request, context)
        }
    }

    private func ground(_ draft: RuleDraft, _ context: AppContext) async throws -> EditGround {
        let current = drafting.server.inForceNow
        var rules = current.rules
        do {
            rules = try await drafting.server.trial(RuleDrafting.section, draft.document).rules
        } catch let problem as Problem where problem.status == 422 {
            // The plant has changed since: what is in force says what would be inherited.
        }
        return EditGround(
            document: draft.document, rules: rules, plant: current.plant, scope: tools.scope(context.caller),
            words: RuleWords(tools.web, context.language))
    }

    private func page(
        _ editor: any RulesEditor, _ draft: RuleDraft, _ shown: Shown, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let ground = try await ground(draft, context)
        let (form, problem) = (shown.refused?.form, shown.refused?.problem)
        let faults = problem?.errors ?? []
        var values = editor.values(ground, form, faults)
        let name = type(of: editor).name
        values["number"] = draft.number
        values["draftName"] = ground.words.text("draft-name", ["number": "\(draft.number)"])
        values["action"] = "/rules/drafts/\(draft.number)/\(name)\(editor.query)"
        values["back"] = "/rules/drafts/\(draft.number)"
        // Who goes on after a refusal does so on what is there now, once they have seen it.
        values["revision"] = draft.revision
        values["heading"] = editor.title(ground)
        values["isAlive"] = draft.state.isAlive
        values["isWaiting"] = draft.state == .waiting
        values["isAnybody"] = context.caller.isAnybody
        values["typedBy"] = form?.typed("by") ?? ""
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        values["errors"] = faults.map { RulesRoutes.row($0) }
        return tools.web.page(
            "rules-\(name)", values, title: editor.title(ground), section: "rules",
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }
}
