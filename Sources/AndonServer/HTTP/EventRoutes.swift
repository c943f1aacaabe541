import AndonIdentity
import AndonIntake
import AndonModel
import AndonSources
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// What vision systems send in their own words.
struct EventRoutes: Sendable {
    let tools: PageTools
    let sources: [EventsSource]
    let time: any TimeSource
    let door: ReportDoor

    /// Roboflow's event writer adds its own end to the address that it is given.
    static let access = Access.post(
        .report, "/api/v1/sources/:name/events", "/api/v1/sources/:name/v2/events")

    private var limits: IntakeLimits { door.limits }

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/sources/:name/events") { request, context in
            try await take(request, context, isCreated: false)
        }
        router.post("/api/v1/sources/:name/v2/events") { request, context in
            try await take(request, context, isCreated: true)
        }
    }

    private var bodyBytesMax: Int { door.eventBytesMax }

    private func take(_ request: Request, _ context: AppContext, isCreated: Bool) async throws -> Response {
        let name = try context.parameters.decoded("name")
        guard let source = sources.first(where: { $0.name == name }) else {
            throw Answer.notFound("source \"\(name.cut(to: 40))\" among those of type events")
        }
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? bodyBytesMax
        guard length <= bodyBytesMax else { throw Self.tooLarge(bodyBytesMax) }
        let type = request.headers[.contentType] ?? ""
        let isForm = type.lowercased().hasPrefix("multipart/")
        // JSON is held whole, with the pictures in it; a picture beside it goes to the disk.
        let need = Admission.Need(memory: isForm ? min(length, limits.json.bytesMax) : length, disk: length)
        let (outcomes, isList) = try await door.admission.admit(need) { place in
            var delivery = try await isForm ? form(request, contentType: type, place) : json(request)
            delivery.query = Self.query(request)
            let scope = tools.scope(context.caller, .report)
            let outcomes = try await source.take(delivery) { camera, asset in
                guard asset.map({ scope.sees(asset: $0) }) ?? scope.sees(camera: camera) else {
                    throw context.caller.refusal(of: .report)
                }
            }
            return (outcomes, delivery.body.array != nil)
        }
        return try isCreated ? Self.created(outcomes) : Self.accepted(outcomes, isList: isList)
    }

    // MARK: The request

    private func json(_ request: Request) async throws -> EventDelivery {
        let body = try await request.body.collect(upTo: bodyBytesMax)
        return EventDelivery(body: try json(Array(buffer: body)), receivedAt: time.now())
    }

    private func form(
        _ request: Request, contentType: String, _ place: Admission.Place
    ) async throws -> EventDelivery {
        var parser = try MultipartParser(contentType: contentType, limits: limits)
        var form = EventForm(door: door, jsonBytesMax: bodyBytesMax, place: place)
        for try await piece in request.body {
            for event in try parser.feed(Array(piece.readableBytesView)) { try form.take(event) }
        }
        try parser.finish()
        guard let bytes = form.json else {
            throw Problem(
                status: 400, type: "invalid-multipart", title: "The parts are not an event and its picture",
                detail: "The event is missing; send it as JSON in a part beside the picture's.")
        }
        return EventDelivery(body: try json(bytes), picture: try form.takePicture(), receivedAt: time.now())
    }

    private func json(_ bytes: [UInt8]) throws -> JSON {
        var limits = limits.json
        (limits.bytesMax, limits.stringBytesMax) = (bodyBytesMax, bodyBytesMax)
        return try RequestBody.json(bytes, limits: limits)
    }

    /// Without what may be the secret of some gateway: what is refused is kept with it.
    private static func query(_ request: Request) -> [String: String] {
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters.prefix(50) {
            let word = name.lowercased()
            guard !["key", "token", "secret", "password", "sig"].contains(where: { word.contains($0) }) else {
                continue
            }
            query[String(name).cut(to: 100)] = String(value).cut(to: 500)
        }
        return query
    }

    private static func tooLarge(_ bytesMax: Int) -> Problem {
        Problem(
            status: 413, type: "too-large", title: "The body is too large",
            detail: "At most \(bytesMax) bytes are taken here (intake.bodyBytesMax, intake.pictureBytesMax).")
    }

    // MARK: The answer

    private static func accepted(_ outcomes: [EventOutcome], isList: Bool) throws -> Response {
        try demandOne(outcomes)
        let answers = outcomes.map(json)
        guard isList || answers.count != 1 else { return Answer.json(answers[0], status: .accepted) }
        return Answer.json(["events": .array(answers)], status: .accepted)
    }

    /// As Roboflow's event writer waits for it.
    private static func created(_ outcomes: [EventOutcome]) throws -> Response {
        try demandOne(outcomes)
        let id = outcomes.lazy.compactMap { if case .taken(let id, _, _) = $0 { id } else { nil } }.first
        return Answer.json(["id": .string(id ?? "skipped")], status: .created)
    }

    /// - Throws: 422 where all was refused.
    private static func demandOne(_ outcomes: [EventOutcome]) throws {
        let refusals = outcomes.compactMap { outcome -> Problem.Fault? in
            guard case .refused(let place, let reason) = outcome else { return nil }
            return Problem.Fault(pointer: place, detail: reason)
        }
        guard let first = refusals.first, refusals.count == outcomes.count else { return }
        throw Problem(
            status: 422, type: "unmapped-event", title: "No report can be made of this event",
            detail: "\(first.detail). It is kept, and tried again with the next start's mapping.",
            errors: Array(refusals.prefix(100)))
    }

    private static func json(_ outcome: EventOutcome) -> JSON {
        switch outcome {
        case .taken(let id, let isRepeated, let missing):
            .object(present: [
                "id": .string(id), "repeated": .bool(isRepeated), "pictureMissing": missing.map { .string($0) },
            ])
        case .skipped(let reason): ["skipped": .string(reason)]
        case .refused(let place, let reason): ["refused": .string(reason), "place": .string(place)]
        }
    }
}
