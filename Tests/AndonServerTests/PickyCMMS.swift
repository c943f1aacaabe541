import AndonModel
import AndonTesting
import Synchronization

/// A CMMS of the plainest kind, which refuses each order once: somebody has to mend something there first.
final class PickyCMMS: Sendable {
    private struct State {
        var refused: Set<String> = []
        /// Names there, from 1, by our reference.
        var orders: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// What it says of an order that it does not take.
    static let refusal = "the functional location is not there"

    /// The connector's lines of a configuration, as `plain`.
    static func section(_ address: String) -> String {
        """
          plain:
            type: rest
            url: \(address)
            signIn: none
            mapping:
              system: Plain CMMS
              words: [/error/message]
              create:
                method: POST
                path: /orders
                body: { title: "{title|line|cut:100}", asset: "{asset}", externalId: "{reference}" }
                take: { id: /id }
              find: { path: /orders, query: { externalId: "{reference}" }, rows: /items, id: /id }
              read: { path: "/orders/{id}" }
              order: { id: /id, state: /status, states: { OPEN: open, DONE: closed } }

        """
    }

    func serve() async throws -> StandInServer {
        try await StandInServer { [self] request in answer(request) }
    }

    private func answer(_ request: StandInRequest) -> StandInAnswer {
        switch request.method {
        case "POST": return create(request)
        default:
            let wanted = request.query["externalId"]
            let found = state.withLock { state in wanted.flatMap { state.orders[$0] } }
            guard wanted == nil else {
                let rows: [JSON] = found.map { id -> [JSON] in [["id": .integer(id)]] } ?? []
                return Self.answer(200, ["items": .array(rows)])
            }
            let id = request.path.split(separator: "/").last.flatMap { Int($0) } ?? 0
            return Self.answer(200, ["id": .integer(id), "status": "OPEN"])
        }
    }

    private func create(_ request: StandInRequest) -> StandInAnswer {
        guard let reference = (try? JSON(parsing: request.body))?["externalId"]?.string else {
            return Self.answer(422, ["error": ["message": "externalId is missing"]])
        }
        let id = state.withLock { state -> Int? in
            if state.refused.insert(reference).inserted { return nil }
            let id = state.orders[reference] ?? state.orders.count + 1
            state.orders[reference] = id
            return id
        }
        guard let id else { return Self.answer(400, ["error": ["message": .string(Self.refusal)]]) }
        return Self.answer(201, ["id": .integer(id)])
    }

    private static func answer(_ status: Int, _ body: JSON) -> StandInAnswer {
        .answer(
            status: status, headers: [("content-type", "application/json")], body: Array(body.canonicalText.utf8))
    }
}
