import AndonConfiguration
import AndonDecide
import AndonLedger
import AndonModel
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// What other rules would have done, what those in the shadow did, and the thresholds that the repairs speak for.
struct BacktestRoutes: Sendable {
    let store: Store
    let shadow: Shadow
    /// The plant in force: a candidate from outside brings rules only.
    let plant: @Sendable () -> Plant

    /// Of the rules.
    static let bodyBytesMax = 1 << 20

    func add(to router: Router<some RequestContext>) {
        router.post("/api/v1/backtest") { request, _ in try await backtest(request) }
        router.get("/api/v1/shadow") { _, _ in
            guard let report = try await shadow.report() else {
                throw Answer.notFound("candidate in the shadow; name its file in shadow.rulesFile of the configuration")
            }
            return Answer.json(report)
        }
        router.get("/api/v1/tune") { request, _ in try await tune(request) }
    }

    private func backtest(_ request: Request) async throws -> Response {
        let (from, to) = try Self.period(request)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Self.bodyBytesMax {
            throw Self.tooLarge
        }
        var bytes: [UInt8] = []
        for try await piece in request.body {
            guard bytes.count + piece.readableBytes <= Self.bodyBytesMax else { throw Self.tooLarge }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        let plant = plant()
        let rules = try Self.rules(bytes, plant)
        let store = store
        // A long replay must not hold up the threads that take reports in.
        let report = try await NIOThreadPool.singleton.runIfActive {
            try Backtest.run(rules: rules, plant: plant, from: from, to: to, in: store)
        }
        return Answer.json(report.json)
    }

    private static func rules(_ bytes: [UInt8], _ plant: Plant) throws -> Rules {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(
                status: 400, type: "invalid-yaml", title: "The rules cannot be read", detail: "They are not UTF-8.")
        }
        do {
            return try Rules.candidate(yaml: text, file: "rules", plant: plant)
        } catch {
            throw Problem(
                status: 422, type: "invalid-rules", title: "The rules have faults",
                detail: "\(error.faults.count) faults; each is named with its line, as `andon check` would.",
                errors: error.faults.map {
                    .init(pointer: "/" + $0.path.replacing(".", with: "/"), detail: $0.description)
                })
        }
    }

    private func tune(_ request: Request) async throws -> Response {
        let (from, to) = try Self.period(request)
        let share = try Self.number(request, "share", in: Backtest.shares, default: 0.8)
        let confidence = try Self.number(request, "confidence", in: Backtest.confidences, default: 0.95)
        let store = store
        let tuning = try await NIOThreadPool.singleton.runIfActive {
            try Backtest.tune(share: share, confidence: confidence, from: from, to: to, in: store)
        }
        return Answer.json(tuning.json)
    }

    // MARK: The query

    private static func period(_ request: Request) throws -> (from: Timestamp?, to: Timestamp?) {
        let period = (try time(request, "from"), try time(request, "to"))
        if let from = period.0, let to = period.1, from >= to { throw fault("from should be before to.") }
        return period
    }

    private static func time(_ request: Request, _ name: Substring) throws -> Timestamp? {
        guard let text = request.uri.queryParameters[name].map(String.init) else { return nil }
        guard let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") else {
            throw fault("\(name) is a time like 2026-11-01T00:00:00Z, or a day like 2026-11-01.")
        }
        return time
    }

    private static func number(
        _ request: Request, _ name: Substring, in range: ClosedRange<Double>, default value: Double
    ) throws -> Double {
        guard let text = request.uri.queryParameters[name] else { return value }
        guard let number = Double(text), range.contains(number) else {
            throw fault("\(name) is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func fault(_ detail: String) -> Problem {
        Answer.invalidQuery(detail)
    }

    private static var tooLarge: Problem {
        Problem(
            status: 413, type: "too-large", title: "The rules are too large",
            detail: "Send at most \(bodyBytesMax) bytes.")
    }
}
