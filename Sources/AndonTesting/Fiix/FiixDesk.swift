import AndonModel
import Crypto
import Foundation

/// One request to the stand-in.
struct FiixDesk {
    let setup: FiixStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    /// An error as Fiix gives it, with HTTP 200.
    private struct Fault: Error {
        var leg: String
        var message: String
    }

    func answer(_ books: inout FiixStandIn.Books) -> StandInAnswer {
        do {
            try signed()
            if request.path == "/api/upload" { return try upload(&books) }
            if request.method == "GET", request.path.hasPrefix("/api/download/") { return try download(books) }
            guard request.method == "POST", request.path == "/api/" else { return .answer(status: 404) }
            return json(try call(&books))
        } catch let fault as Fault {
            return json([
                "error": [
                    "leg": .string(fault.leg), "code": 1, "message": .string(fault.message),
                    "stackTrace": "at com.example",
                ]
            ])
        } catch {
            return .answer(status: 500)
        }
    }

    // MARK: Signature

    private func signed() throws {
        func refuse(_ why: String) -> Fault { Fault(leg: "SERVER_REQUEST_RECEIVE", message: why) }
        let query = request.query
        guard query["service"] == "cmms", query["appKey"] == setup.appKey, query["accessKey"] == setup.accessKey,
            query["signatureVersion"] == "1", query["signatureMethod"] == "HmacSHA256"
        else { throw refuse("unknown keys") }
        guard let sent = query["timestamp"].flatMap({ Int64($0) }), abs(sent - now.microseconds / 1000) <= 300_000
        else {
            throw refuse("the timestamp is outside of the window")
        }
        let host = request[header: "host"] ?? ""
        // The names in the order in which every client of the vendor's sends them.
        let names = ["action", "service", "accessKey", "appKey", "timestamp", "signatureVersion", "signatureMethod"]
        let text = names.map { "\($0)=\(query[$0] ?? "")" }.joined(separator: "&")
        let message = "\(host)\(request.path)?\(text)"
        let key = SymmetricKey(data: Data(setup.secretKey.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(message.utf8), using: key).hexadecimal
        let isInAddress = request.path != "/api/"
        guard (isInAddress ? query["sig"] : request[header: "authorization"]) == code else {
            throw refuse("the signature does not match")
        }
    }

    // MARK: Files

    private func upload(_ books: inout FiixStandIn.Books) throws -> StandInAnswer {
        guard let file = FormFile(request), file.field == "file" else {
            throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "the field file is missing")
        }
        let id = books.nextID
        books.nextID += 1
        books.contents[id] = file.bytes
        return .answer(
            status: 201, headers: [("content-type", "application/json")],
            body: JSON.object(["object": ["id": .integer(id), "className": "FileContents"]]).canonicalBytes)
    }

    private func download(_ books: FiixStandIn.Books) throws -> StandInAnswer {
        guard let id = Int(request.path.split(separator: "/").last ?? ""),
            let contents = books.tables["File"]?[id]?["intFileContentsID"]?.integer,
            let bytes = books.contents[contents]
        else { return .answer(status: 404) }
        return .answer(status: 200, body: bytes)
    }

    // MARK: Calls

