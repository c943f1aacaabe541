import AndonModel
import Foundation

/// One request at the stand-in of ECC.
struct ECCDesk {
    let setup: ECCStandIn.Setup
    let now: Timestamp
    let request: StandInRequest
    let call: ECCCall?

    private typealias Row = ECCStandIn.Row

    /// A refusal of a function: status 200, and a row of RETURN where the caller sent that table.
    private struct Refusal: Error {
        var id: String
        var number: String
        var words: String
    }

    /// A technical failure.
    private struct Fault: Error {
        var name: String
        var words: String
    }

    private static let headerWidths = [
        "SHORT_TEXT": 40, "PRIORITY": 1, "EQUIPMENT": 18, "FUNCT_LOC": 30, "PLANPLANT": 4, "PLANGROUP": 3,
        "PM_WKCTR": 8, "CODE_GROUP": 8, "CODING": 4, "REPORTEDBY": 12, "STRMLFNDATE": 10, "STRMLFNTIME": 8,
        "DESENDDATE": 10, "DESENDTM": 8, "DEVICEDATA": 40,
    ]
    private static let itemWidths = ["ITEM_SORT_NO": 4, "DESCRIPT": 40, "D_CODEGRP": 8, "D_CODE": 4]
    private static let textWidths = ["OBJTYPE": 10, "OBJKEY": 8, "FORMAT_COL": 2, "TEXT_LINE": 132]

    func answer(_ books: inout ECCStandIn.Books) -> StandInAnswer {
        if request.path == "/sap/public/bc/icf/logoff" {
            if let name = sessionName { books.sessions[name] = nil }
            return .answer(status: 200, body: Array("<html>logged off</html>".utf8))
        }
        guard request.path == "/sap/bc/soap/rfc" else {
            return .answer(status: 404, body: Array("<html>Service cannot be reached</html>".utf8))
        }
        guard request.method == "POST" else { return .answer(status: 405) }
        let pair = Data("\(setup.user):\(setup.password)".utf8).base64EncodedString()
        guard request[header: "authorization"] == "Basic \(pair)", request.query["sap-client"] == setup.client else {
            return .answer(status: 401, body: Array("<html><h1>Logon failed</h1></html>".utf8))
        }
        guard request[header: "content-type"]?.hasPrefix("text/xml") == true,
            request[header: "soapaction"]?.contains("urn:sap-com:document:sap:rfc:functions") == true, let call
        else { return ECCAnswer.fault("PARSE", "The message is no call of a function") }
        books.calls.append(call.function)
        let name = open(&books)
        do {
            let inner = try route(call, name, &books)
            return ECCAnswer.ok(call.function, inner, cookie: setup.isStateful ? name : nil)
        } catch let refusal as Refusal {
            let rows = [ECCAnswer.message("E", refusal.id, refusal.number, refusal.words)]
            let inner = call.tables["RETURN"] == nil ? "" : ECCAnswer.table("RETURN", rows)
            return ECCAnswer.ok(call.function, inner, cookie: setup.isStateful ? name : nil)
        } catch let fault as Fault {
            return ECCAnswer.fault(fault.name, fault.words)
        } catch {
            return .answer(status: 500, body: Array("\(error)".utf8))
        }
    }

    // MARK: Sessions

    private var sessionName: String? {
        (request[header: "cookie"] ?? "").split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            .first { $0.hasPrefix("sap-contextid=") }.map { String($0.dropFirst(14)) }
    }

    private func open(_ books: inout ECCStandIn.Books) -> String {
        if let name = sessionName, books.sessions[name] != nil { return name }
        let name = "SID%3aANON%3a\(books.nextSession)"
        books.nextSession += 1
        // Reading needs none, and keeps none.
        if setup.isStateful, call?.function.hasPrefix("BAPI_ALM_NOTIF_") == true,
            call?.function.hasSuffix("GET_DETAIL") == false
        {
            books.sessions[name] = ECCStandIn.Session()
        }
        return name
    }

    // MARK: Functions

