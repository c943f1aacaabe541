import AndonModel

/// Learns how good pictures look, place by place: PaDiM (Defard, Setkov, Loesch, Audigier: "PaDiM: a Patch Distribution
/// Modeling Framework for Anomaly Detection and Localization", 2020, arXiv 2011.08785). The features of each place are
/// taken to be normally distributed; mean and covariance are gathered in one pass.
///
/// Memory does not grow with the pictures: 8 bytes * places * D (D + 3) / 2 for D dimensions, 129 MB for a grid of 56 by 56
/// and 100 dimensions.
public struct AnomalyFit: Sendable {
    /// The paper's ε, here in shares of each dimension's mean variance, so that features of any size will do. With
    /// dimensions of unit variance both are the same.
    public let regularisation: Double
    public let smoothing: Double
    /// Which dimensions are used, rising.
    public let dimensions: [Int]
    public private(set) var pictures = 0
    private let identity: String
    private let shape: (rows: Int, columns: Int, depth: Int)
    /// For each place `dimensions.count` means, and the lower triangle of the sums of products of deviations, row by row.
    private var means: [Double]
    private var products: [Double]

    /// - Parameters:
    ///   - first: a feature map like those that will be added; it is not added itself.
    ///   - identity: `AnomalyFeatures.identity` of what made it.
    ///   - dimensionsMax: of more dimensions so many are chosen by chance, as in the paper.
    ///   - smoothing: standard deviation of the Gaussian that smooths the map, in places.
    ///   - bytesMax: the memory that it may take.
    /// - Throws: when the memory does not do.
    public init(
        like first: FeatureMap, identity: String, dimensionsMax: Int = 100, regularisation: Double = 0.01,
        smoothing: Double = 1, bytesMax: Int = 1 << 30, random: any RandomSource
    ) throws(AnomalyModelError) {
        let count = min(first.depth, max(1, dimensionsMax))
        let places = first.rows * first.columns
        let (bytes, isTooMuch) = places.multipliedReportingOverflow(by: 8 * (count + Triangle.count(count)))
        guard !isTooMuch, bytes <= bytesMax else {
            throw AnomalyModelError(
                "learning \(first.rows) by \(first.columns) places with \(count) dimensions takes \(bytes / 1_000_000) MB, "
                    + "and \(bytesMax / 1_000_000) MB are allowed; take fewer dimensions or a coarser grid")
        }
        guard first.rows <= AnomalyModel.sideMax, first.columns <= AnomalyModel.sideMax,
            first.depth <= AnomalyModel.depthMax, identity.utf8.count <= AnomalyModel.identityMax,
            smoothing >= 0, smoothing <= Double(AnomalyModel.smoothingMax), regularisation > 0, regularisation.isFinite
        else {
            throw AnomalyModelError(
                "a model has at most \(AnomalyModel.sideMax) by \(AnomalyModel.sideMax) places, \(AnomalyModel.depthMax) "
                    + "dimensions and \(AnomalyModel.identityMax) bytes of name, a smoothing of 0 to "
                    + "\(AnomalyModel.smoothingMax) and a regularisation above 0; one of these is not so")
        }
        self.identity = identity
        self.regularisation = regularisation
        self.smoothing = smoothing
        shape = (first.rows, first.columns, first.depth)
        dimensions = Self.choice(of: count, from: first.depth, random)
        means = [Double](repeating: 0, count: places * count)
        products = [Double](repeating: 0, count: places * Triangle.count(count))
    }

    /// Adds a good picture (Welford's update, which does not lose digits).
    ///
    /// - Throws: when the map has another size, or a value that is no number.
    public mutating func add(_ features: FeatureMap) throws(AnomalyModelError) {
        try Self.check(features, against: shape)
        pictures += 1
        let count = dimensions.count
        var before = [Double](repeating: 0, count: count)
        var after = before
        var product = 0
        for place in 0..<(shape.rows * shape.columns) {
            for (index, dimension) in dimensions.enumerated() {
                let value = Double(features.values[place * shape.depth + dimension])
                before[index] = value - means[place * count + index]
                means[place * count + index] += before[index] / Double(pictures)
                after[index] = value - means[place * count + index]
            }
            for row in 0..<count {
                Triangle.add(after, 0..<(row + 1), times: before[row], to: &products, from: product)
                product += row + 1
            }
        }
    }

    /// The model of what was added.
    ///
    /// - Throws: with fewer than two pictures, and where all of them are the same.
    public func model() throws(AnomalyModelError) -> AnomalyModel {
        guard pictures >= 2 else {
            throw AnomalyModelError(
                "\(pictures) pictures were added; a distribution needs 2 at the very least, better 50")
        }
        let count = dimensions.count
        let ridge = try ridge()
        var factors: [Float] = []
        factors.reserveCapacity(products.count)
        for place in 0..<(shape.rows * shape.columns) {
            let first = place * Triangle.count(count)
            var covariance = products[first..<(first + Triangle.count(count))].map { $0 / Double(pictures - 1) }
            for index in 0..<count { covariance[Triangle.diagonal(index)] += ridge[index] }
            guard let factor = Triangle.inverseCholesky(covariance, size: count) else {
                throw AnomalyModelError(
                    "the covariance at row \(place / shape.columns), column \(place % shape.columns) cannot be inverted; "
                        + "raise the regularisation, now \(regularisation)")
            }
            factors += Triangle.byColumns(factor, size: count)
        }
        return AnomalyModel(
            identity: identity, rows: shape.rows, columns: shape.columns, depth: shape.depth, pictures: pictures,
            smoothing: Float(smoothing), dimensions: dimensions, means: means.map { Float($0) }, factors: factors)
    }

