import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// Who somebody is here, what they may do and where, and from where they are signed in.
struct MeRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/me"),
        Access.post(.read, "/me/sessions/end"))

    private var sessions: Sessions { Sessions(tools.accounts) }

    func add(to router: Router<AppContext>) {
        router.get("/me") { request, context in try await page(nil, request, context) }
        router.post("/me/sessions/end") { request, context in
            guard let account = context.caller.account, let token = request.cookies[Gate.cookie]?.value else {
                throw Problem(
                    status: 409, type: "no-session", title: "There is no session",
                    detail: "Sessions are of people who are signed in; a machine's key has none.")
            }
            return try await page(sessions.endOthers(of: account, but: token), request, context)
        }
    }

    /// - Parameter ended: how many sessions have just been ended.
    private func page(_ ended: Int?, _ request: Request, _ context: AppContext) async throws -> Response {
        let (texts, formats) = (tools.web.texts(context.language), tools.web.formats(context.language))
        let caller = context.caller
        var values: [String: Any] = ["name": caller.name]
        values["login"] = caller.account?.login
        values["isPerson"] = caller.account != nil
        values["isAnybody"] = caller.isAnybody
        values["roles"] = caller.account.map { $0.grants.map(\.description).joined(separator: ", ") }
        values["due"] = caller.account?.passwordDueAt.map { formats.day($0) }
        values["permissions"] = caller.all.map { permission -> [String: Any] in
            let sites = caller.sites(for: permission).map { $0.sorted().joined(separator: ", ") }
            return [
                "word": permission.rawValue, "words": texts["accounts", "permission-\(permission.rawValue)"],
                "where": sites ?? texts["accounts", "everywhere"],
            ]
        }
        values["done"] = ended.map { texts.count("accounts", "ended", $0, formats.number($0)) }
        if let account = caller.account {
            let open = try await sessions.open(of: account.number, token: request.cookies[Gate.cookie]?.value)
            values["sessions"] = open.map { session -> [String: Any] in
                [
                    "means": texts["accounts", "means-\(session.means.rawValue)"],
                    "begun": formats.time(session.begunAt), "seen": formats.time(session.seenAt),
                    "ends": formats.time(session.endsAt), "isThis": session.isThis,
                ]
            }
            values["hasOthers"] = open.contains { !$0.isThis }
        }
        return tools.web.page("me", values, title: texts["accounts", "me"], section: nil, request, context)
    }
}
