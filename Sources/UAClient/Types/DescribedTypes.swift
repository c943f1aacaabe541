import UACodec

/// Data types as a server describes them, on their way into a ``TypeRegistry``.
struct DescribedTypes: Sendable {
    struct Entry: Sendable {
        var id: NodeId
        var name: String
        var structure: StructureDefinition?
        var isEnumeration: Bool
        /// The supertype.
        var base: NodeId?
        /// The node of the encoding "Default Binary".
        var encoding: NodeId?
    }

    private var entries: [NodeId: Entry] = [:]

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var keys: some Sequence<NodeId> { entries.keys }

    func contains(_ id: NodeId) -> Bool { entries[id] != nil }

    mutating func add(_ entry: Entry) { entries[entry.id] = entry }

    /// All types that the described ones are made of or derive from.
    var named: [NodeId] {
        var all: Set<NodeId> = []
        for entry in entries.values {
            if let base = entry.base { all.insert(base) }
            all.formUnion(entry.structure?.fields.map(\.dataType) ?? [])
        }
        return all.filter { !$0.isNull }
    }

    /// Puts them into a registry, a base before what derives from it.
    mutating func register(in registry: inout TypeRegistry) {
        var done: Set<NodeId> = []
        for id in entries.keys.sorted(by: { "\($0)" < "\($1)" }) { register(id, &done, &registry) }
    }

    /// Goes up to the first base that is known, then down again; a circle of bases ends where it began.
    private mutating func register(_ id: NodeId, _ done: inout Set<NodeId>, _ registry: inout TypeRegistry) {
        var line: [Entry] = []
        var next: NodeId? = id
        while let current = next, let entry = entries[current], done.insert(current).inserted {
            line.append(entry)
            next = entry.base
        }
        for entry in line.reversed() { add(entry, to: &registry) }
    }

    private mutating func add(_ entry: Entry, to registry: inout TypeRegistry) {
        if entry.isEnumeration {
            registry.add(enumeration: entry.id)
        } else if var definition = entry.structure {
            if definition.defaultEncodingId.isNull { definition.defaultEncodingId = entry.encoding ?? entry.id }
            inherit(&definition, entry.base, registry)
            entries[entry.id]?.structure = definition
            registry.add(StructureSchema(dataType: entry.id, name: entry.name, definition: definition))
        } else if let base = entry.base {
            // A simple type is what its base is. A structure without a definition is abstract, and what is sent for it
            // travels with its own type.
            if case .structure? = registry.kind(of: base) {
                registry.add(entry.id, like: NodeId(22))
            } else if case .schema? = registry.kind(of: base) {
                registry.add(entry.id, like: NodeId(22))
            } else {
                registry.add(entry.id, like: base)
            }
        }
    }

    /// A definition should hold the fields of its base too, before its own (Part 3, 8.48). Where a server leaves them out,
    /// they are put there.
    private func inherit(_ definition: inout StructureDefinition, _ base: NodeId?, _ registry: TypeRegistry) {
        guard let base, case .schema(let schema) = registry.kind(of: base) else { return }
        let inherited = schema.definition.fields
        guard !inherited.isEmpty,
            ![.union, .unionWithSubtypedValues].contains(definition.structureType)
        else { return }
        let isWhole =
            definition.fields.count >= inherited.count
            && zip(definition.fields, inherited).allSatisfy { $0.name == $1.name }
        if !isWhole { definition.fields = inherited + definition.fields }
    }
}
