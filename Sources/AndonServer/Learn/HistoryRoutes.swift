import AndonLearn
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// A CMMS's old orders: taken in, listed, and taken out again.
struct HistoryRoutes: Sendable {
    let store: Store
    /// The plant's, for times without one.
    let timeZone: @Sendable () -> String

    /// The file in base64 (4 bytes of text for 3), the mapping, who and why.
    private static let bodyMax = CSVLimits().bytesMax / 3 * 4 + (1 << 20)
    private static let signatureMax = 64 << 10

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/learn/histories") { _, _ in
            let histories = try await store.read { try $0.courseHistories() }
            return Answer.json(["histories": .array(histories.map(\.json))])
        }
        router.post("/api/v1/learn/histories") { request, context in try await take(request, context) }
        router.post("/api/v1/learn/histories/:id/remove") { request, context in
            try await remove(context.parameters.decoded("id"), request, context)
        }
    }

    private func take(_ request: Request, _ context: AppContext) async throws -> Response {
        let bytes = Array(buffer: try await request.body.collect(upTo: Self.bodyMax))
        let (now, zone) = (store.time.now(), timeZone())
        // A large file must not hold up the threads that take reports in.
        let (body, file, plan) = try await NIOThreadPool.singleton.runIfActive {
            let body = try RequestBody.json(
                bytes, limits: JSONLimits(bytesMax: Self.bodyMax, stringBytesMax: Self.bodyMax))
            let file = try Self.file(body)
            return (body, file, try Self.plan(file, body, now: now, zone))
        }
        if body["dryRun"]?.bool == true { return Answer.json(plan.json) }
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), Self.fault)
        guard plan.fits || body["force"]?.bool == true && !plan.orders.isEmpty else {
            throw Problem(
                status: 422, type: "history-unfit", title: "Too much of the file does not fit",
                detail:
                    "\(plan.unfit) of \(plan.rows) orders do not fit, and the mapping allows a share of \(plan.unfitMax)."
                    + " Nothing was taken in. Look at the faults with dryRun, correct the file or the mapping, or say force"
                    + " to leave those orders out.",
                errors: plan.faults.prefix(20).map {
                    .init(pointer: "/file", detail: "line \($0.line), \($0.column): \($0.reason)")
                })
        }
        let digest = HistoryCopies.digest(file)
        let name = (body["name"]?.string ?? "history").cut(to: 200)
        // The copy is there before the entry that names its digest.
        let copies = HistoryCopies(folder: store.folder)
        try await NIOThreadPool.singleton.runIfActive { try copies.keep(file, digest: digest) }
        let history = try await refusing {
            try await store.write {
                try $0.importHistory(
                    name: name, digest: digest, document: plan.document, orders: plan.orders, by: person, reason: reason
                )
            }
        }
        return Answer.json(history.json, status: .created)
    }

    private func remove(_ id: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.signatureMax)
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), Self.fault)
        guard let number = Int64(id) else {
            throw Answer.notFound("history \"\(id.cut(to: 40))\"; histories have numbers")
        }
        let history = try await refusing {
            try await store.write { try $0.removeHistory(number, by: person, reason: reason) }
        }
        try HistoryCopies(folder: store.folder).remove(digest: history.digest)
        return Answer.json(history.json)
    }

    private func refusing(_ body: () async throws -> CourseHistory) async throws -> CourseHistory {
        do {
            return try await body()
        } catch let error as CourseHistoryError {
            switch error {
            case .unknown(let id): throw Answer.notFound("history \(id)")
            case .isThere:
                throw Problem(
                    status: 409, type: "history-there", title: "The file was imported before", detail: "\(error)")
            }
        }
    }

    private static func file(_ body: JSON) throws -> [UInt8] {
        guard let text = body["file"]?.string, let data = Data(base64Encoded: text) else {
            throw fault("file", "the file's bytes are given in base64 (RFC 4648 section 4)")
        }
        return Array(data)
    }

    private static func plan(_ file: [UInt8], _ body: JSON, now: Timestamp, _ zone: String) throws -> HistoryPlan {
        let told = body["mapping"] ?? .null
        do throws(HistoryFileError) {
            var mapping = try HistoryMapping(told)
            if told["timeZone"] == nil { mapping.timeZone = zone }
            return try HistoryImport(mapping, now: now).plan(file)
        } catch {
            throw Problem(
                status: 422, type: "history-unreadable", title: "The file or its mapping cannot be read",
                detail: error.description)
        }
    }

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-history", title: "The request has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: [.init(pointer: "/\(member)", detail: detail)])
    }
}
