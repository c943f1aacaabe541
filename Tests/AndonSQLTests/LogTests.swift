import AndonTesting
import Foundation
import Testing

@testable import AndonSQL

@Suite("The write-ahead log of SQLite")
struct LogTests {
    private static let bytesMax = 1 << 20

    private final class Bench {
        let folder: TemporaryFolder
        let engine: SQLiteEngine
        let path: String

        init(bytesMax: Int = LogTests.bytesMax) throws {
            folder = try TemporaryFolder("andon-log")
            path = folder.path + "/db.sqlite"
            engine = try SQLiteEngine(path: path, isReadOnly: false, logBytesMax: bytesMax)
            try engine.migrate([
                DatabaseStep(name: "1", sql: "CREATE TABLE thing (id INTEGER PRIMARY KEY, t TEXT NOT NULL)")
            ])
        }

        /// Commits so many rows of 100 KB, each by itself, as the store does.
        func write(_ count: Int) async throws {
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
                engine.asyncWrite { writer in
                    do {
                        for _ in 0..<count {
                            try writer.inTransaction { db in
                                try db.run(
                                    "INSERT INTO thing (t) VALUES (?)", [String(repeating: "x", count: 100_000)])
                            }
                            try writer.maintainIfNeeded()
                        }
                        done.resume()
                    } catch {
                        done.resume(throwing: error)
                    }
                }
            }
        }

        var logBytes: Int {
            get throws {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + "-wal")
                return try #require(attributes[.size] as? Int)
            }
        }
    }

    @Test("Of any length, it is written again at a start, and has the same in it")
    func again() async throws {
        let bench = try Bench(bytesMax: .max)
        // Another connection keeps the log where it is when the first one closes.
        let reader = try SQLiteEngine(path: bench.path, isReadOnly: true)
        for count in [1, 9, 30] {
            try await bench.write(count)
            let rows: Int? = try reader.readNow { try $0.value("SELECT COUNT(*) FROM thing") }
            #expect(try bench.logBytes > count * 100_000)
            let second = try SQLiteEngine(path: bench.path, isReadOnly: false, logBytesMax: .max)
            #expect(try second.readNow { try $0.value("SELECT COUNT(*) FROM thing") as Int? } == rows)
            #expect(try second.readNow { try $0.value("SELECT MIN(length(t)) FROM thing") as Int? } == 100_000)
            try second.close()
        }
        try reader.close()
        try bench.engine.close()
    }

    @Test("Grows on while somebody reads for long, and no commit waits for the end of that")
    func reader() async throws {
        let bench = try Bench()
        try await bench.write(1)
        let began = ContinuousClock.now
        let reader = try SQLiteEngine(path: bench.path, isReadOnly: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (held, hold) = AsyncStream<Void>.makeStream()
            let end = DispatchSemaphore(value: 0)
            group.addTask {
                try await reader.read { db in
                    let first: Int? = try db.value("SELECT COUNT(*) FROM thing")
                    hold.yield()
                    end.wait()
                    // What it sees is as it was.
                    #expect(try db.value("SELECT COUNT(*) FROM thing") as Int? == first)
                }
            }
            for await _ in held { break }
            try await bench.write(40)
            #expect(try bench.logBytes > 3 * Self.bytesMax)
            end.signal()
            try await group.waitForAll()
        }
        // Each wait for a reader was half a minute.
        #expect(ContinuousClock.now - began < .seconds(25))
        // Afterwards it is folded as soon as it is tried again, and is small from then on.
        try await bench.write(20)
        #expect(try bench.logBytes <= Self.bytesMax)
        let count: Int? = try bench.engine.readNow { try $0.value("SELECT COUNT(*) FROM thing") }
        #expect(count == 61)
        try reader.close()
        try bench.engine.close()
    }

    @Test("Is cut once it has outgrown its size, and not folded at each commit from then on")
    func cut() async throws {
        let bench = try Bench()
        try await bench.write(15)
        #expect(try bench.logBytes < Self.bytesMax)
        try bench.engine.close()
    }
}
