import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation
import GRDB

/// MP2's tables in a real database behind ODBC, with the widths and keys of the 5.0 one.
final class MP2Bench: Bench {
    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    let share: String
    private let folder: TemporaryFolder
    private let live: LiveWire
    private let connection: String

    var takesCopies: Bool { false }
    var speaksHTTP: Bool { false }

    private static let seven =
        "WONUM VARCHAR(10), CLOSEDATE TIMESTAMP, EQNUM VARCHAR(30), LOCATION VARCHAR(30) NOT NULL, SUBLOCATION1 VARCHAR(30) NOT NULL, SUBLOCATION2 VARCHAR(30) NOT NULL, SUBLOCATION3 VARCHAR(30) NOT NULL"
    private static let sevenKey =
        "PRIMARY KEY (WONUM, CLOSEDATE, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3)"
    private static let schema = [
        "CREATE TABLE WO (WONUM VARCHAR(10), CLOSEDATE TIMESTAMP, TASKDESC VARCHAR(72) CHECK (LENGTH(TASKDESC) <= 72), WOTYPE VARCHAR(9), STATUS VARCHAR(1), PRIORITY DOUBLE PRECISION, ORIGINATOR VARCHAR(25) CHECK (LENGTH(ORIGINATOR) <= 25), REQUESTDATE TIMESTAMP, REQUESTTIME TIMESTAMP, COMPLETIONDATE TIMESTAMP, COMPLETIONTIME TIMESTAMP, ASSIGNEDTO VARCHAR(11), CHECK (LENGTH(WONUM) = 10), PRIMARY KEY (WONUM, CLOSEDATE))",
        "CREATE TABLE WOEQLIST (\(seven), DEPARTMENT VARCHAR(10), EQDESC VARCHAR(40), UD1 VARCHAR(20), RFOCODE VARCHAR(8), SOLUTION VARCHAR(8), \(sevenKey))",
        "CREATE TABLE WOC (\(seven), TEXTS TEXT, \(sevenKey))",
        "CREATE TABLE WODRAW (WONUM VARCHAR(10), CLOSEDATE TIMESTAMP, FILENAME VARCHAR(255), DESCRIPTION VARCHAR(50) CHECK (LENGTH(DESCRIPTION) <= 50), PRIMARY KEY (WONUM, CLOSEDATE, FILENAME))",
        "CREATE TABLE WOE (WONUM VARCHAR(10), EMPCODE VARCHAR(11), REGHRS DOUBLE PRECISION, OTHRS DOUBLE PRECISION)",
        "CREATE TABLE WOP (WONUM VARCHAR(10), ITEMNUM VARCHAR(25), QTYUSED DOUBLE PRECISION)",
        "CREATE TABLE EMP (EMPCODE VARCHAR(11), FIRSTNAME VARCHAR(20), LASTNAME VARCHAR(20))",
        "CREATE TABLE WOTYPE (WOTYPE VARCHAR(9))",
        "CREATE TABLE EQUIP (EQNUM VARCHAR(30), DESCRIPTION VARCHAR(40), DEPT VARCHAR(10), LOCATION VARCHAR(30), SUBLOCATION1 VARCHAR(30), SUBLOCATION2 VARCHAR(30), SUBLOCATION3 VARCHAR(30), INSERVICE VARCHAR(1))",
        "INSERT INTO WOTYPE VALUES ('VISION')", "INSERT INTO EMP VALUES ('RWI', 'R.', 'Wilson')",
        "INSERT INTO EQUIP VALUES ('PRESS-07', 'Stamping press 7', 'STAMP', 'BEDFORD', 'LINE-3', 'ZONE-B', '', 'Y')",
        "INSERT INTO EQUIP VALUES ('OLD-1', 'Retired', 'STAMP', 'BEDFORD', '', '', '', 'N')",
    ]

