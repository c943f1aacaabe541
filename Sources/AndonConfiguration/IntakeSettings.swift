import AndonModel

/// What the intake takes, and what it may cost.
public struct IntakeSettings: Sendable {
    public enum UnknownCamera: String, Sendable, CaseIterable {
        /// Taken, kept and shown as unmapped.
        case accept
        case refuse
    }

    /// Asks another system for the lot of a report that names none.
    public struct LotLookup: Sendable {
        /// The address, with `{unit}`, `{camera}` and `{asset}` as placeholders.
        public var url: Template
        /// JSON Pointer (RFC 6901) of the lot in the answer.
        public var lotPointer: String
        /// At most one second: the sender waits.
        public var timeout: Duration

        public static let placeholders: Set<String> = ["unit", "camera", "asset"]
        public static let timeoutMax: Duration = .seconds(1)

        public init(url: Template, lotPointer: String, timeout: Duration = LotLookup.timeoutMax) {
            self.url = url
            self.lotPointer = lotPointer
            self.timeout = timeout
        }
    }

    public var pictureBytesMax = 20_000_000
    public var picturePixelsMax = 200_000_000
    /// Reports under way over HTTP at once, from before their body is read until their answer is there; further ones are told
    /// when to come again. As many as make the disk's syncs worth while, and as few as are done within a second or so.
    public var underWayMax = 128
    /// Of the bodies of these in memory; nil for two of the largest, and 256 MiB at least.
    public var underWayBytesMax: Int?
    /// Of their pictures, while these arrive on the disk; nil for two of the largest, and 1 GiB at least.
    public var arrivingBytesMax: Int?
    /// Of the JSON part, or of a body that is JSON alone.
    public var bodyBytesMax = 1_000_000
    /// From the end of the head to the end of the body.
    public var bodyTimeout: Duration = .seconds(60)
    public var headTimeout: Duration = .seconds(10)
    /// In one inspection.
    public var defectsMax = 1000
    /// Where pictures that a report names by file lie, relative to the working directory; nil refuses such reports.
    public var watchedFolder: String?
    public var unknownCamera = UnknownCamera.accept
    /// How far a sender's clock may be ahead of ours.
    public var clockSkewMax: Duration = .seconds(300)
    public var lotLookup: LotLookup?
    /// From a sender's stamp to acceptance, without the network; nil raises no alarm.
    public var deadline: Duration?
    public var network: Duration = .milliseconds(50)

    public init() {}

    /// The largest body that is taken: JSON, and a picture in base64 with the same picture as the model saw it.
    public var eventBytesMax: Int { bodyBytesMax + pictureBytesMax / 3 * 8 + 64 << 10 }
}
