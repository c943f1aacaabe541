import AndonModel
import Foundation
import Synchronization

/// An Odoo 18 with the app Maintenance for tests: JSON-RPC, errors with status 200, `load` with external ids, and
/// attachments that nobody checks.
public final class OdooStandIn: StandIn {
    public static let type = "odoo"

    public struct Setup: Sendable {
        public var database = "odoo"
        public var user = "andon"
        public var password = "test-key"
        public var equipment = ["PRESS-07": 11]

        public init() {}
    }

    struct Books {
        /// Model -> id -> record.
        var models: [String: [Int: [String: JSON]]] = [
            "maintenance.stage": [
                1: ["name": "New Request", "done": false, "sequence": 1],
                2: ["name": "In Progress", "done": false, "sequence": 2],
                3: ["name": "Repaired", "done": true, "sequence": 3],
                4: ["name": "Scrap", "done": true, "sequence": 4],
            ]
        ]
        var next = 7

        mutating func add(_ model: String, _ record: [String: JSON]) -> Int {
            let id = next
            next += 1
            models[model, default: [:]][id] = record
            return id
        }
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books: Mutex<Books>

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
        var books = Books()
        for (name, id) in setup.equipment {
            books.models["maintenance.equipment", default: [:]][id] = [
                "name": .string("\(name) press"), "serial_no": .string(name), "location": "BR100",
                "category_id": [1, "Presses"],
            ]
        }
        self.books = Mutex(books)
    }

    // MARK: What a test looks at, and what people do

    private func ids(_ reference: Reference, _ books: Books) -> [Int] {
        (books.models["ir.model.data"] ?? [:]).values.filter { $0["name"]?.string == reference.text }
            .compactMap { $0["res_id"]?.integer }.filter { books.models["maintenance.request"]?[$0] != nil }
    }

    public func requests(_ reference: Reference) -> [[String: JSON]] {
        books.withLock { books in ids(reference, books).compactMap { books.models["maintenance.request"]?[$0] } }
    }

    public func rows(_ model: String, of reference: Reference) -> [[String: JSON]] {
        books.withLock { books in
            guard let id = ids(reference, books).first else { return [] }
            return (books.models[model] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter {
                $0["res_id"]?.integer == id && $0["model"]?.string ?? "maintenance.request" == "maintenance.request"
            }
        }
    }

    public func change(_ reference: Reference, _ fields: [String: JSON]) {
        let now = OdooDesk.text(time.now())
        books.withLock { books in
            for id in ids(reference, books) {
                books.models["maintenance.request"]?[id]?.merge(fields) { $1 }
                books.models["maintenance.request"]?[id]?["write_date"] = .string(now)
            }
        }
    }

    /// A person writes below the request; a part is taken.
    public func add(_ model: String, _ record: [String: JSON], of reference: Reference, as name: String) {
        books.withLock { books in
            guard let id = ids(reference, books).first else { return }
            _ = books.add(model, record.merging([name: .integer(id)]) { $1 })
        }
    }

    /// With the request its external id goes too.
    public func remove(_ reference: Reference) {
        books.withLock { books in
            for id in ids(reference, books) { books.models["maintenance.request"]?[id] = nil }
            books.models["ir.model.data"] = books.models["ir.model.data"]?.filter {
                $0.value["name"]?.string != reference.text
            }
        }
    }

    /// As if a person had made the request: no external id, and other words.
    public func disown(_ reference: Reference) {
        books.withLock { books in
            for id in ids(reference, books) {
                books.models["maintenance.request"]?[id]?.merge([
                    "name": "Scratch", "description": "<p>Scratch on the press</p>",
                ]) { $1 }
            }
            books.models["ir.model.data"] = books.models["ir.model.data"]?.filter {
                $0.value["name"]?.string != reference.text
            }
        }
    }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in
                OdooDesk(setup: setup, now: time.now(), request: request).answer(&books)
            }
        }
    }
}

/// One request at the stand-in of Odoo.
struct OdooDesk {
    let setup: OdooStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    struct Fault: Error {
        var name: String
        var message: String
    }

