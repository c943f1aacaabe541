import AndonClose
import AndonConfiguration
import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// How each connector stands, its dead letters, and the webhook that makes the next poll come at once.
struct ConnectorRoutes: Sendable {
    let store: Store
    let connectors: [BuiltConnector]
    let close: CloseStep
    /// The part of the plant in which a caller may do something.
    let scope: @Sendable (Caller, Permission) -> SiteScope

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/connectors") { _, context in
            try await list(hiding: Set(scope(context.caller, .read).hidden))
        }
        router.post("/api/v1/connectors/:name/retry") { request, context in
            let name = try known(context.parameters.decoded("name"))
            return try await retry(nil, connector: name, request, context)
        }
        router.post("/api/v1/connectors/:name/webhook") { _, context in
            let name = try known(context.parameters.decoded("name"))
            close.nudge(name)
            return Answer.json(["connector": .string(name), "polled": true], status: .accepted)
        }
        router.post("/api/v1/orders/:reference/retry") { request, context in
            let reference = try RecordRoutes.reference(context.parameters)
            guard let order = try await store.read({ try $0.order(reference) }) else {
                throw Answer.notFound("order \(reference)")
            }
            try scope(context.caller, .plan).demand(asset: order.asset, "order \(reference)")
            return try await retry(reference, connector: nil, request, context)
        }
    }

    private func known(_ name: String) throws -> String {
        let names = connectors.map(\.entry.name)
        guard names.contains(name) else {
            throw Answer.notFound("connector \"\(name.cut(to: 40))\"; there are \(names.joined(separator: ", "))")
        }
        return name
    }

    /// - Parameter hidden: assets whose orders count for nothing here.
    private func list(hiding hidden: Set<String>) async throws -> Response {
        let standings = try await store.read { reader in
            try connectors.map { try Self.standing($0, hiding: hidden, reader) }
        }
        return Answer.json(["connectors": .array(standings)])
    }

    private static func queue(
        _ name: String, hiding hidden: Set<String>, _ reader: Reader
    ) throws -> (waiting: Int, dead: Int, lastError: String?) {
        guard !hidden.isEmpty else { return try reader.queue(connector: name) }
        let standing = try reader.queueStanding(connector: name, hiding: hidden)
        return (standing.waiting, standing.dead, standing.lastError)
    }

    private static func standing(
        _ built: BuiltConnector, hiding hidden: Set<String>, _ reader: Reader
    ) throws -> JSON {
        let queue = try Self.queue(built.entry.name, hiding: hidden, reader)
        let registry = try reader.registrySize(connector: built.entry.name)
        return .object(present: [
            "name": .string(built.entry.name), "type": .string(built.entry.type),
            "system": .string(built.connector.traits.system), "waiting": .integer(queue.waiting),
            "dead": .integer(queue.dead), "lastError": queue.lastError.map { .string($0) },
            "polledAt": try reader.lastPoll(connector: built.entry.name).map { .time($0) },
            "registryReadAt": registry.map { .time($0.readAt) }, "registryAssets": registry.map { .integer($0.assets) },
        ])
    }

    private func retry(
        _ reference: Reference?, connector: String?, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let person = context.caller.doer(typed: request.uri.queryParameters["by"].map(String.init)) ?? "api"
        let count = try await store.write { try $0.revive(reference, connector: connector, by: person) }
        return Answer.json(["revived": .integer(count)])
    }
}
