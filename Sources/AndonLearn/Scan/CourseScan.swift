import AndonLedger
import AndonModel

/// Something that is counted over courses, on several threads at once.
public protocol CourseFold: Sendable {
    /// How much of each course it looks at.
    static var depth: CourseDepth { get }

    /// Until when everything was watched, in microseconds since 1970 UTC: said before the first course.
    mutating func begin(watchedUntil end: Int64)

    mutating func add(_ course: CourseRows)

    /// Takes in what another thread counted, over other courses.
    mutating func merge(_ other: Self)

    /// Said behind the last course, before any merging.
    mutating func finish()

    /// Whether no further course changes anything: the rest is not read.
    var isFull: Bool { get }
}

extension CourseFold {
    public mutating func finish() {}

    public var isFull: Bool { false }
}

/// Two counts over the same courses, in one reading of them.
struct BothFolds<First: CourseFold, Second: CourseFold>: CourseFold {
    static var depth: CourseDepth { First.depth }

    private(set) var first: First
    private(set) var second: Second

    /// - Precondition: both look at the same of a course.
    init(_ first: First, _ second: Second) {
        precondition(First.depth == Second.depth)
        (self.first, self.second) = (first, second)
    }

    mutating func begin(watchedUntil end: Int64) {
        first.begin(watchedUntil: end)
        second.begin(watchedUntil: end)
    }

    mutating func add(_ course: CourseRows) {
        first.add(course)
        second.add(course)
    }

    mutating func merge(_ other: BothFolds) {
        first.merge(other.first)
        second.merge(other.second)
    }

    mutating func finish() {
        first.finish()
        second.finish()
    }

    var isFull: Bool { first.isFull && second.isFull }
}

/// Reads all courses once.
///
/// The courses stand in the store with their return beside their end, so that one pass in any order answers; nothing is
/// sorted, and what is kept is the fold alone.
public struct CourseScan: Sendable {
    let store: Store
    /// Fewer courses than this are read by one thread.
    static let sharedMin: Int64 = 200_000

    /// What stands in the place of the action.
    let told: CourseColumn

    public init(_ store: Store, telling told: CourseColumn = .action) {
        self.store = store
        self.told = told
    }

    /// - Returns: the fold of all courses as they were at one entry of the ledger.
    public func fold<Fold: CourseFold>(_ start: Fold) async throws -> (result: Fold, basis: Basis) {
        let told = told
        let shares = try await store.read {
            try $0.courseShares(Fold.depth, telling: told, sharedMin: Self.sharedMin)
        }
        if shares.count == 2 {
            async let first = fold(start, shares[0])
            async let second = fold(start, shares[1])
            var (left, right) = (try await first, try await second)
            // Where something was written between the two beginnings, their halves are of two states.
            if left.basis.ledgerSize == right.basis.ledgerSize {
                left.result.merge(right.result)
                return left
            }
        }
        return try await store.read { try self.all(start, $0) }
    }

    private func fold<Fold: CourseFold>(
        _ start: Fold, _ share: CourseShare
    ) async throws -> (result: Fold, basis: Basis) {
        try await store.read { try self.folded(start, share, $0) }
    }

    /// The fold of all courses in one read.
    func all<Fold: CourseFold>(_ start: Fold, _ reader: Reader) throws -> (result: Fold, basis: Basis) {
        let whole = try reader.courseShares(Fold.depth, telling: told, sharedMin: .max)
        return try folded(start, whole[0], reader)
    }

    private func folded<Fold: CourseFold>(
        _ start: Fold, _ share: CourseShare, _ reader: Reader
    ) throws -> (result: Fold, basis: Basis) {
        let basis = try Self.basis(reader, store)
        var result = start
        result.begin(watchedUntil: basis.at.microseconds)
        let rows = try reader.courses(share, Fold.depth, telling: told)
        while !result.isFull, try rows.next() { result.add(rows) }
        result.finish()
        return (result, basis)
    }

    public static func basis(_ reader: Reader, _ store: Store) throws -> Basis {
        let head = try reader.ledgerHead()
        return Basis(ledgerSize: head.size, ledgerRoot: head.root, at: head.at ?? store.time.now())
    }
}
