import AndonModel
import AndonTesting

extension Plan {
    /// No fault begins later; what lasts ends by then.
    static let faultsEnd: Duration = .seconds(150)
    /// The longest that an exchange may take before its caller gives up, and the latest that its request may still arrive
    /// behind that: together with the lag of the index they stay below the pause between two searches, which is what the
    /// protocol asks of a CMMS (`docs/simulation.md`).
    static let timeout: Duration = .seconds(10)
    static let lateMax: Duration = .seconds(4)
    static let lagMax: Duration = .seconds(14)

    /// The plan of a seed.
    public init(seed: UInt64) {
        var line = PlanMaker(seed: seed ^ 0x706C_616E)
        // From streams of their own: the rest of a seed's plan stays what it was before there were people in the CMMS, and a
        // database that leaves.
        var workshop = PlanMaker(seed: seed ^ 0x776F_726B)
        var room = PlanMaker(seed: seed ^ 0x726F_6F6D)
        let incidents = line.incidents() + workshop.works() + room.leavings()
        self.init(seed: seed, incidents: incidents.sorted { $0.at < $1.at })
    }
}

/// Makes plans that are worth having: what seldom meets by chance is put side by side.
struct PlanMaker {
    private var random: SeededRandom
    private var made: [Plan.Incident] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func incidents() -> [Plan.Incident] {
        for number in 1...random.int(2...8) { report(number) }
        for _ in 1...random.int(1...5) { theme() }
        return made.sorted { $0.at < $1.at }
    }

    /// What people do in the CMMS, and how asking for it goes wrong; nothing in two seeds of five.
    mutating func works() -> [Plan.Incident] {
        guard random.chance(60) else { return [] }
        for _ in 1...random.int(1...6) {
            let at = seconds(5...150)
            let kinds: [Plan.Work.Kind] = [
                .begun, .begun, .done, .done, .done, .closed, .cancelled, .reopened, .deleted,
            ]
            add(.work(Plan.Work(kind: random.pick(kinds), place: random.int(0...7))), at: at)
            if random.chance(30) { add(.exchange(exchangeFault(), of: .follow), at: at - seconds(0...5)) }
        }
        return made
    }

    /// How the database leaves; in seven seeds of ten it stays.
    mutating func leavings() -> [Plan.Incident] {
        guard random.chance(30) else { return [] }
        for _ in 1...random.int(1...2) {
            let commit = random.chance(75) ? random.int(1...6) : nil
            let leaving = Plan.Leaving(commit: commit, isDone: random.chance(50), lasting: seconds(0...20))
            add(.databaseLeaves(leaving), at: seconds(1...130))
        }
        return made
    }

    private mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(Int64(random.int(range.lowerBound * 1_000_000...range.upperBound * 1_000_000)))
    }

    private mutating func add(_ what: Plan.Event, at: Duration) {
        made.append(Plan.Incident(at: min(at, Plan.faultsEnd), what: what))
    }

    private mutating func report(_ number: Int) {
        let classes = ["scratch", "dent"]
        let count = random.pick([0, 1, 1, 1, 1, 2])
        let report = Plan.Report(
            number: number, asset: random.pick(["PRESS-07", "PRESS-08", "ROBOT-1"]),
            defects: count == 2 ? classes : count == 1 ? [random.pick(classes)] : [],
            confidence: random.chance(85) ? 0.9 : 0.3, hasPicture: random.chance(40))
        add(.report(report), at: seconds(1...120))
    }

    private mutating func theme() {
        let at = seconds(1...130)
        switch random.int(0...11) {
        case 0, 1: add(.exchange(exchangeFault(), of: random.pick([.any, .write, .search])), at: at)
        case 2: add(.outage(exchangeFault(), lasting: seconds(1...60)), at: at)
        case 3, 4: lostAnswer(at)
        case 5, 6: add(.death(death()), at: at)
        case 7:
            add(.cameraAnswerLost, at: at)
            if random.chance(50) { add(.death(death()), at: at + seconds(0...2)) }
        case 8: add(.diskFull(lasting: seconds(1...30)), at: at)
        case 9:
            add(.syncFails(atCall: random.int(1...6)), at: at)
            if random.chance(60) { add(.death(powerCut()), at: at + seconds(2...30)) }
        case 10: add(random.chance(50) ? .writeFails(atCall: random.int(1...20)) : clockJump(), at: at)
        default:
            add(clockJump(), at: at)
            lostAnswer(at - seconds(0...20))
        }
    }

    /// An answer that does not come, a CMMS that does not show yet what it has, and a process that ends meanwhile.
    private mutating func lostAnswer(_ at: Duration) {
        let at = max(at, .seconds(1))
        let fault = random.pick([
            Plan.ExchangeFault.lostBehind, .lostBehind, .late(seconds(0...4)), .garbage(isDone: true),
            .broken(isDone: true), .lostBefore, .hangs,
        ])
        add(.exchange(fault, of: .write), at: at)
        if random.chance(60) { add(.slowIndex(lag: seconds(1...14), lasting: .seconds(60)), at: at) }
        if random.chance(50) { add(.death(death()), at: at + seconds(0...25)) }
        if random.chance(30) { add(.exchange(exchangeFault(), of: .search), at: at) }
    }

    private mutating func clockJump() -> Plan.Event {
        .clockJump(random.chance(50) ? seconds(1...3600) : .zero - seconds(1...240))
    }

    private mutating func death() -> Plan.Death {
        let kinds: [Plan.Death.Kind] = [.kill, .kill, .powerCut, .powerCut, .stop]
        let kind = random.pick(kinds)
        let isWithin = kind != .stop && random.chance(60)
        return Plan.Death(
            kind: kind, call: isWithin ? random.int(1...40) : nil, isBehind: random.chance(50), downFor: seconds(0...8))
    }

    private mutating func powerCut() -> Plan.Death {
        Plan.Death(kind: .powerCut, call: nil, isBehind: false, downFor: seconds(0...3))
    }

    private mutating func exchangeFault() -> Plan.ExchangeFault {
        switch random.int(0...11) {
        case 0: .refused
        case 1: .lostBefore
        case 2, 3: .lostBehind
        case 4: .late(seconds(0...4))
        case 5: .hangs
        case 6: .garbage(isDone: random.chance(50))
        case 7: .broken(isDone: random.chance(50))
        case 8: .busy(after: seconds(1...45))
        case 9: .unauthorized
        case 10: .rejected
        default: .slow(seconds(1...9))
        }
    }
}
