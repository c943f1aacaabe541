import CPixels

/// Draws parts of an overlay on one component's blocks.
struct BlockDrawing {
    /// Picture samples to one of the component's.
    let across: Int
    let down: Int
    private let colour: ComponentColour
    /// The quantization table, row by row.
    private let steps: [SIMD8<Float>]

    /// - Parameter table: 64 steps in natural order.
    init(_ table: UnsafePointer<UInt16>, _ colour: ComponentColour, across: Int, down: Int) {
        (self.across, self.down, self.colour) = (across, down, colour)
        steps = (0..<8).map { row in
            var vector = SIMD8<Float>()
            for column in 0..<8 { vector[column] = max(1, Float(table[row * 8 + column])) }
            return vector
        }
    }

    /// Draws what the layer has at a block; nothing where it has nothing.
    ///
    /// - Parameters:
    ///   - column: of the component's blocks, as `top` is of the picture's rows.
    ///   - coefficients: 64 in natural order.
    func draw(
        _ layer: borrowing OverlayBand, column: Int, top: Int, on coefficients: UnsafeMutablePointer<Int16>
    ) {
        let part = layer.part(left: column * 8 * across, top: top, width: 8 * across, height: 8 * down)
        guard let part else { return }
        // Most of the strip is one colour.
        if let pixel = part.colour {
            return put((colour.sample(of: pixel) - 128) * 8 / steps[0][0], on: coefficients)
        }
        blend(part, on: coefficients)
    }

    /// Decodes a block, blends the overlay's samples over it and encodes it again.
    private func blend(_ part: OverlayBand.Part, on coefficients: UnsafeMutablePointer<Int16>) {
        withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 32) { room in
            guard let values = room.baseAddress else { return }
            let (samples, alphas, drawn) = (values + 8, values + 16, values + 24)
            var isOpaque = true
            for row in 0..<8 {
                (alphas[row], drawn[row]) = part.samples(row, across, down, colour)
                isOpaque = isOpaque && alphas[row] == SIMD8(repeating: 1)
            }
            // Nothing of the original is seen under opaque marks.
            if !isOpaque {
                for row in 0..<8 {
                    var vector = SIMD8<Float>()
                    for column in 0..<8 { vector[column] = Float(coefficients[row * 8 + column]) }
                    values[row] = vector * steps[row]
                }
                CosineTransform.inverse(values, samples)
            }
            for row in 0..<8 {
                let own = isOpaque ? .zero : Self.held(samples[row] + 128, 0, 255)
                samples[row] = own * (1 - alphas[row]) + drawn[row] - 128
            }
            CosineTransform.forward(samples, values)
            for row in 0..<8 {
                let whole = Self.whole(Self.held(values[row] / steps[row], -1023, 1023))
                for column in 0..<8 { coefficients[row * 8 + column] = Int16(truncatingIfNeeded: whole[column]) }
            }
        }
    }

    /// Rounds to the nearest whole number, halves to the even one, what lies between -2^21 and 2^21: a number of single
    /// precision that has 1.5 * 2^23 added to it has no bits left for fractions.
    private static func whole(_ vector: SIMD8<Float>) -> SIMD8<Int32> {
        let shift = SIMD8<Float>(repeating: 12_582_912)
        return unsafeBitCast(vector + shift, to: SIMD8<Int32>.self) &- unsafeBitCast(shift, to: SIMD8<Int32>.self)
    }

    private static func held(_ vector: SIMD8<Float>, _ low: Float, _ high: Float) -> SIMD8<Float> {
        let low = SIMD8<Float>(repeating: low)
        let high = SIMD8<Float>(repeating: high)
        let raised = vector.replacing(with: low, where: vector .< low)
        return raised.replacing(with: high, where: raised .> high)
    }

    /// A block of one value.
    private func put(_ mean: Float, on coefficients: UnsafeMutablePointer<Int16>) {
        coefficients.update(repeating: 0, count: 64)
        coefficients[0] = Int16(min(max(mean.rounded(.toNearestOrEven), -1023), 1023))
    }
}
