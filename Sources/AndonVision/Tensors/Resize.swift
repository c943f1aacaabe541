/// Resizes 8-bit samples, first across and then down, with the sums and the rounding between the two as in Pillow
/// (`ImagingResampleHorizontal_8bpc`, `ImagingResampleVertical_8bpc`).
///
/// It runs for each frame at line speed. Weights are never negative here and a sum stays below 2^31, so two rows go
/// through one 64-bit multiplication, each in its half, and no result has to be clipped from below.
struct Resize {
    let across: ResizeFilter
    let down: ResizeFilter
    /// Of the result.
    let channels: Int
    /// Of the source.
    let width: Int
    let samples: [UInt8]
    /// Whether the source has three channels of which one grey is made first.
    let isReduced: Bool

    /// Half of a unit, so that the shift rounds.
    private static let half = UInt32(1) << (ResizeFilter.precision - 1)

    /// Hands over each row of the result, a channel at a time; the buffer is good for the call only.
    func rows(_ take: (_ row: Int, _ channel: Int, _ samples: UnsafeBufferPointer<UInt8>) -> Void) {
        let reach = down.reach
        let columns = across.firsts.count
        let plane = columns * reach.count
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, plane * channels)) { narrowed in
            narrow(reach, into: narrowed, plane: plane)
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: columns) { sums in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: columns) { line in
                    for row in down.firsts.indices {
                        for channel in 0..<channels {
                            let from = channel * plane + (down.firsts[row] - reach.lowerBound) * columns
                            sum(row, of: narrowed, from: from, sums: sums, into: line)
                            take(row, channel, UnsafeBufferPointer(line))
                        }
                    }
                }
            }
        }
    }

    /// A weighted sum of rows that lie one after the other from `from`.
    private func sum(
        _ row: Int, of narrowed: UnsafeMutableBufferPointer<UInt8>, from: Int,
        sums: UnsafeMutableBufferPointer<UInt32>, into line: UnsafeMutableBufferPointer<UInt8>
    ) {
        guard let base = narrowed.baseAddress, let sums = sums.baseAddress, let out = line.baseAddress else { return }
        let columns = line.count
        sums.initialize(repeating: Self.half, count: columns)
        var source = base + from
        for tap in down.offsets[row]..<down.offsets[row + 1] {
            let weight = down.weights[tap]
            for x in 0..<columns { sums[x] &+= UInt32(source[x]) &* weight }
            source += columns
        }
        for x in 0..<columns {
            out[x] = UInt8(truncatingIfNeeded: min(sums[x] >> ResizeFilter.precision, 255))
        }
    }

    /// The rows of `reach`, each made as wide as the result, as one plane for each channel.
    private func narrow(_ reach: Range<Int>, into narrowed: UnsafeMutableBufferPointer<UInt8>, plane: Int) {
        let columns = across.firsts.count
        let stride = width * channels
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: stride) { pairs in
            for row in Swift.stride(from: reach.lowerBound, to: reach.upperBound, by: 2) {
                // The last row is its own partner where their number is odd.
                let partner = min(row + 1, reach.upperBound - 1)
                pair(row, partner, into: pairs)
                guard let base = narrowed.baseAddress, let pairs = pairs.baseAddress else { return }
                let first = base + (row - reach.lowerBound) * columns
                let second = base + (partner - reach.lowerBound) * columns
                if channels == 3 {
                    narrowColour(UnsafePointer(pairs), first, second, plane)
                } else {
                    narrowGrey(UnsafePointer(pairs), first, second)
                }
            }
        }
    }

    /// Puts two rows beside each other: one in the lower halves, the other in the upper ones.
    private func pair(_ row: Int, _ partner: Int, into pairs: UnsafeMutableBufferPointer<UInt64>) {
        samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress, let pairs = pairs.baseAddress else { return }
            if isReduced {
                let (one, other) = (base + row * width * 3, base + partner * width * 3)
                for x in 0..<width {
                    pairs[x] = UInt64(Self.luma(one + 3 * x)) | UInt64(Self.luma(other + 3 * x)) << 32
                }
            } else {
                let (one, other) = (base + row * width * channels, base + partner * width * channels)
                // Written half by half, low one first as on every little-endian machine: so the compiler uses vectors.
                let count = width * channels
                pairs.withMemoryRebound(to: UInt32.self, capacity: 2 * count) { halves in
                    for index in 0..<count {
                        halves[2 &* index] = UInt32(one[index])
                        halves[2 &* index &+ 1] = UInt32(other[index])
                    }
                }
            }
        }
    }

    /// ITU-R 601-2 luma in 16 bits of fraction, as Pillow's `L24`.
    private static func luma(_ pixel: UnsafePointer<UInt8>) -> UInt32 {
        (UInt32(pixel[0]) &* 19595 &+ UInt32(pixel[1]) &* 38470 &+ UInt32(pixel[2]) &* 7471 &+ 0x8000) >> 16
    }

    private func narrowColour(
        _ pairs: UnsafePointer<UInt64>, _ first: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>,
        _ plane: Int
    ) {
        across.withPointers { firsts, offsets, weights in
            var tap = 0
            for x in 0..<across.firsts.count {
                var (red, green, blue) = (Self.halves, Self.halves, Self.halves)
                var source = pairs + firsts[x] * 3
                let end = offsets[x + 1]
                while tap < end {
                    let weight = UInt64(weights[tap])
                    red &+= source[0] &* weight
                    green &+= source[1] &* weight
                    blue &+= source[2] &* weight
                    source += 3
                    tap &+= 1
                }
                Self.put(red, first + x, second + x)
                Self.put(green, first + x + plane, second + x + plane)
                Self.put(blue, first + x + 2 * plane, second + x + 2 * plane)
            }
        }
    }

    private func narrowGrey(
        _ pairs: UnsafePointer<UInt64>, _ first: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>
    ) {
        across.withPointers { firsts, offsets, weights in
            var tap = 0
            for x in 0..<across.firsts.count {
                var sum = Self.halves
                var source = pairs + firsts[x]
                let end = offsets[x + 1]
                while tap < end {
                    sum &+= source[0] &* UInt64(weights[tap])
                    source += 1
                    tap &+= 1
                }
                Self.put(sum, first + x, second + x)
            }
        }
    }

    private static let halves = UInt64(half) | UInt64(half) << 32

    @inline(__always)
    private static func put(_ sum: UInt64, _ first: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>)
    {
        let low = UInt32(truncatingIfNeeded: sum) >> ResizeFilter.precision
        let high = UInt32(truncatingIfNeeded: sum >> 32) >> ResizeFilter.precision
        first.pointee = UInt8(truncatingIfNeeded: min(low, 255))
        second.pointee = UInt8(truncatingIfNeeded: min(high, 255))
    }
}

extension ResizeFilter {
    @inline(__always)
    fileprivate func withPointers(
        _ body: (UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<UInt32>) -> Void
    ) {
        firsts.withUnsafeBufferPointer { firsts in
            offsets.withUnsafeBufferPointer { offsets in
                weights.withUnsafeBufferPointer { weights in
                    guard let firsts = firsts.baseAddress, let offsets = offsets.baseAddress,
                        let weights = weights.baseAddress
                    else { return }
                    body(firsts, offsets, weights)
                }
            }
        }
    }
}
