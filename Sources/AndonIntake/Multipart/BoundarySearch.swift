/// Finds a delimiter that holds its first byte only once, by the method of Horspool (1980): look at the byte where
/// the delimiter would end, and skip as far as that byte allows. In a picture nearly every look skips the whole
/// length, so a 40-byte delimiter costs one look for 40 bytes.
struct BoundarySearch: Sendable {
    let delimiter: [UInt8]
    /// For each byte: how far its last place in the delimiter (the end left out) is from the end.
    private let skips: [UInt8]

    /// - Parameter delimiter: 1 to 255 bytes.
    init(_ delimiter: [UInt8]) {
        self.delimiter = delimiter
        var skips = [UInt8](repeating: UInt8(clamping: delimiter.count), count: 256)
        for (index, byte) in delimiter.dropLast().enumerated() {
            skips[Int(byte)] = UInt8(clamping: delimiter.count - 1 - index)
        }
        self.skips = skips
    }

    /// Index of the first whole delimiter.
    func first(in bytes: ArraySlice<UInt8>) -> Int? {
        let offset = bytes.withUnsafeBufferPointer { text in
            delimiter.withUnsafeBufferPointer { wanted in
                skips.withUnsafeBufferPointer { Self.first(wanted, in: text, skips: $0) }
            }
        }
        return offset.map { bytes.startIndex + $0 }
    }

    private static func first(
        _ wanted: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, skips: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let end = wanted.count - 1
        let last = wanted[end]
        var position = end
        while position < text.count {
            let byte = text[position]
            if byte == last {
                var back = 1
                while back <= end, text[position - back] == wanted[end - back] { back += 1 }
                if back > end { return position - end }
            }
            position += Int(skips[Int(byte)])
        }
        return nil
    }

    /// How many of the last bytes are the beginning of a delimiter: these may belong to one that ends later.
    func beginningAtEnd(of bytes: ArraySlice<UInt8>) -> Int {
        let tail = bytes.suffix(delimiter.count - 1)
        guard let first = delimiter.first, let start = tail.lastIndex(of: first) else { return 0 }
        let beginning = tail[start...]
        return delimiter.starts(with: beginning) ? beginning.count : 0
    }
}
