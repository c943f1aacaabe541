import AndonModel
import Foundation

/// One request at the stand-in of Fusion.
struct FusionDesk {
    let setup: FusionStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    private static let widths = [
        "OrganizationCode": 18, "AssetNumber": 80, "WorkOrderNumber": 120, "WorkOrderDescription": 240,
        "WorkOrderTypeCode": 30, "WorkOrderSubTypeCode": 30, "WorkOrderStatusCode": 30, "PlannedStartDate": 40,
        "PlannedCompletionDate": 40,
    ]

    static func text(_ time: Timestamp) -> String { "\(time.description.prefix(19)).000+00:00" }

    func answer(_ books: inout FusionStandIn.Books) throws -> StandInAnswer {
        if request.path == "/oauth2/v1/token" { return token(&books) }
        let root = "/fscmRestApi/resources/11.13.18.05/"
        guard request.path.hasPrefix(root) else { throw FusionFault(status: 404, detail: "Not Found") }
        let bearer = request[header: "authorization"]?.dropFirst(7) ?? ""
        guard books.tokens.contains(String(bearer)) else {
            return .answer(status: 401, headers: [("content-type", "text/html")], body: Array("<html>401</html>".utf8))
        }
        guard Int(request[header: "rest-framework-version"] ?? "1") ?? 1 >= 2 else {
            throw FusionFault(detail: "URL request parameter q cannot be used in this context")
        }
        let path = request.path.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        switch (request.method, path.count) {
        case ("POST", 1) where path[0] == "maintenanceWorkOrders": return try create(&books)
        case ("GET", 1): return try collection(path[0], books)
        default: break
        }
        guard path[0] == "maintenanceWorkOrders", path.count >= 2, let id = Int(path[1]), var order = books.orders[id]
        else { throw FusionFault(status: 404, detail: "Not Found") }
        defer { books.orders[id] = order }
        if path.count == 2 {
            if request.method == "GET" { return Self.json(200, shown(order)) }
            if request.method == "PATCH" { return try change(&order) }
        }
        // The case of a child's name matters.
        guard path.count >= 4, path[2] == "child", path[3] == "attachments" else {
            throw FusionFault(status: 404, detail: "Not Found")
        }
        if path.count == 4, request.method == "GET" { return files(order, id) }
        if path.count == 4, request.method == "POST" { return try attach(&order) }
        guard path.count == 7, path[5] == "enclosure", path[6] == "FileContents",
            let file = order.files.first(where: { $0.fields["key"]?.string == path[4] })
        else { throw FusionFault(status: 404, detail: "Not Found") }
        return .answer(status: 200, headers: [("content-type", "application/octet-stream")], body: file.bytes)
    }

    private static func json(_ status: Int, _ body: JSON) -> StandInAnswer {
        .answer(
            status: status, headers: [("content-type", "application/vnd.oracle.adf.resourceitem+json")],
            body: body.canonicalBytes)
    }

    private func token(_ books: inout FusionStandIn.Books) -> StandInAnswer {
        let client = "Basic " + Data("\(setup.clientID):\(setup.clientSecret)".utf8).base64EncodedString()
        let form = String(decoding: request.body, as: UTF8.self)
        guard request[header: "authorization"] == client, form.contains("grant_type=client_credentials") else {
            return .answer(status: 401, body: Array("{\"error\":\"invalid_client\"}".utf8))
        }
        books.given += 1
        books.tokens.insert("tok\(books.given)")
        return .answer(status: 200, body: Array("{\"access_token\":\"tok\(books.given)\",\"expires_in\":3600}".utf8))
    }

    // MARK: Work orders

    private func body() throws -> [String: JSON] {
        guard request[header: "content-type"]?.hasSuffix("json") == true else {
            throw FusionFault(status: 415, detail: "Unsupported Media Type")
        }
        let limits = JSONLimits(bytesMax: 64 << 20, depthMax: 32, valuesMax: 100_000, stringBytesMax: 48 << 20)
        guard let object = (try? JSON(parsing: request.body, limits: limits))?.object else {
            throw FusionFault(detail: "JBO-25083: the payload is not valid JSON")
        }
        return object
    }

