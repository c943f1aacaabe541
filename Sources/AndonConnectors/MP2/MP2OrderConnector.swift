import AndonModel
import Foundation

/// MP2 by rows of work orders through ODBC. The number is ours, and nothing of MP2's own is changed.
struct MP2OrderConnector: Connector {
    private let configuration: MP2Configuration
    private let database: MP2Database
    private let seen = SeenStates()

    init(_ configuration: MP2Configuration) {
        self.configuration = configuration
        database = MP2Database(configuration: configuration)
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MP2, by its database", takesAttachments: configuration.share != nil, takesOccurrences: false,
            hasAssetRegistry: true, hasOldOrders: true, cancels: false)
    }

    var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let number): try await attach(attachment, file, to: number, wire)
        case .append: throw .refused("MP2 keeps one text for an order, and it is the technicians'")
        }
    }

    /// The key of the table holds the closing date: a second row with the same number could be inserted once the first
    /// is closed. Hence the look before, whatever the database says about duplicates.
    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        if let there = try await find(order, wire).first { return there }
        let ours = MP2Order(order: order, configuration: configuration)
        let equipment = try await database.equipment(order.place.asset, for: ours.workType, over: wire)
        switch try await database.run(try rows(of: ours, equipment), over: wire) {
        case .rows: return Receipt(remoteID: ours.number, number: ours.number)
        case .conflict(let words):
            // Whichever state the driver gives: what is there decides.
            if let there = try await find(order, wire).first { return there }
            throw .refused(words)
        }
    }

    private func rows(
        of order: MP2Order, _ equipment: MP2Database.Equipment
    ) throws(ConnectorError) -> [MP2Database.Statement] {
        let columns = try order.columns()
        let requested = order.requested
        let key: [(String, JSON)] = [("WONUM", .string(order.number)), ("CLOSEDATE", MP2Database.never)]
        let own = key + equipment.place
        return [
            MP2Database.Statement(
                insert: key + columns.head + [
                    ("STATUS", .string(configuration.newStatus)),
                    ("REQUESTDATE", MP2Database.time("\(requested.date)T00:00:00")),
                    ("REQUESTTIME", MP2Database.time("1900-01-01T\(requested.time)")),
                ], into: "WO"),
            MP2Database.Statement(
                insert: own + [
                    ("DEPARTMENT", .string(equipment.department)), ("EQDESC", .string(equipment.description)),
                ] + columns.listed, into: "WOEQLIST"),
            MP2Database.Statement(insert: own + [("TEXTS", .string(order.comments()))], into: "WOC"),
        ]
    }

    // MARK: Pictures

    /// A picture lies on the share, and a row links to it by the name that MP2's clients know.
    private func attach(
        _ attachment: Attachment, _ file: String, to number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        guard let share = configuration.share else { throw .refused("no share is configured for pictures") }
        let closing = try await database.rows(
            MP2Database.Statement("SELECT CLOSEDATE FROM WO WHERE WONUM = ?", .string(number)), over: wire)
        guard let row = closing[0].first else { throw .gone("MP2 has no work order \(number) any more") }
        try await share.put(attachment, file, over: wire)
        let name = share.link(attachment)
        let date = String((MP2Record.text(row["CLOSEDATE"]) ?? "1900-01-01 00:00:00").prefix(19))
        let insert = MP2Database.Statement(
            insert: [
                ("WONUM", .string(number)), ("CLOSEDATE", MP2Database.time(date)), ("FILENAME", .string(name)),
                ("DESCRIPTION", .string(attachment.title.cut(to: 50))),
            ], into: "WODRAW")
        if case .conflict(let words) = try await database.run([insert], over: wire),
            try await links(attachment, number, wire).isEmpty
        {
            throw .refused(words)
        }
        return Receipt(remoteID: name)
    }

    private func links(
        _ attachment: Attachment, _ number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        try await database.rows(
            MP2Database.Statement(
                "SELECT FILENAME FROM WODRAW WHERE WONUM = ? AND FILENAME = ?", .string(number),
                .string(configuration.share?.link(attachment) ?? "")), over: wire)[0]
    }

    func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        try await configuration.share?.get(attachment, over: wire)
    }

    // MARK: Finding

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order, wire)
        case .attach(let attachment, _, let number):
            return try await links(attachment, number, wire).compactMap { row in
                MP2Record.text(row["FILENAME"]).map { Receipt(remoteID: $0) }
            }
        case .append: return []
        }
    }

    /// By the number alone, never with a closing date. The comments say whose it is.
    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let number = MP2Order.number(order.reference, configuration)
        let found = try await database.rows(
            MP2Database.Statement("SELECT WONUM, CLOSEDATE, STATUS FROM WO WHERE WONUM = ?", .string(number)),
            MP2Database.Statement("SELECT TEXTS FROM WOC WHERE WONUM = ?", .string(number)), over: wire)
        guard !found[0].isEmpty else { return [] }
        let record = MP2Record(order: found[0][0], comments: found[1], configuration: configuration)
        if let other = record.reference, other != order.reference {
            throw .gone("the number \(number) belongs to our order \(other); change numberPrefix for new orders")
        }
        return found[0].map { _ in Receipt(remoteID: number, number: number) }
    }

    // MARK: Following

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let found = try await database.rows(
            MP2Database.Statement("SELECT \(MP2Database.orderColumns) FROM WO WHERE WONUM = ?", .string(remoteID)),
            over: wire)
        guard let row = found[0].first else { return nil }
        return try await database.record(row, over: wire).remote
    }

    /// MP2 has no change stamp: one query by the prefix, and those whose state is another than before are read whole.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        let rows = try await database.rows(
            MP2Database.Statement(
                "SELECT \(MP2Database.orderColumns) FROM WO WHERE WONUM >= ? AND WONUM < ?",
                .string(configuration.numberPrefix),
                .string(MP2Database.after(configuration.numberPrefix))), over: wire)[0]
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        for row in rows where orders.count < Self.pageSize {
            let record = MP2Record(order: row, configuration: configuration)
            guard let number = record.number, known[number] != record.fingerprint else { continue }
            if let order = try await database.record(row, over: wire).remote { orders.append(order) }
            states[number] = record.fingerprint
        }
        let next = String(wire.now().microseconds)
        seen.give(SeenStates.Page(cursor: next, states: states))
        return Changes(orders: orders, cursor: next, more: orders.count == Self.pageSize)
    }

    private static let pageSize = 100

    func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        try await database.oldOrders(madeIn: times, page: page, over: wire)
    }

    // MARK: The registry

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await database.assets(over: wire)
    }
}
