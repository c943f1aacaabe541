import AndonDecide
import AndonDraw
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb
import Foundation
import HTTPTypes
import Hummingbird

/// Control charts: the streams by trouble, one stream with all that is known of it, its picture, and its limits.
struct ChartRoutes: Sendable {
    let tools: PageTools
    private var store: Store { tools.store }
    private var limits: LimitsStep { LimitsStep(store: tools.store, inForce: tools.inForce) }
    /// Bytes of a request for limits.
    private static let bodyMax = 64 << 10

    func add(to router: Router<AppContext>) {
        router.get("/api/v1/charts") { request, context in try await list(request, context) }
        router.get("/api/v1/charts/:chart") { request, context in
            try await stream(context.parameters.decoded("chart"), request, context)
        }
        router.get("/api/v1/charts/:chart/figure") { request, context in
            try await figure(context.parameters.decoded("chart"), request, context)
        }
        router.post("/api/v1/charts/:chart/limits") { request, context in
            try await setLimits(context.parameters.decoded("chart"), request, context)
        }
        ChartCauseRoutes(tools: tools).add(to: router)
    }

    private func charts() -> [Chart] { tools.inForce().charts.map(\.chart) }

    private func list(_ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        let chart = query["chart"].map(String.init)
        let after = query["after"].map(String.init) ?? ""
        let limit = try Self.number("limit", 1...1000, query) ?? 200
        let known = charts().byName
        let reach = ChartReach(tools, context.caller)
        let (summaries, next) = try await store.read { reader -> ([JSON], String?) in
            let (records, next) = try Self.page(of: chart, after: after, limit: limit, reach, reader)
            return (try records.map { try ChartView.summary($0, known[$0.chart]) }, next)
        }
        let sorted = summaries.enumerated().sorted {
            (ChartView.trouble($0.element), $0.offset) < (ChartView.trouble($1.element), $1.offset)
        }.map(\.element)
        return Answer.json(
            .object(present: [
                "streams": .array(sorted),
                "after": next.map { .string($0) },
            ]))
    }

    /// A page of the streams within reach, and the name of its own last one where more may follow.
    private static func page(
        of chart: String?, after: String, limit: Int, _ reach: ChartReach, _ reader: Reader
    ) throws -> ([ChartStreamRecord], String?) {
        // Where most are out of reach a short page does not ask the store for each of them.
        let step = max(limit, 200)
        var found: [ChartStreamRecord] = []
        var place = after
        while true {
            let records = try reader.chartStreams(of: chart, after: place, limit: step)
            for record in records where reach.sees(record.chart, asset: record.asset) {
                found.append(record)
                place = "\(record.chart)|\(record.stratum)"
                if found.count == limit { return (found, place) }
            }
            guard records.count == step, let last = records.last else { return (found, nil) }
            place = "\(last.chart)|\(last.stratum)"
        }
    }

    private func stream(_ chart: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        let stratum = try Self.stratum(query)
        let points = try Self.number("points", 1...10_000, query) ?? 200
        let known = charts().byName[chart]
        let reach = ChartReach(tools, context.caller)
        return try await store.read { reader in
            let record = try Self.record(chart, stratum, reader)
            try reach.demand(record)
            return Answer.json(try ChartView.stream(record, known, points: points, reader))
        }
    }

    private func figure(_ chart: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        let stratum = try Self.stratum(query)
        let points = try Self.number("points", 1...10_000, query) ?? 60
        let width = try Self.number("width", 100...4000, query) ?? 1200
        let height = try Self.number("height", 100...4000, query) ?? 640
        let known = charts().byName[chart]
        let reach = ChartReach(tools, context.caller)
        let figure = try await store.read { reader in
            let record = try Self.record(chart, stratum, reader)
            try reach.demand(record)
            guard let known else { throw Answer.notFound("chart \"\(chart.cut(to: 80))\" in the rules in force") }
            let prediction = try ChartView.prediction(record, known, reader)
            return try ChartPicture(chart: known, stratum: stratum, prediction: prediction, pointsMax: points)
                .figure(reader)
        }
        switch query["format"] ?? "svg" {
        case "svg": return Answer.picture(try figure.svg(width: width, height: height), "image/svg+xml")
        case "png": return Answer.picture(try figure.png(width: width, height: height), "image/png")
        default: throw Self.invalid("format is svg or png")
        }
    }

    private func setLimits(_ chart: String, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = request.uri.queryParameters
        let bytes = try await request.body.collect(upTo: Self.bodyMax)
        let body: JSON
        do {
            body = try JSON(parsing: Array(buffer: bytes))
        } catch {
            throw Self.invalid("the body is not JSON: \(error)")
        }
        var excluded: [Int: String] = [:]
        for entry in body["exclude"]?.array ?? [] {
            guard let point = entry["point"]?.integer else { throw Self.invalid("each of exclude has a point") }
            excluded[point] = entry["reason"]?.string ?? ""
        }
        guard let first = body["from"]?.integer, let last = body["to"]?.integer else {
            throw Self.invalid("from and to are the numbers of the first and the last point")
        }
        let stratum = body["stream"]?.string ?? ""
        let reach = ChartReach(tools, context.caller)
        try await store.read { reader in try reach.demandTuning(Self.record(chart, stratum, reader)) }
        let person = context.caller.doer(typed: body["by"]?.string) ?? ""
        let answer = try await limits.apply(
            LimitsRequest(
                chart: chart, stratum: stratum, first: first, last: last, excluded: excluded,
                excludesBeyond: body["excludeBeyond"]?.bool ?? false,
                person: person, reason: body["reason"]?.string?.cut(to: 1000) ?? "",
                isTrial: query["trial"] == "true"))
        return Answer.json(answer.json)
    }

    static func record(_ chart: String, _ stratum: String, _ reader: Reader) throws -> ChartStreamRecord {
        guard let record = try reader.chartStream(chart, stratum) else {
            throw ChartReach.unknown(chart, stratum)
        }
        return record
    }

    static func stratum(_ query: Parameters) throws -> String {
        guard let text = query["stream"] else { return "" }
        guard let plain = String(text).removingPercentEncoding else { throw invalid("stream is not percent-encoded") }
        return plain
    }

    private static func number(_ name: Substring, _ range: ClosedRange<Int>, _ query: Parameters) throws -> Int? {
        guard let text = query[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw invalid("\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    static func invalid(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-query", title: "The request has a fault", detail: "\(detail).")
    }
}
