import AndonLedger

/// Which courses are counted, and until when each was watched.
public struct CourseChoice: Sendable {
    // Numbers alone: what a filter says in texts would be held and let go again for each course.
    let from: Int64
    let until: Int64
    private let histories: CourseFilter.Histories
    /// Nil for all.
    let streams: Set<Int64>?
    /// When each imported history ends.
    let ends: [Int64: Int64]
    /// Until when the orders of ours were watched.
    var end: Int64 = 0

    public init(_ filter: CourseFilter, _ context: CourseContext) {
        self.init(filter, streams: context.chosen(filter), ends: context.histories)
    }

    /// All orders of ours.
    public init() { self.init(CourseFilter(), streams: nil, ends: [:]) }

    private init(_ filter: CourseFilter, streams: Set<Int64>?, ends: [Int64: Int64]) {
        (from, until, histories) = (filter.from, filter.until, filter.histories)
        self.streams = streams
        self.ends = ends
    }

    /// Where its work has ended, by that time; else by when it was raised.
    func takes(_ course: CourseRows) -> Bool {
        let endedAt = course.endedAt
        return takes(
            history: course.history, stream: course.stream, at: endedAt != 0 ? endedAt : course.raisedAt)
    }

    /// - Parameter history: 0 for an order of ours.
    func takes(history: Int64, stream: Int64, at time: Int64) -> Bool {
        time >= from && time < until && histories.takes(history) && (streams == nil || isChosen(stream))
    }

    /// Work that ended, with something mended or nothing found.
    func takesWork(history: Int64, stream: Int64, outcome: CourseOutcome, endedAt: Int64) -> Bool {
        (outcome == .repaired || outcome == .falseAlarm) && takes(history: history, stream: stream, at: endedAt)
    }

    private func isChosen(_ stream: Int64) -> Bool { streams?.contains(stream) == true }

    /// Until when the course was watched: one of an imported history no longer than until the history ends. Never before
    /// its own end, which was seen.
    func seen(_ course: CourseRows) -> Int64 { seen(history: course.history, endedAt: course.endedAt) }

    private func seen(history: Int64, endedAt: Int64) -> Int64 {
        history == 0 ? end : max(endedAt, ends[history] ?? end)
    }

    /// From the end of a repair to the return, or until when it was watched without one; in microseconds.
    func lag(_ course: CourseRows) -> Int64 {
        lag(history: course.history, endedAt: course.endedAt, returnedAt: course.returnedAt)
    }

    func lag(history: Int64, endedAt: Int64, returnedAt: Int64) -> Int64 {
        max(0, (returnedAt > 0 ? returnedAt : seen(history: history, endedAt: endedAt)) - endedAt)
    }
}

extension CourseFilter.Histories {
    /// Whether orders of that origin are asked about; 0 are those of ours.
    func takes(_ history: Int64) -> Bool {
        switch self {
        case .own: history == 0
        case .imported: history != 0
        case .both: true
        }
    }
}
