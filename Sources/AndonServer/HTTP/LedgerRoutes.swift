import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonTransparency
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The signed record: as a log that tools of others read, and what people do with its keys and names.
struct LedgerRoutes: Sendable {
    let keeping: LedgerKeeping

    private var store: Store { keeping.signer.store }
    private static let bodyMax = 1 << 20

    func add(to router: Router<AppContext>) {
        router.get("/ledger/checkpoint") { _, _ in try await checkpoint() }
        router.get("/ledger/tile/**") { request, _ in try await tile(request.uri.path) }
        router.post("/ledger/add-checkpoint") { request, _ in try await cosign(request) }
        router.get("/api/v1/ledger/keys") { _, _ in try await keys() }
        router.get("/api/v1/ledger/proof/:index") { _, context in try await proof(context.parameters.require("index")) }
        router.post("/api/v1/ledger/checkpoint") { _, _ in
            _ = try await keeping.signer.checkpoint()
            return try await checkpoint()
        }
        router.post("/api/v1/ledger/key") { request, context in try await rotate(request, context) }
        router.post("/api/v1/ledger/erasure") { request, context in try await erase(request, context) }
        router.get("/api/v1/ledger/witness-request") { request, _ in try await witnessRequest(request) }
        router.post("/api/v1/ledger/cosignatures") { request, _ in try await keepCosignatures(request) }
    }

    // MARK: The log (c2sp.org/tlog-tiles)

    private func checkpoint() async throws -> Response {
        guard let newest = try await store.read({ try $0.newestCheckpoint(withCosignatures: true) }) else {
            throw Answer.notFound("checkpoint yet")
        }
        return Self.text(newest.note.description)
    }

    private static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func tile(_ path: String) async throws -> Response {
        guard let tile = Tile(path: String(path.dropFirst("/ledger/".count))),
            let bytes = try await store.read({ try $0.bytes(of: tile) })
        else { throw Answer.notFound("tile \(path.cut(to: 100))") }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream", .cacheControl: "public, max-age=31536000, immutable",
                .xContentTypeOptions: "nosniff",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    // MARK: A witness for others (c2sp.org/tlog-witness)

    private func cosign(_ request: Request) async throws -> Response {
        guard let witness = keeping.witness else {
            return Self.text("this server is nobody's witness: ledger.witnessOf is empty\n", status: .notFound)
        }
        let body = try await Self.body(request)
        do {
            return Self.text(try await witness.cosign(body))
        } catch let refusal as WitnessRefusal {
            switch refusal {
            case .malformed: return Self.text("\(refusal)\n", status: .badRequest)
            case .unknownLog: return Self.text("\(refusal)\n", status: .notFound)
            case .notSigned: return Self.text("\(refusal)\n", status: .forbidden)
            case .inconsistent: return Self.text("\(refusal)\n", status: .unprocessableContent)
            case .otherSize(let size):
                return Response(
                    status: .conflict, headers: [.contentType: "text/x.tlog.size"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: "\(size)\n")))
            }
        }
    }

    private static func body(_ request: Request) async throws -> String {
        String(buffer: try await request.body.collect(upTo: bodyMax))
    }

    // MARK: Proofs

    private func keys() async throws -> Response {
        let chain = try await keeping.signer.chain()
        return Answer.json(
            .object(present: [
                "keys": .array(
                    chain.links.map {
                        [
                            "key": .string("\($0.key)"), "entry": .integer($0.index),
                            "vouchedFor": .bool($0.isVouchedFor),
                        ]
                    }),
                "witness": keeping.witness.map { .string("\($0.verifier)") },
                "witnesses": .array(keeping.settings.witnesses.map { .string("\($0.key)") }),
            ]))
    }

    private func proof(_ text: String) async throws -> Response {
        guard let index = Int64(plainDecimal: text) else { throw Answer.notFound("entry \"\(text.cut(to: 40))\"") }
        do {
            return Self.text(try await store.read { try $0.logProof(of: index) }.description)
        } catch let error as TransparencyError {
            throw Problem(status: 404, type: "not-found", title: "Not found", detail: "\(error).")
        }
    }

    private func witnessRequest(_ request: Request) async throws -> Response {
        guard let old = Int64(plainDecimal: request.uri.queryParameters["old"] ?? "0") else {
            throw Self.fault("old", "old is the size of the last checkpoint that the witness signed")
        }
        return try await Self.refusing { Self.text(try await keeping.signer.witnessRequest(old: old).description) }
    }

    private func keepCosignatures(_ request: Request) async throws -> Response {
        guard let size = Int64(plainDecimal: request.uri.queryParameters["size"] ?? "") else {
            throw Self.fault("size", "size is the number of entries of the checkpoint that was signed")
        }
        let body = try await Self.body(request)
        return try await Self.refusing {
            let kept = try await keeping.signer.keepCosignatures(
                body, size: size, witnesses: keeping.settings.witnesses.map(\.key))
            return Answer.json(["kept": .array(kept.map { .string("\($0)") })])
        }
    }

    private static func refusing(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let error as TransparencyError {
            throw Problem(
                status: 422, type: "not-proven", title: "This does not hold", detail: "\(error).")
        }
    }

    // MARK: Keys and names

    private func rotate(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try RequestBody.json(Array(try await Self.body(request).utf8))
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), Self.fault)
        let key = try await keeping.signer.rotate(by: person, reason: reason)
        return Answer.json(["key": .string("\(key)")])
    }

    private func erase(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try RequestBody.json(Array(try await Self.body(request).utf8))
        let (person, reason) = try RequestBody.signature(body, by: context.person(body), Self.fault)
        guard let name = body["person"]?.string, name.contains(where: { !$0.isWhitespace }) else {
            throw Self.fault("person", "person is the name as it stands in the record")
        }
        guard !reason.localizedCaseInsensitiveContains(name) else {
            throw Self.fault("reason", "the reason is kept for good: it should not have the name in it")
        }
        let done = try await store.write { transaction in
            try transaction.erase(
                name: name, by: person, reason: reason, further: DeskSchema.nameColumns + IdentitySchema.nameColumns)
        }
        return Answer.json([
            "values": .integer(done.values), "rows": .integer(done.rows),
            "entries": .array(done.entries.map { .integer($0) }),
        ])
    }

    private static func fault(_ member: String, _ detail: String) -> Problem {
        Problem(
            status: 422, type: "invalid-request", title: "The request has a fault",
            detail: detail.prefix(1).uppercased() + detail.dropFirst() + ".",
            errors: [.init(pointer: "/\(member)", detail: detail)])
    }
}
