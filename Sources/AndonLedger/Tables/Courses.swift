import AndonModel
import AndonSQL

/// What became of an order, for questions over years.
public enum CourseOutcome: Int64, Sendable, CaseIterable {
    /// Work is still to be done.
    case open = 0
    /// The work is done, and the technician did not find a false alarm.
    case repaired = 1
    case falseAlarm = 2
    /// Cancelled, merged into another, or gone from the CMMS.
    case dropped = 3
}

/// A class of defects on an asset.
public struct CourseStream: Hashable, Sendable {
    public var asset: String
    public var defectClass: String

    public init(asset: String, defectClass: String) {
        self.asset = asset
        self.defectClass = defectClass
    }
}

/// What courses name by a number.
public enum CourseNameKind: String, Sendable, CaseIterable {
    case action
    case cause
    case crew
    case lot
    case supplierLot
    case part
}

/// What a repair is told apart by, beside its class and asset: what ``CourseRows/action`` gives.
public enum CourseColumn: String, Sendable, CaseIterable {
    case action
    case cause
    case person
    case crew
    case lot
    case supplierLot = "supplier_lot"
    case priority
    /// A course with several parts comes once for each.
    case part
}

/// How much of each course is read: a row costs what stands before the last column that is wanted.
public enum CourseDepth: Sendable {
    /// Stream, action, end, return and history, of the repairs alone.
    case repairs
    /// The other times as well, and the priority.
    case times
    /// All.
    case all

    fileprivate func columns(_ told: CourseColumn = .action) -> String {
        let repairs = "stream, \(told.rawValue), ended_at, returned_at, history"
        let times = """
            \(repairs), seq, outcome, detected_at, raised_at, acknowledged_at, assigned_at, started_at, closed_at, priority
            """
        return switch self {
        case .repairs: repairs
        case .times: times
        case .all: "\(times), cause, person, crew, lot, supplier_lot, labour_hours"
        }
    }

    fileprivate var condition: String {
        self == .repairs ? "outcome = \(CourseOutcome.repaired.rawValue) AND " : ""
    }

    /// The index of repairs has all that they are asked for, where they are told apart by the action.
    fileprivate func isIndexed(_ told: CourseColumn) -> Bool { self == .repairs && told == .action }
}

/// Rows one after the other, each read where the engine has it.
public class StoredRows {
    final let rows: RawRows

    init(_ rows: RawRows) { self.rows = rows }

    /// Goes to the next row; false behind the last.
    public final func next() throws -> Bool { try rows.next() != nil }

    final func integer(_ column: Int32) -> Int64 { rows.integer(column) }
}

/// Courses one after the other. Columns beyond the depth that was asked for are not there.
public final class CourseRows: StoredRows {
    public var stream: Int64 { integer(0) }
    /// 0 where none was recorded.
    public var action: Int64 { integer(1) }
    /// Times are microseconds since 1970 UTC; 0 where there is none.
    public var endedAt: Int64 { integer(2) }
    public var returnedAt: Int64 { integer(3) }
    /// The number of the imported history that it came with; 0 for an order of ours.
    public var history: Int64 { integer(4) }

    // MARK: Not of repairs alone

    /// The order's number; below 0 for one of an imported history.
    public var seq: Int64 { integer(5) }
    public var isRepair: Bool { integer(6) == CourseOutcome.repaired.rawValue }
    public var outcome: CourseOutcome { CourseOutcome(rawValue: integer(6)) ?? .dropped }
    public var detectedAt: Int64 { integer(7) }
    public var raisedAt: Int64 { integer(8) }
    public var acknowledgedAt: Int64 { integer(9) }
    public var assignedAt: Int64 { integer(10) }
    public var startedAt: Int64 { integer(11) }
    public var closedAt: Int64 { integer(12) }
    public var priority: Int64 { integer(13) }
    public var cause: Int64 { integer(14) }
    public var person: Int64 { integer(15) }
    public var crew: Int64 { integer(16) }
    public var lot: Int64 { integer(17) }
    public var supplierLot: Int64 { integer(18) }
    public var labourHours: Double? {
        rows.type(19) == .null ? nil : rows.real(19)
    }
}

/// A part of all courses, that one thread reads.
public struct CourseShare: Sendable {
    fileprivate enum Bounds: Sendable {
        case numbers(ClosedRange<Int64>)
        case streams(ClosedRange<Int64>)
    }

    fileprivate let bounds: Bounds
}