    /// What is added to each diagonal. A dimension that never varies gets a little of the others', so that the noise of
    /// arithmetic is no anomaly.
    private func ridge() throws(AnomalyModelError) -> [Double] {
        let places = shape.rows * shape.columns
        var variances = [Double](repeating: 0, count: dimensions.count)
        for place in 0..<places {
            for index in variances.indices {
                variances[index] += products[place * Triangle.count(variances.count) + Triangle.diagonal(index)]
            }
        }
        variances = variances.map { $0 / Double(places * (pictures - 1)) }
        let mean = variances.reduce(0, +) / Double(variances.count)
        guard mean > 0, mean.isFinite else {
            throw AnomalyModelError("all \(pictures) good pictures are the same; give pictures of different parts")
        }
        return variances.map { regularisation * max($0, 1e-3 * mean) }
    }

    static func check(
        _ features: FeatureMap, against shape: (rows: Int, columns: Int, depth: Int)
    ) throws(AnomalyModelError) {
        guard features.rows == shape.rows, features.columns == shape.columns, features.depth == shape.depth else {
            throw AnomalyModelError(
                "the features are \(features.rows) by \(features.columns) by \(features.depth), and the model has "
                    + "\(shape.rows) by \(shape.columns) by \(shape.depth); use the features that it was learned with")
        }
        guard features.values.allSatisfy(\.isFinite) else {
            throw AnomalyModelError("the features have a value that is no number; look at what makes them")
        }
    }

    /// Without repetition, each choice as likely (the first steps of Fisher and Yates).
    private static func choice(of count: Int, from depth: Int, _ random: any RandomSource) -> [Int] {
        guard count < depth else { return Array(0..<depth) }
        var all = Array(0..<depth)
        for index in 0..<count {
            all.swapAt(index, index + min(depth - index - 1, Int(random.unit() * Double(depth - index))))
        }
        return all[..<count].sorted()
    }
}

/// Lower triangles of square matrices, row by row without the zeros.
enum Triangle {
    static func count(_ size: Int) -> Int { size * (size + 1) / 2 }
    static func diagonal(_ index: Int) -> Int { count(index + 1) - 1 }

    /// Adds a multiple of a part of one list to another, from an index on. Nearly all of the time that learning and looking
    /// take is here: with bounds checked once and not for each number, it is done on whole vectors.
    @inline(__always)
    static func add<Number: BinaryFloatingPoint>(
        _ source: [Number], _ part: Range<Int>, times factor: Number, to target: inout [Number], from first: Int
    ) {
        source.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                let source = UnsafeBufferPointer(rebasing: source[part])
                let target = UnsafeMutableBufferPointer(rebasing: target[first..<(first + part.count)])
                for index in source.indices { target[index] += factor * source[index] }
            }
        }
    }

    /// The same numbers column by column, as `AnomalyModel` has them.
    static func byColumns(_ triangle: [Double], size: Int) -> [Float] {
        (0..<size).flatMap { column in (column..<size).map { Float(triangle[count($0) + column]) } }
    }

    /// The inverse of Cholesky's factor: of A = L Lᵀ it is L⁻¹, and |L⁻¹ v|² is vᵀ A⁻¹ v (Golub and Van Loan, Matrix
    /// Computations, 4.2).
    ///
    /// - Returns: nil when the matrix is not positive definite.
    static func inverseCholesky(_ matrix: [Double], size: Int) -> [Double]? {
        var factor = matrix
        for row in 0..<size {
            let start = count(row)
            for column in 0...row {
                let other = count(column)
                var sum = factor[start + column]
                for index in 0..<column { sum -= factor[start + index] * factor[other + index] }
                if column < row {
                    factor[start + column] = sum / factor[diagonal(column)]
                } else {
                    guard sum > 0, sum.isFinite else { return nil }
                    factor[start + column] = sum.squareRoot()
                }
            }
        }
        return inverse(of: factor, size: size)
    }

    private static func inverse(of factor: [Double], size: Int) -> [Double]? {
        var inverse = [Double](repeating: 0, count: factor.count)
        for column in 0..<size {
            inverse[diagonal(column)] = 1 / factor[diagonal(column)]
            for row in (column + 1)..<max(size, column + 1) {
                var sum = 0.0
                for index in column..<row { sum -= factor[count(row) + index] * inverse[count(index) + column] }
                inverse[count(row) + column] = sum / factor[diagonal(row)]
            }
        }
        return inverse.allSatisfy(\.isFinite) ? inverse : nil
    }
}
