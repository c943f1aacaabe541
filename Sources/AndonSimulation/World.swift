import AndonClose
import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation

/// A plant, its CMMS and a machine with Andon on it, for as long as one plan lasts.
// Touched on the thread that made it alone; its schedule sees to that.
final class World: @unchecked Sendable, NetworkObserver {
    let plan: Plan
    let schedule: Schedule
    let judge: Judge
    private let isTraced: Bool
    private let mutant: Mutant?
    private let folder: String
    private let clock = WallClock()
    private let disk: SimulatedDisk
    private let database: SimulatedDatabase
    private let network: SimulatedNetwork
    private var random: SeededRandom
    private let source: SeededSource
    private var server: SimulatedServer?
    private var run: Run
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    /// The death that waits for its disk call.
    private var armed: Plan.Death?
    private var losesCameraAnswer = false
    private var starts = 0
    /// In a row.
    private var failedStarts = 0
    private var isOver = false
    /// Since when the service is away, by the row that took it away.
    private var awaySince: [String: Duration] = [:]
    /// When a request may be made again that was asked to wait.
    private var notBefore: [String: Duration] = [:]
    private var isFailing = false

    /// - Parameter folder: for pictures; it is there.
    init(_ plan: Plan, mutant: Mutant?, folder: String, original: SimulatedDisk, isTraced: Bool) throws {
        (self.plan, self.mutant, self.folder, self.isTraced) = (plan, mutant, folder, isTraced)
        schedule = Schedule(seed: plan.seed ^ 0x6A6F_6273)
        random = SeededRandom(seed: plan.seed ^ 0x776F_726C)
        source = SeededSource(seed: plan.seed ^ 0x6472_6177)
        disk = try SimulatedDisk(seed: plan.seed ^ 0x6469_736B, original: original)
        disk.setLying(mutant?.lies ?? false)
        run = Run(plan: plan)
        network = SimulatedNetwork(seed: plan.seed, schedule: schedule)
        database = SimulatedDatabase(schedule: schedule)
        judge = Judge(plan: plan, cmms: network.cmms, database: database)
        network.observer = self
        database.left = { [unowned self] in left($0) }
    }

    // MARK: The run

    func live() -> Run {
        boot()
        for incident in plan.incidents { schedule.after(incident.at) { [self] in happen(incident.what) } }
        let calm = plan.incidents.map { $0.at + $0.what.lasting }.max() ?? .zero
        schedule.after(calm + .seconds(1)) { [self] in heal() }
        while !isOver, judge.broken == nil, schedule.step() {}
        finish()
        return run
    }

