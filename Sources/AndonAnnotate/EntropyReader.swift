#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The scan cannot be copied piece by piece; libjpeg has the last word on whether it can be read at all.
struct NotSpliceable: Error {}

/// A block of a minimal coded unit (MCU).
struct UnitBlock {
    var component: Int
    /// In the unit, counted in the component's blocks.
    var column: Int
    var row: Int
    let dc: Unmanaged<HuffmanCode>
    let ac: Unmanaged<HuffmanCode>
    let dcSymbols: UnsafeMutablePointer<UInt16>
    let acSymbols: UnsafeMutablePointer<UInt16>
    let acStrides: UnsafeMutablePointer<UInt16>

    /// - Parameters: must outlive the block.
    init(component: Int, column: Int, row: Int, dc: HuffmanCode, ac: HuffmanCode) {
        (self.component, self.column, self.row) = (component, column, row)
        (self.dc, self.ac) = (.passUnretained(dc), .passUnretained(ac))
        (dcSymbols, acSymbols, acStrides) = (dc.symbols, ac.symbols, ac.strides)
    }
}

/// Reads a sequential scan of Huffman codes unit by unit, and knows the bits of each (ITU-T T.81, F.2.2).
final class EntropyReader {
    /// The scan without its stuffed zeros and markers, and zeros behind: more than the longest unit can read.
    private let bytes: UnsafeMutablePointer<UInt8>
    /// Where restart intervals begin and end, in bytes.
    private var intervals: [Range<Int>] = []
    private var interval = 0
    /// The next bit.
    private(set) var position = 0
    private var end = 0
    /// The DC values that the next unit's differences add to, by component: four.
    let predictions: UnsafeMutablePointer<Int32>
    private let blocks: UnsafeMutableBufferPointer<UnitBlock>

    /// A block has at most 64 codes of 16 bits with 15 bits of value each, a unit at most ten blocks.
    static let unitBytesMax = 10 * 64 * 31 / 8 + 16
    static let blocksMax = 10

    /// - Parameters:
    ///   - file: the scan's data and all behind it.
    ///   - blocks: of a unit; 1...``blocksMax``.
    /// - Throws: when anything but the file's end comes behind the scan.
    init(_ file: UnsafeBufferPointer<UInt8>, _ blocks: UnsafeMutableBufferPointer<UnitBlock>) throws(NotSpliceable) {
        self.blocks = blocks
        bytes = .allocate(capacity: file.count + Self.unitBytesMax)
        predictions = .allocate(capacity: 4)
        predictions.initialize(repeating: 0, count: 4)
        let count = try unstuff(file)
        (bytes + count).initialize(repeating: 0, count: Self.unitBytesMax)
        enter(0)
    }

    deinit {
        bytes.deallocate()
        predictions.deallocate()
    }

    private func unstuff(_ file: UnsafeBufferPointer<UInt8>) throws(NotSpliceable) -> Int {
        guard let base = file.baseAddress else { throw NotSpliceable() }
        var (at, count, start) = (0, 0, 0)
        while let found = memchr(base + at, 0xFF, file.count - at) {
            let place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
            (bytes + count).initialize(from: base + at, count: place - at)
            count += place - at
            guard place + 1 < file.count else { throw NotSpliceable() }
            at = place + 2
            switch file[place + 1] {
            case 0:
                (bytes + count).initialize(to: 0xFF)
                count += 1
            case 0xD0...0xD7:
                guard Int(file[place + 1] & 7) == intervals.count & 7 else { throw NotSpliceable() }
                intervals.append(start..<count)
                start = count
            case 0xD9:
                intervals.append(start..<count)
                return count
            default: throw NotSpliceable()
            }
        }
        throw NotSpliceable()
    }

    private func enter(_ number: Int) {
        interval = number
        position = intervals[number].lowerBound * 8
        end = intervals[number].upperBound * 8
        predictions.update(repeating: 0, count: 4)
    }

    /// Goes on behind the next restart marker.
    func restart() throws(NotSpliceable) {
        guard end - position < 8, interval + 1 < intervals.count else { throw NotSpliceable() }
        enter(interval + 1)
    }

    /// The scan has been read to its end.
    func finish() throws(NotSpliceable) {
        guard end - position < 8, interval + 1 == intervals.count else { throw NotSpliceable() }
    }

