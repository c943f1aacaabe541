/// A value with a place in OPC UA Binary.
public protocol BinaryEncodable {
    func encode(to writer: inout BinaryWriter)
}

/// A value that can be read from OPC UA Binary.
public protocol BinaryDecodable {
    /// The fewest bytes that a value takes on the wire; an array that announces more than are there is refused early.
    static var smallestByteCount: Int { get }

    /// - Throws: ``CodecError`` with Bad_DecodingError or Bad_EncodingLimitsExceeded.
    init(from reader: inout BinaryReader) throws(CodecError)
}

public typealias BinaryCodable = BinaryEncodable & BinaryDecodable

extension BinaryDecodable {
    /// Reads one value from all of the bytes.
    public init(
        binary bytes: [UInt8], limits: CodecLimits = .standard, types: TypeRegistry = .standard
    ) throws(CodecError) {
        var reader = try BinaryReader(bytes, limits: limits, types: types)
        self = try Self(from: &reader)
        try reader.finish()
    }
}

extension BinaryEncodable {
    /// The value's bytes.
    public func binary(limits: CodecLimits = .standard) throws(CodecError) -> [UInt8] {
        try BinaryWriter.bytes(of: self, limits: limits)
    }
}

/// A number whose bytes on the wire are those in the memory of a machine with the least byte first.
protocol SameInMemory {}

extension Int8: SameInMemory {}
extension UInt8: SameInMemory {}
extension Int16: SameInMemory {}
extension UInt16: SameInMemory {}
extension Int32: SameInMemory {}
extension UInt32: SameInMemory {}
extension Int64: SameInMemory {}
extension UInt64: SameInMemory {}
extension Float: SameInMemory {}
extension Double: SameInMemory {}

/// The eight integers of Part 6.
public protocol WireInteger: FixedWidthInteger, BinaryEncodable, BinaryDecodable {}

extension WireInteger {
    public static var smallestByteCount: Int { MemoryLayout<Self>.size }

    public init(from reader: inout BinaryReader) throws(CodecError) { self = try reader.integer() }

    public func encode(to writer: inout BinaryWriter) { writer.integer(self) }
}

extension Int8: WireInteger {}
extension UInt8: WireInteger {}
extension Int16: WireInteger {}
extension UInt16: WireInteger {}
extension Int32: WireInteger {}
extension UInt32: WireInteger {}
extension Int64: WireInteger {}
extension UInt64: WireInteger {}

extension Bool: BinaryDecodable, BinaryEncodable {
    public static var smallestByteCount: Int { 1 }

    /// Any byte but zero is true (Part 6, 5.2.2.1).
    public init(from reader: inout BinaryReader) throws(CodecError) { self = try reader.integer(UInt8.self) != 0 }

    public func encode(to writer: inout BinaryWriter) { writer.integer(UInt8(self ? 1 : 0)) }
}

extension Float: BinaryDecodable, BinaryEncodable {
    public static var smallestByteCount: Int { 4 }

    public init(from reader: inout BinaryReader) throws(CodecError) { self.init(bitPattern: try reader.integer()) }

    public func encode(to writer: inout BinaryWriter) { writer.integer(bitPattern) }
}

extension Double: BinaryDecodable, BinaryEncodable {
    public static var smallestByteCount: Int { 8 }

    public init(from reader: inout BinaryReader) throws(CodecError) { self.init(bitPattern: try reader.integer()) }

    public func encode(to writer: inout BinaryWriter) { writer.integer(bitPattern) }
}

/// A type whose null differs from its empty value: String, ByteString and XmlElement. Fields of these types are
/// optionals, and nil is null.
public protocol Nullable: Sendable, Hashable {
    static func decode(from reader: inout BinaryReader) throws(CodecError) -> Self?

    func encodeContent(to writer: inout BinaryWriter)
}

extension Optional: BinaryDecodable where Wrapped: Nullable {
    public static var smallestByteCount: Int { 4 }

    public init(from reader: inout BinaryReader) throws(CodecError) { self = try Wrapped.decode(from: &reader) }
}

extension Optional: BinaryEncodable where Wrapped: Nullable {
    public func encode(to writer: inout BinaryWriter) {
        guard let value = self else { return writer.length(nil) }
        value.encodeContent(to: &writer)
    }
}

extension String: Nullable {
    public static func decode(from reader: inout BinaryReader) throws(CodecError) -> String? { try reader.text() }

    public func encodeContent(to writer: inout BinaryWriter) {
        writer.length(utf8.count)
        writer.append(utf8)
    }
}

/// Null arrays are read as empty ones, and empty ones are written with the length 0.
extension Array: BinaryDecodable where Element: BinaryDecodable {
    public static var smallestByteCount: Int { 4 }

    public init(from reader: inout BinaryReader) throws(CodecError) { self = try reader.array() }
}

extension Array: BinaryEncodable where Element: BinaryEncodable {
    public func encode(to writer: inout BinaryWriter) { writer.array(self) }
}
