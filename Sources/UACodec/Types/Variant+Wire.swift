// Made by scripts/opcua/generate; change it or its table, not this file.

extension Variant.Elements {
    /// The values one after the other, without their number.
    func encodeContent(to writer: inout BinaryWriter) {
        switch self {
        case .boolean(let values): writer.elements(values)
        case .sbyte(let values): writer.elements(values)
        case .byte(let values): writer.elements(values)
        case .int16(let values): writer.elements(values)
        case .uint16(let values): writer.elements(values)
        case .int32(let values): writer.elements(values)
        case .uint32(let values): writer.elements(values)
        case .int64(let values): writer.elements(values)
        case .uint64(let values): writer.elements(values)
        case .float(let values): writer.elements(values)
        case .double(let values): writer.elements(values)
        case .string(let values): writer.elements(values)
        case .dateTime(let values): writer.elements(values)
        case .guid(let values): writer.elements(values)
        case .byteString(let values): writer.elements(values)
        case .xmlElement(let values): writer.elements(values)
        case .nodeId(let values): writer.elements(values)
        case .expandedNodeId(let values): writer.elements(values)
        case .statusCode(let values): writer.elements(values)
        case .qualifiedName(let values): writer.elements(values)
        case .localizedText(let values): writer.elements(values)
        case .extensionObject(let values): writer.elements(values)
        case .dataValue(let values): writer.elements(values)
        case .variant(let values): writer.elements(values)
        }
    }

    /// That many values, whose number has been checked.
    init(_ type: BuiltInType, count: Int, from reader: inout BinaryReader) throws(CodecError) {
        switch type {
        case .boolean: self = .boolean(try reader.elements(count))
        case .sbyte: self = .sbyte(try reader.elements(count))
        case .byte: self = .byte(try reader.elements(count))
        case .int16: self = .int16(try reader.elements(count))
        case .uint16: self = .uint16(try reader.elements(count))
        case .int32: self = .int32(try reader.elements(count))
        case .uint32: self = .uint32(try reader.elements(count))
        case .int64: self = .int64(try reader.elements(count))
        case .uint64: self = .uint64(try reader.elements(count))
        case .float: self = .float(try reader.elements(count))
        case .double: self = .double(try reader.elements(count))
        case .string: self = .string(try reader.elements(count))
        case .dateTime: self = .dateTime(try reader.elements(count))
        case .guid: self = .guid(try reader.elements(count))
        case .byteString: self = .byteString(try reader.elements(count))
        case .xmlElement: self = .xmlElement(try reader.elements(count))
        case .nodeId: self = .nodeId(try reader.elements(count))
        case .expandedNodeId: self = .expandedNodeId(try reader.elements(count))
        case .statusCode: self = .statusCode(try reader.elements(count))
        case .qualifiedName: self = .qualifiedName(try reader.elements(count))
        case .localizedText: self = .localizedText(try reader.elements(count))
        case .extensionObject: self = .extensionObject(try reader.elements(count))
        case .dataValue: self = .dataValue(try reader.elements(count))
        case .variant: self = .variant(try reader.elements(count))
        case .diagnosticInfo: throw reader.malformed("a Variant may not hold a DiagnosticInfo")
        }
    }
}

extension BuiltInType {
    /// The fewest bytes that a value takes.
    var smallestByteCount: Int {
        switch self {
        case .boolean: 1
        case .sbyte: 1
        case .byte: 1
        case .int16: 2
        case .uint16: 2
        case .int32: 4
        case .uint32: 4
        case .int64: 8
        case .uint64: 8
        case .float: 4
        case .double: 8
        case .string: 4
        case .dateTime: 8
        case .guid: 16
        case .byteString: 4
        case .xmlElement: 4
        case .nodeId: 2
        case .expandedNodeId: 2
        case .statusCode: 4
        case .qualifiedName: 6
        case .localizedText: 1
        case .extensionObject: 3
        case .dataValue: 1
        case .variant: 1
        case .diagnosticInfo: 1
        }
    }
}
