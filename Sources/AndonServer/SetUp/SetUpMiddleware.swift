import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// Lets nobody but the person of the link into the set-up.
struct SetUpMiddleware: RouterMiddleware {
    let gate: SetUpGate

    /// The way in, and what is no secret.
    private static let open = Set(
        ["/set-up", "/language", "/healthz", "/assets/:name"].map { RouterPath($0).description })

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.language = AccessMiddleware.language(request) ?? .english
        guard let path = context.endpointPath else { return try await next(request, context) }
        guard !Gate.isForeign(request) else { throw Gate.foreign }
        if !Self.open.contains(path) {
            guard await gate.isIn(request.cookies[SetUpGate.cookie]?.value) else { throw Self.closed }
        }
        return try await next(request, context)
    }

    static let closed = Problem(
        status: 403, type: "set-up-link", title: "Open the link of the set-up",
        detail:
            "The server printed a link when it started: it is good once, and lets in the browser that opens it. If it was "
            + "used elsewhere, end the server and start it again; what was typed is kept, and a new link is printed.")
}