extension Reader {
    /// The numbers of the courses from the first to the last; nil without any.
    public func courseNumbers() throws -> ClosedRange<Int64>? {
        guard let first = try row("SELECT MIN(seq) AS seq FROM course")?["seq"] as Int64?,
            let last = try row("SELECT MAX(seq) AS seq FROM course")?["seq"] as Int64?
        else { return nil }
        return first...last
    }

    /// All courses in two shares of about the same size; in one, where they are few.
    ///
    /// Repairs told apart by the action come from an index and lie in it by stream, all others by number.
    ///
    /// - Parameter sharedMin: fewer numbers than this are one share.
    public func courseShares(_ depth: CourseDepth, telling told: CourseColumn, sharedMin: Int64) throws -> [CourseShare]
    {
        let isIndexed = depth.isIndexed(told)
        let numbers = try courseNumbers() ?? 0...0
        let length = numbers.upperBound - numbers.lowerBound
        guard length >= sharedMin else {
            return [isIndexed ? .init(bounds: .streams(.min ... .max)) : .init(bounds: .numbers(.min ... .max))]
        }
        guard isIndexed else {
            let middle = numbers.lowerBound + length / 2
            return [.init(bounds: .numbers(.min...middle)), .init(bounds: .numbers(middle + 1 ... .max))]
        }
        let middle = try middleStream(numbers)
        return [.init(bounds: .streams(.min...middle)), .init(bounds: .streams(middle + 1 ... .max))]
    }

    /// About as many courses are of the streams up to it as of those behind it.
    private func middleStream(_ numbers: ClosedRange<Int64>) throws -> Int64 {
        let samples: Int64 = 255
        let step = (numbers.upperBound - numbers.lowerBound) / samples
        let streams = try (0..<samples).compactMap { sample in
            try row(
                "SELECT stream FROM course WHERE seq >= ? ORDER BY seq LIMIT 1",
                [numbers.lowerBound + step * sample])?["stream"] as Int64?
        }
        return streams.sorted()[streams.count / 2]
    }

    /// The courses of a share.
    public func courses(
        _ share: CourseShare, _ depth: CourseDepth, telling told: CourseColumn = .action
    ) throws -> CourseRows {
        let parts = told == .part ? "JOIN course_part USING (seq)" : ""
        let index = depth.isIndexed(told) ? "INDEXED BY course_repair" : ""
        let (column, range) =
            switch share.bounds {
            case .numbers(let range): ("seq", range)
            case .streams(let range): ("stream", range)
            }
        return CourseRows(
            try db.rawRows(
                """
                SELECT \(depth.columns(told)) FROM course \(index) \(parts)
                WHERE \(depth.condition) \(column) BETWEEN ? AND ?
                """, [range.lowerBound, range.upperBound], of: "courses", isShared: false))
    }

    /// The courses of one stream, of an asset's, or of a class's; by rising number within each stream.
    public func courses(asset: String?, defectClass: String?, _ depth: CourseDepth) throws -> CourseRows {
        CourseRows(
            try db.rawRows(
                """
                SELECT \(depth.columns()) FROM course INDEXED BY course_raised WHERE \(depth.condition) stream IN (
                    SELECT id FROM course_stream WHERE (?1 IS NULL OR asset = ?1) AND (?2 IS NULL OR class = ?2))
                """, [asset, defectClass], of: "courses", isShared: false))
    }

    public func courseStreams() throws -> [Int64: CourseStream] {
        Dictionary(
            try rows("SELECT id, asset, class FROM course_stream").map {
                ($0["id"], CourseStream(asset: $0["asset"], defectClass: $0["class"]))
            }, uniquingKeysWith: { first, _ in first })
    }

    public func courseNames(_ kind: CourseNameKind) throws -> [Int64: String] {
        Dictionary(
            try rows("SELECT id, text FROM course_name WHERE kind = ?", [kind.rawValue]).map {
                ($0["id"], $0["text"])
            }, uniquingKeysWith: { first, _ in first })
    }

