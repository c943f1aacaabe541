/// A symmetric positive matrix that is diagonal in its first part, full in its second, and couples the two: many assets
/// that meet only through a few actions and seasons. Solving costs the first part's size times the second's squared.
struct ArrowMatrix {
    private var diagonal: [Double]
    /// Rows of the first part, columns of the second.
    private var coupling: [[Double]]
    private var dense: [[Double]]
    /// Cholesky's lower factor of what the second part is once the first is eliminated.
    private var factor: [[Double]] = []

    init(diagonal: Int, dense: Int) {
        self.diagonal = Array(repeating: 0, count: diagonal)
        coupling = Array(repeating: Array(repeating: 0, count: dense), count: diagonal)
        self.dense = Array(repeating: Array(repeating: 0, count: dense), count: dense)
    }

    mutating func add(_ value: Double, diagonal index: Int) { diagonal[index] += value }

    mutating func add(_ value: Double, _ index: Int, with column: Int) { coupling[index][column] += value }

    mutating func add(_ value: Double, _ row: Int, _ column: Int) { dense[row][column] += value }

    /// To be called after the last value and before the first solution.
    mutating func factorise() {
        var rest = dense
        for (weight, values) in zip(diagonal, coupling) {
            let used = values.indices.filter { values[$0] != 0 }
            for row in used {
                let scaled = values[row] / weight
                for column in used where column <= row { rest[row][column] -= scaled * values[column] }
            }
        }
        for column in rest.indices {
            for row in column..<rest.count {
                var sum = rest[row][column]
                for inner in 0..<column { sum -= rest[row][inner] * rest[column][inner] }
                rest[row][column] = row == column ? sum.squareRoot() : sum / rest[column][column]
            }
        }
        factor = rest
    }

    /// The solution for a right side given in its two parts.
    func solve(diagonal first: [Double], dense second: [Double]) -> (diagonal: [Double], dense: [Double]) {
        var right = second
        for (index, values) in coupling.enumerated() {
            let scaled = first[index] / diagonal[index]
            guard scaled != 0 else { continue }
            for column in right.indices { right[column] -= values[column] * scaled }
        }
        for row in right.indices {
            for column in 0..<row { right[row] -= factor[row][column] * right[column] }
            right[row] /= factor[row][row]
        }
        for row in right.indices.reversed() {
            for later in row + 1..<max(row + 1, right.count) { right[row] -= factor[later][row] * right[later] }
            right[row] /= factor[row][row]
        }
        let solved = coupling.indices.map { index in
            (first[index] - zip(coupling[index], right).reduce(0) { $0 + $1.0 * $1.1 }) / diagonal[index]
        }
        return (solved, right)
    }

    /// c' M^-1 c: the variance of a sum of parameters with the weights c, M being their information.
    func variance(diagonal first: [Double], dense second: [Double]) -> Double {
        let solved = solve(diagonal: first, dense: second)
        let sum =
            zip(first, solved.diagonal).reduce(0) { $0 + $1.0 * $1.1 }
            + zip(second, solved.dense).reduce(0) { $0 + $1.0 * $1.1 }
        return max(0, sum)
    }
}
