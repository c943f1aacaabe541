import AndonModel
import AndonTesting

/// The line to the CMMS and what is at its end: a strict stand-in, in whose way the plan's faults are.
// Touched on the schedule's thread alone.
final class SimulatedNetwork: @unchecked Sendable {
    let cmms: MaximoStandIn
    private let schedule: Schedule
    private var random: SeededRandom
    weak var observer: (any NetworkObserver)?
    private var next: [(fault: Plan.ExchangeFault, kind: Plan.ExchangeKind)] = []
    private var outages: [(fault: Plan.ExchangeFault, until: Duration)] = []
    private var indexLag: (lag: Duration, until: Duration)?
    /// When the CMMS wrote each order down.
    private var since: [String: Duration] = [:]

    init(seed: UInt64, schedule: Schedule) {
        self.schedule = schedule
        random = SeededRandom(seed: seed ^ 0x6E65_7477)
        var setup = MaximoStandIn.Setup()
        setup.takesAnyAsset = true
        // It would refuse a second create by itself for a while; here only asking first may prevent it.
        setup.remembersTransactions = false
        cmms = MaximoStandIn(setup: setup, time: WorldTime(schedule: schedule))
    }

    var uptime: Duration { schedule.uptime }

    // MARK: The plan

    func add(_ fault: Plan.ExchangeFault, for kind: Plan.ExchangeKind) { next.append((fault, kind)) }

    func begin(_ fault: Plan.ExchangeFault, lasting: Duration) { outages.append((fault, schedule.uptime + lasting)) }

    func slowIndex(_ lag: Duration, lasting: Duration) { indexLag = (lag, schedule.uptime + lasting) }

    func heal() {
        next = []
        outages = []
    }

    private func fault(for request: StandInRequest) -> Plan.ExchangeFault? {
        outages.removeAll { $0.until <= schedule.uptime }
        let kind = Self.kind(of: request)
        let found = next.firstIndex { $0.kind == kind || ($0.kind == .any && kind != .follow) }
        if let found { return next.remove(at: found).fault }
        return outages.first?.fault
    }

    private static func kind(of request: StandInRequest) -> Plan.ExchangeKind {
        guard request.method == "GET" else { return .write }
        // Who asks for the history of the status wants to know what has become of an order.
        return request.query["oslc.select"]?.contains("wostatus{") == true ? .follow : .search
    }

    // MARK: An exchange

    /// - Parameter done: told once, unless the process dies before.
    func send(_ request: StandInRequest, life: Life, done: @escaping (Result<WireResponse, WireError>) -> Void) {
        guard !life.isOver else { return done(.failure(.notSent("the process is dead"))) }
        let fault = fault(for: request)
        observer?.leaves(request, fault: fault)
        let call = Call(life: life, done: done)
        schedule.after(Plan.timeout) { call.end(.failure(.noAnswer("no answer within \(Plan.timeout.short)"))) }
        let way = latency()
        switch fault {
        case .refused: schedule.after(way) { call.end(.failure(.notSent("connection refused"))) }
        case .hangs: break
        case .lostBefore: schedule.after(way) { call.end(.failure(.noAnswer("the connection was reset"))) }
        case .lostBehind:
            arrive(request, after: way) { [self] _ in
                schedule.after(latency()) { call.end(.failure(.noAnswer("the connection was reset"))) }
            }
        case .late(let by): arrive(request, after: Plan.timeout + by) { _ in }
        case .slow(let by): arrive(request, after: way + by) { [self] in answer($0, to: call) }
        case .garbage(let isDone):
            replace(request, isDone: isDone, after: way, call, status: 200, body: "<html>Welcome</html>")
        case .broken(let isDone):
            replace(
                request, isDone: isDone, after: way, call, status: random.chance(50) ? 500 : 502, body: "proxy error")
        case .busy(let asked):
            let seconds = Int(asked.microseconds / 1_000_000) + 1
            observer?.asks(request, toWait: .seconds(seconds))
            refuse(after: way, call, random.chance(50) ? 429 : 503, [("retry-after", "\(seconds)")])
        case .unauthorized: refuse(after: way, call, 401)
        case .rejected: refuse(after: way, call, 400)
        case nil: arrive(request, after: way) { [self] in answer($0, to: call) }
        }
    }

    private func latency() -> Duration { .microseconds(Int64(random.int(500...200_000))) }

    private func answer(_ answer: StandInAnswer, to call: Call) {
        schedule.after(latency()) { call.end(Self.result(answer)) }
    }

