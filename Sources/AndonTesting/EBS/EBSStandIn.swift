import AndonModel
import Foundation
import Synchronization

/// Oracle E-Business Suite 12.2 for tests: `EAM_PROCESS_WO_PUB.PROCESS_WO` as the Integrated SOA Gateway serves it, and
/// the reading service of the site's own that `Examples/oracle-ebs.yaml` expects. Refused data come with status 200.
public final class EBSStandIn: StandIn {
    public static let type = "oracle-ebs"

    public struct Setup: Sendable {
        public var user = "andon"
        public var password = "test-key"
        public var responsibility = "EAM_SELF_SERVICE"
        public var organization = 204
        public var assets: Set<String> = ["PRESS-07"]
        public var takesAnyAsset = false

        public init() {}
    }

    struct Books {
        var orders: [Int: [String: JSON]] = [:]
        var next = 71_001
    }

    public let setup: Setup
    public let faults = FaultPlan()
    let time: any TimeSource
    private let books = Mutex(Books())

    public init(setup: Setup = Setup(), time: any TimeSource = SystemTime()) {
        self.setup = setup
        self.time = time
    }

    public func orders(_ reference: Reference) -> [[String: JSON]] {
        books.withLock { $0.orders.values.filter { $0["attribute1"]?.string == reference.text } }
    }

    public func change(_ reference: Reference, _ fields: [String: JSON]) {
        let now = EBSDesk.text(time.now())
        books.withLock { books in
            for (id, order) in books.orders where order["attribute1"]?.string == reference.text {
                books.orders[id] = order.merging(fields) { $1 }.merging(["last_update_date": .string(now)]) { $1 }
            }
        }
    }

    public func remove(_ reference: Reference) {
        books.withLock { books in
            books.orders = books.orders.filter { $0.value["attribute1"]?.string != reference.text }
        }
    }

    public func handle(_ request: StandInRequest) async -> StandInAnswer {
        faults.around {
            books.withLock { books in
                answering { try EBSDesk(setup: setup, now: time.now(), request: request).answer(&books) }
            }
        }
    }
}

/// One request at the stand-in.
struct EBSDesk {
    let setup: EBSStandIn.Setup
    let now: Timestamp
    let request: StandInRequest

    /// The gateway's own refusal, before the procedure is called.
    struct GatewayFault: StandInRefusal {
        var status: Int
        var code: String
        var message: String

        var answer: StandInAnswer {
            let body: JSON = ["ISGServiceFault": ["Code": .string(code), "Message": .string(message)]]
            return .answer(status: status, headers: [("content-type", "application/json")], body: body.canonicalBytes)
        }
    }

    /// The procedure's refusal: with status 200.
    struct ProcedureFault: StandInRefusal {
        var message: String

        var answer: StandInAnswer {
            EBSDesk.json([
                "OutputParameters": ["X_RETURN_STATUS": "E", "X_MSG_COUNT": 1, "X_MSG_DATA": .string(message)]
            ])
        }
    }

    static func json(_ body: JSON) -> StandInAnswer {
        .answer(status: 200, headers: [("content-type", "application/json")], body: body.canonicalBytes)
    }

    static func text(_ time: Timestamp) -> String { String(time.description.prefix(19)) }

    func answer(_ books: inout EBSStandIn.Books) throws -> StandInAnswer {
        let pair = Data("\(setup.user):\(setup.password)".utf8).base64EncodedString()
        guard request[header: "authorization"] == "Basic \(pair)" else {
            throw GatewayFault(status: 401, code: "ISG_USER_AUTH_FAILURE", message: "User not authenticated")
        }
        let path = request.path.split(separator: "/").map(String.init)
        guard path.starts(with: ["webservices", "rest"]) else {
            throw GatewayFault(status: 404, code: "ISG_SERVICE_NOT_FOUND", message: "no service at \(request.path)")
        }
        switch (request.method, Array(path.dropFirst(2))) {
        case ("POST", ["eam_process_wo", "process_wo"]): return try process(&books)
        case ("GET", ["andon_wo", "orders"]): return try list(books)
        case ("GET", let path) where path.count == 3 && path.starts(with: ["andon_wo", "orders"]):
            guard let id = Int(path[2]), let order = books.orders[id] else {
                throw GatewayFault(status: 404, code: "NOT_FOUND", message: "no work order \(path[2])")
            }
            return Self.json(.object(order))
        default:
            throw GatewayFault(status: 404, code: "ISG_SERVICE_NOT_FOUND", message: "no service at \(request.path)")
        }
    }

