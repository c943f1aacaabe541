import AndonConfiguration
import AndonDispatch
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The ways to the maintenance systems: how each stands, what needs a person, what would be sent, and a check of the way.
struct ConnectorPages: Sendable {
    let tools: PageTools
    let dispatcher: Dispatcher
    let configuration: @Sendable () -> Configuration
    /// As the file has it, before the registries complete it.
    let plantFile: @Sendable () -> Plant
    private let checks = CheckTurns()

    init(
        tools: PageTools, dispatcher: Dispatcher, configuration: @escaping @Sendable () -> Configuration,
        plantFile: @escaping @Sendable () -> Plant
    ) {
        (self.tools, self.dispatcher) = (tools, dispatcher)
        (self.configuration, self.plantFile) = (configuration, plantFile)
    }

    static let access = Access.all(
        Access.get(.read, "/connectors", "/connectors/:name", "/connectors/:name/assets"),
        Access.post(.plan, "/connectors/:name/retry"),
        Access.post(.administer, "/connectors/:name/check"))

    func add(to router: Router<AppContext>) {
        router.get("/connectors") { request, context in try await list(request, context) }
        router.get("/connectors/:name") { request, context in
            try await page(known(context.parameters), Shown(), request, context)
        }
        router.get("/connectors/:name/assets") { request, context in
            try await assets(known(context.parameters), request, context)
        }
        router.post("/connectors/:name/retry") { request, context in
            try await retry(known(context.parameters), request, context)
        }
        router.post("/connectors/:name/check") { request, context in
            try await check(known(context.parameters), request, context)
        }
    }

    private func known(_ parameters: Parameters) throws -> BuiltConnector {
        let name = try parameters.decoded("name")
        guard let built = tools.connectors.first(where: { $0.entry.name == name }) else {
            let names = tools.connectors.map(\.entry.name).joined(separator: ", ")
            throw Answer.notFound("connector \"\(name.cut(to: 40))\"; there are \(names)")
        }
        return built
    }

    // MARK: All of them

