/// The built-in types by their identifiers in Part 6, 5.1.2, which are also the numbers of their data type nodes.
public enum BuiltInType: UInt8, Hashable, Sendable, CaseIterable {
    case boolean = 1
    case sbyte, byte, int16, uint16, int32, uint32, int64, uint64, float, double
    case string, dateTime, guid, byteString, xmlElement
    case nodeId, expandedNodeId, statusCode, qualifiedName, localizedText
    case extensionObject, dataValue, variant, diagnosticInfo

    /// The data type's node in namespace 0.
    public var nodeId: NodeId { NodeId(UInt32(rawValue)) }
}
