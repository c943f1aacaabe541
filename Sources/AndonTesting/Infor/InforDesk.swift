import AndonModel
import Foundation

/// One request at the stand-in of EAM.
struct InforDesk {
    let setup: InforStandIn.Setup
    let request: StandInRequest
    let now: Timestamp

    var clock: InforClock { InforClock(zone: TimeZone(identifier: setup.timeZone) ?? .gmt) }

    /// Members that a work order may have, by path, with their width; 0 for an object of date or number.
    private static let widths: [String: Int] = {
        var widths = [
            "WORKORDERID.JOBNUM": 30, "WORKORDERID.DESCRIPTION": 80, "FIXED": 1, "TYPE.TYPECODE": 8,
            "STATUS.STATUSCODE": 8, "PRIORITY.PRIORITYCODE": 8, "DEPARTMENTID.DEPARTMENTCODE": 15,
            "EQUIPMENTID.EQUIPMENTCODE": 30, "LOCATIONID.LOCATIONCODE": 30, "CLASSID.CLASSCODE": 8,
            "PROBLEMCODEID.PROBLEMCODE": 15, "REPORTED": 0, "TARGETDATE": 0, "SCHEDEND": 0, "DUEDATE": 0,
            "recordid": 20, "CAUSECODEID.CAUSECODE": 15, "COMPLETEDDATE": 0, "UserDefinedFields.UDFNOTE01": 4000,
        ]
        for part in ["WORKORDERID", "EQUIPMENTID", "DEPARTMENTID", "LOCATIONID", "CLASSID"] {
            widths["\(part).ORGANIZATIONID.ORGANIZATIONCODE"] = 15
        }
        for number in 1...9 { widths["UserDefinedFields.UDFCHAR0\(number)"] = 80 }
        for number in 1...9 { widths["UserDefinedFields.UDFNUM0\(number)"] = 0 }
        return widths
    }()

