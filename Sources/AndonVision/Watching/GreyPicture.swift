/// A grey copy of a picture, smaller than it: rows from the top, 0 black, 255 white.
struct GreyPicture: Sendable, Hashable {
    var width: Int
    var height: Int
    var values: [Float]

    /// A glance: at most 16 pixels are read of each block that becomes one, so that a large frame costs no more than
    /// a small one. What is left over at the right and at the bottom is not looked at.
    ///
    /// - Parameter widthMax: the copy has at most this many columns.
    init(glancingAt pixels: Pixels, widthMax: Int) {
        let block = max(1, (pixels.width + widthMax - 1) / widthMax)
        width = max(1, pixels.width / block)
        height = max(1, pixels.height / block)
        values = [Float](repeating: 0, count: width * height)
        let (across, down) = (min(block, pixels.width), min(block, pixels.height))
        let step = (block + 3) / 4
        let share = 1 / Float(((across + step - 1) / step) * ((down + step - 1) / step))
        let luma = Luma(pixels)
        for row in 0..<height {
            for column in 0..<width {
                var sum: Int32 = 0
                for y in stride(from: row * block, to: row * block + down, by: step) {
                    let line = y * pixels.width
                    for x in stride(from: column * block, to: column * block + across, by: step) {
                        sum += luma.at(line + x)
                    }
                }
                values[row * width + column] = Float(sum) * share
            }
        }
    }

    /// The whole picture stretched to a size. Each value is the mean over the area that it covers, so that fine
    /// structure does not turn into false coarse structure.
    init(stretching pixels: Pixels, width: Int, height: Int) {
        let luma = Luma(pixels)
        let columns = (0..<width).map { Span(index: $0, of: width, over: pixels.width) }
        var narrow = [Float](repeating: 0, count: width * pixels.height)
        for y in 0..<pixels.height {
            for (x, span) in columns.enumerated() {
                narrow[y * width + x] = span.mean { Float(luma.at(y * pixels.width + $0)) }
            }
        }
        self.width = width
        self.height = height
        values = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            let span = Span(index: y, of: height, over: pixels.height)
            for x in 0..<width { values[y * width + x] = span.mean { narrow[$0 * width + x] } }
        }
    }

    /// Half as wide and high, each value the mean of four; an odd last row or column is left out.
    var halved: GreyPicture {
        var half = self
        half.width = max(1, width / 2)
        half.height = max(1, height / 2)
        half.values = [Float](repeating: 0, count: half.width * half.height)
        for y in 0..<half.height {
            for x in 0..<half.width {
                let (top, left) = (min(2 * y, height - 1), min(2 * x, width - 1))
                let (bottom, right) = (min(top + 1, height - 1), min(left + 1, width - 1))
                half.values[y * half.width + x] =
                    (values[top * width + left] + values[top * width + right] + values[bottom * width + left]
                        + values[bottom * width + right]) / 4
            }
        }
        return half
    }
}

/// Brightness of single pixels, by the weights of ITU-R BT.601 in 256ths.
private struct Luma {
    let samples: [UInt8]
    let isGrey: Bool

    init(_ pixels: Pixels) {
        samples = pixels.samples
        isGrey = pixels.colour == .grey
    }

    func at(_ index: Int) -> Int32 {
        if isGrey { return Int32(samples[index]) }
        let first = 3 * index
        return (77 * Int32(samples[first]) + 150 * Int32(samples[first + 1]) + 29 * Int32(samples[first + 2])) >> 8
    }
}

/// What one value of a stretched line covers of the line before.
private struct Span {
    let first: Int
    let last: Int
    let firstShare: Float
    let lastShare: Float

    init(index: Int, of count: Int, over length: Int) {
        let from = Double(index * length) / Double(count)
        let to = Double((index + 1) * length) / Double(count)
        first = min(Int(from), length - 1)
        last = max(first, min(Int(to.rounded(.up)) - 1, length - 1))
        firstShare = Float(min(to, Double(first + 1)) - from)
        lastShare = Float(to - Double(last))
    }

    func mean(_ value: (Int) -> Float) -> Float {
        guard last > first else { return value(first) }
        var sum = value(first) * firstShare + value(last) * lastShare
        for index in (first + 1)..<last { sum += value(index) }
        return sum / (firstShare + lastShare + Float(last - first - 1))
    }
}
