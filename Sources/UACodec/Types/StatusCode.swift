/// The result of an operation, or the quality of a value (Part 4, 7.39): severity and code in the upper 16 bits, flags
/// in the lower.
public struct StatusCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    public var isGood: Bool { rawValue >> 30 == 0 }
    public var isUncertain: Bool { rawValue >> 30 == 1 }
    /// The reserved severity 3 counts as bad.
    public var isBad: Bool { rawValue >> 31 == 1 }

    /// Severity and code without the flags: what two codes must share to mean the same.
    public var code: StatusCode { StatusCode(rawValue & 0xFFFF_0000) }

    /// Info type DataValue with the Overflow bit: the queue of the monitored item lost values (Part 4, 7.39.1).
    public var hasOverflow: Bool { rawValue & 0x0480 == 0x0480 }

    public func withOverflow() -> StatusCode { StatusCode(rawValue | 0x0480) }

    /// The name as in the standard's table, such as `BadDecodingError`; the number in hexadecimal for an unknown code.
    public var name: String { Self.names[rawValue >> 16] ?? "0x\(Hex.text(rawValue, digits: 8))" }

    public var description: String { "\(name) (0x\(Hex.text(rawValue, digits: 8)))" }

    /// The code of a name in the standard's table.
    public init?(name: String) {
        guard let code = Self.codes[name] else { return nil }
        self.init(code << 16)
    }

    /// Names by the upper 16 bits.
    private static let names: [UInt32: String] = {
        var names: [UInt32: String] = [:]
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if let code = UInt32(parts[0], radix: 16) { names[code] = String(parts[1]) }
        }
        return names
    }()

    private static let codes = [String: UInt32](names.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
}

extension StatusCode: BinaryCodable {
    public static var smallestByteCount: Int { 4 }

    public init(from reader: inout BinaryReader) throws(CodecError) { rawValue = try reader.integer() }

    public func encode(to writer: inout BinaryWriter) { writer.integer(rawValue) }
}
