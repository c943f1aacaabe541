import AndonModel

/// Oracle Fusion Cloud Maintenance over its REST resources. We give the work order its number: it is unique in the
/// organization, so that the same order cannot be there twice.
public struct FusionConnector: Connector {
    private let configuration: FusionConfiguration
    private let client: FusionClient

    public init(_ configuration: FusionConfiguration) {
        self.configuration = configuration
        client = FusionClient(configuration: configuration)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "Oracle Fusion Maintenance", hasAssetRegistry: true, hasOldOrders: true,
            reschedules: planning.plans(by: Self.planned),
            attachmentBytesMax: configuration.attachmentBytesMax,
            longTextMax: configuration.fields.proseMax("WorkOrderDescription") ?? 240)
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    private static let orders = "maintenanceWorkOrders"
    /// The values that are the planned date.
    private static let planned: Set<String> = ["scheduledAt", "plannedStart"]

    /// Attributes of the order itself: segments of the flexfield keep what the creation said.
    private var planning: FieldMapping {
        var fields = configuration.fields
        for field in fields.fields where field.name.hasPrefix("WorkOrderDFF.") { fields.remove(field.name) }
        return fields
    }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let id): try await attach(attachment, file, to: id, wire)
        case .append(let note, let id): try await append(note, to: id, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let body = try body(of: order)
        do throws(ConnectorError) {
            let made = try await client.change("POST", Self.orders, body, over: wire)
            guard let id = FusionRecord.id(made["WorkOrderId"]) else {
                throw ConnectorError.answerLost("Fusion said yes and did not name the work order")
            }
            return Receipt(remoteID: id, number: FusionRecord.text(made["WorkOrderNumber"]) ?? number(order.reference))
        } catch .refused(let words) {
            // The number may be there already, from an attempt whose answer was lost.
            if let found = try await find(order.reference, wire).first { return found }
            throw .refused(words)
        } catch .gone(let words) {
            throw .refused("Fusion has no resource \(Self.orders) for this user: \(words)")
        }
    }

    private func number(_ reference: Reference) -> String { configuration.numberPrefix + reference.text }

    private func values(of order: WorkOrder) -> [String: String] {
        var values = OrderText(order).fields
        values["organization"] = configuration.organization
        values["number"] = number(order.reference)
        values["type"] = order.orderType ?? configuration.types[order.kind.rawValue]
        values["subtype"] =
            order.kind == .corrective && order.priority == 1
            ? configuration.subtypes["emergency"] : configuration.subtypes[order.kind.rawValue]
        values["createStatus"] = configuration.createStatus
        values["fusionPriority"] = configuration.priorities.word(for: order.priority)
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        values["plannedStart"] = (order.scheduledAt ?? order.detectedAt).description
        values["origin"] = "AI-VISION"
        return values
    }

    private func body(of order: WorkOrder) throws(ConnectorError) -> JSON {
        var body: [String: JSON] = [:]
        var segments: [String: JSON] = [:]
        for (name, value) in try configuration.fields.filled(with: values(of: order)) {
            if name.hasPrefix("WorkOrderDFF.") {
                segments[String(name.dropFirst(13))] = value
            } else {
                body[name] = value
            }
        }
        if !segments.isEmpty {
            segments["__FLEX_Context"] = segments["__FLEX_Context"] ?? .null
            body["WorkOrderDFF"] = [.object(segments)]
        }
        if let name = configuration.operationName {
            body["WorkOrderOperation"] = [
                .object(present: [
                    "OperationSequenceNumber": 10, "OperationName": .string(name),
                    "WorkCenterCode": configuration.workCenter.map { .string($0) },
                ])
            ]
        }
        return .object(body)
    }

    private func child(_ id: String, _ name: String) -> String {
        "\(Self.orders)/\(WebAddress.encoded(id))/child/\(name)"
    }

    private func attach(
        _ attachment: Attachment, _ file: String, to id: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let body: JSON = [
            "DatatypeCode": "FILE", "CategoryName": .string(configuration.attachmentCategory),
            "FileName": .string(attachment.fileName),
            "UploadedFileContentType": .string(attachment.picture.mediaType.rawValue),
            "Title": .string(attachment.title.cut(to: 80)),
            "Description": .string("sha256 \(attachment.picture.sha256)"), "FileContents": .string(FormBody.fileMark),
        ]
        let made = try await client.change(
            "POST", child(id, "attachments"), FormBody.json(body, path: file, bytes: attachment.picture.bytes),
            over: wire)
        return Receipt(remoteID: FusionRecord.id(made["AttachedDocumentId"]) ?? attachment.fileName)
    }

    /// Fusion has no notes at a work order: an occurrence is a text attachment, read in its place.
    private func append(
        _ note: Note, to id: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let body: JSON = [
            "DatatypeCode": "TEXT", "CategoryName": .string(configuration.attachmentCategory),
            "Title": .string(note.title.cut(to: 80)), "Description": .string(note.title.cut(to: 255)),
            configuration.attributes["text"] ?? "UploadedText": .string(note.text),
        ]
        _ = try await client.change("POST", child(id, "attachments"), body, over: wire)
        return Receipt(remoteID: note.key)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        _ = try await client.change(
            "PATCH", "\(Self.orders)/\(WebAddress.encoded(remoteID))",
            ["WorkOrderStatusCode": .string(configuration.cancelStatus)], over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        _ = try await client.change(
            "PATCH", "\(Self.orders)/\(WebAddress.encoded(remoteID))",
            .object(try planning.planned(by: Self.planned, values(of: order))), over: wire)
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let found = try await files(of: remoteID, links: true, wire).first(where: { Self.isSame($0, attachment) })
        else { return nil }
        let link = (found["links"]?.array ?? []).first {
            $0["rel"]?.string == "enclosure" && $0["name"]?.string == "FileContents"
        }
        // The link names the host that the pod believes it has: only its path is taken.
        guard let href = link?["href"]?.string, let path = href.firstRange(of: configuration.path + "/") else {
            return nil
        }
        return try await client.bytes(client.address(String(href[path.upperBound...])), over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order.reference, wire)
        case .attach(let attachment, _, let id):
            return try await files(of: id, wire).filter { Self.isSame($0, attachment) }
                .map { Receipt(remoteID: FusionRecord.id($0["AttachedDocumentId"]) ?? attachment.fileName) }
        case .append(let note, let id):
            return try await files(of: id, wire).filter { $0["Title"]?.string?.contains("[\(note.key)]") ?? false }
                .map { _ in Receipt(remoteID: note.key) }
        }
    }

    private func find(_ reference: Reference, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let q =
            "WorkOrderNumber=\(FusionClient.literal(number(reference))) and OrganizationCode="
            + FusionClient.literal(configuration.organization)
        do {
            let page = try await client.page(
                Self.orders,
                query: [
                    ("q", q), ("onlyData", "true"), ("fields", "WorkOrderId,WorkOrderNumber,WorkOrderStatusCode"),
                ], limit: 10, offset: 0, over: wire)
            return page.items.compactMap { row in
                FusionRecord.id(row["WorkOrderId"]).map {
                    Receipt(remoteID: $0, number: FusionRecord.text(row["WorkOrderNumber"]))
                }
            }
        } catch .gone(let words) {
            throw .refused("Fusion has no resource \(Self.orders) for this user: \(words)")
        }
    }

    private func files(
        of id: String, links: Bool = false, _ wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        try await client.items(child(id, "attachments"), query: links ? [] : [("onlyData", "true")], over: wire)
    }

    /// By name and size: a file that was cut off on the way has the name alone.
    private static func isSame(_ row: JSON, _ attachment: Attachment) -> Bool {
        row["FileName"]?.string == attachment.fileName
            && FusionRecord.number(row["UploadedFileLength"]) == Double(attachment.picture.bytes)
    }

    // MARK: Following

    private static let expansion = "WorkOrderOperation.WorkOrderOperationResource.WorkOrderOperationResourceInstance"

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let order: JSON
        do {
            order = try await client.get(
                "\(Self.orders)/\(WebAddress.encoded(remoteID))",
                query: [("onlyData", "true"), ("expand", Self.expansion)], over: wire)
        } catch .gone {
            return nil
        }
        guard let remote = try await whole(order, wire).remote else {
            throw .answerLost("Fusion's work order \(remoteID) has no id or status in it")
        }
        return remote
    }

    private static let pageSize = 50

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = PassCursor(cursor, now: wire.now())
        var q =
            "WorkOrderNumber LIKE \(FusionClient.literal(configuration.numberPrefix + "%")) and OrganizationCode="
            + FusionClient.literal(configuration.organization)
        if let since = position.since(overlap: configuration.pollOverlap) {
            q += " and LastUpdateDate >= '\(since.withWholeSeconds)'"
        }
        let page = try await client.page(
            Self.orders,
            query: [
                ("q", q), ("onlyData", "true"), ("orderBy", "WorkOrderId:asc"), ("expand", Self.expansion),
            ], limit: Self.pageSize, offset: (position.page - 1) * Self.pageSize, over: wire)
        var orders: [RemoteOrder] = []
        for row in page.items {
            if let remote = try await whole(row, wire).remote { orders.append(remote) }
        }
        let hasMore = page.hasMore && !page.items.isEmpty
        position.turned(hasMore: hasMore)
        return Changes(orders: orders, cursor: position.text, more: hasMore)
    }

    /// `q` takes row match expressions from framework version 2 on (Accessing Business Objects Using REST APIs,
    /// Endpoints, table G-1). Its moments are in whole seconds, so that the end is asked for one second later, and what
    /// comes is compared once more.
    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let created = configuration.attributes["created"] ?? ""
        let end = times.upperBound + .seconds(1)
        let terms = [
            "OrganizationCode=\(FusionClient.literal(configuration.organization))",
            "\(created) >= '\(times.lowerBound.withWholeSeconds)'", "\(created) < '\(end.withWholeSeconds)'",
        ]
        let offset = page.flatMap { Int($0) } ?? 0
        let found = try await client.page(
            Self.orders,
            query: [
                ("q", terms.joined(separator: " and ")), ("onlyData", "true"), ("orderBy", "WorkOrderId:asc"),
                ("expand", Self.expansion),
            ], limit: Self.pageSize, offset: offset, over: wire)
        var orders: [OldOrder] = []
        for row in found.items {
            let record = FusionRecord(order: row, configuration: configuration)
            // Fusion compared by it, so it is there. Left out in silence, such orders would look like none.
            guard let createdAt = record.createdAt else {
                throw .refused("Fusion's answer has no \(created) in a work order; name another in attributes.created")
            }
            guard times.contains(createdAt), !record.isOfProgram else { continue }
            if let old = try await whole(row, wire).old { orders.append(old) }
        }
        let hasMore = found.hasMore && !found.items.isEmpty
        return OldOrderPage(orders: orders, next: hasMore ? String(offset + found.items.count) : nil)
    }

    /// The order with its labour, parts and failures; what nobody has begun has none.
    private func whole(_ order: JSON, _ wire: any Wire) async throws(ConnectorError) -> FusionRecord {
        var record = FusionRecord(order: order, configuration: configuration)
        guard let id = record.remoteID, record.state != .open, let number = record.number else { return record }
        let byID = [("q", "WorkOrderId=\(id)"), ("onlyData", "true")]
        record.resources = try await client.items("maintenanceWorkOrderResources", query: byID, over: wire)
        record.materials = try await client.items("maintenanceWorkOrderMaterials", query: byID, over: wire)
        record.failures = try await client.items(
            "assetFailureEvents",
            query: [
                ("q", "WorkOrderNumber=\(FusionClient.literal(number))"), ("expand", "failureInstances"),
                ("onlyData", "true"),
            ], over: wire)
        return record
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let offset = page.flatMap { Int($0) } ?? 0
        let found = try await client.page(
            "installedBaseAssets",
            query: [
                ("q", "OperatingOrganizationCode=\(FusionClient.literal(configuration.organization))"),
                ("onlyData", "true"), ("orderBy", "AssetNumber:asc"),
            ], limit: 200, offset: offset, over: wire)
        let criticality = configuration.attributes["criticality"] ?? ""
        let assets = found.items.compactMap { row -> Asset? in
            guard let id = FusionRecord.text(row["AssetNumber"]) else { return nil }
            return Asset(
                id: id, name: FusionRecord.text(row["AssetDescription"] ?? row["Description"]),
                criticality: FusionRecord.text(row[criticality]).flatMap { configuration.criticalities[$0] },
                location: FusionRecord.text(row["LocationName"]), parent: FusionRecord.text(row["ParentAssetNumber"]))
        }
        return AssetPage(assets: assets, next: found.hasMore ? String(offset + found.items.count) : nil)
    }
}
