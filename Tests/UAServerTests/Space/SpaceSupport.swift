import UACodec

@testable import UAServer

/// Random numbers that a seed repeats (SplitMix64, Steele and others 2014).
struct SpaceRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }
}

/// An address space with its services, asked without sessions and connections.
final class Plant {
    static let time = DateTime(unixMicroseconds: 1_795_428_000_000_000)
    static let objects = NodeId(85)

    let space: AddressSpace
    let nodes: SpaceNodes
    var caller = Caller(session: NodeId("one", namespace: 1))

    init(limits: ServiceLimits = ServiceLimits(), seed: UInt64 = 1) {
        space = AddressSpace(applicationUri: "urn:test:plant") { Plant.time }
        var random = SpaceRandom(seed: seed)
        nodes = SpaceNodes(space, limits: limits) { count in
            (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
    }

    static func id(_ text: String) -> NodeId { NodeId(text, namespace: 1) }

    static func name(_ text: String) -> QualifiedName { QualifiedName(text, namespace: 1) }

    @discardableResult
    func variable(
        _ name: String, _ value: Variant?, dataType: UInt32 = 11, rank: Int32 = -1, under parent: NodeId = objects
    ) throws -> NodeId {
        try space.addVariable(
            Self.id(name), Self.name(name), under: parent, dataType: NodeId(dataType), valueRank: rank, value: value
        ).id
    }

    /// A variable that takes whatever fits.
    func writable(_ name: String, _ value: Variant, dataType: UInt32, rank: Int32 = -1) throws -> NodeId {
        let id = try variable(name, value, dataType: dataType, rank: rank)
        try space.allowWriting(id) { _, _ in .good }
        return id
    }

    // MARK: Requests

    func ask(_ request: any ServiceRequest) -> (any ServiceResponse)? {
        var answer: (any ServiceResponse)?
        return nodes.answer(request, to: caller) { answer = $0 } ? answer : nil
    }

    func fault(_ request: any ServiceRequest) -> StatusCode? {
        (ask(request) as? ServiceFault)?.responseHeader.serviceResult
    }

    func read(
        _ node: NodeId, _ attribute: AttributeId = .value, range: String? = nil, encoding: QualifiedName = .null,
        timestamps: TimestampsToReturn = .both
    ) -> DataValue? {
        let item = ReadValueId(
            nodeId: node, attributeId: attribute.rawValue, indexRange: range, dataEncoding: encoding)
        return (ask(ReadRequest(timestampsToReturn: timestamps, nodesToRead: [item])) as? ReadResponse)?.results.first
    }

    func write(_ node: NodeId, _ value: DataValue, _ attribute: AttributeId = .value, range: String? = nil)
        -> StatusCode?
    {
        let item = WriteValue(nodeId: node, attributeId: attribute.rawValue, indexRange: range, value: value)
        return (ask(WriteRequest(nodesToWrite: [item])) as? WriteResponse)?.results.first
    }

    func write(_ node: NodeId, _ value: Variant, range: String? = nil) -> StatusCode? {
        write(node, DataValue(value), range: range)
    }

    func browse(_ descriptions: [BrowseDescription], most: UInt32 = 0) -> [BrowseResult] {
        let request = BrowseRequest(requestedMaxReferencesPerNode: most, nodesToBrowse: descriptions)
        return (ask(request) as? BrowseResponse)?.results ?? []
    }

    func next(_ points: [ByteString?], release: Bool = false) -> [BrowseResult] {
        let request = BrowseNextRequest(releaseContinuationPoints: release, continuationPoints: points)
        return (ask(request) as? BrowseNextResponse)?.results ?? []
    }

    /// All references, page after page.
    func browseAll(_ description: BrowseDescription, most: UInt32 = 0) -> [ReferenceDescription] {
        var found: [ReferenceDescription] = []
        var result = browse([description], most: most).first
        while let part = result {
            found += part.references
            result = part.continuationPoint.flatMap { next([$0]).first }
        }
        return found
    }

    func translate(_ start: NodeId, _ steps: [RelativePathElement]) -> BrowsePathResult? {
        let path = BrowsePath(startingNode: start, relativePath: RelativePath(elements: steps))
        let answer = ask(TranslateBrowsePathsToNodeIdsRequest(browsePaths: [path]))
        return (answer as? TranslateBrowsePathsToNodeIdsResponse)?.results.first
    }
}

extension BrowseDescription {
    static func all(
        _ node: NodeId, _ direction: BrowseDirection = .forward, _ type: NodeId = .null, subtypes: Bool = true,
        classes: UInt32 = 0, mask: UInt32 = 63
    ) -> BrowseDescription {
        BrowseDescription(
            nodeId: node, browseDirection: direction, referenceTypeId: type, includeSubtypes: subtypes,
            nodeClassMask: classes, resultMask: mask)
    }
}

extension RelativePathElement {
    static func step(_ name: QualifiedName, _ type: NodeId = ReferenceType.hierarchical) -> RelativePathElement {
        RelativePathElement(referenceTypeId: type, isInverse: false, includeSubtypes: true, targetName: name)
    }
}
