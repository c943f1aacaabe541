import AndonModel
import Foundation

/// One request to the stand-in, from its sign-in to its answer.
struct MaximoDesk {
    let setup: MaximoStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    private static let orders = "mxapiwodetail"
    private static let assets = "mxapiasset"

    func answer(_ books: inout MaximoStandIn.Books) throws -> StandInAnswer {
        let segments = request.path.split(separator: "/").map(String.init)
        guard segments.count >= 2, segments[0] == "maximo" else { throw MaximoFault(404, nil, "no such page") }
        let cookie = try signIn(root: segments[1], &books)
        if segments == ["maximo", "oslc", "logout"] {
            books.sessions = []
            return .answer(status: 200)
        }
        guard segments.count >= 4, segments[2] == "os" else { throw MaximoFault(404, nil, "no such page") }
        guard [Self.orders, Self.assets].contains(segments[3]) else {
            throw MaximoFault(404, "BMXAA8727E", "The OSLC resource \(segments[3]) was not found")
        }
        var answer = try route(segments, &books)
        if let cookie, case .answer(let status, let headers, let body) = answer {
            answer = .answer(status: status, headers: headers + [("set-cookie", cookie)], body: body)
        }
        return answer
    }

    private func route(_ segments: [String], _ books: inout MaximoStandIn.Books) throws -> StandInAnswer {
        switch (request.method, segments.count, segments.last) {
        case ("GET", 4, _): return try list(segments[3], books)
        case ("POST", 4, _): return try create(&books)
        case ("GET", 5, _): return try read(at(segments[4], books), books)
        case ("POST", 5, _): return try change(at(segments[4], books), &books)
        case ("GET", 6, "doclinks"): return try files(at(segments[4], books), books)
        case ("POST", 6, "doclinks"): return try attach(at(segments[4], books), &books)
        case ("GET", 7, let id): return try file(id ?? "", at(segments[4], books), books)
        default: throw MaximoFault(405, "BMXAA8400E", "\(request.method) is not supported here")
        }
    }

    private func at(_ id: String, _ books: MaximoStandIn.Books) throws -> Int {
        guard let index = books.index[id] else {
            throw MaximoFault(404, "BMXAA8727E", "The OSLC resource WORKORDER with the ID \(id) was not found")
        }
        return index
    }

    // MARK: Sign-in

    /// Returns the cookie of a session that was opened by this request.
    private func signIn(root: String, _ books: inout MaximoStandIn.Books) throws -> String? {
        if root == "api" {
            switch request[header: "apikey"] {
            case setup.apiKey: return nil
            case setup.readOnlyKey where request.method == "GET": return nil
            case setup.readOnlyKey: throw MaximoFault(403, "BMXAA9301E", "This key may read only")
            default: throw MaximoFault(401, "BMXAA7901E", "You cannot log in at this time")
            }
        }
        guard root == "oslc" else { throw MaximoFault(404, nil, "no such page") }
        if let cookie = request[header: "cookie"], books.sessions.contains(cookie) { return nil }
        let pair = Data("\(setup.user):\(setup.password)".utf8).base64EncodedString()
        if request[header: "authorization"] == "Basic \(pair)" { return nil }
        guard request[header: "maxauth"] == pair else {
            throw MaximoFault(
                302, nil, "<html>sign in</html>", headers: [("location", "https://auth.inner/oidc/login")])
        }
        let session = "JSESSIONID=S\(books.sessions.count + books.requests)"
        books.sessions.insert(session)
        return session + "; Path=/maximo; HttpOnly"
    }

    // MARK: Lists

    private func list(_ structure: String, _ books: MaximoStandIn.Books) throws -> StandInAnswer {
        let filter = try MaximoWhere(request.query["oslc.where"] ?? "")
        let size = request.query["oslc.pageSize"].flatMap { Int($0) } ?? 1000
        let page = request.query["pageno"].flatMap { Int($0) } ?? 1
        var rows: [[String: JSON]]
        if structure == Self.assets {
            rows = setup.assets.sorted { $0.key < $1.key }.map { number, fields in
                fields.merging(["assetnum": .string(number), "href": .string("\(base)/os/mxapiasset/_\(number)")]) {
                    $1
                }
            }
        } else {
            let reference = filter.equal("externalrefid")
            let found = reference.map { books.byReference[$0] ?? [] } ?? Array(books.records.indices)
            rows = found.map { whole(books.records[$0]) }
        }
        rows = rows.filter { filter.holds($0) }
        if let order = request.query["oslc.orderBy"] {
            guard order.hasPrefix("+") || order.hasPrefix("-") else {
                throw MaximoFault(400, "BMXAA8742E", "orderBy needs a + or - before the attribute, found \"\(order)\"")
            }
            let name = String(order.dropFirst())
            rows.sort { MaximoWhere.less($0[name], $1[name]) }
        }
        let start = (page - 1) * size
        let shown = rows.dropFirst(start).prefix(size)
        var info: [String: JSON] = ["totalCount": .integer(rows.count)]
        if start + size < rows.count {
            info["nextPage"] = ["href": .string("\(base)/os/\(structure)?oslc.pageSize=\(size)&pageno=\(page + 1)")]
        }
        let members = shown.map { select(.object($0), withoutSelection: ["href"]) }
        return json(200, ["member": .array(Array(members)), "responseInfo": .object(info)])
    }

