#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The order of a block's coefficients in a file (ITU-T T.81, figure 5): the natural place of each.
enum ZigZag {
    static let natural: [UInt8] = [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
        21,
        28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61,
        54, 47, 55, 62, 63,
    ]
}

/// Writes a sequential scan of Huffman codes: units that it is given, and bits that stand elsewhere (ITU-T T.81, F.1.2).
final class EntropyWriter {
    /// The scan without stuffed zeros and markers.
    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    /// Bits that are no whole word yet, the last one lowest; fewer than 32 are valid.
    private var pending: UInt64 = 0
    private var pendingBits = 0
    /// Where restart intervals end, in bytes.
    private var ends: [Int] = []
    /// The DC values that the next unit's differences are taken from, by component: four.
    let predictions: UnsafeMutablePointer<Int32>
    private let blocks: UnsafeMutableBufferPointer<UnitBlock>

    init(_ blocks: UnsafeMutableBufferPointer<UnitBlock>, expecting size: Int) {
        self.blocks = blocks
        capacity = size + EntropyReader.unitBytesMax
        bytes = .allocate(capacity: capacity)
        predictions = .allocate(capacity: 4)
        predictions.initialize(repeating: 0, count: 4)
    }

    deinit {
        bytes.deallocate()
        predictions.deallocate()
    }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = (count + more) * 2
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.moveInitialize(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
    }

    /// Up to 32 bits, the lowest of `bits`; the others are 0.
    @inline(__always)
    private func put(_ bits: UInt64, _ length: Int) {
        pending = pending &<< UInt64(length) | bits
        pendingBits += length
        guard pendingBits >= 32 else { return }
        pendingBits -= 32
        let word = UInt32(truncatingIfNeeded: pending &>> UInt64(pendingBits)).bigEndian
        UnsafeMutableRawPointer(bytes + count).storeBytes(of: word, as: UInt32.self)
        count += 4
    }

    /// Bits as they stand in the original.
    func copy(_ bits: Range<Int>, of reader: EntropyReader) {
        reserve(bits.count / 8 + 16)
        var at = bits.lowerBound
        while bits.upperBound - at >= 32 {
            put(reader.window(at) &>> 32, 32)
            at += 32
        }
        let rest = bits.upperBound - at
        if rest > 0 { put(reader.window(at) &>> UInt64(64 - rest), rest) }
    }

    /// Ends a restart interval: fills its last byte with ones.
    func restart() {
        reserve(16)
        let gap = (8 - pendingBits & 7) & 7
        put((1 << UInt64(gap)) - 1, gap)
        while pendingBits > 0 {
            pendingBits -= 8
            (bytes + count).initialize(to: UInt8(truncatingIfNeeded: pending &>> UInt64(pendingBits)))
            count += 1
        }
        ends.append(count)
        predictions.update(repeating: 0, count: 4)
    }

    /// - Throws: where the tables have no code for a value.
    func writeUnit(_ coefficients: UnsafePointer<Int16>) throws(NotSpliceable) {
        reserve(EntropyReader.unitBytesMax)
        for index in blocks.indices {
            let values = coefficients + 64 * index
            let component = blocks[index].component
            let dc = Int32(values[0])
            let codes = blocks[index].dc._withUnsafeGuaranteedRef { $0.codes }
            try put(dc - predictions[component], run: 0, codes, sizeMax: 11)
            predictions[component] = dc
            try putAC(values, blocks[index].ac._withUnsafeGuaranteedRef { $0.codes })
        }
    }

    private func putAC(_ values: UnsafePointer<Int16>, _ codes: UnsafePointer<UInt32>) throws(NotSpliceable) {
        var zeros = 0
        let natural = ZigZag.natural
        for place in 1..<64 {
            let value = Int32(values[Int(natural[place])])
            if value == 0 {
                zeros += 1
                continue
            }
            while zeros > 15 {
                try put(symbol: 0xF0, codes)
                zeros -= 16
            }
            try put(value, run: zeros, codes, sizeMax: 10)
            zeros = 0
        }
        if zeros > 0 { try put(symbol: 0, codes) }
    }

    private func put(symbol: Int, _ codes: UnsafePointer<UInt32>) throws(NotSpliceable) {
        let code = codes[symbol]
        guard code != 0 else { throw NotSpliceable() }
        put(UInt64(code >> 8), Int(code & 0xFF))
    }

    /// A run of zeros and a value behind it.
    private func put(
        _ value: Int32, run: Int, _ codes: UnsafePointer<UInt32>, sizeMax: Int
    ) throws(NotSpliceable) {
        let size = 32 - value.magnitude.leadingZeroBitCount
        guard size <= sizeMax else { throw NotSpliceable() }
        try put(symbol: run << 4 | size, codes)
        let bits = value < 0 ? value - 1 : value
        put(UInt64(UInt32(bitPattern: bits)) & ((1 << UInt64(size)) - 1), size)
    }

    /// Appends the scan as it stands in a file, after `head`, and the file's end. To be called once, when all is written.
    func file(behind head: [UInt8]) -> [UInt8] {
        restart()
        var stuffed = 0
        for index in 0..<count where bytes[index] == 0xFF { stuffed += 1 }
        let total = head.count + count + stuffed + 2 * ends.count
        return Array(unsafeUninitializedCapacity: total) { room, size in
            guard let out = room.baseAddress else { return }
            out.initialize(from: head, count: head.count)
            size = head.count
            func put(_ byte: UInt8) {
                (out + size).initialize(to: byte)
                size += 1
            }
            var at = 0
            for (number, end) in ends.enumerated() {
                while let found = memchr(bytes + at, 0xFF, end - at) {
                    let place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(bytes)
                    (out + size).initialize(from: bytes + at, count: place + 1 - at)
                    size += place + 1 - at
                    put(0)
                    at = place + 1
                }
                (out + size).initialize(from: bytes + at, count: end - at)
                size += end - at
                at = end
                put(0xFF)
                put(number + 1 < ends.count ? 0xD0 + UInt8(number & 7) : 0xD9)
            }
        }
    }
}
