import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The accounts of people for programs, and the pages of them; the forms ask for the same as programs do.
struct AccountRoutes: Sendable {
    let accounts: Accounts
    let web: Web
    let signIn: SignInRoutes

    static let access = Access.all(
        Access.open(get: "/first", "/accounts/mine"),
        // These carry a code, or login name and password, in themselves.
        Access.open(
            post: "/first", "/accounts/enrol", "/accounts/password", "/api/v1/accounts/set-up",
            "/api/v1/accounts/enrol", "/api/v1/accounts/password"),
        Access.get(.audit, "/accounts", "/api/v1/accounts"),
        Access.post(.administer, "/accounts/:action", "/api/v1/accounts", "/api/v1/accounts/:number/:action"))

    private var steps: AccountSteps { AccountSteps(accounts: accounts) }
    private var pages: AccountPages { AccountPages(accounts: accounts, sessions: Sessions(accounts), web: web) }

    func add(to router: Router<AppContext>) {
        addProgramRoutes(to: router)
        router.get("/first") { request, context in
            let code = request.uri.queryParameters["code"].map { String($0).cut(to: 100) }
            return try await pages.first(["code": code ?? ""], nil, request, context)
        }
        router.post("/first") { request, context in try await setUp(request, context) }
        router.get("/accounts/mine") { request, context in
            try await pages.mine(request, context)
        }
        for action in ["enrol", "password"] {
            router.post("/accounts/\(action)") { request, context in try await ownForm(action, request, context) }
        }
        router.get("/accounts") { request, context in try await pages.list(request, context) }
        router.post("/accounts/:action") { request, context in
            try await form(context.parameters.require("action"), request, context)
        }
    }

    // MARK: Programs

    private func addProgramRoutes(to router: Router<AppContext>) {
        router.get("/api/v1/accounts") { _, _ in
            let all = try await accounts.store.read { try $0.accounts() }
            return Answer.json(["accounts": .array(all.map(\.json))])
        }
        router.post("/api/v1/accounts") { request, _ in
            try await answer("create", RequestFields(request), status: .created)
        }
        for action in AccountSteps.own {
            router.post("/api/v1/accounts/\(action)") { request, _ in
                try await answer(action, RequestFields(request), status: action == "password" ? .ok : .created)
            }
        }
        router.post("/api/v1/accounts/:number/:action") { request, context in
            let text = try context.parameters.require("number")
            guard let number = Int64(text), number > 0 else {
                throw Answer.notFound("account \"\(text.cut(to: 40))\"; an account is a number")
            }
            return try await answer(
                context.parameters.require("action"), RequestFields(request), number: number, status: .ok)
        }
    }

    private func answer(
        _ action: String, _ fields: RequestFields, number: Int64? = nil, status: HTTPResponse.Status
    ) async throws -> Response {
        let (account, code) = try await steps.act(action, fields, number)
        return Answer.json(
            .object(present: ["account": account.json, "code": code.map { .string($0) }]), status: status)
    }

    // MARK: Forms

    /// Whoever makes the first account is signed in with it: they have just shown that they read what the server printed.
    private func setUp(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let account = try await steps.act("set-up", fields, nil).0
            return signIn.entered(try await signIn.sessions.begin(account, by: .link), to: "/now")
        } catch let problem as Problem where problem.status != 404 {
            let typed = Self.typed(["code", "login", "printedName"], fields)
            return try await pages.first(typed, problem, request, context)
        }
    }

    private func ownForm(_ action: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let account = try await steps.act(action, fields, nil).0
            return try await pages.mine(done: (action, account), request, context)
        } catch let problem as Problem where problem.status != 404 {
            let typed = Self.typed(["login", "code"], fields)
            return try await pages.mine(refused: (action, problem, typed), request, context)
        }
    }

    private func form(_ action: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        do {
            let number = fields["account"].flatMap { Int64($0) }
            let (account, code) = try await steps.act(action, fields, number)
            return try await pages.list(done: (account, code), request, context)
        } catch let problem as Problem where problem.status != 404 {
            let names = ["account", "login", "printedName", "roles", "identity", "reason", "byLogin", "approverLogin"]
            return try await pages.list(refused: (action, problem, Self.typed(names, fields)), request, context)
        }
    }

    /// What was typed comes back with a refusal; passwords never do.
    private static func typed(_ names: [String], _ fields: RequestFields) -> [String: String] {
        var typed: [String: String] = [:]
        for name in names { typed[name] = (fields[name] ?? "").cut(to: 1000) }
        return typed
    }
}
