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
}

extension CourseFold {
    public mutating func finish() {}
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
        let numbers = try await store.read { try $0.courseNumbers() }
        guard let numbers else { return (start, try await store.read { try Self.basis($0, store) }) }
        if numbers.upperBound - numbers.lowerBound >= Self.sharedMin {
            let middle = numbers.lowerBound + (numbers.upperBound - numbers.lowerBound) / 2
            async let first = fold(start, numbers.lowerBound...middle)
            async let second = fold(start, middle + 1...Int64.max)
            var (left, right) = (try await first, try await second)
            // Where something was written between the two beginnings, their halves are of two states.
            if left.basis.ledgerSize == right.basis.ledgerSize {
                left.result.merge(right.result)
                return left
            }
        }
        return try await fold(start, Int64.min...Int64.max)
    }

    private func fold<Fold: CourseFold>(
        _ start: Fold, _ numbers: ClosedRange<Int64>
    ) async throws -> (result: Fold, basis: Basis) {
        let (store, told) = (store, told)
        return try await store.read { reader in
            let basis = try Self.basis(reader, store)
            var result = start
            result.begin(watchedUntil: basis.at.microseconds)
            let rows = try reader.courses(numbers, Fold.depth, telling: told)
            while try rows.next() { result.add(rows) }
            result.finish()
            return (result, basis)
        }
    }

    public static func basis(_ reader: Reader, _ store: Store) throws -> Basis {
        let head = try reader.ledgerHead()
        return Basis(ledgerSize: head.size, ledgerRoot: head.root, at: head.at ?? store.time.now())
    }
}
