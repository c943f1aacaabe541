import AndonSPC

/// What happened on one asset to what a task renews: failures, and what renewed it, in microseconds since 1970 UTC.
struct TaskTimes: Sendable {
    private(set) var failures: [Int64] = []
    private(set) var renewals: [Int64] = []

    private static let day = 86_400e6

    mutating func failed(at time: Int64) { failures.append(time) }
    mutating func renewed(at time: Int64) { renewals.append(time) }

    /// Puts both in order, each moment once.
    mutating func close() {
        failures = Self.distinct(failures)
        renewals = Self.distinct(renewals)
    }

    private static func distinct(_ times: [Int64]) -> [Int64] {
        times.sorted().reduce(into: []) { kept, time in if kept.last != time { kept.append(time) } }
    }

    /// Days from each renewal to the next failure; censored at the next renewal and at the end of the watch. What happens
    /// between a failure and the next renewal has no known age, and is no life.
    ///
    /// - Parameter end: of the watch.
    func lives(until end: Int64) -> [Lifetime] {
        var lives: [Lifetime] = []
        var (failure, renewal) = (failures.startIndex, renewals.startIndex)
        var born: Int64?
        func age(at time: Int64, since born: Int64) -> Double { Double(time - born) / Self.day }
        while failure < failures.endIndex || renewal < renewals.endIndex {
            // A failure at the moment of a renewal is of the life before it.
            let isFailure =
                renewal == renewals.endIndex || failure < failures.endIndex && failures[failure] <= renewals[renewal]
            let time = isFailure ? failures[failure] : renewals[renewal]
            guard time <= end else { break }
            if let since = born {
                let age = age(at: time, since: since)
                lives.append(isFailure ? .event(age) : .censored(age))
            }
            born = isFailure ? nil : time
            if isFailure { failure += 1 } else { renewal += 1 }
        }
        if let born, end > born { lives.append(.censored(age(at: end, since: born))) }
        return lives
    }

    /// The failures since the first, which begins the watch: nothing has to be known of the time before it, and where
    /// failures come by chance those behind any one of them do as well.
    ///
    /// - Returns: nil for fewer than two failures.
    func process(until end: Int64) -> FailureProcess? {
        guard let first = failures.first else { return nil }
        let times = failures.dropFirst().filter { $0 <= end }.map { Double($0 - first) / Self.day }
        return FailureProcess(times: times, ending: .time(Double(end - first) / Self.day))
    }
}
