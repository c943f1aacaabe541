import AndonModel
import Foundation
import Synchronization

/// An eMaint for tests: the table interface of X4 API v2. It takes an order twice when it is sent twice, and pads
/// its texts with blanks.
public final class EMaintStandIn: StandIn {
    public static let type = "emaint"

    public struct Setup: Sendable {
        public var user = "andon"
        public var password = "test-key"
        public var agent = "ANDON"
        public var assets: [String: [String: JSON]] = [
            "PRESS-07": ["comp_desc": "Stamping press 7", "critical": "HIGH"]
        ]
        public var takesAnyAsset = false
        public var types: Set<String> = ["CM", "PDM"]
        public var priorities: Set<String> = ["1", "2", "3", "4"]
        public var widths: [String: Int] = [
            "compid": 30, "brief_desc": 60, "wo_type": 10, "priority": 40, "ext_ref001": 40, "origin001": 40,
            "img_ref001": 100, "comments": 8000, "date_wo": 19,
            "sched_001": 19,
        ]
        /// v1's way, which some accounts of v2 have: 200 and `valid` false.
        public var refusesWith200 = false

        public init() {}
    }

    struct Books {
        var rows: [Int: [String: JSON]] = [:]
        var charges: [[String: JSON]] = []
        var documents: [(name: String, order: String, bytes: [UInt8])] = []
        var tokens: Set<String> = []
        var nextID = 1
        var logins = 0
    }

    public let setup: Setup
    public let faults = FaultPlan()
    private let books = Mutex(Books())

    public init(setup: Setup = Setup()) {
        self.setup = setup
    }

    public var logins: Int { books.withLock { $0.logins } }

    public func orders(_ reference: Reference) -> [[String: JSON]] {
        books.withLock { books in
            books.rows.sorted { $0.key < $1.key }.map(\.value).filter {
                $0["ext_ref001"]?.string == reference.text && $0["deleted"] == nil
            }
        }
    }

    public func documents(_ reference: Reference) -> [(name: String, bytes: [UInt8])] {
        guard let id = orders(reference).first?["id"]?.string else { return [] }
        return books.withLock { $0.documents.filter { $0.order == id }.map { ($0.name, $0.bytes) } }
    }

    public func change(_ reference: Reference, _ fields: [String: JSON], charges: [[String: JSON]] = []) {
        guard let order = orders(reference).first, let number = order["key"]?.integer, let wo = order["wo"] else {
            return
        }
        books.withLock { books in
            books.rows[number]?.merge(fields) { $1 }
            books.charges += charges.map { $0.merging(["wo": wo]) { $1 } }
        }
    }

    public func expireSessions() {
        books.withLock { $0.tokens = [] }
    }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { EMaintDesk(setup: setup, request: request).answer(&$0) }
        }
    }
}

/// One request to the stand-in.
struct EMaintDesk {
    let setup: EMaintStandIn.Setup
    let request: StandInRequest

    private struct Fault: Error {
        var status: Int
        var message: String
    }

    func answer(_ books: inout EMaintStandIn.Books) -> StandInAnswer {
        do {
            return try route(&books)
        } catch let fault as Fault {
            let status = fault.status == 400 && setup.refusesWith200 ? 200 : fault.status
            return json(status, ["valid": false, "message": .string(fault.message)])
        } catch {
            return .answer(status: 500)
        }
    }

    private func route(_ books: inout EMaintStandIn.Books) throws -> StandInAnswer {
        guard request[header: "accept"] == "application/json" else {
            return .answer(status: 200, headers: [("content-type", "text/xml")], body: Array("<xml/>".utf8))
        }
        if request.method == "POST", request.path == "/api/v2/Login" { return try login(&books) }
        guard request[header: "xt-useragent"] == setup.agent,
            let token = request[header: "authorization"], token.hasPrefix("Bearer "),
            books.tokens.contains(String(token.dropFirst(7)))
        else { throw Fault(status: 401, message: "Invalid or expired token") }
        guard
            let body = try? JSON(
                parsing: request.body, limits: JSONLimits(bytesMax: 64 << 20, stringBytesMax: 64 << 20))
        else {
            throw Fault(status: 400, message: "the body is not JSON")
        }
        switch (request.method, request.path) {
        case ("PUT", "/api/v2/Record"): return try create(body, &books)
        case ("POST", "/api/v2/Record"): return try update(body, &books)
        case ("DELETE", "/api/v2/Record"):
            guard body["action"] == "Delete" else { throw Fault(status: 400, message: "action is Delete or Restore") }
            let key = try key(body["id"], books)
            books.rows[key]?["deleted"] = true
            return json(200, ["valid": true, "message": "Record Deleted Successfully!"])
        case ("POST", "/api/v2/GetAnyData"): return try query(body, books)
        case ("POST", "/api/v2/UploadDocument"): return try upload(body, &books)
        default: throw Fault(status: 404, message: "unknown method")
        }
    }