    private func call(_ books: inout FiixStandIn.Books) throws -> JSON {
        guard request[header: "content-type"]?.hasPrefix("text/plain") == true,
            let body = try? JSON(parsing: request.body), let name = body["_maCn"]?.string, body["clientVersion"] != nil
        else { throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "the document cannot be read") }
        guard request.query["action"] == name else {
            throw Fault(leg: "SERVER_REQUEST_RECEIVE", message: "the action is not the request's")
        }
        let table = body["className"]?.string ?? ""
        switch name {
        case "AddRequest": return try add(table, body, &books)
        case "FindRequest": return try find(table, body, books)
        case "ChangeRequest": return try change(table, body, &books)
        case "RemoveRequest":
            guard let id = body["id"]?.integer, books.tables[table]?[id] != nil else {
                throw Fault(leg: "SERVER_REQUEST_PROCESS", message: "there is no such object")
            }
            books.tables[table]?[id] = nil
            return ["_maCn": "RemoveResponse", "count": 1]
        default: throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "unknown request \(name)")
        }
    }

    private static let fields: [String: Set<String>] = [
        "WorkOrder": [
            "className", "intSiteID", "intWorkOrderStatusID", "intPriorityID", "intMaintenanceTypeID", "strDescription",
            "strAdminNotes", "strNameUserGuest", "dtmSuggestedCompletionDate", "intRequestedByUserID",
        ],
        "WorkOrderAsset": ["className", "intWorkOrderID", "intAssetID"],
        "WorkOrderTask": ["className", "intWorkOrderID", "intAssetID", "intTaskType", "intOrder", "strDescription"],
        "File": ["className", "strName", "intWorkOrderID", "intFileContentsID", "strNotes"],
    ]

    /// Only what `changeFields` lists is written; the rest of the object is passed over in silence.
    private func change(_ table: String, _ body: JSON, _ books: inout FiixStandIn.Books) throws -> JSON {
        guard let object = body["object"]?.object, object["className"]?.string == table,
            let listed = body["changeFields"]?.string, let id = object["id"]?.integer
        else { throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "object with its id, and changeFields are needed") }
        guard var row = books.tables[table]?[id] else {
            throw Fault(leg: "SERVER_REQUEST_PROCESS", message: "there is no such object")
        }
        for name in listed.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            guard Self.fields[table]?.contains(name) == true, name != "className" else {
                throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "\(table) has no field \(name)")
            }
            guard let value = object[name] else { continue }
            if name.hasPrefix("int") || name.hasPrefix("dtm"), value.integer == nil {
                throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "\(name) is no number")
            }
            row[name] = value
        }
        row["intUpdated"] = .integer(now.microseconds / 1000)
        books.tables[table]?[id] = row
        return ["_maCn": "ChangeResponse", "object": Self.only(body["fields"], row), "count": 1]
    }

    private func add(_ table: String, _ body: JSON, _ books: inout FiixStandIn.Books) throws -> JSON {
        guard let allowed = Self.fields[table], let object = body["object"]?.object,
            object["className"]?.string == table
        else {
            throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "no class \(table)")
        }
        if let unknown = object.keys.first(where: { !allowed.contains($0) }) {
            throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "\(table) has no field \(unknown)")
        }
        for (name, value) in object where name.hasPrefix("int") || name.hasPrefix("dtm") {
            guard value.integer != nil else {
                throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "\(name) is no number")
            }
        }
        try check(table, object, books)
        var made = object
        let id = books.nextID
        books.nextID += 1
        made["id"] = .integer(id)
        if table == "WorkOrder" {
            made["strCode"] = .string(String(books.nextCode))
            books.nextCode += 1
            made["dtmDateCreated"] = .integer(now.microseconds / 1000)
            made["intUpdated"] = .integer(now.microseconds / 1000)
        }
        books.tables[table, default: [:]][id] = made
        return ["_maCn": "AddResponse", "object": Self.only(body["fields"], made), "count": 1]
    }

    private func check(_ table: String, _ object: [String: JSON], _ books: FiixStandIn.Books) throws {
        func refuse(_ message: String) -> Fault { Fault(leg: "SERVER_REQUEST_PROCESS", message: message) }
        func known(_ name: String, in other: String) throws {
            guard let id = object[name]?.integer else { return }
            guard books.tables[other]?[id] != nil else { throw refuse("foreign key: \(name) \(id) is no \(other)") }
        }
        if table == "WorkOrder" {
            guard object["intSiteID"] != nil, object["intWorkOrderStatusID"] != nil else {
                throw refuse("intSiteID and intWorkOrderStatusID are required")
            }
            try known("intWorkOrderStatusID", in: "WorkOrderStatus")
            try known("intPriorityID", in: "Priority")
            try known("intMaintenanceTypeID", in: "MaintenanceType")
            try known("intRequestedByUserID", in: "User")
            guard let site = object["intSiteID"]?.integer, books.tables["Asset"]?[site]?["bolIsSite"] == 1 else {
                throw refuse("intSiteID is no site")
            }
            return
        }
        try known("intWorkOrderID", in: "WorkOrder")
        try known("intAssetID", in: "Asset")
        if table == "File", object["intFileContentsID"]?.integer.map({ books.contents[$0] != nil }) != true {
            throw refuse("intFileContentsID is not there")
        }
        if table == "WorkOrderAsset" {
            let same = (books.tables[table] ?? [:]).values.contains {
                $0["intWorkOrderID"] == object["intWorkOrderID"] && $0["intAssetID"] == object["intAssetID"]
            }
            if same { throw refuse("the asset is on the work order already") }
        }
    }

    // MARK: Find

    private func find(_ table: String, _ body: JSON, _ books: FiixStandIn.Books) throws -> JSON {
        guard let limit = body["maxObjects"]?.integer, limit <= 1000 else {
            throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "maxObjects is needed, at most 1000")
        }
        var rows = Array((books.tables[table] ?? [:]).values)
        if table == "Asset", setup.takesAnyAsset, let code = body["filters"]?[0]?["parameters"]?[0]?.string,
            body["filters"]?[0]?["ql"]?.string == "strCode = ?",
            !rows.contains(where: { $0["strCode"]?.string == code })
        {
            rows.append(["id": 1000, "strCode": .string(code), "intSiteID": 20])
        }
        for filter in body["filters"]?.array ?? [] {
            rows = try Self.filter(rows, filter["ql"]?.string ?? "", filter["parameters"]?.array ?? [])
        }
        let descends = body["orderBy"]?.string == "id desc"
        rows.sort { (($0["id"]?.integer ?? 0) < ($1["id"]?.integer ?? 0)) != descends }
        let shown = rows.dropFirst(body["startIndex"]?.integer ?? 0).prefix(limit)
        return [
            "_maCn": "FindResponse", "objects": .array(shown.map { Self.only(body["fields"], $0) }),
            "totalObjects": .integer(rows.count),
        ]
    }

    /// `a = ? and b >= ?`: what real clients of the vendor's use.
    private static func filter(_ rows: [[String: JSON]], _ text: String, _ values: [JSON]) throws -> [[String: JSON]] {
        var rows = rows
        let terms = text.split(separator: " and ")
        guard terms.count == values.count else {
            throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "\(terms.count) terms and \(values.count) parameters")
        }
        for (term, value) in zip(terms, values) {
            guard let match = term.wholeMatch(of: /([A-Za-z]+) (=|>=|>|<) \?/) else {
                throw Fault(leg: "SERVER_REQUEST_UNPACK", message: "the filter \(term) cannot be read")
            }
            let name = String(match.1)
            rows = rows.filter { row in
                switch match.2 {
                case "=": row[name] == value
                case "<": (row[name]?.number ?? .infinity) < (value.number ?? 0)
                case ">": (row[name]?.number ?? -1) > (value.number ?? 0)
                default: (row[name]?.number ?? -1) >= (value.number ?? 0)
                }
            }
        }
        return rows
    }

    /// Only the fields that were asked for, and no nulls.
    private static func only(_ fields: JSON?, _ object: [String: JSON]) -> JSON {
        let names = Set((fields?.string ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        return .object(object.filter { names.contains($0.key) && $0.value != .null })
    }

    private func json(_ body: JSON) -> StandInAnswer {
        .answer(status: 200, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }
}
