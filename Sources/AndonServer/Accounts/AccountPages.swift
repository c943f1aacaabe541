import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// The pages of the accounts: everybody's own steps, and the list with an administrator's forms.
struct AccountPages: Sendable {
    let accounts: Accounts
    let sessions: Sessions
    let web: Web

    /// A form that was refused: its action, why, and what was typed.
    typealias Refused = (action: String, problem: Problem, typed: [String: String])

    /// The forms of the list, in their order on the page.
    private static let forms = ["create", "reset", "unlock", "change", "retire"]

    // MARK: Own steps

    /// The first account, with the code of the server's link filled in.
    func first(
        _ typed: [String: String], _ problem: Problem?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let texts = web.texts(context.language)
        var values: [String: Any] = [:]
        for (name, text) in typed { values[name] = text }
        let all = try await accounts.store.read { try $0.accounts() }
        // With a code that somebody made beside the server there is a way in although there are accounts.
        values["isUsed"] = !all.isEmpty && !SetUpCode(folder: accounts.store.folder).exists
        values["problem"] = problem.map { "\($0.title). \($0.detail)" }
        return web.page(
            "first", values, title: texts["accounts", "first"], section: nil,
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    func mine(
        done: (action: String, account: Account)? = nil, refused: Refused? = nil, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        let texts = web.texts(context.language)
        var values: [String: Any] = [:]
        values["isFirst"] = try await accounts.store.read { try !$0.hasPasswords() }
        for action in ["enrol", "password"] {
            var form: [String: Any] = ["login": context.caller.account?.login ?? ""]
            form["isOpen"] = refused.map { $0.action == action } ?? (action == "password" && done == nil)
            if let refused, refused.action == action {
                for (name, text) in refused.typed { form[name] = text }
            }
            values[action] = form
        }
        values["done"] = done.map { texts.text("accounts", "\($0.action)-done", ["name": $0.account.printedName]) }
        values["problem"] = refused.map { "\($0.problem.title). \($0.problem.detail)" }
        return web.page(
            "accounts-mine", values, title: texts["accounts", "mine"],
            status: refused.map { .init(code: $0.problem.status) } ?? .ok, request, context)
    }

    // MARK: The list

    func list(
        done: (account: Account, code: String?)? = nil, refused: Refused? = nil, _ request: Request,
        _ context: AppContext
    ) async throws -> Response {
        let texts = web.texts(context.language)
        let all = try await accounts.store.read { try $0.accounts() }
        let open = try await sessions.openCounts()
        var values: [String: Any] = [:]
        values["isAdministrator"] = context.caller.may(.administer)
        values["isEmpty"] = all.isEmpty
        values["accounts"] = all.map { row($0, sessions: open[$0.number] ?? 0, context.language) }
        for action in Self.forms {
            values[action] = form(action, refused, all.filter { $0.state != .retired })
        }
        values["roleNames"] = Role.allCases.map(\.rawValue).joined(separator: ", ")
        if let done {
            let state = texts["accounts", "state-\(done.account.state.rawValue)"]
            values["done"] = "\(done.account.printedName) (\(done.account.login)): \(state)"
            values["code"] = done.code
        }
        values["problem"] = refused.map { "\($0.problem.title). \($0.problem.detail)" }
        return web.page(
            "accounts", values, title: texts["accounts", "title"], section: "accounts",
            status: refused.map { .init(code: $0.problem.status) } ?? .ok, request, context)
    }

    private func row(_ account: Account, sessions: Int, _ language: Language) -> [String: Any] {
        let (texts, formats) = (web.texts(language), web.formats(language))
        let isLocked = account.isLocked(at: accounts.store.time.now())
        var row: [String: Any] = ["number": account.number, "login": account.login, "name": account.printedName]
        row["roles"] = account.grants.map(\.description).joined(separator: ", ")
        row["state"] = texts["accounts", "state-\(account.state.rawValue)"]
        row["isActive"] = account.state == .active
        row["isInvited"] = account.state == .invited
        row["isRetired"] = account.state == .retired
        if isLocked { row["locked"] = account.lockedUntil.map { formats.time($0) } }
        row["due"] = account.passwordDueAt.map { formats.day($0) }
        row["sessions"] = formats.number(sessions)
        return row
    }

    private func form(_ action: String, _ refused: Refused?, _ choices: [Account]) -> [String: Any] {
        let typed = refused?.action == action ? refused?.typed : nil
        var form: [String: Any] = [:]
        for (name, text) in typed ?? [:] { form[name] = text }
        form["isOpen"] = typed != nil
        form["choices"] = choices.map { account -> [String: Any] in
            [
                "number": account.number, "words": "\(account.number) · \(account.printedName) (\(account.login))",
                "isChosen": typed?["account"] == "\(account.number)",
            ]
        }
        return form
    }
}
