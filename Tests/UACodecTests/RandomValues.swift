import UACodec

/// Values of all kinds, within the rules: no Variant holds a single Variant, no DataValue another.
extension SeededRandom {
    mutating func text() -> String? {
        guard !chance(15) else { return nil }
        return String(String.UnicodeScalarView((0..<int(0...8)).map { _ in scalar() }))
    }

    private mutating func scalar() -> Unicode.Scalar {
        let ranges: [ClosedRange<Int>] = [0x20...0x7E, 0x20...0x7E, 0xA1...0x2FF, 0x4E00...0x9FFF, 0x1F300...0x1F5FF]
        return Unicode.Scalar(UInt32(int(ranges[int(0...ranges.count - 1)]))) ?? "x"
    }

    mutating func bytes() -> ByteString? {
        chance(15) ? nil : ByteString((0..<int(0...20)).map { _ in bits() })
    }

    mutating func guid() -> Guid { Guid(data1: bits(), data2: bits(), data3: bits(), data4: bits()) }

    mutating func nodeId() -> NodeId {
        let namespace = UInt16([0, 1, 255, 256, 65_535, int(0...9)][int(0...5)])
        return switch int(0...6) {
        case 0: NodeId(UInt32(int(0...300)))
        case 1: NodeId(UInt32(int(0...70_000)), namespace: namespace)
        case 2: NodeId(bits(), namespace: namespace)
        case 3: NodeId(text() ?? "", namespace: namespace)
        case 4: NodeId(namespace: namespace, .guid(guid()))
        case 5: NodeId(namespace: namespace, .opaque(bytes() ?? []))
        default: .null
        }
    }

    mutating func expandedNodeId() -> ExpandedNodeId {
        guard chance(30) else { return ExpandedNodeId(nodeId(), serverIndex: chance(20) ? bits() : 0) }
        var id = nodeId()
        id.namespace = 0
        return ExpandedNodeId(id, namespaceUri: "urn:\(int(0...999))", serverIndex: chance(50) ? bits() : 0)
    }

    mutating func dateTime() -> DateTime {
        chance(10) ? .null : DateTime(unixMicroseconds: Int64(int(-10_000_000_000_000_000...200_000_000_000_000_000)))
    }

    mutating func status() -> StatusCode {
        let codes: [StatusCode] = [
            .good, .badNoCommunication, .uncertainOverRange, StatusCode(bits()), .good.withOverflow(),
        ]
        return codes[int(0...codes.count - 1)]
    }

    mutating func qualifiedName() -> QualifiedName { QualifiedName(text(), namespace: bits()) }

    mutating func localizedText() -> LocalizedText {
        LocalizedText(text(), locale: chance(50) ? "de" : nil)
    }

    mutating func diagnosticInfo(depth: Int) -> DiagnosticInfo {
        DiagnosticInfo(
            symbolicId: chance(50) ? bits() : nil, namespaceUri: chance(50) ? bits() : nil,
            locale: chance(50) ? bits() : nil, localizedText: chance(50) ? bits() : nil,
            additionalInfo: chance(50) ? text() : nil, innerStatusCode: chance(50) ? status() : nil,
            innerDiagnosticInfo: depth > 0 && chance(50) ? diagnosticInfo(depth: depth - 1) : nil)
    }

    mutating func dataValue(depth: Int) -> DataValue {
        DataValue(
            chance(80) ? variant(depth: depth - 1, dataValues: false) : nil, status: chance(50) ? status() : nil,
            sourceTimestamp: chance(50) ? dateTime() : nil,
            sourcePicoseconds: chance(20) ? UInt16(int(0...9999)) : nil,
            serverTimestamp: chance(50) ? dateTime() : nil,
            serverPicoseconds: chance(20) ? UInt16(int(0...9999)) : nil)
    }

    mutating func extensionObject(depth: Int) -> ExtensionObject {
        switch int(0...4) {
        case 0: .null
        case 1: ExtensionObject(LiteralOperand(value: variant(depth: depth - 1, dataValues: false)))
        case 2: ExtensionObject(Argument(name: text(), dataType: nodeId(), valueRank: -1, arrayDimensions: [1, 2]))
        case 3: ExtensionObject(typeId: NodeId(bits(), namespace: 7), body: .binary(bytes() ?? []))
        default: ExtensionObject(typeId: NodeId(bits(), namespace: 8), body: .xml(XmlElement("<a>\(text() ?? "")</a>")))
        }
    }

    /// - Parameter dataValues: whether DataValues may be in it.
    mutating func variant(depth: Int, dataValues: Bool = true) -> Variant {
        guard depth > 0, !chance(5) else { return .null }
        let types = BuiltInType.allCases.filter { $0 != .diagnosticInfo && (dataValues || $0 != .dataValue) }
        let type = types[int(0...types.count - 1)]
        if type != .variant, chance(50) { return .scalar(elements(type, 1, depth, dataValues)[0]) }
        guard chance(30) else { return .array(elements(type, int(0...5), depth, dataValues)) }
        let dimensions = (0..<int(1...3)).map { _ in Int32(int(1...3)) }
        let count = dimensions.reduce(1) { $0 * Int($1) }
        return .matrix(elements(type, count, depth, dataValues), dimensions: dimensions)
    }

    private mutating func many<Value>(_ count: Int, _ make: (inout SeededRandom) -> Value) -> [Value] {
        (0..<count).map { _ in make(&self) }
    }

    private mutating func elements(
        _ type: BuiltInType, _ count: Int, _ depth: Int, _ dataValues: Bool
    ) -> Variant.Elements {
        switch type {
        case .boolean: .boolean(many(count) { $0.chance(50) })
        case .sbyte: .sbyte(many(count) { $0.bits() })
        case .byte: .byte(many(count) { $0.bits() })
        case .int16: .int16(many(count) { $0.bits() })
        case .uint16: .uint16(many(count) { $0.bits() })
        case .int32: .int32(many(count) { $0.bits() })
        case .uint32: .uint32(many(count) { $0.bits() })
        case .int64: .int64(many(count) { $0.bits() })
        case .uint64: .uint64(many(count) { $0.bits() })
        case .float: .float(many(count) { Float($0.int(-1_000_000...1_000_000)) / 64 })
        case .double: .double(many(count) { Double($0.int(-1_000_000...1_000_000)) / 3 })
        case .string: .string(many(count) { $0.text() })
        case .dateTime: .dateTime(many(count) { $0.dateTime() })
        case .guid: .guid(many(count) { $0.guid() })
        case .byteString: .byteString(many(count) { $0.bytes() })
        case .xmlElement: .xmlElement(many(count) { $0.text().map { XmlElement($0) } })
        case .nodeId: .nodeId(many(count) { $0.nodeId() })
        case .expandedNodeId: .expandedNodeId(many(count) { $0.expandedNodeId() })
        case .statusCode: .statusCode(many(count) { $0.status() })
        case .qualifiedName: .qualifiedName(many(count) { $0.qualifiedName() })
        case .localizedText: .localizedText(many(count) { $0.localizedText() })
        case .extensionObject: .extensionObject(many(count) { $0.extensionObject(depth: depth - 1) })
        case .dataValue: .dataValue(many(count) { $0.dataValue(depth: depth - 1) })
        case .variant, .diagnosticInfo:
            .variant(many(count) { $0.variant(depth: depth - 1, dataValues: dataValues) })
        }
    }
}
