import AndonModel
import Synchronization

/// Who is let in with a report while others are under way, so that a flood of them costs neither the memory nor the disk.
///
/// A report has its place from before its body is read until its answer is there. Who finds none is told when to come again,
/// and nothing of theirs is kept. It is for those who can be told so: sources that the server itself reads wait with their next
/// report until the last one is kept, and need no place.
final class Admission: Sendable {
    struct Limits: Sendable, Hashable {
        /// Reports under way.
        var reports: Int
        /// What they take up, all together.
        var bytes: Need
    }

    /// Bytes that a report takes up.
    struct Need: Sendable, Hashable {
        /// Of its body, as far as that is held whole.
        var memory = 0
        /// Of its picture, while it arrives.
        var disk = 0
    }

    /// What there was no room in.
    enum Shortage: String, Sendable, CaseIterable {
        case reports
        case memory
        case disk
    }

    struct Standing: Sendable, Hashable {
        var underWay = 0
        var taken = Need()
        /// Since the start.
        var refused: [Shortage: Int] = [:]

        var refusals: Int { refused.values.reduce(0, +) }
    }

    fileprivate struct State: Sendable {
        var limits: Limits
        var standing = Standing()
        /// Nil as long as half of the room is free.
        var spell: BusySpell?
    }

    private let state: Mutex<State>
    private let time: any TimeSource
    private let random: any RandomSource

    init(_ limits: Limits, time: any TimeSource, random: any RandomSource) {
        state = Mutex(State(limits: limits))
        (self.time, self.random) = (time, random)
    }

    var limits: Limits { state.withLock { $0.limits } }

    var standing: Standing { state.withLock { $0.standing } }

    /// Limits for those who come from now on; who is under way stays.
    func put(_ limits: Limits) { state.withLock { $0.limits = limits } }

    /// Does the work of one report.
    ///
    /// - Throws: ``Problem`` 429 where there is no room, before `work` has begun; and what `work` throws.
    func admit<Value>(_ need: Need, _ work: (Place) async throws -> Value) async throws -> Value {
        let place = Place(in: self)
        try enter(need)
        place.taken = need
        defer { leave(place.taken) }
        return try await work(place)
    }

    /// The place of one report, which may turn out to need more than was known before.
    final class Place {
        private let admission: Admission
        fileprivate(set) var taken = Need()

        fileprivate init(in admission: Admission) { self.admission = admission }

        /// - Throws: ``Problem`` 429 where there is no room for the rest; the place stays as it was.
        func grow(to need: Need) throws {
            let more = Need(memory: max(0, need.memory - taken.memory), disk: max(0, need.disk - taken.disk))
            guard more != Need() else { return }
            try admission.take(more, reports: 0)
            taken = Need(memory: taken.memory + more.memory, disk: taken.disk + more.disk)
        }
    }

    private func enter(_ need: Need) throws { try take(need, reports: 1) }

    private func take(_ need: Need, reports: Int) throws {
        let now = time.uptime()
        let refusal: (shortage: Shortage, limits: Limits, wait: Double)? = state.withLock { state in
            if let shortage = state.shortage(for: need, reports: reports) {
                return (shortage, state.limits, state.refuse(for: shortage, at: now))
            }
            state.standing.underWay += reports
            state.standing.taken.memory += need.memory
            state.standing.taken.disk += need.disk
            if state.isHalfFull {
                if state.spell == nil { state.spell = BusySpell(since: now) }
                state.spell?.admit()
            }
            return nil
        }
        guard let refusal else { return }
        throw Self.problem(refusal.shortage, refusal.limits, after: BusySpell.seconds(refusal.wait, random.unit()))
    }

    private func leave(_ need: Need) {
        let now = time.uptime()
        state.withLock { state in
            state.standing.underWay -= 1
            state.standing.taken.memory -= need.memory
            state.standing.taken.disk -= need.disk
            state.spell?.finish(at: now)
            if !state.isHalfFull { state.spell = nil }
        }
    }

    private static func problem(_ shortage: Shortage, _ limits: Limits, after seconds: Int) -> Problem {
        let why =
            switch shortage {
            case .reports:
                "\(limits.reports) reports are under way, as many as are taken at once (intake.underWayMax)"
            case .memory:
                "The bodies of reports under way fill the memory that is meant for them, \(limits.bytes.memory) bytes "
                    + "(intake.underWayBytesMax)"
            case .disk:
                "The pictures that arrive fill the room that is meant for them, \(limits.bytes.disk) bytes "
                    + "(intake.arrivingBytesMax)"
            }
        return Problem(
            status: 429, type: "too-many-reports", title: "Reports come faster than they can be kept",
            detail: "\(why). Nothing of this one was kept. Send it again in \(seconds) s, as Retry-After says.",
            retryAfter: .seconds(seconds))
    }
}

extension Admission.State {
    fileprivate func shortage(for need: Admission.Need, reports: Int) -> Admission.Shortage? {
        if standing.underWay + reports > limits.reports { return .reports }
        if need.memory > 0, standing.taken.memory + need.memory > limits.bytes.memory { return .memory }
        if need.disk > 0, standing.taken.disk + need.disk > limits.bytes.disk { return .disk }
        return nil
    }

    fileprivate var isHalfFull: Bool {
        standing.underWay * 2 > limits.reports || standing.taken.memory * 2 > limits.bytes.memory
            || standing.taken.disk * 2 > limits.bytes.disk
    }

    /// - Returns: for how long there will be no room, in seconds.
    fileprivate mutating func refuse(for shortage: Admission.Shortage, at now: Duration) -> Double {
        standing.refused[shortage, default: 0] += 1
        var spell = spell ?? Admission.BusySpell(since: now)
        let wait = spell.refuse(underWay: standing.underWay, at: now)
        self.spell = spell
        return wait
    }
}

extension Admission {
    /// A time in which more than half of the room is taken. Only then does what is finished say how much can be done; at other
    /// times it says how much came.
    struct BusySpell: Sendable {
        private var since: Duration
        private var finished = 0.0
        /// Who was told to come again and has not been let in since, as far as that can be known.
        private var told = 0

        /// What was done before counts less and less.
        private static let memory: Duration = .seconds(10)
        private static let secondsMax = 60.0

        init(since: Duration) { self.since = since }

        mutating func admit() { told = max(0, told - 1) }

        mutating func finish(at now: Duration) {
            finished += 1
            guard now - since > Self.memory else { return }
            since = now - (now - since) / 2
            finished /= 2
        }

        /// By Little's law: those under way and those who were told before, at the rate at which reports were finished lately.
        ///
        /// - Returns: in seconds.
        mutating func refuse(underWay: Int, at now: Duration) -> Double {
            let rate = max(finished, 1) / max((now - since).seconds, 0.001)
            let wait = Double(underWay + told) / rate
            told += 1
            return wait
        }

        /// Spread over half as much again, and a second at least, so that not all come back together.
        static func seconds(_ wait: Double, _ unit: Double) -> Int {
            let wait = min(wait, secondsMax / 1.5)
            return min(Int(secondsMax), Int(wait + unit * max(1, wait / 2)) + 1)
        }
    }
}
