import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// Several real servers on one real PostgreSQL and one data folder, under load: one after the other is killed, paused for
/// longer than its lease, or cut off from the database; then both sides are counted.
///
/// `ANDON_FLEET_ROUNDS` sets how often something happens (each mishap once here, more by `scripts/crash`), `ANDON_FLEET_SEED` what and when,
/// `ANDON_FLEET_SERVERS` how many there are.
@Suite("Several servers on one database", .serialized)
struct FleetTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rounds = environment["ANDON_FLEET_ROUNDS"].flatMap { Int($0) } ?? Mishap.allCases.count
    private static let seed = environment["ANDON_FLEET_SEED"].flatMap { UInt64($0) } ?? 20_261_129
    private static let count = environment["ANDON_FLEET_SERVERS"].flatMap { Int($0) } ?? 3

    @Test(
        "Whichever is killed, paused or cut off: every answered report is there once, and every order once in the CMMS")
    func campaign() async throws {
        let folder = try TemporaryFolder("andon-fleet")
        let maximo = MaximoStandIn(setup: Campaign.setup)
        maximo.faults.byChance(percent: 10, seed: Self.seed, [.dropBefore, .dropAfter])
        let standIn = try await maximo.serve()
        let fleet = try await Fleet(folder.path, maximo: standIn.address, key: maximo.setup.apiKey, count: Self.count)
        var random = SeededRandom(seed: Self.seed)
        let reports = Reports()
        var tally: [Mishap: Int] = [:]

        let load = Task { [seed = Self.seed] in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        var random = SeededRandom(seed: seed &+ UInt64(number))
                        while !Task.isCancelled {
                            guard let address = fleet.addresses.randomElement(using: &random) else { return }
                            await reports.send(to: address, atMost: random.int(1...20))
                        }
                    }
                }
            }
        }
        for round in 0..<Self.rounds {
            let mishap = Mishap.allCases[round % Mishap.allCases.count]
            tally[mishap, default: 0] += 1
            if mishap == .pausedAfterCommit {
                // In the very moment between the CMMS's commit and a server's reading its answer all of them stop but one.
                let spared = random.int(0...(Self.count - 1))
                let committed = AsyncStream.makeStream(of: Void.self)
                maximo.afterCommits(random.int(1...20)) {
                    for number in 0..<Self.count where number != spared { fleet.signal(number, SIGSTOP) }
                    committed.continuation.finish()
                }
                for await _ in committed.stream {}
                try await Task.sleep(for: Fleet.longerThanTheLease)
                for number in 0..<Self.count { fleet.signal(number, SIGCONT) }
            } else {
                try await fleet.suffer(mishap, number: random.int(0...(Self.count - 1)))
            }
            try await Task.sleep(for: .milliseconds(random.int(0...1500)))
        }
        load.cancel()
        await load.value
        try await fleet.drain()
        let counts = tally.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", ")
        await fleet.end()
        try await standIn.stop()
        try Campaign(
            name: "fleet campaign", seed: Self.seed, answeredMin: Self.rounds,
            subject: "\(Self.count) servers, \(counts), seed \(Self.seed)"
        ).count(reports.answered, maximo.records, data: fleet.reading)
        let store = try Store.reading(folder: fleet.reading, time: SystemTime())
        let (doubles, senders, late) = try store.readNow { reader in
            (
                try reader.count("SELECT COUNT(*) FROM alarm WHERE kind = 'duplicate'"),
                try reader.count("SELECT COUNT(DISTINCT owner) FROM outbox WHERE owner IS NOT NULL"),
                try reader.count(
                    """
                    SELECT COUNT(*) FROM ledger WHERE kind = 'attempt.answered'
                        AND json_extract(entry, '$.body.late') IS NOT NULL
                    """)
            )
        }
        #expect(doubles == 0, "seed \(Self.seed)")
        #expect(senders >= Self.count, "only \(senders) servers ever sent, seed \(Self.seed)")
        print("fleet campaign: \(senders) servers sent, \(late) attempts ended late")
    }
}

