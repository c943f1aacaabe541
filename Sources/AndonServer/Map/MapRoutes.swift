import AndonIdentity
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The plant map for programs: what it shows, its pictures, and its changes.
struct MapRoutes: Sendable {
    let keeping: MapKeeping

    static let access = Access.all(
        Access.get(.read, "/api/v1/map", "/api/v1/map/plans/:plan/picture"),
        Access.post(.tune, "/api/v1/map/plans"),
        [
            Access(.put, "/api/v1/map/plans/:plan/zones", .tune),
            Access(.delete, "/api/v1/map/plans/:plan", .tune),
        ])

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/map") { _, context in
            Answer.json(MapView.map(try await keeping.map(for: context.caller), versions: keeping.versions()))
        }
        router.get("/api/v1/map/plans/:plan/picture") { request, context in
            try picture(of: context.parameters.decoded("plan"), request, context)
        }
        router.post("/api/v1/map/plans") { request, context in try await upload(request, context) }
        router.put("/api/v1/map/plans/:plan/zones") { request, context in
            try await save(context.parameters.decoded("plan"), request, context)
        }
        router.delete("/api/v1/map/plans/:plan") { request, context in
            try await remove(context.parameters.decoded("plan"), request, context)
        }
    }

    /// The plan's file as it is. An SVG is active content: whoever opens it by itself gets it in a sandbox, without scripts
    /// and without anything from outside.
    private func picture(of plan: String, _ request: Request, _ context: AppContext) throws -> Response {
        let (file, sheet) = try keeping.file(of: plan, for: context.caller)
        let tag = "\"\(sheet.sha256)\""
        let headers: HTTPFields = [
            .contentType: sheet.mediaType, .cacheControl: "private, no-cache", .xContentTypeOptions: "nosniff",
            .eTag: tag,
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        ]
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",")
        if known.contains(where: { String($0).trimmed == tag }) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    private func upload(_ request: Request, _ context: AppContext) async throws -> Response {
        let upload = try await PlanUpload(request)
        try keeping.demandUpload(upload, context.caller)
        try await keeping.add(upload, by: context.doer(typed: upload.by))
        return try await answer(upload.name, context, status: .created)
    }

    private func save(_ plan: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let scope = try keeping.demandDrawing(on: plan, context.caller)
        let bytes = try await request.body.collect(upTo: ZoneForm.limits.bytesMax)
        let body = try RequestBody.json(Array(buffer: bytes), limits: ZoneForm.limits)
        let reason = try Self.reason(body["reason"]?.string)
        try await keeping.save(
            body, on: plan, by: context.doer(typed: body["by"]?.string), reason: reason, within: scope)
        return try await answer(plan, context)
    }

    private func remove(_ plan: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        func text(_ name: Substring) -> String? { query[name].map(String.init) }
        try keeping.demandDrawing(on: plan, context.caller)
        try await keeping.remove(
            plan, by: context.doer(typed: text("by")), reason: Self.reason(text("reason")))
        return Answer.json(["removed": .string(plan)])
    }

    static func reason(_ text: String?) throws -> String {
        guard let text = text?.trimmed, !text.isEmpty else {
            throw Problem(
                status: 422, type: "reason-missing", title: "Nobody said why",
                detail: "Say why, in reason: the ledger keeps it with the change. Nothing was changed.",
                errors: [.init(pointer: "/reason", detail: "say why, in reason")])
        }
        return text.cut(to: 1000)
    }

    /// The plan as it is from now on.
    private func answer(
        _ plan: String, _ context: AppContext, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let map = try await keeping.map(for: context.caller)
        guard let found = map.plans.first(where: { $0.name == plan }) else {
            throw Answer.notFound("floor plan \(plan.cut(to: 80))")
        }
        return Answer.json(MapView.plan(found, version: keeping.versions()[plan] ?? ""), status: status)
    }
}
