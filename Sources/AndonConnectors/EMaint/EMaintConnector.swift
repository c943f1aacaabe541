import AndonModel

/// eMaint (Fluke Reliability), X4 API version 2: a table interface in which an order is a row of `WORK`. What the
/// vendor's public reference does not say is an option; see the README for what to verify on an account first.
public struct EMaintConnector: Connector {
    private let configuration: EMaintConfiguration
    private let client: EMaintClient
    private let clock: LocalTime

    public init(_ configuration: EMaintConfiguration) {
        self.configuration = configuration
        client = EMaintClient(configuration)
        clock = LocalTime(zone: configuration.clock.zone)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "eMaint", hasAssetRegistry: true, hasOldOrders: true,
            reschedules: configuration.fields.plans(by: Self.planned),
            attachmentBytesMax: configuration.attachmentBytesMax,
            longTextMax: configuration.fields.proseMax(configuration.notesColumn))
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let id): try await attach(attachment, file, to: id, wire)
        case .append(let note, let id): try await append(note, to: id, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let body: JSON = [
            "table": .string(configuration.table),
            "payload": .object(try configuration.fields.filled(with: values(of: order))),
        ]
        do {
            // PUT creates here, and POST changes: the opposite of the habit.
            _ = try await client.call("PUT", "Record", body, over: wire)
        } catch .gone(let words) {
            throw .refused(words)
        }
        // The answer's id is not surely the order's number: both are read back by our own key.
        let found: [Receipt]
        do throws(ConnectorError) {
            found = try await find(order.reference, wire)
        } catch {
            throw .answerLost("eMaint took the order; reading it back failed: \(error.detail)")
        }
        guard let receipt = found.first else { throw .answerLost("eMaint took the order and does not show it yet") }
        return receipt
    }

    /// The values that are the planned date.
    private static let planned: Set<String> = ["scheduledAt", "plannedAtAccount"]

    private func values(of order: WorkOrder) -> [String: String] {
        var values = OrderText(order).fields
        values["woType"] = order.orderType ?? configuration.orderTypes[order.kind.rawValue]
        values["woPriority"] = configuration.priorities[order.priority] ?? String(order.priority)
        values["origin"] = configuration.origin
        values["detectedAtAccount"] = clock.text(order.detectedAt)
        values["plannedAtAccount"] = order.scheduledAt.map(clock.text)
        // An asset that the plant does not know is not in COMPINFO either: the text says so.
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        return values
    }

    /// Uploads the document and leaves its mark at the order, by which it is found.
    private func attach(
        _ attachment: Attachment, _ file: String, to id: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        guard let row = try await row(id, wire) else { throw .gone("eMaint has no order \(id) any more") }
        let about: JSON = [
            "filename": .string(attachment.fileName), "description": .string(attachment.title),
            "folder": .string(configuration.folder), "table": .string(configuration.table), "id": .string(id),
        ]
        let head = about.canonicalText.dropLast() + ",\"data\":\""
        let answer = try await client.call(
            "POST", "UploadDocument",
            .parts([
                .bytes(Array(head.utf8)), .base64(path: file, bytes: attachment.picture.bytes),
                .bytes(Array("\"}".utf8)),
            ]), over: wire)
        let marks =
            Self.marks(row[configuration.imageColumn]).filter { $0 != Self.mark(attachment) } + [Self.mark(attachment)]
        // The column holds a hundred characters: the newest nine marks.
        try await update(id, [configuration.imageColumn: .string(marks.suffix(9).joined(separator: " "))], wire)
        return Receipt(
            remoteID: answer["id"]?.string ?? answer["id"]?.integer.map { String($0) } ?? attachment.fileName)
    }

    private static func mark(_ attachment: Attachment) -> String {
        "\(attachment.role.rawValue.prefix(1)):\(attachment.picture.sha256.prefix(8))"
    }

    private static func marks(_ column: JSON?) -> [String] {
        (column?.string ?? "").split(separator: " ").map(String.init)
    }

    /// The notes are one growing text: read, add, write. What somebody writes within that second is lost; the
    /// interface knows no versions.
    private func append(_ note: Note, to id: String, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        guard let row = try await row(id, wire) else { throw .gone("eMaint has no order \(id) any more") }
        let before = row[configuration.notesColumn]?.string ?? ""
        let text = "\(note.title)\n\(note.text)\n\n\(before)"
        try await update(id, [configuration.notesColumn: .string(text)], wire)
        return Receipt(remoteID: note.key)
    }

    private func update(_ id: String, _ payload: [String: JSON], _ wire: any Wire) async throws(ConnectorError) {
        let body: JSON = ["table": .string(configuration.table), "id": .string(id), "payload": .object(payload)]
        _ = try await client.call("POST", "Record", body, over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        let payload = try configuration.fields.planned(by: Self.planned, values(of: order))
        guard try await row(remoteID, wire) != nil else { throw .gone("eMaint has no order \(remoteID) any more") }
        try await update(remoteID, payload, wire)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        let body: JSON = ["table": .string(configuration.table), "id": .string(remoteID), "action": "Delete"]
        _ = try await client.call("DELETE", "Record", body, over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order.reference, wire)
        case .attach(let attachment, _, let id):
            let marks = Self.marks(try await row(id, wire)?[configuration.imageColumn])
            return marks.contains(Self.mark(attachment)) ? [Receipt(remoteID: attachment.fileName)] : []
        case .append(let note, let id):
            let text = try await row(id, wire)?[configuration.notesColumn]?.string ?? ""
            return text.contains("[\(note.key)]") ? [Receipt(remoteID: note.key)] : []
        }
    }

    private func find(_ reference: Reference, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let rows = try await client.rows(
            configuration.table, columns: columns, [(configuration.referenceColumn, "eq", reference.text)],
            sortBy: "wo", over: wire)
        return rows.compactMap { row in
            guard let id = Self.text(row["id"]) ?? Self.text(row["wo"]) else { return nil }
            return Receipt(remoteID: id, number: Self.text(row["wo"]))
        }
    }

    private var columns: [String] {
        Self.distinct([
            "id", "wo", "compid", "workstatus", "stattype", "dt_cmpl", "hours", "assignto", "priority",
            configuration.referenceColumn, configuration.originColumn, configuration.imageColumn,
            configuration.notesColumn, configuration.causeColumn, configuration.resolutionColumn,
        ])
    }

    private static func distinct(_ names: [String]) -> [String] {
        names.reduce(into: []) { names, name in if !names.contains(name) { names.append(name) } }
    }

    private func row(_ id: String, _ wire: any Wire) async throws(ConnectorError) -> JSON? {
        try await client.rows(configuration.table, columns: columns, [("id", "eq", id)], sortBy: "wo", over: wire).first
    }

    /// Texts come from fixed widths, with blanks behind.
    static func text(_ value: JSON?) -> String? {
        let text = value?.string?.trimmingSpaces ?? value?.integer.map { String($0) }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard let row = try await row(remoteID, wire) else { return nil }
        return try await remote(row, wire)
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = PassCursor(cursor, now: wire.now())
        var terms = [(configuration.originColumn, "eq", configuration.origin)]
        if let since = position.since(overlap: configuration.pollOverlap) {
            terms.append(("dt_cmpl", "gte", clock.text(since)))
        } else {
            terms.append(("workstatus", "eq", "O"))
        }
        let rows = try await client.rows(
            configuration.table, columns: columns, terms, sortBy: "wo", page: position.page, size: 100, over: wire)
        var orders: [RemoteOrder] = []
        for row in rows { if let order = try await remote(row, wire) { orders.append(order) } }
        position.turned(hasMore: rows.count == 100)
        return Changes(orders: orders, cursor: position.text, more: position.page > 1)
    }

    private func remote(_ row: JSON, _ wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard let id = Self.text(row["id"]) ?? Self.text(row["wo"]) else { return nil }
        let state = state(of: row)
        let words = [Self.text(row["workstatus"]), Self.text(row["stattype"])].compactMap { $0 }.joined(separator: " ")
        return RemoteOrder(
            remoteID: id, reference: reference(of: row), state: state, vendorState: words.isEmpty ? "no status" : words,
            priority: Self.text(row["priority"]), assignee: Self.text(row["assignto"]),
            closure: [.done, .closed].contains(state) ? try await closure(of: row, wire) : nil)
    }

    private func reference(of row: JSON) -> Reference? {
        Self.text(row[configuration.referenceColumn]).flatMap { Reference($0) }
    }

    /// The site's own word first (a cancelled order may be in history too), then the letter.
    private func state(of row: JSON) -> OrderState {
        if let word = Self.text(row["stattype"]), let state = configuration.states[word.uppercased()] {
            return state == .done && Self.text(row["workstatus"])?.uppercased() == "H" ? .closed : state
        }
        if Self.text(row["workstatus"])?.uppercased() == "H" { return .closed }
        return Self.text(row["dt_cmpl"]) == nil ? .open : .done
    }

    private func closure(of row: JSON, _ wire: any Wire) async throws(ConnectorError) -> Closure {
        let charges = try await self.charges(Self.text(row["wo"]) ?? "", wire)
        let labour = charges.filter { Self.text($0["chargetype"])?.uppercased() == "L" }
        let hours = labour.compactMap { $0["hours"]?.number }
        let parts = charges.filter { Self.text($0["chargetype"])?.uppercased() == "P" }.compactMap {
            charge -> Closure.Part? in
            guard let item = Self.text(charge["item"]), let quantity = charge["qty"]?.number, quantity > 0 else {
                return nil
            }
            return Closure.Part(code: item, quantity: quantity)
        }
        let total = row["hours"]?.number.flatMap { $0 > 0 ? $0 : nil }
        return Closure(
            technician: Self.text(labour.first?["contactid"]) ?? Self.text(row["assignto"]),
            closedAt: Self.text(row["dt_cmpl"]).flatMap { clock.time($0) },
            labourHours: hours.isEmpty ? total : hours.reduce(0, +), parts: parts,
            causeCode: Self.text(row[configuration.causeColumn]),
            notes: Self.text(row[configuration.resolutionColumn]))
    }

    private func charges(_ number: String, _ wire: any Wire) async throws(ConnectorError) -> [JSON] {
        try await client.rows(
            "CHARGES", columns: ["wo", "chargetype", "item", "qty", "hours", "contactid"], [("wo", "eq", number)],
            sortBy: "wo", over: wire)
    }

    // MARK: Orders of people

    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let number = page.flatMap { Int($0) } ?? 1
        let created = configuration.createdColumn
        let day = Duration.seconds(86_400)
        // The account's clock passes an hour twice a year, and a date column may have no time of day: a day more on
        // both sides, and then each by its own time. `gte` and `lt` are in Criteria.cs of rlouch2/eMaintAPIClient.
        let rows = try await client.rows(
            configuration.table, columns: Self.distinct(columns + [created, "wo_type"]),
            [
                (created, "gte", clock.text(times.lowerBound - day)),
                (created, "lt", clock.text(times.upperBound + day)),
            ], sortBy: "wo", page: number, size: 100, over: wire)
        var orders: [OldOrder] = []
        for row in rows { if let order = try await old(row, madeIn: times, wire) { orders.append(order) } }
        return OldOrderPage(orders: orders, next: rows.count == 100 ? String(number + 1) : nil)
    }

    private func old(
        _ row: JSON, madeIn times: Range<Timestamp>, _ wire: any Wire
    ) async throws(ConnectorError) -> OldOrder? {
        let number = Self.text(row["wo"])
        let column = configuration.createdColumn
        // Left out, it would be an order that nobody misses.
        guard let createdAt = Self.text(row[column]).flatMap({ clock.time($0) }) else {
            throw .refused("eMaint's order \(number ?? "") has no readable date in \(column); check createdColumn")
        }
        guard times.contains(createdAt), !isScheduled(row), let remote = try await self.remote(row, wire) else {
            return nil
        }
        return OldOrder(
            remote, number: number ?? remote.remoteID, asset: Self.text(row["compid"]), createdAt: createdAt)
    }

    /// What PM schedules generate lies in the same table (eMaint University, Work Order Management Level 1, "Work Order
    /// Center"), and no defect made it. One of ours is no such order, whatever its type.
    private func isScheduled(_ row: JSON) -> Bool {
        guard let type = Self.text(row["wo_type"])?.uppercased() else { return false }
        return configuration.scheduledTypes.contains(type) && reference(of: row) == nil
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let number = page.flatMap { Int($0) } ?? 1
        let column = configuration.criticalityColumn
        let rows = try await client.rows(
            "COMPINFO", columns: ["compid", "comp_desc", column], [("compid", "neq", "")], sortBy: "compid",
            page: number, over: wire)
        let assets = rows.compactMap { row -> Asset? in
            guard let id = Self.text(row["compid"]) else { return nil }
            return Asset(
                id: id, name: Self.text(row["comp_desc"]),
                criticality: Self.text(row[column]).flatMap { configuration.criticalities[$0] })
        }
        return AssetPage(assets: assets, next: rows.count == 500 ? String(number + 1) : nil)
    }
}
