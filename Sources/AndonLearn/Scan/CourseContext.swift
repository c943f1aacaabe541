import AndonLedger
import AndonModel

/// The names behind the numbers of courses.
public struct CourseContext: Sendable {
    public var streams: [Int64: CourseStream]
    public var actions: [Int64: String]
    /// Until when the orders of each imported history were watched.
    public var histories: [Int64: Int64]

    /// - Parameter reach: the only assets whose streams are known; nil for all.
    public init(_ store: Store, reach: Set<String>? = nil) async throws {
        (streams, actions, histories) = try await store.read { reader in
            (
                try reader.courseStreams(), try reader.courseNames(.action),
                try reader.courseHistories().reduce(into: [:]) { $0[$1.id] = $1.until }
            )
        }
        if let reach { streams = streams.filter { reach.contains($0.value.asset) } }
    }

    /// The streams that a question is about; nil for all.
    public func chosen(_ filter: CourseFilter) -> Set<Int64>? {
        guard filter.asset != nil || filter.defectClass != nil || filter.reach != nil else { return nil }
        let found = streams.filter { _, stream in
            filter.reaches(stream.asset) && (filter.asset == nil || stream.asset == filter.asset)
                && (filter.defectClass == nil || stream.defectClass == filter.defectClass)
        }
        return Set(found.keys)
    }

    /// What the numbers in the place of the action mean.
    static func names(of told: CourseColumn, _ store: Store) async throws -> [Int64: String] {
        try await store.read { reader in
            switch told {
            case .action: try reader.courseNames(.action)
            case .cause: try reader.courseNames(.cause)
            case .crew: try reader.courseNames(.crew)
            case .lot: try reader.courseNames(.lot)
            case .supplierLot: try reader.courseNames(.supplierLot)
            case .part: try reader.courseNames(.part)
            case .person: try reader.coursePersons()
            case .priority: Dictionary(uniqueKeysWithValues: (1...9).map { ($0, Self.priority("\($0)")) })
            }
        }
    }

    /// How a priority is called among other names.
    static func priority(_ number: String) -> String { "priority \(number)" }

    public func action(_ id: Int64) -> String { actions[id] ?? Self.unnamed }

    /// Repairs whose closure names no action.
    public static let unnamed = "not recorded"
}