    // MARK: PROCESS_WO

    private static let recordNames: Set<String> = [
        "HEADER_ID", "BATCH_ID", "TRANSACTION_TYPE", "WIP_ENTITY_NAME", "WIP_ENTITY_ID", "ORGANIZATION_ID",
        "ASSET_NUMBER", "DESCRIPTION", "STATUS_TYPE", "PRIORITY", "WORK_ORDER_TYPE", "SCHEDULED_START_DATE",
        "ATTRIBUTE1", "ATTRIBUTE2", "ATTRIBUTE3", "ATTRIBUTE4", "ATTRIBUTE5",
    ]

    private func process(_ books: inout EBSStandIn.Books) throws -> StandInAnswer {
        guard let body = try? JSON(parsing: request.body), let input = body["PROCESS_WO_Input"],
            let parameters = input["InputParameters"], let record = parameters["P_EAM_WO_REC"]?.object
        else { throw GatewayFault(status: 400, code: "ISG_INVALID_PAYLOAD", message: "the payload cannot be read") }
        guard input["RESTHeader"]?["Responsibility"]?.string == setup.responsibility else {
            throw GatewayFault(
                status: 403, code: "ISG_AUTH_FAILURE", message: "the user does not have this responsibility")
        }
        guard parameters["P_BO_IDENTIFIER"] == "EAM", parameters["P_API_VERSION_NUMBER"] == 1.0,
            parameters["P_COMMIT"] == "Y"
        else { throw ProcedureFault(message: "EAM_WO_INVALID_CALL: wrong identifier, version or commit") }
        for name in record.keys where !Self.recordNames.contains(name) {
            throw GatewayFault(status: 400, code: "ISG_INVALID_PAYLOAD", message: "P_EAM_WO_REC has no \(name)")
        }
        guard record["ORGANIZATION_ID"]?.integer == setup.organization, record["HEADER_ID"] == 1 else {
            throw ProcedureFault(message: "EAM_WO_ORG_ID: the organization is not enabled for asset management")
        }
        switch record["TRANSACTION_TYPE"]?.integer {
        case 1: return try create(record, &books)
        case 2: return try update(record, &books)
        default: throw ProcedureFault(message: "EAM_WO_TRANSACTION_TYPE is not valid")
        }
    }

    private func create(_ record: [String: JSON], _ books: inout EBSStandIn.Books) throws -> StandInAnswer {
        let name = record["WIP_ENTITY_NAME"]?.string ?? ""
        guard !name.isEmpty, name.count <= 240 else { throw ProcedureFault(message: "EAM_WO_NAME is needed") }
        guard !books.orders.values.contains(where: { $0["wip_entity_name"]?.string == name }) else {
            throw ProcedureFault(message: "EAM_WO_EXISTS: work order \(name) already exists in this organization")
        }
        let asset = record["ASSET_NUMBER"]?.string ?? ""
        guard setup.takesAnyAsset || setup.assets.contains(asset) else {
            throw ProcedureFault(message: "EAM_WO_ASSET: asset \(asset) does not exist")
        }
        for (field, width) in [("DESCRIPTION", 240), ("ATTRIBUTE1", 150), ("ATTRIBUTE2", 150), ("ATTRIBUTE3", 150)]
        where (record[field]?.string ?? "").utf8.count > width {
            throw ProcedureFault(message: "ORA-12899: value too large for column \(field) (maximum: \(width))")
        }
        guard ["10", "20"].contains(record["WORK_ORDER_TYPE"]?.string ?? ""), record["STATUS_TYPE"] == 1 else {
            throw ProcedureFault(message: "EAM_WO_TYPE or EAM_WO_STATUS is not valid")
        }
        try checkDate(record)
        let id = books.next
        books.next += 1
        var order: [String: JSON] = [
            "wip_entity_id": .integer(id), "wip_entity_name": .string(name), "status_type": 1,
            "creation_date": .string(Self.text(now)), "last_update_date": .string(Self.text(now)),
            "owning_department": "PRESSES", "labour": [], "materials": [],
        ]
        for (key, value) in record where order[key.lowercased()] == nil && !["HEADER_ID", "BATCH_ID"].contains(key) {
            order[key.lowercased()] = value
        }
        books.orders[id] = order
        return done(order)
    }

