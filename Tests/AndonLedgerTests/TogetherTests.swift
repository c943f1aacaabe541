import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import AndonLedger

@Suite("Writes that share one transaction")
struct TogetherTests {
    private struct Refusal: Error {}

    /// How often each write was run.
    private final class Runs: Sendable {
        private let counts = Mutex<[Int: Int]>([:])

        func add(_ number: Int) { counts.withLock { $0[number, default: 0] += 1 } }
        var all: [Int: Int] { counts.withLock { $0 } }
    }

    /// Runs `body` while the writer is held up, until `count` writes wait behind it: they share one transaction.
    private static func together<Value: Sendable>(
        _ count: Int, in store: Store, _ body: () async -> Value
    ) async throws -> Value {
        let isHeld = DispatchSemaphore(value: 0)
        async let held: Void = store.write { [store] _ in
            isHeld.signal()
            while store.waitingCount < count { Thread.sleep(forTimeInterval: 0.001) }
        }
        await Task.detached { Self.wait(isHeld) }.value
        let value = await body()
        try await held
        return value
    }

    private static func wait(_ semaphore: DispatchSemaphore) { semaphore.wait() }

    private static func withStore(_ body: (Store) async throws -> Void) async throws {
        let folder = try TemporaryFolder("andon-together")
        let store = try Store(folder: try TestDatabase.folder(folder.path + "/data"), time: SystemTime())
        try await body(store)
        #expect(try store.readNow { try $0.verifyLedger().isWhole }, "the ledger is whole")
        try store.close()
    }

    private static func subjects(_ store: Store) throws -> [String] {
        try store.readNow { reader in try reader.ledgerEntries(from: 0, limit: 100).map(\.subject) }
    }

    @Test("One that fails behind what it wrote takes nothing with it, and leaves nothing", .timeLimit(.minutes(10)))
    func failing() async throws {
        try await Self.withStore { store in
            let runs = Runs()
            let done = try await Self.together(5, in: store) {
                await withTaskGroup(of: Int?.self) { group in
                    for number in 0..<5 {
                        group.addTask {
                            try? await store.write { transaction in
                                runs.add(number)
                                _ = try transaction.record("test", of: "write \(number)", [:])
                                if number == 2 { throw Refusal() }
                                return number
                            }
                        }
                    }
                    return await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
                }
            }
            #expect(done == [0, 1, 3, 4])
            let kept = try Self.subjects(store)
            #expect(kept.sorted() == [0, 1, 3, 4].map { "write \($0)" }, "each once: \(kept)")
            #expect(runs.all.values.allSatisfy { $0 <= 2 }, "\(runs.all)")
        }
    }

    @Test("One that fails before it writes has the others run once", .timeLimit(.minutes(10)))
    func refusing() async throws {
        try await Self.withStore { store in
            let runs = Runs()
            try await Self.together(3, in: store) {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<3 {
                        group.addTask {
                            _ = try? await store.write { transaction in
                                runs.add(number)
                                if number == 1 { throw Refusal() }
                                _ = try transaction.record("test", of: "write \(number)", [:])
                            }
                        }
                    }
                }
            }
            #expect(runs.all == [0: 1, 1: 1, 2: 1])
            #expect(try Self.subjects(store).sorted() == ["write 0", "write 2"])
        }
    }

    @Test("A statement that is refused late is its own write's error, and nobody else's", .timeLimit(.minutes(10)))
    func late() async throws {
        try await Self.withStore { store in
            _ = try await store.write { try $0.run("INSERT INTO part_counter (asset, parts) VALUES ('taken', 1)") }
            let done = try await Self.together(3, in: store) {
                await withTaskGroup(of: Int?.self) { group in
                    for number in 0..<3 {
                        group.addTask {
                            try? await store.write { transaction in
                                // Over a network it goes along with a later statement, of another write.
                                try transaction.post(
                                    "INSERT INTO part_counter (asset, parts) VALUES (?, 1)",
                                    [number == 1 ? "taken" : "asset \(number)"])
                                return number
                            }
                        }
                    }
                    return await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
                }
            }
            #expect(done == [0, 2])
            let assets = try store.readNow { try $0.rows("SELECT asset FROM part_counter ORDER BY asset") }
            #expect(assets.map { $0["asset"] as String } == ["asset 0", "asset 2", "taken"])
        }
    }

    @Test("Who reads the ledger in a transaction sees what others recorded before in it", .timeLimit(.minutes(10)))
    func entries() async throws {
        try await Self.withStore { store in
            let seen = try await store.write { transaction in
                let index = try transaction.record("order.acknowledged", of: "A", [:])
                #expect(index == 0 && transaction.waiting.count == 1, "it waits, and has its place")
                let next = try transaction.record("test", of: "B", [:])
                #expect(next == 1 && transaction.waiting.isEmpty)
                return try transaction.reader.ledgerEntries(of: "A").count
            }
            #expect(seen == 1)
        }
    }

    @Test("The edge of the tree that stands beside the root counts only where it makes that root")
    func edge() async throws {
        try await Self.withStore { store in
            try await store.write { transaction in
                for number in 0..<11 { _ = try transaction.record("test", of: "\(number)", [:]) }
            }
            let whole = try store.readNow { try StoredNodes(db: $0.db).frontier() }
            #expect(whole.size == 11)
            func edge() throws -> MerkleFrontier {
                try store.readNow { try StoredNodes(db: $0.db).frontier(known: MerkleFrontier()) }
            }
            #expect(try edge() == whole)
            for peaks in [Data(count: 96), Data(count: 95), nil] {
                try await store.write { _ = try $0.run("UPDATE ledger_head SET peaks = ?", [peaks]) }
                #expect(try edge() == whole)
            }
        }
    }
}
