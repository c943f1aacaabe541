import Dispatch
import Synchronization
import UACodec
import UASecurity
import UAServer
import UATransport

/// What a client of an OPC UA server can ask for once it has a session (Part 4, 5).
extension FuzzTarget {
    static let opcuaServer = [opcuaServerRequests]

    /// Requests one after the other, each with its length in two bytes before it; a length of 0xFFFF lets time pass.
    private static let opcuaServerRequests = FuzzTarget(
        "opcua-server-requests",
        seeds: {
            let stand = try FuzzStand()
            return try FuzzStand.seeds(token: stand.token).map { requests in
                requests.flatMap { [UInt8($0.count & 255), UInt8($0.count >> 8)] + $0 } + [0xFF, 0xFF]
            }
        },
        check: { input in
            let stand = try FuzzStand()
            var rest = input[...]
            var asked = 0
            while rest.count >= 2, asked < 64, !stand.client.isClosed {
                let length = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
                rest = rest.dropFirst(2)
                asked += 1
                guard length < 0xFFFF else {
                    stand.pass(100)
                    continue
                }
                stand.core.received(Array(rest.prefix(length)), requestId: UInt32(asked), from: stand.client)
                rest = rest.dropFirst(length)
            }
            try promise(stand.client.answered.values.allSatisfy { $0 == 1 }, "a request was answered twice")
            stand.core.closed(stand.client)
            stand.pass(24 * 3_600_000)
            try promise(stand.core.sessionCount == 0, "a session outlives its client")
        })
}

/// A server with one client that has a session, on a clock that the fuzzer moves.
private final class FuzzStand {
    final class Client: ServerConnection {
        let channelId: UInt32 = 1
        let peer = ChannelPeer(address: "192.0.2.1")
        let waitingBytes = 0
        var isClosed = false
        var answered: [UInt32: Int] = [:]
        var last: (any ServiceResponse)?

        func send(_ response: some ServiceResponse, requestId: UInt32) {
            answered[requestId, default: 0] += 1
            last = response
        }

        func trust() {}
        func close(_ reason: StatusCode?) { isClosed = true }
    }

