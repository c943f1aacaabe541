import AndonLedger
import AndonSPC

/// What the orders of one group took.
public struct TimesCell: Sendable, Equatable {
    public internal(set) var orders = 0
    public internal(set) var open = 0
    /// By `OrderSpan.rawValue`, in the span's unit.
    var lives = OrderSpan.allCases.map { _ in LifeTable() }
    var unstamped = OrderSpan.allCases.map { _ in 0 }
    var contradicted = OrderSpan.allCases.map { _ in 0 }
    public internal(set) var repairs = RecurrenceCell()

    public func lives(_ span: OrderSpan) -> LifeTable { lives[span.rawValue] }
    public func unstamped(_ span: OrderSpan) -> Int { unstamped[span.rawValue] }
    public func contradicted(_ span: OrderSpan) -> Int { contradicted[span.rawValue] }

    mutating func add(_ stamps: OrderStamps, seen: Int64) {
        orders += 1
        if stamps.outcome == .open { open += 1 }
        for span in OrderSpan.allCases {
            switch stamps.measure(span, seen: seen) {
            case .life(let time, let isEvent):
                lives[span.rawValue].add(Double(time) / span.microseconds, isEvent: isEvent)
            case .unstamped: unstamped[span.rawValue] += 1
            case .contradicted: contradicted[span.rawValue] += 1
            case .notBegun: break
            }
        }
    }

    mutating func merge(_ other: TimesCell) {
        orders += other.orders
        open += other.open
        for index in lives.indices {
            lives[index].merge(other.lives[index])
            unstamped[index] += other.unstamped[index]
            contradicted[index] += other.contradicted[index]
        }
        repairs.merge(other.repairs)
    }
}

/// Times of orders by group, in memory that does not grow with the number of orders.
struct TimesFold: CourseFold {
    static let depth = CourseDepth.all

    private var choice: CourseChoice
    private let groups: CourseGroups
    private let horizon: Int64
    private(set) var cells: [CourseGroups.Key: TimesCell]

    /// - Parameters:
    ///   - chosen: the groups that are told apart; the others are counted together.
    ///   - horizon: microseconds within which a return counts.
    init(_ choice: CourseChoice, groups: CourseGroups, chosen: [CourseGroups.Key], horizon: Int64) {
        self.choice = choice
        self.groups = groups
        self.horizon = horizon
        cells = Dictionary(chosen.map { ($0, TimesCell()) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func begin(watchedUntil end: Int64) { choice.end = end }

    mutating func add(_ course: CourseRows) {
        guard choice.takes(course) else { return }
        let own = groups.key(course)
        let key = cells[own] == nil ? CourseGroups.others : own
        let (stamps, seen) = (OrderStamps(course), choice.seen(course))
        cells[key, default: TimesCell()].add(stamps, seen: seen)
        guard stamps.outcome == .repaired else { return }
        let hasReturned = course.returnedAt > 0
        let lag = (hasReturned ? course.returnedAt : seen) - stamps.endedAt
        cells[key]?.repairs.add(lag, hasReturned: hasReturned, horizon: horizon)
    }

    mutating func merge(_ other: TimesFold) {
        for (key, cell) in other.cells { cells[key, default: TimesCell()].merge(cell) }
    }
}

/// How many orders each group has, so that the largest can be told apart.
struct GroupSizes: CourseFold {
    static let depth = CourseDepth.all

    /// Groups beyond this are not counted each by itself.
    static let groupsMax = 100_000

    private let choice: CourseChoice
    private let groups: CourseGroups
    private(set) var sizes: [CourseGroups.Key: Int] = [:]
    private(set) var first: Int64 = .max

    init(_ choice: CourseChoice, groups: CourseGroups) {
        self.choice = choice
        self.groups = groups
    }

    mutating func begin(watchedUntil end: Int64) {}

    mutating func add(_ course: CourseRows) {
        guard choice.takes(course) else { return }
        first = min(first, course.detectedAt)
        let key = groups.key(course)
        if sizes[key] != nil || sizes.count < Self.groupsMax { sizes[key, default: 0] += 1 }
    }

    mutating func merge(_ other: GroupSizes) {
        first = min(first, other.first)
        for (key, count) in other.sizes where sizes[key] != nil || sizes.count < Self.groupsMax {
            sizes[key, default: 0] += count
        }
    }

    func largest(_ count: Int) -> [CourseGroups.Key] {
        let keys = sizes.sorted { left, right in
            guard left.value == right.value else { return left.value > right.value }
            for place in 0..<CourseGroups.dimensionsMax where left.key[place] != right.key[place] {
                return left.key[place] < right.key[place]
            }
            return false
        }
        return keys.prefix(count).map(\.key)
    }
}
