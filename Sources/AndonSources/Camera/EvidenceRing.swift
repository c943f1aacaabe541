import AndonModel
import AndonVision
import Synchronization

/// The last seconds of a camera, as its frames came, also those that no model looked at: what goes with a defect from before
/// and after it.
final class EvidenceRing: Sendable {
    private struct State {
        var ring: FrameRing
        var followUp: FollowUp
        /// Number of the frame that a report is about, by the report's id.
        var places: [String: Int] = [:]
        var done: [Bundle] = []
    }

    struct Bundle: Sendable {
        var report: String
        var frames: [EvidenceFrame]
    }

    private let settings: CameraSettings.Evidence
    private let state: Mutex<State>

    init(_ settings: CameraSettings.Evidence) {
        self.settings = settings
        state = Mutex(
            State(
                ring: FrameRing(seconds: settings.ring, bytesMax: settings.bytesMax),
                followUp: FollowUp(patience: settings.ring)))
    }

    func arrived(_ frame: Frame) {
        state.withLock { state in
            state.ring.add(frame)
            Self.settle(state.followUp.add(frame), &state)
        }
    }

    func before(_ frame: Frame) -> [EvidenceFrame] {
        state.withLock { $0.ring.before(frame.number, count: settings.before) }.map { $0.evidence(of: frame.number) }
    }

    /// Waits for the frames after this one; those that came while the model looked are taken from the ring.
    func follow(_ frame: Frame, report: String, at uptime: Duration) {
        state.withLock { state in
            guard settings.after > 0, state.places[report] == nil else { return }
            guard state.followUp.want(id: report, after: frame.number, count: settings.after, at: uptime) else {
                return
            }
            state.places[report] = frame.number
            for later in state.ring.frames where later.number > frame.number {
                Self.settle(state.followUp.add(later), &state)
            }
        }
    }

    /// What waited long enough goes with the frames that came; all of it when `uptime` is nil.
    func expire(at uptime: Duration?) {
        state.withLock { Self.settle($0.followUp.expire(at: uptime ?? .seconds(Int64.max >> 20)), &$0) }
    }

    /// What is complete since the last call.
    func takeDone() -> [Bundle] {
        state.withLock { state in
            defer { state.done = [] }
            return state.done
        }
    }

    private static func settle(_ complete: [(id: String, frames: [Frame])], _ state: inout State) {
        for (id, frames) in complete {
            guard let place = state.places.removeValue(forKey: id), !frames.isEmpty else { continue }
            state.done.append(Bundle(report: id, frames: frames.map { $0.evidence(of: place) }))
        }
    }
}

extension Frame {
    fileprivate func evidence(of number: Int) -> EvidenceFrame {
        EvidenceFrame(offset: self.number - number, capturedAt: capturedAt, bytes: picture.bytes)
    }
}
