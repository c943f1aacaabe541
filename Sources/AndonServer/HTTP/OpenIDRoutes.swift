import AndonIdentity
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import Logging

/// Signing in at the plant's own provider of OpenID Connect: the way there, and the way back.
struct OpenIDRoutes: Sendable {
    /// Nil where none is configured.
    let client: OpenIDClient?
    let signIn: SignInRoutes
    let logger: Logger

    static let access = Access.open(get: path, callback)
    static let path = "/sign-in/openid"
    static let callback = path + "/callback"
    /// What the browser keeps until it is back.
    private static let cookie = "andon_openid"

    func add(to router: Router<AppContext>) {
        router.get("/sign-in/openid") { request, _ in try await begin(request) }
        router.get("/sign-in/openid/callback") { request, _ in try await finish(request) }
    }

    private func configured() throws -> OpenIDClient {
        if let client { return client }
        throw Problem(
            status: 404, type: "not-found", title: "Not found",
            detail: "No provider of OpenID Connect is configured here (accounts.openID): sign in with a password.")
    }

    private func begin(_ request: Request) async throws -> Response {
        let client = try configured()
        let next = SignInRoutes.local(Self.value("next", request))
        let begun: (address: String, cookie: String)
        do throws(OpenIDRefusal) { begun = try await client.begin(next: next) } catch {
            return refused(error, next: next)
        }
        var response = Self.redirect(to: begun.address)
        response.setCookie(kept(begun.cookie, seconds: Int(PendingSignIns.age.seconds)))
        return response
    }

    /// Everything here is from outside until the state is the one in the browser's own cookie.
    private func finish(_ request: Request) async throws -> Response {
        let client = try configured()
        let error = Self.value("error", request)
        let cookie = request.cookies[Self.cookie]?.value
        guard let attempt = client.attempt(cookie, state: Self.value("state", request)) else {
            // Some providers leave the state out where they say no.
            let kind = error == "access_denied" ? OpenIDRefusal.Kind.denied : .stale
            return refused(OpenIDRefusal(kind, "an answer that belongs to no sign-in"), next: "/")
        }
        var response: Response
        do {
            if let error { throw Self.refusal(error) }
            let answer = OpenIDClient.Answer(
                code: Self.value("code", request) ?? "", issuer: Self.value("iss", request))
            let account = try await signIn.accounts.enter(client.person(answer, attempt.request))
            response = signIn.entered(try await signIn.sessions.begin(account, by: .openID), to: attempt.next)
        } catch let refusal as OpenIDRefusal {
            response = refused(refusal, next: attempt.next)
        }
        response.setCookie(kept("", seconds: 0))
        return response
    }

    private static func refusal(_ error: String) -> OpenIDRefusal {
        let code = TokenReply.errorCode(error) ?? "no code"
        return OpenIDRefusal(code == "access_denied" ? .denied : .refused, "the provider answered: \(code)")
    }

    /// Back to the page where people sign in, which has the words; with the code and the state gone from the address.
    private func refused(_ refusal: OpenIDRefusal, next: String) -> Response {
        logger.log(
            level: Self.level(refusal.kind), "a sign-in by OpenID Connect was refused",
            metadata: ["why": "\(refusal.kind.rawValue)", "detail": "\(refusal.detail.cut(to: 500))"])
        return Self.redirect(to: "/sign-in?why=\(refusal.kind.rawValue)&next=\(SignInRoutes.escaped(next))")
    }

    /// What the provider does wrong is somebody's work; what strangers send us must not fill the log.
    private static func level(_ kind: OpenIDRefusal.Kind) -> Logger.Level {
        switch kind {
        case .away, .refused, .untrue, .altered: .warning
        case .denied, .stale: .info
        case .noLogin, .noRole, .loginTaken, .retired, .waiting, .locked: .notice
        }
    }

    private static func redirect(to address: String) -> Response {
        var response = Response.redirect(to: address, type: .normal)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Sent along when the provider sends the browser back: that is another site's doing, and so not strict.
    private func kept(_ value: String, seconds: Int) -> Cookie {
        Cookie(
            name: Self.cookie, value: value, maxAge: seconds, path: Self.path, secure: signIn.isSecure, httpOnly: true,
            sameSite: .lax)
    }

    private static func value(_ name: String, _ request: Request) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }
}
