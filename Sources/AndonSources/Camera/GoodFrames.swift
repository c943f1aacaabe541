import AndonLedger
import AndonModel
import AndonVision

/// Frames without a defect, counted until they are brought: the denominators of the control charts.
///
/// A batch that was made up keeps its id and its content until it is durable, so that one that is brought twice counts once.
struct GoodFrames: Sendable {
    struct Batch: Sendable, Hashable {
        var id: String
        var frames: [FrameCount]
    }

    /// Counts of one batch; more lots than these at once begin the next one.
    static let countsMax = 500

    let source: String
    let camera: String
    let every: Duration
    /// Tells the batches of this start from those of another.
    let begunAt: Timestamp
    private var counts: [String?: FrameCount] = [:]
    private var firstAt: Duration?
    private var made = 0
    private(set) var waiting: Batch?

    init(source: String, camera: String, every: Duration, begunAt: Timestamp) {
        (self.source, self.camera, self.every, self.begunAt) = (source, camera, every, begunAt)
    }

    /// Counted and not durable yet.
    var pending: Int {
        counts.values.reduce(0) { $0 + $1.inspected } + (waiting?.frames.reduce(0) { $0 + $1.inspected } ?? 0)
    }

    mutating func add(_ frame: Frame, at uptime: Duration) {
        // A count covers a time: of one frame, the microsecond after it.
        let end = frame.capturedAt + .microseconds(1)
        var count =
            counts[frame.note.lot]
            ?? FrameCount(camera: camera, from: frame.capturedAt, to: end, inspected: 0, lot: frame.note.lot)
        count.from = min(count.from, frame.capturedAt)
        count.to = max(count.to, end)
        count.inspected += 1
        counts[frame.note.lot] = count
        firstAt = firstAt ?? uptime
    }

    /// The batch that has to be brought now: one that was tried before, or the counts when they are due.
    ///
    /// - Parameter isLast: brings what there is, due or not.
    mutating func due(at uptime: Duration, isLast: Bool = false) -> Batch? {
        if let waiting { return waiting }
        guard let firstAt, isLast || uptime - firstAt >= every || counts.count >= Self.countsMax else { return nil }
        made += 1
        let name = "frames\n\(source)\n\(begunAt.microseconds)\n\(made)"
        waiting = Batch(
            id: CameraReport.id(name), frames: counts.values.sorted { ($0.lot ?? "") < ($1.lot ?? "") })
        counts = [:]
        self.firstAt = nil
        return waiting
    }

    /// The batch is durable, or it was refused for good.
    mutating func settle(_ batch: Batch) {
        if waiting?.id == batch.id { waiting = nil }
    }
}
