import AndonConfiguration
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The pages of the set-up: one a step, each a form that keeps what was typed.
struct SetUpRoutes: Sendable {
    let desk: SetUpDesk
    let gate: SetUpGate
    let web: Web
    /// What the command line says beside the file.
    let adjust: @Sendable (Configuration) -> Configuration
    /// Goes on as the real server.
    let goOn: @Sendable (Configuration) -> Void

    func add(to router: Router<AppContext>) {
        router.get("/") { _, _ in Response.redirect(to: "/set-up", type: .found) }
        // Alive, and not yet the server that the page at the end waits for.
        router.get("/healthz") { _, _ in Answer.text("set-up\n") }
        router.get("/set-up") { request, _ in try await enter(request) }
        router.get("/set-up/:step") { request, context in
            let step = try Self.step(context)
            return page(step, await desk.view(), showsRemarks: step == .summary, request, context)
        }
        router.post("/set-up/:step") { request, context in try await take(request, context) }
        router.post("/language") { request, _ in try await setLanguage(request) }
    }

    /// Fetched with the summary already: when the page that needs it is shown, the set-up no longer answers.
    private static let waiting = "setup-started.js"

    private static func step(_ context: AppContext) throws -> SetUpStep {
        let name = try context.parameters.require("step")
        guard let step = SetUpStep(rawValue: name) else { throw Answer.notFound("step \"\(name.cut(to: 40))\"") }
        return step
    }

    // MARK: The way in

    private func enter(_ request: Request) async throws -> Response {
        var response = Response.redirect(to: SetUpStep.administrator.address, type: .normal)
        if await gate.isIn(request.cookies[SetUpGate.cookie]?.value) { return response }
        guard let code = request.uri.queryParameters["code"], let token = try await gate.enter(String(code)) else {
            throw SetUpMiddleware.closed
        }
        response.setCookie(Cookie(name: SetUpGate.cookie, value: token, path: "/", httpOnly: true, sameSite: .lax))
        return response
    }

    private func setLanguage(_ request: Request) async throws -> Response {
        let fields = try await RequestFields(request)
        let language = fields["language"].flatMap { Language(rawValue: $0) } ?? .english
        let here = fields["next"].flatMap { next in SetUpStep.allCases.first { $0.address == next } }
        var response = Response.redirect(to: here?.address ?? "/set-up", type: .normal)
        response.setCookie(
            Cookie(
                name: LanguageCookie.name, value: language.rawValue, maxAge: 365 * 86_400, path: "/", httpOnly: true,
                sameSite: .lax))
        return response
    }

    // MARK: A step

    private func page(
        _ step: SetUpStep, _ view: SetUpView, showsRemarks: Bool, note: String? = nil, problem: Problem? = nil,
        _ request: Request, _ context: AppContext
    ) -> Response {
        let texts = web.texts(context.language)
        let page = SetUpPage(
            view: view, step: step, texts: texts, showsRemarks: showsRemarks, hasAccounts: desk.hasAccounts)
        var values = page.values(desk.connectors)
        values["note"] = note
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        let isRefused = problem != nil || (showsRemarks && step != .summary && view.isWrong(step))
        return web.page(
            "setup-\(step.rawValue)", values, title: page.title, scripts: step == .summary ? [Self.waiting] : [],
            status: isRefused ? .init(code: problem?.status ?? 422) : .ok, request, context)
    }

    private func take(_ request: Request, _ context: AppContext) async throws -> Response {
        let step = try Self.step(context)
        let fields = try await SetUpFields(request)
        await desk.keep(fields.kept)
        var remarks = fields.remarks
        let go = fields.other["go"] ?? "next"
        if go == "back" { return .redirect(to: (step.previous ?? step).address, type: .normal) }
        if step == .administrator { remarks += await takePerson(fields) }
        if step == .summary { return try await write(request, context) }
        if step == .connector, go != "next" { return try await useConnector(go, request, context) }
        var view = await desk.view()
        view.remarks = Self.merged(view.remarks, remarks)
        guard !view.isWrong(step), let next = step.next else {
            return page(step, view, showsRemarks: true, request, context)
        }
        return .redirect(to: next.address, type: .normal)
    }

