import AndonModel

/// The one form of ZIP archive (PKWARE APPNOTE 6.3) that a package has: stored files in their order, one date, sizes in front
/// of each, ZIP64 records where the plain ones do not hold the numbers. Every byte of it follows from the names and the
/// contents, so that a reader can tell any other byte.
enum ZipLayout {
    /// What stands in the list of contents at the end.
    struct Entry: Sendable, Equatable {
        var name: String
        var size: UInt64
        var checksum: UInt32
        /// Of its header in the archive.
        var offset: UInt64
    }

    /// Bit 11: names are UTF-8.
    private static let flags: UInt16 = 1 << 11
    /// 1980-01-01, the first day that the format knows.
    private static let date: UInt16 = 1 << 5 | 1
    private static let highest = UInt64(UInt32.max)

    /// Before a file's bytes.
    static func header(_ entry: Entry) -> [UInt8] {
        let isLarge = entry.size >= highest
        let extra = isLarge ? number(UInt16(1)) + number(UInt16(16)) + number(entry.size) + number(entry.size) : []
        return number(UInt32(0x0403_4B50)) + common(entry, isLarge: isLarge, extra: extra.count)
            + Array(entry.name.utf8)
            + extra
    }

    /// Version, flags, method, time, checksum, sizes and lengths, as both headers have them.
    private static func common(_ entry: Entry, isLarge: Bool, extra: Int) -> [UInt8] {
        let size = UInt32(truncatingIfNeeded: min(entry.size, highest))
        return number(UInt16(isLarge ? 45 : 20)) + number(flags) + number(UInt16(0)) + number(UInt16(0)) + number(date)
            + number(entry.checksum) + number(size) + number(size)
            + number(UInt16(truncatingIfNeeded: entry.name.utf8.count)) + number(UInt16(truncatingIfNeeded: extra))
    }

    /// A line of the list of contents.
    static func listed(_ entry: Entry) -> [UInt8] {
        let isLarge = entry.size >= highest
        let isFar = entry.offset >= highest
        var extra: [UInt8] = []
        if isLarge || isFar {
            let numbers = (isLarge ? [entry.size, entry.size] : []) + (isFar ? [entry.offset] : [])
            extra = number(UInt16(1)) + number(UInt16(8 * numbers.count)) + numbers.flatMap { number($0) }
        }
        let made = number(UInt16(3 << 8 | 45))
        // No comment, first disk, no attributes but a file's plain rights.
        let rest = number(UInt16(0)) + number(UInt16(0)) + number(UInt16(0)) + number(UInt32(0o100644) << 16)
        return number(UInt32(0x0201_4B50)) + made + common(entry, isLarge: isLarge || isFar, extra: extra.count) + rest
            + number(UInt32(truncatingIfNeeded: min(entry.offset, highest))) + Array(entry.name.utf8) + extra
    }

    /// Behind the list of contents.
    static func end(count: Int, start: UInt64, size: UInt64) -> [UInt8] {
        let isLarge = count >= 0xFFFF || start >= highest || size >= highest
        var bytes: [UInt8] = []
        if isLarge {
            bytes += number(UInt32(0x0606_4B50)) + number(UInt64(44)) + number(UInt16(3 << 8 | 45)) + number(UInt16(45))
            bytes += number(UInt32(0)) + number(UInt32(0)) + number(UInt64(count)) + number(UInt64(count))
            bytes += number(size) + number(start)
            bytes += number(UInt32(0x0706_4B50)) + number(UInt32(0)) + number(start + size) + number(UInt32(1))
        }
        let few = UInt16(truncatingIfNeeded: min(count, 0xFFFF))
        bytes += number(UInt32(0x0605_4B50)) + number(UInt16(0)) + number(UInt16(0)) + number(few) + number(few)
        bytes += number(UInt32(truncatingIfNeeded: min(size, highest)))
        bytes += number(UInt32(truncatingIfNeeded: min(start, highest))) + number(UInt16(0))
        return bytes
    }

    private static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// CRC-32 as ZIP has it (ITU-T V.42, polynomial 0xEDB88320).
struct Checksum {
    private static let table: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private var state = UInt32.max

    /// Of all that was added.
    var value: UInt32 { ~state }

    mutating func add(_ bytes: [UInt8]) {
        state = Self.table.withUnsafeBufferPointer { table in
            bytes.reduce(state) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
        }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.add(bytes)
        return checksum.value
    }
}
