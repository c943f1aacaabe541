// Made by scripts/opcua/generate; change it or its table, not this file.

extension Bool: VariantValue {
    public var scalar: Variant.Scalar { .boolean(self) }

    public static func elements(_ values: [Bool]) -> Variant.Elements { .boolean(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .boolean(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .boolean(let values) = elements { values } else { nil }
    }
}

extension Int8: VariantValue {
    public var scalar: Variant.Scalar { .sbyte(self) }

    public static func elements(_ values: [Int8]) -> Variant.Elements { .sbyte(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .sbyte(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .sbyte(let values) = elements { values } else { nil }
    }
}

extension UInt8: VariantValue {
    public var scalar: Variant.Scalar { .byte(self) }

    public static func elements(_ values: [UInt8]) -> Variant.Elements { .byte(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .byte(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .byte(let values) = elements { values } else { nil }
    }
}

extension Int16: VariantValue {
    public var scalar: Variant.Scalar { .int16(self) }

    public static func elements(_ values: [Int16]) -> Variant.Elements { .int16(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .int16(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .int16(let values) = elements { values } else { nil }
    }
}

extension UInt16: VariantValue {
    public var scalar: Variant.Scalar { .uint16(self) }

    public static func elements(_ values: [UInt16]) -> Variant.Elements { .uint16(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .uint16(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .uint16(let values) = elements { values } else { nil }
    }
}

extension Int32: VariantValue {
    public var scalar: Variant.Scalar { .int32(self) }

    public static func elements(_ values: [Int32]) -> Variant.Elements { .int32(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .int32(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .int32(let values) = elements { values } else { nil }
    }
}

extension UInt32: VariantValue {
    public var scalar: Variant.Scalar { .uint32(self) }

    public static func elements(_ values: [UInt32]) -> Variant.Elements { .uint32(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .uint32(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .uint32(let values) = elements { values } else { nil }
    }
}

extension Int64: VariantValue {
    public var scalar: Variant.Scalar { .int64(self) }

    public static func elements(_ values: [Int64]) -> Variant.Elements { .int64(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .int64(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .int64(let values) = elements { values } else { nil }
    }
}

extension UInt64: VariantValue {
    public var scalar: Variant.Scalar { .uint64(self) }

    public static func elements(_ values: [UInt64]) -> Variant.Elements { .uint64(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .uint64(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .uint64(let values) = elements { values } else { nil }
    }
}

extension Float: VariantValue {
    public var scalar: Variant.Scalar { .float(self) }

    public static func elements(_ values: [Float]) -> Variant.Elements { .float(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .float(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .float(let values) = elements { values } else { nil }
    }
}

extension Double: VariantValue {
    public var scalar: Variant.Scalar { .double(self) }

    public static func elements(_ values: [Double]) -> Variant.Elements { .double(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .double(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .double(let values) = elements { values } else { nil }
    }
}

extension String: NullableVariantValue {
    public static func scalar(_ value: String?) -> Variant.Scalar { .string(value) }

    public static func elements(_ values: [String?]) -> Variant.Elements { .string(values) }

    public static func value(of scalar: Variant.Scalar) -> Self?? {
        if case .string(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self?]? {
        if case .string(let values) = elements { values } else { nil }
    }
}

extension DateTime: VariantValue {
    public var scalar: Variant.Scalar { .dateTime(self) }

    public static func elements(_ values: [DateTime]) -> Variant.Elements { .dateTime(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .dateTime(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .dateTime(let values) = elements { values } else { nil }
    }
}

extension Guid: VariantValue {
    public var scalar: Variant.Scalar { .guid(self) }

    public static func elements(_ values: [Guid]) -> Variant.Elements { .guid(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .guid(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .guid(let values) = elements { values } else { nil }
    }
}

extension ByteString: NullableVariantValue {
    public static func scalar(_ value: ByteString?) -> Variant.Scalar { .byteString(value) }

    public static func elements(_ values: [ByteString?]) -> Variant.Elements { .byteString(values) }

    public static func value(of scalar: Variant.Scalar) -> Self?? {
        if case .byteString(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self?]? {
        if case .byteString(let values) = elements { values } else { nil }
    }
}

extension XmlElement: NullableVariantValue {
    public static func scalar(_ value: XmlElement?) -> Variant.Scalar { .xmlElement(value) }

    public static func elements(_ values: [XmlElement?]) -> Variant.Elements { .xmlElement(values) }

    public static func value(of scalar: Variant.Scalar) -> Self?? {
        if case .xmlElement(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self?]? {
        if case .xmlElement(let values) = elements { values } else { nil }
    }
}

extension NodeId: VariantValue {
    public var scalar: Variant.Scalar { .nodeId(self) }

    public static func elements(_ values: [NodeId]) -> Variant.Elements { .nodeId(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .nodeId(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .nodeId(let values) = elements { values } else { nil }
    }
}

extension ExpandedNodeId: VariantValue {
    public var scalar: Variant.Scalar { .expandedNodeId(self) }

    public static func elements(_ values: [ExpandedNodeId]) -> Variant.Elements { .expandedNodeId(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .expandedNodeId(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .expandedNodeId(let values) = elements { values } else { nil }
    }
}

extension StatusCode: VariantValue {
    public var scalar: Variant.Scalar { .statusCode(self) }

    public static func elements(_ values: [StatusCode]) -> Variant.Elements { .statusCode(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .statusCode(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .statusCode(let values) = elements { values } else { nil }
    }
}

extension QualifiedName: VariantValue {
    public var scalar: Variant.Scalar { .qualifiedName(self) }

    public static func elements(_ values: [QualifiedName]) -> Variant.Elements { .qualifiedName(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .qualifiedName(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .qualifiedName(let values) = elements { values } else { nil }
    }
}

extension LocalizedText: VariantValue {
    public var scalar: Variant.Scalar { .localizedText(self) }

    public static func elements(_ values: [LocalizedText]) -> Variant.Elements { .localizedText(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .localizedText(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .localizedText(let values) = elements { values } else { nil }
    }
}

extension ExtensionObject: VariantValue {
    public var scalar: Variant.Scalar { .extensionObject(self) }

    public static func elements(_ values: [ExtensionObject]) -> Variant.Elements { .extensionObject(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .extensionObject(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .extensionObject(let values) = elements { values } else { nil }
    }
}

extension DataValue: VariantValue {
    public var scalar: Variant.Scalar { .dataValue(self) }

    public static func elements(_ values: [DataValue]) -> Variant.Elements { .dataValue(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .dataValue(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .dataValue(let values) = elements { values } else { nil }
    }
}

extension Variant: VariantValue {
    public var scalar: Variant.Scalar { .variant(self) }

    public static func elements(_ values: [Variant]) -> Variant.Elements { .variant(values) }

    public static func value(of scalar: Variant.Scalar) -> Self? {
        if case .variant(let value) = scalar { value } else { nil }
    }

    public static func values(of elements: Variant.Elements) -> [Self]? {
        if case .variant(let values) = elements { values } else { nil }
    }
}