    private func route(
        _ call: ECCCall, _ session: String, _ books: inout ECCStandIn.Books
    ) throws -> String {
        let done = call.tables["RETURN"] == nil ? "" : ECCAnswer.table("RETURN", [])
        switch call.function {
        case "BAPI_ALM_NOTIF_CREATE":
            let made = try notification(call, books)
            let number = "%" + String(format: "%011d", books.nextTemporary)
            books.nextTemporary += 1
            books.sessions[session]?.pending[number] = (made, false)
            return "<NOTIFHEADER_EXPORT><NOTIF_NO>\(number)</NOTIF_NO></NOTIFHEADER_EXPORT>" + done
        case setup.oneStepFunction:
            let number = store(try notification(call, books), &books)
            return "<NOTIFHEADER_EXPORT><NOTIF_NO>\(number)</NOTIF_NO></NOTIFHEADER_EXPORT>" + done
        case "BAPI_ALM_NOTIF_DATA_ADD":
            try change(call, session, &books) { found in
                for row in call.tables["NOTITEM"] ?? [] { found.items.append(try item(row, after: found.items)) }
            }
            return done
        case "BAPI_ALM_NOTIF_DATA_MODIFY":
            try change(call, session, &books) { try modify(&$0.header, call) }
            return done
        case let name where name == setup.oneStepModifyFunction:
            let number = call.values["NUMBER"] ?? ""
            guard var found = books.notifications[number] else {
                throw Refusal(id: "IM", number: "501", words: "Notification \(number) does not exist")
            }
            try modify(&found.header, call)
            stamp(&found.header)
            books.notifications[number] = found
            return done
        case "BAPI_ALM_NOTIF_CLOSE":
            guard let date = call.structures["SYSTSTAT"]?["REFDATE"], Self.isDate(date) else {
                throw Refusal(id: "IM", number: "412", words: "Enter a reference date")
            }
            try change(call, session, &books) { found in
                found.header["SYS_STATUS"] = "NOCO"
                found.header["COMPDATE"] = date
                found.header["COMPTIME"] = call.structures["SYSTSTAT"]?["REFTIME"]
            }
            return done
        case "BAPI_ALM_NOTIF_SAVE": return try save(call, session, &books) + done
        case "BAPI_TRANSACTION_COMMIT":
            commit(session, &books)
            return "<RETURN><TYPE/><ID/><NUMBER>000</NUMBER><MESSAGE/></RETURN>"
        case "BAPI_TRANSACTION_ROLLBACK":
            books.sessions[session]?.pending = [:]
            return "<RETURN><TYPE/></RETURN>"
        case "BAPI_ALM_NOTIF_GET_DETAIL": return try detail(call, books) + done
        case "BAPI_ALM_ORDER_GET_DETAIL":
            guard let order = books.orders[call.values["NUMBER"] ?? ""] else {
                throw Refusal(id: "IW", number: "153", words: "Order does not exist")
            }
            return "<ES_HEADER><ORDERID>\(order.number)</ORDERID><SYS_STATUS>\(order.status)</SYS_STATUS></ES_HEADER>"
                + done
        case "RFC_READ_TABLE": return try readTable(call, books)
        default: throw Fault(name: "FU_NOT_FOUND", words: "Function \(call.function) not found")
        }
    }

    /// A notification of what was sent, refused where SAP would refuse it.
    private func notification(_ call: ECCCall, _ books: ECCStandIn.Books) throws -> ECCStandIn.Notification {
        guard let type = call.values["NOTIF_TYPE"], setup.notificationTypes.contains(type) else {
            throw Refusal(id: "IM", number: "006", words: "Notification type does not exist")
        }
        var header = call.structures["NOTIFHEADER"] ?? [:]
        try check(header, Self.headerWidths, "NOTIFHEADER")
        if let number = call.values["EXTERNAL_NUMBER"] {
            guard setup.takesNumbers, (1...12).contains(number.utf16.count) else {
                throw Refusal(id: "IM", number: "015", words: "No external number assignment is defined")
            }
            guard books.notifications[number] == nil else {
                throw Refusal(id: "IM", number: "010", words: "Notification \(number) already exists")
            }
            header["NOTIF_NO"] = number
        }
        if let equipment = header["EQUIPMENT"], !setup.takesAnyAsset, !setup.equipment.contains(equipment) {
            throw Refusal(id: "IE", number: "007", words: "Equipment \(equipment) does not exist")
        }
        if let place = header["FUNCT_LOC"], !setup.takesAnyAsset, !setup.locations.contains(place) {
            throw Refusal(id: "IL", number: "010", words: "Functional location \(place) does not exist")
        }
        if let priority = header["PRIORITY"], !["1", "2", "3", "4"].contains(priority) {
            throw Refusal(id: "IM", number: "310", words: "Priority \(priority) is not defined")
        }
        if header["CODING"] != nil || header["CODE_GROUP"] != nil,
            !setup.codings.contains("\(header["CODE_GROUP"] ?? "")/\(header["CODING"] ?? "")")
        {
            throw Refusal(id: "QC", number: "224", words: "The coding is not in the catalogue")
        }
        try checkTimes(header)
        let text = call.tables["LONGTEXTS"] ?? []
        for row in text {
            try check(row, Self.textWidths, "LONGTEXTS")
            guard row["OBJTYPE"] == "QMEL" else {
                throw Refusal(id: "IM", number: "455", words: "Long text without an object type")
            }
        }
        header["NOTIF_TYPE"] = type
        header["SYS_STATUS"] = "OSNO"
        var made = ECCStandIn.Notification(header: header, longText: text)
        for row in call.tables["NOTITEM"] ?? [] { made.items.append(try item(row, after: made.items)) }
        return made
    }

