import AndonModel
import AndonTesting

/// What a seed does to the plant: reports that come in, and what goes wrong, each at its time.
///
/// A run is made by its seed and by the incidents that are left of its plan, and by nothing else: so it can be shrunk by
/// leaving incidents out.
public struct Plan: Sendable, Equatable {
    public struct Incident: Sendable, Equatable, CustomStringConvertible {
        public var at: Duration
        public var what: Event

        public var description: String { "\(at.clock)  \(what)" }
    }

    public enum Event: Sendable, Equatable {
        case report(Report)
        /// The next exchange of the kind fails in this way.
        case exchange(ExchangeFault, of: ExchangeKind)
        /// All exchanges fail in this way for a while.
        case outage(ExchangeFault, lasting: Duration)
        /// For a while, a search does not show what is younger than `lag`.
        case slowIndex(lag: Duration, lasting: Duration)
        /// The answer to the next report is lost on its way to the camera.
        case cameraAnswerLost
        case death(Death)
        /// The disk has no room for a while.
        case diskFull(lasting: Duration)
        /// The n-th write or sync from now fails.
        case syncFails(atCall: Int)
        case writeFails(atCall: Int)
        /// Somebody sets the clock.
        case clockJump(Duration)
        /// Somebody does something to an order in the CMMS.
        case work(Work)
        /// The database, as a server of its own, is away for a while.
        case databaseLeaves(Leaving)
    }

    public struct Report: Sendable, Equatable {
        public var number: Int
        public var asset: String
        public var defects: [String]
        public var confidence: Double
        public var hasPicture: Bool
    }

    /// What is done in the CMMS, by its own people.
    public struct Work: Sendable, Equatable {
        public enum Kind: String, Sendable, Equatable, CaseIterable {
            case begun, done, closed, cancelled, reopened, deleted
        }

        public var kind: Kind
        /// Which of the orders that are there then, by the order in which they came; behind the last comes the first.
        public var place: Int
    }

    /// Which exchange: any that has to do with an effect, one that changes something, one that asks whether it is there; or one that
    /// asks what has become of orders.
    public enum ExchangeKind: String, Sendable, Equatable {
        case any, write, search, follow
    }

    /// How an exchange with the CMMS goes wrong.
    public enum ExchangeFault: Sendable, Equatable {
        /// No connection, no name, or a certificate that is not trusted.
        case refused
        /// The request is lost on its way.
        case lostBefore
        /// It is carried out, and its answer is lost.
        case lostBehind
        /// It arrives when the caller has given up.
        case late(Duration)
        /// Nothing is done, and nothing is said until the caller gives up.
        case hangs
        /// A proxy answers 200 with something else; what is behind it has done the request, or has not.
        case garbage(isDone: Bool)
        /// 500 or 502: done or not.
        case broken(isDone: Bool)
        /// 429 or 503, with `Retry-After`.
        case busy(after: Duration)
        /// 401.
        case unauthorized
        /// 400: a person must act.
        case rejected
        /// It takes its time.
        case slow(Duration)
    }

    /// How the process ends.
    public struct Death: Sendable, Equatable {
        public enum Kind: String, Sendable, Equatable { case kill, powerCut, stop }

        public var kind: Kind
        /// At the n-th write, sync or truncation from now; nil for at once.
        public var call: Int?
        public var isBehind: Bool
        /// Until it is started again.
        public var downFor: Duration
    }

    /// How the database leaves.
    public struct Leaving: Sendable, Equatable {
        /// With the n-th commit from now, whose answer is lost; nil for at once.
        public var commit: Int?
        /// Whether that commit has happened.
        public var isDone: Bool
        public var lasting: Duration
    }

    public var seed: UInt64
    public var incidents: [Incident]

    public var faults: Int { incidents.filter { !$0.what.isReport }.count }
}

extension Plan.Event {
    var isReport: Bool { if case .report = self { true } else { false } }
    var isWork: Bool { if case .work = self { true } else { false } }
    var isOfDatabase: Bool { if case .databaseLeaves = self { true } else { false } }
    /// Whether it is in the way of who asks what has become of orders, and of nobody else.
    var isOfFollowing: Bool { if case .exchange(_, .follow) = self { true } else { false } }