    /// At least 57 bits from `position` on, the first the highest.
    @inline(__always)
    func window(_ position: Int) -> UInt64 {
        let word = UnsafeRawPointer(bytes + position >> 3).loadUnaligned(as: UInt64.self)
        return UInt64(bigEndian: word) &<< UInt64(position & 7)
    }

    /// A value of `size` bits (T.81, figure F.12): those with a first bit 0 are negative.
    @inline(__always)
    private static func value(_ window: UInt64, _ size: Int) -> Int32 {
        guard size > 0 else { return 0 }
        let bits = Int32(truncatingIfNeeded: window &>> UInt64(64 - size))
        return bits >> Int32(size - 1) == 0 ? bits - (1 << Int32(size)) + 1 : bits
    }

    @inline(__always)
    private func readDC(_ block: borrowing UnitBlock, _ at: inout Int) throws(NotSpliceable) -> Int32 {
        var window = window(at)
        var entry = Int(block.dcSymbols[Int(window &>> UInt64(64 - HuffmanCode.width))])
        if entry == 0 { entry = Int(block.dc._withUnsafeGuaranteedRef { $0.long(window) }) }
        let (length, size) = (entry >> 8, entry & 0xFF)
        guard length > 0, size <= 15 else { throw NotSpliceable() }
        window = window &<< UInt64(length)
        at += length + size
        let (sum, isTooMuch) = predictions[block.component].addingReportingOverflow(Self.value(window, size))
        guard !isTooMuch, (-32_768...32_767).contains(sum) else { throw NotSpliceable() }
        predictions[block.component] = sum
        return sum
    }

    /// Passes over a unit; its DC values are in `predictions`.
    func skipUnit() throws(NotSpliceable) {
        var at = position
        for index in blocks.indices {
            _ = try readDC(blocks[index], &at)
            let strides = blocks[index].acStrides
            var place = 1
            while place < 64 {
                var window = window(at)
                var entry = Int(strides[Int(window &>> UInt64(64 - HuffmanCode.width))])
                // Two codes with their values have at most 54 bits.
                if entry != 0, place + entry >> 8 < 64 {
                    at += entry & 0xFF
                    place += entry >> 8
                    window = window &<< UInt64(entry & 0xFF)
                    entry = Int(strides[Int(window &>> UInt64(64 - HuffmanCode.width))])
                }
                if entry == 0 { entry = Int(blocks[index].ac._withUnsafeGuaranteedRef { $0.longStride(window) }) }
                guard entry != 0 else { throw NotSpliceable() }
                at += entry & 0xFF
                place += entry >> 8
            }
            guard place == 64 || place >= HuffmanCode.blockEnd else { throw NotSpliceable() }
        }
        guard at <= end else { throw NotSpliceable() }
        position = at
    }

    /// Reads a unit.
    /// - Parameter coefficients: 64 for each block, in natural order; all are set.
    func readUnit(_ coefficients: UnsafeMutablePointer<Int16>) throws(NotSpliceable) {
        var at = position
        coefficients.update(repeating: 0, count: 64 * blocks.count)
        for index in blocks.indices {
            let values = coefficients + 64 * index
            values[0] = Int16(truncatingIfNeeded: try readDC(blocks[index], &at))
            var place = 1
            while place < 64 {
                var window = window(at)
                var entry = Int(blocks[index].acSymbols[Int(window &>> UInt64(64 - HuffmanCode.width))])
                if entry == 0 { entry = Int(blocks[index].ac._withUnsafeGuaranteedRef { $0.long(window) }) }
                let (length, run, size) = (entry >> 8, entry >> 4 & 15, entry & 15)
                guard length > 0 else { throw NotSpliceable() }
                window = window &<< UInt64(length)
                at += length + size
                if size == 0 {
                    guard run == 15 else { break }
                    place += 16
                    continue
                }
                place += run
                guard place < 64 else { throw NotSpliceable() }
                values[Int(ZigZag.natural[place])] = Int16(truncatingIfNeeded: Self.value(window, size))
                place += 1
            }
            guard place <= 64 else { throw NotSpliceable() }
        }
        guard at <= end else { throw NotSpliceable() }
        position = at
    }
}
