import Testing
import UACodec

/// Structures that only their server's description makes known (Part 3, 8.48).
@Suite("Described structures")
struct DynamicTests {
    private static func id(_ number: UInt32) -> NodeId { NodeId(number, namespace: 2) }

    private static func field(
        _ name: String, _ type: NodeId, rank: Int32 = -1, isOptional: Bool = false
    ) -> StructureField {
        StructureField(name: name, dataType: type, valueRank: rank, isOptional: isOptional)
    }

    private static func schema(
        _ name: String, _ type: UInt32, _ encoding: UInt32, _ layout: StructureType = .structure,
        _ fields: [StructureField]
    ) -> StructureSchema {
        StructureSchema(
            dataType: id(type), name: name,
            definition: StructureDefinition(defaultEncodingId: id(encoding), structureType: layout, fields: fields))
    }

    private static let text = BuiltInType.string.nodeId
    private static let localized = BuiltInType.localizedText.nodeId

    /// OPC 10031-4: the parts of a job order that the vector holds.
    private static let jobControl: TypeRegistry = {
        var types = TypeRegistry.standard
        types.add(
            schema(
                "ISA95ParameterDataType", 3003, 5005, .structureWithOptionalFields,
                [
                    field("ID", text), field("Value", BuiltInType.variant.nodeId),
                    field("Description", localized, rank: 1, isOptional: true),
                    field("EngineeringUnits", NodeId(887), isOptional: true),
                    field("Subparameters", id(3003), rank: 1, isOptional: true),
                ]))
        types.add(
            schema(
                "ISA95PhysicalAssetDataType", 3012, 5023, .structureWithOptionalFields,
                [
                    field("PhysicalAssetID", text, isOptional: false),
                    field("Description", localized, rank: 1, isOptional: true),
                    field("PhysicalAssetUse", text, isOptional: true),
                    field("Quantity", NodeId(12878), isOptional: true),
                    field("EngineeringUnits", NodeId(887), isOptional: true),
                    field("Properties", id(3002), rank: 1, isOptional: true),
                ]))
        types.add(
            schema(
                "ISA95JobOrderDataType", 3008, 5014, .structureWithOptionalFields,
                [
                    field("JobOrderID", text), field("Description", localized, rank: 1, isOptional: true),
                    field("WorkMasterID", id(3007), rank: 1, isOptional: true),
                    field("StartTime", NodeId(294), isOptional: true), field("EndTime", NodeId(294), isOptional: true),
                    field("Priority", BuiltInType.int16.nodeId, isOptional: true),
                    field("JobOrderParameters", id(3003), rank: 1, isOptional: true),
                    field("PersonnelRequirements", id(3011), rank: 1, isOptional: true),
                    field("EquipmentRequirements", id(3005), rank: 1, isOptional: true),
                    field("PhysicalAssetRequirements", id(3012), rank: 1, isOptional: true),
                    field("MaterialRequirements", id(3010), rank: 1, isOptional: true),
                ]))
        types.add(
            schema(
                "ISA95StateDataType", 3006, 5029, .structure,
                [
                    field("BrowsePath", NodeId(540)), field("StateText", localized),
                    field("StateNumber", BuiltInType.uint32.nodeId),
                ]))
        return types
    }()

