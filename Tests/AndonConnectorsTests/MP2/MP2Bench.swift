import AndonConnectors
import AndonModel
import AndonTesting
import AndonWire
import Foundation

/// MP2's tables in a real database behind ODBC, and the people at MP2's own client.
final class MP2Bench: Bench {
    enum Way: String { case orders, requests }

    let connector: any Connector
    let wire: any Wire
    let faults = FaultPlan()
    let share: String
    private let way: Way
    private let tables: any MP2Tables
    private let folder: TemporaryFolder
    private let live: LiveWire

    var takesCopies: Bool { false }
    var speaksHTTP: Bool { false }

    init(
        _ way: Way = .orders, in tables: (any MP2Tables)? = nil, options extra: [String: String] = [:],
        tables extraTables: [String: [String: String]] = [:]
    ) async throws {
        self.way = way
        self.tables = try tables ?? SQLiteTables()
        folder = try TemporaryFolder("andon-mp2")
        share = folder.path + "/share"
        try FileManager.default.createDirectory(atPath: share, withIntermediateDirectories: true)
        let time = SystemTime()
        live = LiveWire(egress: EgressGuard(time: time, allows: { _ in false }), time: time)
        wire = FaultyWire(
            live, faults: faults,
            applies: { request in
                guard case .bytes(let bytes) = request.body else { return request.method == "PUT" }
                return String(decoding: bytes, as: UTF8.self).contains("INSERT INTO")
            })
        let faults = SettingsFaults()
        var members = [
            "connection": self.tables.connection, "way": way.rawValue, "share": share,
            "uncPath": "\\\\PLANTNAS\\andon", "timeZone": "Europe/Berlin",
        ]
        members["user"] = self.tables.user
        let secret = self.tables.user == nil ? [:] : ["password": ["env": "PASS"]]
        let settings = options(
            members.merging(extra) { $1 },
            tables: ["states": ["X": "cancelled"]].merging(secret) { $1 }.merging(extraTables) { $1 })
        connector = MP2Connector.make(
            MP2Configuration(reading: SettingsReader(settings, faults: faults, secrets: testSecrets)))
        if let fault = faults.faults.first { throw fault }
        try self.tables.execute(MP2Schema.statements + MP2Schema.requests)
    }

    /// Through the driver, with bound values.
    @discardableResult
    func run(_ statements: [String], _ values: [JSON] = []) async throws -> [[JSON]] {
        let body: JSON = [
            "statements": .array(statements.map { ["sql": .string($0), "values": .array(values)] })
        ]
        let request = WireRequest(
            "SQL", "odbc://test",
            headers: [
                .init("connection", tables.connection), .init("user", tables.user ?? ""),
                .init("password", tables.user == nil ? "" : RealPostgres.password),
            ], body: .bytes(body.canonicalBytes))
        let answer = try await live.exchange(request)
        guard answer.status == 200 else { throw Failure(words: String(decoding: answer.body, as: UTF8.self)) }
        return (try JSON(parsing: answer.body)["results"]?.array ?? []).map { $0.array ?? [] }
    }

    struct Failure: Error {
        var words: String
    }

    private func number(_ reference: Reference) -> String { "AV" + reference.text.suffix(8) }

    private func look(_ sql: String) -> [JSON] { (try? tables.rows(sql)) ?? [] }
    private func change(_ statements: [String]) { try? tables.execute(statements) }

    func rows(_ table: String, _ reference: Reference) -> [JSON] {
        let key = table.hasPrefix("WOR") ? "REQUESTNUM" : "WONUM"
        return look("SELECT * FROM \(table) WHERE \(key) = '\(number(reference))'")
    }

    func copies(_ reference: Reference) -> Int {
        rows(way == .orders ? "WO" : "WOREQ", reference).count
    }