    private func checkTimes(_ header: Row) throws {
        for name in ["STRMLFNDATE", "DESENDDATE"] {
            if let date = header[name], !Self.isDate(date) {
                throw Fault(name: "CONVERSION", words: "\(name): \(date)")
            }
        }
        for name in ["STRMLFNTIME", "DESENDTM"] {
            if let time = header[name], time.wholeMatch(of: /\d\d:\d\d:\d\d/) == nil {
                throw Fault(name: "CONVERSION", words: "\(name): \(time)")
            }
        }
    }

    /// Members that are not marked keep what they have, whatever was sent with them.
    private func modify(_ header: inout Row, _ call: ECCCall) throws {
        let (sent, marks) = (call.structures["NOTIFHEADER"] ?? [:], call.structures["NOTIFHEADER_X"] ?? [:])
        try check(sent, Self.headerWidths, "NOTIFHEADER")
        try check(marks, Self.headerWidths.mapValues { _ in 1 }, "NOTIFHEADER_X")
        try checkTimes(sent)
        guard header["SYS_STATUS"]?.contains("NOCO") != true, header["SYS_STATUS"]?.contains("DLFL") != true else {
            throw Refusal(id: "IM", number: "409", words: "The notification is completed")
        }
        for (name, mark) in marks where mark == "X" { header[name] = sent[name] ?? "" }
    }

    private func stamp(_ header: inout Row) {
        let text = now.description
        header["CHANGED_ON"] = String(text.prefix(10))
        header["CHANGED_AT"] = String(text.dropFirst(11).prefix(8))
    }

    private func item(_ row: Row, after others: [Row]) throws -> Row {
        try check(row, Self.itemWidths, "NOTITEM")
        guard let sort = row["ITEM_SORT_NO"], sort.wholeMatch(of: /\d{4}/) != nil, sort != "0000",
            !others.contains(where: { $0["ITEM_SORT_NO"] == sort })
        else { throw Refusal(id: "IM", number: "458", words: "Items need a sort number of their own") }
        if row["D_CODE"] != nil || row["D_CODEGRP"] != nil,
            !setup.damageCodes.contains("\(row["D_CODEGRP"] ?? "")/\(row["D_CODE"] ?? "")")
        {
            throw Refusal(id: "QC", number: "224", words: "The damage code is not in the catalogue")
        }
        return row.merging(["ITEM_KEY": String(format: "%04d", others.count + 1), "DELETE_FLAG": ""]) { $1 }
    }

    private func check(_ row: Row, _ widths: [String: Int], _ structure: String) throws {
        for (name, value) in row {
            guard let width = widths[name] else {
                throw Fault(name: "PARSE", words: "\(structure) has no component \(name)")
            }
            guard value.utf16.count <= width else {
                throw Fault(name: "CONVERSION", words: "\(structure)-\(name) holds \(width) characters")
            }
            guard !value.contains("\n") else {
                throw Fault(name: "CONVERSION", words: "\(structure)-\(name) is one line")
            }
        }
    }

    private static func isDate(_ text: String) -> Bool { text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil }

    private func change(
        _ call: ECCCall, _ session: String, _ books: inout ECCStandIn.Books,
        _ change: (inout ECCStandIn.Notification) throws -> Void
    ) throws {
        let number = call.values["NUMBER"] ?? ""
        guard var found = books.sessions[session]?.pending[number]?.notification ?? books.notifications[number] else {
            throw Refusal(id: "IM", number: "501", words: "Notification \(number) does not exist")
        }
        try change(&found)
        stamp(&found.header)
        books.sessions[session]?.pending[number] = (found, false)
    }

    private func save(_ call: ECCCall, _ session: String, _ books: inout ECCStandIn.Books) throws -> String {
        let number = call.values["NUMBER"] ?? ""
        guard var found = books.sessions[session]?.pending.removeValue(forKey: number)?.notification else {
            throw Refusal(id: "IM", number: "501", words: "Notification \(number) does not exist")
        }
        let real = number.hasPrefix("%") ? self.number(for: found, &books) : number
        found.header["NOTIF_NO"] = real
        books.sessions[session]?.pending[real] = (found, true)
        return "<NOTIFHEADER><NOTIF_NO>\(real)</NOTIF_NO></NOTIFHEADER>"
    }

