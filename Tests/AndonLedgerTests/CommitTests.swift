import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("What goes into one transaction")
struct CommitTests {
    @Test("What came while another server wrote goes together, when its turn comes", .timeLimit(.minutes(10)))
    func turn() async throws {
        let folder = try TemporaryFolder("andon-commit")
        let data = try TestDatabase.postgresFolder(folder.path + "/data", address: TestDatabase.address())
        let (first, second) = (
            try Store(folder: data, time: SystemTime()), try Store(folder: data, time: SystemTime())
        )
        let (isWriting, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let long: Void = first.write { transaction in
            _ = try transaction.record("test", of: "first", [:])
            isWriting.signal()
            mayEnd.wait()
        }
        await Task.detached { Self.wait(isWriting) }.value
        let times = try await withThrowingTaskGroup(of: Timestamp.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await second.write { transaction in
                        _ = try transaction.record("test", of: "\(number)", [:])
                        return transaction.now
                    }
                }
            }
            // The first of them stands at the database's door by then, and the others behind it: unless all this took so long
            // that the database has given the long transaction up. Then the time limit ends the test.
            defer { mayEnd.signal() }
            while second.waitingCount < 20 {
                try Task.checkCancellation()
                await Task.yield()
            }
            mayEnd.signal()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await long
        #expect(Set(times).count == 1, "one transaction has one time")
        let isWhole = try first.readNow { try $0.ledgerHead().size }
        #expect(isWhole == 21)
        try first.close()
        try second.close()
    }

    @Test("A transaction that adds nothing to the ledger writes nothing")
    func nothing() async throws {
        let folder = try TemporaryFolder("andon-commit")
        let store = try Store(folder: folder.path, time: SystemTime())
        let log = folder.path + "/andon.sqlite-wal"
        _ = try await store.write { try $0.record("test", of: "s", [:]) }
        let before = try Data(contentsOf: URL(fileURLWithPath: log))
        for _ in 0..<3 { try await store.write { _ in } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)) == before)
        _ = try await store.write { try $0.record("test", of: "t", [:]) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)) != before)
        try store.close()
    }

    private static func wait(_ semaphore: DispatchSemaphore) { semaphore.wait() }
}