    func files(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        let linked = rows("WODRAW", reference).compactMap {
            $0["FILENAME"]?.string?.split(separator: "\\").last.map(String.init)
        }
        let lying = ((try? FileManager.default.contentsOfDirectory(atPath: share)) ?? []).filter {
            $0.hasPrefix("andon-\(reference)") && !$0.hasSuffix(".tmp")
        }
        return (way == .orders ? linked : lying).map {
            ($0, Array(FileManager.default.contents(atPath: "\(share)/\($0)") ?? Data()))
        }
    }

    func notes(_ reference: Reference) -> [String] { [] }

    /// A planner makes an order of the request, under a number of MP2's own.
    func release(_ reference: Reference) -> String {
        let number = number(reference)
        let own = "W\(number.suffix(9))"
        change(
            [
                "INSERT INTO WO (WONUM, CLOSEDATE, TASKDESC, WOTYPE, STATUS, PRIORITY) SELECT '\(own)', DATERELEASED, TASKDESC, WOTYPE, 'O', PRIORITY FROM WOREQ WHERE REQUESTNUM = '\(number)'",
                "INSERT INTO WOEQLIST (WONUM, CLOSEDATE, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3) SELECT '\(own)', DATERELEASED, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3 FROM WOREQLI WHERE REQUESTNUM = '\(number)'",
                "INSERT INTO WOC (WONUM, CLOSEDATE, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3, TEXTS) SELECT '\(own)', DATERELEASED, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3, TEXTS FROM WOREQC WHERE REQUESTNUM = '\(number)'",
            ]
                + ["WOREQ", "WOREQLI", "WOREQC"].map {
                    "UPDATE \($0) SET DATERELEASED = '2026-11-24 00:00:00' WHERE REQUESTNUM = '\(number)'"
                })
        return own
    }

    /// Closing changes the date in the order and in every child.
    func repair(_ reference: Reference) {
        let number = way == .orders ? number(reference) : release(reference)
        let closed = "'2026-11-25 00:00:00'"
        change(
            ["WOEQLIST", "WOC", "WODRAW"].map { "UPDATE \($0) SET CLOSEDATE = \(closed) WHERE WONUM = '\(number)'" } + [
                "UPDATE WO SET STATUS = 'C', CLOSEDATE = \(closed), COMPLETIONDATE = '2026-11-24 00:00:00', COMPLETIONTIME = '1900-01-01 13:30:00' WHERE WONUM = '\(number)'",
                "UPDATE WOEQLIST SET RFOCODE = 'WEAR' WHERE WONUM = '\(number)'",
                "UPDATE WOC SET TEXTS = TEXTS || 'Die changed' WHERE WONUM = '\(number)'",
                "INSERT INTO WOE VALUES ('\(number)', 'RWI', 1.0, 0.25)",
                "INSERT INTO WOE VALUES ('\(number)', 'RWI', 0.25, 0)",
                "INSERT INTO WOP VALUES ('\(number)', 'DIE-4', 1)", "INSERT INTO WOP VALUES ('\(number)', 'OIL', 0)",
            ])
    }

    func disown(_ reference: Reference) {
        change(["UPDATE WOC SET TEXTS = 'Seen by hand' WHERE WONUM = '\(number(reference))'"])
    }

    func cancel(_ reference: Reference) {
        switch way {
        case .orders: change(["UPDATE WO SET STATUS = 'X' WHERE WONUM = '\(number(reference))'"])
        case .requests: change(["INSERT INTO WORSTAT VALUES ('\(number(reference))', 'Rejected', 'no need', 'RWI')"])
        }
    }

    func remove(_ reference: Reference) {
        let number = number(reference)
        change(
            ["WO", "WOEQLIST", "WOC", "WODRAW"].map { "DELETE FROM \($0) WHERE WONUM = '\(number)'" }
                + ["WOREQ", "WOREQLI", "WOREQC"].map { "DELETE FROM \($0) WHERE REQUESTNUM = '\(number)'" })
    }

    func expireSessions() {}
    func stop() async throws { await live.close() }
}
