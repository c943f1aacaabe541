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
}
