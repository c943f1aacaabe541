import AndonIdentity
import AndonLedger
import AndonModel
import AndonSites
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// What the servers of sites send here, and what is asked about them.
struct SiteRoutes: Sendable {
    let tools: PageTools
    let sites: SiteIntake
    /// Memory for batches that are held whole: as many at once as sites come back together after a night without a line.
    private let room = BodyRoom(bytesMax: 16 * SiteBatch.bytesMax)

    init(tools: PageTools, sites: SiteIntake) {
        self.tools = tools
        self.sites = sites
    }

    static let access = Access.all(
        Access.get(.forward, "/api/v1/sites/:site/position"), Access.post(.forward, "/api/v1/sites/:site/batches"),
        [Access(.put, "/api/v1/sites/:site/pictures/:digest", .forward)],
        Access.get(
            .read, "/api/v1/sites", "/api/v1/sites/orders", "/api/v1/sites/:site/orders/:reference",
            "/api/v1/sites/:site/reports/:id"),
        Access.byPage(Access.get(.read, "/api/v1/sites/:site/pictures/:digest")),
        Access.whole(Access.post(.administer, "/api/v1/sites/:site/history")))

    private static let pieceMax = 1 << 20

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/sites/:site/position") { _, context in
            Answer.json(try await sites.position(ofSite: try Self.sender(context)).json)
        }
        router.post("/api/v1/sites/:site/batches") { request, context in try await batch(request, context) }
        router.put("/api/v1/sites/:site/pictures/:digest") { request, context in try await piece(request, context) }
        router.get("/api/v1/sites") { _, context in
            let seen = SiteSight(tools, context)
            return Answer.json(["sites": .array(try await seen.sites().map(\.json))])
        }
        router.get("/api/v1/sites/orders") { request, context in try await list(request, context) }
        router.get("/api/v1/sites/:site/orders/:reference") { _, context in
            let (site, reference) = try Self.place(context, "reference")
            return Answer.json(try await SiteSight(tools, context).order(reference, site: site))
        }
        router.get("/api/v1/sites/:site/reports/:id") { _, context in
            let (site, id) = try Self.place(context, "id")
            try SiteSight(tools, context).demand(site)
            guard let report = try await tools.store.read({ try $0.siteReport(id, site: site) }) else {
                throw Answer.notFound("report \"\(id.cut(to: 80))\" of \(site.cut(to: 40))")
            }
            return Answer.json(report)
        }
        router.get("/api/v1/sites/:site/pictures/:digest") { _, context in try await picture(context) }
        router.post("/api/v1/sites/:site/history") { request, context in
            let body = try await RequestBody.json(request, upTo: 64 << 10)
            let site = try context.parameters.decoded("site")
            return Answer.json(try await begin(site, body, by: context.person(body)))
        }
    }

    // MARK: What sites send

    /// The site of the address, for who may forward for it.
    private static func sender(_ context: AppContext) throws -> String {
        let site = try context.parameters.decoded("site")
        guard SiteBatch.isName(site) else {
            throw Problem(
                status: 422, type: "invalid-site", title: "This is no name of a site",
                detail: "A site's name has 1 to 40 of A-Z, a-z, 0-9, . - and _.")
        }
        guard context.caller.may(.forward, at: site) else {
            throw Problem(
                status: 403, type: "other-site", title: "Not for this site",
                detail: "\(context.caller.name) may forward for other sites, and not for \(site). The sites of a "
                    + "certificate stand in accounts.certificates, those of a key at /accounts/keys.")
        }
        return site
    }

    private func batch(_ request: Request, _ context: AppContext) async throws -> Response {
        let site = try Self.sender(context)
        guard room.enter(SiteBatch.bytesMax) else {
            throw Problem(
                status: 503, type: "sites-busy", title: "Sites send more at once than can be kept",
                detail: "The batches under way fill the memory that is meant for them. Send it again.")
        }
        defer { room.leave(SiteBatch.bytesMax) }
        let bytes = Array(buffer: try await request.body.collect(upTo: SiteBatch.bytesMax))
        return Answer.json(try await sites.take(bytes, ofSite: site, from: context.caller.name).json)
    }

    private func piece(_ request: Request, _ context: AppContext) async throws -> Response {
        let (site, digest) = (try Self.sender(context), try context.parameters.decoded("digest"))
        guard let (first, last, total) = request.headers[.contentRange].flatMap(Self.range) else {
            throw Problem(
                status: 400, type: "invalid-range", title: "Which bytes these are is not said",
                detail: "Send Content-Range: bytes FIRST-LAST/TOTAL, with at most \(Self.pieceMax) bytes at once.")
        }
        let bytes = Array(buffer: try await request.body.collect(upTo: Self.pieceMax))
        guard Int64(bytes.count) == last - first + 1 else {
            throw Problem(
                status: 400, type: "invalid-range", title: "The body is not what Content-Range says",
                detail: "It has \(bytes.count) bytes, and the header says \(last - first + 1).")
        }
        let have = try await sites.take(bytes, at: first, of: total, picture: digest, ofSite: site)
        return Answer.json(["sha256": .string(digest), "have": .integer(have)])
    }

    /// `bytes 0-99/1000`.
    static func range(_ text: String) -> (first: Int64, last: Int64, total: Int64)? {
        guard let match = text.wholeMatch(of: /bytes ([0-9]{1,15})-([0-9]{1,15})\/([0-9]{1,15})/),
            let first = Int64(match.1), let last = Int64(match.2), let total = Int64(match.3), first <= last,
            last < total
        else { return nil }
        return (first, last, total)
    }

    // MARK: What is asked about them

    private static func place(_ context: AppContext, _ name: String) throws -> (String, String) {
        (try context.parameters.decoded("site"), try context.parameters.decoded(name))
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let form = request.uri.queryParameters
        let search = try JointSearch { name in form[Substring(name)].map(String.init) }
        let limit = try Self.limit(form["limit"].map(String.init))
        let orders = try await SiteSight(tools, context).orders(search, limit: limit)
        return Answer.json(
            .object(present: [
                "orders": .array(orders.map(\.json)),
                "next": orders.count == limit ? orders.last.map { .string(JointSearch.mark($0)) } : nil,
            ]))
    }

    private static func limit(_ text: String?) throws -> Int {
        guard let text else { return 100 }
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw Answer.invalidQuery("limit is a number from 1 to 500.")
        }
        return limit
    }

    private func picture(_ context: AppContext) async throws -> Response {
        let (site, digest) = try Self.place(context, "digest")
        try SiteSight(tools, context).demand(site)
        guard let (picture, state) = try await tools.store.read({ try $0.sitePicture(digest, site: site) }),
            state == "kept"
        else { throw Answer.notFound("picture \(digest.cut(to: 70)) of \(site.cut(to: 40)) here (yet, or any more)") }
        let body = try await FileIO().loadFile(path: sites.folder.path(of: picture), context: context)
        let headers: HTTPFields = [
            .contentType: picture.mediaType.rawValue, .cacheControl: "private, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }

    /// An administrator takes the ledger that a site goes on with.
    func begin(_ site: String, _ body: JSON, by person: String?) async throws -> JSON {
        let (person, reason) = try RequestBody.signature(body, by: person) { member, detail in
            Problem(
                status: 422, type: "invalid-history", title: "It cannot be begun so",
                detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
                errors: [.init(pointer: "/\(member)", detail: detail)])
        }
        let history = try await tools.store.write { transaction in
            try transaction.beginHistory(ofSite: site, by: person, reason: reason)
        }
        guard let history else { throw Answer.notFound("site \"\(site.cut(to: 40))\" that forwards to this server") }
        return ["site": .string(site), "history": .integer(history), "by": .string(person)]
    }
}
