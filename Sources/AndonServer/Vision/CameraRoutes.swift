import AndonCapture
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import AndonVision
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// What programs do with cameras: push frames, put another model in force, and have the scene learned anew.
struct CameraRoutes: Sendable {
    let tools: PageTools
    let cameras: [CameraSource]
    let pictureBytesMax: Int

    static let access = Access.all(
        Access.post(.report, "/api/v1/sources/:name/frames"),
        Access.post(.tune, "/api/v1/sources/:name/model", "/api/v1/sources/:name/scene"))

    private static let bodyMax = 64 << 10
    /// Frames that wait for their turn, each a picture in memory.
    private static let underWayMax = 32

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/sources/:name/frames") { request, context in
            try await push(try camera(context, .report), request)
        }
        router.post("/api/v1/sources/:name/model") { request, context in
            try await swap(try camera(context, .tune), request, context)
        }
        router.post("/api/v1/sources/:name/scene") { request, context in
            try await learnScene(try camera(context, .tune), request, context)
        }
    }

    private func camera(_ context: AppContext, _ permission: Permission) throws -> CameraSource {
        try Self.camera(try context.parameters.decoded("name"), cameras, tools.scope(context.caller, permission))
    }

    /// - Throws: 404, also for a camera that is out of reach of who asks.
    static func camera(_ name: String, _ cameras: [CameraSource], _ scope: SiteScope) throws -> CameraSource {
        guard let camera = cameras.first(where: { $0.name == name }), scope.sees(camera: camera.settings.camera) else {
            throw Answer.notFound("camera \"\(name.cut(to: 40))\" among the sources")
        }
        return camera
    }

    // MARK: Frames

    /// A picture is the body itself, with what is said of it in the query; or a multipart body has both.
    private func push(_ camera: CameraSource, _ request: Request) async throws -> Response {
        guard let pushed = camera.pushed else {
            throw Problem(
                status: 409, type: "not-pushed", title: "This camera's frames are fetched",
                detail: "The source \"\(camera.name)\" does not have capture: { from: push }.")
        }
        guard camera.board.now.tally.underWay < Self.underWayMax else {
            throw Problem(
                status: 503, type: "camera-busy", title: "The camera's frames come faster than they are looked at",
                detail: "\(Self.underWayMax) frames wait already. Send it again.")
        }
        let type = request.headers[.contentType] ?? ""
        let frame =
            type.lowercased().hasPrefix("multipart/")
            ? try await PushedFrame(multipart: request, contentType: type, bytesMax: pictureBytesMax)
            : try await PushedFrame(plain: request, bytesMax: pictureBytesMax)
        do throws(CaptureError) {
            let number = try await pushed.push(frame.bytes, note: frame.note, capturedAt: frame.capturedAt)
            return Answer.json(["number": .integer(number)], status: .accepted)
        } catch {
            switch error.kind {
            case .refused:
                throw Problem(
                    status: 415, type: "picture-type", title: "The frame is not taken", detail: "\(error.reason).")
            case .ended, .unreachable, .missingTool, .broken:
                throw Problem(
                    status: 503, type: "camera-stopped", title: "The camera takes no frames now",
                    detail: "\(error.reason). Send it again.")
            }
        }
    }

    // MARK: The model

    private func swap(_ camera: CameraSource, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        func fault(_ member: String, _ detail: String) -> Problem {
            Self.fault("invalid-model-change", "The model cannot be changed like this", member, detail)
        }
        guard let card = body["card"]?.string, !card.isEmpty else {
            throw fault("card", "name the card by its path within the models folder")
        }
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), fault)
        let model: ModelStanding
        do throws(ModelRefusal) {
            model = try await camera.swapModel(to: card)
        } catch {
            throw Problem(
                status: error.isWorthTryingAgain ? 503 : 422, type: "model-refused", title: "The model is not taken",
                detail: "The one before it goes on. \(error.reasons.first ?? "")",
                errors: error.reasons.prefix(100).map { .init(pointer: "/card", detail: $0) })
        }
        try await tools.store.write { transaction in
            try transaction.putCameraModel(
                model.card, of: camera.name, configured: camera.settings.model.card, name: model.name,
                version: model.version, sha256: model.sha256, by: person, reason: reason)
        }
        return Answer.json(["model": CameraFigures.model(model)])
    }

    // MARK: The scene

    private func learnScene(
        _ camera: CameraSource, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        let (person, reason) = try RequestBody.signature(body, by: context.person(body)) {
            Self.fault("invalid-scene", "The scene is not learned anew like this", $0, $1)
        }
        try await camera.learnScene(by: person, reason: reason)
        return Answer.json(["learning": true], status: .accepted)
    }

    private static func fault(_ type: String, _ title: String, _ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: type, title: title,
            detail: "\(detail.prefix(1).uppercased())\(detail.dropFirst()).",
            errors: [.init(pointer: "/\(member)", detail: detail)])
    }
}

