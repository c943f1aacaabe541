import UACodec

/// Conversions of single values between built-in types (Part 4, 7.7.3, table of conversion rules). What cannot be
/// converted is nil.
enum Conversion {
    /// Types by precedence, the highest first: of two types the lower is converted to the higher.
    private static let precedence: [BuiltInType] = [
        .double, .float, .int64, .uint64, .int32, .uint32, .statusCode, .int16, .uint16, .sbyte, .byte, .boolean, .guid,
        .string, .expandedNodeId, .nodeId, .localizedText, .qualifiedName,
    ]

    private static let ranks = [BuiltInType: Int](
        uniqueKeysWithValues: precedence.enumerated().map { ($1, $0) })

    /// Both values in the type that has precedence; nil where they have none in common.
    static func common(_ left: Variant, _ right: Variant) -> (Variant, Variant)? {
        guard let first = left.type, let second = right.type else { return nil }
        if first == second { return (left, right) }
        guard let firstRank = ranks[first], let secondRank = ranks[second] else { return nil }
        if firstRank < secondRank { return implicit(right, to: first).map { (left, $0) } }
        return implicit(left, to: second).map { ($0, right) }
    }

    /// Text becomes a number, and a node id text, where the text says so; the other way round needs a Cast.
    private static func implicit(_ value: Variant, to type: BuiltInType) -> Variant? { cast(value, to: type) }

    static func cast(_ value: Variant, to type: BuiltInType) -> Variant? {
        guard case .scalar(let scalar) = value else { return nil }
        if scalar.type == type { return value }
        switch type {
        case .boolean: return boolean(value).map { Variant($0) }
        case .sbyte: return integer(value).flatMap { Int8(exactly: $0) }.map { Variant($0) }
        case .byte: return integer(value).flatMap { UInt8(exactly: $0) }.map { Variant($0) }
        case .int16: return integer(value).flatMap { Int16(exactly: $0) }.map { Variant($0) }
        case .uint16: return integer(value).flatMap { UInt16(exactly: $0) }.map { Variant($0) }
        case .int32: return integer(value).flatMap { Int32(exactly: $0) }.map { Variant($0) }
        case .uint32: return integer(value).flatMap { UInt32(exactly: $0) }.map { Variant($0) }
        case .int64: return integer(value).flatMap { Int64(exactly: $0) }.map { Variant($0) }
        case .uint64: return integer(value).flatMap { UInt64(exactly: $0) }.map { Variant($0) }
        case .statusCode:
            return integer(value).flatMap { UInt32(exactly: $0) }.map { Variant(StatusCode($0)) }
        case .float: return number(value).map { Variant(Float($0)) }
        case .double: return number(value).map { Variant($0) }
        case .string: return text(scalar).map { Variant($0) }
        case .guid: return value.value(as: String.self).flatMap { Guid($0) }.map { Variant($0) }
        case .nodeId: return nodeId(scalar).map { Variant($0) }
        case .expandedNodeId: return nodeId(scalar).map { Variant(ExpandedNodeId($0)) }
        case .localizedText: return text(scalar).map { Variant(LocalizedText($0)) }
        default: return nil
        }
    }

    private static func boolean(_ value: Variant) -> Bool? {
        if let text = value.value(as: String.self) {
            switch text.lowercased() {
            case "true", "1": return true
            case "false", "0": return false
            default: return nil
            }
        }
        return number(value).flatMap { $0.isNaN ? nil : $0 != 0 }
    }

    /// A whole number; fractions are rounded, and what is out of the range of 64 bits has none.
    private static func integer(_ value: Variant) -> Int128? {
        switch value {
        case .scalar(.uint64(let number)): Int128(number)
        case .scalar(.boolean(let flag)): flag ? 1 : 0
        case .scalar(.statusCode(let code)): Int128(code.rawValue)
        case .scalar(.float), .scalar(.double):
            value.number.flatMap { abs($0) < 1e19 ? Int128($0.rounded(.toNearestOrEven)) : nil }
        case .scalar(.string(let text)): text.flatMap { Int64($0).map { Int128($0) } ?? UInt64($0).map { Int128($0) } }
        default: value.integer.map { Int128($0) }
        }
    }

    private static func number(_ value: Variant) -> Double? {
        switch value {
        case .scalar(.boolean(let flag)): flag ? 1 : 0
        case .scalar(.statusCode(let code)): Double(code.rawValue)
        case .scalar(.string(let text)): text.flatMap { Double($0) }
        default: value.number
        }
    }

    private static func text(_ scalar: Variant.Scalar) -> String? {
        switch scalar {
        case .boolean(let flag): flag ? "true" : "false"
        case .guid(let guid): "\(guid)"
        case .nodeId(let id): "\(id)"
        case .expandedNodeId(let id): "\(id)"
        case .localizedText(let text): text.text
        case .qualifiedName(let name): name.name
        case .statusCode(let code): "\(code.rawValue)"
        case .dateTime(let time): "\(time)"
        case .float(let number): "\(number)"
        case .double(let number): "\(number)"
        default: integer(.scalar(scalar)).map { "\($0)" }
        }
    }

    private static func nodeId(_ scalar: Variant.Scalar) -> NodeId? {
        switch scalar {
        case .nodeId(let id): id
        case .expandedNodeId(let id): id.namespaceUri == nil && id.serverIndex == 0 ? id.nodeId : nil
        case .string(let text): text.flatMap { NodeId($0) }
        default: nil
        }
    }
}
