import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Several servers with one object storage")
struct ObjectRaceTests {
    @Test(
        "While servers take the same bytes in, refuse them and remove them, no kept picture is without its object",
        arguments: [1, 2, 3] as [UInt64])
    func race(seed: UInt64) async throws {
        let objects = MemoryObjects(seed: seed)
        let time = TestTime()
        let first = try ObjectBench(objects, time: time)
        let servers = [first, try ObjectBench(objects, store: first.store, time: time)]
        let sweeping = Task {
            var turn = 0
            while !Task.isCancelled {
                time.advance(by: Retention.day * 91)
                try await servers[turn % 2].sweeper.sweep()
                if turn % 5 == 4 { _ = try await first.vault.removeOrphans(olderThan: .seconds(-1), isTrial: false) }
                turn += 1
            }
        }
        var removals = 0
        try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<6 {
                group.addTask {
                    let server = servers[lane % 2]
                    var refused = 0
                    for number in 0..<40 {
                        let bytes = KeepingBench.png(number % 3)
                        // Each tenth report is one that its id is taken by another of, and is refused.
                        let id = number % 10 == 9 ? "taken" : "\(lane)-\(number)"
                        do {
                            try await server.report(id, bytes, defectClass: number % 10 == 9 ? "l\(lane)" : "dust")
                        } catch let problem as Problem where problem.status == 409 { refused += 1 }
                    }
                    return refused
                }
            }
            for try await refused in group { removals += refused }
        }
        sweeping.cancel()
        _ = try? await sweeping.value
        #expect(removals > 0)
        try await first.vault.clear()
        let findings = try await first.audit()
        #expect(findings.isWhole, "seed \(seed): \(findings.missing) \(findings.altered)")
        // A last look for what nobody keeps leaves exactly what is kept.
        _ = try await first.vault.removeOrphans(olderThan: .seconds(-1), isTrial: false)
        let kept = try await first.store.read { try $0.keptByDigest(after: "", limit: 1000) }
        #expect(
            objects.names == Set(kept.map { "\(ObjectName(sha256: $0.picture.sha256, generation: $0.generation))" }),
            "seed \(seed)")
        for server in servers { #expect(try server.incoming().isEmpty) }
        #expect(try await first.store.read { try $0.verifyLedger() }.isWhole)
    }

    @Test("A deletion that was sent before the same bytes came again takes nothing of the new ones")
    func lateDeletion() async throws {
        let objects = MemoryObjects(seed: 7)
        let time = TestTime()
        let bench = try ObjectBench(objects, time: time)
        let bytes = KeepingBench.png(1)
        let picture = try #require(try await bench.report("r-1", bytes).inspection.picture)
        // Due: the generation ends in a transaction, and then the process is paused before it deletes.
        time.advance(by: Retention.day * 91)
        try await bench.store.write {
            let leaving = try $0.removePictures([picture], for: .retention, KeepingBench.retention)
            try $0.retireObjects(leaving.map(\.picture.sha256))
        }
        let due = try await bench.store.read { try $0.retiredObjects(limit: 10) }
        #expect(due.map(\.sha256) == [picture] && due.map(\.generations) == [0..<1])
        try await bench.report("r-2", bytes)
        // It goes on, and deletes what it was about to.
        try await objects.delete(ObjectName(sha256: picture, generation: 0))
        try await bench.store.write { try $0.cleared(due) }
        #expect(objects.names == ["\(ObjectName(sha256: picture, generation: 1))"])
        #expect(try await bench.audit().isWhole)
    }

    @Test("A report whose picture is retired between its upload and its commit is answered with its bytes in place")
    func retiredMeanwhile() async throws {
        let objects = MemoryObjects(seed: 8)
        let bench = try ObjectBench(objects)
        let (lease, picture) = try await bench.begin(KeepingBench.png(1))
        try await bench.store.write { try $0.retireObjects([picture.sha256]) }
        try await bench.vault.clear()
        #expect(objects.names.isEmpty)
        _ = try await bench.end("r-1", lease, picture)
        #expect(objects.names == ["\(ObjectName(sha256: picture.sha256, generation: 1))"])
        #expect(try await bench.audit().isWhole)
    }
}
