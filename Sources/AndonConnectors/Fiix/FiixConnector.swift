import AndonModel

/// Fiix CMMS over its signed JSON interface (fiixlabs.github.io/api-documentation). An order is a work order, a link
/// to its asset and a first task; `strAdminNotes` holds our reference.
public struct FiixConnector: Connector {
    private let configuration: FiixConfiguration
    private let client: FiixClient
    private let names: FiixNames
    private let orders: FiixTable
    private let links: FiixTable
    private let tasks: FiixTable
    private let files: FiixTable

    public init(_ configuration: FiixConfiguration) {
        self.configuration = configuration
        client = FiixClient(configuration: configuration)
        names = FiixNames(client)
        orders = FiixTable(client: client, name: "WorkOrder", fields: FiixRecord.fields)
        links = FiixTable(client: client, name: "WorkOrderAsset", fields: "id, intAssetID")
        tasks = FiixTable(
            client: client, name: "WorkOrderTask", fields: "id, strDescription, dblTimeSpentHours, intCompletedByUserID"
        )
        files = FiixTable(client: client, name: "File", fields: "id, strName")
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "Fiix", hasAssetRegistry: true, hasOldOrders: true, reschedules: true,
            longTextMax: configuration.fields.proseMax("strDescription"))
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): return try await create(order, wire)
        case .attach(let attachment, let file, let id):
            let contents = try await client.upload(attachment, file: file, over: wire)
            let made = try await files.add(
                [
                    "strName": .string(attachment.fileName), "intWorkOrderID": .integer(try Self.number(id)),
                    "intFileContentsID": .integer(contents), "strNotes": .string(attachment.title),
                ], over: wire)
            return Receipt(remoteID: String(made["id"]?.integer ?? 0))
        case .append(let note, let id):
            try await present(id, wire)
            _ = try await tasks.add(
                [
                    "intWorkOrderID": .integer(try Self.number(id)), "intTaskType": 0, "intOrder": .integer(note.count),
                    "strDescription": .string("\(note.title)\n\(note.text)"),
                ], over: wire)
            return Receipt(remoteID: note.key)
        }
    }

    private static func number(_ id: String) throws(ConnectorError) -> Int {
        guard let number = Int(id) else { throw .refused("\"\(id)\" is no id of Fiix's") }
        return number
    }

    private func present(_ id: String, _ wire: any Wire) async throws(ConnectorError) {
        guard try await record(id, wire) != nil else { throw .gone("Fiix has no work order \(id) any more") }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let made: JSON
        do {
            made = try await orders.add(try await object(for: order, wire), over: wire)
        } catch .refused(let words) where words.lowercased().contains("foreign key") {
            // An id that we knew is nobody's any more: nothing was made, so it is asked for anew, once.
            names.forget()
            made = try await orders.add(try await object(for: order, wire), over: wire)
        }
        let receipt = Self.receipt(made)
        do {
            try await complete(order, receipt.remoteID, wire)
        } catch {
            throw .answerLost(
                "the work order \(receipt.number ?? "") was made, its asset or task was not: \(error.detail)")
        }
        return receipt
    }

    private func object(for order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [String: JSON] {
        var object = try configuration.fields.filled(with: OrderText(order).fields)
        // Asked for before anything is made: an unknown asset is refused, not left without its link.
        if order.place.assetKnown {
            _ = try await names.asset(order.place.asset, site: try await names.basics(over: wire).site, over: wire)
        }
        let basics = try await names.basics(over: wire)
        if let text = object["strDescription"]?.string {
            object["strDescription"] = .string("\(text)\nandon-ref: \(order.reference)")
        }
        object["intSiteID"] = .integer(basics.site)
        object["intRequestedByUserID"] = .integer(basics.user)
        object["intWorkOrderStatusID"] = .integer(try status(basics))
        object["intPriorityID"] = try priority(order.priority, basics).map { .integer($0) }
        if let name = configuration.maintenanceTypes[order.kind.rawValue] {
            object["intMaintenanceTypeID"] = .integer(try await names.maintenanceType(name, over: wire))
        }
        return object.merging(Self.planned(order)) { $1 }
    }

    private static func planned(_ order: WorkOrder) -> [String: JSON] {
        order.scheduledAt.map { ["dtmSuggestedCompletionDate": .integer($0.microseconds / 1000)] } ?? [:]
    }

    private func status(_ basics: FiixNames.Basics) throws(ConnectorError) -> Int {
        let fits = basics.statuses.filter { id, status in
            configuration.newStatus.map { $0.lowercased() == status.name.lowercased() } ?? (status.group == 101)
        }
        guard let id = fits.keys.min() else {
            let names = basics.statuses.values.map(\.name).sorted().joined(separator: ", ")
            throw .refused("Fiix has no status \"\(configuration.newStatus ?? "active")\"; it has \(names)")
        }
        return id
    }

    /// By name where the configuration has one, else by rank: our 1 is the most urgent there.
    private func priority(_ ours: Int, _ basics: FiixNames.Basics) throws(ConnectorError) -> Int? {
        if let name = configuration.priorities[ours] {
            if let found = basics.priorities.first(where: { $0.name.lowercased() == name.lowercased() }) {
                return found.id
            }
            throw .refused(
                "Fiix has no priority \"\(name)\"; it has \(basics.priorities.map(\.name).joined(separator: ", "))")
        }
        guard !basics.priorities.isEmpty else { return nil }
        return basics.priorities[min(ours, basics.priorities.count) - 1].id
    }

    /// The link to the asset and the first task, each looked for before it is added.
    private func complete(_ order: WorkOrder, _ id: String, _ wire: any Wire) async throws(ConnectorError) {
        let number = JSON.integer(try Self.number(id))
        var link: [String: JSON] = [:]
        if order.place.assetKnown {
            let asset = try await names.asset(
                order.place.asset, site: try await names.basics(over: wire).site, over: wire)
            link = ["intAssetID": .integer(asset)]
            if try await links.find("intWorkOrderID = ? and intAssetID = ?", [number, .integer(asset)], over: wire)
                .isEmpty
            {
                _ = try await links.add(link.merging(["intWorkOrderID": number]) { $1 }, over: wire)
            }
        }
        guard try await tasks.find("intWorkOrderID = ?", [number], over: wire).isEmpty else { return }
        let work = order.action ?? "Find and repair the cause"
        _ = try await tasks.add(
            link.merging([
                "intWorkOrderID": number, "intTaskType": 0, "intOrder": 1, "strDescription": .string(work),
            ]) { $1 }, over: wire)
    }

    private static func receipt(_ record: JSON) -> Receipt {
        Receipt(remoteID: String(record["id"]?.integer ?? 0), number: record["strCode"]?.string)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        _ = try await client.call(
            "RemoveRequest", ["className": "WorkOrder", "id": .integer(try Self.number(remoteID))], over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        let fields = Self.planned(order)
        guard !fields.isEmpty else { throw .refused("the order has no planned date that it could be moved to") }
        try await present(remoteID, wire)
        try await orders.change(try Self.number(remoteID), fields, over: wire)
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let file = try await found(attachment, remoteID, wire).first?["id"]?.integer else { return nil }
        return try await client.download(String(file), over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order, wire)
        case .attach(let attachment, _, let id):
            return try await found(attachment, id, wire).map { Receipt(remoteID: String($0["id"]?.integer ?? 0)) }
        case .append(let note, let id):
            return try await tasks.find("intWorkOrderID = ?", [.integer(try Self.number(id))], limit: 1000, over: wire)
                .filter { $0["strDescription"]?.string?.contains("[\(note.key)]") ?? false }
                .map { _ in Receipt(remoteID: note.key) }
        }
    }

    private func found(_ attachment: Attachment, _ id: String, _ wire: any Wire) async throws(ConnectorError) -> [JSON]
    {
        try await files.find("intWorkOrderID = ?", [.integer(try Self.number(id))], limit: 1000, over: wire)
            .filter { $0["strName"]?.string == attachment.fileName }
    }

    /// Our orders since then, page by page; the reference is compared here, because Fiix compares no texts within
    /// texts that one may rely on.
    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let basics = try await names.basics(over: wire)
        let since = (order.raisedAt - configuration.searchBack).microseconds / 1000
        var receipts: [Receipt] = []
        var start = 0
        while true {
            let page = try await orders.find(
                "intSiteID = ? and dtmDateCreated >= ? and intRequestedByUserID = ?",
                [.integer(basics.site), .integer(since), .integer(basics.user)], orderBy: "id desc", from: start,
                over: wire)
            receipts += page.filter { FiixRecord.reference(in: $0) == order.reference }.map(Self.receipt)
            start += page.count
            guard page.count == 100 else { break }
        }
        let sorted = receipts.sorted { (Int($0.remoteID) ?? 0) < (Int($1.remoteID) ?? 0) }
        if let first = sorted.first { try await complete(order, first.remoteID, wire) }
        return sorted
    }

    // MARK: Following

    private func record(_ id: String, _ wire: any Wire) async throws(ConnectorError) -> JSON? {
        try await orders.find("id = ?", [.integer(try Self.number(id))], over: wire).first
    }

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard let json = try await record(remoteID, wire) else { return nil }
        return try await remote(json, wire)
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let basics = try await names.basics(over: wire)
        var position = PassCursor(cursor, now: wire.now())
        let since = position.since(overlap: configuration.pollOverlap).map { $0.microseconds / 1000 } ?? 0
        let page = try await orders.find(
            "intUpdated > ? and intRequestedByUserID = ?", [.integer(since), .integer(basics.user)],
            from: (position.page - 1) * 100, over: wire)
        var remotes: [RemoteOrder] = []
        for json in page where FiixRecord.reference(in: json) != nil { remotes.append(try await remote(json, wire)) }
        position.turned(hasMore: page.count == 100)
        return Changes(orders: remotes, cursor: position.text, more: position.page > 1)
    }

    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let basics = try await names.basics(over: wire)
        let start = page.flatMap { Int($0) } ?? 0
        let found = try await orders.find(
            "intSiteID = ? and dtmDateCreated >= ? and dtmDateCreated < ?",
            [.integer(basics.site), Self.moment(times.lowerBound), Self.moment(times.upperBound)], from: start,
            over: wire)
        let codes = FiixTable(client: client, name: "Asset", fields: "id, strCode, strName")
        var old: [OldOrder] = []
        for json in found {
            let record = FiixRecord(json: json, statuses: basics.statuses, states: configuration.states)
            guard let id = record.id else { continue }
            let link = try await links.find("intWorkOrderID = ?", [.integer(id)], over: wire).first
            let asset = try await codes.find("id = ?", [link?["intAssetID"] ?? 0], over: wire).first
            old.append(
                OldOrder(
                    try await remote(json, wire), number: json["strCode"]?.string ?? String(id),
                    asset: asset?["strCode"]?.string ?? asset?["strName"]?.string, createdAt: record.createdAt))
        }
        return OldOrderPage(orders: old, next: found.count == 100 ? String(start + 100) : nil)
    }

    /// Milliseconds since 1970.
    private static func moment(_ time: Timestamp) -> JSON { .integer(Int(time.microseconds / 1000)) }

    private func remote(_ json: JSON, _ wire: any Wire) async throws(ConnectorError) -> RemoteOrder {
        let basics = try await names.basics(over: wire)
        let record = FiixRecord(json: json, statuses: basics.statuses, states: configuration.states)
        return record.remote(closure: try await closure(of: record, wire))
    }

    /// The repair's facts of a closed order; they lie in five tables.
    private func closure(of record: FiixRecord, _ wire: any Wire) async throws(ConnectorError) -> Closure? {
        guard [.closed, .done].contains(record.state), let id = record.id else { return nil }
        let done = try await tasks.find("intWorkOrderID = ?", [.integer(id)], limit: 1000, over: wire)
        let hours = done.compactMap { $0["dblTimeSpentHours"]?.number }
        var closure = Closure(
            closedAt: record.completedAt, labourHours: hours.isEmpty ? nil : hours.reduce(0, +),
            parts: try await parts(of: id, wire), notes: record.notes)
        if let user = record.completedBy ?? done.compactMap({ $0["intCompletedByUserID"]?.integer }).first {
            let users = FiixTable(client: client, name: "User", fields: "id, strFullName")
            closure.technician = try await users.find("id = ?", [.integer(user)], over: wire).first?["strFullName"]?
                .string
        }
        closure.problemCode = try await code("RCAProblem", record.json["intRCAProblemID"], wire)
        closure.causeCode = try await code("RCACause", record.json["intRCACauseID"], wire)
        closure.remedyCode = try await code("RCAAction", record.json["intRCAActionID"], wire)
        return closure
    }

    private func code(_ table: String, _ id: JSON?, _ wire: any Wire) async throws(ConnectorError) -> String? {
        guard let id = id?.integer, id > 0 else { return nil }
        let codes = FiixTable(client: client, name: table, fields: "id, strCode, strName")
        let found = try await codes.find("id = ?", [.integer(id)], over: wire).first
        return found?["strCode"]?.string ?? found?["strName"]?.string
    }

    private func parts(of order: Int, _ wire: any Wire) async throws(ConnectorError) -> [Closure.Part] {
        let table = FiixTable(client: client, name: "WorkOrderPart", fields: "id, intPartID, qtyActualQuantityUsed")
        let assets = FiixTable(client: client, name: "Asset", fields: "id, strCode, strName")
        var parts: [Closure.Part] = []
        for row in try await table.find("intWorkOrderID = ?", [.integer(order)], limit: 1000, over: wire) {
            guard let part = row["intPartID"]?.integer, let used = row["qtyActualQuantityUsed"]?.number, used > 0 else {
                continue
            }
            let asset = try await assets.find("id = ?", [.integer(part)], over: wire).first
            parts.append(
                Closure.Part(
                    code: asset?["strCode"]?.string ?? "part \(part)", name: asset?["strName"]?.string, quantity: used))
        }
        return parts
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let start = page.flatMap { Int($0) } ?? 0
        let table = FiixTable(client: client, name: "Asset", fields: "id, strCode, strName")
        let site = try await names.basics(over: wire).site
        let found = try await table.find("intSiteID = ?", [.integer(site)], from: start, limit: 500, over: wire)
        let assets = found.compactMap { entry -> Asset? in
            guard let code = entry["strCode"]?.string, !code.isEmpty else { return nil }
            return Asset(id: code, name: entry["strName"]?.string)
        }
        return AssetPage(assets: assets, next: found.count == 500 ? String(start + 500) : nil)
    }
}