    /// Of all connectors' newest attempts so many are looked at for the times.
    static let attemptsMax = 2000

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let cards = try await cards(hidden(context), context.language)
        let texts = tools.web.texts(context.language)
        let values: [String: Any] = ["cards": cards, "sendsTest": context.caller.may(.report)]
        return tools.web.page(
            "connectors", values, title: texts["connectors", "title"], section: "connectors", request, context)
    }

    private func hidden(_ context: AppContext) -> Set<String> { Set(tools.scope(context.caller).hidden) }

    private func cards(_ hidden: Set<String>, _ language: Language) async throws -> [[String: Any]] {
        let standings = Dictionary(dispatcher.standings.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let read = try await tools.store.read { reader in
            let attempts = try reader.recentAttempts(
                limit: Self.attemptsMax, among: Self.attemptsMax, hiding: hidden)
            let byName = Dictionary(grouping: attempts, by: \.connector)
            return try tools.connectors.map { built in
                try ConnectorFacts(built.entry.name, byName[built.entry.name] ?? [], hiding: hidden, reader)
            }
        }
        let words = ConnectorWords(
            texts: tools.web.texts(language), formats: tools.web.formats(language), now: tools.store.time.now())
        return zip(tools.connectors, read).map { built, facts in
            words.card(built, facts, standings[built.entry.name])
        }
    }

    // MARK: One of them

    /// What a page shows beside how the connector stands.
    struct Shown {
        var done: String?
        var problem: Problem?
        var reason = ""
        var report: Commissioning?
    }

    private static let lettersMax = 200
    private static let recentMax = 50

    func page(
        _ built: BuiltConnector, _ shown: Shown, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let name = built.entry.name
        let hidden = hidden(context)
        let (facts, letters, attempts) = try await tools.store.read { reader in
            let attempts = try reader.recentAttempts(connector: name, limit: 500, hiding: hidden)
            return (
                try ConnectorFacts(name, attempts, hiding: hidden, reader),
                try reader.deadLetters(connector: name, limit: Self.lettersMax, hiding: hidden), attempts
            )
        }
        let words = ConnectorWords(
            texts: tools.web.texts(context.language), formats: tools.web.formats(context.language),
            now: tools.store.time.now())
        var values: [String: Any] = [:]
        values["card"] = words.card(built, facts, dispatcher.standings.first { $0.name == name })
        values["letters"] = letters.map(words.letter)
        values["hasLetters"] = !letters.isEmpty
        values["isPlanner"] = context.caller.may(.plan)
        values["retriesAll"] = context.caller.sites(for: .plan) == nil
        values["isAnybody"] = context.caller.isAnybody
        values["isAdministrator"] = context.caller.may(.administer)
        values["attempts"] = attempts.prefix(Self.recentMax).map(words.attempt)
        values["hasRegistry"] = built.connector.traits.hasAssetRegistry
        values["reason"] = shown.reason
        values["done"] = shown.done
        values["problem"] = shown.problem.map { "\($0.title). \($0.detail)" }
        values["report"] = shown.report.map(words.report)
        let asked = request.uri.queryParameters["order"].map { String($0) }
        values["preview"] = try await preview(
            built, asked, newest: attempts.first?.reference, tools.scope(context.caller), words)
        return tools.web.page(
            "connector", values, title: name, section: "connectors",
            status: shown.problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    // MARK: Dead letters

    private static func reason(_ fields: RequestFields) throws -> String {
        guard let reason = fields["reason"], (3...1000).contains(reason.count) else {
            throw Problem(
                status: 422, type: "invalid-reason", title: "The reason is missing",
                detail: "Say why it is sent again, in reason: 3 to 1000 characters. It stands in the ledger.")
        }
        return reason
    }

    private func retry(_ built: BuiltConnector, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        var shown = Shown()
        do {
            let count = try await revive(built.entry.name, fields, context)
            let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
            shown.done = texts.count("connectors", "revived", count, formats.number(count))
        } catch let problem as Problem where problem.status == 422 {
            (shown.problem, shown.reason) = (problem, (fields["reason"] ?? "").cut(to: 1000))
        }
        return try await page(built, shown, request, context)
    }

    /// - Returns: how many effects are sent again.
    private func revive(_ name: String, _ fields: RequestFields, _ context: AppContext) async throws -> Int {
        let reason = try Self.reason(fields)
        let person = context.doer(fields)
        let scope = tools.scope(context.caller, .plan)
        guard let asked = fields["reference"] else {
            guard context.caller.sites(for: .plan) == nil else { throw context.caller.refusal(ofAllSites: .plan) }
            return try await tools.store.write { transaction in
                try transaction.revive(nil, connector: name, by: person, reason: reason)
            }
        }
        guard let reference = Reference(asked) else {
            throw Answer.notFound("order \"\(asked.cut(to: 40))\"; a reference is ten characters of A-Z and 0-9")
        }
        return try await tools.store.write { transaction in
            guard let order = try transaction.reader.order(reference) else {
                throw Answer.notFound("order \(reference)")
            }
            try scope.demand(asset: order.asset, "order \(reference)")
            return try transaction.revive(reference, connector: name, by: person, reason: reason)
        }
    }

    // MARK: A check

    private static let checkMax: Duration = .seconds(120)

    /// Changes nothing there; ends after two minutes at most.
    private func check(_ built: BuiltConnector, _ request: Request, _ context: AppContext) async throws -> Response {
        let name = built.entry.name
        let fields = try await RequestFields(request)
        guard checks.begin(name) else {
            throw Problem(
                status: 409, type: "check-running", title: "This connector is being checked",
                detail: "Somebody else's check is under way; it takes two minutes at most. Then ask again.")
        }
        defer { checks.end(name) }
        let (time, random, settings) = (tools.store.time, tools.store.random, configuration())
        let work = Task {
            await Commissioning.run(name, in: settings, trial: false, time: time, random: random)
        }
        let limit = Task {
            try await time.sleep(for: Self.checkMax)
            work.cancel()
        }
        let report = await work.value
        limit.cancel()
        let person = context.doer(fields)
        _ = try await tools.store.write { transaction in
            try transaction.record(
                "connector.checked", of: "connector/\(name)",
                ["usable": .bool(report?.isUsable ?? false), "by": .string(person)], names: ["/by"])
        }
        return try await page(built, Shown(report: report), request, context)
    }
}
