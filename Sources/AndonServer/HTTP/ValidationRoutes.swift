import AndonAudit
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Recorded validation packs: which tests of which version ran, and who says that they count here.
struct ValidationRoutes: Sendable {
    let store: Store

    /// The pack is a member of the body as it is: as text, so that its bytes stay its own.
    private static let bodyMax = ValidationPack.bytesMax * 2 + (64 << 10)

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/validation") { request, context in try await record(request, context) }
        router.get("/api/v1/validation") { _, _ in try await list() }
        router.get("/api/v1/validation/:digest") { _, context in try await pack(context.parameters.decoded("digest")) }
    }

    private func record(_ request: Request, _ context: AppContext) async throws -> Response {
        let limits = JSONLimits(bytesMax: Self.bodyMax, stringBytesMax: ValidationPack.bytesMax)
        let body = try RequestBody.json(
            Array(buffer: try await request.body.collect(upTo: Self.bodyMax)), limits: limits)
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), Self.fault)
        guard let text = body["pack"]?.string else {
            throw Self.fault("pack", "the file's text, in pack")
        }
        let pack = try ValidationPack(parsing: Array(text.utf8))
        try keep(pack)
        let (entry, isNew) = try await store.write { transaction -> (Int64, Bool) in
            if let known = try Self.entries(transaction.reader).last(where: {
                $0.body["sha256"] == .string(pack.sha256)
            }) {
                return (known.index, false)
            }
            let index = try transaction.record(
                ValidationPack.entryKind, of: ValidationPack.subject, pack.body(by: person, reason: reason),
                names: ["/by"])
            return (index, true)
        }
        return Answer.json(
            [
                "entry": .integer(entry), "sha256": .string(pack.sha256), "version": .string(pack.version),
                "counts": pack.counts,
            ], status: isNew ? .created : .ok)
    }

    /// Named by its digest: written under another name, synced, and renamed before the ledger speaks of it.
    private func keep(_ pack: ValidationPack) throws {
        let path = ValidationPack.path(pack.sha256, in: store.folder)
        do {
            try FileManager.default.createDirectory(
                atPath: store.folder + "/validation", withIntermediateDirectories: true)
            try DurableFile.write(String(decoding: pack.bytes, as: UTF8.self), to: path, mode: 0o640)
        } catch {
            throw Problem(
                status: 507, type: "disk-full", title: "The pack could not be kept",
                detail: "\(path) cannot be written (\(error)). Nothing was recorded.")
        }
    }

    private static func entries(_ reader: Reader) throws -> [LedgerEntry] {
        try reader.ledgerEntries(of: ValidationPack.subject)
    }

    private func list() async throws -> Response {
        let entries = try await store.read { try Self.entries($0) }
        let newest = try await store.read { try $0.newestValidation(of: Software.version) }
        return Answer.json([
            "software": .string(Software.version), "inForce": newest.map { .integer($0.index) } ?? .null,
            "packs": .array(entries.map(\.json)),
        ])
    }

    private func pack(_ sha256: String) async throws -> Response {
        guard let digest = Hex.bytes(sha256), digest.count == 32,
            let bytes = FileManager.default.contents(atPath: ValidationPack.path(sha256, in: store.folder))
        else { throw Answer.notFound("validation pack \"\(sha256.cut(to: 70))\"") }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-validation", title: "The request has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: [.init(pointer: "/\(member)", detail: detail)])
    }
}
