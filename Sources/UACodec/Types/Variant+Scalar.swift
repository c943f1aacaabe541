// Made by scripts/opcua/generate; change it or its table, not this file.

extension Variant {
    /// One value of a built-in type.
    public enum Scalar: Hashable, Sendable {
        case boolean(Bool)
        case sbyte(Int8)
        case byte(UInt8)
        case int16(Int16)
        case uint16(UInt16)
        case int32(Int32)
        case uint32(UInt32)
        case int64(Int64)
        case uint64(UInt64)
        case float(Float)
        case double(Double)
        case string(String?)
        case dateTime(DateTime)
        case guid(Guid)
        case byteString(ByteString?)
        case xmlElement(XmlElement?)
        case nodeId(NodeId)
        indirect case expandedNodeId(ExpandedNodeId)
        case statusCode(StatusCode)
        indirect case qualifiedName(QualifiedName)
        indirect case localizedText(LocalizedText)
        indirect case extensionObject(ExtensionObject)
        indirect case dataValue(DataValue)
        indirect case variant(Variant)

        public var type: BuiltInType {
            switch self {
            case .boolean: .boolean
            case .sbyte: .sbyte
            case .byte: .byte
            case .int16: .int16
            case .uint16: .uint16
            case .int32: .int32
            case .uint32: .uint32
            case .int64: .int64
            case .uint64: .uint64
            case .float: .float
            case .double: .double
            case .string: .string
            case .dateTime: .dateTime
            case .guid: .guid
            case .byteString: .byteString
            case .xmlElement: .xmlElement
            case .nodeId: .nodeId
            case .expandedNodeId: .expandedNodeId
            case .statusCode: .statusCode
            case .qualifiedName: .qualifiedName
            case .localizedText: .localizedText
            case .extensionObject: .extensionObject
            case .dataValue: .dataValue
            case .variant: .variant
            }
        }

        /// The bytes without the mask that says which type they are of.
        func encodeContent(to writer: inout BinaryWriter) {
            switch self {
            case .boolean(let value): value.encode(to: &writer)
            case .sbyte(let value): value.encode(to: &writer)
            case .byte(let value): value.encode(to: &writer)
            case .int16(let value): value.encode(to: &writer)
            case .uint16(let value): value.encode(to: &writer)
            case .int32(let value): value.encode(to: &writer)
            case .uint32(let value): value.encode(to: &writer)
            case .int64(let value): value.encode(to: &writer)
            case .uint64(let value): value.encode(to: &writer)
            case .float(let value): value.encode(to: &writer)
            case .double(let value): value.encode(to: &writer)
            case .string(let value): value.encode(to: &writer)
            case .dateTime(let value): value.encode(to: &writer)
            case .guid(let value): value.encode(to: &writer)
            case .byteString(let value): value.encode(to: &writer)
            case .xmlElement(let value): value.encode(to: &writer)
            case .nodeId(let value): value.encode(to: &writer)
            case .expandedNodeId(let value): value.encode(to: &writer)
            case .statusCode(let value): value.encode(to: &writer)
            case .qualifiedName(let value): value.encode(to: &writer)
            case .localizedText(let value): value.encode(to: &writer)
            case .extensionObject(let value): value.encode(to: &writer)
            case .dataValue(let value): value.encode(to: &writer)
            case .variant(let value): value.encode(to: &writer)
            }
        }

        init(_ type: BuiltInType, from reader: inout BinaryReader) throws(CodecError) {
            switch type {
            case .boolean: self = .boolean(try reader.read())
            case .sbyte: self = .sbyte(try reader.read())
            case .byte: self = .byte(try reader.read())
            case .int16: self = .int16(try reader.read())
            case .uint16: self = .uint16(try reader.read())
            case .int32: self = .int32(try reader.read())
            case .uint32: self = .uint32(try reader.read())
            case .int64: self = .int64(try reader.read())
            case .uint64: self = .uint64(try reader.read())
            case .float: self = .float(try reader.read())
            case .double: self = .double(try reader.read())
            case .string: self = .string(try reader.read())
            case .dateTime: self = .dateTime(try reader.read())
            case .guid: self = .guid(try reader.read())
            case .byteString: self = .byteString(try reader.read())
            case .xmlElement: self = .xmlElement(try reader.read())
            case .nodeId: self = .nodeId(try reader.read())
            case .expandedNodeId: self = .expandedNodeId(try reader.read())
            case .statusCode: self = .statusCode(try reader.read())
            case .qualifiedName: self = .qualifiedName(try reader.read())
            case .localizedText: self = .localizedText(try reader.read())
            case .extensionObject: self = .extensionObject(try reader.read())
            case .dataValue: self = .dataValue(try reader.read())
            case .variant: self = .variant(try reader.read())
            case .diagnosticInfo: throw reader.malformed("a Variant may not hold a DiagnosticInfo")
            }
        }
    }
}
