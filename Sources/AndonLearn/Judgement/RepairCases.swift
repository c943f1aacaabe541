import AndonLedger
import AndonSPC

/// Repairs as the judgement sees them; the newest, where there are more than it can hold.
struct RepairCases: CourseFold {
    static let depth = CourseDepth.all
    static let casesMax = 200_000

    private struct Kept: Sendable {
        var endedAt: Int64
        var returned: Sighting
        var cause: Int64
        var value: RepairCase
    }

    /// A class on an asset at a time: by it the order is found with which a repair came back.
    private struct Sighting: Hashable, Sendable {
        var stream: Int64
        var at: Int64
    }

    private var choice: CourseChoice
    private let context: CourseContext
    private var kept: [Kept] = []
    /// The root causes that closures named, by when the order's defect was seen.
    private var causes: [Sighting: Int64] = [:]
    private(set) var count = 0

    init(_ filter: CourseFilter, _ context: CourseContext) {
        choice = CourseChoice(filter, context)
        self.context = context
    }

    mutating func begin(watchedUntil end: Int64) { choice.end = end }

    mutating func add(_ course: CourseRows) {
        let (stream, cause) = (course.stream, course.cause)
        if cause != 0 { causes[Sighting(stream: stream, at: course.detectedAt)] = cause }
        guard course.isRepair, choice.takes(course), let action = context.actions[course.action],
            let named = context.streams[stream]
        else { return }
        let (endedAt, returnedAt) = (course.endedAt, course.returnedAt)
        count += 1
        kept.append(
            Kept(
                endedAt: endedAt, returned: Sighting(stream: stream, at: returnedAt), cause: cause,
                value: RepairCase(
                    defect: named.defectClass, action: action, asset: named.asset, ended: Double(endedAt) / 8.64e10,
                    life: Lifetime(time: Double(choice.lag(course)) / 8.64e10, isEvent: returnedAt > 0))))
        if kept.count >= 2 * Self.casesMax { thin() }
    }

    mutating func merge(_ other: RepairCases) {
        count += other.count
        kept += other.kept
        causes.merge(other.causes) { first, _ in first }
        thin()
    }

    var newest: [RepairCase] {
        var thinned = self
        thinned.thin()
        return thinned.kept.map { one in
            var value = one.value
            // Where either closure names no cause, it is taken for the same.
            if one.cause != 0, let cause = causes[one.returned] { value.isOtherCause = cause != one.cause }
            return value
        }
    }

    private mutating func thin() {
        guard kept.count > Self.casesMax else { return }
        kept.sort { $0.endedAt > $1.endedAt }
        kept.removeLast(kept.count - Self.casesMax)
        guard let oldest = kept.last?.endedAt else { return }
        causes = causes.filter { $0.key.at > oldest }
    }
}
