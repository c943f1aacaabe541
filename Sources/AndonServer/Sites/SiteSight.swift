import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency
import AndonWeb

/// What somebody may see of the sites that forward to this server: `viewer@BEDFORD` sees Bedford's alone.
struct SiteSight: Sendable {
    private let tools: PageTools
    private let scope: SiteScope

    init(_ tools: PageTools, _ context: AppContext) {
        self.tools = tools
        scope = tools.scope(context.caller)
    }

    func sees(_ site: String) -> Bool { scope.sites?.contains(site) ?? true }

    /// - Throws: ``Problem`` 404: who may not see it is not told that it is there.
    func demand(_ site: String) throws {
        guard sees(site) else { throw Answer.notFound("site \"\(site.cut(to: 40))\"") }
    }

    /// A site with what came of its detections.
    struct Shown: Sendable {
        var site: SiteRecord
        var sums: SiteSums
        var sinceContact: Duration

        var json: JSON {
            .object(present: [
                "name": .string(site.name), "history": .integer(site.history), "position": .integer(site.position),
                "behind": .integer(site.behind), "behindSeconds": .number(site.behindFor.seconds),
                "contactAt": .time(site.contactAt), "ledgerAt": .time(site.toldAt), "standing": site.standing,
                "checkpoint": site.checkpointSize.map { .integer($0) },
                "checkpointSigned": site.checkpointSize == nil ? nil : .bool(site.isSigned),
                "root": .string(Hex.text(site.tree.root)), "refusal": site.refusal.map { .string($0) },
                "refusedAt": site.refusedAt.map { .time($0) }, "sums": sums.json,
            ])
        }
    }

    func sites() async throws -> [Shown] {
        try await tools.store.read { reader in
            try reader.sites().filter { sees($0.name) }.map {
                Shown(
                    site: $0, sums: try reader.sums(ofSite: $0), sinceContact: tools.store.time.now() - $0.contactAt)
            }
        }
    }

    /// What this server's own orders are listed under.
    var own: String { scope.plant.site ?? scope.plant.name }

    func orders(_ search: JointSearch, limit: Int) async throws -> [JointOrder] {
        var query = search.query
        query.sites = scope.sites
        query.hidden = scope.hidden
        query.withOwn = query.site == nil || query.site == own
        return try await tools.store.read { [query] in try $0.jointOrders(query, limit: limit) }
    }

    func order(_ reference: String, site: String) async throws -> JSON {
        try demand(site)
        guard let order = try await tools.store.read({ try $0.siteOrder(reference, site: site) }) else {
            throw Answer.notFound("order \"\(reference.cut(to: 40))\" of \(site.cut(to: 40))")
        }
        return order
    }
}

/// What the list of all orders is asked for, as its address says it.
struct JointSearch: Sendable {
    static let names = ["site", "asset", "class", "state", "number"]

    private(set) var fields: [String: String] = [:]
    private(set) var query = JointQuery()

    /// - Parameter value: of a part by its name; nil where there is none.
    /// - Throws: ``Problem`` 400.
    init(_ value: (String) -> String?) throws {
        for name in Self.names {
            fields[name] = value(name).map { String($0.trimmed.prefix(200)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        query.site = fields["site"]
        query.asset = fields["asset"]
        query.defectClass = fields["class"]
        query.number = fields["number"]
        if let state = fields["state"] {
            guard OrderState(rawValue: state) != nil else {
                throw Answer.invalidQuery(
                    "state is one of \(OrderState.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            query.state = state
        }
        if let mark = value("before"), !mark.isEmpty {
            let parts = mark.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let at = Int64(parts[0]), parts[1].utf8.count <= 40, !parts[1].utf8.contains(0)
            else {
                throw Answer.invalidQuery("before is the next of the page before.")
            }
            query.before = (Timestamp(microseconds: at), String(parts[1]))
        }
    }

    /// The same from behind an order on.
    func behind(_ order: JointOrder) -> JointSearch {
        var search = self
        search.query.before = (order.raisedAt, order.reference)
        return search
    }

    /// Where the page behind an order begins.
    static func mark(_ order: JointOrder) -> String { "\(order.raisedAt.microseconds).\(order.reference)" }
}
