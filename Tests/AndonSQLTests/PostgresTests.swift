import AndonTesting
import Foundation
import Testing

@testable import AndonSQL

@Suite("PostgreSQL")
struct PostgresTests {
    @Test(
        "Our SQL in its words",
        arguments: [
            ("SELECT a FROM t WHERE b = ? AND c LIKE 'x?y%'", "SELECT a FROM t WHERE b = $1 AND c ILIKE 'x?y%'"),
            ("SELECT ?2, ?1, ?2", "SELECT $2, $1, $2"),
            ("SELECT CAST(x AS INTEGER) FROM t -- INTEGER ?", "SELECT CAST ( x AS BIGINT ) FROM t"),
            ("SELECT 1 FROM t INDEXED BY t_x WHERE x IS NOT y", "SELECT 1 FROM t WHERE x IS DISTINCT FROM y"),
            (
                "SELECT 1 FROM t WHERE x IS y AND z IS NOT NULL",
                "SELECT 1 FROM t WHERE x IS NOT DISTINCT FROM y AND z IS NOT NULL"
            ),
            ("SELECT n FROM (SELECT 1 AS n) WHERE n = 1", "SELECT n FROM ( SELECT 1 AS n ) AS unnamed_1 WHERE n = 1"),
            ("SELECT n FROM (SELECT 1 AS n) AS a", "SELECT n FROM ( SELECT 1 AS n ) AS a"),
            ("SELECT 1 FROM a CROSS JOIN b ON b.x = a.x", "SELECT 1 FROM a JOIN b ON b.x = a.x"),
            ("SELECT 1 FROM a CROSS JOIN b WHERE 1", "SELECT 1 FROM a CROSS JOIN b WHERE 1"),
            ("INSERT OR IGNORE INTO t VALUES (1.5)", "INSERT INTO t VALUES ( 1.5 ) ON CONFLICT DO NOTHING"),
        ])
    func dialect(ours: String, theirs: String) {
        let places = (1...2).map { DatabaseValue.integer(Int64($0)) }
        #expect(PostgresDialect.statement(ours).text(places).sql == theirs)
    }

    @Test("Functions of SQLite's mean the same there")
    func functions() throws {
        let engines = try Engines()
        try engines.migrate("CREATE TABLE t (x INTEGER);")
        let document = #"{"a":{"b":[1,"two",{"c":null}],"d":true},"e":"ü","f":1.5}"#
        let expressions = [
            "json_extract(?, '$.a.b[1]')", "json_extract(?, '$.a.b[2].c')", "json_extract(?, '$.e')",
            "json_extract(?, '$.nothing')", "CAST(json_extract(?, '$.f') AS REAL)",
            "CAST(json_extract(?, '$.a.b[0]') AS INTEGER)", "CAST(json_extract(?, '$.a.d') AS INTEGER)",
            "json_remove(?, '$.a')", "json_remove(?, '$.nothing')", "json_extract(json_set(?, '$.e', 'x\"y'), '$.e')",
            "(SELECT COUNT(*) FROM json_each(?, '$.a.b'))", "instr(?, 'two')", "instr(?, 'three')",
            "length(?)", "substr(?, 3, 4)", "CAST(strftime('%s', '2026-11-29T15:00:01') AS INTEGER) + 0 * length(?)",
            "max(length(?), 7)", "min(length(?), 7)",
        ]
        for expression in expressions {
            let results = try engines.both.map { engine in
                try engine.readNow { try $0.value("SELECT \(expression)", [document]) as DatabaseValue? }
            }
            #expect(results[0] == results[1], "\(expression)")
        }
        for (text, isValid) in [("{}", 1), ("[1", 0), ("", 0), ("null", 1)] {
            for engine in engines.both {
                #expect(try engine.readNow { try $0.value("SELECT json_valid(?)", [text]) } == isValid, "\(text)")
            }
        }
        try engines.close()
    }

    @Test("Texts are compared byte by byte, and without case where that is asked for")
    func order() throws {
        let engines = try Engines()
        try engines.migrate("CREATE TABLE t (x TEXT NOT NULL);")
        for engine in engines.both {
            try engine.writeNow { db in
                for text in ["b", "A", "a", "B", "é", "Z", "-", "~"] { try db.run("INSERT INTO t VALUES (?)", [text]) }
            }
        }
        for sql in [
            "SELECT x FROM t ORDER BY x", "SELECT x FROM t WHERE x > 'Z' ORDER BY x",
            "SELECT x FROM t WHERE x = 'B' COLLATE NOCASE ORDER BY x", "SELECT x FROM t WHERE x LIKE 'a%' ORDER BY x",
        ] {
            let results = try engines.both.map { try $0.readNow { try $0.values(sql) as [String] } }
            #expect(results[0] == results[1], "\(sql)")
        }
        try engines.close()
    }

