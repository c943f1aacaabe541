import AndonLedger
import AndonModel

/// Labour of the orders of one group. Hours are whole millionths, so that a sum is the same in whatever order it is made.
public struct LabourCell: Hashable, Sendable {
    public private(set) var repairs = 0
    /// Work that ended with nothing wrong found.
    public private(set) var falseAlarms = 0
    /// Orders, of both kinds, whose closure says how long the work took.
    public private(set) var recorded = 0
    private var micros: Int64 = 0
    private var falseMicros: Int64 = 0

    public init() {}

    public var orders: Int { repairs + falseAlarms }
    /// Of both kinds.
    public var hours: Double { Double(micros) / 1e6 }
    public var falseAlarmHours: Double { Double(falseMicros) / 1e6 }

    /// - Parameter hours: nil where none were recorded; what is no time (negative, not finite, over a million) counts as
    ///   not recorded.
    mutating func add(isFalseAlarm: Bool, hours: Double?) {
        if isFalseAlarm { falseAlarms += 1 } else { repairs += 1 }
        guard let hours, hours >= 0, hours <= 1e6 else { return }
        recorded += 1
        let worked = Int64((hours * 1e6).rounded())
        micros += worked
        if isFalseAlarm { falseMicros += worked }
    }

    public mutating func merge(_ other: LabourCell) {
        repairs += other.repairs
        falseAlarms += other.falseAlarms
        recorded += other.recorded
        micros += other.micros
        falseMicros += other.falseMicros
    }
}

/// Labour by stream and action: as much memory as there are of those.
public struct LabourCount: CourseFold {
    public static let depth = CourseDepth.all

    private let choice: CourseChoice
    public private(set) var cells: [ActionKey: LabourCell] = [:]

    init(_ choice: CourseChoice) { self.choice = choice }

    public mutating func begin(watchedUntil end: Int64) {}

    public mutating func add(_ course: CourseRows) {
        let outcome = course.outcome
        guard
            choice.takesWork(history: course.history, stream: course.stream, outcome: outcome, endedAt: course.endedAt)
        else { return }
        let key = ActionKey(stream: course.stream, action: course.action)
        cells[key, default: LabourCell()].add(isFalseAlarm: outcome == .falseAlarm, hours: course.labourHours)
    }

    public mutating func merge(_ other: LabourCount) {
        for (key, cell) in other.cells { cells[key, default: LabourCell()].merge(cell) }
    }
}

/// A stream, and the action's number; 0 where none was recorded.
public struct ActionKey: Hashable, Sendable {
    public var stream: Int64
    public var action: Int64

    public init(stream: Int64, action: Int64) {
        self.stream = stream
        self.action = action
    }
}

/// Parts by stream, action and part: pieces, in millionths, and the orders that took them.
struct PartCount: Sendable {
    struct Key: Hashable, Sendable {
        var group: ActionKey
        var part: Int64
    }

    struct Cell: Hashable, Sendable {
        var orders = 0
        var micros: Int64 = 0
        var quantity: Double { Double(micros) / 1e6 }
    }

    private(set) var cells: [Key: Cell] = [:]

    init() {}

    init(_ reader: Reader, _ choice: CourseChoice) throws {
        let rows = try reader.coursePartRows()
        while try rows.next() {
            guard
                choice.takesWork(
                    history: rows.history, stream: rows.stream, outcome: rows.outcome, endedAt: rows.endedAt)
            else { continue }
            add(ActionKey(stream: rows.stream, action: rows.action), rows.part, rows.quantity)
        }
    }

    /// A quantity that is none (negative, not finite, over a million) is not counted.
    mutating func add(_ group: ActionKey, _ part: Int64, _ quantity: Double) {
        guard quantity >= 0, quantity <= 1e6 else { return }
        var cell = cells[Key(group: group, part: part)] ?? Cell()
        cell.orders += 1
        cell.micros += Int64((quantity * 1e6).rounded())
        cells[Key(group: group, part: part)] = cell
    }
}

extension CourseScan {
    /// A fold of all courses and what `read` makes of the rest of the store, both as they were at one entry of the ledger.
    func fold<Fold: CourseFold, Rest: Sendable>(
        _ start: Fold, beside read: @escaping @Sendable (Reader) throws -> Rest
    ) async throws -> (result: Fold, rest: Rest, basis: Basis) {
        let store = store
        async let folding = fold(start)
        async let reading = store.read { (rest: try read($0), basis: try Self.basis($0, store)) }
        let (folded, other) = (try await folding, try await reading)
        if folded.basis.ledgerSize == other.basis.ledgerSize { return (folded.result, other.rest, folded.basis) }
        // Something was written in between: once more, in one read.
        return try await store.read { reader in
            let folded = try self.all(start, reader)
            return (folded.result, try read(reader), folded.basis)
        }
    }
}
