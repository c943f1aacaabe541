import AndonTesting
import Foundation
import Testing

@testable import AndonSQL

@Suite("Statements that nobody waits for")
struct PostedTests {
    private static let table = """
        CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER, t TEXT);
        CREATE UNIQUE INDEX thing_t ON thing (t);
        """
    private static let insert = "INSERT INTO thing (n, t) VALUES (?, ?)"

    private static func texts(_ engine: any DatabaseEngine) throws -> [String] {
        try engine.readNow { try $0.values("SELECT t FROM thing ORDER BY t") }
    }

    @Test("Come before whatever is asked behind them, however many and long they are")
    func order() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { db in
                for number in 0..<150 {
                    let text = "\(number)/" + String(repeating: "x", count: number * 400)
                    try db.post(Self.insert, [number, text])
                    guard number % 7 == 0 else { continue }
                    #expect(try db.value("SELECT COUNT(*) FROM thing") as Int? == number + 1)
                    #expect(try db.run("UPDATE thing SET n = n + 1000 WHERE n = ?", [number]) == 1)
                }
                let rows = try db.cursor("SELECT n FROM thing ORDER BY id")
                #expect(try rows.next()?["n"] as Int? == 1000)
                try db.post(Self.insert, [nil, "last"])
            }
            #expect(try engine.readNow { try $0.value("SELECT COUNT(*) FROM thing") as Int? } == 151)
        }
        try engines.close()
    }

    @Test("Several questions are answered in their order, behind what was posted, and one that is refused refuses all")
    func questions() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        let one = "SELECT n, t FROM thing WHERE n = ?"
        for engine in engines.both {
            try engine.writeNow { db in
                func answers(_ questions: [DatabaseQuestion]) throws -> [[String]] {
                    var found = questions.map { _ in [String]() }
                    try db.fewRows(of: questions) { number, rows in
                        while try rows.advance() { found[number].append(rows.row["t"]) }
                    }
                    return found
                }
                for number in 1...3 { try db.post(Self.insert, [number, "t\(number)"]) }
                #expect(
                    try answers([
                        .init(one, [2]), .init(one, [9]), .init("SELECT t FROM thing ORDER BY n DESC"), .init(one, [1]),
                    ]) == [["t2"], [], ["t3", "t2", "t1"], ["t1"]])
                #expect(try answers([.init(one, [3])]) == [["t3"]])
                #expect(try answers([]).isEmpty)
                #expect(throws: DatabaseError.self) {
                    try db.inSavepoint {
                        try db.post(Self.insert, [4, "t4"])
                        _ = try answers([.init(one, [4]), .init("SELECT t FROM nothing"), .init(one, [1])])
                    }
                }
                #expect(try answers([.init(one, [4]), .init(one, [1])]) == [[], ["t1"]])
            }
            #expect(try Self.texts(engine) == ["t1", "t2", "t3"])
        }
        try engines.close()
    }

    @Test("Several questions are answered also where preparing the last pushes out the first")
    func manyStatements() throws {
        let engines = try Engines()
        for engine in engines.both {
            try engine.writeNow { db in
                for number in 0..<1200 {
                    var found: [Int] = []
                    try db.fewRows(of: [.init("SELECT 1"), .init("SELECT \(number)")]) { _, rows in
                        while try rows.advance() { found.append(rows.row[0]) }
                    }
                    #expect(found == [1, number])
                }
            }
        }
        try engines.close()
    }

    @Test("Refused in a savepoint, they are undone with it and nothing else is, whatever was asked behind them")
    func refused() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        let behind: [(Database) throws -> Void] = [
            { _ in }, { _ = try $0.value("SELECT COUNT(*) FROM thing") as Int? },
            { try $0.run("UPDATE thing SET n = 5") }, { try $0.post("UPDATE thing SET n = 5") },
            { try $0.runScript("UPDATE thing SET n = 5") }, { _ = try $0.cursor("SELECT n FROM thing") },
            { db in try db.inSavepoint { _ = try db.runInsert(Self.insert, [4, "e"]) } },
            { _ in throw CancellationError() },
        ]
        for engine in engines.both {
            for (number, ask) in behind.enumerated() {
                try engine.writeNow { db in
                    try db.post(Self.insert, [1, "before \(number)"])
                    var kind: DatabaseError.Kind?
                    do {
                        try db.inSavepoint {
                            try db.post(Self.insert, [2, "b"])
                            try db.post(Self.insert, [3, "before \(number)"])
                            try ask(db)
                        }
                    } catch let error as DatabaseError { kind = error.kind } catch is CancellationError {}
                    #expect(kind == .constraint || (number == behind.count - 1 && kind == nil), "\(number)")
                    try db.post(Self.insert, [4, "behind \(number)"])
                }
            }
            #expect(
                try Self.texts(engine)
                    == behind.indices.map { "before \($0)" } + behind.indices.map { "behind \($0)" })
            #expect(try engine.readNow { try $0.value("SELECT COUNT(*) FROM thing WHERE n = 5") as Int? } == 0)
        }
        try engines.close()
    }

    @Test("Refused at the end of a transaction, they take all of it with them, and the next one works")
    func refusedAtTheEnd() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        for engine in engines.both {
            try engine.writeNow { try $0.post(Self.insert, [1, "a"]) }
            let error = #expect(throws: DatabaseError.self) {
                try engine.writeNow { db in
                    try db.post(Self.insert, [2, "b"])
                    try db.post(Self.insert, [3, "a"])
                }
            }
            #expect(error?.kind == .constraint && error?.sql?.contains("INSERT INTO thing") == true)
            try engine.writeNow { try $0.post(Self.insert, [4, "d"]) }
            #expect(try Self.texts(engine) == ["a", "d"])
        }
        try engines.close()
    }

    @Test("A database that leaves while they are under way is said to be away, and nothing of them is kept")
    func away() throws {
        let engines = try Engines()
        try engines.migrate(Self.table)
        let engine = engines.postgres
        let error = #expect(throws: DatabaseError.self) {
            try engine.writeNow { db in
                let own: String? = try db.value("SELECT CAST(pg_backend_pid() AS text)")
                try db.post(Self.insert, [1, "a"])
                _ = try engine.readNow { try $0.row("SELECT pg_terminate_backend(\(own ?? "0"))") }
                for number in 2..<80 { try db.post(Self.insert, [number, "\(number)"]) }
            }
        }
        #expect(error?.kind == .unreachable, "\(String(describing: error))")
        try engine.writeNow { try $0.post(Self.insert, [4, "d"]) }
        #expect(try Self.texts(engine) == ["d"])
        try engines.close()
    }
}
