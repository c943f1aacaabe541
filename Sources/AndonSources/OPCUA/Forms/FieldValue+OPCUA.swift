import AndonModel
import UACodec

extension FieldValue {
    /// Integers that a double does not hold exactly become texts, as identifiers among them must not lose digits.
    public init(_ variant: Variant) {
        switch variant {
        case .null: self = .null
        case .scalar(let scalar): self.init(scalar)
        case .array(let elements): self = .list((0..<elements.count).map { FieldValue(elements[$0]) })
        case .matrix(let elements, let dimensions):
            self = Self.nested((0..<elements.count).map { FieldValue(elements[$0]) }[...], dimensions[...])
        }
    }

    /// Rows of rows, in the order of the dimensions.
    private static func nested(_ values: ArraySlice<FieldValue>, _ dimensions: ArraySlice<Int32>) -> FieldValue {
        guard dimensions.count > 1, let first = dimensions.first, first > 0 else { return .list(Array(values)) }
        let size = values.count / Int(first)
        guard size > 0 else { return .list(Array(values)) }
        return .list(
            (0..<Int(first)).map { row in
                let start = values.startIndex + row * size
                return nested(values[start..<start + size], dimensions.dropFirst())
            })
    }

    private init(_ scalar: Variant.Scalar) {
        switch scalar {
        case .boolean(let value): self = .bool(value)
        case .sbyte(let value): self = .number(Double(value))
        case .byte(let value): self = .number(Double(value))
        case .int16(let value): self = .number(Double(value))
        case .uint16(let value): self = .number(Double(value))
        case .int32(let value): self = .number(Double(value))
        case .uint32(let value): self = .number(Double(value))
        case .int64(let value): self = Double(exactly: value).map { .number($0) } ?? .text(String(value))
        case .uint64(let value): self = Double(exactly: value).map { .number($0) } ?? .text(String(value))
        case .float(let value): self = Self.real(Double(String(value)) ?? Double(value))
        case .double(let value): self = Self.real(value)
        case .string(let text): self = text.map { .text($0) } ?? .null
        case .dateTime(let time): self = time.timestamp.map { .text($0.description) } ?? .null
        case .guid(let guid): self = .text("\(guid)")
        case .byteString(let bytes): self = bytes.map { .bytes($0.bytes) } ?? .null
        case .xmlElement(let element): self = element.map { .text($0.text) } ?? .null
        case .nodeId(let node): self = node.isNull ? .null : .text("\(node)")
        case .expandedNodeId(let node): self = node.nodeId.isNull ? .null : .text("\(node)")
        case .statusCode(let status): self = .text(status.name)
        case .qualifiedName(let name): self = name.name == nil ? .null : .text("\(name)")
        case .localizedText(let text): self = text.text.map { .text($0) } ?? .null
        case .extensionObject(let object): self.init(object)
        case .dataValue(let value): self = value.value.map { FieldValue($0) } ?? .null
        case .variant(let inner): self.init(inner)
        }
    }

    private static func real(_ value: Double) -> FieldValue { value.isFinite ? .number(value) : .null }

    /// A structure whose type the server did not describe stays bytes.
    public init(_ object: ExtensionObject) {
        switch object.body {
        case .none: self = .null
        case .binary(let bytes): self = .bytes(bytes.bytes)
        case .xml(let element): self = .text(element.text)
        case .structure(let structure): self.init(structure)
        }
    }

    private init(_ structure: StructureValue) {
        switch structure {
        case .dynamic(let structure): self.init(structure)
        // The standard's own structures say little of a defect; the few that stand for a number are read.
        case .known(let known):
            switch known {
            case let range as ValueRange: self = .object(["Low": .number(range.low), "High": .number(range.high)])
            default: self = .object([:])
            }
        }
    }

    public init(_ structure: DynamicStructure) {
        var members: [String: FieldValue] = [:]
        for field in structure.fields {
            switch field.value {
            case nil: continue
            case .builtIn(let variant)?: members[field.name] = FieldValue(variant)
            case .structure(let inner)?: members[field.name] = FieldValue(inner)
            case .structures(let inner, let dimensions)?:
                members[field.name] = Self.nested(inner.map { FieldValue($0) }[...], dimensions[...])
            }
        }
        self = .object(members)
    }
}

extension DateTime {
    /// Nil where there is no time.
    public var timestamp: Timestamp? { unixMicroseconds.map { Timestamp(microseconds: $0) } }

    public init(_ timestamp: Timestamp) { self.init(unixMicroseconds: timestamp.microseconds) }
}
