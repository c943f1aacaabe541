import UACodec
import UAModels
import UAServer

/// What a job response is made of, described so that clients can write one without knowing the standard's nodeset.
struct JobResponseTypes {
    let namespace: UInt16

    /// A job response, and the structures in it: property, parameter, equipment, state, material, personnel, physical asset.
    private static let numbers: [UInt32] = [3002, 3003, 3005, 3006, 3010, 3011, 3012, 3013]

    func add(to space: AddressSpace) throws(AddressSpace.Failure) {
        for number in Self.numbers {
            guard let schema = Model.jobControl.schema(of: number, namespace: namespace) else { continue }
            try space.addDataType(
                schema.dataType, QualifiedName(schema.name, namespace: namespace), derivedFrom: NodeId(22),
                definition: ExtensionObject(schema.definition), encodingId: schema.encodingId)
        }
    }

    /// The job order's id in a job response: which fields are there, its own id, perhaps a description, then the order's.
    static func jobOrder(_ value: Variant) -> String? {
        guard case .scalar(.extensionObject(let object)) = value, case .binary(let bytes) = object.body,
            object.typeId.identifier == .numeric(5026)
        else { return nil }
        do throws(CodecError) {
            var reader = try BinaryReader(bytes.bytes)
            let present: UInt32 = try reader.read()
            let _: String? = try reader.read()
            if present & 1 != 0 { let _: LocalizedText = try reader.read() }
            let order: String? = try reader.read()
            return order
        } catch { return nil }
    }
}
