/// The last seconds of frames, so that those before a defect go with its evidence. Bounded by age and by bytes.
public struct FrameRing: Sendable {
    public let seconds: Duration
    public let bytesMax: Int
    /// From the oldest to the newest.
    public private(set) var frames: [Frame] = []
    /// Of their pictures as files.
    public private(set) var bytes = 0

    /// - Parameters:
    ///   - seconds: how much older than the newest frame, by `arrivedAt`, a frame may be.
    ///   - bytesMax: how many bytes of pictures are kept at most; a frame that is larger alone is not kept.
    public init(seconds: Duration, bytesMax: Int) {
        self.seconds = seconds
        self.bytesMax = bytesMax
    }

    /// Keeps a frame. A number that is not above the last one means that the source was started anew: what came
    /// before is let go, as numbers would no longer say which frame is meant.
    public mutating func add(_ frame: Frame) {
        if let last = frames.last, frame.number <= last.number {
            frames = []
            bytes = 0
        }
        let size = frame.picture.bytes.count
        guard size <= bytesMax else { return drop(olderThan: frame.arrivedAt - seconds) }
        frames.append(frame)
        bytes += size
        drop(olderThan: frame.arrivedAt - seconds)
    }

    /// The frames before this number, from the oldest to the newest, at most `count`. Fewer when they were lost or too
    /// old, and there may be gaps where the source lost some.
    public func before(_ number: Int, count: Int) -> [Frame] {
        Array(frames.prefix { $0.number < number }.suffix(max(0, count)))
    }

    private mutating func drop(olderThan limit: Duration) {
        var old = 0
        while old < frames.count, frames[old].arrivedAt < limit || bytes > bytesMax {
            bytes -= frames[old].picture.bytes.count
            old += 1
        }
        frames.removeFirst(old)
    }
}

/// Collects the frames after a defect for its evidence.
public struct FollowUp: Sendable {
    private struct Want {
        var id: String
        var after: Int
        var count: Int
        var asked: Duration
        var frames: [Frame] = []
    }

    public let patience: Duration
    public let wantsMax: Int
    private var wants: [Want] = []

    /// - Parameters:
    ///   - patience: how long the frames are waited for.
    ///   - wantsMax: how many defects may wait at the same time; a further one gets none.
    public init(patience: Duration, wantsMax: Int = 100) {
        self.patience = patience
        self.wantsMax = wantsMax
    }

    public var waiting: Int { wants.count }

    /// Asks for the `count` frames whose numbers are above `after`.
    ///
    /// - Returns: false when too many wait already or `count` is not above 0: then nothing comes for this id.
    @discardableResult
    public mutating func want(id: String, after number: Int, count: Int, at uptime: Duration) -> Bool {
        guard wants.count < wantsMax, count > 0 else { return false }
        wants.append(Want(id: id, after: number, count: count, asked: uptime))
        return true
    }

    /// - Returns: those that are complete with this frame, in the order in which they were asked for.
    public mutating func add(_ frame: Frame) -> [(id: String, frames: [Frame])] {
        for index in wants.indices where frame.number > wants[index].after { wants[index].frames.append(frame) }
        return take { $0.frames.count >= $0.count }
    }

    /// - Returns: those whose time is over, with the frames that did come.
    public mutating func expire(at uptime: Duration) -> [(id: String, frames: [Frame])] {
        let patience = patience
        return take { uptime - $0.asked >= patience }
    }

    private mutating func take(where isDone: (Want) -> Bool) -> [(id: String, frames: [Frame])] {
        let done = wants.filter(isDone).map { (id: $0.id, frames: $0.frames) }
        if !done.isEmpty { wants.removeAll(where: isDone) }
        return done
    }
}
