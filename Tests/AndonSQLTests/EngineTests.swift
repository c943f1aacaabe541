import AndonTesting
import Foundation
import Testing

@testable import AndonSQL

@Suite("Both engines")
struct EngineTests {
    private static let table = """
        CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER, x REAL, t TEXT, b BLOB);
        CREATE UNIQUE INDEX thing_t ON thing (t);
        """

    private static func value(_ random: inout SeededRandom) -> (Int64, Double, String, Data) {
        let scalars = (0..<random.int(0...40)).map { _ -> Character in
            let number = random.int(0...3) == 0 ? random.int(0x80...0x1f6ff) : random.int(1...0x7f)
            return Unicode.Scalar(UInt32(number)).map { Character($0) } ?? "?"
        }
        let double = Double(bitPattern: random.next())
        return (
            Int64(bitPattern: random.next()), double.isFinite ? double : 0.1, String(scalars),
            Data((0..<random.int(0...60)).map { _ in UInt8(random.int(0...255)) })
        )
    }

    @Test("Give back every value as it was, by number, by name and where they have it", arguments: [1, 2, 3])
    func values(seed: UInt64) throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        var random = SeededRandom(seed: seed)
        for number in 1...200 {
            let (n, x, t, b) = Self.value(&random)
            let text = "\(number)/\(t)"
            for engine in engines.both {
                try engine.writeNow { db in
                    let id = try db.runInsert("INSERT INTO thing (n, x, t, b) VALUES (?, ?, ?, ?)", [n, x, text, b])
                    #expect(id == number)
                    let row = try #require(try db.row("SELECT * FROM thing WHERE n = ? AND t = ?", [n, text]))
                    #expect(row["n"] as Int64 == n && row["x"] as Double == x && row["b"] as Data == b, "seed \(seed)")
                    let raw = try db.rawRows("SELECT n, x, t, b FROM thing WHERE id = ?", [id])
                    let there = try #require(try raw.next())
                    #expect(
                        there.type(0) == .integer && there.type(1) == .real && there.type(2) == .text
                            && there.type(3) == .blob)
                    #expect(there.integer(0) == n && there.real(1) == x && there.text(2) == text)
                    #expect(Array(there.bytes(3)) == Array(b), "seed \(seed)")
                }
            }
        }
        try engines.close()
    }

    @Test("A commit to a file is synced before it returns")
    func synced() throws {
        let folder = try TemporaryFolder("andon-sql")
        let engine = try SQLiteEngine(path: folder.path + "/db.sqlite", isReadOnly: false)
        let level: Int? = try engine.writeNow { try $0.value("PRAGMA synchronous") }
        #expect(level == 2, "FULL is 2; with NORMAL, 1, a power cut takes what was committed")
        let journal: String? = try engine.writeNow { try $0.value("PRAGMA journal_mode") }
        #expect(journal == "wal")
        try engine.close()
    }

    @Test("NULL is found, kept and compared as NULL")
    func null() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { db in
                try db.run("INSERT INTO thing (n, t) VALUES (?, ?)", [nil, "a"])
                try db.run("INSERT INTO thing (n, t) VALUES (?, ?)", [3, nil])
                func count(_ n: Int?) throws -> Int? {
                    try db.value("SELECT COUNT(*) FROM thing WHERE ? IS NULL OR n = ?", [n, n])
                }
                #expect(try count(nil) == 2 && count(3) == 1 && count(4) == 0)
                #expect(try db.value("SELECT COUNT(*) FROM thing WHERE n IS NOT ?", [3]) as Int? == 1)
                let row = try #require(try db.row("SELECT n, x FROM thing WHERE t = ?", ["a"]))
                #expect(row["n"] as Int? == nil && (row["x"] as DatabaseValue).isNull)
            }
        }
        try engines.close()
    }

    @Test("What fails is undone alone, and says what it was")
    func savepoints() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { db in
                try db.run("INSERT INTO thing (t) VALUES ('a')")
                var kind: DatabaseError.Kind?
                do {
                    try db.inSavepoint {
                        try db.run("INSERT INTO thing (t) VALUES ('b')")
                        try db.inSavepoint { _ = try db.run("INSERT INTO thing (t) VALUES ('a')") }
                    }
                } catch let error as DatabaseError { kind = error.kind }
                #expect(kind == .constraint)
                try db.inSavepoint { _ = try db.run("INSERT INTO thing (t) VALUES ('c')") }
            }
            #expect(try engine.readNow { try $0.values("SELECT t FROM thing ORDER BY t") } == ["a", "c"])
            #expect(throws: DatabaseError.self) {
                try engine.writeNow { db in
                    try db.run("INSERT INTO thing (t) VALUES ('d')")
                    try db.run("INSERT INTO nowhere (t) VALUES ('d')")
                }
            }
            #expect(try engine.readNow { try $0.values("SELECT t FROM thing ORDER BY t") } == ["a", "c"])
        }
        try engines.close()
    }

    @Test("Many rows are read piece by piece, while other statements run between them")
    func cursors() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { db in
                for number in 0..<5001 { try db.run("INSERT INTO thing (n, t) VALUES (?, ?)", [number, "\(number)"]) }
            }
            try engine.readNow { db in
                let sql = "SELECT n FROM thing WHERE n >= ? ORDER BY n"
                let (one, other) = (try db.cursor(sql, [0]), try db.cursor(sql, [1]))
                for number in 0..<5001 {
                    #expect(try one.next()?["n"] as Int? == number)
                    #expect(try other.next()?["n"] as Int? == (number == 5000 ? nil : number + 1))
                    if number % 500 == 0 { #expect(try db.value("SELECT COUNT(*) FROM thing") as Int? == 5001) }
                }
                #expect(try one.next() == nil)
            }
        }
        try engines.close()
    }

    @Test("A snapshot stays as it was, and further readers see the same")
    func snapshots() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { _ = try $0.run("INSERT INTO thing (t) VALUES ('a')") }
            try engine.readNow { db in
                #expect(try db.value("SELECT COUNT(*) FROM thing") as Int? == 1)
                let readers = try #require(try db.readers())
                let seen = Thread.detached {
                    try engine.writeNow { _ = try $0.run("INSERT INTO thing (t) VALUES ('b')") }
                }
                try seen.get()
                #expect(try db.value("SELECT COUNT(*) FROM thing") as Int? == 1)
                // SQLite's may see more than the one that they were asked of, and never less.
                let count = try readers.read { try $0.value("SELECT COUNT(*) FROM thing") as Int? } ?? 0
                #expect(engine.isShared ? count == 1 : count >= 1)
            }
        }
        try engines.close()
    }

    @Test("Steps are applied once, and a database of a newer version is refused")
    func steps() throws {
        let engines = try Engines()
        let steps = [
            DatabaseStep(name: "1", sql: Self.table),
            DatabaseStep(name: "2", sql: "ALTER TABLE thing ADD COLUMN m TEXT;"),
        ]
        for engine in engines.both {
            try engine.migrate([steps[0]])
            try engine.writeNow { _ = try $0.run("INSERT INTO thing (t) VALUES ('a')") }
            for _ in 0..<2 { try engine.migrate(steps) }
            #expect(try engine.readNow { try $0.value("SELECT COUNT(*) FROM thing WHERE m IS NULL") } == 1)
            let error = #expect(throws: DatabaseError.self) { try engine.migrate([steps[0]]) }
            #expect(error?.kind == .newer)
        }
        try engines.close()
    }
}

extension Thread {
    /// What `body` gives on a thread of its own, which is waited for.
    static func detached<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) -> Result<Value, any Error> {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Value>()
        Thread {
            box.result = Result { try body() }
            done.signal()
        }.start()
        done.wait()
        return box.result ?? .failure(CancellationError())
    }

    /// Written before the signal and read behind the wait.
    private final class Box<Value>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