    /// The row of the table that it counts in.
    public var row: String {
        switch self {
        case .report: "report"
        case .exchange(let fault, _): fault.row
        case .outage(let fault, _): "outage: \(fault.row)"
        case .slowIndex: "search index behind"
        case .cameraAnswerLost: "answer to the camera lost"
        case .death(let death):
            switch death.kind {
            case .kill: death.call == nil ? "killed" : "killed within a commit"
            case .powerCut: death.call == nil ? "power cut" : "power cut within a commit"
            case .stop: "stopped and started"
            }
        case .diskFull: "disk full"
        case .syncFails: "sync failed"
        case .writeFails: "write failed"
        case .clockJump(let by): by < .zero ? "clock set back" : "clock set forward"
        case .work(let work): "order \(work.kind.rawValue) in the CMMS"
        case .databaseLeaves(let leaving): leaving.row
        }
    }
}

extension Plan.Leaving {
    var row: String {
        guard commit != nil else { return "database away" }
        return "database left \(isDone ? "behind" : "before") a commit"
    }
}

extension Plan.ExchangeFault {
    public var row: String {
        switch self {
        case .refused: "connection refused"
        case .lostBefore: "request lost"
        case .lostBehind: "answer lost"
        case .late: "request late"
        case .hangs: "no answer in time"
        case .garbage: "garbage with 200"
        case .broken: "500 or 502"
        case .busy: "429 or 503"
        case .unauthorized: "401"
        case .rejected: "400"
        case .slow: "slow"
        }
    }
}

extension Plan.Event: CustomStringConvertible {
    public var description: String {
        switch self {
        case .report(let report):
            "camera reports \(report.defects.isEmpty ? "a good part" : report.defects.joined(separator: ", ")) on "
                + "\(report.asset) as sim-\(report.number)\(report.hasPicture ? " with its picture" : "")"
        case .exchange(let fault, let kind): "the next \(kind == .any ? "exchange" : kind.rawValue): \(fault)"
        case .outage(let fault, let lasting): "for \(lasting.short) every exchange: \(fault)"
        case .slowIndex(let lag, let lasting):
            "for \(lasting.short) searches do not show what is younger than \(lag.short)"
        case .cameraAnswerLost: "the answer to the next report is lost"
        case .death(let death):
            "the process \(death.kind == .stop ? "is stopped" : death.kind == .kill ? "is killed" : "loses its power")"
                + (death.call.map { " \(death.isBehind ? "behind" : "at") its disk call \($0) from now" } ?? "")
                + ", and starts \(death.downFor.short) later"
        case .diskFull(let lasting): "the disk is full for \(lasting.short)"
        case .syncFails(let call): "sync \(call) from now fails"
        case .writeFails(let call): "write \(call) from now fails"
        case .clockJump(let by):
            "the clock is set \(by < .zero ? "back" : "forward") by \((by < .zero ? .zero - by : by).short)"
        case .work(let work): "in the CMMS the order in place \(work.place) is \(work.kind.rawValue)"
        case .databaseLeaves(let leaving):
            "the \(leaving.row)" + (leaving.commit.map { ", \($0) from now," } ?? "") + " for \(leaving.lasting.short)"
        }
    }
}

extension Plan.ExchangeFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused, .lostBefore, .lostBehind, .hangs, .unauthorized, .rejected: row
        case .late(let by): "arrives \(by.short) after the caller gave up"
        case .garbage(let isDone): "\(row), \(isDone ? "done" : "not done")"
        case .broken(let isDone): "\(row), \(isDone ? "done" : "not done")"
        case .busy(let after): "\(row), wants \(after.short)"
        case .slow(let by): "takes \(by.short)"
        }
    }
}

extension Duration {
    /// For people: `12.3 s`.
    var short: String {
        let tenths = (microseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// `00:03:12.345678` since the beginning.
    var clock: String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let seconds = microseconds / 1_000_000
        let rest = String(1_000_000 + microseconds % 1_000_000).dropFirst()
        return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(rest)"
    }
}