    private func create(_ books: inout FusionStandIn.Books) throws -> StandInAnswer {
        var fields = try body()
        let segments = fields.removeValue(forKey: "WorkOrderDFF")?.array?.first?.object ?? [:]
        for name in segments.keys where name != "__FLEX_Context" && !setup.segments.contains(name) {
            throw FusionFault(detail: "Attribute \(name) is not defined", path: "/WorkOrderDFF/0/\(name)")
        }
        let operations = fields.removeValue(forKey: "WorkOrderOperation")
        try checkForms(fields)
        try checkValues(fields, hasOperation: operations != nil)
        let number = fields["WorkOrderNumber"]?.string ?? "WO\(books.next)"
        guard !books.orders.values.contains(where: { $0.fields["WorkOrderNumber"]?.string == number }) else {
            throw FusionFault(detail: "The work order number \(number) already exists", path: "/WorkOrderNumber")
        }
        let id = books.next
        books.next += 1
        fields.merge([
            "WorkOrderId": .integer(id), "WorkOrderNumber": .string(number), "ActualStartDate": nil,
            "ActualCompletionDate": nil, "LastUpdateDate": .string(Self.text(now)),
            "WorkOrderDFF": [.object(segments)], "WorkOrderOperation": operations ?? [],
        ]) { $1 }
        fields["CreationDate"] = .string(Self.text(now))
        fields["MaintenanceProgramId"] = JSON.null
        books.orders[id] = FusionStandIn.Order(fields: fields)
        return Self.json(201, .object(fields))
    }

