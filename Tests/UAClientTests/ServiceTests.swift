import NIOPosix
import Testing
import UACodec
import UASecurity

@testable import UAClient

@Suite("Services of other makers' servers", .enabled(if: Counterpart.python != nil, Counterpart.reason))
struct ServiceTests {
    private func with<Value: Sendable>(
        _ kind: Counterpart = .asyncua, limits: ClientLimits = ClientLimits(),
        _ body: (UAClient) async throws -> Value
    ) async throws -> Value {
        let pki = try await PKI.shared.value
        let server = try await SharedServers.shared.server(kind)
        var configuration = pki.configuration(port: server.port, .strongest(atLeast: .signAndEncrypt))
        configuration.limits = limits
        return try await withClient(configuration, body)
    }

    private func node(_ name: String) -> ExpandedNodeId { Counterpart.asyncua.node(name) }

    @Test("Discovery finds the server and its endpoints", arguments: Counterpart.allCases)
    func discovery(_ kind: Counterpart) async throws {
        let server = try await SharedServers.shared.server(kind)
        let address = ServerAddress(host: "127.0.0.1", port: server.port)
        let group = MultiThreadedEventLoopGroup.singleton
        let servers = try await Discovery.servers(at: address, group: group)
        #expect(servers.contains { $0.applicationUri == "urn:test:server" })
        let endpoints = try await Discovery.endpoints(at: address, group: group)
        #expect(endpoints.count >= 7)
    }

