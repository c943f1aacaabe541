import AndonLedger
import AndonModel

/// Tells courses apart by up to four dimensions, as numbers while they are counted and as words in the answer.
public struct CourseGroups: Sendable {
    public typealias Key = SIMD4<Int64>

    public static let dimensionsMax = 4
    /// The key of all that have no group of their own.
    static let others = Key(repeating: .min)

    public let by: [Dimension]
    private let shifts: ShiftClock?
    private let classNames: [String]
    private let assetNames: [String]
    private var classes: [Int64: Int64] = [:]
    private var assets: [Int64: Int64] = [:]
    private var names: [Dimension: [Int64: String]] = [:]

    /// - Parameter by: those beyond four are left out, and parts, of which an order may have several.
    public init(_ by: [Dimension], context: CourseContext, settings: LearnSettings, _ store: Store) async throws {
        var kept: [Dimension] = []
        for dimension in by where dimension != .part && !kept.contains(dimension) { kept.append(dimension) }
        let by = Array(kept.prefix(Self.dimensionsMax))
        self.by = by
        shifts = ShiftClock(settings)
        classNames = Set(context.streams.values.map(\.defectClass)).sorted()
        assetNames = Set(context.streams.values.map(\.asset)).sorted()
        let (classNumbers, assetNumbers) = (Self.numbers(classNames), Self.numbers(assetNames))
        for (id, stream) in context.streams {
            classes[id] = classNumbers[stream.defectClass]
            assets[id] = assetNumbers[stream.asset]
        }
        names = try await store.read { reader in
            var names: [Dimension: [Int64: String]] = [:]
            for dimension in by {
                if dimension == .technician { names[dimension] = try reader.coursePersons() }
                if let kind = dimension.kind { names[dimension] = try reader.courseNames(kind) }
            }
            return names
        }
    }

    private static func numbers(_ names: [String]) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int64($0)) })
    }

    func key(_ course: CourseRows) -> Key {
        var key = Key()
        for (place, dimension) in by.enumerated() { key[place] = value(dimension, course) }
        return key
    }

    private func value(_ dimension: Dimension, _ course: CourseRows) -> Int64 {
        switch dimension {
        case .defectClass: classes[course.stream] ?? -1
        case .asset: assets[course.stream] ?? -1
        case .action: course.action
        case .cause: course.cause
        case .technician: course.person
        case .crew: course.crew
        case .priority: course.priority
        case .lot: course.lot
        case .supplierLot: course.supplierLot
        case .part: 0
        case .shift: course.endedAt == 0 ? 0 : shifts?.shift(at: course.endedAt) ?? 0
        case .month: Self.month(course.endedAt != 0 ? course.endedAt : course.raisedAt)
        }
    }

    /// Months since the year 0.
    static func month(_ time: Int64) -> Int64 {
        let (year, month) = civil(Int((Double(time) / 8.64e10).rounded(.down)))
        return Int64(year * 12 + month - 1)
    }

    /// The Gregorian date of a day since 1970 (Hinnant, chrono-compatible low-level date algorithms, 2013).
    private static func civil(_ days: Int) -> (year: Int, month: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month)
    }

    public func words(_ key: Key) -> [String] {
        guard key != Self.others else { return by.indices.map { $0 == 0 ? "others" : "" } }
        return by.enumerated().map { word($1, key[$0]) }
    }

    private func word(_ dimension: Dimension, _ value: Int64) -> String {
        func at<Element>(_ list: [Element]) -> Element? {
            list.indices.contains(Int(value)) ? list[Int(value)] : nil
        }
        switch dimension {
        case .defectClass: return at(classNames) ?? ""
        case .asset: return at(assetNames) ?? ""
        case .priority: return "\(value)"
        case .shift: return shifts?.names[value] ?? CourseContext.unnamed
        case .month:
            let month = "\(value % 12 + 1)"
            return "\(value / 12)-\(month.count < 2 ? "0" : "")\(month)"
        case .action, .cause, .technician, .crew, .lot, .supplierLot, .part:
            return names[dimension]?[value] ?? CourseContext.unnamed
        }
    }
}

extension Dimension {
    /// The kind of name that its numbers stand for.
    var kind: CourseNameKind? {
        switch self {
        case .action: .action
        case .cause: .cause
        case .crew: .crew
        case .lot: .lot
        case .supplierLot: .supplierLot
        case .defectClass, .asset, .technician, .priority, .shift, .month, .part: nil
        }
    }
}