    private func checkForms(_ fields: [String: JSON]) throws {
        for (name, value) in fields {
            if name == "WorkOrderPriority" { continue }
            guard let width = Self.widths[name] else {
                throw FusionFault(detail: "Attribute \(name) is not updatable or not defined", path: "/\(name)")
            }
            guard let text = value.string, text.utf16.count <= width else {
                throw FusionFault(detail: "The value of the attribute is too long", path: "/\(name)")
            }
            if name.hasSuffix("Date"), text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d/) == nil
            {
                throw FusionFault(detail: "The date has no offset", path: "/\(name)")
            }
        }
    }

    private func checkValues(_ fields: [String: JSON], hasOperation: Bool) throws {
        guard fields["OrganizationCode"]?.string == setup.organization else {
            throw FusionFault(detail: "The organization is not valid", path: "/OrganizationCode")
        }
        if let asset = fields["AssetNumber"]?.string, !setup.takesAnyAsset, !setup.assets.contains(asset) {
            throw FusionFault(detail: "The asset number \(asset) is not valid", path: "/AssetNumber")
        }
        let status = fields["WorkOrderStatusCode"]?.string
        guard status == "ORA_UNRELEASED" || (status == "ORA_RELEASED" && hasOperation) else {
            throw FusionFault(detail: "A work order cannot be created with this status", path: "/WorkOrderStatusCode")
        }
        guard ["CORRECTIVE", "PREVENTIVE"].contains(fields["WorkOrderTypeCode"]?.string) else {
            throw FusionFault(detail: "The type is not valid", path: "/WorkOrderTypeCode")
        }
    }

    private func change(_ order: inout FusionStandIn.Order) throws -> StandInAnswer {
        let fields = try body()
        try checkForms(fields)
        let from = order.fields["WorkOrderStatusCode"]?.string ?? ""
        let isOpen = ["ORA_UNRELEASED", "ORA_RELEASED", "ORA_ON_HOLD"].contains(from)
        if let to = fields["WorkOrderStatusCode"], to != "ORA_CANCELED" || !isOpen || from == "ORA_ON_HOLD" {
            throw FusionFault(detail: "The status cannot be changed from \(from)", path: "/WorkOrderStatusCode")
        }
        let dates = ["PlannedStartDate", "PlannedCompletionDate"]
        for name in fields.keys where name != "WorkOrderStatusCode" {
            guard dates.contains(name), isOpen else {
                throw FusionFault(detail: "Attribute \(name) is not updatable in the status \(from)", path: "/\(name)")
            }
        }
        order.fields.merge(fields) { $1 }
        order.fields["LastUpdateDate"] = .string(Self.text(now))
        return Self.json(200, .object(order.fields))
    }

    private func shown(_ order: FusionStandIn.Order) -> JSON {
        var fields = order.fields
        if request.query["onlyData"] != "true" { fields["links"] = [] }
        if request.query["expand"]?.contains("WorkOrderOperationResourceInstance") == true {
            let people = order.workers.map { ["LaborInstanceCode": .string($0)] as JSON }
            let instances: JSON = ["items": .array(people)]
            let resources: JSON = ["items": [["WorkOrderOperationResourceInstance": instances]]]
            var operation = order.fields["WorkOrderOperation"]?[0]?.object ?? [:]
            operation["WorkOrderOperationResource"] = resources
            fields["WorkOrderOperation"] = ["items": [.object(operation)]]
        } else {
            fields["WorkOrderOperation"] = nil
        }
        return .object(fields)
    }

    // MARK: Files

    private func files(_ order: FusionStandIn.Order, _ id: Int) -> StandInAnswer {
        let rows = order.files.map { file -> JSON in
            var fields = file.fields
            let key = fields.removeValue(forKey: "key")?.string ?? ""
            if request.query["onlyData"] != "true" {
                let href = "https://inner.oracle/fscmRestApi/resources/11.13.18.05/maintenanceWorkOrders/\(id)"
                fields["links"] = [
                    [
                        "rel": "enclosure", "name": "FileContents",
                        "href": .string("\(href)/child/attachments/\(key)/enclosure/FileContents"),
                    ]
                ]
            }
            return .object(fields)
        }
        return page(rows)
    }

    private func attach(_ order: inout FusionStandIn.Order) throws -> StandInAnswer {
        var fields = try body()
        guard fields["CategoryName"]?.string == "MISC" else {
            throw FusionFault(detail: "The category is not assigned to work orders", path: "/CategoryName")
        }
        guard fields["Title"]?.string.map({ $0.count <= 80 }) ?? true else {
            throw FusionFault(detail: "The title is too long", path: "/Title")
        }
        var bytes: [UInt8] = []
        switch fields["DatatypeCode"]?.string {
        case "FILE":
            guard let data = fields.removeValue(forKey: "FileContents")?.string.flatMap({ Data(base64Encoded: $0) })
            else {
                throw FusionFault(detail: "The contents are not base64", path: "/FileContents")
            }
            bytes = Array(data)
        case "TEXT": bytes = Array((fields["UploadedText"]?.string ?? "").utf8)
        default: throw FusionFault(detail: "The data type is not valid", path: "/DatatypeCode")
        }
        fields["AttachedDocumentId"] = .integer(300_000_090_000_000 + order.files.count)
        fields["UploadedFileLength"] = .integer(bytes.count)
        fields["key"] = .string("0002000000\(order.files.count)FF")
        order.files.append(FusionStandIn.File(fields: fields, bytes: bytes))
        fields["key"] = nil
        return Self.json(201, .object(fields))
    }

    // MARK: Collections

    private func collection(_ name: String, _ books: FusionStandIn.Books) throws -> StandInAnswer {
        let conditions = try conditions(on: Self.known[name] ?? [])
        let orders = books.orders.sorted { $0.key < $1.key }.map(\.value)
        switch name {
        case "maintenanceWorkOrders":
            if request.query["fields"] != nil, request.query["expand"] != nil {
                throw FusionFault(detail: "fields and expand cannot be used together")
            }
            return page(orders.filter { order in conditions.allSatisfy { $0.holds(for: order.fields) } }.map(shown))
        case "maintenanceWorkOrderResources", "maintenanceWorkOrderMaterials":
            let isLabour = name.hasSuffix("Resources")
            return page(
                orders.flatMap { order in
                    (isLabour ? order.resources : order.materials).map {
                        $0.merging(["WorkOrderId": order.fields["WorkOrderId"] ?? 0]) { $1 }
                    }
                }.filter { row in conditions.allSatisfy { $0.holds(for: row) } }.map { .object($0) })
        case "assetFailureEvents":
            return page(
                orders.filter { !$0.failures.isEmpty }.map { order -> [String: JSON] in
                    [
                        "WorkOrderNumber": order.fields["WorkOrderNumber"] ?? "",
                        "failureInstances": ["items": .array(order.failures.map { .object($0) })],
                    ]
                }.filter { row in conditions.allSatisfy { $0.holds(for: row) } }.map { .object($0) })
        case "installedBaseAssets":
            return page(
                setup.assets.sorted().map {
                    ["AssetNumber": .string($0), "AssetDescription": .string("\($0) name"), "LocationName": "BR100"]
                })
        default: throw FusionFault(status: 404, detail: "Not Found")
        }
    }

    private func page(_ rows: [JSON]) -> StandInAnswer {
        let offset = Int(request.query["offset"] ?? "0") ?? 0
        let limit = min(Int(request.query["limit"] ?? "25") ?? 25, 500)
        let items = Array(rows.dropFirst(offset).prefix(limit))
        return Self.json(
            200,
            [
                "items": .array(items), "count": .integer(items.count), "limit": .integer(limit),
                "offset": .integer(offset), "hasMore": .bool(rows.count > offset + limit),
            ])
    }

    private struct Condition {
        var name: String
        var sign: String
        var value: String

        func holds(for row: [String: JSON]) -> Bool {
            let left = row[name]?.string ?? row[name]?.integer.map { String($0) } ?? ""
            switch sign {
            case "LIKE": return left.hasPrefix(value.replacing("%", with: ""))
            case ">=", "<":
                guard let left = Timestamp(left), let right = Timestamp(value) else { return false }
                return sign == "<" ? left < right : left >= right
            default: return left == value
            }
        }
    }

    /// The attributes of each collection that can be asked for.
    private static let known: [String: Set<String>] = [
        "maintenanceWorkOrders": ["WorkOrderNumber", "OrganizationCode", "LastUpdateDate", "CreationDate"],
        "maintenanceWorkOrderResources": ["WorkOrderId"], "maintenanceWorkOrderMaterials": ["WorkOrderId"],
        "assetFailureEvents": ["WorkOrderNumber"], "installedBaseAssets": ["OperatingOrganizationCode"],
    ]

    /// Comparisons joined by `and`; anything else is refused. Dates are compared by order, all else is not.
    private func conditions(on known: Set<String>) throws -> [Condition] {
        guard let q = request.query["q"] else { return [] }
        return try q.split(separator: " and ").map { term in
            guard let match = term.wholeMatch(of: /(\w+) ?(=|>=|<|LIKE) ?(?:'((?:[^']|'')*)'|(\d+))/) else {
                throw FusionFault(detail: "The expression \(term) is not valid", path: "/q")
            }
            let name = String(match.1)
            guard known.contains(name) else {
                throw FusionFault(detail: "Attribute \(name) is not queryable", path: "/q")
            }
            let value = match.3.map { String($0).replacing("''", with: "'") } ?? match.4.map(String.init) ?? ""
            let sign = String(match.2)
            let isDate = name.hasSuffix("Date")
            guard isDate == [">=", "<"].contains(sign), !isDate || Timestamp(value) != nil else {
                throw FusionFault(detail: "The value \(value) cannot be compared with \(name)", path: "/q")
            }
            return Condition(name: name, sign: sign, value: value)
        }
    }
}