    /// Everything that happens is told here, in words that are the same in each run of the plan.
    private func say(_ words: @autoclosure () -> String) {
        let words = words()
        for byte in words.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ UInt64(schedule.steps)) &* 0x100_0000_01b3
        hash = (hash ^ UInt64(schedule.uptime.microseconds)) &* 0x100_0000_01b3
        if isTraced { run.trace.append("\(schedule.steps)  \(schedule.uptime.clock)  \(words)") }
    }

    private func count(_ row: String, _ change: (inout Run.Row) -> Void = { $0.times += 1 }) {
        change(&run.rows[row, default: Run.Row()])
    }

    private func finish() {
        if let (invariant, detail) = judge.broken {
            say("BROKEN: \(invariant.rawValue): \(detail)")
            run.broken = Run.Broken(invariant: invariant, detail: detail, step: schedule.steps, at: schedule.uptime)
            for row in run.rows.keys {
                count(row) { if invariant.isLoss { $0.lost += 1 } else if invariant == .once { $0.twice += 1 } }
            }
        }
        run.steps = schedule.steps
        run.simulated = schedule.uptime
        run.landmarks = judge.landmarks
        isOver = true
        server?.end()
        server = nil
        disk.restart(isPowerCut: false)
        // The tasks end by themselves, and the events that are left do nothing.
        while schedule.step() {}
        run.hash = hash
    }

    // MARK: The plan

    private func happen(_ event: Plan.Event) {
        guard !isOver else { return }
        say("\(event)")
        count(event.row)
        switch event {
        case .report(let report): send(report, try: 1, madeAt: schedule.uptime)
        case .exchange(let fault, let kind): network.add(fault, for: kind)
        case .outage(let fault, let lasting): network.begin(fault, lasting: lasting)
        case .slowIndex(let lag, let lasting): network.slowIndex(lag, lasting: lasting)
        case .cameraAnswerLost: losesCameraAnswer = true
        case .death(let death):
            if death.kind == .stop { return stop(death) }
            guard let call = death.call, server != nil else { return die(death) }
            armed = death
            disk.die(atCall: call, isBehind: death.isBehind)
        case .diskFull(let lasting):
            disk.setFull(true)
            awaySince[event.row] = schedule.uptime + lasting
            schedule.after(lasting) { [self] in disk.setFull(false) }
        case .syncFails(let call): disk.fail(.sync, atCall: call)
        case .writeFails(let call): disk.fail(.write, atCall: call)
        case .clockJump(let by):
            clock.offset += by
            judge.reach(by < .zero ? .clockBack : .clockForward)
        case .work(let work):
            guard let (reference, state) = network.work(work) else { return say("there is no such order") }
            say("in the CMMS \(reference) is \(state.rawValue)")
            judge.worked(reference.text, state)
        case .databaseLeaves(let leaving): database.plan(leaving)
        }
    }

    private func left(_ leaving: Plan.Leaving) {
        say("the database is away for \(leaving.lasting.short)")
        if leaving.commit != nil { judge.reach(leaving.isDone ? .doubtDone : .doubtUndone) }
        awaySince[leaving.row] = schedule.uptime + leaving.lasting
    }

    private func heal() {
        guard !isOver else { return }
        say("the faults are over")
        network.heal()
        disk.setFull(false)
        disk.heal()
        database.heal()
        armed = nil
        losesCameraAnswer = false
        if random.chance(60) { schedule.after(.seconds(3)) { [self] in revive() } }
        let deadline = schedule.uptime + .seconds(1200)
        schedule.after(.seconds(5)) { [self] in lookForTheEnd(deadline) }
    }

    /// A person sends all dead letters again.
    private func revive() {
        guard !isOver, let server else { return }
        schedule.start { [self] in
            let count = try? await server.store.write { try $0.revive(nil, connector: nil, by: "a person") }
            guard let count, count > 0 else { return }
            say("a person sends \(count) dead letters again")
            judge.reach(.revived)
        }
    }

    private func lookForTheEnd(_ deadline: Duration) {
        guard !isOver else { return }
        let reports = plan.incidents.count { $0.what.isReport }
        if let server, judge.answered.count == reports, judge.committed(server.store, server.dispatcher) == 0,
            judge.notHeard(server.store).isEmpty
        {
            judge.ended(server.store, server.pictures)
            isOver = true
            return
        }
        guard schedule.uptime < deadline else {
            return judge.fail(.liveness, "\(waits()), twenty minutes after the last fault")
        }
        schedule.after(.seconds(5)) { [self] in lookForTheEnd(deadline) }
    }

    private func waits() -> String {
        guard let server else { return "the process is down" }
        let rows = try? server.store.readNow { reader in
            try reader.rows("SELECT * FROM outbox WHERE state NOT IN ('done', 'dead') ORDER BY id").map {
                "\($0["effect"] as String) of \($0["reference"] as String) is \($0["state"] as String), due "
                    + "\(Timestamp($0, "due_at"))"
            }
        }
        let notHeard = judge.notHeard(server.store)
        return "\(judge.answered.count) reports are answered, and these wait: \(rows ?? [])"
            + (notHeard.isEmpty ? "" : "; of the CMMS nobody has heard: \(notHeard.joined(separator: ", "))")
    }

    // MARK: The process

    private func boot() {
        guard !isOver, server == nil else { return }
        starts += 1
        do {
            let surroundings = SimulatedServer.Surroundings(
                schedule: schedule, clock: clock, disk: disk, database: database, network: network, random: source,
                folder: folder, follows: follows, mutant: mutant,
                latency: { [self] in .microseconds(Int64(random.int(100...20_000))) },
                written: { [self] in written(isCommitted: $0) })
            let server = try SimulatedServer(surroundings)
            failedStarts = 0
            if starts > 1 { say("the process has started") }
            self.server = server
            judge.started(server.store, server.pictures)
            guard !diedMeanwhile() else { return }
            server.start()
        } catch {
            say("the process does not start: \(error)")
            guard !diedMeanwhile() else { return }
            // Whoever looks after the process starts it again.
            failedStarts += 1
            if failedStarts > 40 { return judge.fail(.start, "\(error)") }
            _ = disk.restart(isPowerCut: false)
            schedule.after(.seconds(2)) { [self] in boot() }
        }
    }

    /// What it does where an order is not there any more, if it asks at all.
    private var follows: FollowSettings.Missing? {
        guard plan.incidents.contains(where: { $0.what.isWork }) else { return nil }
        return plan.seed % 2 == 0 ? .alarm : .raiseAgain
    }

    private func diedMeanwhile() -> Bool {
        guard disk.isDead, let armed else { return false }
        say("the process dies \(armed.isBehind ? "behind" : "at") a disk call")
        judge.reach(.diedWithinCommit)
        die(armed)
        return true
    }

    /// As a service manager stops it: what has not ended ten seconds later is killed.
    private func stop(_ death: Plan.Death) {
        guard let server else { return }
        let end = { [self] in if self.server === server, !isOver { die(death) } }
        server.stop(end)
        schedule.after(.seconds(10)) { end() }
    }

    private func die(_ death: Plan.Death) {
        armed = nil
        server?.end()
        server = nil
        isFailing = false
        notBefore = [:]
        awaySince[Plan.Event.death(death).row] = schedule.uptime
        let torn = disk.restart(isPowerCut: death.kind == .powerCut)
        if torn > 0 {
            say("the power cut took or tore \(torn) writes that were not synced")
            judge.reach(.tornTail)
            count(Plan.Event.death(death).row) { $0.torn += torn }
        }
        schedule.after(death.downFor) { [self] in boot() }
    }

    /// The writer has done what there was to do, if the process has survived it.
    private func written(isCommitted: Bool) {
        guard !isOver, let server, !diedMeanwhile() else { return }
        if let failure = server.store.failure {
            guard !isFailing else { return }
            isFailing = true
            say("the store accepts nothing more: \(failure)")
            judge.reach(.syncFailed)
            let death = Plan.Death(kind: .kill, call: nil, isBehind: false, downFor: .seconds(1))
            schedule.after(.seconds(1)) { [self] in if self.server === server { die(death) } }
            return
        }
        switch server.store.takeShortage()?.reason {
        case .full: judge.reach(.diskFull)
        case .unreachable: judge.reach(.databaseAway)
        default: break
        }
        guard isCommitted else { return }
        judge.committed(server.store, server.dispatcher)
        for (row, since) in awaySince where since <= schedule.uptime {
            awaySince[row] = nil
            count(row) { counted in
                counted.served += 1
                counted.servedAfter += schedule.uptime - since
                counted.servedAfterMax = max(counted.servedAfterMax, schedule.uptime - since)
            }
        }
    }

    // MARK: Cameras

    /// A camera sends a report until it is answered.
    private func send(_ report: Plan.Report, try number: Int, madeAt: Duration) {
        guard !isOver, !judge.answered.contains(report.number) else { return }
        let wait = Duration.milliseconds(random.int(4000...6000))
        schedule.after(wait) { [self] in send(report, try: number + 1, madeAt: madeAt) }
        guard let server else { return }
        if number > 1 { say("the camera sends \(report.id) again") }
        let id = mutant == .reportTwice && number > 1 ? "\(report.id)-\(number)" : report.id
        schedule.start { [self] in
            do {
                let accepted = try await server.take(
                    report.inspection(id: id, at: madeAt), picture: report.picture(seed: plan.seed))
                answer(report, accepted, from: server)
            } catch {
                refuse(report, error, from: server)
            }
        }
    }

    private func answer(_ report: Plan.Report, _ accepted: Accepted, from server: SimulatedServer) {
        guard !isOver, !server.life.isOver, !judge.answered.contains(report.number) else { return }
        guard !losesCameraAnswer else {
            losesCameraAnswer = false
            return say("\(report.id) is accepted, and the answer is lost")
        }
        let outcomes = accepted.detections.map { "\($0.outcome.rawValue)\($0.reference.map { " \($0)" } ?? "")" }
        say("\(report.id) is accepted: \(outcomes.isEmpty ? "good" : outcomes.joined(separator: ", "))")
        judge.answered(report, accepted)
    }

    private func refuse(_ report: Plan.Report, _ error: any Error, from server: SimulatedServer) {
        guard !isOver, !server.life.isOver else { return }
        say("\(report.id) is refused: \(error)")
        if database.isInDoubt { judge.reach(.doubtRefused) }
        if let problem = error as? Problem, problem.status < 500 {
            judge.fail(.conservation, "\(report.id) was refused with \(problem.status): \(problem.detail)")
        }
    }

    // MARK: The line

    private func name(_ request: StandInRequest) -> String {
        let body = request.method == "GET" ? nil : (try? JSON(parsing: request.body))?["externalrefid"]?.string
        let asked = request.query["oslc.where"].flatMap { $0.firstMatch(of: /externalrefid="([^"]*)"/) }
        let subject =
            body ?? asked.map { String($0.1) } ?? request.path.split(separator: "/").dropFirst(3).joined(separator: "/")
        return "\(request.method) \(subject)\(request[header: "slug"].map { " \($0)" } ?? "")"
    }

    func leaves(_ request: StandInRequest, fault: Plan.ExchangeFault?) {
        let name = name(request)
        say("\(name) leaves\(fault.map { ": \($0)" } ?? "")")
        if let until = notBefore[name], schedule.uptime < until {
            judge.fail(
                .waiting, "\(name) was to wait until \(until.clock), and is repeated at \(schedule.uptime.clock)")
        }
        if let fault { count("exchange: \(fault.row)") }
        if case .late = fault { judge.reach(.late) }
    }

    func asks(_ request: StandInRequest, toWait wait: Duration) { notBefore[name(request)] = schedule.uptime + wait }

    func hides(_ request: StandInRequest) {
        say("\(name(request)) finds nothing yet: the index is behind")
        judge.reach(.hidden)
    }

    func written(_ request: StandInRequest, reference: String?) {
        say("the CMMS has done \(name(request))")
        judge.written(reference: reference)
    }
}

extension Plan.Event {
    /// How long it goes on by itself.
    var lasting: Duration {
        switch self {
        case .outage(_, let lasting), .slowIndex(_, let lasting), .diskFull(let lasting): lasting
        case .databaseLeaves(let leaving): leaving.lasting
        default: .zero
        }
    }
}
