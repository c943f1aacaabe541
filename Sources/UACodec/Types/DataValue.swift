/// A value with its quality and its times (Part 6, 5.2.2.17). What is nil is not sent.
public struct DataValue: Hashable, Sendable {
    public var value: Variant?
    /// Nil means good.
    public var status: StatusCode?
    public var sourceTimestamp: DateTime?
    /// Steps of 10 ps on top of the timestamp, 0...9999.
    public var sourcePicoseconds: UInt16?
    public var serverTimestamp: DateTime?
    public var serverPicoseconds: UInt16?

    public init(
        _ value: Variant? = nil, status: StatusCode? = nil, sourceTimestamp: DateTime? = nil,
        sourcePicoseconds: UInt16? = nil, serverTimestamp: DateTime? = nil, serverPicoseconds: UInt16? = nil
    ) {
        self.value = value
        self.status = status
        self.sourceTimestamp = sourceTimestamp
        self.sourcePicoseconds = sourcePicoseconds
        self.serverTimestamp = serverTimestamp
        self.serverPicoseconds = serverPicoseconds
    }

    /// The status that holds: good where none was sent.
    public var effectiveStatus: StatusCode { status ?? .good }
}

extension DataValue: BinaryCodable {
    public static var smallestByteCount: Int { 1 }

    /// The wire has each time followed by its picoseconds, though the mask has them in another order.
    public init(from reader: inout BinaryReader) throws(CodecError) {
        let mask = try reader.integer(UInt8.self)
        self.init()
        if mask & 0x01 != 0 {
            value = try reader.insideDataValue { reader throws(CodecError) in try Variant(from: &reader) }
        }
        if mask & 0x02 != 0 { status = try reader.read() }
        if mask & 0x04 != 0 { sourceTimestamp = try reader.read() }
        if mask & 0x10 != 0 { sourcePicoseconds = min(try reader.integer(), 9999) }
        if mask & 0x08 != 0 { serverTimestamp = try reader.read() }
        if mask & 0x20 != 0 { serverPicoseconds = min(try reader.integer(), 9999) }
    }

    public func encode(to writer: inout BinaryWriter) {
        var mask: UInt8 = value == nil ? 0 : 0x01
        if status != nil { mask |= 0x02 }
        if sourceTimestamp != nil { mask |= 0x04 }
        if serverTimestamp != nil { mask |= 0x08 }
        if sourcePicoseconds != nil { mask |= 0x10 }
        if serverPicoseconds != nil { mask |= 0x20 }
        writer.integer(mask)
        if let value { writer.nested { value.encode(to: &$0) } }
        status?.encode(to: &writer)
        sourceTimestamp?.encode(to: &writer)
        sourcePicoseconds?.encode(to: &writer)
        serverTimestamp?.encode(to: &writer)
        serverPicoseconds?.encode(to: &writer)
    }
}