    init(options extra: [String: String] = [:], tables: [String: [String: String]] = [:]) async throws {
        folder = try TemporaryFolder("andon-mp2")
        share = folder.path + "/share"
        try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
        connection = "Driver=libsqlite3odbc.so;Database=\(folder.path)/mp2.db;Timeout=20000"
        let time = SystemTime()
        live = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        wire = FaultyWire(
            live, faults: faults,
            applies: { request in
                guard case .bytes(let bytes) = request.body else { return request.method == "PUT" }
                return String(decoding: bytes, as: UTF8.self).contains("INSERT INTO")
            })
        let faults = SettingsFaults()
        let settings = options(
            ["connection": connection, "share": share, "uncPath": "\\\\PLANTNAS\\andon", "timeZone": "Europe/Berlin"]
                .merging(extra) { $1 }, tables: ["states": ["X": "cancelled"]].merging(tables) { $1 })
        let reader = SettingsReader(settings, faults: faults, secrets: testSecrets)
        connector = MP2Connector(MP2Configuration(reading: reader))
        if let fault = faults.faults.first { throw fault }
        _ = try await run(Self.schema)
    }

    /// As a person at MP2's own client.
    @discardableResult
    func run(_ statements: [String], _ values: [JSON] = []) async throws -> [[JSON]] {
        let body: JSON = [
            "statements": .array(statements.map { ["sql": .string($0), "values": .array(values)] })
        ]
        let request = WireRequest(
            "SQL", "odbc://test", headers: [.init("connection", connection)], body: .bytes(body.canonicalBytes))
        let answer = try await live.exchange(request)
        guard answer.status == 200 else { throw Failure(words: String(decoding: answer.body, as: UTF8.self)) }
        return (try JSON(parsing: answer.body)["results"]?.array ?? []).map { $0.array ?? [] }
    }

    struct Failure: Error {
        var words: String
    }

    /// The same file, not through ODBC: the bench's questions block.
    private func wait(_ statements: [String]) -> [[JSON]] {
        let path = folder.path + "/mp2.db"
        return
            (try? DatabaseQueue(path: path).write { db in
                try statements.map { sql in
                    try Row.fetchAll(db, sql: sql).map { row in
                        .object(
                            Dictionary(
                                row.map {
                                    ($0.0.uppercased(), JSON.string(String.fromDatabaseValue($0.1) ?? "\($0.1)"))
                                },
                                uniquingKeysWith: { $1 }))
                    }
                }
            }) ?? []
    }

    private func number(_ reference: Reference) -> String { "AV" + reference.text.suffix(8) }

    func rows(_ table: String, _ reference: Reference) -> [JSON] {
        wait(["SELECT * FROM \(table) WHERE WONUM = '\(number(reference))'"]).first ?? []
    }

    func copies(_ reference: Reference) -> Int { rows("WO", reference).count }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        rows("WODRAW", reference).compactMap { row in
            guard let name = row["FILENAME"]?.string?.split(separator: "\\").last.map(String.init) else { return nil }
            return (name, Array(FileManager.default.contents(atPath: "\(share)/\(name)") ?? Data()))
        }
    }

    func notes(_ reference: Reference) -> [String] { [] }

    /// Closing changes the date in the order and in every child.
    func repair(_ reference: Reference) {
        let number = number(reference)
        let closed = "'2026-11-25 00:00:00'"
        _ = wait(
            ["WOEQLIST", "WOC", "WODRAW"].map { "UPDATE \($0) SET CLOSEDATE = \(closed) WHERE WONUM = '\(number)'" } + [
                "UPDATE WO SET STATUS = 'C', CLOSEDATE = \(closed), COMPLETIONDATE = '2026-11-24 00:00:00', COMPLETIONTIME = '1900-01-01 13:30:00' WHERE WONUM = '\(number)'",
                "UPDATE WOEQLIST SET RFOCODE = 'WEAR' WHERE WONUM = '\(number)'",
                "UPDATE WOC SET TEXTS = TEXTS || 'Die changed' WHERE WONUM = '\(number)'",
                "INSERT INTO WOE VALUES ('\(number)', 'RWI', 1.0, 0.25)",
                "INSERT INTO WOE VALUES ('\(number)', 'RWI', 0.25, 0)",
                "INSERT INTO WOP VALUES ('\(number)', 'DIE-4', 1)", "INSERT INTO WOP VALUES ('\(number)', 'OIL', 0)",
            ])
    }

    func cancel(_ reference: Reference) {
        _ = wait(["UPDATE WO SET STATUS = 'X' WHERE WONUM = '\(number(reference))'"])
    }

    func remove(_ reference: Reference) {
        _ = wait(["WO", "WOEQLIST", "WOC", "WODRAW"].map { "DELETE FROM \($0) WHERE WONUM = '\(number(reference))'" })
    }

    func expireSessions() {}
    func stop() async throws { await live.close() }
}