    public func coursePersons() throws -> [Int64: String] {
        Dictionary(
            try rows("SELECT id, name FROM course_person").map { ($0["id"], $0["name"]) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Parts by the number of the order, in order of it: the id of the part and how many.
    public func courseParts(_ numbers: ClosedRange<Int64>) throws -> [(seq: Int64, part: Int64, quantity: Double)] {
        try rows(
            "SELECT seq, part, quantity FROM course_part WHERE seq BETWEEN ? AND ? ORDER BY seq, part",
            [numbers.lowerBound, numbers.upperBound]
        ).map { ($0["seq"], $0["part"], $0["quantity"]) }
    }
}

extension Reader {
    /// How many rows of the tables of courses are not what the orders and detections say: 0 in a sound store.
    public func courseDifferences() throws -> Int { try count(CourseSchema.differences) }
}

// MARK: The count of a month

extension Reader {

    /// Detections and orders of the class on the asset in the `days` days before `time`, which is counted, as is not the
    /// moment that many days before it.
    ///
    /// It costs a row for each hour that had detections, whatever their number.
    public func recurrence(asset: String, defectClass: String, before time: Timestamp, days: Int) throws
        -> WorkOrder.Recurrence
    {
        try Self.recurrence(db.rows(of: RecurrenceWindow(before: time, days: days).questions(asset, defectClass)))
    }

    /// What an order is raised with, in one question: whether its name is taken already, and its recurrence.
    public func prospects(
        of reference: Reference, asset: String, defectClass: String, before time: Timestamp, days: Int
    ) throws -> (isTaken: Bool, recurrence: WorkOrder.Recurrence) {
        let name = DatabaseQuestion("SELECT 1 FROM work_order WHERE reference = ?", [reference.text])
        var found = try db.rows(
            of: RecurrenceWindow(before: time, days: days).questions(asset, defectClass) + [name])
        let isTaken = !found.removeLast().isEmpty
        return (isTaken, try Self.recurrence(found))
    }

    /// - Parameter found: the answers to ``RecurrenceWindow/questions(_:_:)``.
    private static func recurrence(_ found: [[Row]]) throws -> WorkOrder.Recurrence {
        func number(_ place: Int, _ column: String) -> Int { found[place].first?[column] ?? 0 }
        return WorkOrder.Recurrence(
            detections: number(0, "detections") + number(2, "count") - number(3, "count"),
            orders: number(0, "orders") + number(1, "count"), previous: try found[4].compactMap(previous))
    }

    private static func previous(_ row: Row) throws -> WorkOrder.Previous? {
        guard let reference = Reference(row["reference"]) else { return nil }
        return WorkOrder.Previous(
            reference: reference, raisedAt: Timestamp(row, "raised_at"),
            cause: try (row["closure"] as String?).flatMap { try Closure(kept: $0).causeCode })
    }
}

/// A window of time in whole hours since 1970.
private struct RecurrenceWindow {
    /// Microseconds, as the hours of `recurrence_hour`.
    static let hour: Int64 = 3_600_000_000

    /// Microseconds, without this moment and with that one.
    var from: Int64
    var end: Int64
    /// The first hour that begins after `from`, and the one that `end` is in.
    var first: Int64
    var last: Int64

    init(before time: Timestamp, days: Int) {
        let from = (time - .seconds(days * 86_400)).microseconds
        // What was said to be before 1970 lies in the first hour, by the way in which databases divide.
        (self.from, end) = (max(from, -1), time.microseconds)
        (first, last) = (from < 0 ? 0 : from / Self.hour + 1, time.microseconds / Self.hour)
    }

    /// What is asked for a recurrence: sums of the hours; orders and then detections of before the first of these; detections of
    /// the last one that come behind the window; the newest orders.
    func questions(_ asset: String, _ defectClass: String) -> [DatabaseQuestion] {
        let (early, late) = (first * Self.hour - 1, (last + 1) * Self.hour - 1)
        let stream = "(SELECT id FROM course_stream WHERE asset = ? AND class = ?)"
        func detections(_ after: Int64, _ upTo: Int64) -> DatabaseQuestion {
            DatabaseQuestion(
                """
                SELECT COUNT(*) AS count FROM detection
                WHERE asset = ? AND class = ? AND detected_at > ? AND detected_at <= ?
                """, [asset, defectClass, after, upTo])
        }
        return [
            DatabaseQuestion(
                """
                SELECT COALESCE(SUM(CASE WHEN hour <= ? THEN detections ELSE 0 END), 0) AS detections,
                    COALESCE(SUM(orders), 0) AS orders FROM recurrence_hour WHERE stream = \(stream) AND hour >= ?
                """, [last, asset, defectClass, first]),
            DatabaseQuestion(
                """
                SELECT COUNT(*) AS count FROM course WHERE stream = \(stream) AND raised_at > ? AND raised_at <= ?
                    AND history IS NULL
                """, [asset, defectClass, from, early]),
            detections(from, early), detections(end, late),
            DatabaseQuestion(
                """
                SELECT reference, raised_at, closure FROM work_order WHERE asset = ? AND class = ?
                ORDER BY seq DESC LIMIT 3
                """, [asset, defectClass]),
        ]
    }
}
