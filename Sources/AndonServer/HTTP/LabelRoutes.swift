import AndonAudit
import AndonDesk
import AndonIntake
import AndonLearn
import AndonLedger
import AndonModel
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Labels for training the model: what persons report that it missed, and the archive of pictures and labels.
struct LabelRoutes: Sendable {
    let tools: PageTools

    private var store: Store { tools.store }

    private static let bodyMax = 64 << 10

    func add(to router: Router<AppContext>) {
        router.post("/api/v1/learn/missed") { request, context in try await report(request, context) }
        router.get("/api/v1/learn/labels") { request, _ in
            let query = request.uri.queryParameters
            return try await archive(LabelQuery { query[Substring($0)].map(String.init) })
        }
    }

    private func report(_ request: Request, _ context: AppContext) async throws -> Response {
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        let person = context.person(body)
        let form = MissedForm { name in
            if name == "by" { return person }
            let value = ["x", "y", "width", "height"].contains(name) ? body["box"]?[name] : body[name]
            return value?.string ?? value?.number.map { JSON.number($0).canonicalText }
        }
        let (id, missed) = try await form.keep(in: store, hiding: tools.scope(context.caller).hidden)
        guard case .object(var members) = missed.json else { return Answer.json([:], status: .created) }
        members["label"] = .integer(id)
        return Answer.json(.object(members), status: .created)
    }

    private func archive(_ query: LabelQuery) async throws -> Response {
        let set = try await LabelSet(query, from: store)
        let pictures = tools.pictures
        var headers: HTTPFields = [
            .contentType: "application/zip", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentDisposition: "attachment; filename=\"andon-labels-\(query.format.rawValue).zip\"",
        ]
        if let name = ExportRoutes.records { headers[name] = "\(set.count)" }
        let body = ResponseBody { writer in
            let writing = BodyWriter(writer)
            var archive = try LabelArchive(query, set) { try await pictures.bytes(of: $0) }
            try await archive.write(to: { try await writing.write($0) })
            try await writing.finish()
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
