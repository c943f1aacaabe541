// Made by scripts/opcua/generate; change it or its table, not this file.

extension Variant {
    /// Values of one built-in type; of a matrix, row after row.
    public enum Elements: Hashable, Sendable {
        case boolean([Bool])
        case sbyte([Int8])
        case byte([UInt8])
        case int16([Int16])
        case uint16([UInt16])
        case int32([Int32])
        case uint32([UInt32])
        case int64([Int64])
        case uint64([UInt64])
        case float([Float])
        case double([Double])
        case string([String?])
        case dateTime([DateTime])
        case guid([Guid])
        case byteString([ByteString?])
        case xmlElement([XmlElement?])
        case nodeId([NodeId])
        case expandedNodeId([ExpandedNodeId])
        case statusCode([StatusCode])
        case qualifiedName([QualifiedName])
        case localizedText([LocalizedText])
        case extensionObject([ExtensionObject])
        case dataValue([DataValue])
        case variant([Variant])

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

        public var count: Int {
            switch self {
            case .boolean(let values): values.count
            case .sbyte(let values): values.count
            case .byte(let values): values.count
            case .int16(let values): values.count
            case .uint16(let values): values.count
            case .int32(let values): values.count
            case .uint32(let values): values.count
            case .int64(let values): values.count
            case .uint64(let values): values.count
            case .float(let values): values.count
            case .double(let values): values.count
            case .string(let values): values.count
            case .dateTime(let values): values.count
            case .guid(let values): values.count
            case .byteString(let values): values.count
            case .xmlElement(let values): values.count
            case .nodeId(let values): values.count
            case .expandedNodeId(let values): values.count
            case .statusCode(let values): values.count
            case .qualifiedName(let values): values.count
            case .localizedText(let values): values.count
            case .extensionObject(let values): values.count
            case .dataValue(let values): values.count
            case .variant(let values): values.count
            }
        }

        /// - Precondition: `index` is in 0..<count.
        public subscript(index: Int) -> Scalar {
            switch self {
            case .boolean(let values): .boolean(values[index])
            case .sbyte(let values): .sbyte(values[index])
            case .byte(let values): .byte(values[index])
            case .int16(let values): .int16(values[index])
            case .uint16(let values): .uint16(values[index])
            case .int32(let values): .int32(values[index])
            case .uint32(let values): .uint32(values[index])
            case .int64(let values): .int64(values[index])
            case .uint64(let values): .uint64(values[index])
            case .float(let values): .float(values[index])
            case .double(let values): .double(values[index])
            case .string(let values): .string(values[index])
            case .dateTime(let values): .dateTime(values[index])
            case .guid(let values): .guid(values[index])
            case .byteString(let values): .byteString(values[index])
            case .xmlElement(let values): .xmlElement(values[index])
            case .nodeId(let values): .nodeId(values[index])
            case .expandedNodeId(let values): .expandedNodeId(values[index])
            case .statusCode(let values): .statusCode(values[index])
            case .qualifiedName(let values): .qualifiedName(values[index])
            case .localizedText(let values): .localizedText(values[index])
            case .extensionObject(let values): .extensionObject(values[index])
            case .dataValue(let values): .dataValue(values[index])
            case .variant(let values): .variant(values[index])
            }
        }

        /// The elements at those places; places beyond the end have none.
        public subscript(clamped range: Range<Int>) -> Elements {
            let places = range.clamped(to: 0..<count)
            return switch self {
            case .boolean(let values): .boolean(Array(values[places]))
            case .sbyte(let values): .sbyte(Array(values[places]))
            case .byte(let values): .byte(Array(values[places]))
            case .int16(let values): .int16(Array(values[places]))
            case .uint16(let values): .uint16(Array(values[places]))
            case .int32(let values): .int32(Array(values[places]))
            case .uint32(let values): .uint32(Array(values[places]))
            case .int64(let values): .int64(Array(values[places]))
            case .uint64(let values): .uint64(Array(values[places]))
            case .float(let values): .float(Array(values[places]))
            case .double(let values): .double(Array(values[places]))
            case .string(let values): .string(Array(values[places]))
            case .dateTime(let values): .dateTime(Array(values[places]))
            case .guid(let values): .guid(Array(values[places]))
            case .byteString(let values): .byteString(Array(values[places]))
            case .xmlElement(let values): .xmlElement(Array(values[places]))
            case .nodeId(let values): .nodeId(Array(values[places]))
            case .expandedNodeId(let values): .expandedNodeId(Array(values[places]))
            case .statusCode(let values): .statusCode(Array(values[places]))
            case .qualifiedName(let values): .qualifiedName(Array(values[places]))
            case .localizedText(let values): .localizedText(Array(values[places]))
            case .extensionObject(let values): .extensionObject(Array(values[places]))
            case .dataValue(let values): .dataValue(Array(values[places]))
            case .variant(let values): .variant(Array(values[places]))
            }
        }
    }
}
