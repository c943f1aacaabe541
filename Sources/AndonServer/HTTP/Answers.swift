import AndonDispatch
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers as this server gives them: JSON, or a problem in the form of RFC 9457.
enum Answer {
    static func json(
        _ value: JSON, status: HTTPResponse.Status = .ok, type: String = "application/json", headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.canonicalBytes)))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A picture or a page that was just drawn.
    static func picture(_ bytes: [UInt8], _ type: String) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
        // A browser's own reader of PDF files does not start under a policy that allows nothing.
        if type != "application/pdf" {
            // A floor plan that is a PNG lies in the SVG itself, as a data: address.
            headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The same with the digest of its bytes as a strong entity tag: who has them is told so (RFC 9110, 13.1.2), and may
    /// keep them as long as it asks each time.
    static func drawn(_ drawn: Drawn, to request: Request) -> Response {
        let tag = "\"\(drawn.digest)\""
        let asked = request.headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",").map {
            let text = $0.trimmingCharacters(in: .whitespaces)
            return text.hasPrefix("W/") ? String(text.dropFirst(2)) : text
        }
        let isKnown = asked.contains { $0 == tag || $0 == "*" }
        var response =
            isKnown ? Response(status: .notModified) : picture(drawn.content.bytes, drawn.content.mediaType.rawValue)
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }

    /// What becomes of the connection of a sender whose body may not have been read to its end.
    enum Connection: String {
        case close
        /// The rest of the body is read and dropped, and then the next request is.
        case goesOn = "keep-alive"
    }

    /// A refusal.
    static func problem(_ problem: Problem, connection: Connection? = nil) -> Response {
        var headers: HTTPFields = [:]
        headers[.connection] = connection?.rawValue
        headers[.retryAfter] = retryAfter(problem).map { "\($0)" }
        return json(
            problem.json, status: HTTPResponse.Status(code: problem.status), type: "application/problem+json",
            headers: headers)
    }

    /// Whole seconds, as RFC 9110 has them (10.2.3); nobody knows how long what is broken stays so.
    static func retryAfter(_ problem: Problem) -> Int64? {
        problem.retryAfter.map { $0.components.seconds } ?? (problem.status == 503 ? 5 : nil)
    }

    /// Any error as a problem: what we did not foresee is our fault, and says so without its inner words.
    static func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case StoreError.full(let reason):
            notKept(
                "disk-full", "The server's disk is full", reason,
                "Make room on the disk of the data folder, or give it a larger one; no restart is needed.")
        case StoreError.unreachable(let reason):
            notKept(
                "database-away", "The database cannot be reached", reason,
                "It goes on by itself when the database is back.")
        case StoreError.picturesAway(let reason):
            notKept(
                "pictures-away", "The object storage of the pictures cannot be reached", reason,
                "It goes on by itself when the object storage takes pictures again.")
        case StoreError.damaged(let reason):
            Problem(
                status: 503, type: "store-damaged", title: "The database is damaged",
                detail: "Nothing of the request was kept (\(reason)). Stop the server and restore the newest backup "
                    + "(andon restore, docs/operations.md). Send it again then.")
        case let failure as StoreError:
            Problem(
                status: 503, type: "not-durable", title: "The report could not be kept",
                detail:
                    "\(failure.description.prefix(1).uppercased() + failure.description.dropFirst()). Send it again.")
        case let error as HTTPError:
            Problem(
                status: error.status.code, type: "http", title: error.status.reasonPhrase,
                detail: error.body ?? error.status.reasonPhrase)
        case is NIOTooManyBytesError:
            Problem(
                status: 413, type: "too-large", title: "The body is too large",
                detail: "Send less in one request.")
        default:
            Problem(
                status: 500, type: "internal", title: "The server failed",
                detail: "An unforeseen fault; the server's log has it. Send the request again.")
        }
    }

    /// The store could not take it, and will again.
    private static func notKept(_ type: String, _ title: String, _ reason: String, _ remedy: String) -> Problem {
        Problem(
            status: 503, type: type, title: title,
            detail: "Nothing of the request was kept (\(reason)); what was accepted before is safe. \(remedy) "
                + "Send it again then.")
    }

    /// A query's parameter that cannot be what it is.
    static func invalidQuery(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-query", title: "The query has a fault", detail: detail)
    }

    /// A picture that was here.
    static func removed(_ picture: Picture, _ removal: PictureRemoval) -> Problem {
        Problem(
            status: 410, type: "picture-removed", title: "The picture is not kept any more",
            detail: "Since \(removal.at) its \(picture.bytes) bytes are not here: \(removal.reason.words). "
                + "Its digest stays, and entry \(removal.entry) of the ledger says what was removed.")
    }

    static func notFound(_ what: String) -> Problem {
        Problem(status: 404, type: "not-found", title: "Not found", detail: "There is no \(what).")
    }
}

extension Parameters {
    /// A segment of the path with its percent-encoding undone: ids of senders may hold a slash or a #.
    func decoded(_ name: String) throws -> String {
        let text = try require(name)
        guard let plain = text.removingPercentEncoding else {
            throw Problem(
                status: 400, type: "invalid-path", title: "The path has a fault",
                detail: "\"\(text.cut(to: 140))\" is not percent-encoded UTF-8.")
        }
        return plain
    }
}

/// Turns every error into a problem, and logs those that are ours.
struct ProblemMiddleware: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return answer(error, request, context)
        }
    }

    /// A page for a browser, and RFC 9457 for everybody else.
    func answer(_ error: any Error, _ request: Request, _ context: AppContext) -> Response {
        let problem = Answer.problem(for: error)
        if problem.status >= 500 {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
        }
        guard !request.isOfBrowser else {
            var page = web.problem(problem, request, context)
            page.headers[.retryAfter] = Answer.retryAfter(problem).map { "\($0)" }
            return page
        }
        return Answer.problem(problem, connection: Self.connection(of: request, problem))
    }

    /// Who is to come again soon is not made to open a connection for it: under overload, and with TLS, that costs more than the
    /// rest of the body does. One that waits for a word before it sends might never send the body.
    private static func connection(of request: Request, _ problem: Problem) -> Answer.Connection {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        guard problem.status == 429, let length, length <= SlowRequestGuard.Limits.lingerBytes,
            !ContinuedBody.isExpected(request.headers)
        else { return .close }
        return .goesOn
    }
}
