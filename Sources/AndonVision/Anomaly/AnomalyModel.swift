#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How good pictures look, place by place. Made by `AnomalyFit`.
public struct AnomalyModel: Sendable, Hashable {
    /// `AnomalyFeatures.identity` of the features that it was learned with.
    public let identity: String
    public let rows: Int
    public let columns: Int
    /// Of the features; `dimensions` of them are used.
    public let depth: Int
    /// How many good pictures it was learned from.
    public let pictures: Int
    /// Standard deviation of the Gaussian that smooths the map, in places.
    public let smoothing: Float
    /// Rising.
    public let dimensions: [Int]
    /// `[rows, columns, dimensions]`.
    let means: [Float]
    /// For each place the inverse of the Cholesky factor of its covariance, the lower triangle column by column: so a
    /// product with it is a sum of vectors, which processors are good at.
    let factors: [Float]

    /// How far each place is from what is usual there: the Mahalanobis distance, smoothed.
    ///
    /// - Throws: when the features are not of the model's size, or have a value that is no number.
    public func map(_ features: FeatureMap) throws(AnomalyModelError) -> AnomalyMap {
        try distances(features).smoothed(by: smoothing)
    }

    func distances(_ features: FeatureMap) throws(AnomalyModelError) -> AnomalyMap {
        try AnomalyFit.check(features, against: (rows, columns, depth))
        let count = dimensions.count
        var deviation = [Float](repeating: 0, count: count)
        var distances = [Float](repeating: 0, count: rows * columns)
        var product = deviation
        var first = 0
        for place in distances.indices {
            for (index, dimension) in dimensions.enumerated() {
                deviation[index] = features.values[place * depth + dimension] - means[place * count + index]
            }
            for index in 0..<count { product[index] = 0 }
            for column in 0..<count {
                let part = first..<(first + count - column)
                Triangle.add(factors, part, times: deviation[column], to: &product, from: column)
                first = part.upperBound
            }
            let square = product.reduce(0) { $0 + $1 * $1 }
            // Features far outside of all sense must not become a distance that is no number.
            distances[place] = square.isFinite ? square.squareRoot() : Float.greatestFiniteMagnitude.squareRoot()
        }
        return AnomalyMap(rows: rows, columns: columns, values: distances)
    }
}

/// How unusual each place of a picture is; the grid lies over all of it.
public struct AnomalyMap: Sendable, Hashable {
    public let rows: Int
    public let columns: Int
    /// `[rows, columns]`, 0 or more.
    public let values: [Float]

    /// - Precondition: there are exactly `rows * columns` values, and no side is 0.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(rows > 0 && columns > 0 && values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// Of the whole picture: the most unusual place.
    public var score: Double { Double(values.max() ?? 0) }

    /// With a Gaussian, cut at four standard deviations; at the border the weights that are left are taken for all.
    ///
    /// - Parameter sigma: in places; the same map at 0 or less.
    public func smoothed(by sigma: Float) -> AnomalyMap {
        // A square that is rounded to 0 would make weights that are no numbers.
        guard sigma > 0, sigma * sigma > 0 else { return self }
        let reach = Int((4 * sigma).rounded(.up))
        let weights = (-reach...reach).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let along = Self.blurred(values, count: rows, length: columns, step: 1, next: columns, weights)
        let both = Self.blurred(along, count: columns, length: rows, step: columns, next: 1, weights)
        return AnomalyMap(rows: rows, columns: columns, values: both)
    }

    private static func blurred(
        _ values: [Float], count: Int, length: Int, step: Int, next: Int, _ weights: [Float]
    ) -> [Float] {
        var result = values
        let reach = weights.count / 2
        for line in 0..<count {
            for at in 0..<length {
                var (sum, total): (Float, Float) = (0, 0)
                for other in max(0, at - reach)...min(length - 1, at + reach) {
                    let weight = weights[other - at + reach]
                    sum += weight * values[line * next + other * step]
                    total += weight
                }
                result[line * next + at * step] = sum / total
            }
        }
        return result
    }
}
