import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@Suite("A PostgreSQL that is cut off")
struct DatabaseAwayTests {
    /// The same report each time that it is asked for by its id.
    private static func report(_ id: String, _ harness: Harness) async throws -> Accepted {
        try await harness.accept.accept(
            Inspection(
                id: id, detectedAt: Timestamp(microseconds: 1_760_000_000_000_000), camera: "CAM-01",
                asset: "A-\(id.utf8.count & 1)\(id.last ?? "0")",
                defects: [Defect(defectClass: "scratch", confidence: 0.9, severity: .score(0.5))]), picture: nil)
    }

    private static func outcome(_ id: String, _ harness: Harness) async -> Result<Accepted, any Error> {
        do { return .success(try await report(id, harness)) } catch { return .failure(error) }
    }

    @Test(
        "What was answered is there once, what was refused left nothing, and all goes on without a restart",
        arguments: 1...3)
    func cut(seed: Int) async throws {
        let relay = try await CuttableRelay(to: try TestDatabase.port())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-away-\(UUID().uuidString)")
        let harness = try await Harness(
            folder: try TestDatabase.postgresFolder(folder.path, address: TestDatabase.address(port: relay.port)))
        var random = SeededRandom(seed: UInt64(seed))
        var (answered, refused): ([String], [String]) = ([], [])
        for round in 0..<15 {
            let pause = random.int(0...20)
            await withTaskGroup(of: (String, Result<Accepted, any Error>).self) { group in
                for number in 0..<12 {
                    let id = "r-\(round)-\(number)"
                    group.addTask { (id, await Self.outcome(id, harness)) }
                }
                group.addTask {
                    try? await harness.store.time.sleep(for: .milliseconds(pause))
                    relay.cut()
                    return ("", .failure(CancellationError()))
                }
                for await (id, outcome) in group where !id.isEmpty {
                    switch outcome {
                    case .success: answered.append(id)
                    case .failure(let error):
                        refused.append(id)
                        guard case StoreError.unreachable = error else {
                            Issue.record("\(error), seed \(seed)")
                            continue
                        }
                    }
                }
            }
        }
        print("away: \(answered.count) answered, \(refused.count) refused, seed \(seed)")
        #expect(!refused.isEmpty && !answered.isEmpty && harness.store.failure == nil)
        for id in answered { #expect(try await Self.report(id, harness).isRepeated, "\(id)") }
        for id in refused { #expect(try await !Self.report(id, harness).isRepeated, "\(id)") }
        try await harness.until("everything is in the CMMS") {
            try $0.count("SELECT COUNT(*) FROM outbox WHERE state NOT IN ('done', 'dead')") == 0
        }
        let orders = try await harness.store.read { try $0.count("SELECT COUNT(*) FROM work_order") }
        #expect(harness.cmms.kept.orders.count == orders)
        try await harness.end()
        await relay.close()
    }

    @Test("While a commit's answer is awaited from a database that is away, what came behind it is refused at once")
    func inDoubt() async throws {
        let database = try RealPostgres()
        let relay = try await CuttableRelay(to: database.port)
        let folder = try TemporaryFolder("andon-doubt")
        try StoreDatabase.postgres(address: database.address(port: relay.port), schema: "andon").note(in: folder.path)
        let store = try Store(folder: folder.path, time: SystemTime())
        try database.holdCommits(into: "andon.alarm")
        let first = Task { try await store.write { try $0.alarm("test", subject: "first", "in doubt") } }
        #expect(try await eventually { try database.isCommitting() })
        relay.part()
        let error = await #expect(throws: StoreError.self) {
            try await store.write { try $0.alarm("test", subject: "second", "behind it") }
        }
        #expect(error?.passes == true, "\(error.map { "\($0)" } ?? "")")
        #expect(store.shortage?.refused == 1 && store.failure == nil)
        relay.rejoin()
        try database.letCommit()
        try await first.value
        try await store.write { try $0.alarm("test", subject: "third", "afterwards") }
        let kept = try await store.read { reader in
            try reader.rows("SELECT subject FROM alarm ORDER BY id").map { $0["subject"] as String }
        }
        #expect(kept == ["first", "third"])
        try store.close()
        await relay.close()
    }

    @Test("A connection that was cut while nobody used it costs no request")
    func idle() async throws {
        let relay = try await CuttableRelay(to: try TestDatabase.port())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-idle-\(UUID().uuidString)")
        let harness = try await Harness(
            folder: try TestDatabase.postgresFolder(folder.path, address: TestDatabase.address(port: relay.port)))
        for round in 0..<5 {
            #expect(try await !Self.report("i-\(round)", harness).isRepeated)
            await relay.cutNow()
        }
        try await harness.end()
        await relay.close()
    }
}
