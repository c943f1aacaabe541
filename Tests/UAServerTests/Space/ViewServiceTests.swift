import Testing
import UACodec

@testable import UAServer

@Suite("Browse, BrowseNext, Translate and registration")
struct ViewServiceTests {
    let plant = Plant()

    @Test("A request of nothing, of too much or of a view fails as a whole")
    func wholeRequests() {
        #expect(plant.fault(BrowseRequest()) == .badNothingToDo)
        #expect(plant.fault(BrowseNextRequest()) == .badNothingToDo)
        #expect(plant.fault(TranslateBrowsePathsToNodeIdsRequest()) == .badNothingToDo)
        #expect(plant.fault(RegisterNodesRequest()) == .badNothingToDo)
        #expect(plant.fault(UnregisterNodesRequest()) == .badNothingToDo)
        let many = Array(repeating: BrowseDescription.all(NodeId(85)), count: 1001)
        #expect(plant.fault(BrowseRequest(nodesToBrowse: many)) == .badTooManyOperations)
        let view = ViewDescription(viewId: NodeId(87))
        #expect(plant.fault(BrowseRequest(view: view, nodesToBrowse: [.all(NodeId(85))])) == .badViewIdUnknown)
    }

    @Test("What cannot be browsed has a status of its own")
    func faults() {
        let results = plant.browse([
            .all(Plant.id("none")), .all(NodeId(85), .init(rawValue: 3)), .all(NodeId(85), .init(rawValue: -1)),
            .all(NodeId(85), .forward, NodeId(58)), .all(NodeId(85), .forward, Plant.id("none")), .all(NodeId(85)),
        ])
        #expect(
            results.map(\.statusCode) == [
                .badNodeIdUnknown, .badBrowseDirectionInvalid, .badBrowseDirectionInvalid, .badReferenceTypeIdInvalid,
                .badReferenceTypeIdInvalid, .good,
            ])
    }

    @Test("The mask says what of each reference is told, the node's id always")
    func resultMask() throws {
        let all = try #require(plant.browseAll(.all(NodeId(2253))).first { $0.nodeId.nodeId == NodeId(2256) })
        #expect(all.browseName == "ServerStatus")
        #expect(all.displayName == LocalizedText("ServerStatus"))
        #expect(all.nodeClass == .variable)
        #expect(all.typeDefinition.nodeId == NodeId(2138))
        #expect(all.referenceTypeId == ReferenceType.hasComponent)
        #expect(all.isForward)
        for mask in UInt32(0)..<64 {
            let found = plant.browseAll(.all(NodeId(2253), mask: mask)).first { $0.nodeId.nodeId == NodeId(2256) }
            var expected = ReferenceDescription(nodeId: all.nodeId)
            if mask & 1 != 0 { expected.referenceTypeId = all.referenceTypeId }
            if mask & 2 != 0 { expected.isForward = true }
            if mask & 4 != 0 { expected.nodeClass = .variable }
            if mask & 8 != 0 { expected.browseName = all.browseName }
            if mask & 16 != 0 { expected.displayName = all.displayName }
            if mask & 32 != 0 { expected.typeDefinition = all.typeDefinition }
            #expect(found == expected, "mask \(mask)")
        }
    }

    @Test("Pages of any size give what one answer gives, as a walk over the references does", arguments: 1...25)
    func pages(seed: UInt64) throws {
        var random = SpaceRandom(seed: seed)
        let ids = try grow(&random)
        for _ in 0..<20 {
            let type = random.pick([.null, NodeId(31), NodeId(33), NodeId(44), NodeId(35), NodeId(47), NodeId(40)])
            let description = BrowseDescription.all(
                random.pick(ids), random.pick([.forward, .inverse, .both]), type, subtypes: random.int(0...1) == 0,
                classes: random.pick([0, 1, 2, 4, 3, 8, 255]), mask: UInt32(random.int(0...63)))
            let expected = try walk(description)
            let whole = plant.browseAll(description)
            #expect(Set(whole.map(\.nodeId.nodeId)) == Set(expected), "seed \(seed)")
            #expect(whole.count == expected.count)
            let paged = plant.browseAll(description, most: UInt32(random.int(1...4)))
            #expect(paged == whole, "seed \(seed)")
        }
    }

    /// Objects, variables and methods below one another, and references across.
    private func grow(_ random: inout SpaceRandom) throws -> [NodeId] {
        var objects = [Plant.objects]
        var all = objects
        for number in 0..<30 {
            let name = "n\(number)"
            let parent = random.pick(objects)
            switch random.int(0...2) {
            case 0:
                try plant.space.addFolder(Plant.id(name), Plant.name(name), under: parent)
                objects.append(Plant.id(name))
            case 1: try plant.variable(name, Variant(1.0), under: parent)
            default:
                try plant.space.addMethod(Plant.id(name), Plant.name(name), under: parent, .immediate { _ in .init() })
            }
            all.append(Plant.id(name))
        }
        for _ in 0..<10 {
            try plant.space.addReference(from: random.pick(objects), ReferenceType.organizes, to: random.pick(all))
        }
        return all
    }

    /// The targets by the words of the standard, one reference after the other.
    private func walk(_ description: BrowseDescription) throws -> [NodeId] {
        try #require(plant.space[description.nodeId]).references.filter { reference in
            let isWay =
                description.browseDirection == .both || reference.isForward == (description.browseDirection == .forward)
            let chain = plant.space.supertypes(of: reference.type)
            let isType =
                description.referenceTypeId.isNull || reference.type == description.referenceTypeId
                || description.includeSubtypes && chain.contains(description.referenceTypeId)
            let kind = UInt32(plant.space[reference.target]?.nodeClass.rawValue ?? 0)
            return isWay && isType && (description.nodeClassMask == 0 || description.nodeClassMask & kind != 0)
        }.map(\.target)
    }

    // MARK: Continuation points

    @Test("A continuation point is 16 random bytes, for its session alone, and good once")
    func points() throws {
        let first = try #require(plant.browse([.all(NodeId(2253))], most: 2).first)
        let point = try #require(first.continuationPoint)
        #expect(point.bytes.count == 16)
        let owner = plant.caller
        plant.caller = Caller(session: NodeId("two", namespace: 1))
        #expect(plant.next([point]).map(\.statusCode) == [.badContinuationPointInvalid])
        plant.caller = owner
        #expect(plant.next([point]).first?.references.count == 2)
        #expect(plant.next([point]).map(\.statusCode) == [.badContinuationPointInvalid])
        for wrong in [nil, ByteString([]), ByteString([1])] {
            #expect(plant.next([wrong]).map(\.statusCode) == [.badContinuationPointInvalid])
        }
    }

    @Test("A released point is gone, and so are those of a session that ended")
    func release() throws {
        let point = try #require(plant.browse([.all(NodeId(2253))], most: 2).first?.continuationPoint)
        #expect(plant.next([point], release: true) == [BrowseResult(statusCode: .good)])
        #expect(plant.next([point]).map(\.statusCode) == [.badContinuationPointInvalid])
        let other = try #require(plant.browse([.all(NodeId(2253))], most: 2).first?.continuationPoint)
        plant.nodes.forget(session: plant.caller.session)
        #expect(plant.next([other]).map(\.statusCode) == [.badContinuationPointInvalid])
    }

    @Test("One request has no more points than the limit; those of earlier requests make way for it")
    func pointLimit() throws {
        let many = Array(repeating: BrowseDescription.all(NodeId(2253)), count: 12)
        let earlier = plant.browse(many, most: 1)
        #expect(earlier.filter { $0.statusCode == .badNoContinuationPoints }.count == 2)
        let later = try #require(plant.browse([.all(NodeId(2253))], most: 1).first)
        #expect(later.statusCode == .good)
        #expect(plant.next([earlier[0].continuationPoint]).map(\.statusCode) == [.badContinuationPointInvalid])
        #expect(plant.next([earlier[1].continuationPoint]).map(\.statusCode) == [.good])
    }

    @Test("An answer has no more references than the limit, and the rest follows")
    func referenceLimit() throws {
        var limits = ServiceLimits()
        limits.referencesPerAnswer = 30
        let plant = Plant(limits: limits)
        for number in 0..<100 { try plant.variable("v\(number)", Variant(1.0)) }
        #expect(plant.browse([.all(Plant.objects)]).first?.references.count == 30)
        #expect(plant.browseAll(.all(Plant.objects)).count == Plant().browseAll(.all(Plant.objects)).count + 100)
    }

    @Test("A node that went while it was browsed is left out of what follows")
    func removedMeanwhile() throws {
        for number in 0..<10 { try plant.variable("v\(number)", Variant(1.0), under: Plant.objects) }
        let first = try #require(plant.browse([.all(Plant.objects)], most: 3).first)
        plant.space.remove(Plant.id("v9"))
        plant.space.remove(Plant.id("v8"))
        var names = first.references.map(\.browseName)
        var point = first.continuationPoint
        while let next = point, let part = plant.next([next]).first {
            names += part.references.map(\.browseName)
            point = part.continuationPoint
        }
        #expect(names.contains(Plant.name("v7")))
        #expect(!names.contains(Plant.name("v8")) && !names.contains(Plant.name("v9")))
    }

    @Test("Nodes that a client may not see are not told of, by browsing or by a path")
    func permissions() throws {
        let id = try plant.variable("Secret", Variant(1.0))
        plant.space.permits = { permission, node, _ in node.id != id || permission != .browse }
        #expect(!plant.browseAll(.all(Plant.objects)).contains { $0.nodeId.nodeId == id })
        #expect(plant.browse([.all(id)]).first?.statusCode == .badNodeIdUnknown)
        #expect(plant.translate(Plant.objects, [.step(Plant.name("Secret"))])?.statusCode == .badNoMatch)
        #expect(plant.translate(id, [.step("x")])?.statusCode == .badNodeIdUnknown)
    }

    // MARK: Translate

    @Test("A path leads where browsing step by step leads")
    func path() throws {
        let steps = ["Server", "ServerStatus", "BuildInfo", "ProductName"].map {
            RelativePathElement.step(QualifiedName($0))
        }
        let result = try #require(plant.translate(Plant.objects, steps))
        #expect(result.statusCode == .good)
        #expect(result.targets.map(\.targetId.nodeId) == [NodeId(2261)])
        #expect(result.targets.map(\.remainingPathIndex) == [.max])
        let back = RelativePathElement(
            referenceTypeId: ReferenceType.hasComponent, isInverse: true, includeSubtypes: false,
            targetName: "ServerStatus")
        #expect(plant.translate(NodeId(2259), [back])?.targets.map(\.targetId.nodeId) == [NodeId(2256)])
    }

    @Test("A path that is none or leads nowhere has its status")
    func pathFaults() {
        func status(_ steps: [RelativePathElement]) -> StatusCode? { plant.translate(Plant.objects, steps)?.statusCode }
        #expect(status([]) == .badNothingToDo)
        #expect(status([.step("Nothing")]) == .badNoMatch)
        #expect(status([.step(QualifiedName("Server", namespace: 9))]) == .badNoMatch)
        #expect(status([.step(.null)]) == .badBrowseNameInvalid)
        #expect(status([.step("Server", NodeId(58))]) == .badReferenceTypeIdInvalid)
        #expect(status([.step("Server", ReferenceType.hasProperty)]) == .badNoMatch)
        #expect(status(Array(repeating: .step("Server"), count: 65)) == .badTooManyOperations)
    }

    @Test("Paths that go round in circles, or wide, end at a bound")
    func hostilePaths() throws {
        var limits = ServiceLimits()
        limits.pathTargets = 50
        limits.pathReferences = 5000
        let plant = Plant(limits: limits)
        let loop = try plant.space.addFolder(Plant.id("loop"), "loop", under: Plant.objects).id
        try plant.space.addReference(from: loop, ReferenceType.organizes, to: loop)
        let round = Array(repeating: RelativePathElement.step("loop"), count: 64)
        #expect(plant.translate(Plant.objects, round)?.targets.map(\.targetId.nodeId) == [loop])

        for number in 0..<60 { try plant.space.addFolder(Plant.id("w\(number)"), "wide", under: loop) }
        #expect(plant.translate(loop, [.step("wide")])?.statusCode == .badTooManyMatches)

        let paths = Array(repeating: BrowsePath(startingNode: loop, relativePath: .init(elements: round)), count: 100)
        let answer = plant.ask(TranslateBrowsePathsToNodeIdsRequest(browsePaths: paths))
        let results = try #require(answer as? TranslateBrowsePathsToNodeIdsResponse).results
        #expect(results.first?.statusCode == .good)
        #expect(results.last?.statusCode == .badTooManyOperations)
    }

    @Test("Registered nodes keep their ids")
    func registration() throws {
        let ids = [NodeId(2258), Plant.id("none")]
        let answer = plant.ask(RegisterNodesRequest(nodesToRegister: ids))
        #expect(try #require(answer as? RegisterNodesResponse).registeredNodeIds == ids)
        #expect(plant.ask(UnregisterNodesRequest(nodesToUnregister: ids)) is UnregisterNodesResponse)
    }
}
