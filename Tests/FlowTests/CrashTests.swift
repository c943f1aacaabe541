import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Synchronization
import Testing

/// Kills the real server with SIGKILL at random moments under load, and counts afterwards on both sides.
///
/// The CMMS is a stand-in for Maximo over real HTTP, in this process, so it outlives every death of the server.
/// It drops one connection in ten before it does anything and one in ten after it has committed, and it takes an
/// order twice when it is sent twice.
///
/// `ANDON_CRASH_KILLS` sets how often (100 here, more by `scripts/crash`), `ANDON_CRASH_SEED` the moments.
@Suite("The server killed at random moments", .serialized)
struct CrashTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let kills = environment["ANDON_CRASH_KILLS"].flatMap { Int($0) } ?? 100
    private static let seed = environment["ANDON_CRASH_SEED"].flatMap { UInt64($0) } ?? 20_261_124

    @Test("Every report that was answered is there, and no order, picture or note is in the CMMS twice")
    func campaign() async throws {
        let folder = try TemporaryFolder("andon-crash")
        let maximo = MaximoStandIn(setup: Campaign.setup)
        maximo.faults.byChance(percent: 20, seed: Self.seed, [.dropBefore, .dropAfter])
        let standIn = try await maximo.serve()
        let config = folder.path + "/andon.yaml"
        let key = folder.path + "/key"
        try Data(maximo.setup.apiKey.utf8).write(to: URL(fileURLWithPath: key))
        try Data(Campaign.plant(maximo: standIn.address, key: key).utf8).write(to: URL(fileURLWithPath: config))
        let data = try TestDatabase.folder(folder.path + "/data")
        var random = SeededRandom(seed: Self.seed)
        let reports = Reports()
        let time = SystemTime()
        var row = FaultRow(name: "SIGKILL at a random moment", times: Self.kills)

        for round in 0..<Self.kills {
            let start = time.uptime()
            let server = try AndonProcess(config: config, data: data)
            row.recovery.append((time.uptime() - start).seconds)
            let address = server.address
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { await reports.send(to: address) } }
                if round % 3 == 0 {
                    // In the very moment between the CMMS's commit and our reading its answer.
                    let committed = AsyncStream.makeStream(of: Void.self)
                    maximo.afterCommits(random.int(1...20)) {
                        server.kill()
                        committed.continuation.finish()
                    }
                    for await _ in committed.stream {}
                } else {
                    try? await Task.sleep(for: .milliseconds(random.int(0...250)))
                    server.kill()
                }
                await group.waitForAll()
            }
            #expect(server.wasKilled, "round \(round) of seed \(Self.seed)")
        }
        try await drain(config: config, data: data)
        try await standIn.stop()
        try Campaign(
            name: "crash campaign", seed: Self.seed, answeredMin: Self.kills / 2, subject: "\(Self.kills) kills"
        )
        .count(reports.answered, maximo.records, data: data, row: row)
    }

    /// One last start: everything that was accepted must reach the CMMS.
    private func drain(config: String, data: String) async throws {
        let server = try AndonProcess(config: config, data: data)
        let address = server.address
        for _ in 0..<15_000 {
            let answer = try await TestClient(address).get("/api/v1/reconciliation").json
            if answer["waiting"]?.integer == 0, answer["queued"]?.integer == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        server.kill()
    }
}