    private func login(_ books: inout EMaintStandIn.Books) throws -> StandInAnswer {
        guard request[header: "username"] == setup.user, request[header: "password"] == setup.password,
            request[header: "xt-useragent"] != nil
        else { throw Fault(status: 401, message: "Login failed") }
        books.logins += 1
        let token = "jwt-\(books.logins)"
        books.tokens.insert(token)
        return json(200, ["token": .string(token)])
    }

    // MARK: Records

    private func key(_ id: JSON?, _ books: EMaintStandIn.Books) throws -> Int {
        guard let found = books.rows.first(where: { $0.value["id"] == id && $0.value["deleted"] == nil })?.key else {
            throw Fault(status: 404, message: "Record not found")
        }
        return found
    }

    private func check(_ payload: [String: JSON]) throws {
        for (name, value) in payload {
            guard let width = setup.widths[name] ?? (Self.siteColumns.contains(name) ? 100 : nil) else {
                throw Fault(status: 400, message: "Column \(name) does not exist")
            }
            guard let text = value.string else { throw Fault(status: 400, message: "\(name) is a text") }
            guard name == "comments" || text.count <= width else {
                throw Fault(status: 400, message: "\(name) is longer than \(width)")
            }
        }
        if let type = payload["wo_type"]?.string, !setup.types.contains(type) {
            throw Fault(status: 400, message: "wo_type: \(type) is not in the list")
        }
        if let priority = payload["priority"]?.string, !setup.priorities.contains(priority) {
            throw Fault(status: 400, message: "priority: \(priority) is not in the list")
        }
        if let asset = payload["compid"]?.string, !setup.takesAnyAsset, setup.assets[asset] == nil {
            throw Fault(status: 400, message: "compid: \(asset) is not in COMPINFO")
        }
        for name in ["date_wo", "sched_001"] {
            if let date = payload[name]?.string, !Self.isDate(date) {
                throw Fault(status: 400, message: "\(name) is not a date")
            }
        }
    }

    private static let siteColumns: Set<String> = ["cause", "action", "lot_001"]

    /// By the account's clock, without a zone.
    private static func isDate(_ text: String) -> Bool { text.count == 19 && Timestamp(text + "Z") != nil }

    private func create(_ body: JSON, _ books: inout EMaintStandIn.Books) throws -> StandInAnswer {
        guard body["table"] == "WORK", let payload = body["payload"]?.object else {
            throw Fault(status: 400, message: "table and payload are needed")
        }
        try check(payload)
        let key = books.nextID
        books.nextID += 1
        let id = "WO\(10_000 + key)"
        let made: [String: JSON] = [
            "key": .integer(key), "id": .string(id), "wo": .string(String(7000 + key)), "workstatus": "O",
            "stattype": "OPEN      ",
        ]
        books.rows[key] = payload.merging(made) { $1 }
        return json(201, ["valid": true, "message": "Record Saved Successfully!", "id": .string(id), "data": []])
    }

    private func update(_ body: JSON, _ books: inout EMaintStandIn.Books) throws -> StandInAnswer {
        guard let payload = body["payload"]?.object else { throw Fault(status: 400, message: "payload is needed") }
        let key = try key(body["id"], books)
        try check(payload)
        books.rows[key]?.merge(payload) { $1 }
        return json(200, ["valid": true, "message": "Record Saved Successfully!"])
    }