    @Test("Servers write side by side, and the shape of the tables stays while one of them is there")
    func servers() throws {
        let engines = try Engines()
        let steps = [DatabaseStep(name: "1", sql: "CREATE TABLE t (x INTEGER);")]
        let (first, second) = (try engines.other(isServer: true), try engines.other(isServer: true))
        for engine in [first, second] { try engine.migrate(steps) }
        try first.writeNow { _ = try $0.run("INSERT INTO t VALUES (1)") }
        try second.writeNow { _ = try $0.run("INSERT INTO t VALUES (2)") }
        #expect(try second.readNow { try $0.values("SELECT x FROM t ORDER BY x") } == [1, 2])
        try first.close()

        let later = steps + [DatabaseStep(name: "2", sql: "CREATE TABLE u (x INTEGER);")]
        let error = #expect(throws: DatabaseError.self) { try engines.other(isServer: true).migrate(later) }
        #expect(error?.kind == .inUse)
        try second.writeNow { _ = try $0.run("INSERT INTO t VALUES (3)") }
        try second.close()
        let third = try engines.other(isServer: true)
        try third.migrate(later)
        #expect(try third.readNow { try $0.tableExists("u") && $0.value("SELECT COUNT(*) FROM t") == 3 })
        #expect(throws: DatabaseError.self) { try engines.other(isServer: true).migrate(steps) }
        try third.close()
        try engines.close()
    }

    /// Ends every other connection to the database of a schema that waits or works there.
    private static func cut(_ engine: any DatabaseEngine, where condition: String) throws {
        _ = try engine.readNow { db in
            try db.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND \(condition)")
        }
    }

    @Test("A connection that the server ended while nobody used it is made anew")
    func idle() throws {
        let engines = try Engines()
        try engines.migrate("CREATE TABLE t (x INTEGER);")
        let one = engines.postgres
        try one.writeNow { _ = try $0.run("INSERT INTO t VALUES (1)") }
        #expect(try one.readNow { try $0.value("SELECT COUNT(*) FROM t") } == 1)
        let name: String = try #require(
            try one.readNow { try $0.value("SELECT CAST(pg_backend_pid() AS text)") })
        let writer: String = try #require(
            try one.writeNow { try $0.value("SELECT CAST(pg_backend_pid() AS text)") })
        try Self.cut(engines.other(), where: "pid IN (\(name), \(writer))")
        #expect(try one.readNow { try $0.value("SELECT COUNT(*) FROM t") } == 1)
        // Of a write nobody can tell whether it was begun: the first one says so, the next goes on.
        _ = try? one.writeNow { _ = try $0.run("INSERT INTO t VALUES (2)") }
        try one.writeNow { _ = try $0.run("INSERT INTO t VALUES (3)") }
        #expect(try one.readNow { try $0.value("SELECT COUNT(*) FROM t WHERE x = 3") } == 1)
        try engines.close()
    }

    @Test("A transaction whose connection ends is undone whole, and says that the database is away")
    func cutOff() throws {
        let engines = try Engines()
        try engines.migrate("CREATE TABLE t (x INTEGER);")
        let (one, other) = (engines.postgres, try engines.other())
        let error = #expect(throws: DatabaseError.self) {
            try one.writeNow { db in
                try db.run("INSERT INTO t VALUES (1)")
                let own: String? = try db.value("SELECT CAST(pg_backend_pid() AS text)")
                try Self.cut(other, where: "pid = \(own ?? "0")")
                try db.run("INSERT INTO t VALUES (2)")
            }
        }
        #expect(error?.kind == .unreachable, "\(String(describing: error))")
        // At the very end: the server is asked whether it was committed.
        let late = #expect(throws: DatabaseError.self) {
            try one.writeNow { db in
                try db.run("INSERT INTO t VALUES (3)")
                let own: String? = try db.value("SELECT CAST(pg_backend_pid() AS text)")
                try Self.cut(other, where: "pid = \(own ?? "0")")
            }
        }
        #expect(late?.kind == .unreachable, "\(String(describing: late))")
        #expect(try one.readNow { try $0.value("SELECT COUNT(*) FROM t") } == 0)
        try other.close()
        try engines.close()
    }

    @Test("What cannot be reached says so, with the address's own fault")
    func unreachable() throws {
        let engine = PostgresEngine(
            address: "host=127.0.0.1 port=\(try freePort()) user=x dbname=y connect_timeout=2", schema: "s",
            isServer: false)
        let error = #expect(throws: DatabaseError.self) { try engine.readNow { _ in } }
        #expect(
            error?.kind == .unreachable && error?.message.contains("refused") == true, "\(String(describing: error))")
        #expect(
            try PostgresEngine.hosts(of: "postgresql://u@db-1.example:5432,10.0.0.7/x") == ["db-1.example", "10.0.0.7"])
        #expect(try PostgresEngine.hosts(of: "host=/run/postgresql dbname=x") == [])
        #expect(throws: DatabaseError.self) { try PostgresEngine.hosts(of: "postgresql://[") }
    }
}
