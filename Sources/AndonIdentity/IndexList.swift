import AndonModel
import AndonTransparency

/// Indexes of entries in one form: ascending, runs joined, `12,14-20`.
public enum IndexList {
    /// Indexes that a list may name: what a record has at most.
    public static let countMax = 20_000

    public static func text(_ indexes: [Int64]) -> String {
        var runs: [ClosedRange<Int64>] = []
        for index in Set(indexes).sorted() {
            if let last = runs.last, last.upperBound + 1 == index {
                runs[runs.count - 1] = last.lowerBound...index
            } else {
                runs.append(index...index)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    /// Nil for any text that is not in the one form.
    public static func indexes(_ text: String) -> [Int64]? {
        var indexes: [Int64] = []
        for run in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = run.split(separator: "-", omittingEmptySubsequences: false).map { Int64(plainDecimal: $0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last,
                last - first < Int64(countMax), indexes.count < countMax
            else { return nil }
            indexes += Array(first...last)
        }
        return Self.text(indexes) == text ? indexes : nil
    }
}
