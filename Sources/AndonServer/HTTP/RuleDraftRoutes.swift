import AndonConfiguration
import AndonDecide
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// Drafts of the rules for programs: begun, changed, tried on the past, submitted, let pass. And where each option comes from.
struct RuleDraftRoutes: Sendable {
    let drafting: RuleDrafting

    private static let drafts = "/api/v1/rules/drafts"
    private static let draft = "/api/v1/rules/drafts/:id"
    /// A document and what stands around it.
    private static let bodyMax = RuleDrafting.documentBytesMax + (64 << 10)
    private static let changesMax = 500
    private static let reasonMax = 1000

    static let access = Access.all(
        Access.get(.read, drafts, draft, "/api/v1/rules/effective"),
        Access.post(
            .tune, drafts, "\(draft)/backtest", "\(draft)/submit", "\(draft)/approve", "\(draft)/discard",
            "\(draft)/rebase", "/api/v1/rules/:version/return"),
        [Access(.put, draft, .tune), Access(.patch, draft, .tune)])

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/rules/effective") { request, context in try effective(request, context) }
        router.get(RouterPath(Self.drafts)) { request, context in
            let isAlive = request.uri.queryParameters["alive"] == "true"
            let drafts = try await drafting.list(isAlive: isAlive, drafting.reach(context.caller))
            return Answer.json(["drafts": .array(drafts.map { $0.json(isWhole: false) })])
        }
        router.post(RouterPath(Self.drafts)) { request, context in
            let body = try await read(request)
            if body["document"] != nil { try drafting.demandWhole(context.caller) }
            return try await created(drafting.open(body["document"], author(context, body)), context)
        }
        router.post("/api/v1/rules/:version/return") { request, context in
            let body = try await read(request)
            let version = try SignatureRoutes.version(context.parameters)
            return try await created(drafting.open(version: version, author(context, body)), context)
        }
        router.get(RouterPath(Self.draft)) { _, context in
            try await answer(drafting.draft(Self.number(context.parameters)), context)
        }
        router.put(RouterPath(Self.draft)) { request, context in try await replace(request, context) }
        router.patch(RouterPath(Self.draft)) { request, context in try await change(request, context) }
        addSteps(to: router)
    }

    private func addSteps(to router: Router<AppContext>) {
        router.post(RouterPath(Self.draft + "/backtest")) { request, context in
            let body = try await read(request)
            try drafting.demandWhole(context.caller)
            let draft = try await drafting.draft(Self.number(context.parameters))
            let days = try Self.days(body)
            return Answer.json(try await drafting.backtest(draft, days: days).json)
        }
        router.post(RouterPath(Self.draft + "/rebase")) { request, context in
            let body = try await read(request)
            let take = try Self.take(body)
            return try await answer(
                drafting.rebase(
                    Self.number(context.parameters), keepsMine: take, revision: Self.revision(body),
                    author(context, body)), context)
        }
        router.post(RouterPath(Self.draft + "/submit")) { request, context in
            let body = try await read(request)
            guard let reason = body["reason"]?.string?.trimmed, !reason.isEmpty else { throw Self.noReason }
            return try await answer(
                drafting.submit(
                    Self.number(context.parameters), reason: reason.cut(to: Self.reasonMax),
                    revision: Self.revision(body), author(context, body)), context)
        }
        router.post(RouterPath(Self.draft + "/approve")) { request, context in
            let body = try await read(request)
            return try await answer(
                drafting.approve(
                    Self.number(context.parameters), revision: Self.revision(body), author(context, body)), context)
        }
        router.post(RouterPath(Self.draft + "/discard")) { request, context in
            let body = try await read(request)
            return try await answer(
                drafting.discard(
                    Self.number(context.parameters), reason: body["reason"]?.string?.cut(to: Self.reasonMax),
                    author(context, body)), context)
        }
    }

    private func author(_ context: AppContext, _ body: JSON) -> RuleDrafting.Author {
        drafting.author(context.caller, typed: body["by"]?.string)
    }

    private func answer(_ draft: RuleDraft, _ context: AppContext) async throws -> Response {
        Answer.json(try await drafting.view(draft, drafting.reach(context.caller)).json())
    }

    private func created(_ draft: RuleDraft, _ context: AppContext) async throws -> Response {
        Answer.json(
            try await drafting.view(draft, drafting.reach(context.caller)).json(), status: .created,
            headers: [.location: "\(Self.drafts)/\(draft.number)"])
    }

    // MARK: Documents

    private func replace(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await read(request)
        guard let document = body["document"] else {
            throw Self.fault("document", "give the whole section rules, in document")
        }
        try drafting.demandWhole(context.caller)
        return try await answer(
            drafting.replace(
                Self.number(context.parameters), document, revision: Self.revision(body), author(context, body)),
            context)
    }

    private func change(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await read(request)
        guard let list = body["changes"]?.array, !list.isEmpty, list.count <= Self.changesMax else {
            throw Self.fault("changes", "give 1 to \(Self.changesMax) changes, each with a pointer and a value")
        }
        var changes: [(pointer: String, value: JSON?)] = []
        for (index, change) in list.enumerated() {
            guard let pointer = change["pointer"]?.string else {
                throw Self.fault("changes/\(index)", "give the place that changes, in pointer")
            }
            let value = change["value"]
            changes.append((pointer, value == .null ? nil : value))
        }
        return try await answer(
            drafting.change(
                Self.number(context.parameters), changes, revision: Self.revision(body), author(context, body)), context
        )
    }

    /// An empty body is an empty object: a step may need no words.
    private func read(_ request: Request) async throws -> JSON {
        let bytes = Array(buffer: try await request.body.collect(upTo: Self.bodyMax))
        guard !bytes.isEmpty else { return [:] }
        let body = try RequestBody.json(bytes, limits: JSONLimits(bytesMax: Self.bodyMax))
        guard case .object = body else { throw Self.fault("", "the body is an object") }
        return body
    }

    // MARK: Where each option comes from

    /// An asset out of reach is answered like one that is in no plant file.
    private func effective(_ request: Request, _ context: AppContext) throws -> Response {
        let query = request.uri.queryParameters
        guard let label = query["class"].map(String.init), !label.isEmpty else {
            throw Answer.invalidQuery("Give the class, and perhaps an asset: ?class=scratch&asset=PRESS-07.")
        }
        let current = drafting.server.inForceNow
        let id = query["asset"].map(String.init)
        let seen = SiteScope(current.plant, context.caller).seen(id)
        let asset = seen.flatMap { current.plant.assets[$0] }
        let found = RuleInheritance(
            current.rules, class: label, asset: seen, type: asset?.type, group: asset?.group)
        var members = found.json.object ?? [:]
        members["version"] = .integer(current.rules.version)
        members["asset"] = id.map(JSON.string)
        members["type"] = asset?.type.map(JSON.string)
        members["group"] = asset?.group.map(JSON.string)
        members["assetKnown"] = id.map { _ in JSON.bool(asset != nil) }
        return Answer.json(.object(members))
    }

    // MARK: Reading

    static func number(_ parameters: Parameters) throws -> Int64 {
        let text = try parameters.require("id")
        guard let number = Int64(text), number > 0 else {
            throw Answer.notFound("draft \"\(text.cut(to: 40))\" of the rules; a draft is a number")
        }
        return number
    }

    private static func revision(_ body: JSON) throws -> Int? {
        guard let value = body["revision"] else { return nil }
        guard let revision = value.integer else { throw fault("revision", "revision is a whole number") }
        return revision
    }

    private static func days(_ body: JSON) throws -> Int {
        guard let value = body["days"] else { return RuleDrafting.daysDefault }
        guard let days = value.integer, RuleDrafting.days.contains(days) else {
            let range = RuleDrafting.days
            throw fault("days", "days is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return days
    }

    /// Whether what was changed in the draft counts where both changed something; nil where nobody says.
    private static func take(_ body: JSON) throws -> Bool? {
        switch body["take"] {
        case nil: return nil
        case .string("mine")?: return true
        case .string("theirs")?: return false
        default: throw fault("take", "take is mine or theirs")
        }
    }

    static let noReason = fault("reason", "say why, in reason")

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-draft", title: "The request has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: [.init(pointer: member.isEmpty ? "" : "/\(member)", detail: detail)])
    }
}
