import AndonLedger
import AndonSPC

/// How long it took until the class was seen on the asset again, in days, by action; open intervals are censored.
struct ReturnTimes: CourseFold {
    static let depth = CourseDepth.repairs

    private let filter: CourseFilter
    private let streams: Set<Int64>?
    private var end: Int64 = 0
    private let importedUntil: Int64
    private(set) var byAction: [Int64: LifeTable] = [:]

    init(_ filter: CourseFilter, streams: Set<Int64>?, importedUntil: Int64) {
        self.filter = filter
        self.importedUntil = importedUntil
        self.streams = streams
    }

    mutating func begin(watchedUntil end: Int64) { self.end = end }

    mutating func add(_ course: CourseRows) {
        guard course.isRepair, filter.takes(seq: course.seq) else { return }
        let (endedAt, returnedAt) = (course.endedAt, course.returnedAt)
        guard endedAt >= filter.from, endedAt < filter.until, streams?.contains(course.stream) != false else { return }
        let days =
            Double(
                (returnedAt > 0 ? returnedAt : max(course.seq < 0 ? min(end, importedUntil) : end, endedAt)) - endedAt)
            / 8.64e10
        _ = byAction[course.action, default: LifeTable()].add(days, isEvent: returnedAt > 0)
    }

    mutating func merge(_ other: ReturnTimes) {
        for (action, table) in other.byAction { byAction[action, default: LifeTable()].merge(table) }
    }
}

/// When each asset had an order, in days since its first, for the mean cumulative function.
struct AssetEvents: CourseFold {
    static let depth = CourseDepth.times

    /// Assets at most; the function's cost grows with them times the ages.
    static let assetsMax = 2000
    static let eventsMax = 20_000

    private let filter: CourseFilter
    private let assets: [Int64: Int]
    private let streams: Set<Int64>?
    private(set) var end: Int64 = 0
    private(set) var events: [Int: [Int64]] = [:]
    private(set) var count = 0
    private(set) var first: Int64 = .max

    /// - Parameter assets: the asset's number by stream.
    init(_ filter: CourseFilter, assets: [Int64: Int], streams: Set<Int64>?) {
        self.filter = filter
        self.assets = assets
        self.streams = streams
    }

    mutating func begin(watchedUntil end: Int64) { self.end = end }

    mutating func add(_ course: CourseRows) {
        guard filter.takes(seq: course.seq), streams?.contains(course.stream) != false else { return }
        let at = course.detectedAt
        guard at >= filter.from, at < filter.until, let asset = assets[course.stream] else { return }
        // A false alarm is no event of the machine.
        guard course.outcome != .falseAlarm else { return }
        count += 1
        first = min(first, at)
        guard count <= Self.eventsMax else { return }
        events[asset, default: []].append(at)
    }

    mutating func merge(_ other: AssetEvents) {
        count += other.count
        first = min(first, other.first)
        for (asset, times) in other.events { events[asset, default: []] += times }
    }
}

extension CourseFilter {
    /// The numbers of the orders of that origin.
    var numbers: ClosedRange<Int64> {
        switch histories {
        case .own: 1 ... .max
        case .imported: .min ... -1
        case .both: .min ... .max
        }
    }

    /// Whether orders of that origin are asked about: imported ones have numbers below 0.
    func takes(seq: Int64) -> Bool {
        switch histories {
        case .own: seq > 0
        case .imported: seq < 0
        case .both: true
        }
    }
}
