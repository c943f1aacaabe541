import AndonDispatch
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The pictures and the page that are made of an order, as they are attached in the CMMS.
struct OrderFileRoutes: Sendable {
    let tools: PageTools

    private var store: Store { tools.store }
    private var files: OrderFiles { tools.files }

    func add(to router: Router<AppContext>) {
        router.get("/orders/:reference/chart") { request, context in
            let order = try await order(context)
            func missing() -> Problem { Answer.notFound("control chart of the order \(order.reference)") }
            if try Self.isSVG(request) {
                guard let chart = try await files.chartSVG(of: order) else { throw missing() }
                return Answer.picture(chart, "image/svg+xml")
            }
            guard let chart = try await files.chart(of: order) else { throw missing() }
            return Answer.drawn(chart, to: request)
        }
        router.get("/orders/:reference/annotated") { request, context in
            try await picture("annotated picture", request, context) {
                try await files.evidence.annotated($0)
            }
        }
        router.get("/orders/:reference/crop") { request, context in
            try await picture("enlarged defect", request, context) { try await files.evidence.crop($0) }
        }
        router.get("/orders/:reference/map") { request, context in
            let order = try await order(context)
            func missing() -> Problem {
                Answer.notFound(
                    "map of the order \(order.reference): its zone has no place on a floor plan of the plant file")
            }
            if try Self.isSVG(request) {
                guard let map = try files.mapSVG(of: order) else { throw missing() }
                return Answer.picture(map, "image/svg+xml")
            }
            guard let map = try await files.map(of: order) else { throw missing() }
            return Answer.drawn(map, to: request)
        }
        router.get("/orders/:reference/sheet.pdf") { request, context in
            let order = try await order(context)
            var response = Answer.drawn(try await files.sheet(of: order), to: request)
            response.headers[.contentDisposition] = "inline; filename=\"andon-\(order.reference).pdf\""
            return response
        }
    }

    /// Without `format` it is a PNG, as it is attached in the CMMS.
    private static func isSVG(_ request: Request) throws -> Bool {
        switch request.uri.queryParameters["format"] {
        case nil, "png": return false
        case "svg": return true
        default:
            throw Problem(
                status: 400, type: "invalid-query", title: "The request has a fault", detail: "format is png or svg.")
        }
    }

    /// A picture's own fault is said in the decoder's words.
    private func picture(
        _ name: String, _ request: Request, _ context: AppContext, _ make: (WorkOrder) async throws -> Drawn?
    ) async throws -> Response {
        let order = try await order(context)
        do {
            guard let drawn = try await make(order) else {
                throw Answer.notFound(
                    "\(name) of the order \(order.reference): it has no picture with a place for the defect")
            }
            return Answer.drawn(drawn, to: request)
        } catch let failure as PictureWorker.Failure where failure.isOfThePicture {
            throw Answer.notFound("\(name) of the order \(order.reference): \(failure.description)")
        }
    }

    private func order(_ context: AppContext) async throws -> WorkOrder {
        let reference = try RecordRoutes.reference(context.parameters)
        guard let order = try await store.read({ try $0.order(reference) }) else {
            throw Answer.notFound("order \(reference)")
        }
        try tools.scope(context.caller).demand(asset: order.asset, "order \(reference)")
        return order.document
    }
}