    private func upload(_ body: JSON, _ books: inout EMaintStandIn.Books) throws -> StandInAnswer {
        guard let name = body["filename"]?.string, let data = body["data"]?.string.flatMap({ Data(base64Encoded: $0) })
        else {
            throw Fault(status: 400, message: "filename and data in base64 are needed")
        }
        books.documents.append((name, body["id"]?.string ?? "", Array(data)))
        return json(200, ["valid": true, "message": "", "id": .string(String(7000 + books.documents.count))])
    }

    // MARK: Queries

    private func query(_ body: JSON, _ books: EMaintStandIn.Books) throws -> StandInAnswer {
        let table = body["table"]?.string ?? ""
        let known = try knownColumns(of: table)
        var rows: [[String: JSON]]
        switch table {
        case "WORK": rows = books.rows.sorted { $0.key < $1.key }.map(\.value).filter { $0["deleted"] == nil }
        case "CHARGES": rows = books.charges
        default: rows = setup.assets.sorted { $0.key < $1.key }.map { $1.merging(["compid": .string($0)]) { $1 } }
        }
        guard let text = body["filter"]?.string, let filter = try? JSON(parsing: text), filter["logic"] == "And",
            let terms = filter["filters"]?.array
        else { throw Fault(status: 400, message: "filter is a text that holds a group") }
        for term in terms { rows = try Self.kept(rows, term, known) }
        guard let size = body["pageSize"]?.integer, let page = body["pageNumber"]?.integer, size > 0, page > 0 else {
            throw Fault(status: 400, message: "pageNumber and pageSize are needed")
        }
        let order = body["sortBy"]?[0]
        guard let sorted = order?["field"]?.string, known.contains(sorted), order?["dir"] == "ASC" else {
            throw Fault(status: 400, message: "sortBy names a column and its direction")
        }
        let columns = Set((body["columns"]?.string ?? "").split(separator: ",").map(String.init))
        for name in columns.sorted() where !known.contains(name) {
            throw Fault(status: 400, message: "Column \(name) does not exist")
        }
        let shown = rows.dropFirst((page - 1) * size).prefix(size).map { row -> JSON in
            .object(row.filter { columns.contains($0.key) })
        }
        return json(200, ["valid": true, "message": "", "data": .array(Array(shown))])
    }

    private func knownColumns(of table: String) throws -> Set<String> {
        switch table {
        case "WORK":
            let work: Set<String> = ["id", "wo", "workstatus", "stattype", "dt_cmpl", "hours", "assignto"]
            return work.union(setup.widths.keys).union(Self.siteColumns)
        case "CHARGES": return ["wo", "chargetype", "item", "qty", "hours", "contactid"]
        case "COMPINFO": return ["compid", "comp_desc", "critical"]
        default: throw Fault(status: 404, message: "no table \(table)")
        }
    }

    private static let dates: Set<String> = ["date_wo", "dt_cmpl", "sched_001"]

    /// The rows that a term holds for. Dates in this form are in order as texts.
    private static func kept(
        _ rows: [[String: JSON]], _ term: JSON, _ columns: Set<String>
    ) throws -> [[String: JSON]] {
        guard let field = term["field"]?.string, let value = term["value"]?.string else {
            throw Fault(status: 400, message: "a term needs field and value")
        }
        guard columns.contains(field) else { throw Fault(status: 400, message: "Column \(field) does not exist") }
        let relation = term["operator"]?.string ?? ""
        if ["gte", "lt"].contains(relation), !dates.contains(field) || !isDate(value) {
            throw Fault(status: 400, message: "\(field) is not compared with \(value)")
        }
        switch relation {
        case "eq": return rows.filter { text($0[field]) == value }
        case "neq": return rows.filter { text($0[field]) != value }
        case "gte": return rows.filter { text($0[field]) >= value }
        case "lt": return rows.filter { text($0[field]) != "" && text($0[field]) < value }
        default: throw Fault(status: 400, message: "unknown operator")
        }
    }

    private static func text(_ value: JSON?) -> String {
        (value?.string ?? "").trimmingCharacters(in: .whitespaces)
    }

    private func json(_ status: Int, _ body: JSON) -> StandInAnswer {
        .answer(status: status, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }
}