    private func number(for notification: ECCStandIn.Notification, _ books: inout ECCStandIn.Books) -> String {
        if let own = notification.header["NOTIF_NO"] { return own }
        defer { books.nextNumber += 1 }
        return String(format: "%012d", books.nextNumber)
    }

    private func commit(_ session: String, _ books: inout ECCStandIn.Books) {
        let pending = books.sessions[session]?.pending ?? [:]
        for (_, entry) in pending where entry.isSaved { _ = store(entry.notification, &books) }
        books.sessions[session]?.pending = [:]
    }

    private func store(_ notification: ECCStandIn.Notification, _ books: inout ECCStandIn.Books) -> String {
        var notification = notification
        let number = notification.header["NOTIF_NO"] ?? self.number(for: notification, &books)
        notification.header["NOTIF_NO"] = number
        let text = now.description
        if notification.header["CREATED_ON"] == nil {
            notification.header["CREATED_ON"] = String(text.prefix(10))
            notification.header["CREATED_AT"] = String(text.dropFirst(11).prefix(8))
        }
        books.notifications[number] = notification
        return number
    }

    private func detail(_ call: ECCCall, _ books: ECCStandIn.Books) throws -> String {
        let number = call.values["NUMBER"] ?? ""
        guard let found = books.notifications[number] else {
            throw Refusal(id: "IM", number: "023", words: "Notification \(number) does not exist")
        }
        let tables = [("NOTITEM", found.items), ("NOTIFCAUS", found.causes), ("NOTIFACTV", found.activities)]
        let crew = found.header["PM_WKCTR"].flatMap { setup.workCenters[$0] } ?? ""
        let texts = "<NOTIFHDTEXT>\(ECCAnswer.members(["WORK_CNTR": crew]))</NOTIFHDTEXT>"
        return "<NOTIFHEADER_EXPORT>\(ECCAnswer.members(found.header))</NOTIFHEADER_EXPORT>" + texts
            + tables.filter { call.tables[$0.0] != nil }.map { ECCAnswer.table($0.0, $0.1) }.joined()
    }

    // MARK: Tables

    private func readTable(_ call: ECCCall, _ books: ECCStandIn.Books) throws -> String {
        guard setup.allowsTables else {
            throw Fault(name: "NOT_AUTHORIZED", words: "User not authorized to access table")
        }
        let name = call.values["QUERY_TABLE"] ?? ""
        guard let table = ECCTable.all(setup, books)[name] else {
            throw Fault(name: "TABLE_NOT_AVAILABLE", words: "Table \(name) not active in Dictionary")
        }
        let lines = (call.tables["OPTIONS"] ?? []).map { $0["TEXT"] ?? "" }
        guard lines.allSatisfy({ $0.count <= 72 }),
            let condition = RowCondition(lines.joined(separator: " "), columns: Set(table.widths.map(\.0)))
        else { throw Fault(name: "OPTION_NOT_VALID", words: "Selection entries are not valid") }
        let fields = (call.tables["FIELDS"] ?? []).map { $0["FIELDNAME"] ?? "" }
        guard !fields.isEmpty else { throw Fault(name: "DATA_BUFFER_EXCEEDED", words: "A row is longer than 512") }
        var offset = 0
        var columns: [(name: String, width: Int)] = []
        var described: [Row] = []
        for field in fields {
            guard let width = table.widths.first(where: { $0.0 == field })?.1 else {
                throw Fault(name: "FIELD_NOT_VALID", words: "\(name) has no field \(field)")
            }
            described.append([
                "FIELDNAME": field, "OFFSET": String(format: "%06d", offset), "LENGTH": String(format: "%06d", width),
                "TYPE": "C",
            ])
            columns.append((field, width))
            offset += width
        }
        let skip = Int(call.values["ROWSKIPS"] ?? "") ?? 0
        let count = Int(call.values["ROWCOUNT"] ?? "") ?? 0
        let found = table.rows.filter(condition.holds).dropFirst(skip).prefix(count == 0 ? .max : count)
        let rows = found.map { row in
            let line = columns.map { column in
                let text = row[column.name] ?? ""
                return String(text.prefix(column.width))
                    + String(repeating: " ", count: max(0, column.width - text.count))
            }.joined()
            return ["WA": String(line.reversed().drop { $0 == " " }.reversed())]
        }
        return ECCAnswer.table("DATA", rows) + ECCAnswer.table("FIELDS", described)
    }
}
