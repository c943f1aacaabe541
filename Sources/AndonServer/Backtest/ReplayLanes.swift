import AndonDecide
import AndonModel
import AndonSPC
import Dispatch
import Synchronization

/// Replays side by side, each with assets of its own and on a processor of its own.
///
/// No decision on one asset asks what was decided on another, so that the lanes find together what one replay of all
/// would. A chart over several assets does ask; then there is one lane.
struct ReplayLanes: Sendable {
    private var replays: [Replay]
    private var laneOfAsset: [String: Int] = [:]
    private var pending: [[Event]]

    /// What a replay is fed with.
    enum Event: Sendable {
        case report(PastReport)
        case frames(PastFrames)
        case change(PastChange)
    }

    /// Events that a lane is handed at once: enough that handing over costs nothing beside deciding.
    private static let batch = 2048
    /// Batches that may wait for a lane; the reader waits when there are more.
    private static let waitingMax = 4

    /// - Parameters:
    ///   - processors: lanes at most; 1 or more.
    ///   - make: a replay with these standing orders.
    init(
        rules: Rules, processors: Int, standing: [PastOrder], _ make: (_ standing: [PastOrder]) -> Replay
    ) {
        let isByAsset = rules.charts.allSatisfy { $0.strata.contains(.asset) }
        let lanes = isByAsset ? max(1, processors) : 1
        replays = []
        pending = [[Event]](repeating: [], count: lanes)
        let ours = Dictionary(grouping: standing) { lane(of: $0.asset) }
        replays = (0..<lanes).map { make(ours[$0] ?? []) }
    }

    /// What all lanes have found together.
    var findings: ReplayFindings {
        var sum = ReplayFindings(replays[0])
        for replay in replays.dropFirst() { sum.add(ReplayFindings(replay)) }
        return sum
    }

    /// In turn by their first coming: the busiest assets do not all fall to one lane.
    private mutating func lane(of asset: String) -> Int {
        if let found = laneOfAsset[asset] { return found }
        let lane = laneOfAsset.count % pending.count
        laneOfAsset[asset] = lane
        return lane
    }

    /// Counts a detection of before the period in the windows.
    mutating func remember(_ detection: PastDetection, asset: String, at time: Timestamp) {
        replays[lane(of: asset)].remember(detection, asset: asset, at: time)
    }

    /// What became of the real charts' signals.
    mutating func learn(_ signals: [PastSignal: [PastFate]]) {
        for lane in replays.indices { replays[lane].learn(signals) }
    }

    /// Looks at every decision. Lanes speak at the same time.
    mutating func observe(_ observer: @escaping @Sendable (Replayed) -> Void) {
        for lane in replays.indices { replays[lane].observer = observer }
    }

    /// Decides on what `feed` hands out, while it reads on.
    mutating func run(_ feed: (inout ReplayLanes.Intake) throws -> Void) rethrows {
        var intake = Intake(lanes: self)
        // The runners own the replays meanwhile: a second owner here would make them copy all they know.
        replays = []
        defer { self = intake.finished() }
        try feed(&intake)
    }

    /// Takes events in their order and gives each to its lane.
    struct Intake {
        private var lanes: ReplayLanes
        private let runners: [Runner]

        fileprivate init(lanes: ReplayLanes) {
            self.lanes = lanes
            runners = lanes.replays.map { Runner($0) }
            self.lanes.replays = []
        }

        mutating func take(_ report: PastReport) { hand(.report(report), to: lanes.lane(of: report.asset)) }

        mutating func take(_ change: PastChange) { hand(.change(change), to: lanes.lane(of: change.asset)) }

        mutating func take(_ frames: PastFrames) {
            guard runners.count > 1 else { return hand(.frames(frames), to: 0) }
            let parts = Dictionary(grouping: frames.counts) { lanes.lane(of: $0.asset) }
            for (lane, counts) in parts {
                hand(.frames(PastFrames(after: frames.after, receivedAt: frames.receivedAt, counts: counts)), to: lane)
            }
        }

        private mutating func hand(_ event: Event, to lane: Int) {
            lanes.pending[lane].append(event)
            guard lanes.pending[lane].count >= ReplayLanes.batch else { return }
            pass(lane)
        }

        private mutating func pass(_ lane: Int) {
            let batch = lanes.pending[lane]
            lanes.pending[lane] = []
            lanes.pending[lane].reserveCapacity(ReplayLanes.batch)
            runners[lane].take(batch)
        }

        /// Waits for the last decision.
        fileprivate mutating func finished() -> ReplayLanes {
            for lane in runners.indices { pass(lane) }
            lanes.replays = runners.map { $0.finished() }
            return lanes
        }
    }

    /// Decides on one lane's events, one batch after the other.
    private final class Runner: Sendable {
        private let replay: Mutex<Replay>
        private let queue = DispatchQueue(label: "replay")
        private let room = DispatchSemaphore(value: waitingMax)

        init(_ replay: Replay) { self.replay = Mutex(replay) }

        func take(_ batch: [Event]) {
            room.wait()
            queue.async {
                self.replay.withLock { replay in
                    for event in batch { replay.take(event) }
                }
                self.room.signal()
            }
        }

        func finished() -> Replay {
            queue.sync {}
            return replay.withLock { $0 }
        }
    }
}

extension Replay {
    fileprivate mutating func take(_ event: ReplayLanes.Event) {
        switch event {
        case .report(let report): take(report)
        case .frames(let frames): take(frames)
        case .change(let change): take(change)
        }
    }
}
