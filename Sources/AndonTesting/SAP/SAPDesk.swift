import AndonModel
import Foundation

/// One request at the stand-in of SAP Gateway.
struct SAPDesk {
    let setup: SAPStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    /// Width of each field that a client may write.
    static let widths: [String: Int] = [
        "NotificationType": 2, "NotificationText": 40, "MaintPriority": 1, "TechnicalObject": 40,
        "TechObjIsEquipOrFuncnlLoc": 20, "FunctionalLocation": 30, "MaintenancePlanningPlant": 4,
        "MaintenancePlannerGroup": 3, "MainWorkCenter": 8, "MainWorkCenterPlant": 4, "MaintenancePlant": 4,
        "LocationDescription": 50, "AssetRoom": 8, "MaintNotifExtReferenceNumber": 20, "ReportedByUser": 12,
        "MaintNotifDetectionCodeGroup": 8, "MaintNotifDetectionCode": 4, "MaintNotificationCodeGroup": 8,
        "MaintNotificationCode": 4, "MalfunctionStartDate": 40, "MalfunctionStartTime": 12, "RequiredEndDate": 40,
        "RequiredEndTime": 12, "MaintNotifLongTextForEdit": 1333,
    ]
    private static let itemWidths = [
        "MaintNotifItemText": 40, "MaintNotifDamageCodeGroup": 8, "MaintNotificationDamageCode": 4,
    ]
    static let orderWidths = [
        "MaintenanceOrderType": 4, "MaintenanceOrderDesc": 40, "MaintenancePlanningPlant": 4, "Equipment": 18,
        "FunctionalLocation": 30, "MainWorkCenter": 8, "MainWorkCenterPlant": 4, "MaintPriority": 1,
        "MaintOrdBasicStartDateTime": 40, "MaintenanceNotification": 12,
    ]
    private static let operationWidths = [
        "OperationDescription": 40, "OperationControlKey": 4, "WorkCenter": 8, "Plant": 4,
    ]
    static func moment(_ time: Timestamp) -> JSON { .string("/Date(\(time.microseconds / 1000)+0000)/") }

    func answer(_ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        let root = "/sap/opu/odata/sap/"
        guard request.path.hasPrefix(root) else { return .answer(status: 200, body: []) }
        try signIn()
        let path = request.path.dropFirst(root.count)
        let service = String(path.prefix { $0 != "/" })
        guard setup.services.contains(service) else {
            throw SAPFault(
                403, "/IWFND/MED/170", "No service found for namespace '', name '\(service)', version '0001'")
        }
        let rest = String(path.dropFirst(service.count + 1))
        if request.method == "GET", rest.isEmpty { return fetchToken(&books) }
        if request.method != "GET" { try checkToken(books) }
        let answer = try route(service, rest, &books)
        // Without this header the answer is Atom XML.
        guard rest.hasSuffix("$value") || request[header: "accept"]?.contains("application/json") == true else {
            return .answer(
                status: 200, headers: [("content-type", "application/atom+xml")], body: Array("<entry/>".utf8))
        }
        return answer
    }

    private func signIn() throws {
        let pair = Data("\(setup.user):\(setup.password)".utf8).base64EncodedString()
        guard request[header: "authorization"] == "Basic \(pair)", request.query["sap-client"] == setup.client else {
            throw SAPFault(401, "", "<html><body><h1>Logon Error Message</h1></body></html>")
        }
    }

    // MARK: Tokens

    private func fetchToken(_ books: inout SAPStandIn.Books) -> StandInAnswer {
        guard request[header: "x-csrf-token"]?.lowercased() == "fetch" else {
            return Self.json(200, ["EntitySets": []])
        }
        books.fetches += 1
        let token = "tok\(books.fetches)=="
        let cookie = "SAP_SESSIONID_S4H_100=s\(books.fetches)"
        books.sessions[token] = cookie
        return .answer(
            status: 200,
            headers: [
                ("x-csrf-token", token), ("set-cookie", "\(cookie); path=/; secure; HttpOnly"),
                ("set-cookie", "sap-usercontext=sap-client=100; path=/"), ("content-type", "application/json"),
            ], body: Array("{\"d\":{\"EntitySets\":[]}}".utf8))
    }

