import AndonModel

/// SAP S/4HANA Asset Management, on premise, over its OData version 2 services. Each order is a maintenance
/// notification, found by its external reference; a maintenance order beside it is optional.
public struct SAPConnector: Connector {
    private let configuration: SAPConfiguration
    private let client: SAPClient
    private let translation: SAPOrder
    private let attachments: SAPAttachments

    public init(_ configuration: SAPConfiguration) {
        self.configuration = configuration
        client = SAPClient(configuration)
        translation = SAPOrder(configuration: configuration)
        attachments = SAPAttachments(configuration: configuration, client: client)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "SAP S/4HANA", hasAssetRegistry: !configuration.service("equipment").isEmpty,
            hasOldOrders: true,
            reschedules: configuration.fields.plans(by: SAPOrder.planned),
            attachmentBytesMax: configuration.attachmentBytesMax,
            longTextMax: configuration.fields.proseMax("MaintNotifLongTextForEdit"))
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    public func signOut(over wire: any Wire) async { await client.signOut(over: wire) }

    private var service: String { configuration.service("notification") }
    private static let set = "MaintenanceNotification"

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let number):
            try await attachments.add(attachment, file: file, to: number, over: wire)
        case .append(let note, let number): try await append(note, to: number, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        guard configuration.create == .notificationAndOrder else {
            return configuration.system.receipt(number: try await notify(order, wire))
        }
        // A notification of an earlier attempt that has no order yet is gone on with.
        let begun = try await notifications(order.reference, wire).lazy.compactMap { SAPRecord.text($0[Self.set]) }
            .first
        let number: String
        if let begun { number = begun } else { number = try await notify(order, wire) }
        do {
            return configuration.system.receipt(number: number, order: try await plan(order, number, wire))
        } catch .unreachable(let words) {
            throw .answerLost("the notification \(number) was made, its order was not: \(words)")
        } catch .refused(let words) {
            throw .refused("the notification \(number) was made, its order was refused: \(words)")
        }
    }

    private func notify(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> String {
        let body = try translation.notification(order)
        do throws(ConnectorError) {
            let made = try await client.post(service, Self.set, body, over: wire)
            guard let number = SAPRecord.text(made[Self.set]) else {
                throw ConnectorError.answerLost("SAP said yes and did not name the notification")
            }
            return number
        } catch .gone(let words) {
            throw .refused("SAP has no service \(service): \(words)")
        }
    }

    /// The order of a notification: the one that it has (a planner may have been faster), else a new one.
    private func plan(
        _ order: WorkOrder, _ number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> String {
        if let found = try await plannedOrder(of: number, wire) { return found }
        let body = try translation.order(order, notification: number)
        let made = try await client.post(configuration.service("order"), "MaintenanceOrder", body, over: wire)
        guard let name = SAPRecord.text(made["MaintenanceOrder"]) else {
            throw .answerLost("SAP said yes and did not name the order")
        }
        return name
    }

    private func plannedOrder(of number: String, _ wire: any Wire) async throws(ConnectorError) -> String? {
        let rows = try await client.rows(
            configuration.service("order"), "MaintenanceOrder",
            query: [
                ("$filter", "MaintenanceNotification eq \(SAPClient.literal(number))"), ("$select", "MaintenanceOrder"),
                ("$top", "2"),
            ], over: wire)
        return rows.compactMap { SAPRecord.text($0["MaintenanceOrder"]) }.min()
    }

    private func append(
        _ note: Note, to number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let full = "Seen again: \(note.shortTitle)"
        let text = full.utf16.count <= 40 ? full : note.shortTitle
        _ = try await client.post(
            service, SAPClient.entity(Self.set, number) + "/to_Item", ["MaintNotifItemText": .string(text)], over: wire)
        return Receipt(remoteID: note.key)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        _ = try await client.post(
            service, configuration.completeAction, query: [(Self.set, SAPClient.literal(remoteID))],
            headers: [], body: .bytes([]), over: wire)
    }

    /// In the notification, and in the order where it was made with it. An order that a planner made is the planner's.
    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        let fields = try translation.planned(of: order)
        if !fields.notification.isEmpty {
            try await client.patch(service, SAPClient.entity(Self.set, remoteID), fields.notification, over: wire)
        }
        guard configuration.create == .notificationAndOrder, !fields.order.isEmpty,
            let name = try await plannedOrder(of: remoteID, wire)
        else { return }
        do {
            try await client.patch(
                configuration.service("order"), SAPClient.entity("MaintenanceOrder", name), fields.order, over: wire)
        } catch .refused(let words) {
            throw .refused("the date of notification \(remoteID) was moved, its order's was refused: \(words)")
        }
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        try await attachments.bytes(of: attachment, at: remoteID, over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _):
            let rows = try await notifications(order.reference, wire)
            guard configuration.create == .notificationAndOrder else {
                return rows.compactMap { SAPRecord.text($0[Self.set]) }.map {
                    configuration.system.receipt(number: $0)
                }
            }
            var receipts: [Receipt] = []
            for number in rows.compactMap({ SAPRecord.text($0[Self.set]) }) {
                guard let name = try await plannedOrder(of: number, wire) else { continue }
                receipts.append(configuration.system.receipt(number: number, order: name))
            }
            return receipts
        case .attach(let attachment, _, let number):
            return try await attachments.find(attachment, at: number, over: wire).map(\.receipt)
        case .append(let note, let number):
            let rows = try await client.rows(
                service, SAPClient.entity(Self.set, number) + "/to_Item",
                query: [("$select", "MaintNotifItemText,IsDeleted")], over: wire)
            return rows.filter { $0["MaintNotifItemText"]?.string?.contains("[\(note.key)]") ?? false }
                .map { _ in Receipt(remoteID: note.key) }
        }
    }

    /// All of this reference, the lowest number first.
    private func notifications(_ reference: Reference, _ wire: any Wire) async throws(ConnectorError) -> [JSON] {
        let literal = SAPClient.literal(configuration.system.reference(reference))
        do {
            return try await client.rows(
                service, Self.set,
                query: [
                    ("$filter", "MaintNotifExtReferenceNumber eq \(literal)"),
                    ("$select", "MaintenanceNotification,MaintNotifExtReferenceNumber,MaintenanceOrder"),
                    ("$orderby", "MaintenanceNotification"), ("$top", "10"), ("$format", "json"),
                ], over: wire)
        } catch .gone(let words) {
            throw .refused("SAP has no service \(service): \(words)")
        }
    }

    // MARK: Following

    private static let expansion = "to_Item/to_ItemCause,to_Item/to_ItemActivity"

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let found: JSON
        do {
            found = try await client.get(
                service, SAPClient.entity(Self.set, remoteID), query: [("$expand", Self.expansion)], over: wire)
        } catch .gone {
            return nil
        }
        let records = try await SAPOrders(configuration: configuration, client: client).completed([found], over: wire)
        guard let order = records.first?.remote else {
            throw .answerLost("SAP's notification \(remoteID) has no number in it")
        }
        return order
    }

    private static let pageSize = 50

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = PassCursor(cursor, now: wire.now())
        let since = position.since(overlap: configuration.pollOverlap)
        let ours = "startswith(MaintNotifExtReferenceNumber,\(SAPClient.literal(configuration.system.referencePrefix)))"
        let changed = since.map { " and \(configuration.changedField) ge \(Self.literal($0))" } ?? ""
        var rows = try await client.rows(
            service, Self.set,
            query: [
                ("$filter", ours + changed), ("$expand", Self.expansion), ("$orderby", "MaintenanceNotification"),
                ("$top", String(Self.pageSize)), ("$skip", String((position.page - 1) * Self.pageSize)),
            ], over: wire)
        let hasMore = rows.count == Self.pageSize
        let orders = SAPOrders(configuration: configuration, client: client)
        // An order may be confirmed and completed without its notification being touched.
        if !hasMore, let since, configuration.system.readsOrders {
            let known = Set(rows.compactMap { SAPRecord.text($0[Self.set]) })
            let touched = try await orders.notificationsOfOrders(changedSince: Self.literal(since), over: wire)
            rows += try await orders.notifications(
                touched.subtracting(known), only: ours, expand: Self.expansion, over: wire)
        }
        position.turned(hasMore: hasMore)
        let records = try await orders.completed(rows, over: wire)
        return Changes(orders: records.compactMap(\.remote), cursor: position.text, more: hasMore)
    }

    /// The creation is no field that every system filters by; what was made later was changed later as well.
    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let skip = page.flatMap { Int($0) } ?? 0
        let rows = try await client.rows(
            service, Self.set,
            query: [
                ("$filter", "\(configuration.changedField) ge \(Self.literal(times.lowerBound))"),
                ("$expand", Self.expansion), ("$orderby", "MaintenanceNotification"),
                ("$top", String(Self.pageSize)), ("$skip", String(skip)),
            ], over: wire)
        let records = try await SAPOrders(configuration: configuration, client: client).completed(rows, over: wire)
        return OldOrderPage(
            orders: records.compactMap(\.old).filter { $0.createdAt.map(times.contains) ?? false },
            next: rows.count == Self.pageSize ? String(skip + rows.count) : nil)
    }

    /// `datetimeoffset'2026-11-23T00:00:00Z'`
    private static func literal(_ time: Timestamp) -> String { "datetimeoffset'\(time.description.prefix(19))Z'" }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let skip = page.flatMap { Int($0) } ?? 0
        let size = 200
        let rows: [JSON]
        do {
            rows = try await client.rows(
                configuration.service("equipment"), "Equipment",
                query: [("$orderby", "Equipment"), ("$top", String(size)), ("$skip", String(skip))], over: wire)
        } catch .gone(let words) {
            throw .refused("SAP has no service \(configuration.service("equipment")): \(words)")
        }
        let assets = rows.compactMap { row -> Asset? in
            guard let id = SAPRecord.text(row["Equipment"]).map(SAPSystem.withoutZeros) else { return nil }
            return Asset(
                id: id, name: SAPRecord.text(row["EquipmentName"]), type: SAPRecord.text(row["TechnicalObjectType"]),
                criticality: SAPRecord.text(row["ABCIndicator"]).flatMap { configuration.system.criticalities[$0] },
                location: SAPRecord.text(row["FunctionalLocation"]),
                parent: SAPRecord.text(row["SuperordinateEquipment"]).map(SAPSystem.withoutZeros))
        }
        return AssetPage(assets: assets, next: rows.count == size ? String(skip + size) : nil)
    }
}