    /// Each once.
    private static func merged(_ remarks: [SetUpRemark], _ further: [SetUpRemark]) -> [SetUpRemark] {
        remarks + further.filter { !remarks.contains($0) }
    }

    private func takePerson(_ fields: SetUpFields) async -> [SetUpRemark] {
        guard !desk.hasAccounts else { return [] }
        let first = fields.other["password"] ?? ""
        let typed = first.isEmpty ? nil : (first: first, second: fields.other["passwordAgain"] ?? "")
        return await desk.takePassword(typed, accepts: fields.other["accepts"] == "true")
    }

    /// `choose` shows the options of another system, `check` walks its way, `assets` reads its registry.
    private func useConnector(_ go: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let texts = web.texts(context.language)
        var note: String?
        var problem: Problem?
        do throws(Problem) {
            note = try await asked(go, texts)
        } catch {
            problem = error
        }
        return page(
            .connector, await desk.view(), showsRemarks: go != "choose", note: note, problem: problem, request, context)
    }

    private func asked(_ go: String, _ texts: Texts) async throws(Problem) -> String? {
        switch go {
        case "check": return await desk.checkConnector() ? nil : texts["setup", "note-faults"]
        case "assets":
            do {
                guard let count = try await desk.readAssets() else { return texts["setup", "note-faults"] }
                return texts.count("setup", "assets-read", count)
            } catch {
                throw Self.refusal(error)
            }
        default: return nil
        }
    }

    private static func refusal(_ error: any Error) -> Problem {
        guard let error = error as? ConnectorError else { return Answer.problem(for: error) }
        return Problem(
            status: 422, type: "connector-refused", title: "The assets could not be read",
            detail: "\(error.name): \(error.detail)")
    }

    // MARK: The end

    private func write(_ request: Request, _ context: AppContext) async throws -> Response {
        let view = await desk.view()
        guard view.remarks.allSatisfy(\.isWarning) else {
            return page(.summary, view, showsRemarks: true, request, context)
        }
        do {
            let made = try await desk.finish(adjust)
            goOn(made.configuration)
            return started(made.configuration, made.token, request, context)
        } catch {
            let problem =
                error is ConfigurationError
                ? Problem(
                    status: 422, type: "invalid-configuration", title: "The configuration has faults",
                    detail: "\(error)")
                : Answer.problem(for: error)
            return page(.summary, view, showsRemarks: true, problem: problem, request, context)
        }
    }

    /// The page that waits for the real server, which is at its address in a moment.
    private func started(
        _ configuration: Configuration, _ token: String?, _ request: Request, _ context: AppContext
    ) -> Response {
        let address = Self.address(of: configuration.server, request)
        let target = address + TestDetectionRoutes.path
        var values: [String: Any] = [:]
        values["target"] = target
        values["health"] = address + "/healthz"
        values["config"] = desk.config
        let texts = web.texts(context.language)
        var response = web.page(
            "setup-started", values, title: texts["setup", "title-started"], scripts: [Self.waiting], request,
            context)
        if let name = HTTPField.Name("Refresh") { response.headers[name] = "6; url=\(target)" }
        response.setCookie(
            Cookie(
                name: SetUpGate.cookie, value: "", maxAge: 0, path: "/", httpOnly: true, sameSite: .lax))
        if let token {
            response.setCookie(Cookie(name: Gate.cookie, value: token, path: "/", httpOnly: true, sameSite: .lax))
        }
        return response
    }

    /// Empty for the same address as this page's.
    private static func address(of server: ServerSettings, _ request: Request) -> String {
        let authority = request.head.authority ?? ""
        let host = authority.lastIndex(of: ":").map { String(authority[..<$0]) } ?? authority
        let isAny = ["0.0.0.0", "::"].contains(server.host)
        let own = server.host.contains(":") ? "[\(server.host)]" : server.host
        let there = "\(isAny ? host : own):\(server.port)"
        return server.port == 0 || there == authority ? "" : "http://\(there)"
    }
}
