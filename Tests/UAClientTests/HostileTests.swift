import Synchronization
import Testing
import UACodec
import UATransport

@testable import UAClient

@Suite("Servers that mean harm")
struct HostileTests {
    private func limit(_ error: ClientError?, sourceLocation: SourceLocation = #_sourceLocation) {
        guard case .limit? = error else { return fail("\(String(describing: error))", sourceLocation: sourceLocation) }
    }

    private func violation(_ error: ClientError?, sourceLocation: SourceLocation = #_sourceLocation) {
        guard case .violation? = error else {
            return fail("\(String(describing: error))", sourceLocation: sourceLocation)
        }
    }

    private let node = NodeId(5, namespace: 1)

    @Test("References without end come to one, and the point is given back")
    func endlessBrowse() async throws {
        let bench = Bench {
            $0.limits.references = 500
            $0.limits.continuations = 50
        }
        try await bench.client.connect()
        let page = BrowseResult(
            statusCode: .good, continuationPoint: [1],
            references: [ReferenceDescription](repeating: ReferenceDescription(), count: 100))
        bench.server.script(BrowseRequest.self) { _ in BrowseResponse(results: [page]) }
        bench.server.script(BrowseNextRequest.self) { _ in BrowseNextResponse(results: [page]) }
        limit(await #expect(throws: ClientError.self) { _ = try await bench.client.browse(NodeId(85)) })
        let next = bench.server.asked(BrowseNextRequest.self)
        #expect(next.count <= 7 && next.last?.releaseContinuationPoints == true)

        var empty = page
        empty.references = []
        let nothing = empty
        bench.server.script(BrowseNextRequest.self) { _ in BrowseNextResponse(results: [nothing]) }
        limit(await #expect(throws: ClientError.self) { _ = try await bench.client.browse(NodeId(85)) })
        #expect(bench.server.asked(BrowseNextRequest.self).count <= 60)
        await bench.client.close()
    }

    @Test("More or fewer results than operations end the connection", arguments: [0, 1, 3])
    func wrongCount(_ count: Int) async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.script(ReadRequest.self) { _ in
            ReadResponse(results: [DataValue](repeating: DataValue(), count: count))
        }
        violation(
            await #expect(throws: ClientError.self) {
                _ = try await bench.client.read([ReadItem(node), ReadItem(node)])
            })
        #expect(await bench.client.isConnected == false)
        await bench.client.close()
    }

