import UACodec

/// A value in which bodies of ExtensionObjects may have stayed bytes, as their type was not known when they came.
protocol HoldsBodies: Sendable {
    func collectUnknown(_ found: inout Set<NodeId>)

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits)
}

extension ExtensionObject: HoldsBodies {
    func collectUnknown(_ found: inout Set<NodeId>) {
        switch body {
        case .binary: if !typeId.isNull { found.insert(typeId) }
        case .structure(.dynamic(let structure)): structure.collectUnknown(&found)
        case .none, .xml, .structure(.known): break
        }
    }

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits) {
        var unknown: Set<NodeId> = []
        collectUnknown(&unknown)
        // Written and read again, it is read as the registry now says; where that fails, it stays as it is.
        guard !unknown.isEmpty, let bytes = try? binary(limits: limits),
            let again = try? ExtensionObject(binary: bytes, limits: limits, types: types)
        else { return }
        self = again
    }
}

extension DynamicStructure {
    fileprivate func collectUnknown(_ found: inout Set<NodeId>) {
        for field in fields {
            switch field.value {
            case .builtIn(let variant): variant.collectUnknown(&found)
            case .structure(.dynamic(let structure)): structure.collectUnknown(&found)
            case .structures(let structures, _):
                for case .dynamic(let structure) in structures { structure.collectUnknown(&found) }
            case .structure(.known), nil: break
            }
        }
    }
}

extension Variant: HoldsBodies {
    func collectUnknown(_ found: inout Set<NodeId>) {
        switch self {
        case .scalar(.extensionObject(let object)): object.collectUnknown(&found)
        case .scalar(.dataValue(let value)): value.collectUnknown(&found)
        case .scalar(.variant(let variant)): variant.collectUnknown(&found)
        case .array(.extensionObject(let objects)), .matrix(.extensionObject(let objects), _):
            for object in objects { object.collectUnknown(&found) }
        case .array(.variant(let variants)), .matrix(.variant(let variants), _):
            for variant in variants { variant.collectUnknown(&found) }
        case .array(.dataValue(let values)), .matrix(.dataValue(let values), _):
            for value in values { value.collectUnknown(&found) }
        case .null, .scalar, .array, .matrix: break
        }
    }

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits) {
        var unknown: Set<NodeId> = []
        collectUnknown(&unknown)
        guard !unknown.isEmpty, let bytes = try? binary(limits: limits),
            let again = try? Variant(binary: bytes, limits: limits, types: types)
        else { return }
        self = again
    }
}

extension DataValue: HoldsBodies {
    func collectUnknown(_ found: inout Set<NodeId>) { value?.collectUnknown(&found) }

    mutating func readBodies(_ types: TypeRegistry, _ limits: CodecLimits) { value?.readBodies(types, limits) }
}
