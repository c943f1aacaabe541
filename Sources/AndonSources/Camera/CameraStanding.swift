import AndonInference
import AndonModel
import AndonVision
import Synchronization

/// The model that looks at a camera's frames.
public struct ModelStanding: Sendable, Hashable {
    public var name: String
    public var version: String
    public var task: ModelCard.Task
    public var sha256: String
    /// Kind, version and place of the program that runs it.
    public var engine: String
    /// The card's path as it was asked for.
    public var card: String

    init(_ model: LoadedModel, path: String) {
        (name, version, task, sha256) = (model.card.name, model.card.version, model.card.task, model.sha256)
        engine = "\(model.engine.identity.kind) \(model.engine.identity.version)"
        card = path
    }
}

/// A shadow model beside the live one, on the same frames.
public struct ShadowStanding: Sendable, Hashable {
    public var model: ModelStanding
    public var comparison = ShadowComparison()
    /// Frames that it did not look at, as it was still busy with an earlier one.
    public var skipped = 0
    public var lastError: String?
}

/// How a camera stands, for people.
public struct CameraStanding: Sendable {
    public var state = SourceStanding.State.connecting
    public var since: Timestamp
    public var lastError: String?
    public var tally = FrameTally()
    /// Frames without a defect that are counted and not durable yet.
    public var goodPending = 0
    public var model: ModelStanding?
    /// Why no engine looks at frames now.
    public var unavailable: String?
    /// What is wrong with the camera itself, in words, by its kind.
    public var troubles: [String: String] = [:]
    public var troublesReported = 0
    /// Since when the camera is held against the scene of then; nil while it is learned.
    public var sceneLearnedAt: Timestamp?
    public var lastFrameAt: Timestamp?
    public var shadow: ShadowStanding?
    /// Of the last 1,000 frames: `decode`, `preprocess`, `infer`, `postprocess`, and `total` from capture to the end.
    public var latency: [Stage: LatencyFigures] = [:]
    public var framesLate = 0
    /// Whether the 95th percentile of `total` has been over the limit for a minute.
    public var isSlow = false
    /// Reports that wait for room, and evidence that could not be kept.
    public var evidenceLost = 0
    /// Frames a second over the last ten or so.
    public var rate: Double?

    /// Whether it does not do what it is there for.
    public var needsSomebody: Bool { state != .connected || unavailable != nil || !troubles.isEmpty }

    public enum Stage: String, Sendable, Hashable, CaseIterable {
        case decode, preprocess, infer, postprocess, total
    }
}

/// A camera's standing, written by its source and read by many. One lock: what is read is of one moment.
public final class CameraBoard: Sendable {
    struct State {
        var standing: CameraStanding
        var windows: [CameraStanding.Stage: LatencyWindow] = [:]
        var newest: Frame?
        /// Arrival of the last frames, for the rate.
        var arrivals: [Duration] = []
    }

    private let state: Mutex<State>
    /// What the slot before the model counts; nil where the source waits for each frame.
    private let slot: FrameSlot?

    init(at now: Timestamp, slot: FrameSlot?) {
        state = Mutex(State(standing: CameraStanding(since: now)))
        self.slot = slot
    }

    public var now: CameraStanding {
        state.withLock { state in
            var standing = state.standing
            standing.tally = whole(standing.tally)
            standing.latency = state.windows.compactMapValues(\.figures)
            if let first = state.arrivals.first, let last = state.arrivals.last, last > first {
                standing.rate = Double(state.arrivals.count - 1) / (last - first).seconds
            }
            return standing
        }
    }

    /// The sums alone: nothing has to be sorted for them.
    var tally: FrameTally { state.withLock { whole($0.standing.tally) } }

    var hasModel: Bool { state.withLock { $0.standing.model != nil } }

    /// With what the slot counts. It is read under the lock, so what was taken from it cannot be ended before it is received.
    private func whole(_ tally: FrameTally) -> FrameTally {
        guard let counts = slot?.counts else { return tally }
        var tally = tally
        tally.received = counts.received
        tally.gapsAtSource = counts.gapsAtSource
        if counts.dropped > 0 { tally.dropped[.slot] = counts.dropped }
        return tally
    }

    /// The newest frame as it came; what a page shows.
    public var newest: Frame? { state.withLock { $0.newest } }

    func update(_ change: (inout CameraStanding) -> Void) { state.withLock { change(&$0.standing) } }

    func arrived(_ frame: Frame) {
        state.withLock { state in
            if slot == nil { state.standing.tally.received += 1 }
            state.standing.lastFrameAt = frame.capturedAt
            state.newest = frame
            state.arrivals = state.arrivals.suffix(10) + [frame.arrivedAt]
        }
    }

    func ended(_ end: FrameTally.End) { state.withLock { $0.standing.tally.add(end) } }

    func took(_ stage: CameraStanding.Stage, _ time: Duration) {
        state.withLock { $0.windows[stage, default: LatencyWindow()].add(time) }
    }

    func enter(_ new: SourceStanding.State, at time: Timestamp, _ reason: String? = nil) {
        update { standing in
            if standing.state != new { standing.since = time }
            standing.state = new
            if let reason { standing.lastError = reason.cut(to: 500).asOneLine }
        }
    }
}
