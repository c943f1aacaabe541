import AndonIdentity
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// Lets through who may, sends people without a session to the page where they sign in, and refuses the rest.
struct AccessMiddleware: RouterMiddleware {
    let gate: Gate
    let table: AccessTable
    let refusals: RefusalTrail
    /// What a browser is answered in that asks for none of ours.
    let language: Language
    let problems: ProblemMiddleware

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language = Self.language(request) ?? language
        do {
            return try await admit(request, &context, next)
        } catch {
            // A page that says no is one of who asks as well: with their navigation, in their language.
            return problems.answer(error, request, context)
        }
    }

    private func admit(
        _ request: Request, _ context: inout AppContext, _ next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        guard let path = context.endpointPath else {
            // Nothing is there: nobody needs to know more, but a page has a frame.
            if request.isOfBrowser, !Gate.isForeign(request) {
                (context.caller, context.session) = try await who(request, context.certificate, .nothing)
            }
            return try await next(request, context)
        }
        guard !Gate.isForeign(request) else { throw Gate.foreign }
        guard let need = table.need(request.method, path) else {
            throw Problem(
                status: 403, type: "not-allowed", title: "Nobody may do this",
                detail:
                    "\(request.method.rawValue) \(path) is in no table of permissions; this is a fault of the program.")
        }
        (context.caller, context.session) = try await who(request, context.certificate, need)
        guard case .permission(let permission) = need else { return try await next(request, context) }
        guard context.caller.may(permission) else { return try await refuse(permission, path, request, context) }
        if table.isWhole(request.method, path), context.caller.sites(for: permission) != nil {
            try await refusals.note(
                context.caller, request.method.rawValue, path, "\(permission.rawValue) at all sites")
            throw Self.notEverywhere(permission)
        }
        return try await next(request, context)
    }

    /// Where nothing is needed, a wrong key is no reason to refuse.
    private func who(
        _ request: Request, _ certificate: ClientCertificate?, _ need: Access.Need
    ) async throws -> (Caller, Session?) {
        do {
            return try await gate.caller(request, certificate)
        } catch let problem as Problem where problem.status == 401 {
            guard need == .nothing else {
                try await refusals.note(.stranger, request.method.rawValue, request.uri.path.cut(to: 200), "a key")
                throw problem
            }
            return (.stranger, nil)
        }
    }

    private func refuse(
        _ permission: Permission, _ path: String, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard context.caller.isStranger else {
            try await refusals.note(context.caller, request.method.rawValue, path, permission.rawValue)
            throw AppContext.refusal(permission)
        }
        if request.method == .get, request.isOfBrowser {
            let here = request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
            let next = here.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return .redirect(to: "/sign-in?next=\(next)", type: .found)
        }
        try await refusals.note(.stranger, request.method.rawValue, path, permission.rawValue)
        throw request.uri.path.hasPrefix("/api/") ? Gate.wrongKey : Self.signInFirst
    }

    /// What is of all sites together, for who may at some of them.
    static func notEverywhere(_ permission: Permission) -> Problem {
        Problem(
            status: 403, type: "not-allowed", title: "Your roles do not allow this",
            detail: "This is of all sites together, and your permission \(permission.rawValue) holds at some of them. "
                + "Ask somebody whose role names no site.")
    }

    private static let signInFirst = Problem(
        status: 401, type: "unauthorized", title: "Nobody is signed in",
        detail: "Sign in on the page /sign-in first; a session that nobody used for a while ends.")

    static func language(_ request: Request) -> Language? {
        request.cookies[LanguageCookie.name].flatMap { Language(rawValue: $0.value) }
            ?? request.headers[.acceptLanguage].flatMap { Language(accepted: $0) }
    }
}

enum LanguageCookie {
    static let name = "andon_language"
}

extension Request {
    /// Somebody who wants a page, and no data.
    var isOfBrowser: Bool {
        !uri.path.hasPrefix("/api/") && headers[.accept]?.contains("text/html") == true
    }
}
