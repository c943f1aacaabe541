import AndonDraw

/// Makes a picture smaller: each pixel of the result is the mean of the part of the picture that lies under it. Rows go in
/// one by one, so that no more of the picture than one of them need be in memory.
struct AreaAverage {
    let width: Int
    let height: Int
    private let across: [Span]
    private let down: [Span]
    /// What the row of the result that is being filled has by now, and the one below it.
    private var filling: [Float]
    private var next: [Float]
    private var row = 0
    private var pixels: [UInt8] = []

    /// How a column or a row of the picture lies over one or two of the result.
    private struct Span {
        var first: Int
        /// Its shares in them, in units of the result.
        var share: Float
        var shareOfNext: Float
    }

    /// - Parameter size: 1 or more each, and no more than the picture's.
    init(of picture: (width: Int, height: Int), to size: (width: Int, height: Int)) {
        (width, height) = size
        across = Self.spans(picture.width, size.width)
        down = Self.spans(picture.height, size.height)
        filling = [Float](repeating: 0, count: size.width * 3)
        next = filling
        pixels.reserveCapacity(size.width * size.height * 3)
    }

    private static func spans(_ count: Int, _ target: Int) -> [Span] {
        let ratio = Double(target) / Double(count)
        return (0..<count).map { index in
            let (start, end) = (Double(index) * ratio, Double(index + 1) * ratio)
            let first = min(Int(start), target - 1)
            let edge = Double(first + 1)
            guard end > edge, first + 1 < target else {
                return Span(first: first, share: Float(end - start), shareOfNext: 0)
            }
            return Span(first: first, share: Float(edge - start), shareOfNext: Float(end - edge))
        }
    }

    /// - Parameter line: red, green and blue of the next row.
    mutating func add(_ line: UnsafeBufferPointer<UInt8>) {
        guard row < down.count, line.count >= across.count * 3 else { return }
        let span = down[row]
        Self.add(line, to: &filling, across, weight: span.share)
        if span.shareOfNext > 0 { Self.add(line, to: &next, across, weight: span.shareOfNext) }
        row += 1
        let isComplete = row == down.count || down[row].first > span.first
        if isComplete { finishRow() }
    }

    private static func add(
        _ line: UnsafeBufferPointer<UInt8>, to sums: inout [Float], _ across: [Span], weight: Float
    ) {
        sums.withUnsafeMutableBufferPointer { sums in
            for (column, span) in across.enumerated() {
                let (from, to) = (column * 3, span.first * 3)
                let own = span.share * weight
                for channel in 0..<3 { sums[to + channel] += Float(line[from + channel]) * own }
                guard span.shareOfNext > 0 else { continue }
                let other = span.shareOfNext * weight
                for channel in 0..<3 { sums[to + 3 + channel] += Float(line[from + channel]) * other }
            }
        }
    }

    private mutating func finishRow() {
        for sum in filling { pixels.append(UInt8(min(max(sum.rounded(), 0), 255))) }
        filling = next
        for index in next.indices { next[index] = 0 }
    }

    /// The result, when all rows are in.
    var image: PixelImage { PixelImage(width: width, height: height, pixels: pixels) }
}
