import AndonModel
import Synchronization

/// What happens to frames when the model is slower than the camera.
public enum DropPolicy: Sendable, Hashable {
    /// One frame waits; a newer one takes its place.
    case newest
    /// So many wait; a further one is dropped.
    case queue(Int)
    /// So many wait; for a further one the oldest is dropped.
    case queueDroppingOldest(Int)
    /// The source waits until there is room. For folders and uploads: nothing is dropped.
    case wait

    private enum Name: String, CaseIterable { case newest, queue, queueDroppingOldest, wait }

    /// Reads `whenSlow` and, for the two queues, `queue`; a mistake is noted, an absent option is as in `policy`.
    public init(reading reader: SettingsReader, default policy: DropPolicy = .newest) {
        let name = reader.choice("whenSlow", default: policy.name)
        let size = reader.integer("queue", in: 1...10_000) ?? max(8, policy.room)
        if name == .newest || name == .wait, let node = reader.raw("queue") {
            reader.faults.add("whenSlow: \(name.rawValue) has no queue; leave it out", at: node)
        }
        self =
            switch name {
            case .newest: .newest
            case .queue: .queue(size)
            case .queueDroppingOldest: .queueDroppingOldest(size)
            case .wait: .wait
            }
    }

    private var name: Name {
        switch self {
        case .newest: .newest
        case .queue: .queue
        case .queueDroppingOldest: .queueDroppingOldest
        case .wait: .wait
        }
    }

    var room: Int {
        switch self {
        case .newest, .wait: 1
        case .queue(let size), .queueDroppingOldest(let size): max(1, size)
        }
    }
}

/// What became of a camera's frames. `received == taken + dropped + waiting` at every instant.
public struct DropCounts: Sendable, Hashable {
    public var received = 0
    public var taken = 0
    public var dropped = 0
    public var waiting = 0
    /// Frames that the source itself lost, by the gaps in `Frame.number`.
    public var gapsAtSource = 0

    public init() {}
}

/// Stands between one source and the model. Any number of tasks may take; what is dropped is dropped by the policy, and
/// counted.
public final class FrameSlot: Sendable {
    private struct Taker {
        var id: Int
        var continuation: CheckedContinuation<Frame?, Never>
    }

    private struct Giver {
        var id: Int
        var frame: Frame
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// Where an offered frame went.
    private enum Place {
        case refused
        case kept
        case handed(Taker)
        case full
    }

    private struct State {
        var frames: [Frame] = []
        var takers: [Taker] = []
        var givers: [Giver] = []
        var counts = DropCounts()
        var lastNumber: Int?
        var lastID = 0
        var isEnded = false
    }

    public let policy: DropPolicy
    private let state = Mutex(State())

    public init(policy: DropPolicy) {
        self.policy = policy
    }

    public var counts: DropCounts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.frames.count
            return counts
        }
    }

    /// Hands a frame in. Returns at once, but with `.wait`: then when there is room.
    ///
    /// - Returns: false when the frame was not received: the slot has ended, or the task was cancelled while it waited.
    @discardableResult
    public func offer(_ frame: Frame) async -> Bool {
        if let received = finish(state.withLock { Self.place(frame, policy, &$0) }, frame) { return received }
        let id = newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let place = state.withLock { state in
                    let place = Task.isCancelled ? .refused : Self.place(frame, policy, &state)
                    if case .full = place {
                        state.givers.append(Giver(id: id, frame: frame, continuation: continuation))
                    }
                    return place
                }
                if let received = finish(place, frame) { continuation.resume(returning: received) }
            }
        } onCancel: {
            let giver = state.withLock { state in
                state.givers.firstIndex { $0.id == id }.map { state.givers.remove(at: $0) }
            }
            giver?.continuation.resume(returning: false)
        }
    }

    /// The next frame, as soon as there is one.
    ///
    /// - Returns: nil when the slot has ended and nothing waits any more, or when the task was cancelled.
    public func next() async -> Frame? {
        let id = newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, giver): (Frame??, Giver?) = state.withLock { state in
                    if let frame = Self.take(&state) { return (frame, Self.admit(&state, policy)) }
                    if state.isEnded || Task.isCancelled { return (.some(nil), nil) }
                    state.takers.append(Taker(id: id, continuation: continuation))
                    return (nil, nil)
                }
                giver?.continuation.resume(returning: true)
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let taker = state.withLock { state in
                state.takers.firstIndex { $0.id == id }.map { state.takers.remove(at: $0) }
            }
            taker?.continuation.resume(returning: nil)
        }
    }

    /// No frame is received any more. Those that wait are still handed out; then `next` gives nil.
    public func end() {
        let (takers, givers) = state.withLock { state in
            state.isEnded = true
            defer {
                state.takers = []
                state.givers = []
            }
            return (state.takers, state.givers)
        }
        for taker in takers { taker.continuation.resume(returning: nil) }
        for giver in givers { giver.continuation.resume(returning: false) }
    }

    /// - Returns: whether the frame was received; nil when the caller has to wait for room.
    private func finish(_ place: Place, _ frame: Frame) -> Bool? {
        switch place {
        case .refused: return false
        case .kept: return true
        case .full: return nil
        case .handed(let taker):
            taker.continuation.resume(returning: frame)
            return true
        }
    }

    private func newID() -> Int {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    private static func place(_ frame: Frame, _ policy: DropPolicy, _ state: inout State) -> Place {
        if state.isEnded { return .refused }
        if !state.takers.isEmpty {
            note(frame, &state)
            state.counts.taken += 1
            return .handed(state.takers.removeFirst())
        }
        guard hasRoom(state, policy) || policy != .wait else { return .full }
        receive(frame, policy, &state)
        return .kept
    }

    private static func hasRoom(_ state: State, _ policy: DropPolicy) -> Bool { state.frames.count < policy.room }

    private static func note(_ frame: Frame, _ state: inout State) {
        state.counts.received += 1
        // A number that goes back is a source that was started anew.
        if let last = state.lastNumber, frame.number > last { state.counts.gapsAtSource += frame.number - last - 1 }
        state.lastNumber = frame.number
    }

    private static func receive(_ frame: Frame, _ policy: DropPolicy, _ state: inout State) {
        note(frame, &state)
        if hasRoom(state, policy) {
            state.frames.append(frame)
            return
        }
        state.counts.dropped += 1
        if case .queue = policy { return }
        state.frames.removeFirst()
        state.frames.append(frame)
    }

    private static func take(_ state: inout State) -> Frame? {
        guard !state.frames.isEmpty else { return nil }
        state.counts.taken += 1
        return state.frames.removeFirst()
    }

    /// Lets the giver that waited longest in, now that there is room.
    private static func admit(_ state: inout State, _ policy: DropPolicy) -> Giver? {
        guard !state.givers.isEmpty else { return nil }
        let giver = state.givers.removeFirst()
        receive(giver.frame, policy, &state)
        return giver
    }
}
