import AndonModel

/// What one seed came to.
public struct Run: Sendable {
    /// An invariant that did not hold.
    public struct Broken: Sendable, Equatable, CustomStringConvertible {
        public var invariant: Invariant
        public var detail: String
        public var step: Int
        public var at: Duration

        public var description: String { "step \(step), \(at.clock): \(invariant.rawValue): \(detail)" }
    }

    /// What must hold at every step.
    public enum Invariant: String, Sendable, CaseIterable {
        case conservation
        case once
        case accepted = "accepted is durable"
        case ledger = "the ledger only grows"
        case pictures = "pictures are kept"
        case liveness = "everything ends"
        case waiting = "who asks for time gets it"
        case start = "it starts again"
        case closing = "what is done in the CMMS comes back"

        /// Whether something is missing.
        var isLoss: Bool { self != .once && self != .waiting }
    }

    /// What is worth reaching: a campaign that never does has tried too little.
    public enum Landmark: String, Sendable, CaseIterable {
        case adopted = "an order was found and adopted after its answer was lost"
        case sentAgain = "an order was not found twice and sent again"
        case hidden = "a search was answered before the index had the order"
        case late = "a request arrived when its sender had given up"
        case breakerOpen = "the breaker opened"
        case halfOpen = "the breaker let one attempt try"
        case deadLetter = "an order became a dead letter"
        case revived = "a dead letter was sent again by a person"
        case unauthorized = "the key was refused"
        case busy = "the CMMS asked for time"
        case repeated = "a report came again and was known"
        case grouped = "a detection joined an open order"
        case recorded = "a detection was recorded only"
        case noted = "a note about further occurrences arrived"
        case attached = "a picture arrived"
        case takenOver = "attempts of a dead process were looked for"
        case diedWithinCommit = "the process died within a commit"
        case tornTail = "a power cut tore or dropped what was not synced"
        case syncFailed = "a sync failed and the store accepted nothing more"
        case diskFull = "the disk was full and had room again"
        case databaseAway = "the database was away and came back"
        case doubtDone = "the database left behind a commit, whose answer was lost"
        case doubtUndone = "the database left before a commit, which was undone"
        case doubtRefused = "what came behind a commit in doubt was refused"
        case clockBack = "the clock was set back"
        case clockForward = "the clock was set forward"
        case repaired = "a repair came back from the CMMS"
        case reopened = "an order that was done was opened again"
        case missed = "an order that was deleted in the CMMS was missed"
        case raisedAgain = "an order that was deleted in the CMMS was raised again"
        case raisedAnew = "a detection after a repair raised a new order"
        case seenAfterEnd = "something was seen after its order had ended in the CMMS, and said loudly"
        case pollFailed = "the CMMS could not be asked what has become of orders"
    }

    /// One row of the table.
    public struct Row: Sendable, Equatable {
        public var times = 0
        public var lost = 0
        public var twice = 0
        /// Writes that a power cut tore or dropped, which the log's checksums told from whole ones.
        public var torn = 0
        public var served = 0
        public var servedAfter: Duration = .zero
        public var servedAfterMax: Duration = .zero

        mutating func add(_ other: Row) {
            times += other.times
            lost += other.lost
            twice += other.twice
            torn += other.torn
            served += other.served
            servedAfter += other.servedAfter
            servedAfterMax = max(servedAfterMax, other.servedAfterMax)
        }
    }

    public var plan: Plan
    public var steps = 0
    public var simulated: Duration = .zero
    /// Of everything that happened, with its step and its time: the same for the same plan.
    public var hash: UInt64 = 0
    public var broken: Broken?
    public var landmarks: Set<Landmark> = []
    public var rows: [String: Row] = [:]
    /// Everything that happened, in words; empty where nobody asked for it.
    public var trace: [String] = []

    /// What was planned, what happened, and what came of it, for people.
    public var story: String {
        var lines = ["Seed \(plan.seed), with these incidents:"]
        lines += plan.incidents.map { "  \($0)" }
        lines += ["What happened (step, time, event):"] + trace.map { "  \($0)" }
        lines.append(broken.map { "BROKEN at \($0)" } ?? "No invariant was broken.")
        lines.append("\(steps) steps, \(simulated.clock) simulated, trace \(String(hash, radix: 16))")
        return lines.joined(separator: "\n")
    }
}
