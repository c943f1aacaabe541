import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird

/// Why points are as they are, for programs: stated, listed, withdrawn.
struct ChartCauseRoutes: Sendable {
    let tools: PageTools

    static let access = Access.all(
        Access.get(.read, "/api/v1/charts/:chart/causes"),
        Access.post(.tune, "/api/v1/charts/:chart/causes", "/api/v1/charts/:chart/causes/:cause/withdraw"))

    private static let bodyMax = 16 << 10

    private var step: CauseStep { CauseStep(store: tools.store) }

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/charts/:chart/causes") { request, context in try await list(request, context) }
        router.post("/api/v1/charts/:chart/causes") { request, context in try await keep(request, context) }
        router.post("/api/v1/charts/:chart/causes/:cause/withdraw") { request, context in
            try await withdraw(request, context)
        }
    }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let chart = try context.parameters.decoded("chart")
        let stratum = try ChartRoutes.stratum(request.uri.queryParameters)
        let reach = ChartReach(tools, context.caller)
        let causes = try await tools.store.read { reader -> [AssignableCause] in
            try reach.demand(ChartRoutes.record(chart, stratum, reader))
            return try reader.chartCauses(chart, stratum)
        }
        return Answer.json(["causes": .array(causes.map(\.json))])
    }

    private func keep(_ request: Request, _ context: AppContext) async throws -> Response {
        let chart = try context.parameters.decoded("chart")
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        guard let first = body["from"]?.integer else {
            throw ChartRoutes.invalid("from is the number of a point, and so is to where there are several")
        }
        let last = body["to"] == nil ? first : body["to"]?.integer
        guard let last else { throw ChartRoutes.invalid("to is the number of the last point") }
        let reach = ChartReach(tools, context.caller)
        let cause = try await step.keep(
            StatedCause(
                chart: chart, stratum: body["stream"]?.string ?? "", first: first, last: last,
                cause: body["cause"]?.string ?? "", code: body["code"]?.string, by: Self.person(body, context)),
            demand: { try reach.demandTuning($0) })
        return Answer.json(cause.json, status: .created)
    }

    private func withdraw(_ request: Request, _ context: AppContext) async throws -> Response {
        let chart = try context.parameters.decoded("chart")
        let number = try Self.number(context.parameters)
        let body = try await RequestBody.json(request, upTo: Self.bodyMax)
        let reach = ChartReach(tools, context.caller)
        let cause = try await step.withdraw(
            number, ofChart: chart, by: Self.person(body, context), reason: body["reason"]?.string ?? "",
            demand: { try reach.demandTuning($0) })
        return Answer.json(cause.json)
    }

    /// - Throws: `Problem` 404 for what is no number.
    static func number(_ parameters: Parameters) throws -> Int64 {
        let text = try parameters.decoded("cause")
        guard let number = Int64(text), number > 0 else { throw Answer.notFound("cause \"\(text.cut(to: 40))\"") }
        return number
    }

    /// Empty where nobody is known, which is refused with the rest.
    private static func person(_ body: JSON, _ context: AppContext) -> String {
        context.caller.doer(typed: body["by"]?.string) ?? ""
    }
}

extension AssignableCause {
    /// For programs.
    var json: JSON {
        .object(present: [
            "number": .integer(number), "chart": .string(chart), "stream": .string(stratum), "from": .integer(first),
            "to": .integer(last), "cause": .string(cause), "code": code.map(JSON.string), "at": .time(at),
            "by": .string(by),
            "withdrawn": withdrawal.map {
                ["at": .time($0.at), "by": .string($0.by), "reason": .string($0.reason)]
            },
        ])
    }
}
