import UACodec

/// What OPC UA peers send (Part 6, 5.2): a limit or a fault in the decoder's own words is no finding.
extension FuzzTarget {
    static let opcua = [opcuaVariant, opcuaMessage, opcuaDescribed]

    /// What was read is written, and read and written again to the same bytes.
    private static func again<Value: BinaryCodable>(_ value: Value, types: TypeRegistry = .standard) throws {
        let written = try value.binary()
        let bytes = try Value(binary: written, types: types).binary()
        try promise(bytes == written, "\(Value.self) is written otherwise than it was read")
    }

    private static let opcuaVariant = FuzzTarget(
        "opcua-variant",
        seeds: {
            let matrix = Variant.matrix(.double([1, 2, 3, 4]), dimensions: [2, 2])
            let operand = ExtensionObject(LiteralOperand(value: Variant([Variant("a"), Variant(UInt16(1))])))
            let info = DiagnosticInfo(symbolicId: 1, innerDiagnosticInfo: DiagnosticInfo(additionalInfo: "x"))
            let values: [Variant] = [
                matrix, Variant([operand]), Variant(DataValue(matrix, status: .badNoCommunication)),
                Variant([NodeId("a", namespace: 1), NodeId(70_000)]), Variant([LocalizedText("a", locale: "de")]),
            ]
            return try values.map { try [0] + $0.binary() } + [[1] + info.binary()]
        },
        check: { input in
            guard let kind = input.first else { return }
            let bytes = Array(input.dropFirst())
            switch kind % 3 {
            case 0: if let value = try? Variant(binary: bytes) { try again(value) }
            case 1: if let value = try? DiagnosticInfo(binary: bytes) { try again(value) }
            default: if let value = try? ExpandedNodeId(binary: bytes) { try again(value) }
            }
        })

    private static let opcuaMessage = FuzzTarget(
        "opcua-message",
        seeds: {
            let filter = EventFilter(
                selectClauses: [SimpleAttributeOperand(browsePath: [QualifiedName("Time")], attributeId: 13)])
            let item = MonitoredItemCreateRequest(requestedParameters: MonitoringParameters(filter: .init(filter)))
            let changes = DataChangeNotification(monitoredItems: [MonitoredItemNotification(value: DataValue())])
            let publish = PublishResponse(
                notificationMessage: NotificationMessage(notificationData: [ExtensionObject(changes)]))
            return [
                try ServiceMessage.bytes(of: CreateMonitoredItemsRequest(itemsToCreate: [item])),
                try ServiceMessage.bytes(of: publish),
                try ServiceMessage.bytes(of: GetEndpointsResponse(endpoints: [EndpointDescription()])),
                try ServiceMessage.bytes(of: ReadResponse(results: [DataValue(Variant(1.5))])),
            ]
        },
        check: { input in
            _ = try? ServiceMessage.requestHeader(of: input)
            guard let message = try? ServiceMessage.decode(input) else { return }
            try again(message)
        })

    /// A type that holds itself, an optional field, a union and a matrix.
    private static let types: TypeRegistry = {
        func field(_ name: String, _ type: NodeId, _ rank: Int32 = -1, isOptional: Bool = false) -> StructureField {
            StructureField(name: name, dataType: type, valueRank: rank, isOptional: isOptional)
        }
        let tree = NodeId(1, namespace: 2)
        let choice = NodeId(2, namespace: 2)
        var types = TypeRegistry.standard
        types.add(
            StructureSchema(
                dataType: tree, name: "Tree",
                definition: StructureDefinition(
                    defaultEncodingId: NodeId(11, namespace: 2), structureType: .structureWithOptionalFields,
                    fields: [
                        field("Name", BuiltInType.string.nodeId), field("Children", tree, 1, isOptional: true),
                        field("Choice", choice, isOptional: true), field("Grid", BuiltInType.byte.nodeId, 2),
                    ])))
        types.add(
            StructureSchema(
                dataType: choice, name: "Choice",
                definition: StructureDefinition(
                    defaultEncodingId: NodeId(12, namespace: 2), structureType: .unionWithSubtypedValues,
                    fields: [field("Tree", tree, isOptional: true), field("Any", BuiltInType.variant.nodeId)])))
        return types
    }()

    private static let opcuaDescribed = FuzzTarget(
        "opcua-described",
        seeds: {
            let bodies: [[UInt8]] = [
                [1, 0, 0, 0, 1, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0, 0, 0],
                [0, 0, 0, 0, 255, 255, 255, 255, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7, 8],
            ]
            let tree = try bodies.map {
                try ExtensionObject(typeId: NodeId(11, namespace: 2), body: .binary(ByteString($0))).binary()
            }
            let choice = ByteString([2, 0, 0, 0, 6, 7, 0, 0, 0])
            return try tree + [ExtensionObject(typeId: NodeId(12, namespace: 2), body: .binary(choice)).binary()]
        },
        check: { input in
            guard let object = try? ExtensionObject(binary: input, types: types) else { return }
            try again(object, types: types)
        })
}