    private func checkDate(_ record: [String: JSON]) throws {
        guard let date = record["SCHEDULED_START_DATE"] else { return }
        guard let text = date.string, text.count >= 19, Timestamp(text) != nil else {
            throw ProcedureFault(message: "EAM_WO_SCHED_DATE: the scheduled start date is not valid")
        }
    }

    private func update(_ record: [String: JSON], _ books: inout EBSStandIn.Books) throws -> StandInAnswer {
        guard let id = record["WIP_ENTITY_ID"]?.integer, var order = books.orders[id] else {
            throw ProcedureFault(message: "EAM_WO_ID does not exist")
        }
        try checkDate(record)
        if let status = record["STATUS_TYPE"] { order["status_type"] = status }
        if let date = record["SCHEDULED_START_DATE"] { order["scheduled_start_date"] = date }
        order["last_update_date"] = .string(Self.text(now))
        books.orders[id] = order
        return done(order)
    }

    private func done(_ order: [String: JSON]) -> StandInAnswer {
        Self.json([
            "OutputParameters": [
                "X_RETURN_STATUS": "S", "X_MSG_COUNT": 0,
                "X_EAM_WO_REC": [
                    "WIP_ENTITY_ID": order["wip_entity_id"] ?? .null,
                    "WIP_ENTITY_NAME": order["wip_entity_name"] ?? .null,
                ],
            ]
        ])
    }

    // MARK: The site's reading service

    /// Three questions, with their own parameters: the order of a name, those of a prefix that changed, and everybody's
    /// that were created in a time, without those of a preventive schedule.
    private static let questions: [Set<String>] = [
        ["name", "organization"], ["prefix", "since", "offset", "limit"],
        ["created_from", "created_until", "organization", "offset", "limit"],
    ]

    private func list(_ books: EBSStandIn.Books) throws -> StandInAnswer {
        guard Self.questions.contains(Set(request.query.keys)) else {
            throw GatewayFault(
                status: 400, code: "ISG_INVALID_PARAMETER",
                message: "no list by \(request.query.keys.sorted().joined(separator: ", "))")
        }
        if let organization = request.query["organization"], organization != String(setup.organization) {
            throw GatewayFault(status: 400, code: "ISG_INVALID_PARAMETER", message: "no organization \(organization)")
        }
        let (from, until) = (try moment("created_from"), try moment("created_until"))
        let since = try moment("since") ?? ""
        let rows = books.orders.sorted { $0.key < $1.key }.map(\.value).filter { order in
            let name = order["wip_entity_name"]?.string ?? ""
            if let wanted = request.query["name"] { return name == wanted }
            if let from, let until {
                let created = order["creation_date"]?.string ?? ""
                return created >= from && created < until && order["pm_schedule_id"] == nil
            }
            return name.hasPrefix(request.query["prefix"] ?? "") && (order["last_update_date"]?.string ?? "") >= since
        }
        let offset = min(request.query["offset"].flatMap { Int($0) } ?? 0, rows.count)
        let limit = request.query["limit"].flatMap { Int($0) } ?? 100
        return Self.json(["orders": .array(rows.dropFirst(offset).prefix(limit).map { .object($0) })])
    }

    /// A parameter in UTC with whole seconds, as the orders' own times are compared.
    private func moment(_ name: String) throws -> String? {
        guard let text = request.query[name] else { return nil }
        guard text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil else {
            throw GatewayFault(status: 400, code: "ISG_INVALID_PARAMETER", message: "\(name) is no time: \(text)")
        }
        return String(text.dropLast())
    }
}
