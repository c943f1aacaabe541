import AndonAudit
import AndonDesk
import AndonDraw
import AndonLedger
import AndonModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The traceable record of an order: a page, a document, and what people add to it.
struct AuditRoutes: Sendable {
    let store: Store
    let files: OrderFiles
    let signatures: SignatureRoutes
    private let page: RecordPage

    private static let bodyMax = 64 << 10

    init(store: Store, files: OrderFiles, signatures: SignatureRoutes) throws {
        (self.store, self.files, self.signatures) = (store, files, signatures)
        page = try RecordPage()
    }

    func add(to router: Router<some RequestContext>) {
        router.get("/orders/:reference/record") { _, context in
            try await html(RecordRoutes.reference(context.parameters))
        }
        router.get("/orders/:reference/record.pdf") { request, context in
            try await pdf(RecordRoutes.reference(context.parameters), request)
        }
        router.get("/api/v1/orders/:reference/record") { _, context in
            Answer.json(try await record(RecordRoutes.reference(context.parameters)).json)
        }
        router.get("/api/v1/lots/:lot/recall") { request, context in
            try await recall(context.parameters.decoded("lot"), request)
        }
        router.post("/api/v1/orders/:reference/evidence") { request, context in
            try await keep(RecordRoutes.reference(context.parameters), request)
        }
        router.post("/orders/:reference/evidence") { request, context in
            try await keepForm(RecordRoutes.reference(context.parameters), request)
        }
        router.post("/orders/:reference/sign") { request, context in
            try await signForm(RecordRoutes.reference(context.parameters), request)
        }
    }

    private func record(_ reference: Reference) async throws -> TraceableRecord {
        guard let record = try await store.read({ try TraceableRecord(reference, from: $0) }) else {
            throw Answer.notFound("order \(reference)")
        }
        return record
    }

    private func html(_ reference: Reference, problem: Problem? = nil) async throws -> Response {
        Answer.page(
            page.html(try await record(reference), problem: problem?.detail),
            status: problem.map { .init(code: $0.status) } ?? .ok)
    }

    private func recall(_ lot: String, _ request: Request) async throws -> Response {
        var hours = 24
        if let text = request.uri.queryParameters["hours"] {
            guard let number = Int(text), (0...8760).contains(number) else {
                throw Answer.invalidQuery("hours is a whole number from 0 to 8760.")
            }
            hours = number
        }
        let margin = Duration.seconds(hours * 3600)
        return Answer.json(try await store.read { try Recall(lot: lot, margin: margin, from: $0).json })
    }

    /// In the form of a standard where `?standard=` names one.
    private func pdf(_ reference: Reference, _ request: Request) async throws -> Response {
        let standard = try request.uri.queryParameters["standard"].map { try Standard(named: String($0)) }
        let record = try await record(reference)
        let pictures = try await files.forRecord(record.order.document)
        let bytes = try RecordDocument(record, standard: standard, pictures: pictures).document.pdf()
        var response = Answer.picture(bytes, "application/pdf")
        response.headers[.contentDisposition] = "inline; filename=\"andon-\(reference)-record.pdf\""
        return response
    }

    private func keep(_ reference: Reference, _ request: Request) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        let index = try await keep(
            reference, body["evidence"]?.string, body["value"]?.string, body["by"]?.string, body["why"]?.string)
        return Answer.json(["entry": .integer(index)], status: .created)
    }

    private func keepForm(_ reference: Reference, _ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: Self.bodyMax)
        let form = URLEncodedForm(String(buffer: bytes))
        do {
            _ = try await keep(reference, form["evidence"], form["value"], form["by"], form["why"])
        } catch let problem as Problem where problem.status == 422 {
            return try await html(reference, problem: problem)
        }
        return Response.redirect(to: "/orders/\(reference)/record", type: .normal)
    }

    private func signForm(_ reference: Reference, _ request: Request) async throws -> Response {
        do {
            _ = try await signatures.sign(reference, RequestFields(request))
        } catch let problem as Problem where problem.status != 404 {
            return try await html(reference, problem: problem)
        }
        return Response.redirect(to: "/orders/\(reference)/record", type: .normal)
    }

    private func keep(
        _ reference: Reference, _ word: String?, _ value: String?, _ by: String?, _ why: String?
    ) async throws -> Int64 {
        guard let kind = EvidenceKind.allCases.first(where: { $0.word == word || $0.rawValue == word }) else {
            let words = EvidenceKind.recordable.map(\.word).joined(separator: ", ")
            throw Problem(
                status: 422, type: "invalid-evidence", title: "The evidence cannot be recorded",
                detail: "\"evidence\" is one of \(words).")
        }
        let evidence = try RecordedEvidence(kind: kind, value: value ?? "", by: by ?? "", why: why)
        return try await store.write { try evidence.keep(of: reference, in: $0) }
    }
}
