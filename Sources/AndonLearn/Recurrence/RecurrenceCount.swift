import AndonLedger

/// Repairs by class, asset and action, with how many of them came back within the horizon.
public struct RecurrenceCount: CourseFold {
    public static let depth = CourseDepth.repairs

    public let horizon: Int64
    private var end: Int64 = 0
    let from: Int64
    let until: Int64
    /// The streams that the question is about; nil for all.
    let streams: Set<Int64>?
    public private(set) var cells = RecurrenceCells()

    /// - Parameters:
    ///   - horizon: microseconds.
    ///   - from, until: when the work ended.
    public init(
        horizon: Int64, from: Int64 = .min, until: Int64 = .max, streams: Set<Int64>? = nil
    ) {
        self.horizon = horizon
        self.from = from
        self.until = until
        self.streams = streams
    }

    public mutating func begin(watchedUntil end: Int64) { self.end = end }

    public mutating func add(_ course: CourseRows) {
        guard course.isRepair else { return }
        let (stream, endedAt, returnedAt) = (course.stream, course.endedAt, course.returnedAt)
        guard endedAt >= from, endedAt < until, streams?.contains(stream) != false else { return }
        let (hasReturned, horizon) = (returnedAt > 0, horizon)
        let lag = (hasReturned ? returnedAt : end) - endedAt
        cells.update(stream: stream, action: course.action) {
            $0.add(lag, hasReturned: hasReturned, horizon: horizon)
        }
    }

    public mutating func merge(_ other: RecurrenceCount) { cells.merge(other.cells) }
}