    @Test(
        "An answer that cannot be read ends the connection",
        arguments: [StatusCode.badDecodingError, .badUnknownResponse])
    func unreadable(_ status: StatusCode) async throws {
        let bench = Bench()
        try await bench.client.connect()
        bench.server.script(WriteRequest.self) { _ throws(TransportError) in
            throw TransportError(status, "bytes", reach: .sent)
        }
        let error = await #expect(throws: ClientError.self) {
            try await bench.client.write(Variant(Int32(1)), to: node)
        }
        violation(error)
        #expect(error?.mayHaveHappened == true)
        #expect(await bench.client.isConnected == false)
        await bench.client.close()
    }

    /// A server with a value of type 100 and data types that refer to others as the test says.
    private func types(
        _ bench: Bench, base: @escaping @Sendable (UInt32) -> UInt32?,
        fields: @escaping @Sendable (UInt32) -> [UInt32]
    ) {
        @Sendable func number(_ id: NodeId) -> UInt32? {
            if id.namespace == 1, case .numeric(let number) = id.identifier { number } else { nil }
        }
        bench.server.script(ReadRequest.self) { request in
            ReadResponse(
                results: request.nodesToRead.map { read in
                    guard read.attributeId == AttributeId.dataTypeDefinition.rawValue, let type = number(read.nodeId)
                    else {
                        return DataValue(
                            Variant(ExtensionObject(typeId: NodeId(100, namespace: 1), body: .binary([0]))))
                    }
                    let definition = StructureDefinition(
                        defaultEncodingId: NodeId(type, namespace: 1), baseDataType: NodeId(22),
                        fields: fields(type).map {
                            StructureField(name: "f\($0)", dataType: NodeId($0, namespace: 1), valueRank: -1)
                        })
                    return DataValue(Variant(ExtensionObject(definition)))
                })
        }
        bench.server.script(BrowseRequest.self) { request in
            BrowseResponse(
                results: request.nodesToBrowse.map { browse in
                    var result = BrowseResult(statusCode: .good)
                    let type = number(browse.nodeId)
                    let target = browse.referenceTypeId == NodeId(45) ? type.flatMap(base) : type
                    if let target {
                        result.references = [ReferenceDescription(nodeId: ExpandedNodeId(NodeId(target, namespace: 1)))]
                    }
                    return result
                })
        }
    }

    @Test("Types that are their own fields and their own bases come to an end, and the value stays bytes")
    func cycles() async throws {
        let bench = Bench()
        try await bench.client.connect()
        types(bench, base: { $0 == 100 ? 101 : 100 }, fields: { [$0 == 100 ? 101 : 100, $0] })
        let value = try await bench.client.readValue(node)
        guard case .binary? = value.value?.value(as: ExtensionObject.self)?.body else { return fail("\(value)") }
        #expect(bench.server.asked(BrowseRequest.self).count < 12)
        await bench.client.close()
    }

    @Test("Types without end are a limit: the value stays bytes, and they are not tried again")
    func endlessTypes() async throws {
        let bench = Bench { $0.limits.dataTypes = 200 }
        try await bench.client.connect()
        types(bench, base: { $0 + 1 }, fields: { [2 * $0, 2 * $0 + 1] })
        for _ in 0..<3 {
            let value = try await bench.client.readValue(node)
            guard case .binary? = value.value?.value(as: ExtensionObject.self)?.body else { return fail("\(value)") }
        }
        #expect(bench.server.asked(ReadRequest.self).count < 40)
        await bench.client.close()
    }

    @Test("A long line of bases is a limit")
    func deepTypes() async throws {
        let bench = Bench()
        try await bench.client.connect()
        types(bench, base: { $0 + 1 }, fields: { _ in [] })
        limit(
            await #expect(throws: ClientError.self) {
                _ = try await bench.client.loadTypes([NodeId(100, namespace: 1)])
            })
        #expect(bench.server.asked(ReadRequest.self).count < 60)
        await bench.client.close()
    }

    @Test("Too many namespaces are a limit, and no session is kept")
    func namespaces() async throws {
        let bench = Bench()
        bench.server.state.withLock { $0.namespaces = (0..<5000).map { "urn:\($0)" } }
        limit(await #expect(throws: ClientError.self) { try await bench.client.connect() })
        #expect(await bench.client.isConnected == false)
    }

    @Test("Endpoints in the session that discovery did not have are taken for a downgrade")
    func downgrade() async throws {
        let bench = Bench()
        bench.server.script(CreateSessionRequest.self) { _ in
            CreateSessionResponse(
                sessionId: NodeId(1), authenticationToken: NodeId(1, namespace: 9), revisedSessionTimeout: 1000,
                serverEndpoints: [EndpointDescription(securityMode: .signAndEncrypt, securityPolicyUri: "strong")])
        }
        let error = await #expect(throws: ClientError.self) { try await bench.client.connect() }
        guard case .insecure? = error else { return fail("\(String(describing: error))") }
        #expect(bench.server.asked(ActivateSessionRequest.self).isEmpty)
    }

    @Test(
        "A session whose time-out is no number is kept alive all the same", arguments: [Double.nan, .infinity, -1, 0])
    func timeout(_ value: Double) async throws {
        let bench = Bench()
        bench.server.script(CreateSessionRequest.self) { _ in
            let token = NodeId(1, namespace: 9)
            let endpoints = bench.server.state.withLock { state in
                state.sessions.insert(token)
                return state.endpoints
            }
            return CreateSessionResponse(
                sessionId: token, authenticationToken: token, revisedSessionTimeout: value, serverEndpoints: endpoints)
        }
        try await bench.client.connect()
        #expect(await until { !bench.time.waits.isEmpty })
        #expect(bench.time.waits[0] >= .milliseconds(300) && bench.time.waits[0] <= .seconds(10))
        await bench.client.close()
    }

    @Test("A file without end is a limit, and is closed")
    func endlessFile() async throws {
        let bench = Bench { $0.limits.fileBytes = 3 << 18 }
        try await bench.client.connect()
        bench.server.script(TranslateBrowsePathsToNodeIdsRequest.self) { request in
            let target = BrowsePathTarget(targetId: ExpandedNodeId(NodeId(9, namespace: 1)), remainingPathIndex: .max)
            return TranslateBrowsePathsToNodeIdsResponse(
                results: request.browsePaths.map { _ in BrowsePathResult(statusCode: .good, targets: [target]) })
        }
        bench.server.script(CallRequest.self) { request in
            let arguments = request.methodsToCall[0].inputArguments
            var result = CallMethodResult(statusCode: .good)
            if arguments.count == 2, let length = arguments[1].value(as: Int32.self) {
                result.outputArguments = [Variant(ByteString([UInt8](repeating: 7, count: Int(length))))]
            } else {
                result.outputArguments = [Variant(UInt32(1))]
            }
            return CallResponse(results: [result])
        }
        limit(await #expect(throws: ClientError.self) { _ = try await bench.client.readFile(node) })
        let calls = bench.server.asked(CallRequest.self)
        #expect(calls.count == 6 && calls.last?.methodsToCall[0].inputArguments == [Variant(UInt32(1))])
        await bench.client.close()
    }

    @Test("A history without end is a limit, whether by points or by full pages", arguments: [true, false])
    func endlessHistory(_ givesPoints: Bool) async throws {
        let bench = Bench {
            $0.limits.historyValues = 1000
            $0.limits.continuations = 100
        }
        try await bench.client.connect()
        let ticks = Mutex<Int64>(1)
        bench.server.script(HistoryReadRequest.self) { _ in
            let first = ticks.withLock { ticks in
                defer { ticks += 100 }
                return ticks
            }
            let values = (0..<100).map { DataValue(Variant(1.0), sourceTimestamp: DateTime(ticks: first + $0)) }
            return HistoryReadResponse(results: [
                HistoryReadResult(
                    statusCode: .good, continuationPoint: givesPoints ? [1] : nil,
                    historyData: ExtensionObject(HistoryData(dataValues: values)))
            ])
        }
        limit(
            await #expect(throws: ClientError.self) {
                _ = try await bench.client.readHistory(
                    of: node, from: DateTime(ticks: 1), to: .latest, pageSize: 100)
            })
        #expect(bench.server.asked(HistoryReadRequest.self).count <= 12)
        await bench.client.close()
    }

    @Test("Notifications for items and subscriptions that nobody has are passed over")
    func strangeNotifications() async throws {
        let bench = Bench()
        var iterator = try await bench.subscribed()
        bench.server.publish(1, subscription: 77)
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(
            .success(PublishResponse(subscriptionId: 1, notificationMessage: FakeServer.message(1, item: 99, 5))))
        _ = await until { bench.server.waiting == 2 }
        bench.server.publish(2)
        guard case .notification(let message)? = try await iterator.next() else { return fail("no message") }
        #expect(message.sequenceNumber == 2)
        await bench.client.close()
    }

    @Test("A gap of millions of messages is told, and not asked for one by one")
    func hugeGap() async throws {
        let bench = Bench { $0.limits.republished = 5 }
        var iterator = try await bench.subscribed()
        bench.server.publish(1_000_000)
        guard case .gap(let gap)? = try await iterator.next() else { return fail("no gap") }
        #expect(gap.reason == .messages(count: 999_999))
        #expect(bench.server.asked(RepublishRequest.self).count == 5)
        await bench.client.close()
    }

    @Test("Errors hold no control characters, and not much text")
    func words() {
        let long = "\u{1B}[31m\u{202E}" + String(repeating: "x", count: 10_000)
        let words = "\(ClientError(TransportError(.badInternalError, long, reach: .refused)))"
        #expect(!words.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E } && words.count < 400)
    }
}