enum Mishap: String, CaseIterable {
    case killed
    case paused
    case pausedAfterCommit = "paused in the moment of a commit"
    case cut = "cut off for a moment"
    case parted = "cut off for longer than the lease"
    case frozen = "cut off without a word"
}

/// Servers that can be had one by one; each reaches the database by a relay of its own.
final class Fleet: Sendable {
    /// Knows the database, and has nothing else of the servers' folder.
    let reading: String
    private let data: String
    private let config: String
    private let relays: [CuttableRelay]
    private let servers: Mutex<[AndonProcess]>

    static let longerThanTheLease: Duration = .seconds(5)

    init(_ folder: String, maximo: String, key: String, count: Int) async throws {
        let (config, secret) = (folder + "/andon.yaml", folder + "/key")
        (self.config, data) = (config, folder + "/data")
        try Data(key.utf8).write(to: URL(fileURLWithPath: secret))
        let plant = Campaign.plant(
            maximo: maximo, key: secret, server: "server:\n  lease: 2s", connector: "    timeout: 1s")
        try Data(plant.utf8).write(to: URL(fileURLWithPath: config))
        let port = try TestDatabase.port()
        // The port is each server's own: its relay's.
        let address = try TestDatabase.address().replacing(":\(port)/", with: "/")
        _ = try TestDatabase.postgresFolder(data, address: address)
        var relays: [CuttableRelay] = []
        var servers: [AndonProcess] = []
        for _ in 0..<count {
            let relay = try await CuttableRelay(to: port)
            relays.append(relay)
            servers.append(try Self.start(config, data, relay))
        }
        self.relays = relays
        self.servers = Mutex(servers)
        // For the count, by no relay.
        let note = try String(contentsOfFile: "\(data)/database.json", encoding: .utf8)
        reading = folder + "/reading"
        try FileManager.default.createDirectory(atPath: reading, withIntermediateDirectories: true)
        try Data(note.replacing("@127.0.0.1/", with: "@127.0.0.1:\(port)/").utf8)
            .write(to: URL(fileURLWithPath: "\(reading)/database.json"))
    }

    private static func start(_ config: String, _ data: String, _ relay: CuttableRelay) throws -> AndonProcess {
        try AndonProcess(config: config, data: data, environment: ["PGPORT": "\(relay.port)"])
    }

    var addresses: [String] { servers.withLock { $0.map(\.address) } }

    func signal(_ number: Int, _ signal: Int32) { servers.withLock { $0[number] }.signal(signal) }

    func suffer(_ mishap: Mishap, number: Int) async throws {
        let (server, relay) = (servers.withLock { $0[number] }, relays[number])
        switch mishap {
        case .killed:
            server.kill()
            let next = try Self.start(config, data, relay)
            servers.withLock { $0[number] = next }
        case .paused, .pausedAfterCommit:
            server.signal(SIGSTOP)
            try await Task.sleep(for: Self.longerThanTheLease)
            server.signal(SIGCONT)
        case .cut: relay.cut()
        case .parted:
            relay.part()
            try await Task.sleep(for: Self.longerThanTheLease)
            relay.rejoin()
        case .frozen:
            relay.freeze()
            try await Task.sleep(for: Self.longerThanTheLease)
            relay.thaw()
        }
    }

    /// Everything that was accepted must reach the CMMS.
    func drain() async throws {
        let address = try #require(addresses.first)
        let isDone = try await eventually(within: .seconds(120)) {
            let answer = try await TestClient(address).get("/api/v1/reconciliation").json
            return answer["waiting"]?.integer == 0 && answer["queued"]?.integer == 0
        }
        #expect(isDone, "not everything was delivered in two minutes")
    }

    func end() async {
        for server in servers.withLock({ $0 }) { server.kill() }
        for relay in relays { await relay.close() }
    }
}
