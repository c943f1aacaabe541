import Foundation
import Testing
import UACodec

@testable import UAModels

@Suite("Companion specifications as tables")
struct ModelTests {
    static let namespace: UInt16 = 2

    static var types: TypeRegistry {
        var types = TypeRegistry.builtIns
        Model.standard.add(to: &types, namespace: 0)
        Model.jobControl.add(to: &types, namespace: namespace)
        return types
    }

    @Test("Every line of the tables is read, and every field has a type that is known")
    func whole() {
        let counts = [5: Model.standard, 11: .jobControl, 16: .machineVision, 4: .machineryResult]
        for (count, model) in counts {
            #expect(model.structures.count == count, "\(model.uri)")
            var types = TypeRegistry.builtIns
            Model.standard.add(to: &types, namespace: 0)
            model.add(to: &types, namespace: Self.namespace)
            for (number, structure) in model.structures {
                #expect(!structure.name.isEmpty && structure.encoding > 0)
                for field in model.schema(of: number, namespace: Self.namespace)?.definition.fields ?? [] {
                    #expect(types.kind(of: field.dataType) != nil, "\(structure.name).\(field.name ?? "")")
                }
            }
        }
        #expect(Model.jobControl.structure("ISA95JobOrderDataType")?.fields.count == 11)
        #expect(Model.machineVision.enumerations[3023] == "SystemStateDataType")
        #expect(Model.machineVision.simpleTypes[3017] == ModelType("12"))
        #expect(Model.machineryResult.structure("ResultDataType")?.layout == .structureWithSubtypedValues)
    }

    /// Written by asyncua 2.1.0; o6 2.2.0 writes the same.
    @Test("A job order and a state are the bytes that other stacks write")
    func vectors() throws {
        let order = """
            0202009613000001640000003101000005000000414e442d31010000000302000000656e0700000053637261746368010001000000000000\
            000a000000436f6e666964656e63650b0ad7a3703d0aef3f01000000020000000800000050524553532d3037080000004d61696e7461696e
            """
        let state = """
            020200a51300000121000000000000000302000000656e0e000000416c6c6f776564546f537461727402000000
            """
        for text in [order, state] {
            let bytes = hex(text)
            let object = try ExtensionObject(binary: bytes, types: Self.types)
            // Theirs has the longer form of the encoding's id, which may be written in four bytes.
            #expect(hex(try object.binary()) == hex(Array([1, 2] + bytes[3...4] + bytes[7...])))
            #expect(object.dynamic != nil)
        }
        let read = try ExtensionObject(binary: hex(order), types: Self.types).dynamic
        #expect(read?["JobOrderID"] == .builtIn(Variant("AND-1")))
        #expect(read?["Priority"] == .builtIn(Variant(Int16(1))))
        guard case .structures(let assets, _)? = read?["PhysicalAssetRequirements"],
            case .dynamic(let asset)? = assets.first
        else {
            Issue.record("no asset in \(String(describing: read))")
            return
        }
        #expect(asset["ID"] == .builtIn(Variant("PRESS-07")))
        #expect(asset["PhysicalAssetUse"] == .builtIn(Variant("Maintain")) && asset["Quantity"] == nil)
    }

    @Test(
        "What is made at random by the tables is read and written by o6 to the same bytes",
        .enabled(if: Counterpart.python != nil, Counterpart.reason))
    func counterpart() throws {
        let o6 = try Counterpart()
        var random = SeededRandom(seed: 20_261_128)
        let models = [
            "jobControl": Model.jobControl, "machineVision": .machineVision, "machineryResult": .machineryResult,
        ]
        var compared = 0
        for (name, model) in models.sorted(by: { $0.key < $1.key }) {
            var types = TypeRegistry.builtIns
            Model.standard.add(to: &types, namespace: 0)
            model.add(to: &types, namespace: Self.namespace)
            for (number, structure) in model.structures.sorted(by: { $0.key < $1.key }) {
                for _ in 0..<20 {
                    guard let schema = model.schema(of: number, namespace: Self.namespace) else { continue }
                    let value = RandomStructure.make(schema, types, &random, depth: 0)
                    let bytes = try value.binary()
                    let again = try DynamicStructure.reading(bytes, schema, types)
                    #expect(try again.binary() == bytes, "\(structure.name)")
                    // o6 has fields that may be of a subtype in place, whatever the specification says.
                    guard structure.layout != .structureWithSubtypedValues else { continue }
                    #expect(try o6.again(name, structure.name, bytes) == hex(bytes), "\(structure.name), seed 20261128")
                    compared += 1
                }
            }
        }
        #expect(compared == 20 * 30)
    }
}

extension DynamicStructure {
    static func reading(_ bytes: [UInt8], _ schema: StructureSchema, _ types: TypeRegistry) throws -> DynamicStructure {
        var reader = try BinaryReader(bytes, types: types)
        let value = try DynamicStructure(schema, from: &reader)
        try reader.finish()
        return value
    }
}