    private func checkToken(_ books: SAPStandIn.Books) throws {
        let cookies = request[header: "cookie"] ?? ""
        guard let cookie = books.sessions[request[header: "x-csrf-token"] ?? ""], cookies.contains(cookie),
            cookies.contains("sap-usercontext=sap-client=100")
        else {
            throw SAPFault(403, "", "CSRF token validation failed", headers: [("x-csrf-token", "Required")])
        }
    }

    // MARK: Services

    private func route(_ service: String, _ rest: String, _ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        switch (request.method, rest) {
        case ("POST", "MaintenanceNotification"): return try create(&books)
        case ("GET", "MaintenanceNotification"):
            let notifications = books.notifications
            let rows = notifications.sorted { $0.key < $1.key }
            return try list(
                rows.map(\.value.fields), locked: ["ConcatenatedActiveSystStsName", "PersonResponsibleName"]
            ) { row in
                notifications[row["MaintenanceNotification"]?.string ?? ""].map(expanded) ?? .object(row)
            }
        case ("POST", "CompleteMaintNotification"): return try complete(&books)
        case ("POST", "AttachmentContentSet"): return try attach(&books)
        case ("GET", "GetAllOriginals"): return try originals(books)
        case ("GET", "MaintenanceOrder"):
            return try list(
                books.orders.sorted { $0.key < $1.key }.map(\.value), locked: ["SystemStatusText", "UserStatusText"])
        case ("POST", "MaintenanceOrder"): return try createOrder(&books)
        case ("GET", "MaintOrderConfirmation"): return try list(books.confirmations)
        case ("GET", "MaintOrderOpComponent"): return try list(books.components)
        case ("GET", "A_MaterialDocumentItem"): return try list(books.documents)
        case ("GET", "Equipment"):
            return try list(
                setup.equipment.sorted().map {
                    [
                        "Equipment": .string($0), "EquipmentName": .string("\($0) name"), "ABCIndicator": "A",
                        "FunctionalLocation": "BR100",
                    ]
                })
        default: break
        }
        if service == "API_CV_ATTACHMENT_SRV", rest.hasPrefix("AttachmentContentSet("), rest.hasSuffix("/$value") {
            return try content(rest, books)
        }
        if let found = rest.wholeMatch(of: /MaintenanceOrder\('([^']*)'\)/) {
            return try order(String(found.1), &books)
        }
        guard let found = rest.wholeMatch(of: /MaintenanceNotification\('([^']*)'\)(\/to_Item)?/) else {
            throw SAPFault(404, "005056A509B11EE1B9A8FEC11C21578E", "Resource not found for segment '\(rest)'")
        }
        return try notification(String(found.1), isItems: found.2 != nil, &books)
    }

    private func notification(
        _ number: String, isItems: Bool, _ books: inout SAPStandIn.Books
    ) throws -> StandInAnswer {
        guard var notification = books.notifications[number] else {
            throw SAPFault(404, "IM/023", "Notification \(number) does not exist")
        }
        switch (request.method, isItems) {
        case ("GET", false): return Self.json(200, expanded(notification))
        case ("PATCH", false):
            notification.fields = try changed(notification)
            books.notifications[number] = notification
            return .answer(status: 204)
        case ("GET", true): return Self.json(200, ["results": .array(notification.items.map { .object($0) })])
        case ("POST", true):
            let item = try body(Self.itemWidths)
            notification.items.append(item.merging(["IsDeleted": false]) { $1 })
            notification.fields["LastChangeDateTime"] = Self.moment(now)
            books.notifications[number] = notification
            return Self.json(201, .object(item))
        default: throw SAPFault(405, "/IWFND/CM_MGW/096", "Method \(request.method) not allowed")
        }
    }

    private func expanded(_ notification: SAPStandIn.Notification) -> JSON {
        var fields = notification.fields
        let expand = request.query["$expand"] ?? ""
        func rows(_ rows: [[String: JSON]], _ path: String) -> JSON {
            guard expand.contains(path) else {
                return ["__deferred": ["uri": .string("https://inner:44300/sap/\(path)")]]
            }
            return ["results": .array(rows.map { .object($0) })]
        }
        let items = notification.items.enumerated().map { index, item in
            var item = item
            item["to_ItemCause"] = rows(index == 0 ? notification.causes : [], "to_Item/to_ItemCause")
            item["to_ItemActivity"] = rows(index == 0 ? notification.activities : [], "to_Item/to_ItemActivity")
            return item
        }
        fields["to_Item"] = rows(items, "to_Item")
        fields["__metadata"] = ["etag": .string(Self.mark(of: notification.fields))]
        return .object(fields)
    }

    // MARK: Writing

    func body(_ widths: [String: Int], children: [String: [String: Int]] = [:]) throws -> [String: JSON] {
        guard request[header: "content-type"] == "application/json" else {
            throw SAPFault(415, "/IWFND/CM_CONSUMER/415", "Unsupported media type")
        }
        guard let object = (try? JSON(parsing: request.body))?.object else {
            throw SAPFault(400, "005056A509B11EE1BB8AF4A65EC3CA20", "Malformed JSON")
        }
        try check(object, widths, children)
        return object
    }

    private func check(_ object: [String: JSON], _ widths: [String: Int], _ children: [String: [String: Int]]) throws {
        for (name, value) in object {
            if let child = children[name] {
                for row in value.array ?? [] { try check(row.object ?? [:], child, [:]) }
                continue
            }
            guard let width = widths[name] else {
                throw SAPFault(400, "005056A509B11EE1B9A8FEA8DE87F78E", "Property '\(name)' is invalid")
            }
            let isDate = name.hasSuffix("Date") || name.hasSuffix("DateTime")
            if isDate, value.string?.wholeMatch(of: /\/Date\(-?\d+(\+\d{4})?\)\//) == nil {
                throw SAPFault(400, "005056A509B11EE1", "Property '\(name)' at offset '1' has invalid value")
            }
            if name.hasSuffix("Time"), !isDate, value.string?.wholeMatch(of: /PT\d\dH\d\dM\d\dS/) == nil {
                throw SAPFault(400, "005056A509B11EE1", "Property '\(name)' at offset '1' has invalid value")
            }
            // A service counts UTF-16 units.
            guard let text = value.string, text.utf16.count <= width else {
                throw SAPFault(400, "005056A509B11EE1", "Property '\(name)' at offset '\(width)' has invalid value")
            }
        }
    }

    private func create(_ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        var fields = try body(Self.widths, children: ["to_Item": Self.itemWidths])
        let items = (fields.removeValue(forKey: "to_Item")?.array ?? []).compactMap(\.object)
        guard fields["NotificationText"] != nil else { throw SAPFault(400, "IM/020", "Enter a short text") }
        guard setup.notificationTypes.contains(fields["NotificationType"]?.string ?? "M1") else {
            throw SAPFault(400, "IM/001", "Notification type is not allowed")
        }
        // Read-only there: passed over in silence.
        fields["FunctionalLocation"] = nil
        try checkObject(fields["TechnicalObject"]?.string, fields["TechObjIsEquipOrFuncnlLoc"]?.string)
        try checkCode(fields, "MaintNotifDetectionCodeGroup", "MaintNotifDetectionCode", setup.detectionCodes)
        for item in items {
            try checkCode(item, "MaintNotifDamageCodeGroup", "MaintNotificationDamageCode", setup.damageCodes)
        }
        if fields["MaintPriority"] != nil {
            fields["RequiredEndDate"] = "/Date(0)/"
            fields["RequiredEndTime"] = "PT00H00M00S"
        }
        let number = String(books.nextNotification)
        books.nextNotification += 1
        fields["MaintNotifExtReferenceNumber"] = fields["MaintNotifExtReferenceNumber"].flatMap {
            $0.string.map { .string($0.uppercased()) }
        }
        fields["TechnicalObjectLabel"] = fields["TechnicalObject"]
        let clock = now.description.dropFirst(11).prefix(8)
        fields.merge([
            "MaintenanceNotification": .string(number), "NotifProcessingPhase": "1", "MaintenanceOrder": "",
            "NotifProcessingPhaseDesc": "Outstanding", "LastChangeDateTime": Self.moment(now),
            "NotificationCreationDate": .string("/Date(\(now.microseconds / 86_400_000_000 * 86_400_000))/"),
            "NotificationCreationTime": .string(
                "PT\(clock.prefix(2))H\(clock.dropFirst(3).prefix(2))M\(clock.suffix(2))S"),
            "NotificationCompletionDate": nil, "CompletionTime": "PT00H00M00S", "PersonResponsible": "",
        ]) { $1 }
        let notification = SAPStandIn.Notification(
            fields: fields, items: items.map { $0.merging(["IsDeleted": false]) { $1 } })
        books.notifications[number] = notification
        var answer = fields
        answer["to_Item"] = ["results": .array(items.map { .object($0) })]
        return Self.json(201, .object(answer))
    }

    private func checkObject(_ object: String?, _ kind: String?) throws {
        guard let object, !setup.takesAnyAsset else { return }
        switch kind {
        case "EAMS_EQUI":
            guard setup.equipment.contains(object) else {
                throw SAPFault(400, "IM/063", "Equipment \(object) does not exist")
            }
        case "EAMS_FL":
            guard setup.locations.contains(object) else {
                throw SAPFault(400, "IM/064", "Functional location \(object) does not exist")
            }
        default: throw SAPFault(400, "IM/065", "Enter the type of the technical object")
        }
    }

    private func checkCode(
        _ fields: [String: JSON], _ group: String, _ code: String, _ known: Set<String>
    ) throws {
        guard let code = fields[code]?.string else { return }
        let name = "\(fields[group]?.string ?? "")/\(code)"
        guard known.contains(name) else { throw SAPFault(400, "QM/030", "Code \(name) does not exist in the catalog") }
    }

    private func createOrder(_ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        var fields = try body(
            Self.orderWidths, children: ["to_MaintenanceOrderOperation": Self.operationWidths])
        guard setup.orderTypes.contains(fields["MaintenanceOrderType"]?.string ?? "") else {
            throw SAPFault(400, "IW/010", "Order type is not defined")
        }
        if let equipment = fields["Equipment"]?.string { try checkObject(equipment, "EAMS_EQUI") }
        if let location = fields["FunctionalLocation"]?.string { try checkObject(location, "EAMS_FL") }
        let number = fields["MaintenanceNotification"]?.string ?? ""
        guard books.notifications[number]?.fields["MaintenanceOrder"]?.string?.isEmpty == true else {
            throw SAPFault(400, "IM/502", "Notification \(number) does not exist or is already assigned")
        }
        let order = String(books.nextOrder)
        books.nextOrder += 1
        fields.merge([
            "MaintenanceOrder": .string(order), "SystemStatusText": "CRTD MANC NTUP",
            "MaintOrdProcessSubPhaseCode": "", "LastChangeDateTime": Self.moment(now),
        ]) { $1 }
        books.orders[order] = fields
        books.notifications[number]?.fields["MaintenanceOrder"] = .string(order)
        return Self.json(201, .object(fields))
    }

    private func complete(_ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        let number = (request.query["MaintenanceNotification"] ?? "").replacing("'", with: "")
        guard books.notifications[number] != nil else {
            throw SAPFault(404, "IM/023", "Notification \(number) does not exist")
        }
        books.notifications[number]?.fields.merge([
            "NotifProcessingPhase": "4", "NotifProcessingPhaseDesc": "Completed",
            "LastChangeDateTime": Self.moment(now),
        ]) { $1 }
        return Self.json(200, .object(books.notifications[number]?.fields ?? [:]))
    }

    // MARK: Attachments

    private func attach(_ books: inout SAPStandIn.Books) throws -> StandInAnswer {
        guard let name = request[header: "slug"], let object = request[header: "businessobjecttypename"],
            let key = request[header: "linkedsapobjectkey"]
        else { throw SAPFault(400, "CV_ATTACH/001", "Slug, BusinessObjectTypeName and LinkedSAPObjectKey are needed") }
        guard ["PMQMEL", "BUS2038"].contains(object), key.count == 12,
            books.notifications[String(key.drop { $0 == "0" })] != nil
        else { throw SAPFault(400, "CV_ATTACH/010", "Business object \(object) \(key) does not exist") }
        let file = SAPStandIn.File(
            object: object, key: key, name: name, document: "1000\(books.files.count)", bytes: request.body)
        books.files.append(file)
        return Self.json(201, row(file))
    }

    private func row(_ file: SAPStandIn.File) -> JSON {
        [
            "DocumentInfoRecordDocType": "EAM", "DocumentInfoRecordDocNumber": .string(file.document),
            "DocumentInfoRecordDocPart": "000", "DocumentInfoRecordDocVersion": "00",
            "LogicalDocument": .string("L\(file.document)"), "ArchiveDocumentID": .string("A\(file.document)"),
            "FileName": .string(file.name), "FileSize": .string(String(file.bytes.count)),
            "BusinessObjectTypeName": .string(file.object), "LinkedSAPObjectKey": .string(file.key),
        ]
    }

    private func originals(_ books: SAPStandIn.Books) throws -> StandInAnswer {
        func value(_ name: String) throws -> String {
            guard let text = request.query[name], text.hasPrefix("'"), text.hasSuffix("'"), text.count > 2 else {
                throw SAPFault(400, "005056A509B11EE1", "Parameter \(name) is missing or has no quotes")
            }
            return String(text.dropFirst().dropLast())
        }
        let (object, key) = (try value("BusinessObjectTypeName"), try value("LinkedSAPObjectKey"))
        let rows = books.files.filter { $0.object == object && $0.key == key }
        return Self.json(200, ["results": .array(rows.map(row))])
    }

    private func content(_ rest: String, _ books: SAPStandIn.Books) throws -> StandInAnswer {
        guard let number = rest.firstMatch(of: /DocumentInfoRecordDocNumber='([^']*)'/).map({ String($0.1) }),
            let file = books.files.first(where: { $0.document == number }), rest.contains("BusinessObjectTypeName='")
        else { throw SAPFault(404, "CV_ATTACH/020", "Attachment not found") }
        return .answer(status: 200, headers: [("content-type", "image/jpeg")], body: file.bytes)
    }

    // MARK: Lists

    private static let filterable: Set<String> = [
        "MaintNotifExtReferenceNumber", "LastChangeDateTime", "MaintenanceNotification", "MaintenanceOrder",
        "ManufacturingOrder", "SystemStatusText", "ConcatenatedActiveSystStsName",
    ]

    private func list(
        _ rows: [[String: JSON]], locked: Set<String> = [], show: (([String: JSON]) -> JSON)? = nil
    ) throws -> StandInAnswer {
        for option in request.query.keys where option.hasPrefix("$") {
            guard ["$filter", "$select", "$top", "$skip", "$orderby", "$expand", "$format"].contains(option) else {
                throw SAPFault(400, "005056A509B11EE1", "Invalid system query option: \(option)")
            }
        }
        var found = rows
        if let text = request.query["$filter"] {
            do {
                let filter = try ODataFilter(text, known: Self.filterable, locked: locked)
                found = try rows.filter { try filter.holds(for: $0) }
            } catch let fault as ODataFilter.Fault {
                throw SAPFault(400, "/IWBEP/CM_MGW_RT/020", fault.reason)
            }
        }
        let skip = Int(request.query["$skip"] ?? "0") ?? 0
        let top = Int(request.query["$top"] ?? "1000") ?? 1000
        let page = found.dropFirst(skip).prefix(top)
        return Self.json(200, ["results": .array(page.map { show?($0) ?? .object($0) })])
    }

    static func json(_ status: Int, _ data: JSON) -> StandInAnswer {
        .answer(
            status: status, headers: [("content-type", "application/json")],
            body: (["d": data] as JSON).canonicalBytes)
    }
}
