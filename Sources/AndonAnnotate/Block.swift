/// The discrete cosine transform of ITU-T T.81, annex A.3.3, in single precision.
enum CosineTransform {
    /// basis[k][n] = c(k) / 2 cos((2n + 1) k pi / 16), c(0) = 1 / sqrt(2).
    private static let basis: [SIMD8<Float>] = [
        .init(0.35355339, 0.35355339, 0.35355339, 0.35355339, 0.35355339, 0.35355339, 0.35355339, 0.35355339),
        .init(0.49039264, 0.41573481, 0.27778512, 0.09754516, -0.09754516, -0.27778512, -0.41573481, -0.49039264),
        .init(0.46193977, 0.19134172, -0.19134172, -0.46193977, -0.46193977, -0.19134172, 0.19134172, 0.46193977),
        .init(0.41573481, -0.09754516, -0.49039264, -0.27778512, 0.27778512, 0.49039264, 0.09754516, -0.41573481),
        .init(0.35355339, -0.35355339, -0.35355339, 0.35355339, 0.35355339, -0.35355339, -0.35355339, 0.35355339),
        .init(0.27778512, -0.49039264, 0.09754516, 0.41573481, -0.41573481, -0.09754516, 0.49039264, -0.27778512),
        .init(0.19134172, -0.46193977, 0.46193977, -0.19134172, -0.19134172, 0.46193977, -0.46193977, 0.19134172),
        .init(0.09754516, -0.27778512, 0.41573481, -0.49039264, 0.49039264, -0.41573481, 0.27778512, -0.09754516),
    ]
    /// The same with its rows as columns.
    private static let transposed: [SIMD8<Float>] = (0..<8).map { row in
        var column = SIMD8<Float>()
        for index in 0..<8 { column[index] = basis[index][row] }
        return column
    }

    /// Coefficients to samples around 0.
    static func inverse(_ coefficients: UnsafePointer<SIMD8<Float>>, _ samples: UnsafeMutablePointer<SIMD8<Float>>) {
        // samples = basis^T * coefficients * basis
        multiply(transposed, coefficients, basis, samples)
    }

    /// Samples around 0 to coefficients.
    static func forward(_ samples: UnsafePointer<SIMD8<Float>>, _ coefficients: UnsafeMutablePointer<SIMD8<Float>>) {
        multiply(basis, samples, transposed, coefficients)
    }

    @inline(__always)
    private static func multiply(
        _ left: [SIMD8<Float>], _ middle: UnsafePointer<SIMD8<Float>>, _ right: [SIMD8<Float>],
        _ result: UnsafeMutablePointer<SIMD8<Float>>
    ) {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                // Not fused: without that instruction on every machine it would be a call for each lane.
                for row in 0..<8 {
                    let weights = left[row]
                    var sum = middle[0] * weights[0]
                    for index in 1..<8 { sum += middle[index] * weights[index] }
                    var product = right[0] * sum[0]
                    for index in 1..<8 { product += right[index] * sum[index] }
                    result[row] = product
                }
            }
        }
    }
}