    private func read(_ index: Int, _ books: MaximoStandIn.Books) throws -> StandInAnswer {
        json(200, select(.object(whole(books.records[index])), withoutSelection: nil))
    }

    private func whole(_ record: MaximoStandIn.Record) -> [String: JSON] {
        record.fields.merging(["href": .string("\(base)/os/\(Self.orders)/\(record.id)")]) { $1 }
    }

    /// `a,b{c,d}`: nothing that was not asked for comes back.
    private func select(_ value: JSON, withoutSelection names: [String]?) -> JSON {
        let asked = request.query["oslc.select"] ?? "*"
        guard let object = value.object, asked != "*" || names != nil else { return value }
        let selection = asked == "*" ? MaximoSelection(names: names ?? []) : MaximoSelection(asked)
        return selection.of(.object(object))
    }

    // MARK: Create

    private func create(_ books: inout MaximoStandIn.Books) throws -> StandInAnswer {
        let sent = try body()
        if setup.remembersTransactions, let id = request[header: "transactionid"] {
            guard books.transactions.insert(id).inserted else {
                throw MaximoFault(409, "BMXAA8230E", "The transaction \(id) was processed already")
            }
        }
        // Without lean every name needs a prefix, and a name without one is dropped without a word.
        var fields = request.query["lean"] == "1" ? sent : sent.filter { $0.key.hasPrefix("spi:") }
        try MaximoRules(setup: setup).check(fields)
        for readOnly in ["wonum", "status", "href", "workorderid", "changedate"] { fields[readOnly] = nil }
        let number = books.nextNumber
        books.nextNumber += 1
        fields["wonum"] = .string(String(number))
        fields["workorderid"] = .integer(90_000 + number)
        fields["status"] = "WAPPR"
        fields["historyflag"] = false
        fields["changedate"] = .string(MaximoStandIn.localText(now))
        if fields["reportdate"] == nil { fields["reportdate"] = .string(MaximoStandIn.localText(now)) }
        let site = fields["siteid"]?.string ?? ""
        let id = "_" + Self.key("\(site)/\(number)")
        books.index[id] = books.records.count
        if let reference = fields["externalrefid"]?.string {
            books.byReference[reference, default: []].append(books.records.count)
        }
        books.created.append(now)
        books.records.append(MaximoStandIn.Record(id: id, fields: fields))
        let record = books.records[books.records.count - 1]
        let location = "\(base)/os/\(Self.orders)/\(id)"
        // Without `properties` the answer has no body.
        guard let properties = request[header: "properties"] else {
            return .answer(status: 201, headers: [("location", location)])
        }
        return json(201, MaximoSelection(properties).of(.object(whole(record))), headers: [("location", location)])
    }

    static func key(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("=", with: "-").replacing("/", with: "~")
            .replacing("+", with: ".")
    }

    // MARK: Change

    private func change(_ index: Int, _ books: inout MaximoStandIn.Books) throws -> StandInAnswer {
        guard request[header: "x-method-override"] == "PATCH" else {
            throw MaximoFault(400, "BMXAA8728E", "a POST to a record needs x-method-override")
        }
        let sent = try body()
        if let action = request.query["action"] {
            guard action == "wsmethod:changeStatus", let status = sent["status"]?.string else {
                throw MaximoFault(400, "BMXAA8734E", "the action \(action) is not known")
            }
            return try changeStatus(index, to: status, &books)
        }
        if books.records[index].fields["historyflag"]?.bool == true {
            throw MaximoFault(400, "BMXAA4590E", "The record is a history record and cannot be changed")
        }
        try MaximoRules(setup: setup).checkChange(sent)
        let merges = request[header: "patchtype"] == "MERGE"
        for (name, value) in sent {
            if let rows = value.array, merges {
                let before = books.records[index].fields[name]?.array ?? []
                books.records[index].fields[name] = .array(before + rows)
            } else {
                books.records[index].fields[name] = value
            }
        }
        books.records[index].fields["changedate"] = .string(MaximoStandIn.localText(now))
        return .answer(status: 204)
    }

