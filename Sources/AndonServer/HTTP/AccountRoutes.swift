import AndonIdentity
import AndonLedger
import AndonModel
import HTTPTypes
import Hummingbird
import Mustache

/// The accounts of those who sign: a page with forms, and the same for programs.
struct AccountRoutes: Sendable {
    let accounts: Accounts
    private let page: AccountsPage

    init(accounts: Accounts) throws {
        self.accounts = accounts
        page = try AccountsPage()
    }

    func add(to router: Router<some RequestContext>) {
        router.get("/accounts") { _, _ in try await html() }
        router.post("/accounts/:action") { request, context in
            try await form(context.parameters.require("action"), request)
        }
        router.get("/api/v1/accounts") { _, _ in
            let all = try await accounts.store.read { try $0.accounts() }
            return Answer.json(["accounts": .array(all.map(\.json))])
        }
        router.post("/api/v1/accounts") { request, _ in
            try await answer("create", RequestFields(request), status: .created)
        }
        for action in ["set-up", "enrol", "password"] {
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
        let (account, code) = try await act(action, fields, number)
        return Answer.json(
            .object(present: ["account": account.json, "code": code.map { .string($0) }]), status: status)
    }

    /// - Returns: the account, and a code where one was made.
    private func act(_ action: String, _ fields: RequestFields, _ number: Int64?) async throws -> (Account, String?) {
        switch (action, number) {
        case ("set-up", nil):
            let made = try await accounts.setUp(
                code: fields["code"] ?? "", login: fields["login"] ?? "", printedName: fields["printedName"] ?? "",
                password: fields.secret("password") ?? "", accepts: fields.flag("accepts"))
            return (made, nil)
        case ("enrol", nil):
            let made = try await accounts.enrol(
                login: fields["login"] ?? "", code: fields["code"] ?? "", password: fields.secret("password") ?? "",
                accepts: fields.flag("accepts"))
            return (made, nil)
        case ("password", nil):
            let changed = try await accounts.changePassword(
                credentials("", fields) ?? Credentials(login: "", password: ""),
                to: fields.secret("newPassword") ?? "")
            return (changed, nil)
        case ("create", nil): return try await create(fields)
        case ("reset", let number?): return try await accounts.reset(number, authorisation(fields))
        case ("retire", let number?): return (try await accounts.retire(number, authorisation(fields)), nil)
        case ("unlock", let number?): return (try await accounts.unlockAccount(number, authorisation(fields)), nil)
        case ("change", let number?):
            let grants = try fields["roles"].map(Self.grants)
            let changed = try await accounts.change(
                number, printedName: fields["printedName"], grants: grants, authorisation(fields))
            return (changed, nil)
        default: throw Answer.notFound("action \"\(action.cut(to: 40))\" of an account")
        }
    }

    private func create(_ fields: RequestFields) async throws -> (Account, String?) {
        let applicant = Accounts.Applicant(
            login: fields["login"] ?? "", printedName: fields["printedName"] ?? "",
            grants: try Self.grants(fields["roles"] ?? ""), identity: fields["identity"] ?? "")
        return try await accounts.create(applicant, authorisation(fields))
    }

    /// Words with spaces or commas between them.
    private static func grants(_ text: String) throws -> [Grant] {
        try text.split(whereSeparator: { $0 == " " || $0 == "," }).map { word in
            guard let grant = Grant(String(word)) else {
                let all = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(
                    status: 422, type: "invalid-account", title: "The account cannot be kept like this",
                    detail: "\"\(word.prefix(40))\" is no role; roles are \(all), or one of them at a site, like "
                        + "planner@BEDFORD.")
            }
            return grant
        }
    }

    private func credentials(_ prefix: String, _ fields: RequestFields) -> Credentials? {
        let names = prefix.isEmpty ? ("login", "password") : ("\(prefix)Login", "\(prefix)Password")
        guard let login = fields[names.0], let password = fields.secret(names.1) else { return nil }
        return Credentials(login: login, password: password)
    }

    private func authorisation(_ fields: RequestFields) throws -> Authorisation {
        guard let administrator = credentials("by", fields) else {
            throw Problem(
                status: 422, type: "invalid-account", title: "The account cannot be kept like this",
                detail:
                    "An administrator types byLogin and byPassword, a second person approverLogin and approverPassword."
            )
        }
        return Authorisation(
            administrator: administrator, approver: credentials("approver", fields), reason: fields["reason"] ?? "")
    }

    // MARK: The page

    private func html(_ message: AccountsPage.Message? = nil, status: HTTPResponse.Status = .ok) async throws
        -> Response
    {
        let all = try await accounts.store.read { try $0.accounts() }
        return Answer.page(page.html(all, message), status: status)
    }

    private func form(_ action: String, _ request: Request) async throws -> Response {
        do {
            let fields = try await RequestFields(request)
            let number = fields["account"].flatMap { Int64($0) }
            let (account, code) = try await act(action, fields, number)
            return try await html(.done(account, code: code))
        } catch let problem as Problem where problem.status != 404 {
            return try await html(.refused(problem), status: .init(code: problem.status))
        }
    }
}