    func answer(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        if request.path == "/sso/token" { return token(&books) }
        let root = "/axis/restservices"
        guard request.path.hasPrefix(root) else {
            return .answer(
                status: 404, headers: [("content-type", "text/html")], body: Array("<h1>Not found</h1>".utf8))
        }
        try signIn(books)
        let path = String(request.path.dropFirst(root.count))
        switch (request.method, path) {
        case ("POST", "/workorders"), ("POST", "/workorders/"): return try create(&books)
        case ("PUT", "/workorders"): return try update(&books)
        case ("POST", "/workorderdefaults"):
            return Self.result([
                "ResultData": ["STATUS": ["STATUSCODE": "Q"], "DEPARTMENTID": ["DEPARTMENTCODE": "MAINT"]]
            ])
        case ("POST", "/grids"): return try grid(books)
        case ("POST", "/comments"): return try comment(&books)
        case ("POST", "/documents"): return try upload(&books)
        case ("POST", "/workorders/documents"): return try associate(&books)
        case ("PUT", "/documentattachments"): return try download(books)
        default: break
        }
        guard request.method == "GET",
            let found = path.wholeMatch(of: /\/workorders\/([^\/#]+)#([A-Z]+)(\/comments)?/),
            String(found.2) == setup.organization
        else { throw InforFault(status: 404, message: "HTTP 404 Not Found") }
        guard let order = books.orders[String(found.1)] else {
            throw InforFault(message: "The record \(found.1) was not found.")
        }
        if found.3 != nil {
            return Self.result([
                "ResultData": [
                    "COMMENTS": .array(
                        order.comments.map {
                            [
                                "ENTITYCOMMENTID": ["COMMENTTYPE": ["TYPECODE": .string($0.type)]],
                                "COMMENTTEXT": .string($0.text),
                            ]
                        })
                ]
            ])
        }
        return Self.result(["ResultData": ["WorkOrder": recorded(order)]])
    }

    private func recorded(_ order: InforStandIn.Order) -> JSON {
        let clock = clock
        var members = (order.body.object ?? [:]).mapValues { clock.given($0) }
        members["CREATEDDATE"] = clock.date(order.createdAt)
        members["recordid"] = .string(String(order.version))
        return .object(members)
    }

    static func result(_ result: JSON) -> StandInAnswer {
        let body: JSON = ["ErrorAlert": nil, "ConfirmationAlert": nil, "Result": result]
        return .answer(status: 200, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }

    // MARK: Sign-in

    private func token(_ books: inout InforStandIn.Books) -> StandInAnswer {
        let form = String(decoding: request.body, as: UTF8.self).split(separator: "&").reduce(into: [String: String]())
        {
            let sides = $1.split(separator: "=", maxSplits: 1).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            $0[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        let client = "Basic " + Data("\(setup.clientID):\(setup.password)".utf8).base64EncodedString()
        guard request[header: "authorization"] == client, form["grant_type"] == "password",
            form["username"] == setup.accountKey, form["password"] == setup.password
        else {
            return .answer(status: 400, body: Array("{\"error\":\"invalid_grant\"}".utf8))
        }
        let token = "tok-\(books.tokens.count)-\(books.next)"
        books.tokens.insert(token)
        return .answer(status: 200, body: Array("{\"access_token\":\"\(token)\",\"expires_in\":7200}".utf8))
    }

    private func signIn(_ books: InforStandIn.Books) throws {
        let pair = "Basic " + Data("\(setup.user):\(setup.password)".utf8).base64EncodedString()
        let given = request[header: "authorization"] ?? ""
        guard given == pair || books.tokens.contains(String(given.dropFirst(7))) else {
            throw InforFault(status: 401, message: "Invalid user or password.")
        }
        guard request[header: "tenant"] == setup.tenant else { throw InforFault(message: "Invalid tenant.") }
        guard request[header: "organization"] == setup.organization else {
            throw InforFault(message: "Invalid organization.", location: "organization")
        }
        guard request[header: "accept"] == "application/json" else {
            throw InforFault(status: 406, message: "Not acceptable")
        }
    }

    // MARK: Work orders

    func json() throws -> JSON {
        let limits = JSONLimits(bytesMax: 64 << 20, depthMax: 32, valuesMax: 100_000, stringBytesMax: 48 << 20)
        guard request[header: "content-type"] == "application/json",
            let body = try? JSON(parsing: request.body, limits: limits), body.object != nil
        else { throw InforFault(message: "The request is not valid JSON.") }
        return body
    }

    private func check(_ value: JSON, _ path: String) throws {
        if let width = Self.widths[path] {
            guard width > 0 else {
                let isDate = value["YEAR"]?.number != nil && value["MONTH"]?.integer != nil
                let isNumber = value["VALUE"]?.integer != nil && value["NUMOFDEC"]?.integer != nil
                let wantsNumber = path.contains("UDFNUM")
                guard wantsNumber ? isNumber : isDate else {
                    throw InforFault(message: "The value is not valid.", location: path)
                }
                return
            }
            guard let text = value.string, text.utf16.count <= width else {
                throw InforFault(message: "The value is too long or no text.", location: path)
            }
            return
        }
        guard let members = value.object else { throw InforFault(message: "Unknown element.", location: path) }
        for (name, member) in members { try check(member, path.isEmpty ? name : "\(path).\(name)") }
    }

    private func create(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        let body = try json()
        try check(body, "")
        try checkCodes(body)
        let number = String(books.next)
        books.next += 1
        var members = body.object ?? [:]
        var id = body["WORKORDERID"]?.object ?? [:]
        id["JOBNUM"] = .string(number)
        members["WORKORDERID"] = .object(id)
        books.orders[number] = InforStandIn.Order(body: .object(members), createdAt: now)
        return Self.result([
            "ResultData": ["JOBNUM": .string(number)], "InfoAlert": ["Message": "Saved."], "WarningAlert": nil,
            "SessionID": nil,
        ])
    }

    private func checkCodes(_ body: JSON) throws {
        guard body["WORKORDERID"]?["DESCRIPTION"]?.string?.isEmpty == false else {
            throw InforFault(message: "Description is mandatory.", location: "WORKORDERID.DESCRIPTION")
        }
        guard body["WORKORDERID"]?["ORGANIZATIONID"]?["ORGANIZATIONCODE"]?.string == setup.organization else {
            throw InforFault(message: "Organization is mandatory.", location: "WORKORDERID.ORGANIZATIONID")
        }
        guard setup.statuses[body["STATUS"]?["STATUSCODE"]?.string ?? ""] != nil else {
            throw InforFault(message: "Status change is not authorized.", location: "STATUS")
        }
        guard setup.types.contains(body["TYPE"]?["TYPECODE"]?.string ?? "") else {
            throw InforFault(message: "The type is not valid.", location: "TYPE")
        }
        guard let equipment = body["EQUIPMENTID"] else { return }
        let code = equipment["EQUIPMENTCODE"]?.string ?? ""
        guard equipment["ORGANIZATIONID"]?["ORGANIZATIONCODE"]?.string == setup.organization,
            setup.takesAnyAsset || setup.equipment.contains(code)
        else { throw InforFault(message: "Equipment \(code) was not found.", location: "EQUIPMENTID") }
    }

    private func update(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        let given = try json().object ?? [:]
        let clock = clock
        var members = given.mapValues { clock.kept($0) }
        // Nobody changes when an order was made.
        members.removeValue(forKey: "CREATEDDATE")
        let body = JSON.object(members)
        let number = body["WORKORDERID"]?["JOBNUM"]?.string ?? ""
        guard let order = books.orders[number] else { throw InforFault(message: "The record was not found.") }
        guard body["recordid"]?.string == String(order.version) else {
            throw InforFault(message: "The record was changed by another user.")
        }
        try check(body, "")
        try checkCodes(body)
        books.orders[number]?.body = body
        books.orders[number]?.version += 1
        return Self.result(["ResultData": ["JOBNUM": .string(number)]])
    }

    private func comment(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        let body = try json()
        let id = body["ENTITYCOMMENTID"]
        guard id?["ENTITY"]?.string == "EVNT", let number = id?["ENTITYKEYCODE"]?.string, books.orders[number] != nil,
            let text = body["COMMENTTEXT"]?.string
        else { throw InforFault(message: "The record was not found.", location: "ENTITYKEYCODE") }
        books.orders[number]?.comments.append((id?["COMMENTTYPE"]?["TYPECODE"]?.string ?? "*", text))
        return Self.result(["ResultData": ["LINENUM": "10"]])
    }

    // MARK: Documents

    private func upload(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        let body = try json()
        guard body["DOCUMENTTYPE"]?["TYPECODE"]?.string == "U", let name = body["FILE"]?.string,
            let content = body["DocumentAttachment"]?["FILECONTENT"]?.string, let data = Data(base64Encoded: content)
        else { throw InforFault(message: "The document is not valid.", location: "FILECONTENT") }
        var code = body["DOCUMENTID"]?["DOCUMENTCODE"]?.string ?? ""
        if body["autoid"]?.string == "true" {
            code = String(books.nextDocument)
            books.nextDocument += 1
        } else if books.documents[code] != nil {
            throw InforFault(message: "Document \(code) already exists.", location: "DOCUMENTCODE")
        }
        books.documents[code] = InforStandIn.Document(name: name, bytes: Array(data))
        return Self.result(["ResultData": ["DOCUMENTID": ["DOCUMENTCODE": .string(code)]]])
    }

    private func associate(_ books: inout InforStandIn.Books) throws -> StandInAnswer {
        let id = try json()["DOCUMENTENTITY"]?["DOCUMENTENTITYID"]
        guard id?["rentity"]?.string == "EVNT", let number = id?["code"]?.string, books.orders[number] != nil,
            let document = id?["document"]?.string, books.documents[document] != nil
        else { throw InforFault(message: "The record was not found.") }
        guard books.orders[number]?.documents.contains(document) == false else {
            throw InforFault(message: "The document is already associated.")
        }
        books.orders[number]?.documents.append(document)
        return Self.result(["ResultData": [:]])
    }

    private func download(_ books: InforStandIn.Books) throws -> StandInAnswer {
        let body = try json()
        guard let document = books.documents[body["DOCUMENTCODE"]?.string ?? ""],
            body["FILE"]?.string?.hasSuffix(document.name) == true
        else { throw InforFault(message: "The document was not found.") }
        let content = JSON.string(Data(document.bytes).base64EncodedString())
        return Self.result(["ResultData": ["Attachment": ["FILECONTENT": content]]])
    }
}
