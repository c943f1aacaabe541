import Testing
import UACodec

@testable import UAServer

@Suite("The standard's part of the address space")
struct Namespace0Tests {
    let space = Plant().space

    @Test("Every type but the roots has a supertype of its own class, and the chain ends at a root")
    func types() throws {
        let roots: Set<NodeId> = [NodeId(58), NodeId(62), NodeId(24), NodeId(31)]
        var count = 0
        for id in space.ids {
            let node = try #require(space[id])
            switch node.nodeClass {
            case .objectType, .variableType, .referenceType, .dataType: break
            default: continue
            }
            count += 1
            let chain = space.supertypes(of: id)
            #expect(roots.contains(try #require(chain.last)), "\(id) \(node.browseName)")
            for type in chain { #expect(space[type]?.nodeClass == node.nodeClass, "\(type) above \(id)") }
        }
        #expect(count > 250)
    }

    @Test("Every object and variable has one type definition of the kind that it needs, every variable a data type")
    func instances() throws {
        for id in space.ids {
            let node = try #require(space[id])
            let types = node.references.filter { $0.isForward && $0.type == ReferenceType.hasTypeDefinition }
            switch node.nodeClass {
            case .object: #expect(types.map { space[$0.target]?.nodeClass } == [.objectType], "\(id)")
            case .variable:
                #expect(types.map { space[$0.target]?.nodeClass } == [.variableType], "\(id)")
                let dataType = try #require(node.variable?.dataType)
                #expect(space[dataType]?.nodeClass == .dataType, "\(id) has the data type \(dataType)")
            default: #expect(types.isEmpty, "\(id)")
            }
        }
    }

    @Test("Every reference is there the other way round, and its type is a reference type")
    func references() throws {
        for id in space.ids {
            let node = try #require(space[id])
            #expect(Set(node.references).count == node.references.count, "\(id) has a reference twice")
            for reference in node.references {
                #expect(space[reference.type]?.nodeClass == .referenceType)
                let back = Reference(reference.type, isForward: !reference.isForward, id)
                #expect(space[reference.target]?.references.contains(back) == true, "\(id) \(reference)")
            }
        }
    }

    @Test("Every node is found from the root by going down hierarchical references")
    func reachable() throws {
        var seen: Set<NodeId> = [NodeId(84)]
        var waiting = [NodeId(84)]
        while let next = waiting.popLast() {
            for reference in try #require(space[next]).references
            where reference.isForward && space.isType(reference.type, derivedFrom: ReferenceType.hierarchical) {
                if seen.insert(reference.target).inserted { waiting.append(reference.target) }
            }
        }
        // Objects that stand for modelling rules are reached by the nodes that follow them.
        let rules: Set<NodeId> = [NodeId(78), NodeId(80), NodeId(83), NodeId(11508), NodeId(11510)]
        let lost = Set(space.ids).subtracting(seen).subtracting(rules)
        #expect(lost.isEmpty, "\(lost.map { "\($0) \(space[$0]?.browseName.description ?? "")" }.sorted())")
    }

    @Test(
        "Nodes that clients look for have their numbers and names",
        arguments: [
            (84, "Root"), (85, "Objects"), (86, "Types"), (87, "Views"), (92, "XML Schema"), (2253, "Server"),
            (2254, "ServerArray"),
            (2255, "NamespaceArray"), (2256, "ServerStatus"), (2258, "CurrentTime"), (2259, "State"),
            (2267, "ServiceLevel"), (2268, "ServerCapabilities"), (2269, "ServerProfileArray"),
            (2274, "ServerDiagnostics"), (2294, "EnabledFlag"), (2296, "ServerRedundancy"), (2994, "Auditing"),
            (11492, "GetMonitoredItems"), (12873, "ResendData"), (11704, "OperationLimits"),
            (11705, "MaxNodesPerRead"), (2041, "BaseEventType"), (2782, "ConditionType"),
            (2881, "AcknowledgeableConditionType"), (2915, "AlarmConditionType"), (10637, "OffNormalAlarmType"),
            (2787, "RefreshStartEventType"), (2788, "RefreshEndEventType"), (3035, "EventQueueOverflowEventType"),
            (3875, "ConditionRefresh"), (12912, "ConditionRefresh2"), (9111, "Acknowledge"), (9113, "Confirm"),
            (9029, "AddComment"), (2368, "AnalogItemType"), (17497, "AnalogUnitType"), (11575, "FileType"),
            (61, "FolderType"), (68, "PropertyType"), (884, "Range"), (887, "EUInformation"), (296, "Argument"),
            (2330, "HistoryServerCapabilitiesType"), (11192, "HistoryServerCapabilities"), (9006, "HasCondition"),
        ] as [(UInt32, String)])
    func known(number: UInt32, name: String) { #expect(space[NodeId(number)]?.browseName == QualifiedName(name)) }

    @Test("Events have the fields that the standard asks for, those of supertypes among them")
    func eventFields() throws {
        let event = try #require(space[NodeId(2041)])
        for name in ["EventId", "EventType", "SourceNode", "SourceName", "Time", "ReceiveTime", "Message", "Severity"] {
            #expect(space.child(QualifiedName(name), of: event) != nil, "\(name)")
        }
        #expect(space.isType(NodeId(10637), derivedFrom: NodeId(2915)))
        #expect(space.isEventType(NodeId(10637)))
        #expect(!space.isEventType(NodeId(58)))
    }

    @Test("Types that a client names and that are not there take up no memory")
    func unknownTypes() {
        let before = space.supertypes.count
        for number in UInt32(0)..<1000 { #expect(!space.isEventType(NodeId(number, namespace: 77))) }
        #expect(space.supertypes.count == before)
    }
}
