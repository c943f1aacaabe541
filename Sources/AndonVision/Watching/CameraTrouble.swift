/// A camera that no longer shows what it should: an event against the camera itself.
public struct CameraTrouble: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// No frame comes.
        case dead
        /// Frames come, and they are all the same.
        case frozen
        case black
        /// Over-exposed.
        case washedOut
        /// Out of focus, or something is on the lens.
        case blurred
        /// The camera looks at another place than the one that was learned.
        case moved
    }

    public var kind: Kind
    /// Whether this says that the trouble is over, not that it began.
    public var isOver: Bool
    /// When the trouble was first seen, on the clock of `Frame.arrivedAt`; the same in the message that it is over.
    public var since: Duration
    /// The figures and their limits in words.
    public var why: String
    /// dead, frozen: seconds. black, washedOut: mean brightness, 0...255. blurred: share of the learned sharpness.
    /// moved: pixels of the frame, or 0 where the scene was not found again at all.
    public var figure: Double

    public init(kind: Kind, isOver: Bool, since: Duration, why: String, figure: Double) {
        self.kind = kind
        self.isOver = isOver
        self.since = since
        self.why = why
        self.figure = figure
    }
}

/// What one look said of one kind.
struct Symptom {
    var isThere: Bool
    var figure: Double
    var why: String
}

/// Turns looks into a beginning and an end: a single look that differs changes nothing.
struct TroubleVotes: Sendable {
    /// Begins after `needed` of the last `of` looks, ends after `ends` good ones in a row.
    let needed: Int
    let of: Int
    let ends: Int
    private var looks: [Bool] = []
    private var firstSeen: Duration?
    private var goodInARow = 0
    private(set) var standsSince: Duration?

    init(needed: Int, of: Int, ends: Int) {
        self.needed = needed
        self.of = of
        self.ends = ends
    }

    /// - Returns: whether the trouble began (true) or ended (false) with this look; nil when nothing changed.
    mutating func add(_ isThere: Bool, at uptime: Duration) -> (isOver: Bool, since: Duration)? {
        goodInARow = isThere ? 0 : goodInARow + 1
        if let since = standsSince {
            guard goodInARow >= ends else { return nil }
            standsSince = nil
            firstSeen = nil
            looks = []
            return (true, since)
        }
        looks.append(isThere)
        if looks.count > of { looks.removeFirst() }
        guard looks.contains(true) else {
            firstSeen = nil
            return nil
        }
        let since = firstSeen ?? uptime
        firstSeen = since
        guard looks.count(where: { $0 }) >= needed else { return nil }
        standsSince = since
        return (false, since)
    }

    /// Ends what stands without further looks.
    ///
    /// - Returns: since when it stood; nil where nothing did.
    mutating func end() -> Duration? {
        defer { self = TroubleVotes(needed: needed, of: of, ends: ends) }
        return standsSince
    }
}
