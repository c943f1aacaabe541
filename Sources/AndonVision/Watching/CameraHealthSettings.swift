import AndonModel

/// When a camera counts as being in trouble. Every limit has a default that suits a fixed camera over a lit line.
public struct CameraHealthSettings: Sendable, Hashable {
    /// What is watched for. A camera that is triggered by parts rests when the line does: leave `dead` and `frozen` out.
    public var watches: Set<CameraTrouble.Kind> = Set(CameraTrouble.Kind.allCases)
    /// No frame for this long.
    public var deadAfter: Duration = .seconds(10)
    /// Frames come and nothing in them changes for this long.
    public var frozenAfter: Duration = .seconds(10)
    /// Up to which mean difference, in grey levels of the reduced copy, two frames are alike. 0: only when they are the
    /// same to the last bit, because the noise of a sensor differs in every frame, also of a scene that rests.
    public var frozenNoise: Double = 0
    /// Black: the mean is at most this, 0...255, and 95 of 100 pixels are at most twice this.
    public var blackBelow: Double = 12
    /// Washed out: the mean is at least this, and 95 of 100 pixels are at least this less 25.
    public var washedOutAbove: Double = 240
    /// Blurred: the sharpness is at most this share of what the camera showed when it was learned.
    public var blurredBelow: Double = 0.35
    /// Moved: the scene lies off by at least this share of the picture's width.
    public var movedBy: Double = 0.02
    /// Shifts up to this share of the width are looked for.
    public var movedByMax: Double = 0.2
    /// Moved as well: the scene is no longer like the one that was learned, at any shift (correlation of the edges, 0...1).
    public var unlikeBelow: Double = 0.25
    /// The part of the picture, in shares of its sides, in which nothing passes by: sharpness and place are judged there.
    /// The whole picture when nil.
    public var stillZone: Box?
    /// How many good frames the reference is learned from.
    public var learnsFrom = 30
    /// A trouble begins after this many looks that show it, one after the other; a move after this many of `movedOf`.
    public var begins = 5
    public var movedOf = 8
    /// And it is over after this many looks, one after the other, that do not.
    public var ends = 5

    public init() {}

    /// Reads the section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        if reader.raw("watches") != nil { watches = Self.kinds(reader) }
        deadAfter = reader.duration("deadAfter", in: .milliseconds(100) ... .seconds(86_400)) ?? deadAfter
        frozenAfter = reader.duration("frozenAfter", in: .milliseconds(100) ... .seconds(86_400)) ?? frozenAfter
        frozenNoise = reader.number("frozenNoise", in: 0...10) ?? frozenNoise
        blackBelow = reader.number("blackBelow", in: 0...120) ?? blackBelow
        washedOutAbove = reader.number("washedOutAbove", in: 130...255) ?? washedOutAbove
        blurredBelow = reader.number("blurredBelow", in: 0.01...0.95) ?? blurredBelow
        movedBy = reader.number("movedBy", in: 0.005...0.2) ?? movedBy
        movedByMax = reader.number("movedByMax", in: 0.02...0.4) ?? movedByMax
        unlikeBelow = reader.number("unlikeBelow", in: 0...0.9) ?? unlikeBelow
        stillZone = reader.section("stillZone").map(Self.zone)
        learnsFrom = reader.integer("learnsFrom", in: 3...1_000) ?? learnsFrom
        begins = reader.integer("begins", in: 1...1_000) ?? begins
        movedOf = reader.integer("movedOf", in: 1...1_000) ?? max(movedOf, begins)
        ends = reader.integer("ends", in: 1...1_000) ?? ends
        if movedOf < begins, let node = reader.raw("movedOf") {
            reader.faults.add("should be at least begins (\(begins)), found \(movedOf)", at: node)
        }
        if movedByMax < movedBy, let node = reader.raw("movedByMax") ?? reader.raw("movedBy") {
            reader.faults.add("movedByMax (\(movedByMax)) should be at least movedBy (\(movedBy))", at: node)
        }
        reader.finish()
    }

    private static func kinds(_ reader: SettingsReader) -> Set<CameraTrouble.Kind> {
        var kinds: Set<CameraTrouble.Kind> = []
        for node in reader.list("watches") {
            guard let text = reader.text(of: node) else { continue }
            if let kind = CameraTrouble.Kind(rawValue: text) {
                kinds.insert(kind)
            } else {
                let known = CameraTrouble.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                reader.faults.add("should be one of \(known); found \(text.debugDescription)", at: node)
            }
        }
        return kinds
    }

    private static func zone(_ reader: SettingsReader) -> Box {
        func share(_ key: String, _ least: Double) -> Double {
            if reader.raw(key) == nil { reader.missing(key) }
            return reader.number(key, in: least...1) ?? least
        }
        let box = Box(x: share("x", 0), y: share("y", 0), width: share("width", 0.05), height: share("height", 0.05))
        if box.x + box.width > 1.000_001 || box.y + box.height > 1.000_001 {
            reader.faults.add("reaches beyond the picture: x + width and y + height are at most 1", at: reader.node)
        }
        reader.finish()
        return box
    }
}
