import AndonModel

/// What became of every frame. At every instant `received` is the sum of `reported`, `good`, all of `dropped`, and
/// `underWay`: a frame ends in one of them, once.
public struct FrameTally: Sendable, Hashable {
    /// Why a frame was not looked at, or not brought.
    public enum Drop: String, Sendable, Hashable, CaseIterable {
        /// The model was busy with an earlier one, by the source's policy.
        case slot
        /// It waited longer than `staleAfter`.
        case stale
        /// Its sender's id came before.
        case repeated
        /// Its bytes are no picture that can be decoded.
        case undecodable
        /// No model is loaded, or its engine is away.
        case engineUnavailable = "engine-unavailable"
        /// The engine gave no answer in time.
        case engineLate = "engine-late"
        case engineOverloaded = "engine-overloaded"
        /// The engine refused the frame, or its answer is not what the card says.
        case engineRefused = "engine-refused"
        /// The intake has no room for its report.
        case noRoom = "no-room"
        /// The intake refused its report; `andon source refusals` has it.
        case reportRefused = "report-refused"
        /// The server stopped while it waited.
        case stopped
    }

    /// How a frame ended.
    public enum End: Sendable, Hashable {
        case reported
        case good
        case dropped(Drop)
    }

    /// Since the start.
    public internal(set) var received = 0
    public internal(set) var reported = 0
    public internal(set) var good = 0
    public internal(set) var dropped: [Drop: Int] = [:]
    /// Numbers that the source itself left out: it never handed these over, so they are in no sum.
    public internal(set) var gapsAtSource = 0

    /// Handed over and not ended: in the slot, or looked at now.
    public var underWay: Int { received - reported - good - droppedInAll }
    public var droppedInAll: Int { dropped.values.reduce(0, +) }

    mutating func add(_ end: End) {
        switch end {
        case .reported: reported += 1
        case .good: good += 1
        case .dropped(let reason): dropped[reason, default: 0] += 1
        }
    }
}
