import AndonModel

/// One picture from a camera.
public struct Frame: Sendable {
    /// Where the capture time comes from.
    public enum Clock: String, Sendable, Hashable {
        /// The hardware trigger, or the camera's own stamp brought to UTC.
        case trigger
        /// The moment in which the last byte of the frame arrived here.
        case arrival
        /// The time that a file bears.
        case file
    }

    /// Counts from 1 since the source was started; a gap means that the source itself lost frames.
    public var number: Int
    public var capturedAt: Timestamp
    public var clock: Clock
    /// When the whole frame was here, on the clock that never jumps (`TimeSource.uptime`).
    public var arrivedAt: Duration
    /// What is kept as evidence, byte for byte as it came where the camera sends files.
    public var picture: EncodedPicture
    /// What the camera's side said of the frame beside its picture.
    public var note: FrameNote

    public init(
        number: Int, capturedAt: Timestamp, clock: Clock, arrivedAt: Duration, picture: EncodedPicture,
        note: FrameNote = FrameNote()
    ) {
        self.number = number
        self.capturedAt = capturedAt
        self.clock = clock
        self.arrivedAt = arrivedAt
        self.picture = picture
        self.note = note
    }
}

/// What was said of a frame beside its picture.
public struct FrameNote: Sendable, Hashable {
    /// The sender's own name for the frame; the report's id is made of it, so a frame that comes twice is one.
    public var id: String?
    public var unit: String?
    public var lot: String?
    public var asset: String?
    public var attributes: [String: JSON]

    public init(
        id: String? = nil, unit: String? = nil, lot: String? = nil, asset: String? = nil,
        attributes: [String: JSON] = [:]
    ) {
        self.id = id
        self.unit = unit
        self.lot = lot
        self.asset = asset
        self.attributes = attributes
    }
}
