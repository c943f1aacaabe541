// Made by scripts/opcua/generate; change it or its table, not this file.

extension Variant.Elements {
    /// The elements at those places, in their order.
    ///
    /// - Precondition: all are in 0..<count.
    public subscript(places: [Int]) -> Variant.Elements {
        switch self {
        case .boolean(let values): .boolean(places.map { values[$0] })
        case .sbyte(let values): .sbyte(places.map { values[$0] })
        case .byte(let values): .byte(places.map { values[$0] })
        case .int16(let values): .int16(places.map { values[$0] })
        case .uint16(let values): .uint16(places.map { values[$0] })
        case .int32(let values): .int32(places.map { values[$0] })
        case .uint32(let values): .uint32(places.map { values[$0] })
        case .int64(let values): .int64(places.map { values[$0] })
        case .uint64(let values): .uint64(places.map { values[$0] })
        case .float(let values): .float(places.map { values[$0] })
        case .double(let values): .double(places.map { values[$0] })
        case .string(let values): .string(places.map { values[$0] })
        case .dateTime(let values): .dateTime(places.map { values[$0] })
        case .guid(let values): .guid(places.map { values[$0] })
        case .byteString(let values): .byteString(places.map { values[$0] })
        case .xmlElement(let values): .xmlElement(places.map { values[$0] })
        case .nodeId(let values): .nodeId(places.map { values[$0] })
        case .expandedNodeId(let values): .expandedNodeId(places.map { values[$0] })
        case .statusCode(let values): .statusCode(places.map { values[$0] })
        case .qualifiedName(let values): .qualifiedName(places.map { values[$0] })
        case .localizedText(let values): .localizedText(places.map { values[$0] })
        case .extensionObject(let values): .extensionObject(places.map { values[$0] })
        case .dataValue(let values): .dataValue(places.map { values[$0] })
        case .variant(let values): .variant(places.map { values[$0] })
        }
    }