/// A frame as a program sends it.
private struct PushedFrame {
    var bytes: [UInt8]
    var note: FrameNote
    var capturedAt: Timestamp?

    private static let noteBytesMax = 64 << 10

    /// The picture is the body; `id`, `unit`, `lot`, `asset` and `capturedAt` are in the query.
    init(plain request: Request, bytesMax: Int) async throws {
        bytes = Array(buffer: try await request.body.collect(upTo: bytesMax))
        let query = request.uri.queryParameters
        func text(_ name: Substring) -> String? { query[name].map { String($0) } }
        (note, capturedAt) = try Self.note(
            [
                "id": text("id"), "unit": text("unit"), "lot": text("lot"), "asset": text("asset"),
                "capturedAt": text("capturedAt"),
            ].compactMapValues { $0.map { .string($0) } })
    }

    /// Parts `picture`, and `frame` with JSON: the same members and `attributes`.
    init(multipart request: Request, contentType: String, bytesMax: Int) async throws {
        var parser = try MultipartParser(contentType: contentType, limits: IntakeLimits())
        var parts: [String: [UInt8]] = [:]
        var name = ""
        for try await piece in request.body {
            for event in try parser.feed(Array(piece.readableBytesView)) {
                switch event {
                case .partBegan(let headers):
                    name = headers.isPicture ? "picture" : "frame"
                    parts[name] = []
                case .data(let bytes):
                    parts[name]?.append(contentsOf: bytes)
                    guard (parts[name]?.count ?? 0) <= (name == "picture" ? bytesMax : Self.noteBytesMax) else {
                        throw NIOTooManyBytesError(maxBytes: bytesMax)
                    }
                case .partEnded, .finished: break
                }
            }
        }
        try parser.finish()
        bytes = parts["picture"] ?? []
        let said = try parts["frame"].map { try RequestBody.json($0) } ?? .object([:])
        (note, capturedAt) = try Self.note(said.object ?? [:])
    }

    private static func note(_ members: [String: JSON]) throws -> (FrameNote, Timestamp?) {
        func text(_ name: String, _ max: Int = 200) throws -> String? {
            guard let value = members[name], value != .null else { return nil }
            guard let text = value.string, (1...max).contains(text.unicodeScalars.count) else {
                throw fault(name, "should be a text of 1 to \(max) characters")
            }
            return text
        }
        let time = try text("capturedAt").map { text in
            guard let time = Timestamp(text) else {
                throw fault("capturedAt", "should be a time with its offset like 2026-11-23T21:09:00.250+01:00")
            }
            return time
        }
        let note = FrameNote(
            id: try text("id", 128), unit: try text("unit"), lot: try text("lot"), asset: try text("asset"),
            attributes: members["attributes"]?.object ?? [:])
        return (note, time)
    }

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-frame", title: "What is said of the frame has faults",
            detail: "\(member) \(detail).",
            errors: [.init(pointer: "/\(member)", detail: detail)])
    }
}