    @Test(
        "Attributes are read, and a node that is not there has a bad status in its place",
        arguments: Counterpart.allCases)
    func attributes(_ kind: Counterpart) async throws {
        try await with(kind) { client in
            let values = try await client.read([
                ReadItem(kind.node("Text"), .browseName), ReadItem(kind.node("Nowhere")), ReadItem(NodeId(2258)),
            ])
            #expect(values[0].value?.value(as: QualifiedName.self)?.name == "Text")
            #expect(values[1].effectiveStatus.code == .badNodeIdUnknown)
            #expect(values[2].value?.value(as: DateTime.self) != nil)
            await #expect(throws: ClientError.self) {
                _ = try await client.readAttribute(.browseName, of: kind.node("Nowhere"))
            }
        }
    }

    @Test("A namespace that the server does not have is missed before anything is sent")
    func namespace() async throws {
        try await with { client in
            let error = await #expect(throws: ClientError.self) {
                _ = try await client.readValue(ExpandedNodeId(.string("x"), in: "urn:nowhere"))
            }
            #expect(error?.mayHaveHappened == false)
        }
    }

    @Test("Text with markup comes as it is, and writing what is read-only is refused")
    func writing() async throws {
        try await with { client in
            try await client.write(Variant("<b>markup</b>"), to: node("Text"))
            #expect(try await client.readValue(node("Text")).value == Variant("<b>markup</b>"))
            let statuses = try await client.write([
                WriteItem(node("Temperature"), DataValue(Variant(30.5))),
                WriteItem(node("Temperature"), DataValue(Variant("warm"))),
                WriteItem(node("Many.0"), DataValue(Variant(Int64(1)))),
            ])
            #expect(statuses[0].isGood && statuses[1].isBad && statuses[2].isBad)
        }
    }

    @Test("A long list is read in as many requests as the limit wants", arguments: [1, 7, 120, 1000])
    func splitting(_ operations: Int) async throws {
        var limits = ClientLimits()
        limits.operations = operations
        try await with(limits: limits) { client in
            let values = try await client.read((0..<120).map { ReadItem(node("Many.\($0)")) })
            #expect(values.map { $0.value?.integer } == (0..<120).map { Int64($0) })
        }
    }

    @Test("All references are found, however many answers they take", arguments: Counterpart.allCases)
    func browsing(_ kind: Counterpart) async throws {
        try await with(kind) { client in
            let objects = try await client.browse(NodeId(85))
            #expect(objects.contains { $0.browseName.name == "Server" })
            let line = try await client.translate([BrowseName("Line", in: kind.namespace)], from: NodeId(85))
            let named = try await client.nodeId(kind.node("Line"))
            #expect(line == named)
            await #expect(throws: ClientError.self) { _ = try await client.translate(["Nowhere"], from: NodeId(85)) }
            let registered = try await client.register([kind.node("Number"), NodeId(2258)])
            #expect(registered.count == 2)
            try await client.unregister([kind.node("Number"), NodeId(2258)])
        }
        guard kind == .asyncua else { return }
        try await with { client in
            let references = try await client.browse(node("Many"))
            #expect(references.count == 120)
        }
    }

    @Test("A browse beyond the limit ends with an error")
    func browseLimit() async throws {
        var limits = ClientLimits()
        limits.references = 50
        try await with(limits: limits) { client in
            let error = await #expect(throws: ClientError.self) { _ = try await client.browse(node("Many")) }
            guard case .limit? = error else { return fail("\(String(describing: error))") }
        }
    }

    @Test("A method is called with arguments by name, converted to its types")
    func calling() async throws {
        try await with { client in
            let scale = try await client.method(
                BrowseName("Scale", in: Counterpart.asyncua.namespace), of: node("Line"))
            #expect(scale.inputs.map(\.name) == ["Factor", "Values", "Name"])
            let (status, outputs) = try await client.call(
                scale, ["Values": Variant([Int32(1), 2]), "Name": Variant(Int16(7)), "Factor": Variant("2.5")])
            #expect(status.isGood)
            #expect(outputs == ["Scaled": Variant([2.5, 5.0]), "Shout": Variant("7!")])

            await #expect(throws: ClientError.self) { _ = try await client.call(scale, ["Factor": Variant(1.0)]) }
            await #expect(throws: ClientError.self) {
                _ = try await client.call(
                    scale, ["Values": Variant([1.0]), "Name": Variant("a"), "Factor": Variant("much")])
            }
            let nothing = try await client.method(
                BrowseName("Nothing", in: Counterpart.asyncua.namespace), of: node("Line"))
            #expect(try await client.call(nothing, [:]).outputs.isEmpty)
        }
    }

    @Test("A method of open62541 is called by its path")
    func callingO6() async throws {
        try await with(.o6) { client in
            let kind = Counterpart.o6
            let scale = try await client.method(BrowseName("Scale", in: kind.namespace), of: kind.node("Line"))
            let outputs = try await client.call(scale, ["Factor": Variant(Int32(4)), "Name": Variant("x")]).outputs
            #expect(outputs == ["Doubled": Variant(8.0)])
        }
    }

    @Test("A call whose answer does not come in time may have happened")
    func slowCall() async throws {
        try await with { client in
            let error = await #expect(throws: ClientError.self) {
                _ = try await client.call(
                    node("Slow"), on: node("Line"), [Variant(1.0)], timeout: .milliseconds(100))
            }
            guard case .unanswered(.badTimeout, _)? = error else { return fail("\(String(describing: error))") }
            #expect(error?.mayHaveHappened == true)
            // The late answer harms nobody.
            let time = try await client.readValue(NodeId(2258))
            #expect(time.effectiveStatus.isGood)
            #expect(await client.isConnected)
        }
    }

    @Test("A structure is read by the definition that its server gives")
    func structures() async throws {
        try await with { client in
            let value = try #require(try await client.readValue(node("Defect")).value?.value(as: ExtensionObject.self))
            let defect = try #require(value.dynamic)
            #expect(defect["Name"] == .builtIn(Variant("scratch")))
            #expect(defect["Note"] == .builtIn(Variant("deep")))
            #expect(defect["Count"] == nil)
            guard case .structure(.dynamic(let place))? = defect["Place"],
                case .structures(let outline, _)? = defect["Outline"]
            else { return fail("\(defect)") }
            #expect(place["X"] == .builtIn(Variant(1.5)) && outline.count == 2)
            #expect(try await client.readValue(node("Shade")).value == Variant(Int32(2)))
            let kinds = try await client.loadTypes([NodeId(12)])
            guard case .builtIn(.string)? = kinds[0] else { return fail("\(kinds)") }
        }
    }

    @Test("Structures of the Machine Vision model are read from open62541")
    func machineVision() async throws {
        try await with(.o6) { client in
            let kind = Counterpart.o6
            let values = try await client.read([ReadItem(kind.node("Result")), ReadItem(kind.node("Part"))])
            let result = try #require(values[0].value?.value(as: ExtensionObject.self)?.dynamic)
            #expect(result.name == "ResultIdDataType" && result["id"] == .builtIn(Variant("r-1")))
            let part = try #require(values[1].value?.value(as: ExtensionObject.self)?.dynamic)
            #expect(
                part["id"] == .builtIn(Variant("p-1"))
                    && part["description"] == .builtIn(Variant(LocalizedText("left door"))))
        }
    }

    @Test("Who reads while another still loads the types waits for them, and gets no bytes")
    func concurrentTypes() async throws {
        for _ in 0..<5 {
            try await with(.o6) { client in
                let names = (0..<16).map { $0.isMultiple(of: 2) ? "Result" : "Part" }
                let read = await withTaskGroup(of: Bool.self) { group in
                    for name in names {
                        group.addTask {
                            let value = try? await client.readValue(Counterpart.o6.node(name)).value
                            return value?.value(as: ExtensionObject.self)?.dynamic != nil
                        }
                    }
                    return await group.reduce(into: [Bool]()) { $0.append($1) }
                }
                #expect(read == names.map { _ in true })
            }
        }
    }

    @Test("History is read in pages to its end")
    func history() async throws {
        // This server has pages of 10 of its own, and gives no continuation point where a client wants fewer.
        try await with { client in
            let start = DateTime(unixMicroseconds: 1_767_225_600_000_000)
            let end = DateTime(unixMicroseconds: 1_767_225_600_000_000 + 60_000_000)
            for pageSize: UInt32 in [0, 5, 7, 100] {
                let values = try await client.readHistory(
                    of: node("History"), from: start, to: end, pageSize: pageSize)
                #expect(values.compactMap { $0.value?.number } == (1...25).map { Double($0) }, "\(pageSize)")
            }
        }
    }

    @Test("A file is read in pieces and closed, also where it is too long")
    func files() async throws {
        try await with { client in
            let picture = (0..<2000).flatMap { _ in (0...255).map { UInt8($0) } }
            #expect(try await client.readFile(node("Picture")) == picture)
            let error = await #expect(throws: ClientError.self) {
                _ = try await client.readFile(node("Picture"), bytesMax: 1000)
            }
            guard case .limit? = error else { return fail("\(String(describing: error))") }
            let opened = try await client.call(node("Opened"), on: node("Line"))
            #expect(opened.outputs == [Variant(Int32(0))])
        }
    }
}
