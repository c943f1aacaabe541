// The OPC UA stack at the work that peers.py does with asyncua and o6: one session, no protection, loopback.
//
//   opcua-benchmark serve PORT VARIABLES MS     prints READY; every MS all variables get a new value, 0 for never
//   opcua-benchmark read URL SECONDS BATCH      Reads of BATCH nodes, 16 under way at once: requests a second
//   opcua-benchmark read-apart URL SECONDS BATCH    the same, asked from threads that are not the client's
//   opcua-benchmark watch URL SECONDS ITEMS     one subscription: notifications a second
import Foundation
import NIOPosix
import UAClient
import UACodec
import UASecurity
import UAServer
import UATransport

let namespace = "urn:bench"
/// Requests of one session that are under way.
let atOnce = 16

func serve(port: Int, count: Int, period: Double) async throws {
    let clock: @Sendable () -> DateTime = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return DateTime(unixMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("opcua-benchmark-\(UUID().uuidString)")
    let own = try ApplicationInstance.make(
        UASecurity.ApplicationDescription(applicationURI: "urn:bench:server", name: "bench"),
        key: try RSAPrivateKey(bits: 2048))
    var configuration = ServerCoreConfiguration(
        applicationUri: "urn:bench:server", productUri: "", applicationName: "bench",
        endpointUrl: "opc.tcp://127.0.0.1", endpoints: [.init(.none, .none)], tokens: [.anonymous])
    configuration.subscriptions.itemsInAll = 100_000
    let listener = ListenerConfiguration(
        security: [(.none, .none)], own: own, trust: try TrustList(folder: folder), now: clock)
    let server = try await UAServer(
        configuration, listener, group: MultiThreadedEventLoopGroup.singleton,
        authenticate: { _, _ in UserIdentity(name: "") }, report: { _ in })
    let ids = (0..<count).map { NodeId("V\($0)", namespace: 2) }
    try await server.update { space, _ in
        let index = try space.addNamespace(namespace)
        for id in ids {
            try space.addVariable(
                id, QualifiedName("\(id)", namespace: index), under: NodeId(85), by: ReferenceType.organizes,
                dataType: NodeId(11), value: Variant(0.0))
        }
    }
    try await server.start(host: "127.0.0.1", port: port)
    FileHandle.standardOutput.write(Data("READY\n".utf8))
    var turn = 0.0
    while period == 0 { try await Task.sleep(for: .seconds(3600)) }
    while true {
        let started = ContinuousClock.now
        turn += 1
        let value = turn
        await server.update { space, _ in
            space.setValues(ids.lazy.map { ($0, Variant(value)) }, at: clock())
        }
        try await Task.sleep(until: started + .milliseconds(period))
    }
}

func connected(_ url: String) async throws -> (UAClient, UInt16) {
    var configuration = ClientConfiguration(address: try ServerAddress(url), security: .none)
    configuration.requestTimeout = .seconds(60)
    let client = UAClient(configuration, group: MultiThreadedEventLoopGroup.singleton)
    try await client.connect()
    return (client, await client.namespaces.index(of: namespace) ?? 1)
}

/// Asks on the client's own thread, as asyncua's and o6's callers do.
actor Reader {
    private let client: UAClient
    private let items: [ReadItem]
    nonisolated var unownedExecutor: UnownedSerialExecutor { client.unownedExecutor }

    init(_ client: UAClient, _ items: [ReadItem]) {
        self.client = client
        self.items = items
    }

    func run(until end: ContinuousClock.Instant) async throws -> Int {
        try await reads(client, items, until: end)
    }
}

/// Reads one after the other until then, wherever the caller runs.
nonisolated(nonsending) func reads(
    _ client: UAClient, _ items: [ReadItem], until end: ContinuousClock.Instant
) async throws -> Int {
    var done = 0
    while ContinuousClock.now < end {
        let values = try await client.read(items)
        precondition(values.count == items.count && values.allSatisfy { !$0.effectiveStatus.isBad })
        done += 1
    }
    return done
}

func read(url: String, seconds: Double, batch: Int, apart: Bool) async throws -> Double {
    let (client, index) = try await connected(url)
    let items = (0..<batch).map { ReadItem(NodeId("V\($0)", namespace: index)) }
    let reader = Reader(client, items)
    let started = ContinuousClock.now
    let end = started + .seconds(seconds)
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<atOnce {
            group.addTask {
                if apart { try await reads(client, items, until: end) } else { try await reader.run(until: end) }
            }
        }
        return try await group.reduce(0, +)
    }
    let rate = Double(done) / ((ContinuousClock.now - started) / .seconds(1))
    await client.close()
    return rate
}

func watch(url: String, seconds: Double, items: Int) async throws -> Double {
    let (client, index) = try await connected(url)
    let subscription = try await client.subscribe(SubscriptionOptions(publishingInterval: .milliseconds(10)))
    let wanted = (0..<items).map {
        MonitoredItem(NodeId("V\($0)", namespace: index), samplingInterval: .zero, queueSize: 10)
    }
    _ = try await subscription.add(wanted)
    var (count, begun): (Int, ContinuousClock.Instant?) = (0, nil)
    let first = ContinuousClock.now
    for try await element in subscription {
        guard case .notification(let notification) = element else { continue }
        if begun == nil, ContinuousClock.now - first > Duration.milliseconds(500) { begun = .now }
        guard let begun else { continue }
        count += notification.changes.count
        let took: Duration = ContinuousClock.now - begun
        if took > Duration.seconds(seconds) {
            await client.close()
            let length: Double = took / Duration.seconds(1)
            return Double(count) / length
        }
    }
    return 0
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let first = Double(arguments[3]), let second = Double(arguments[4]) else {
    print("usage: opcua-benchmark serve PORT VARIABLES MS | read[-apart] URL SECONDS BATCH | watch URL SECONDS ITEMS")
    exit(64)
}
switch arguments[1] {
case "serve": try await serve(port: Int(arguments[2]) ?? 4840, count: Int(first), period: second)
case "read": print(try await read(url: arguments[2], seconds: first, batch: Int(second), apart: false))
case "read-apart": print(try await read(url: arguments[2], seconds: first, batch: Int(second), apart: true))
default: print(try await watch(url: arguments[2], seconds: first, items: Int(second)))
}
