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
        case .month: Int64(CalendarMonth.number(at: course.endedAt != 0 ? course.endedAt : course.raisedAt))
        }
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
        case .month: return CalendarMonth.text(Int(value))
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