    /// With the fraction that nobody is shown.
    static func text(_ time: Timestamp) -> String { String(time.description.prefix(26)).replacing("T", with: " ") }

    func answer(_ books: inout OdooStandIn.Books) -> StandInAnswer {
        let limits = JSONLimits(bytesMax: 64 << 20, depthMax: 32, valuesMax: 100_000, stringBytesMax: 48 << 20)
        guard request.method == "POST", request.path == "/jsonrpc",
            request[header: "content-type"] == "application/json",
            let body = try? JSON(parsing: request.body, limits: limits), body["jsonrpc"] == "2.0",
            let parameters = body["params"]
        else { return .answer(status: 400, body: Array("<h1>Bad Request</h1>".utf8)) }
        var answer: [String: JSON] = ["jsonrpc": "2.0", "id": body["id"] ?? .null]
        do {
            answer["result"] = try result(parameters, &books)
        } catch let fault as Fault {
            answer["error"] = [
                "code": 200, "message": "Odoo Server Error",
                "data": ["name": .string(fault.name), "message": .string(fault.message), "debug": "Traceback …"],
            ]
        } catch {
            return .answer(status: 500)
        }
        return .answer(
            status: 200, headers: [("content-type", "application/json")], body: JSON.object(answer).canonicalBytes)
    }

    private func result(_ parameters: JSON, _ books: inout OdooStandIn.Books) throws -> JSON {
        let args = parameters["args"]?.array ?? []
        guard args.first?.string == setup.database else {
            throw Fault(
                name: "psycopg2.OperationalError",
                message: "database \"\(args.first?.string ?? "")\" does not exist")
        }
        switch (parameters["service"]?.string, parameters["method"]?.string) {
        case ("common", "login"):
            return args.count == 3 && args[1].string == setup.user && args[2].string == setup.password ? 2 : false
        case ("object", "execute_kw"):
            guard args.count >= 6, args[1] == 2, args[2].string == setup.password else {
                throw Fault(name: "odoo.exceptions.AccessDenied", message: "Access Denied")
            }
            return try call(
                args[3].string ?? "", args[4].string ?? "", args[5].array ?? [], args.count > 6 ? args[6] : [:], &books)
        default: throw Fault(name: "builtins.KeyError", message: "no such service")
        }
    }

    private func call(
        _ model: String, _ method: String, _ args: [JSON], _ options: JSON, _ books: inout OdooStandIn.Books
    ) throws -> JSON {
        switch (model, method) {
        case (_, "search_read"):
            return try OdooSearch(model: model, records: books.models[model] ?? [:])
                .found(args.first?.array ?? [], options)
        case (_, "read"):
            return try OdooSearch(model: model, records: books.models[model] ?? [:])
                .read((args.first?.array ?? []).compactMap(\.integer), options)
        case ("maintenance.request", "load"): return load(args, &books)
        case ("maintenance.request", "write"):
            let written = args.count > 1 ? args[1].object ?? [:] : [:]
            try checkWritten(written)
            for id in (args.first?.array ?? []).compactMap(\.integer) {
                try present(id, books)
                books.models[model]?[id]?.merge(written) { $1 }
                books.models[model]?[id]?["write_date"] = .string(Self.text(now))
            }
            return true
        case ("maintenance.request", "message_post"):
            guard let id = args.first?[0]?.integer ?? args.first?.integer else {
                throw Fault(name: "builtins.ValueError", message: "Expected singleton")
            }
            try present(id, books)
            let text = (options["body"]?.string ?? "").replacing("<", with: "&lt;")
            return .integer(
                books.add(
                    "mail.message",
                    [
                        "model": "maintenance.request", "res_id": .integer(id), "message_type": "comment",
                        "body": .string("<p>\(text)</p>"),
                    ]))
        case ("ir.attachment", "create"):
            var record = args.first?.object ?? [:]
            let bytes = record["datas"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()
            record["file_size"] = .integer(bytes.count)
            return .integer(books.add(model, record))
        default:
            throw Fault(name: "builtins.AttributeError", message: "The method '\(model).\(method)' does not exist")
        }
    }

    private func checkWritten(_ fields: [String: JSON]) throws {
        for (name, value) in fields {
            switch name {
            case "archive": continue
            case "schedule_date":
                guard Self.isMoment(value) else { throw Self.noMoment(value) }
            default:
                throw Fault(
                    name: "builtins.ValueError", message: "Invalid field '\(name)' on model 'maintenance.request'")
            }
        }
    }

    /// UTC without zone and fraction.
    static func isMoment(_ value: JSON) -> Bool {
        guard let text = value.string else { return false }
        return text.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/) != nil
    }

