/// A Huffman table of a JPEG file, for reading and for writing (ITU-T T.81, annexes C, F.1.2 and F.2.2).
///
/// Its tables are plain memory, since a picture has some ten million codes.
final class HuffmanCode {
    /// Codes of up to so many bits are looked up at once; longer ones are rare.
    static let width = 11
    /// Stands for more places than a block has: the block's end.
    static let blockEnd = 128

    /// By the next ``width`` bits: the code's length << 8 | its symbol; 0 where the code is longer.
    let symbols: UnsafeMutablePointer<UInt16>
    /// By the next ``width`` bits, for AC codes: places that the code goes on by << 8 | bits of code and value; 0 where
    /// the code is longer.
    let strides: UnsafeMutablePointer<UInt16>
    /// By symbol: code << 8 | length; 0 for a symbol without a code.
    let codes: UnsafeMutablePointer<UInt32>
    /// By length: the first 16 bits that no code of this length or a shorter one begins with.
    private let limits: UnsafeMutablePointer<UInt32>
    /// By length: where the codes' symbols begin in `values`, less the first of the codes.
    private let offsets: UnsafeMutablePointer<Int>
    private let values: UnsafeMutablePointer<UInt8>

    /// - Parameters:
    ///   - counts: codes of 1...16 bits, at places 1...16.
    ///   - values: 256.
    /// - Returns: nil when the counts are no prefix code.
    init?(counts: UnsafePointer<UInt8>, values: UnsafePointer<UInt8>) {
        let places = 1 << Self.width
        symbols = .allocate(capacity: places)
        strides = .allocate(capacity: places)
        codes = .allocate(capacity: 256)
        limits = .allocate(capacity: 17)
        offsets = .allocate(capacity: 17)
        self.values = .allocate(capacity: 256)
        symbols.initialize(repeating: 0, count: places)
        strides.initialize(repeating: 0, count: places)
        codes.initialize(repeating: 0, count: 256)
        limits.initialize(repeating: 0, count: 17)
        offsets.initialize(repeating: 0, count: 17)
        self.values.initialize(from: values, count: 256)
        var (code, index) = (0, 0)
        for length in 1...16 {
            offsets[length] = index - code
            guard index + Int(counts[length]) <= 256, code + Int(counts[length]) <= 1 << length else { return nil }
            for _ in 0..<counts[length] {
                enter(code, length, values[index])
                (code, index) = (code + 1, index + 1)
            }
            limits[length] = UInt32(code << (16 - length))
            code <<= 1
        }
    }

    deinit {
        symbols.deallocate()
        strides.deallocate()
        codes.deallocate()
        limits.deallocate()
        offsets.deallocate()
        values.deallocate()
    }

    private func enter(_ code: Int, _ length: Int, _ symbol: UInt8) {
        codes[Int(symbol)] = UInt32(code << 8 | length)
        guard length <= Self.width else { return }
        let first = code << (Self.width - length)
        for place in first..<first + 1 << (Self.width - length) {
            symbols[place] = UInt16(length << 8) | UInt16(symbol)
            strides[place] = Self.stride(length, symbol)
        }
    }

    /// An AC symbol is a run of zeros and the size of the value behind it: 0 for sixteen zeros or the block's end.
    private static func stride(_ length: Int, _ symbol: UInt8) -> UInt16 {
        let (run, size) = (Int(symbol >> 4), Int(symbol & 15))
        let places = size > 0 || run == 15 ? run + 1 : blockEnd
        return UInt16(places << 8 | length + size)
    }

    /// The code that `window` begins with, as in ``symbols``; 0 when there is none.
    func long(_ window: UInt64) -> UInt16 {
        let head = UInt32(window >> 48)
        for length in 1...16 where head < limits[length] {
            return UInt16(length << 8) | UInt16(values[offsets[length] + Int(head >> UInt32(16 - length))])
        }
        return 0
    }

    /// The same as in ``strides``.
    func longStride(_ window: UInt64) -> UInt16 {
        let found = long(window)
        return found == 0 ? 0 : Self.stride(Int(found >> 8), UInt8(found & 0xFF))
    }
}
