import Testing
import UACodec

@testable import UAClient

@Suite("Names, values and filters of a client")
struct ValueTests {
    private let namespaces = NamespaceTable(["http://opcfoundation.org/UA/", "urn:a", "urn:b"])

    @Test("A node's name with a URI gets the index of the session, and back")
    func names() throws {
        let name = try #require(ExpandedNodeId(parsing: "nsu=urn:b;s=Line;1"))
        #expect(try namespaces.nodeId(name) == NodeId("Line;1", namespace: 2))
        #expect(namespaces.portable(NodeId("Line;1", namespace: 2)) == name)
        #expect(namespaces.portable(NodeId(85)) == ExpandedNodeId(NodeId(85)))
        #expect(ExpandedNodeId(parsing: "ns=2;i=7") == ExpandedNodeId(NodeId(7, namespace: 2)))
        #expect(ExpandedNodeId(parsing: "nsu=urn:a%3Bx;i=1")?.namespaceUri == "urn:a;x")
        for text in ["", "nsu=urn:a", "nsu=urn:a;ns=2;i=1", "svr=x;i=1", "line"] {
            #expect(ExpandedNodeId(parsing: text) == nil, "\(text)")
        }
        #expect(throws: ClientError.self) { try namespaces.nodeId(ExpandedNodeId(NodeId(1), serverIndex: 1)) }
        #expect(throws: ClientError.self) { try namespaces.qualifiedName(BrowseName("x", in: "urn:c")) }
    }

    @Test("A value is converted where nothing is lost")
    func conversions() {
        #expect(Variant(Int32(7)).converted(to: .uint16, rank: -1) == Variant(UInt16(7)))
        #expect(Variant(Int32(-7)).converted(to: .uint16, rank: -1) == nil)
        #expect(Variant(Int64.max).converted(to: .double, rank: -1) == nil)
        #expect(Variant(UInt64.max).converted(to: .int64, rank: -1) == nil)
        #expect(Variant(3.0).converted(to: .int32, rank: -1) == Variant(Int32(3)))
        #expect(Variant(3.5).converted(to: .int32, rank: -1) == nil)
        #expect(Variant(Double.nan).converted(to: .int32, rank: -1) == nil)
        #expect(Variant(1e300).converted(to: .float, rank: -1) == nil)
        #expect(Variant("42").converted(to: .byte, rank: -1) == Variant(UInt8(42)))
        #expect(Variant("x").converted(to: .byte, rank: -1) == nil)
        #expect(Variant("x").converted(to: .localizedText, rank: -1) == Variant(LocalizedText("x")))
        #expect(Variant("TRUE").converted(to: .boolean, rank: -1) == Variant(true))
        #expect(Variant(Int32(1)).converted(to: .boolean, rank: -1) == nil)
        #expect(Variant(Int32(1)).converted(to: .string, rank: -1) == Variant("1"))
        #expect(Variant.null.converted(to: .string, rank: -1) == nil)
    }

    @Test("A value fits the rank of an argument, or does not")
    func ranks() {
        #expect(Variant(Int32(7)).converted(to: .double, rank: 1) == Variant([7.0]))
        #expect(Variant([Int32(7), 8]).converted(to: .double, rank: 1) == Variant([7.0, 8.0]))
        #expect(Variant([Int32(7)]).converted(to: .double, rank: -1) == nil)
        #expect(Variant([Int32(7)]).converted(to: .int32, rank: 2) == nil)
        #expect(Variant(["a", nil]).converted(to: .string, rank: 1) == Variant(["a", nil]))
        let matrix = Variant.matrix(.int32([1, 2, 3, 4]), dimensions: [2, 2])
        #expect(matrix.converted(to: .int64, rank: 2) == .matrix(.int64([1, 2, 3, 4]), dimensions: [2, 2]))
        #expect(matrix.converted(to: .int32, rank: 1) == nil)
    }

    @Test("A where clause is the standard's list of elements, in which each refers only to later ones")
    func whereClause() throws {
        let severity = EventOperand.field(EventField("Severity"))
        let query = EventQuery(
            [EventField("EventId"), EventField("Severity")],
            where: .greaterOrEqual(severity, .literal(Variant(UInt16(500)))))
        let bytes = try ExtensionObject(try query.filter(namespaces)).binary()
        // Written by asyncua 2.1.0.
        #expect(
            "\(ByteString(bytes))" == """
                0100d702017e000000020000000100f907010000000000070000004576656e7449640d000000ffffffff0100f907010000000000080000\
                0053657665726974790d000000ffffffff01000000040000000200000001005b02011e0000000100f907010000000000080000005365766\
                5726974790d000000ffffffff01005502010300000005f401
                """)
        let tree = EventQuery(
            where: .or(.not(.isNull(severity)), .and(.ofType(NodeId(2782)), .like(severity, "a%"))))
        let elements = try tree.filter(namespaces).whereClause.elements
        #expect(elements.map(\.filterOperator) == [.or, .not, .isNull, .and, .ofType, .like])
        for (place, element) in elements.enumerated() {
            for operand in element.filterOperands {
                if let reference = operand.value(as: ElementOperand.self) { #expect(reference.index > place) }
            }
        }
    }

    @Test("A where clause that is too long is refused, and so is a query of no field")
    func limits() {
        var condition = EventCondition.ofType(NodeId(2041))
        for _ in 0..<EventQuery.elementsMax { condition = .not(condition) }
        #expect(throws: ClientError.self) { try EventQuery(where: condition).filter(namespaces) }
        #expect(throws: ClientError.self) { try EventQuery([]).filter(namespaces) }
    }

    @Test("The node of a condition is asked for as the standard wants it")
    func conditionId() throws {
        let clause = try EventField.conditionId.operand(namespaces)
        #expect(clause == SimpleAttributeOperand(typeDefinitionId: NodeId(2782), attributeId: 1))
        #expect(EventField.conditionId.name == "ConditionId")
    }

    @Test("Sequence numbers go round without 0")
    func sequence() {
        var tracker = SequenceTracker(expected: UInt32.max)
        #expect(tracker.verdict(UInt32.max) == .next)
        #expect(tracker.verdict(2) == .after(missing: 2))
        #expect(tracker.verdict(UInt32.max - 1) == .old)
        tracker.advance(past: UInt32.max)
        #expect(tracker.expected == 1)
        #expect(tracker.verdict(UInt32.max) == .old)
        #expect(tracker.verdict(4) == .after(missing: 3))
    }
}
