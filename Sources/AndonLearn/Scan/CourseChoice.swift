import AndonLedger

/// Which courses are counted, and until when each was watched.
public struct CourseChoice: Sendable {
    // Numbers alone: what a filter says in texts would be held and let go again for each course.
    let from: Int64
    let until: Int64
    private let numbers: ClosedRange<Int64>
    /// Nil for all.
    let streams: Set<Int64>?
    /// When each imported history ends.
    let histories: [Int64: Int64]
    /// Until when the orders of ours were watched.
    var end: Int64 = 0

    public init(_ filter: CourseFilter, _ context: CourseContext) {
        self.init(filter, streams: context.chosen(filter), histories: context.histories)
    }

    /// All orders of ours.
    public init() { self.init(CourseFilter(), streams: nil, histories: [:]) }

    private init(_ filter: CourseFilter, streams: Set<Int64>?, histories: [Int64: Int64]) {
        (from, until, numbers) = (filter.from, filter.until, filter.numbers)
        self.streams = streams
        self.histories = histories
    }

    /// Where its work has ended, by that time; else by when it was raised.
    func takes(_ course: CourseRows) -> Bool {
        let endedAt = course.endedAt
        return takes(seq: course.seq, stream: course.stream, at: endedAt != 0 ? endedAt : course.raisedAt)
    }

    func takes(seq: Int64, stream: Int64, at time: Int64) -> Bool {
        time >= from && time < until && numbers.contains(seq) && (streams == nil || isChosen(stream))
    }

    /// Work that ended, with something mended or nothing found.
    func takesWork(seq: Int64, stream: Int64, outcome: CourseOutcome, endedAt: Int64) -> Bool {
        (outcome == .repaired || outcome == .falseAlarm) && takes(seq: seq, stream: stream, at: endedAt)
    }

    private func isChosen(_ stream: Int64) -> Bool { streams?.contains(stream) == true }

    /// Until when the course was watched: one of an imported history no longer than until the history ends. Never before
    /// its own end, which was seen.
    func seen(_ course: CourseRows) -> Int64 {
        guard course.seq < 0 else { return end }
        return max(course.endedAt, course.history.flatMap { histories[$0] } ?? end)
    }

    /// From the end of a repair to the return, or until when it was watched without one; in microseconds.
    func lag(_ course: CourseRows) -> Int64 {
        let returnedAt = course.returnedAt
        return max(0, (returnedAt > 0 ? returnedAt : seen(course)) - course.endedAt)
    }
}

extension CourseFilter {
    /// The numbers of the orders of that origin: imported ones have numbers below 0.
    var numbers: ClosedRange<Int64> {
        switch histories {
        case .own: 1 ... .max
        case .imported: .min ... -1
        case .both: .min ... .max
        }
    }
}
