import AndonLedger

/// Repairs by class, asset and action, with how many of them came back within the horizon.
public struct RecurrenceCount: CourseFold {
    public static let depth = CourseDepth.repairs

    public let horizon: Int64
    private var end: Int64 = 0
    // Numbers alone: what a filter says in texts would be held and let go again for each course.
    private let from: Int64
    private let until: Int64
    private let numbers: ClosedRange<Int64>
    /// The streams that the question is about; nil for all.
    let streams: Set<Int64>?
    /// Where repairs are told apart by the shift in which the work ended.
    private let clock: ShiftClock?
    /// Until when imported orders were watched.
    private let importedUntil: Int64
    public private(set) var cells = RecurrenceCells()

    /// - Parameters:
    ///   - horizon: microseconds.
    ///   - filter: when the work ended, and of what origin the orders are.
    public init(horizon: Int64, filter: CourseFilter = CourseFilter(), streams: Set<Int64>? = nil) {
        self.init(horizon: horizon, filter: filter, streams: streams, clock: nil, importedUntil: .max)
    }

    init(horizon: Int64, filter: CourseFilter, streams: Set<Int64>?, clock: ShiftClock?, importedUntil: Int64) {
        self.importedUntil = importedUntil
        self.clock = clock
        self.horizon = horizon
        (from, until, numbers) = (filter.from, filter.until, filter.numbers)
        self.streams = streams
    }

    public mutating func begin(watchedUntil end: Int64) { self.end = end }

    public mutating func add(_ course: CourseRows) {
        let seq = course.seq
        guard course.isRepair, numbers.contains(seq) else { return }
        let (stream, endedAt, returnedAt) = (course.stream, course.endedAt, course.returnedAt)
        guard endedAt >= from, endedAt < until, streams == nil || isChosen(stream) else { return }
        let (hasReturned, horizon) = (returnedAt > 0, horizon)
        let seen = seq < 0 ? max(endedAt, min(end, importedUntil)) : end
        let lag = (hasReturned ? returnedAt : seen) - endedAt
        let told = clock == nil ? course.action : shift(at: endedAt)
        cells.add(stream: stream, action: told, lag: lag, hasReturned: hasReturned, horizon: horizon)
    }

    public mutating func finish() { cells.settle(horizon: horizon) }

    private func isChosen(_ stream: Int64) -> Bool { streams?.contains(stream) == true }

    private func shift(at time: Int64) -> Int64 { clock?.shift(at: time) ?? 0 }

    public mutating func merge(_ other: RecurrenceCount) { cells.merge(other.cells) }
}
