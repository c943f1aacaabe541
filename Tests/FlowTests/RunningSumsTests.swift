import AndonIntake
import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Sums that are carried on")
struct RunningSumsTests {
    @Test(
        "They are what counting anew says, wherever they were carried on",
        arguments: [1, 2, 3, 4, 5].map { UInt64($0) + 20_261_130 })
    func sums(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bench = try KeepingBench()
        var made = 0
        for _ in 0..<120 {
            switch random.next() % 8 {
            case 0: try await bench.store.write { try $0.carrySums() }
            case 1:
                bench.time.advance(by: Retention.day * 20)
                try await bench.sweeper.sweep()
            case 2: try await bench.deliverAll()
            default:
                made += 1
                // Some pictures come again, also after they were removed.
                let bytes = KeepingBench.png(Int(random.next() % 30))
                let label = ["order", "recorded", nil][Int(random.next() % 3)]
                try await bench.report("R-\(made)", bytes, defectClass: label)
            }
            let sum = try await bench.store.read { try $0.reconcile() }
            #expect(sum.holds, "seed \(seed): \(sum.text)")
            let running = try await bench.store.read { try $0.runningReconciliation().sum }
            #expect(running.holds && running.json == sum.json, "seed \(seed): \(running.text)")
        }
        let sums = try await bench.store.read { try $0.runningSums() }
        #expect(sums.inspections == made && sums.picturesRemoved + sums.pictures > 0, "seed \(seed)")
    }

    @Test("What was carried on within a transaction is not counted again behind it")
    func inTransaction() async throws {
        let bench = try KeepingBench()
        try await bench.report("R-1", KeepingBench.png(1), defectClass: "order")
        // Entries of the same batch stand before the head that counts them.
        try await bench.store.write { transaction in
            try transaction.record("inspection.accepted", of: "R-none", .object([:]))
            try transaction.carrySums()
        }
        let sums = try await bench.store.read { try $0.runningSums() }
        #expect(sums.accepted == 2 && sums.inspections == 1)
        #expect(try await bench.store.read { try $0.entriesBehindSums() } == 0)
        let faults = try await bench.store.read { try $0.runningReconciliation().sum.faults }
        #expect(faults == ["1 inspections, but the ledger has 2"])
    }

    @Test("One that somebody altered is named with what was counted")
    func altered() async throws {
        let bench = try KeepingBench()
        try await bench.report("R-1", KeepingBench.png(1), defectClass: nil)
        try await bench.store.write { _ = try $0.run("UPDATE running_sum SET pictures = pictures + 1") }
        let faults = try await bench.store.read { try $0.reconcile().faults }
        #expect(faults == ["2 pictures by the sum that is carried on, 1 counted anew"])
    }
}