    @Test("A job order with optional fields, arrays of structures and a variant")
    func jobOrder() throws {
        let bytes = hex(
            """
            0202009613000001640000003101000005000000414e442d31010000000302000000656e07000000536372617463680100010000000000
            00000a000000436f6e666964656e63650b0ad7a3703d0aef3f01000000020000000800000050524553532d3037080000004d61696e7461
            696e
            """)
        let object = try ExtensionObject(binary: bytes, types: Self.jobControl)
        let order = try #require(object.dynamic)
        #expect(order.name == "ISA95JobOrderDataType")
        #expect(order["JobOrderID"] == .builtIn(Variant("AND-1")))
        #expect(order["Description"] == .builtIn(Variant([LocalizedText("Scratch", locale: "en")])))
        #expect(order["Priority"] == .builtIn(Variant(Int16(1))))
        #expect(order["StartTime"] == nil)
        guard case .structures(let parameters, _) = order["JobOrderParameters"],
            case .dynamic(let parameter) = parameters.first
        else {
            Issue.record("no parameters: \(order)")
            return
        }
        #expect(parameter["Value"] == .builtIn(.scalar(.variant(Variant(0.97)))))
        // The id before the order took a longer form than needed: what follows is the same to the byte.
        let written = try object.binary()
        #expect(hex(Array(written.dropFirst(4))) == hex(Array(bytes.dropFirst(7))))
        #expect(try ExtensionObject(binary: written, types: Self.jobControl) == object)
        let unknown = try ExtensionObject(binary: bytes)
        #expect(unknown.body == .binary(ByteString(bytes.dropFirst(12))), "kept as it is where it is not known")
    }

    @Test("A state with a structure of the standard in it")
    func state() throws {
        let bytes = hex("020200a51300000121000000000000000302000000656e0e000000416c6c6f776564546f537461727402000000")
        let object = try ExtensionObject(binary: bytes, types: Self.jobControl)
        #expect(object.dynamic?["BrowsePath"] == .structure(.known(RelativePath())))
        #expect(object.dynamic?["StateNumber"] == .builtIn(Variant(UInt32(2))))
        #expect(hex(Array(try object.binary().dropFirst(4))) == hex(Array(bytes.dropFirst(7))))
    }

    @Test("A union holds one field or none, and no field that it does not have")
    func union() throws {
        let schema = Self.schema(
            "Choice", 1, 2, .union,
            [Self.field("Number", BuiltInType.double.nodeId), Self.field("Names", Self.text, rank: 1)])
        var types = TypeRegistry.standard
        types.add(schema)
        let objects: [(String, DynamicStructure.Value?)] = [
            ("00000000", nil), ("01000000000000000000f83f", .builtIn(Variant(1.5))),
            ("02000000010000000100000061", .builtIn(Variant(["a" as String?]))),
        ]
        for (text, value) in objects {
            let body = hex(text)
            let bytes = try ExtensionObject(typeId: Self.id(2), body: .binary(ByteString(body))).binary()
            let object = try ExtensionObject(binary: bytes, types: types)
            #expect(object.dynamic?.fields.first?.value == value)
            #expect(try object.binary() == bytes)
        }
        var reader = try BinaryReader(hex("03000000"), types: types)
        #expect(throws: CodecError.self) { try DynamicStructure(schema, from: &reader) }
    }

    @Test("A field that allows subtypes is read as an extension object, and inline where the server sends it so")
    func subtypes() throws {
        var types = TypeRegistry.standard
        types.add(Self.schema("Meta", 10, 11, .structure, [Self.field("Id", Self.text)]))
        types.add(
            Self.schema(
                "Result", 12, 13, .structureWithSubtypedValues,
                [
                    Self.field("Meta", Self.id(10), isOptional: true),
                    Self.field("Content", BuiltInType.variant.nodeId, rank: 1, isOptional: true),
                ]))
        let content = [Variant(UInt8(3))]
        let meta = DynamicStructure(
            typeId: Self.id(11), name: "Meta", fields: [.init("Id", .builtIn(Variant("R1")))])
        let wrapped = DynamicStructure(
            typeId: Self.id(13), name: "Result",
            fields: [
                .init("Meta", .builtIn(Variant(ExtensionObject(meta)))), .init("Content", .builtIn(Variant(content))),
            ])
        let inline = DynamicStructure(
            typeId: Self.id(13), name: "Result",
            fields: [.init("Meta", .structure(.dynamic(meta))), .init("Content", .builtIn(Variant(content)))])
        for structure in [wrapped, inline] {
            let object = ExtensionObject(structure)
            #expect(try ExtensionObject(binary: object.binary(), types: types).dynamic == structure)
        }
    }

