import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// The way in and out: login name and password, the language of the pages.
struct SignInRoutes: Sendable {
    let sessions: Sessions
    let accounts: Accounts
    let web: Web
    /// Cookies go over TLS alone.
    let isSecure: Bool
    /// The plant's provider of OpenID Connect, as another way in.
    var openID: OpenIDSettings?

    static let access =
        Access.all(
            Access.open(get: "/sign-in", "/"), Access.open(post: "/sign-in", "/sign-out", "/language"))

    func add(to router: Router<AppContext>) {
        router.get("/") { _, context in Response.redirect(to: Self.home(context), type: .found) }
        router.get("/sign-in") { request, context in
            let query = request.uri.queryParameters
            return try await page(
                request, context, next: query["next"].map(String.init), why: query["why"].map(String.init))
        }
        router.post("/sign-in") { request, context in try await signIn(request, context) }
        router.post("/sign-out") { request, _ in try await signOut(request) }
        router.post("/language") { request, _ in try await setLanguage(request) }
    }

    /// Where a person's day begins.
    private static func home(_ context: AppContext) -> String {
        guard !context.caller.isStranger else { return "/sign-in" }
        let roles = context.caller.account?.roles ?? []
        return roles == [.technician] ? "/desk" : "/now"
    }

    /// - Parameter why: somebody is here again who was refused on another way in (`OpenIDRefusal.Kind`).
    private func page(
        _ request: Request, _ context: AppContext, next: String?, login: String? = nil, problem: Problem? = nil,
        why: String? = nil
    ) async throws -> Response {
        let texts = web.texts(context.language)
        let isFirst = try await accounts.store.read { try $0.accounts().isEmpty }
        var values: [String: Any] = ["isFirst": isFirst, "next": Self.local(next), "login": login ?? ""]
        let kind = why.flatMap { OpenIDRefusal.Kind(rawValue: $0) }
        values["problem"] = problem?.detail ?? kind.map { texts["sign-in", "openid-\($0.rawValue)"] }
        if let openID {
            let address = "\(OpenIDRoutes.path)?next=\(Self.escaped(Self.local(next)))"
            values["others"] = [["address": address, "label": openID.label ?? texts["sign-in", "openid"]]]
        }
        return web.page(
            "sign-in", values, title: texts["sign-in", "title"],
            status: problem.map { .init(code: $0.status) } ?? .ok, request, context)
    }

    /// For a value in an address's query.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// A path of ours, and never the address of another site.
    static func local(_ next: String?) -> String {
        guard let next, next.hasPrefix("/"), !next.hasPrefix("//"), !next.contains("\\"), next.utf8.count < 2000,
            next.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f })
        else { return "/" }
        return next
    }

    private func signIn(_ request: Request, _ context: AppContext) async throws -> Response {
        let fields = try await RequestFields(request)
        let next = fields["next"]
        do {
            let begun = try await sessions.begin(
                Credentials(login: fields["login"] ?? "", password: fields.secret("password") ?? ""))
            return entered(begun, to: Self.local(next))
        } catch let problem as Problem {
            return try await page(request, context, next: next, login: fields["login"], problem: problem)
        }
    }

    /// Sends somebody on with the cookie of a new session.
    func entered(_ begun: (token: String, session: Session), to next: String) -> Response {
        var response = Response.redirect(to: next, type: .normal)
        response.setCookie(
            Cookie(
                name: Gate.cookie, value: begun.token, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax))
        return response
    }

    private func signOut(_ request: Request) async throws -> Response {
        if let token = request.cookies[Gate.cookie]?.value { try await sessions.end(token) }
        var response = Response.redirect(to: "/sign-in", type: .normal)
        response.setCookie(
            Cookie(
                name: Gate.cookie, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax))
        return response
    }

    private func setLanguage(_ request: Request) async throws -> Response {
        let fields = try await RequestFields(request)
        guard let language = fields["language"].flatMap({ Language(rawValue: $0) }) else {
            throw Problem(
                status: 422, type: "invalid-language", title: "There is no such language",
                detail: "Languages are \(Language.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        var response = Response.redirect(to: Self.local(fields["next"]), type: .normal)
        response.setCookie(
            Cookie(
                name: LanguageCookie.name, value: language.rawValue, maxAge: 365 * 86_400, path: "/", secure: isSecure,
                httpOnly: true, sameSite: .lax))
        return response
    }
}
