/// A symmetric positive matrix that is diagonal in its first part, full in its second, and couples the two: many assets
/// that meet only through a few actions and seasons. Solving costs the square of the second part for each of the first
/// at most, and its cube once.
struct ArrowMatrix {
    struct Entry {
        var column: Int
        var value: Double
    }

    private let size: Int
    private var diagonal: [Double]
    /// Of each row of the first part, the columns of the second that are not 0.
    private var coupling: [[Entry]]
    /// By rows.
    private var dense: [Double]
    /// Cholesky's lower factor of what the second part is once the first is eliminated; by rows.
    private var factor: [Double] = []

    init(diagonal: Int, dense: Int) {
        size = dense
        self.diagonal = Array(repeating: 0, count: diagonal)
        coupling = Array(repeating: [], count: diagonal)
        self.dense = Array(repeating: 0, count: dense * dense)
    }

    /// - Parameter entries: by rising column.
    mutating func set(_ value: Double, diagonal index: Int, coupling entries: [Entry]) {
        diagonal[index] = value
        coupling[index] = entries
    }

    /// Below the diagonal or on it.
    mutating func add(_ value: Double, _ row: Int, _ column: Int) { dense[row * size + column] += value }

    /// To be called after the last value and before the first solution.
    mutating func factorise() {
        factor = dense
        for (weight, entries) in zip(diagonal, coupling) {
            for (number, row) in entries.enumerated() {
                let scaled = row.value / weight
                let first = row.column * size
                var other = 0
                while other <= number {
                    factor[first + entries[other].column] -= scaled * entries[other].value
                    other += 1
                }
            }
        }
        for column in 0..<size {
            for row in column..<size {
                let sum = factor[row * size + column] - product(row, column, upTo: column)
                let pivot = row == column ? 1 : factor[column * size + column]
                factor[row * size + column] = row == column ? sum.squareRoot() : sum / pivot
            }
        }
    }

    private func product(_ row: Int, _ column: Int, upTo count: Int) -> Double {
        var sum = 0.0
        var inner = 0
        while inner < count {
            sum += factor[row * size + inner] * factor[column * size + inner]
            inner += 1
        }
        return sum
    }

    /// The solution for a right side given in its two parts.
    func solve(diagonal first: [Double], dense second: [Double]) -> (diagonal: [Double], dense: [Double]) {
        var right = second
        for (index, entries) in coupling.enumerated() where first[index] != 0 {
            let scaled = first[index] / diagonal[index]
            for entry in entries { right[entry.column] -= entry.value * scaled }
        }
        for row in 0..<size {
            for column in 0..<row { right[row] -= factor[row * size + column] * right[column] }
            right[row] /= factor[row * size + row]
        }
        for row in (0..<size).reversed() {
            right[row] /= factor[row * size + row]
            for earlier in 0..<row { right[earlier] -= factor[row * size + earlier] * right[row] }
        }
        var solved = first
        for (index, entries) in coupling.enumerated() {
            for entry in entries { solved[index] -= entry.value * right[entry.column] }
            solved[index] /= diagonal[index]
        }
        return (solved, right)
    }

    /// c' M^-1 c: the variance of a sum of parameters with the weights c, M being their information.
    func variance(diagonal first: [Double], dense second: [Double]) -> Double {
        let solved = solve(diagonal: first, dense: second)
        var sum = 0.0
        for (weight, value) in zip(first, solved.diagonal) { sum += weight * value }
        for (weight, value) in zip(second, solved.dense) { sum += weight * value }
        return max(0, sum)
    }
}