    private struct AtOnce: Worker {
        func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value, then: @escaping (Value) -> Void) {
            let result = Box<Value>()
            let done = DispatchSemaphore(value: 0)
            Task.detached {
                result.put(await work())
                done.signal()
            }
            done.wait()
            if let value = result.value { then(value) }
        }
    }

    private final class Box<Value: Sendable>: Sendable {
        private let held = Mutex<Value?>(nil)
        var value: Value? { held.withLock { $0 } }
        func put(_ value: Value) { held.withLock { $0 = value } }
    }

    let core: ServerCore
    let client = Client()
    private(set) var token = NodeId.null
    private var now: Int64 = 1000
    private var seed: UInt64 = 1

    init() throws {
        var clock: () -> Int64 = { 0 }
        var random: (Int) -> [UInt8] = { _ in [] }
        let time = { DateTime(unixMicroseconds: 1_795_428_000_000_000) }
        let space = AddressSpace(applicationUri: "urn:fuzz", time: time)
        try space.addVariable(
            NodeId("Row", namespace: 1), QualifiedName("Row", namespace: 1), under: NodeId(85),
            by: ReferenceType.organizes, dataType: NodeId(11), valueRank: 1, value: Variant([1.0, 2.0, 3.0]))
        try space.allowWriting(NodeId("Row", namespace: 1)) { _, _ in .good }
        var configuration = ServerCoreConfiguration(
            applicationUri: "urn:fuzz", productUri: "", applicationName: "fuzz", endpointUrl: "opc.tcp://h:4840",
            endpoints: [.init(.none, .none)], tokens: [.anonymous])
        configuration.subscriptions.publishingIntervalMin = 10
        core = ServerCore(
            configuration, space: space, own: nil, users: nil,
            environment: ServerEnvironment(now: { clock() }, time: time, random: { random($0) }, worker: AtOnce()),
            authenticate: { _, _ in UserIdentity(name: "fuzz") })
        clock = { [unowned self] in self.now }
        random = { [unowned self] count in self.bytes(count) }
        core.opened(client)
        core.received(
            try ServiceMessage.bytes(
                of: CreateSessionRequest(
                    clientDescription: UACodec.ApplicationDescription(applicationUri: "urn:c"),
                    clientNonce: ByteString([UInt8](repeating: 1, count: 32)), requestedSessionTimeout: 60_000)),
            requestId: 1_000_000, from: client)
        token = (client.last as? CreateSessionResponse)?.authenticationToken ?? .null
        core.received(
            try ServiceMessage.bytes(
                of: ActivateSessionRequest(requestHeader: RequestHeader(authenticationToken: token))),
            requestId: 1_000_001, from: client)
        core.add(
            AlarmDefinition(
                nodeId: NodeId("Alarm", namespace: 1), name: "Hot", source: NodeId(2253), sourceName: "Server"))
        core.setAlarm(NodeId("Alarm", namespace: 1), AlarmState(isActive: true, message: "hot"))
    }

    private func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: seed >> 33)
        }
    }

    /// Lets time pass, with what falls due on the way.
    func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        var steps = 0
        while let next = core.nextDeadline, next <= end, steps < 10_000 {
            now = max(now + 1, next)
            core.advance(now: now)
            steps += 1
        }
        now = max(now, end)
        core.advance(now: now)
    }

    static func seeds(token: NodeId) throws -> [[[UInt8]]] {
        let header = RequestHeader(authenticationToken: token, requestHandle: 1, timeoutHint: 1000)
        let row = NodeId("Row", namespace: 1)
        func bytes(_ request: some ServiceRequest) throws -> [UInt8] {
            var request = request
            request.requestHeader = header
            return try ServiceMessage.bytes(of: request)
        }
        let read = ReadRequest(
            timestampsToReturn: .both,
            nodesToRead: [
                ReadValueId(nodeId: row, attributeId: 13, indexRange: "0:1"),
                ReadValueId(nodeId: NodeId(2256), attributeId: 13),
            ])
        let write = WriteRequest(nodesToWrite: [
            WriteValue(nodeId: row, attributeId: 13, indexRange: "1", value: DataValue(Variant([7.0])))
        ])
        let browse = BrowseRequest(
            requestedMaxReferencesPerNode: 2,
            nodesToBrowse: [BrowseDescription(nodeId: NodeId(2253), includeSubtypes: true, resultMask: 63)])
        let translate = TranslateBrowsePathsToNodeIdsRequest(browsePaths: [
            BrowsePath(
                startingNode: NodeId(84),
                relativePath: RelativePath(elements: [RelativePathElement(includeSubtypes: true, targetName: "Objects")]
                ))
        ])
        let subscribe = CreateSubscriptionRequest(
            requestedPublishingInterval: 10, requestedLifetimeCount: 30, requestedMaxKeepAliveCount: 3,
            maxNotificationsPerPublish: 2, publishingEnabled: true)
        let filter = EventFilter(
            selectClauses: [
                SimpleAttributeOperand(typeDefinitionId: NodeId(2041), browsePath: ["Message"], attributeId: 13)
            ],
            whereClause: ContentFilter(elements: [
                ContentFilterElement(
                    filterOperator: .ofType,
                    filterOperands: [ExtensionObject(LiteralOperand(value: Variant(NodeId(2041))))])
            ]))
        let call = CallRequest(methodsToCall: [
            CallMethodRequest(objectId: NodeId(2253), methodId: NodeId(11492), inputArguments: [Variant(UInt32(1))])
        ])
        let stand = try FuzzStand()
        stand.core.received(try bytes(subscribe), requestId: 1, from: stand.client)
        let id = (stand.client.last as? CreateSubscriptionResponse)?.subscriptionId ?? 1
        let items = CreateMonitoredItemsRequest(
            subscriptionId: id, timestampsToReturn: .both,
            itemsToCreate: [
                MonitoredItemCreateRequest(
                    itemToMonitor: ReadValueId(nodeId: row, attributeId: 13), monitoringMode: .reporting,
                    requestedParameters: MonitoringParameters(clientHandle: 1, queueSize: 3)),
                MonitoredItemCreateRequest(
                    itemToMonitor: ReadValueId(nodeId: NodeId(2253), attributeId: 12), monitoringMode: .reporting,
                    requestedParameters: MonitoringParameters(
                        clientHandle: 2, filter: ExtensionObject(filter), queueSize: 3)),
            ])
        let refresh = CallRequest(methodsToCall: [
            CallMethodRequest(objectId: NodeId(2782), methodId: NodeId(3875), inputArguments: [Variant(id)])
        ])
        let publish = PublishRequest(subscriptionAcknowledgements: [
            SubscriptionAcknowledgement(subscriptionId: id, sequenceNumber: 1)
        ])
        let republish = RepublishRequest(subscriptionId: id, retransmitSequenceNumber: 1)
        return [
            [try bytes(read), try bytes(write)], [try bytes(browse), try bytes(translate)], [try bytes(call)],
            [
                try bytes(subscribe), try bytes(items), try bytes(publish), try bytes(write), try bytes(refresh),
                try bytes(publish), try bytes(republish),
            ],
        ]
    }
}