    static func noMoment(_ value: JSON) -> Fault {
        Fault(
            name: "builtins.ValueError",
            message: "time data \(value.canonicalText) does not match format '%Y-%m-%d %H:%M:%S'")
    }

    private func present(_ id: Int, _ books: OdooStandIn.Books) throws {
        guard books.models["maintenance.request"]?[id] != nil else {
            throw Fault(
                name: "odoo.exceptions.MissingError",
                message: "Record does not exist or has been deleted. (maintenance.request(\(id),))")
        }
    }

    // MARK: load

    private static let columns: Set<String> = [
        "id", "name", "equipment_id/.id", "equipment_id", "maintenance_type", "priority", "description",
        "schedule_date", "request_date",
    ]

    /// A refusal is no error: `ids` is false, and a message names the field.
    private func load(_ args: [JSON], _ books: inout OdooStandIn.Books) -> JSON {
        func refusal(_ field: String, _ text: String) -> JSON {
            ["ids": false, "messages": [["type": "error", "field": .string(field), "message": .string(text)]]]
        }
        let names = (args.first?.array ?? []).compactMap(\.string)
        guard args.count == 2, let rows = args[1].array, Set(names).isSubset(of: Self.columns) else {
            return refusal("id", "unknown column")
        }
        var ids: [JSON] = []
        for row in rows {
            var record = Dictionary(uniqueKeysWithValues: zip(names, row.array ?? []))
            guard let external = record["id"]?.string?.split(separator: ".", maxSplits: 1), external.count == 2 else {
                return refusal("id", "no external id")
            }
            guard let name = record["name"]?.string, !name.isEmpty else {
                return refusal("name", "Missing required value for the field 'Subjects' (name)")
            }
            if let text = record["equipment_id/.id"], text != .null, text != "" {
                guard let id = text.string.flatMap({ Int($0) }), books.models["maintenance.equipment"]?[id] != nil
                else {
                    return refusal("equipment_id", "No matching record found for database id in field 'Equipment'")
                }
                record["equipment_id"] = [.integer(id), "equipment"]
            }
            for (field, values) in [
                ("priority", ["0", "1", "2", "3"]), ("maintenance_type", ["corrective", "preventive"]),
            ] {
                guard let value = record[field]?.string, values.contains(value) else {
                    return refusal(field, "Value is not in the selection of the field")
                }
            }
            if let date = record["schedule_date"], date != .null, date != "", !Self.isMoment(date) {
                return refusal("schedule_date", "'\(date.canonicalText)' does not seem to be a valid date")
            }
            record["equipment_id/.id"] = nil
            record["id"] = nil
            record["write_date"] = .string(Self.text(now))
            let known = (books.models["ir.model.data"] ?? [:]).values.first {
                $0["name"]?.string == String(external[1])
            }
            if let id = known?["res_id"]?.integer {
                books.models["maintenance.request"]?[id]?.merge(record) { $1 }
                ids.append(.integer(id))
                continue
            }
            record.merge([
                "stage_id": [1, "New Request"], "archive": false, "duration": 0, "user_id": false,
                "maintenance_team_id": [1, "Internal Maintenance"], "recurring_maintenance": false,
                "create_date": .string(Self.text(now)),
            ]) { own, _ in own }
            let id = books.add("maintenance.request", record)
            _ = books.add(
                "ir.model.data",
                [
                    "module": .string(String(external[0])), "name": .string(String(external[1])),
                    "model": "maintenance.request", "res_id": .integer(id),
                ])
            ids.append(.integer(id))
        }
        return ["ids": .array(ids), "messages": []]
    }
}
