import AndonLedger

/// When each asset had an order, by the detection that it was raised with: work to be done or work that was. A false
/// alarm is no event of the machine, and a cancelled order none that is known.
struct AssetTimes: CourseFold {
    static let depth = CourseDepth.times
    static let eventsMax = 500_000

    private let choice: CourseChoice
    private let assets: [Int64: String]
    private let most: Int
    private(set) var times: [String: [Int64]] = [:]
    private(set) var first: Int64 = .max
    private(set) var end: Int64 = 0
    private(set) var count = 0

    /// - Parameter most: with more events than this it stops.
    init(_ choice: CourseChoice, _ context: CourseContext, most: Int) {
        self.choice = choice
        self.most = most
        assets = context.streams.mapValues(\.asset)
    }

    var isFull: Bool { count > most }

    mutating func begin(watchedUntil end: Int64) { self.end = end }

    mutating func add(_ course: CourseRows) {
        let at = course.detectedAt
        guard choice.takes(history: course.history, stream: course.stream, at: at),
            course.outcome == .repaired || course.outcome == .open, let asset = assets[course.stream]
        else { return }
        first = min(first, at)
        count += 1
        times[asset, default: []].append(at)
    }

    mutating func merge(_ other: AssetTimes) {
        first = min(first, other.first)
        count += other.count
        for (asset, more) in other.times { times[asset, default: []] += more }
    }
}
