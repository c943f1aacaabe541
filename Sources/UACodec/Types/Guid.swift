/// A 16-byte identifier (Part 6, 5.2.2.6): three numbers with the least byte first, then eight bytes in order.
public struct Guid: Hashable, Sendable, CustomStringConvertible {
    public var data1: UInt32
    public var data2: UInt16
    public var data3: UInt16
    /// The last eight bytes as a number with the greatest byte first, as they are printed.
    public var data4: UInt64

    public init(data1: UInt32 = 0, data2: UInt16 = 0, data3: UInt16 = 0, data4: UInt64 = 0) {
        self.data1 = data1
        self.data2 = data2
        self.data3 = data3
        self.data4 = data4
    }

    /// Reads `72962B91-FA75-4AE6-8D28-B404DC7DAF63`, in capitals or not; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], text.utf8.allSatisfy({ $0 != 0x2B }) else { return nil }
        guard let first = UInt32(parts[0], radix: 16), let second = UInt16(parts[1], radix: 16),
            let third = UInt16(parts[2], radix: 16), let last = UInt64("\(parts[3])\(parts[4])", radix: 16)
        else { return nil }
        self.init(data1: first, data2: second, data3: third, data4: last)
    }

    public var description: String {
        let tail = Hex.text(data4, digits: 16)
        let head = "\(Hex.text(data1, digits: 8))-\(Hex.text(data2, digits: 4))-\(Hex.text(data3, digits: 4))"
        return "\(head)-\(tail.prefix(4))-\(tail.dropFirst(4))"
    }
}

extension Guid: BinaryCodable {
    public static var smallestByteCount: Int { 16 }

    public init(from reader: inout BinaryReader) throws(CodecError) {
        data1 = try reader.integer()
        data2 = try reader.integer()
        data3 = try reader.integer()
        data4 = try reader.integer(UInt64.self).byteSwapped
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.integer(data1)
        writer.integer(data2)
        writer.integer(data3)
        writer.integer(data4.byteSwapped)
    }
}
