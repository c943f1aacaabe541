import AndonModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The API's own description: OpenAPI 3.1, and the JSON Schemas that it refers to.
struct DescriptionRoutes: Sendable {
    private let document: ByteBuffer
    private let schemas: [String: ByteBuffer]

    /// - Throws: when the program's resources are not beside it.
    init() throws {
        let folder = Bundle.module.bundleURL.appendingPathComponent("API")
        document = ByteBuffer(bytes: try Data(contentsOf: folder.appendingPathComponent("openapi.json")))
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent("schemas"), includingPropertiesForKeys: nil)
        schemas = Dictionary(
            try files.map { ($0.lastPathComponent, ByteBuffer(bytes: try Data(contentsOf: $0))) },
            uniquingKeysWith: { $1 })
    }

    func add(to router: Router<some RequestContext>) {
        router.get("/api/v1/openapi.json") { _, _ in Self.answer(document, type: "application/json") }
        router.get("/api/v1/schemas/:file") { _, context in
            let name = try context.parameters.decoded("file")
            guard let schema = schemas[name] else {
                throw Answer.notFound(
                    "schema \"\(name.cut(to: 40))\"; there are \(schemas.keys.sorted().joined(separator: ", "))")
            }
            return Self.answer(schema, type: "application/schema+json")
        }
    }

    private static func answer(_ body: ByteBuffer, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: body))
    }
}
