import AndonLedger

/// Repairs by class, asset and action, with how many of them came back within the horizon.
public struct RecurrenceCount: CourseFold {
    public static let depth = CourseDepth.repairs

    public let horizon: Int64
    private var choice: CourseChoice
    /// Where repairs are told apart by the shift in which the work ended.
    private let clock: ShiftClock?
    public private(set) var cells = RecurrenceCells()

    /// - Parameters:
    ///   - horizon: microseconds.
    public init(_ choice: CourseChoice = CourseChoice(), horizon: Int64) {
        self.init(choice, horizon: horizon, clock: nil)
    }

    init(_ choice: CourseChoice, horizon: Int64, clock: ShiftClock?) {
        self.choice = choice
        self.clock = clock
        self.horizon = horizon
    }

    public mutating func begin(watchedUntil end: Int64) { choice.end = end }

    public mutating func add(_ course: CourseRows) {
        // Each is read once: a look into the row costs as much as all that is done with it.
        let (history, stream, endedAt, returnedAt) = (course.history, course.stream, course.endedAt, course.returnedAt)
        guard choice.takes(history: history, stream: stream, at: endedAt) else { return }
        cells.add(
            stream: stream, action: clock == nil ? course.action : shift(at: endedAt),
            lag: choice.lag(history: history, endedAt: endedAt, returnedAt: returnedAt), hasReturned: returnedAt > 0,
            horizon: horizon)
    }

    public mutating func finish() { cells.settle(horizon: horizon) }

    private func shift(at time: Int64) -> Int64 { clock?.shift(at: time) ?? 0 }

    public mutating func merge(_ other: RecurrenceCount) { cells.merge(other.cells) }
}