    @Test("A structure is made from values by the names of its fields, and says which are wrong")
    func making() throws {
        let fields = [Self.field("Id", Self.text), Self.field("Note", Self.text, isOptional: true)]
        let schema = Self.schema("Order", 1, 2, .structureWithOptionalFields, fields)
        var types = TypeRegistry.standard
        types.add(schema)
        for note in [nil, DynamicStructure.Value.builtIn(Variant("n"))] {
            var values: [String: DynamicStructure.Value] = ["Id": .builtIn(Variant("A"))]
            values["Note"] = note
            let order = try schema.structure(values)
            #expect(try ExtensionObject(binary: ExtensionObject(order).binary(), types: types).dynamic == order)
        }
        let missing = #expect(throws: StructureSchema.Mismatch.self) { try schema.structure([:]) }
        #expect(missing?.description == "Order needs a value for Id")
        let unknown = #expect(throws: StructureSchema.Mismatch.self) {
            try schema.structure(["Id": .builtIn(Variant("A")), "X": .builtIn(Variant(1.0))])
        }
        #expect(unknown?.description == "Order has no field X; it has Id, Note")
        let union = Self.schema("Choice", 3, 4, .union, fields)
        #expect(try union.structure([:]).layout == .union(selected: 0))
        #expect(try union.structure(["Note": .builtIn(Variant("n"))]).layout == .union(selected: 2))
        #expect(throws: StructureSchema.Mismatch.self) {
            try union.structure(["Id": .builtIn(Variant("A")), "Note": .builtIn(Variant("n"))])
        }
    }

    @Test("A matrix of a structure has its dimensions first")
    func matrix() throws {
        let schema = Self.schema("Grid", 1, 2, .structure, [Self.field("Cells", BuiltInType.byte.nodeId, rank: 2)])
        var reader = try BinaryReader(hex("020000000200000002000000 01020304"))
        let grid = try DynamicStructure(schema, from: &reader)
        #expect(grid["Cells"] == .builtIn(.matrix(.byte([1, 2, 3, 4]), dimensions: [2, 2])))
        #expect(try hex(BinaryWriter.bytes(of: grid)) == "02000000020000000200000001020304")
        for wrong in ["020000000200000003000000 01020304", "02000000ffffff7fffffff7f", "0100000000000080"] {
            var reader = try BinaryReader(hex(wrong))
            #expect(throws: CodecError.self, "\(wrong)") { try DynamicStructure(schema, from: &reader) }
        }
    }

    @Test("Types that hold themselves, or one another many times over, come to an end")
    func hostileTypes() throws {
        var types = TypeRegistry.standard
        types.add(Self.schema("Self", 1, 2, .structure, [Self.field("Self", Self.id(1))]))
        for level in UInt32(10)..<50 {
            let next = level < 49 ? Self.id(level + 1) : Self.id(99)
            let fields = [Self.field("A", next), Self.field("B", next)]
            types.add(Self.schema("Level", level, level + 100, .structure, level < 49 ? fields : []))
        }
        types.add(
            Self.schema("Empties", 3, 4, .structure, [Self.field("All", Self.id(49), rank: 1)]))
        for (encoding, body) in [(2, ""), (110, ""), (4, "ffffff7f")] as [(UInt32, String)] {
            let bytes = try ExtensionObject(typeId: Self.id(encoding), body: .binary(ByteString(hex(body)))).binary()
            let error = #expect(throws: CodecError.self) { try ExtensionObject(binary: bytes, types: types) }
            #expect(error?.status == .badEncodingLimitsExceeded, "\(encoding)")
        }
    }

    @Test("A body that does not follow its definition is kept as bytes")
    func notFollowing() throws {
        let body = ByteString([1, 2, 3])
        let bytes = try ExtensionObject(typeId: Self.id(5029), body: .binary(body)).binary()
        #expect(try ExtensionObject(binary: bytes, types: Self.jobControl).body == .binary(body))
    }
}
