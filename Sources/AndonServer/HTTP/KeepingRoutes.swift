import AndonConfiguration
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// What is kept and for how long, and the legal holds.
struct KeepingRoutes: Sendable {
    let keeping: Keeping
    let pictures: PictureStore
    let plant: @Sendable () -> Plant

    /// Of a request for a hold.
    private static let bodyMax = 64 << 10

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/pictures") { _, _ in
            guard case .object(var members) = try await report().json else { return Answer.json([:]) }
            members["space"] = keeping.space.standing.json
            return Answer.json(.object(members))
        }
        router.post("/api/v1/pictures/sweep") { request, _ in try await sweep(request) }
        router.get("/api/v1/holds") { request, _ in
            let withReleased = request.uri.queryParameters["released"] == "true"
            let holds = try await keeping.store.read { reader in
                try reader.holds(withReleased: withReleased).map { try Self.json(of: $0, reader) }
            }
            return Answer.json(["holds": .array(holds)])
        }
        router.post("/api/v1/holds") { request, context in try await place(request, context) }
        router.post("/api/v1/holds/:id/release") { request, context in
            try await release(context.parameters.decoded("id"), request, context)
        }
    }

    /// Looks through everything, away from the threads that take reports in.
    private func report() async throws -> PictureReport {
        let keeping = keeping
        return try await NIOThreadPool.singleton.runIfActive {
            try keeping.store.readNow {
                try PictureReport($0, retention: keeping.settings.value.retention, now: keeping.store.time.now())
            }
        }
    }

    private func sweep(_ request: Request) async throws -> Response {
        if request.uri.queryParameters["orphans"] == "true" {
            return try await sweepOrphans(isTrial: request.uri.queryParameters["dryRun"] == "true")
        }
        if request.uri.queryParameters["dryRun"] == "true" {
            return Answer.json(["dryRun": true, "pictures": try await report().due.json])
        }
        let removed = try await keeping.sweep()
        return Answer.json(["dryRun": false, "pictures": removed.pictures.json, "derived": removed.derived.json])
    }

    /// Objects that no kept picture has, as far as they are older than this.
    private static let orphanAge: Duration = .seconds(3600)

    private func sweepOrphans(isTrial: Bool) async throws -> Response {
        guard let vault = pictures.vault else {
            throw Problem(
                status: 409, type: "no-object-storage", title: "The pictures are not in object storage",
                detail: "They are in the data folder, where nothing is left that nobody keeps (server.pictures).")
        }
        let orphans = try await vault.removeOrphans(olderThan: Self.orphanAge, isTrial: isTrial)
        return Answer.json(["dryRun": .bool(isTrial), "orphans": orphans.json])
    }

    // MARK: Holds

    private func place(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        let (id, members) = try await placed(body, by: context.person(body))
        return Answer.json(members, status: .created, headers: [.location: "/api/v1/holds/\(id)/release"])
    }

    /// - Parameters:
    ///   - body: as the API takes it: what is held, and why.
    ///   - person: who asks for it; nil is refused.
    /// - Returns: the hold's number and what is to be said of it.
    func placed(_ body: JSON, by person: String?) async throws -> (id: Int64, hold: JSON) {
        let scope = try Self.scope(body)
        let (person, reason) = try RequestBody.signature(body, by: person, Self.fault)
        let plant = plant()
        let (id, hold, covered) = try await keeping.store.write { transaction in
            if case .order(let reference) = scope, try transaction.reader.order(reference) == nil {
                throw Self.fault("order", "there is no order \(reference)")
            }
            let hold = try transaction.place(scope, by: person, reason: reason) { HoldReach(plant.names(below: $0)) }
            let covered = try transaction.reader.pictures(heldBy: hold.id)
            return (hold.id, try Self.json(of: hold, transaction.reader), covered)
        }
        guard case .object(var members) = hold else { return (id, hold) }
        members["pictures"] = PictureCount(count: covered.count, bytes: covered.bytes).json
        return (id, .object(members))
    }

    private func release(_ id: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        return Answer.json(try await released(id, body, by: context.person(body)))
    }

    /// - Parameters:
    ///   - body: why.
    ///   - person: who asks for it; nil is refused.
    func released(_ id: String, _ body: JSON, by person: String?) async throws -> JSON {
        let (person, reason) = try RequestBody.signature(body, by: person, Self.fault)
        guard let number = Int64(id) else { throw Answer.notFound("hold \"\(id.cut(to: 40))\"; holds have numbers") }
        let hold = try await keeping.store.write { transaction in
            guard let hold = try transaction.reader.hold(number) else { throw Answer.notFound("hold \(number)") }
            if let release = hold.release {
                throw Problem(
                    status: 409, type: "hold-released", title: "The hold was released before",
                    detail: "\(release.by) released it at \(release.at): \(release.reason)")
            }
            return try transaction.releaseHold(number, by: person, reason: reason)
        }
        return hold?.json ?? .null
    }

    /// With the assets that it reaches: `*` where that is everything.
    private static func json(of hold: Hold, _ reader: Reader) throws -> JSON {
        guard case .asset = hold.scope, case .object(var members) = hold.json else { return hold.json }
        switch try reader.reach(ofHold: hold.id) {
        case .everything: members["reaches"] = ["*"]
        case .assets(let names): members["reaches"] = .array(names.sorted().map { .string($0) })
        }
        return .object(members)
    }

    private static func scope(_ body: JSON) throws -> HoldScope {
        let kinds = ["order", "asset", "lot", "camera"].filter { body[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            throw fault("", "a hold is of one thing: give order, asset, lot, or camera with from and perhaps to")
        }
        guard let subject = body[kind]?.string?.cut(to: 200), !subject.isEmpty else {
            throw fault(kind, "\(kind) is a text that is not empty")
        }
        switch kind {
        case "order":
            guard let reference = Reference(subject) else {
                throw fault("order", "a reference is ten characters of A-Z and 0-9")
            }
            return .order(reference)
        case "asset": return .asset(subject)
        case "lot": return .lot(subject)
        default:
            guard let from = try time("from", body) else {
                throw fault("from", "a hold of a camera needs from, a time like 2026-11-01T00:00:00Z")
            }
            let to = try time("to", body)
            if let to, to <= from { throw fault("to", "to should be after from") }
            return .camera(subject, from: from, to: to)
        }
    }

    private static func time(_ name: String, _ body: JSON) throws -> Timestamp? {
        guard let value = body[name] else { return nil }
        guard let text = value.string, let time = Timestamp(dayOrTime: text) else {
            throw fault(name, "\(name) is a time like 2026-11-01T00:00:00Z, or a day like 2026-11-01")
        }
        return time
    }

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-hold", title: "The hold has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: member.isEmpty ? [] : [.init(pointer: "/\(member)", detail: detail)])
    }
}
