import AndonDispatch
import AndonLedger
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore

/// The pictures and the page that are made of an order, as they are attached in the CMMS.
struct OrderFileRoutes: Sendable {
    let store: Store
    let files: OrderFiles

    func add(to router: Router<some RequestContext>) {
        router.get("/orders/:reference/chart") { request, context in
            let order = try await order(context.parameters)
            let form = try Self.form(request)
            guard let chart = try await files.chart(of: order, as: form) else {
                throw Answer.notFound("control chart of the order \(order.reference)")
            }
            return Answer.picture(chart, form.mediaType)
        }
        router.get("/orders/:reference/annotated") { _, context in
            try await picture("annotated picture", context.parameters) { try await files.evidence.annotated($0) }
        }
        router.get("/orders/:reference/crop") { _, context in
            try await picture("enlarged defect", context.parameters) { try await files.evidence.crop($0) }
        }
        router.get("/orders/:reference/map") { request, context in
            let order = try await order(context.parameters)
            let form = try Self.form(request)
            guard let map = try files.map(of: order, as: form) else {
                throw Answer.notFound(
                    "map of the order \(order.reference): its zone has no place on a floor plan of the plant file")
            }
            return Answer.picture(map, form.mediaType)
        }
        router.get("/orders/:reference/sheet.pdf") { _, context in
            let order = try await order(context.parameters)
            var response = Answer.picture(try await files.sheet(of: order), "application/pdf")
            response.headers[.contentDisposition] = "inline; filename=\"andon-\(order.reference).pdf\""
            return response
        }
    }

    /// Without `format`, what is attached in the CMMS.
    private static func form(_ request: Request) throws -> OrderFiles.Form {
        guard let name = request.uri.queryParameters["format"] else { return .png }
        guard let form = OrderFiles.Form(rawValue: String(name)) else {
            throw Problem(
                status: 400, type: "invalid-query", title: "The request has a fault", detail: "format is png or svg.")
        }
        return form
    }

    /// A picture's own fault is said in the decoder's words.
    private func picture(
        _ name: String, _ parameters: Parameters, _ make: (WorkOrder) async throws -> DerivedFiles.Content?
    ) async throws -> Response {
        let order = try await order(parameters)
        do {
            guard let content = try await make(order) else {
                throw Answer.notFound(
                    "\(name) of the order \(order.reference): it has no picture with a place for the defect")
            }
            return Answer.picture(content.bytes, content.mediaType.rawValue)
        } catch let failure as PictureWorker.Failure where failure.isOfThePicture {
            throw Answer.notFound("\(name) of the order \(order.reference): \(failure.description)")
        }
    }

    private func order(_ parameters: Parameters) async throws -> WorkOrder {
        let reference = try RecordRoutes.reference(parameters)
        guard let order = try await store.read({ try $0.order(reference) }) else {
            throw Answer.notFound("order \(reference)")
        }
        return order.document
    }
}