    /// The elements with those at `places` replaced; nil where the others are of another type or number.
    ///
    /// - Precondition: all places are in 0..<count.
    public func replacing(_ places: [Int], with others: Variant.Elements) -> Variant.Elements? {
        guard others.count == places.count else { return nil }
        switch (self, others) {
        case (.boolean(var values), .boolean(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .boolean(values)
        case (.sbyte(var values), .sbyte(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .sbyte(values)
        case (.byte(var values), .byte(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .byte(values)
        case (.int16(var values), .int16(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .int16(values)
        case (.uint16(var values), .uint16(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .uint16(values)
        case (.int32(var values), .int32(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .int32(values)
        case (.uint32(var values), .uint32(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .uint32(values)
        case (.int64(var values), .int64(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .int64(values)
        case (.uint64(var values), .uint64(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .uint64(values)
        case (.float(var values), .float(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .float(values)
        case (.double(var values), .double(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .double(values)
        case (.string(var values), .string(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .string(values)
        case (.dateTime(var values), .dateTime(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .dateTime(values)
        case (.guid(var values), .guid(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .guid(values)
        case (.byteString(var values), .byteString(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .byteString(values)
        case (.xmlElement(var values), .xmlElement(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .xmlElement(values)
        case (.nodeId(var values), .nodeId(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .nodeId(values)
        case (.expandedNodeId(var values), .expandedNodeId(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .expandedNodeId(values)
        case (.statusCode(var values), .statusCode(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .statusCode(values)
        case (.qualifiedName(var values), .qualifiedName(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .qualifiedName(values)
        case (.localizedText(var values), .localizedText(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .localizedText(values)
        case (.extensionObject(var values), .extensionObject(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .extensionObject(values)
        case (.dataValue(var values), .dataValue(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .dataValue(values)
        case (.variant(var values), .variant(let new)):
            for (place, value) in zip(places, new) { values[place] = value }
            return .variant(values)
        default: return nil
        }
    }

    /// Values of one type, one after the other; nil where one is of another type.
    public init?(_ scalars: [Variant.Scalar], of type: BuiltInType) {
        func gather<Value>(_ value: (Variant.Scalar) -> Value?) -> [Value]? {
            let values = scalars.compactMap(value)
            return values.count == scalars.count ? values : nil
        }
        switch type {
        case .boolean:
            guard
                let all: [Bool] = gather({ scalar -> (Bool)? in
                    if case .boolean(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .boolean(all)
        case .sbyte:
            guard
                let all: [Int8] = gather({ scalar -> (Int8)? in
                    if case .sbyte(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .sbyte(all)
        case .byte:
            guard
                let all: [UInt8] = gather({ scalar -> (UInt8)? in
                    if case .byte(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .byte(all)
        case .int16:
            guard
                let all: [Int16] = gather({ scalar -> (Int16)? in
                    if case .int16(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .int16(all)
        case .uint16:
            guard
                let all: [UInt16] = gather({ scalar -> (UInt16)? in
                    if case .uint16(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .uint16(all)
        case .int32:
            guard
                let all: [Int32] = gather({ scalar -> (Int32)? in
                    if case .int32(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .int32(all)
        case .uint32:
            guard
                let all: [UInt32] = gather({ scalar -> (UInt32)? in
                    if case .uint32(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .uint32(all)
        case .int64:
            guard
                let all: [Int64] = gather({ scalar -> (Int64)? in
                    if case .int64(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .int64(all)
        case .uint64:
            guard
                let all: [UInt64] = gather({ scalar -> (UInt64)? in
                    if case .uint64(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .uint64(all)
        case .float:
            guard
                let all: [Float] = gather({ scalar -> (Float)? in
                    if case .float(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .float(all)
        case .double:
            guard
                let all: [Double] = gather({ scalar -> (Double)? in
                    if case .double(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .double(all)
        case .string:
            guard
                let all: [String?] = gather({ scalar -> (String?)? in
                    if case .string(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .string(all)
        case .dateTime:
            guard
                let all: [DateTime] = gather({ scalar -> (DateTime)? in
                    if case .dateTime(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .dateTime(all)
        case .guid:
            guard
                let all: [Guid] = gather({ scalar -> (Guid)? in
                    if case .guid(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .guid(all)
        case .byteString:
            guard
                let all: [ByteString?] = gather({ scalar -> (ByteString?)? in
                    if case .byteString(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .byteString(all)
        case .xmlElement:
            guard
                let all: [XmlElement?] = gather({ scalar -> (XmlElement?)? in
                    if case .xmlElement(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .xmlElement(all)
        case .nodeId:
            guard
                let all: [NodeId] = gather({ scalar -> (NodeId)? in
                    if case .nodeId(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .nodeId(all)
        case .expandedNodeId:
            guard
                let all: [ExpandedNodeId] = gather({ scalar -> (ExpandedNodeId)? in
                    if case .expandedNodeId(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .expandedNodeId(all)
        case .statusCode:
            guard
                let all: [StatusCode] = gather({ scalar -> (StatusCode)? in
                    if case .statusCode(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .statusCode(all)
        case .qualifiedName:
            guard
                let all: [QualifiedName] = gather({ scalar -> (QualifiedName)? in
                    if case .qualifiedName(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .qualifiedName(all)
        case .localizedText:
            guard
                let all: [LocalizedText] = gather({ scalar -> (LocalizedText)? in
                    if case .localizedText(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .localizedText(all)
        case .extensionObject:
            guard
                let all: [ExtensionObject] = gather({ scalar -> (ExtensionObject)? in
                    if case .extensionObject(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .extensionObject(all)
        case .dataValue:
            guard
                let all: [DataValue] = gather({ scalar -> (DataValue)? in
                    if case .dataValue(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .dataValue(all)
        case .variant:
            guard
                let all: [Variant] = gather({ scalar -> (Variant)? in
                    if case .variant(let value) = scalar { .some(value) } else { nil }
                })
            else { return nil }
            self = .variant(all)
        case .diagnosticInfo: return nil
        }
    }
}
