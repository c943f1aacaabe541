import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// The intake's routes: one report with or without its picture, and batches of counts.
struct InspectionRoutes: Sendable {
    let door: ReportDoor
    /// Folder in which a report may name a picture; nil when none is watched.
    let watchedFolder: String?
    /// The part of the plant in which a caller may do something.
    let scope: @Sendable (Caller, Permission) -> SiteScope

    private var limits: IntakeLimits { door.limits }

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/inspections") { request, context in try await post(request, context) }
        router.post("/api/v1/frames") { request, context in try await postFrames(request, context) }
        router.get("/api/v1/inspections/:id") { _, context in
            let id = try context.parameters.decoded("id")
            let scope = scope(context.caller, .read)
            return try await door.store.read { reader in
                guard let record = try reader.inspection(id) else { throw Answer.notFound("inspection \"\(id)\"") }
                try scope.demand(asset: record.asset, "inspection \"\(id)\"")
                return Answer.json(
                    View.inspection(
                        record, try reader.detections(of: record), around: try reader.evidenceFrames(of: id),
                        withBody: true))
            }
        }
    }

    /// Who may report for some sites reports of nothing else, and is told nothing of it.
    ///
    /// - Throws: ``Problem`` 403.
    private func demandReporting(of inspection: Inspection, _ context: AppContext) throws {
        let scope = scope(context.caller, .report)
        guard scope.sees(asset: scope.plant.place(of: inspection).asset) else {
            throw context.caller.refusal(of: .report)
        }
    }

    private func post(_ request: Request, _ context: AppContext) async throws -> Response {
        let type = request.headers[.contentType] ?? "application/json"
        let accepted: Accepted
        if type.lowercased().hasPrefix("multipart/") {
            let length = try Self.length(
                of: request, atMost: limits.json.bytesMax + door.pictureBytesMax + 64 << 10)
            let need = Admission.Need(memory: min(length, limits.json.bytesMax), disk: length)
            accepted = try await door.admission.admit(need) { _ in
                try await take(try await multipart(request, contentType: type), context)
            }
        } else {
            let length = try Self.length(of: request, atMost: limits.json.bytesMax)
            accepted = try await door.admission.admit(Admission.Need(memory: length)) { place in
                try await take(try await plain(request, contentType: type, place), context)
            }
        }
        if !accepted.isRepeated { door.watch.add(door.store.time.now() - accepted.inspection.detectedAt) }
        return Answer.json(
            View.inspection(accepted.inspection, accepted.detections, withBody: false), status: .accepted,
            headers: [.location: "/api/v1/inspections/\(accepted.inspection.id.urlPathEscaped)"])
    }

    private func take(_ report: (Inspection, SealedPicture?), _ context: AppContext) async throws -> Accepted {
        try demandReporting(of: report.0, context)
        return try await door.take(report.0, report.1)
    }

    /// What a request says of the length of its body; the limit where it says nothing.
    ///
    /// - Throws: ``Problem`` 413.
    private static func length(of request: Request, atMost bytesMax: Int) throws -> Int {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? bytesMax
        guard length <= bytesMax else { throw tooLarge(length, bytesMax) }
        return length
    }

    // MARK: JSON alone

    private func plain(
        _ request: Request, contentType: String, _ place: Admission.Place
    ) async throws -> (Inspection, SealedPicture?) {
        let body = try await collect(request)
        let document = try CloudEvents(limits: limits).document(body, contentType: contentType) { name in
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
        let reader = InspectionReader(limits: limits)
        let inspection = try reader.read(document)
        guard let file = inspection.picture?.file else { return (inspection, nil) }
        let sealed = try await pictureFromFolder(file, claimed: inspection.picture?.sha256, place)
        // Once more with the size that the bytes say, so that boxes are checked against the real picture.
        return (try reader.read(document, pictureSize: sealed.size), sealed)
    }

    private func collect(_ request: Request) async throws -> [UInt8] {
        let bytesMax = limits.json.bytesMax
        var bytes: [UInt8] = []
        for try await piece in request.body {
            guard bytes.count + piece.readableBytes <= bytesMax else { throw Self.tooLarge(nil, bytesMax) }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }

    private static func tooLarge(_ length: Int?, _ bytesMax: Int) -> Problem {
        Problem(
            status: 413, type: "too-large", title: "The body is too large",
            detail: "\(length.map { "The body has \($0) bytes" } ?? "The body is longer than allowed"); at most "
                + "\(bytesMax) are taken for this part.")
    }

    private func pictureFromFolder(
        _ file: String, claimed: String?, _ place: Admission.Place
    ) async throws -> SealedPicture {
        guard let watchedFolder else {
            throw Self.fileProblem(
                "no watched folder is configured; set intake.watchedFolder or send the picture along")
        }
        guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else {
            throw Self.fileProblem("the name must be relative to the watched folder and stay within it")
        }
        // How large it is stands in the file only; the room is there for the largest.
        try place.grow(to: Admission.Need(disk: door.pictureBytesMax))
        return try await NIOThreadPool.singleton.runIfActive { [door] in
            let incoming = try door.pictures.receive(limits: door.limits, bytesMax: door.pictureBytesMax)
            guard try WatchedFile.copy("\(watchedFolder)/\(file)", into: incoming) else {
                throw Self.fileProblem("there is no such file in the watched folder")
            }
            let picture = try incoming.seal(claimedDigest: claimed)
            return SealedPicture(picture: picture, bytes: Handover(value: incoming))
        }
    }

    private static func fileProblem(_ detail: String) -> Problem {
        Problem(
            status: 422, type: "picture-file", title: "The picture's file cannot be taken", detail: "\(detail).",
            errors: [.init(pointer: "/picture/file", detail: detail)])
    }

    // MARK: Multipart

    private func multipart(_ request: Request, contentType: String) async throws -> (Inspection, SealedPicture?) {
        var parser = try MultipartParser(contentType: contentType, limits: limits)
        var form = InspectionForm(pictures: door.pictures, limits: limits, pictureBytesMax: door.pictureBytesMax)
        for try await piece in request.body {
            for event in try parser.feed(Array(piece.readableBytesView)) { try form.take(event) }
        }
        try parser.finish()
        let reader = InspectionReader(limits: limits)
        let document = try form.document(limits: limits.json)
        // The claimed digest first: it decides whether the bytes are the right ones.
        let claimed = document.json["picture"]?["sha256"]?.string
        guard let incoming = form.takePicture() else { return (try reader.read(document), nil) }
        let picture = try incoming.value.seal(claimedDigest: claimed)
        let sealed = SealedPicture(picture: picture, bytes: incoming)
        return (try reader.read(document, pictureSize: sealed.size), sealed)
    }

    // MARK: Counts

    private func postFrames(_ request: Request, _ context: AppContext) async throws -> Response {
        let length = try Self.length(of: request, atMost: limits.json.bytesMax)
        let (id, isRepeated) = try await door.admission.admit(Admission.Need(memory: length)) { _ in
            let batch = try FrameCountReader(limits: limits).read(try await collect(request))
            let scope = scope(context.caller, .report)
            guard batch.frames.allSatisfy({ scope.sees(camera: $0.camera) }) else {
                throw context.caller.refusal(of: .report)
            }
            return try await door.accept.accept(batch)
        }
        return Answer.json(["id": .string(id), "repeated": .bool(isRepeated)], status: .accepted)
    }
}

extension String {
    /// Percent-encoded for one segment of a path.
    var urlPathEscaped: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
