import AndonModel
import AndonTesting
import AndonWire
import Foundation
import GRDB

/// A real database for MP2's tables, as a person at MP2's own client and the connector's driver reach it.
protocol MP2Tables: Sendable {
    /// For the driver, without user and password.
    var connection: String { get }
    var user: String? { get }
    /// Names in upper case, values as texts.
    func rows(_ sql: String) throws -> [JSON]
    func execute(_ statements: [String]) throws
}

extension RealPostgres: MP2Tables {
    var user: String? { Self.userName }
}

final class SQLiteTables: MP2Tables {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/mp2.db" }
    let user: String? = nil

    init() throws { folder = try TemporaryFolder("andon-mp2") }

    var connection: String { "Driver=libsqlite3odbc.so;Database=\(path);Timeout=20000" }

    func rows(_ sql: String) throws -> [JSON] {
        try DatabaseQueue(path: path).read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                let members = row.map { ($0.0.uppercased(), JSON.string(String.fromDatabaseValue($0.1) ?? "\($0.1)")) }
                return .object(Dictionary(members, uniquingKeysWith: { $1 }))
            }
        }
    }

    func execute(_ statements: [String]) throws {
        try DatabaseQueue(path: path).write { db in
            for sql in statements { try db.execute(sql: sql) }
        }
    }
}

/// MP2's tables with the widths and keys of the 5.0 database.
enum MP2Schema {
    private static let seven =
        "WONUM VARCHAR(10), CLOSEDATE TIMESTAMP, EQNUM VARCHAR(30), LOCATION VARCHAR(30) NOT NULL, SUBLOCATION1 VARCHAR(30) NOT NULL, SUBLOCATION2 VARCHAR(30) NOT NULL, SUBLOCATION3 VARCHAR(30) NOT NULL"
    private static let sevenKey =
        "PRIMARY KEY (WONUM, CLOSEDATE, EQNUM, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3)"
    static let statements = [
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

    /// Of work requests, which have a description where orders have an EQDESC.
    static let requests = [
        "CREATE TABLE WOREQ (REQUESTNUM VARCHAR(10), DATERELEASED TIMESTAMP, TIMERELEASED TIMESTAMP, REQUESTEDBY VARCHAR(11) CHECK (LENGTH(REQUESTEDBY) <= 11), REQUESTDATE TIMESTAMP, REQUESTTIME TIMESTAMP, PRIORITY DOUBLE PRECISION, WOTYPE VARCHAR(9), TASKDESC VARCHAR(72) CHECK (LENGTH(TASKDESC) <= 72), CHECK (LENGTH(REQUESTNUM) = 10), PRIMARY KEY (REQUESTNUM, DATERELEASED))",
        "CREATE TABLE WOREQLI (\(sevenOfRequests), DEPARTMENT VARCHAR(10), DESCRIPTION VARCHAR(40), UD1 VARCHAR(20))",
        "CREATE TABLE WOREQC (\(sevenOfRequests), TEXTS TEXT)",
        "CREATE TABLE WORSTAT (REQUESTNUM VARCHAR(20), NEWSTATUS VARCHAR(20), REASON VARCHAR(255), EMPCODE VARCHAR(11))",
    ]

    private static let sevenOfRequests = seven.replacing("WONUM", with: "REQUESTNUM").replacing(
        "CLOSEDATE", with: "DATERELEASED")
}