    private func refuse(after way: Duration, _ call: Call, _ status: Int, _ headers: [(String, String)] = []) {
        schedule.after(way) { call.end(Self.result(.answer(status: status, headers: headers))) }
    }

    private func replace(
        _ request: StandInRequest, isDone: Bool, after way: Duration, _ call: Call, status: Int, body: String
    ) {
        let answer = StandInAnswer.answer(status: status, headers: [], body: Array(body.utf8))
        guard isDone else {
            schedule.after(way) { call.end(Self.result(answer)) }
            return
        }
        arrive(request, after: way) { [self] _ in self.answer(answer, to: call) }
    }

    private static func result(_ answer: StandInAnswer) -> Result<WireResponse, WireError> {
        switch answer {
        case .answer(let status, let headers, let body):
            .success(WireResponse(status: status, headers: headers.map { .init($0, $1) }, body: body))
        case .drop: .failure(.noAnswer("the connection was closed before the answer was complete"))
        case .hang: .failure(.noAnswer("no answer in time"))
        }
    }

    // MARK: The other end

    /// What is on the line arrives, whatever has become of who sent it.
    private func arrive(
        _ request: StandInRequest, after way: Duration, _ then: @escaping @Sendable (StandInAnswer) -> Void
    ) {
        schedule.after(way) { [self] in
            if let hidden = hidden(request) {
                observer?.hides(request)
                return then(hidden)
            }
            schedule.start { [self] in
                let answer = withoutTheYoung(await cmms.handle(request), to: request)
                if request.method != "GET", case .answer(200..<300, _, _) = answer { written(request) }
                then(answer)
            }
        }
    }

    private func written(_ request: StandInRequest) {
        let reference = (try? JSON(parsing: request.body))?["externalrefid"]?.string
        if let reference, since[reference] == nil { since[reference] = schedule.uptime }
        observer?.written(request, reference: reference)
    }

    /// The empty list of a search whose index is behind.
    private func hidden(_ request: StandInRequest) -> StandInAnswer? {
        guard let indexLag, schedule.uptime < indexLag.until, request.method == "GET",
            let asked = request.query["oslc.where"]?.firstMatch(of: /externalrefid="([^"]*)"/),
            let since = since[String(asked.1)], schedule.uptime < since + indexLag.lag
        else { return nil }
        let body: JSON = ["member": [], "responseInfo": ["totalCount": 0]]
        return .answer(status: 200, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }

    /// A list of changes without those that the index does not have yet.
    private func withoutTheYoung(_ answer: StandInAnswer, to request: StandInRequest) -> StandInAnswer {
        guard let indexLag, schedule.uptime < indexLag.until, Self.kind(of: request) == .follow,
            case .answer(let status, let headers, let body) = answer, var list = (try? JSON(parsing: body))?.object,
            let members = list["member"]?.array
        else { return answer }
        let known = WallClock.start + schedule.uptime - indexLag.lag
        let old = members.filter { ($0["changedate"]?.string).flatMap { Timestamp($0) }.map { $0 <= known } ?? true }
        if old.count < members.count { observer?.hides(request) }
        list["member"] = .array(old)
        return .answer(status: status, headers: headers, body: JSON.object(list).canonicalBytes)
    }

    /// Who waits for an answer.
    // Touched on the schedule's thread alone.
    private final class Call: @unchecked Sendable {
        private let life: Life
        private var done: ((Result<WireResponse, WireError>) -> Void)?
        private var place = 0

        init(life: Life, done: @escaping (Result<WireResponse, WireError>) -> Void) {
            self.life = life
            self.done = done
            place = life.enter { [self] in finish(.failure(.noAnswer("the process is dead"))) }
        }

        func end(_ result: Result<WireResponse, WireError>) {
            if life.leave(place) { finish(result) }
        }

        private func finish(_ result: Result<WireResponse, WireError>) {
            let done = done
            self.done = nil
            done?(result)
        }
    }
}

/// Whoever must know what goes over the line.
protocol NetworkObserver: AnyObject {
    func leaves(_ request: StandInRequest, fault: Plan.ExchangeFault?)
    func asks(_ request: StandInRequest, toWait: Duration)
    func hides(_ request: StandInRequest)
    /// The CMMS has carried out a request that changes something.
    func written(_ request: StandInRequest, reference: String?)
}

/// The wire that the connector has.
struct SimulatedWire: Wire {
    let network: SimulatedNetwork
    let life: Life
    let time: ProcessTime

    func now() -> Timestamp { time.now() }

    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        let request = try StandInRequest(request)
        let result: Result<WireResponse, WireError> = await withCheckedContinuation { continuation in
            network.send(request, life: life) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}
