import AndonLedger
import AndonModel

/// What repairs are told apart by: class, asset, both or neither, and one thing more.
struct RecurrenceGroups {
    struct Group {
        var names: [String]
        var cell: RecurrenceCell
        /// Hours in which the assets ran while they were watched.
        var runningHours: Double
    }

    let column: CourseColumn
    let clock: ShiftClock?
    private let by: [Dimension]
    private let names: [Int64: String]
    private let settings: LearnSettings

    /// - Throws: a `Problem` for what repairs cannot be told apart by.
    init(_ inquiry: Inquiry, _ store: Store) async throws {
        by = inquiry.by.isEmpty ? [.defectClass, .asset, .action] : inquiry.by
        settings = inquiry.settings
        let further = by.filter { $0 != .defectClass && $0 != .asset }
        guard further.count <= 1 else {
            throw Self.fault(
                "by takes class, asset and one thing more; it has \(further.map(\.rawValue).joined(separator: ", ")).")
        }
        guard further.first != .shift else {
            guard let clock = ShiftClock(settings) else {
                throw Self.fault("by shift needs the plant's shifts: name them in learn.shifts of the configuration.")
            }
            (column, self.clock, names) = (.action, clock, clock.names)
            return
        }
        guard let column = Self.column(of: further.first ?? .action) else {
            throw Self.fault("repairs are not told apart by \(further.first?.rawValue ?? "").")
        }
        (self.column, clock) = (column, nil)
        names = further.isEmpty ? [:] : try await CourseContext.names(of: column, store)
    }

    private static func column(of dimension: Dimension) -> CourseColumn? {
        switch dimension {
        case .action: .action
        case .cause: .cause
        case .technician: .person
        case .crew: .crew
        case .lot: .lot
        case .supplierLot: .supplierLot
        case .priority: .priority
        case .part: .part
        case .defectClass, .asset, .shift, .month: nil
        }
    }

    private static func fault(_ detail: String) -> Problem {
        Problem(status: 400, type: "invalid-query", title: "The request has a fault", detail: detail)
    }

    var heads: [Phrase] { by.map(\.called) }

    /// The names of a group as they stand in a table.
    func cells(_ group: Group) -> [Report.Cell] {
        zip(by, group.names).map { dimension, name in
            guard dimension == .priority, let number = name.split(separator: " ").last.map(String.init),
                CourseContext.priority(number) == name
            else { return .named(name) }
            return .phrase(Phrase("priority", "priority {number}", ["number": .name(number)]))
        }
    }

    /// Those with the most returns first.
    func groups(_ cells: RecurrenceCells, _ context: CourseContext) -> [Group] {
        var found: [[String]: Group] = [:]
        for (key, cell) in cells.all {
            let stream = context.streams[key.stream]
            let asset = stream?.asset ?? ""
            let hours = Double(cell.watched) / 3.6e9 * (settings.assetHours[asset] ?? settings.hoursPerWeek) / 168
            let words = by.map { dimension -> String in
                switch dimension {
                case .defectClass: stream?.defectClass ?? ""
                case .asset: asset
                default: names[key.action] ?? CourseContext.unnamed
                }
            }
            var group = found[words] ?? Group(names: words, cell: RecurrenceCell(), runningHours: 0)
            group.cell.merge(cell)
            group.runningHours += hours
            found[words] = group
        }
        return found.values.sorted {
            if $0.cell.returned != $1.cell.returned { return $0.cell.returned > $1.cell.returned }
            if $0.cell.repairs != $1.cell.repairs { return $0.cell.repairs > $1.cell.repairs }
            return $0.names.lexicographicallyPrecedes($1.names)
        }
    }
}
