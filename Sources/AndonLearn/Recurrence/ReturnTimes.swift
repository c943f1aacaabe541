import AndonLedger
import AndonSPC

/// How long it took until the class was seen on the asset again, in days, by action; open intervals are censored.
struct ReturnTimes: CourseFold {
    static let depth = CourseDepth.repairs

    private var choice: CourseChoice
    private(set) var byAction: [Int64: LifeTable] = [:]

    init(_ choice: CourseChoice) { self.choice = choice }

    mutating func begin(watchedUntil end: Int64) { choice.end = end }

    mutating func add(_ course: CourseRows) {
        guard choice.takes(course) else { return }
        byAction[course.action, default: LifeTable()].add(
            Double(choice.lag(course)) / 8.64e10, isEvent: course.returnedAt > 0)
    }

    mutating func merge(_ other: ReturnTimes) {
        for (action, table) in other.byAction { byAction[action, default: LifeTable()].merge(table) }
    }
}
