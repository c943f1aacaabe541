import Testing
import UACodec

/// Bytes that other implementations wrote, read and written again (Part 6, 5.2).
@Suite("Encoding vectors")
struct VectorTests {
    /// The bytes are the value's, and the value is the bytes'.
    private func both<Value: BinaryCodable & Equatable>(
        _ value: Value, _ text: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try hex(value.binary()) == hex(hex(text)), sourceLocation: location)
        #expect(try Value(binary: hex(text)) == value, sourceLocation: location)
    }

    /// 2026-11-23T10:00:00Z.
    private static let time = DateTime(ticks: 0x01DD_7B31_66D7_9000)

    @Test("Numbers and strings")
    func simple() throws {
        try both(Int32(-2), "feffffff")
        try both(Float(-6.5), "0000d0c0")
        try both(1.0 / 3, "555555555555d53f")
        try both(true, "01")
        #expect(try Bool(binary: [7]))
        try both(nil as String?, "ffffffff")
        try both("" as String?, "00000000")
        try both("水Boy" as String?, "06000000e6b0b4426f79")
        #expect(try String?(binary: hex("feffffff")) == nil, "any negative length is null")
    }

    @Test("Times and GUIDs")
    func times() throws {
        try both(Self.time, "0090d766317bdd01")
        #expect(Self.time.description == "2026-11-23T10:00:00.0000000Z")
        #expect(DateTime(unixMicroseconds: 1_795_428_000_000_000) == Self.time)
        #expect(Self.time.unixMicroseconds == 1_795_428_000_000_000)
        let guid = try #require(Guid("72962B91-FA75-4AE6-8D28-B404DC7DAF63"))
        try both(guid, "912b967275fae64a8d28b404dc7daf63")
        #expect(guid.description == "72962b91-fa75-4ae6-8d28-b404dc7daf63")
    }

    @Test("Node ids, in bytes and in text")
    func nodeIds() throws {
        let vectors: [(String, String)] = [
            ("i=72", "0048"), ("i=2253", "0100cd08"), ("ns=5;i=1025", "01050104"), ("i=70000", "02000070110100"),
            ("ns=300;i=5014", "022c0196130000"), ("ns=1;s=Hot水", "03010006000000486f74e6b0b4"),
            ("ns=2;b=AQI=", "050200020000000102"),
            ("ns=4;g=72962b91-fa75-4ae6-8d28-b404dc7daf63", "040400912b967275fae64a8d28b404dc7daf63"),
        ]
        for (text, bytes) in vectors {
            let id = try #require(NodeId(text))
            try both(id, bytes)
            #expect(id.description == text)
        }
        #expect(try NodeId(binary: hex("02020096130000")) == NodeId(5014, namespace: 2), "a longer form than needed")
        for text in ["", "i=", "i=-1", "i=4294967296", "ns=65536;i=1", "ns=1", "g=1", "b=A", "b=A===", "x=1"] {
            #expect(NodeId(text) == nil, "\(text)")
        }
        try both(
            ExpandedNodeId(NodeId("a", namespace: 0), namespaceUri: "urn:x", serverIndex: 3),
            "c3000001000000610500000075726e3a7803000000")
    }

    @Test("Names and texts")
    func names() throws {
        try both(QualifiedName("Temp", namespace: 2), "02000400000054656d70")
        try both(LocalizedText("Kratzer"), "02070000004b7261747a6572")
        try both(LocalizedText("Kratzer", locale: "de"), "03020000006465070000004b7261747a6572")
        try both(LocalizedText.null, "00")
    }

    @Test("Variants")
    func variants() throws {
        try both(Variant.null, "00")
        try both(Variant(Int32(7)), "0607000000")
        try both(Variant("ab"), "0c020000006162")
        try both(Variant([Int32(1), 2]), "86020000000100000002000000")
        try both(Variant([String?]()), "8c00000000")
        try both(
            Variant.matrix(.int32([1, 2, 3, 4, 5, 6]), dimensions: [2, 3]),
            "c606000000010000000200000003000000040000000500000006000000020000000200000003000000")
        try both(Variant([Variant(UInt8(1)), Variant("x")]), "980200000003010c0100000078")
    }

    @Test("Data values and diagnostics: the wire's order is not the mask's")
    func order() throws {
        try both(DataValue(Variant(1.5), status: .good), "030b000000000000f83f00000000")
        try both(
            DataValue(
                Variant(1.5), status: .badNoCommunication, sourceTimestamp: Self.time, serverTimestamp: Self.time),
            "0f0b000000000000f83f000031800090d766317bdd010090d766317bdd01")
        try both(
            DataValue(
                sourceTimestamp: Self.time, sourcePicoseconds: 1, serverTimestamp: Self.time, serverPicoseconds: 2),
            "3c0090d766317bdd0101000090d766317bdd010200")
        try both(
            DiagnosticInfo(
                symbolicId: 1, locale: 2, localizedText: 3, additionalInfo: "x", innerStatusCode: .badUnexpectedError,
                innerDiagnosticInfo: DiagnosticInfo(namespaceUri: 4)),
            "7d0100000002000000030000000100000078000001800204000000")
    }

    @Test("Extension objects and requests")
    func structures() throws {
        try both(ExtensionObject.null, "000000")
        try both(
            ExtensionObject(AnonymousIdentityToken(policyId: "anonymous")),
            "01004101010d00000009000000616e6f6e796d6f7573")
        let header = RequestHeader(
            authenticationToken: NodeId(1000), timestamp: Self.time, requestHandle: 1, timeoutHint: 10_000)
        try both(header, "0100e8030090d766317bdd010100000000000000ffffffff10270000000000")
        let read = ReadRequest(
            requestHeader: header, timestampsToReturn: .both,
            nodesToRead: [ReadValueId(nodeId: NodeId(2258), attributeId: 13)])
        let bytes = hex(
            """
            010077020100e8030090d766317bdd010100000000000000ffffffff10270000000000000000000000000002000000010000000100d2
            080d000000ffffffff0000ffffffff
            """)
        #expect(try hex(ServiceMessage.bytes(of: read)) == hex(bytes))
        #expect(try ServiceMessage.decode(bytes) as? ReadRequest == read)
        try both(
            ResponseHeader(timestamp: Self.time, requestHandle: 1), "0090d766317bdd0101000000000000000000000000000000")
    }

    @Test("An event filter within an extension object, three levels down")
    func eventFilter() throws {
        func operand(_ name: String) -> SimpleAttributeOperand {
            SimpleAttributeOperand(typeDefinitionId: NodeId(2041), browsePath: [QualifiedName(name)], attributeId: 13)
        }
        let comparison = ContentFilterElement(
            filterOperator: .greaterThanOrEqual,
            filterOperands: [
                ExtensionObject(operand("Severity")), ExtensionObject(LiteralOperand(value: Variant(UInt16(500)))),
            ])
        let filter = EventFilter(
            selectClauses: [operand("EventId"), operand("Severity")], whereClause: ContentFilter(elements: [comparison])
        )
        try both(
            ExtensionObject(filter),
            """
            0100d702017e000000020000000100f907010000000000070000004576656e7449640d000000ffffffff0100f907010000000000080000
            0053657665726974790d000000ffffffff01000000040000000200000001005b02011e0000000100f90701000000000008000000536576
            65726974790d000000ffffffff01005502010300000005f401
            """)
        let again = try ExtensionObject(binary: ExtensionObject(filter).binary())
        #expect(again.value(as: EventFilter.self)?.whereClause.elements.first == comparison)
    }
}
