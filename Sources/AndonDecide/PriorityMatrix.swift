/// Severity band × asset criticality -> priority, 1 (most urgent) to at most 9.
public struct PriorityMatrix: Sendable, Equatable {
    /// By band, then by criticality.
    public var cells: [String: [String: Int]]

    /// The least urgent priority that a matrix may have.
    public static let leastUrgentMax = 9

    public init(_ cells: [String: [String: Int]]) {
        self.cells = cells
    }

    public static let standard = PriorityMatrix([
        "critical": ["A": 1, "B": 1, "C": 2],
        "major": ["A": 1, "B": 2, "C": 3],
        "moderate": ["A": 2, "B": 3, "C": 4],
        "minor": ["A": 3, "B": 4, "C": 5],
    ])

    /// The least urgent priority in use; also the answer for a cell that is not there, so that the lookup is total.
    public var leastUrgent: Int { cells.values.flatMap(\.values).max() ?? Self.leastUrgentMax }

    public subscript(band: String, criticality: String) -> Int {
        cells[band]?[criticality] ?? leastUrgent
    }
}
