import AndonDispatch
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import Hummingbird
import HummingbirdCore

/// Small copies of pictures, for pages that show many.
struct ThumbnailRoutes: Sendable {
    private let tools: PageTools
    private let thumbnails: Thumbnails

    static let access = Access.byPage(Access.get(.read, "/pictures/:digest/thumbnail"))

    init(tools: PageTools) {
        self.tools = tools
        thumbnails = Thumbnails(pictures: tools.pictures, worker: tools.files.evidence.worker?.beside())
    }

    func add(to router: Router<AppContext>) {
        router.get("/pictures/:digest/thumbnail") { request, context in
            try await thumbnail(context.parameters.require("digest"), request, context)
        }
    }

    private func thumbnail(_ digest: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let width = try Self.width(request)
        let hidden = tools.scope(context.caller).hidden
        let (found, removal, isShown) = try await tools.store.read { reader in
            (
                try reader.picture(digest), try reader.removal(ofPicture: digest),
                try reader.isShown(digest, hidden)
            )
        }
        let name = "picture \(digest.cut(to: 70))"
        guard let picture = found, isShown else { throw Answer.notFound(name) }
        if let removal { throw Answer.removed(picture, removal) }
        guard let data = try await thumbnails.file(of: picture, width: width) else { throw Answer.notFound(name) }
        var response = Answer.drawn(Drawn(DerivedFiles.Content(Array(data), .jpeg)), to: request)
        // A picture never changes, and its digest is in the address.
        response.headers[.cacheControl] = "private, max-age=31536000, immutable"
        return response
    }

    private static func width(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["width"] else { return 320 }
        guard let width = Int(text), ThumbnailFolder.widths.contains(width) else {
            let widths = ThumbnailFolder.widths.map { "\($0)" }.joined(separator: ", ")
            throw Answer.invalidQuery("width is one of \(widths), and not \"\(String(text).cut(to: 20))\".")
        }
        return width
    }
}
