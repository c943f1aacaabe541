import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// What was taken in and what became of it: orders, their transmission log, the ledger and the sums.
struct RecordRoutes: Sendable {
    let tools: PageTools

    private var store: Store { tools.store }

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/orders") { request, context in try await list(request, tools.scope(context.caller)) }
        router.get("/api/v1/orders/:reference") { _, context in
            try await order(Self.reference(context.parameters), tools.scope(context.caller))
        }
        router.get("/api/v1/detections/:id") { _, context in
            try await detection(context.parameters.decoded("id"), tools.scope(context.caller))
        }
        router.get("/api/v1/lots/:lot") { _, context in
            try await lot(context.parameters.decoded("lot"), tools.scope(context.caller))
        }
        router.get("/api/v1/reconciliation") { _, _ in
            let sum = try await store.read { try $0.reconcile() }
            return Answer.json(sum.json)
        }
        router.get("/api/v1/alarms") { _, context in try await alarms(tools.scope(context.caller)) }
        router.get("/api/v1/ledger") { request, _ in try await ledger(request) }
        router.get("/pictures/:digest") { request, context in
            try await picture(context.parameters.require("digest"), request, context)
        }
    }

    static func reference(_ parameters: Parameters) throws -> Reference {
        let text = try parameters.require("reference")
        guard let reference = Reference(text) else {
            throw Answer.notFound("order \"\(text.cut(to: 40))\"; a reference is ten characters of A-Z and 0-9")
        }
        return reference
    }

    private func list(_ request: Request, _ scope: SiteScope) async throws -> Response {
        var wanted = try Self.search(request)
        wanted.hidden = scope.hidden
        let search = wanted
        let page = try await store.read { try $0.orderPage(search) }
        // As it was before there were other orders than by number: the last one's number whenever the page is full.
        let isFull = search.sort == .sequence && search.isDescending && page.orders.count == search.limit
        return Answer.json(
            .object(present: [
                "orders": .array(page.orders.map(View.order)),
                "before": isFull ? page.orders.last.map { .integer($0.seq) } : nil,
                "after": page.next.map { .string($0.text) },
            ]))
    }

    private static func search(_ request: Request) throws -> OrderSearch {
        let parameters = request.uri.queryParameters
        func text(_ name: String) -> String? {
            parameters[Substring(name)].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
        }
        let query = OrdersQuery(text)
        var search = OrderSearch(limit: min(max(text("limit").flatMap { Int($0) } ?? 100, 1), 1000))
        search.before = text("before").flatMap { Int64($0) }
        search.delivery = try query.choice("delivery", Delivery.self)
        search.state = try query.choice("state", OrderState.self)
        search.priority = try query.priority()
        (search.connector, search.asset, search.defectClass) = (text("connector"), text("asset"), text("class"))
        (search.lot, search.number) = (text("lot"), text("number"))
        (search.from, search.to) = (try time("from", text("from")), try time("to", text("to")))
        search.sort = try query.sorting() ?? .sequence
        search.isDescending = try query.descends()
        if let after = text("after") {
            guard let cursor = OrderCursor(after, search.sort) else {
                throw Answer.invalidQuery("after is what an answer of the same sort said in its member after.")
            }
            search.page = .after(cursor)
        }
        return search
    }

    private static func time(_ name: String, _ text: String?) throws -> Timestamp? {
        try text.map { text in
            guard let time = Timestamp(dayOrTime: text) else {
                throw Answer.invalidQuery("\(name) is a day like 2026-01-01 or a time like 2026-01-01T06:00:00Z.")
            }
            return time
        }
    }

    private func order(_ reference: Reference, _ scope: SiteScope) async throws -> Response {
        try await store.read { reader in
            guard let order = try reader.order(reference) else { throw Answer.notFound("order \(reference)") }
            try scope.demand(asset: order.asset, "order \(reference)")
            let view: JSON = [
                "order": View.order(order), "document": View.json(order.document) ?? .null,
                "text": .string(OrderText(order.document).longText),
                "detections": .array(try reader.detections(of: reference).map(View.detection)),
                "transmission": .array(try reader.attempts(of: reference).map(View.attempt)),
                "ledger": .array(try reader.ledgerEntries(of: reference.text).map(\.json)),
            ]
            return Answer.json(view)
        }
    }

    /// The whole chain of one detection, from the report to the CMMS's acknowledgement and the repair.
    private func detection(_ id: String, _ scope: SiteScope) async throws -> Response {
        guard let mark = id.lastIndex(of: "#"), Int(id[id.index(after: mark)...]) != nil else {
            throw Answer.notFound(
                "detection \"\(id.cut(to: 140))\"; its name is the report's id, a # and its number from 0")
        }
        return try await store.read { reader in
            guard let found = try reader.detection(named: id) else {
                throw Answer.notFound("detection \"\(id.cut(to: 140))\"")
            }
            let (inspection, detection) = (found.inspection, found.detection)
            try scope.demand(asset: detection.asset, "detection \"\(id.cut(to: 140))\"")
            let order = try detection.reference.flatMap { try reader.order($0) }
            let subjects = [inspection.id, id] + (order.map { [$0.reference.text] } ?? [])
            let entries = try subjects.flatMap { try reader.ledgerEntries(of: $0) }.sorted { $0.index < $1.index }
            return Answer.json(
                .object(present: [
                    "detection": View.detection(detection),
                    "inspection": View.inspection(inspection, [], withBody: true), "order": order.map(View.order),
                    "transmission": .array(
                        try order.map { try reader.attempts(of: $0.reference).map(View.attempt) } ?? []),
                    "ledger": .array(entries.map(\.json)),
                ]))
        }
    }

    private func lot(_ lot: String, _ scope: SiteScope) async throws -> Response {
        try await store.read { reader in
            let found = try reader.inspections(lot: lot, limit: 1000).filter { scope.sees(asset: $0.asset) }
            let views = try found.map { View.inspection($0, try reader.detections(of: $0), withBody: false) }
            return Answer.json(["lot": .string(lot), "inspections": .array(views)])
        }
    }

    /// Alarms of an answer at most, the newest.
    private static let alarmsMax = 10_000

    private func alarms(_ scope: SiteScope) async throws -> Response {
        let hidden = Set(scope.hidden)
        let alarms = try await store.read { try $0.shownAlarms(hiding: hidden, limit: Self.alarmsMax) }
        let views = alarms.reversed().map { alarm -> JSON in
            [
                "at": .time(alarm.at), "kind": .string(alarm.kind), "subject": .string(alarm.subject),
                "detail": .string(alarm.detail),
            ]
        }
        return Answer.json(["alarms": .array(views)])
    }

    private func ledger(_ request: Request) async throws -> Response {
        let from = request.uri.queryParameters["from"].flatMap { Int64($0) } ?? 0
        return try await store.read { reader in
            let head = try reader.ledgerHead()
            let entries = try reader.ledgerEntries(from: max(0, from), limit: 1000)
            return Answer.json([
                "size": .integer(head.size), "root": .string(head.root), "entries": .array(entries.map(\.json)),
            ])
        }
    }

    private func picture(_ digest: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let hidden = tools.scope(context.caller).hidden
        let (found, removal, isShown) = try await store.read { reader in
            (
                try reader.picture(digest), try reader.removal(ofPicture: digest),
                try reader.isShown(digest, hidden)
            )
        }
        guard let picture = found, isShown else { throw Answer.notFound("picture \(digest.cut(to: 70))") }
        if let removal { throw Answer.removed(picture, removal) }
        let body = try await FileIO().loadFile(path: tools.pictures.file(of: picture), context: context)
        let headers: HTTPFields = [
            .contentType: picture.mediaType.rawValue, .cacheControl: "private, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff",
        ]
        return Response(status: .ok, headers: headers, body: body)
    }
}