    private func changeStatus(
        _ index: Int, to status: String, _ books: inout MaximoStandIn.Books
    ) throws -> StandInAnswer {
        let now = books.records[index].fields["status"]?.string
        if now == status { throw MaximoFault(400, "BMXAA0032E", "The order has the status \(status) already") }
        if status == "CAN", now == "INPRG" {
            throw MaximoFault(400, "BMXAA4590E", "An order in progress cannot be cancelled")
        }
        books.records[index].fields["status"] = .string(status)
        books.records[index].fields["changedate"] = .string(MaximoStandIn.localText(self.now))
        return .answer(status: 204)
    }

    // MARK: Attachments

    private func attach(_ index: Int, _ books: inout MaximoStandIn.Books) throws -> StandInAnswer {
        guard let name = request[header: "slug"], !name.isEmpty else {
            throw MaximoFault(400, "BMXAA8730E", "an attachment needs the slug header")
        }
        guard !name.contains(where: { "\\/:*?\"<>|".contains($0) }) else {
            throw MaximoFault(400, "BMXAA4485E", "the file name \(name) has characters that are not allowed")
        }
        guard setup.extensions.contains(name.split(separator: ".").last.map(String.init) ?? "") else {
            throw MaximoFault(400, "BMXAA4484E", "The file extension of \(name) is not allowed")
        }
        let meta = (request[header: "x-document-meta"] ?? "").split(separator: "/").map(String.init)
        guard meta.count == 2, meta[0] == "FILE", setup.folders.contains(meta[1]) else {
            throw MaximoFault(400, "BMXAA4191E", "The value \(meta.last ?? "") is not valid for Document Folder")
        }
        guard request.body.count <= setup.attachmentBytesMax else {
            throw MaximoFault(400, "BMXAA4485E", "The file exceeds the maximum size")
        }
        guard request[header: "content-type"] != nil else {
            throw MaximoFault(400, "BMXAA8731E", "an attachment needs a content type")
        }
        if books.records[index].fields["historyflag"]?.bool == true {
            throw MaximoFault(400, "BMXAA4590E", "The record is a history record and cannot be changed")
        }
        let id = String(5000 + books.records[index].files.count)
        books.records[index].files.append(
            MaximoStandIn.File(
                id: id, name: name, description: request[header: "x-document-description"] ?? "", folder: meta[1],
                bytes: setup.keepsBytes ? request.body : []))
        let location = "\(base)/os/\(Self.orders)/\(books.records[index].id)/doclinks/\(id)"
        return .answer(status: 201, headers: [("location", location)])
    }

    private func files(_ index: Int, _ books: MaximoStandIn.Books) throws -> StandInAnswer {
        let record = books.records[index]
        let members = record.files.map { file -> JSON in
            [
                "href": .string("\(base)/os/\(Self.orders)/\(record.id)/doclinks/\(file.id)"),
                "describedBy": [
                    "fileName": .string(file.name), "attachmentSize": .integer(file.bytes.count),
                    "identifier": .string(file.id), "description": .string(file.description),
                ],
            ]
        }
        return json(200, ["member": .array(members)])
    }

    private func file(_ id: String, _ index: Int, _ books: MaximoStandIn.Books) throws -> StandInAnswer {
        guard let file = books.records[index].files.first(where: { $0.id == id }) else {
            throw MaximoFault(404, "BMXAA8727E", "no attachment \(id)")
        }
        return .answer(status: 200, headers: [("content-type", "application/octet-stream")], body: file.bytes)
    }

    // MARK: Forms

    /// The inner server's own address, unless the caller names the public one.
    private var base: String { request[header: "x-public-uri"] ?? setup.inner }

    private func body() throws -> [String: JSON] {
        guard request[header: "content-type"]?.hasPrefix("application/json") == true else {
            throw MaximoFault(415, "BMXAA8732E", "the content type should be application/json")
        }
        guard let object = try? JSON(parsing: request.body).object else {
            throw MaximoFault(400, "BMXAA8733E", "the body is not a JSON object")
        }
        return object
    }

    private func json(_ status: Int, _ body: JSON, headers: [(String, String)] = []) -> StandInAnswer {
        .answer(
            status: status, headers: headers + [("content-type", "application/json")], body: body.canonicalBytes)
    }
}
