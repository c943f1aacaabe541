import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@Suite("Folding the log into the database")
struct FoldingTests {
    @Test("A checkpoint does not wait for a write that is under way, and a write does not wait for it")
    func beside() async throws {
        let folder = try TemporaryFolder("andon-folding")
        let store = try Store(
            folder: try TestDatabase.folder(folder.path), time: TestTime(), random: SeededSource(seed: 1))
        let (begun, isFolded) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let write: Bool = store.write { transaction in
            _ = try transaction.record("test.written", of: "test", ["n": 1])
            begun.signal()
            // Where the checkpoint waits for this write, this waits for nothing.
            return isFolded.wait(timeout: .now() + 60) == .success
        }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                begun.wait()
                continuation.resume()
            }
        }
        await store.checkpoint()
        isFolded.signal()
        #expect(try await write)
        try store.close()
    }

    @Test(
        "What a checkpoint has folded is in the database itself",
        .disabled(if: TestDatabase.isPostgres, "PostgreSQL folds its log by itself"))
    func folded() async throws {
        let folder = try TemporaryFolder("andon-folding")
        let store = try Store(
            folder: try TestDatabase.folder(folder.path), time: TestTime(), random: SeededSource(seed: 1))
        func size() throws -> Int {
            let file = folder.path + "/andon.sqlite"
            return try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        }
        await store.checkpoint()
        let before = try size()
        for n in 0..<200 {
            try await store.write {
                _ = try $0.record(
                    "test.written", of: "test/\(n)", ["text": .string(String(repeating: "x", count: 500))])
            }
        }
        #expect(try size() == before)
        await store.checkpoint()
        #expect(try size() > before)
        try store.close()
    }
}
