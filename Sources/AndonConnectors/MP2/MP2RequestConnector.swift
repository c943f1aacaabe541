import AndonModel

/// MP2 by rows of work requests, of which a planner makes orders. The number of the request is ours; that of the order
/// is MP2's, so that the order is known by the first line of its comments.
struct MP2RequestConnector: Connector {
    private let configuration: MP2Configuration
    private let database: MP2Database
    private let seen = SeenStates()

    init(_ configuration: MP2Configuration) {
        self.configuration = configuration
        database = MP2Database(configuration: configuration)
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MP2, by work requests in its database", takesAttachments: configuration.share != nil,
            takesOccurrences: false, hasAssetRegistry: true, cancels: false)
    }

    var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): return try await create(order, wire)
        case .attach(let attachment, let file, let number):
            guard let share = configuration.share else { throw .refused("no share is configured for pictures") }
            guard try await standing(number, wire) != nil else { throw .gone("MP2 has no request \(number) any more") }
            try await share.put(attachment, file, over: wire)
            return Receipt(remoteID: share.link(attachment))
        case .append: throw .refused("MP2 keeps one text for an order, and it is the technicians'")
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        if let there = try await find(order, wire) { return there }
        let ours = MP2Order(order: order, configuration: configuration)
        let equipment = try await database.equipment(order.place.asset, for: ours.workType, over: wire)
        switch try await database.run(try rows(of: ours, equipment), over: wire) {
        case .rows: return Receipt(remoteID: ours.number, number: ours.number)
        case .conflict(let words):
            if let there = try await find(order, wire) { return there }
            throw .refused(words)
        }
    }

    private func rows(
        of order: MP2Order, _ equipment: MP2Database.Equipment
    ) throws(ConnectorError) -> [MP2Database.Statement] {
        let columns = try order.columns()
        let requested = order.requested
        let key: [(String, JSON)] = [("REQUESTNUM", .string(order.number)), ("DATERELEASED", MP2Database.never)]
        let own = key + equipment.place
        return [
            MP2Database.Statement(
                insert: key + columns.head + [
                    ("REQUESTDATE", MP2Database.time("\(requested.date)T00:00:00")),
                    ("REQUESTTIME", MP2Database.time("1900-01-01T\(requested.time)")),
                ], into: "WOREQ"),
            MP2Database.Statement(
                insert: own + [
                    ("DEPARTMENT", .string(equipment.department)), ("DESCRIPTION", .string(equipment.description)),
                ] + columns.listed, into: "WOREQLI"),
            // A request has no drawings: its picture is named in the text.
            MP2Database.Statement(
                insert: own + [("TEXTS", .string(order.comments(picture: picture(of: order.order))))], into: "WOREQC"),
        ]
    }

    private func picture(of order: WorkOrder) -> String? {
        order.picture.flatMap { picture in
            configuration.share?.link(Attachment(reference: order.reference, role: .original, picture: picture))
        }
    }

    func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        try await configuration.share?.get(attachment, over: wire)
    }

    // MARK: Finding

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order, wire).map { [$0] } ?? []
        case .attach(let attachment, _, _):
            guard let share = configuration.share, try await share.holds(attachment, over: wire) else { return [] }
            return [Receipt(remoteID: share.link(attachment))]
        case .append: return []
        }
    }

    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt? {
        let number = MP2Order.number(order.reference, configuration)
        guard let standing = try await standing(number, wire) else { return nil }
        if let other = standing.reference, other != order.reference {
            throw .gone("the number \(number) belongs to our request \(other); change numberPrefix for new ones")
        }
        return Receipt(remoteID: number, number: standing.order ?? number)
    }

    /// A request of ours, and the order that was made of it.
    private struct Standing {
        var isReleased: Bool
        var answers: [JSON]
        var reference: Reference?
        var order: String?
    }

    /// Nil when there is neither a request nor an order.
    private func standing(_ number: String, _ wire: any Wire) async throws(ConnectorError) -> Standing? {
        let number = JSON.string(number)
        let found = try await database.rows(
            MP2Database.Statement("SELECT DATERELEASED FROM WOREQ WHERE REQUESTNUM = ?", number),
            MP2Database.Statement("SELECT TEXTS FROM WOREQC WHERE REQUESTNUM = ?", number),
            MP2Database.Statement("SELECT NEWSTATUS, REASON FROM WORSTAT WHERE REQUESTNUM = ?", number),
            MP2Database.Statement(
                "SELECT WONUM, TEXTS FROM WOC WHERE TEXTS LIKE ?", .string(pattern(number.string ?? ""))), over: wire)
        guard !found[0].isEmpty || !found[3].isEmpty else { return nil }
        return Standing(
            isReleased: found[0].contains { Self.isReleased($0) }, answers: found[2],
            reference: (found[1] + found[3]).lazy.compactMap { MP2Order.reference(in: $0["TEXTS"]?.string) }.first,
            order: found[3].lazy.compactMap { MP2Record.text($0["WONUM"]) }.first)
    }

    private static func isReleased(_ row: JSON) -> Bool {
        MP2Record.text(row["DATERELEASED"]).map { !$0.hasPrefix("1900-01-01") } ?? false
    }

    /// The first line of comments of the order that request `number` became: its end is our reference's end.
    private func pattern(_ number: String) -> String {
        let end = number.dropFirst(configuration.numberPrefix.count)
        return MP2Order.mark + String(repeating: "_", count: 10 - end.count) + end + "%"
    }

    // MARK: Following

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard let standing = try await standing(remoteID, wire) else { return nil }
        if let order = standing.order, let remote = try await remote(of: order, wire) {
            return remote
        }
        return request(remoteID, standing)
    }

    private func remote(of order: String, _ wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let rows = try await database.rows(
            MP2Database.Statement("SELECT \(MP2Database.orderColumns) FROM WO WHERE WONUM = ?", .string(order)),
            over: wire)[0]
        guard let row = rows.first else { return nil }
        return try await remote(of: row, wire)
    }

    /// Known by the request's number, whatever number MP2 gave to the order.
    private func remote(of row: JSON, _ wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let record = try await database.record(row, over: wire)
        guard let reference = record.reference else { return nil }
        return record.remote(id: MP2Order.number(reference, configuration))
    }

    /// A request that has no order yet, or never will.
    private func request(_ number: String, _ standing: Standing) -> RemoteOrder {
        for row in standing.answers {
            guard let word = MP2Record.text(row["NEWSTATUS"]),
                let state = configuration.requestStates[word.uppercased()]
            else { continue }
            return RemoteOrder(
                remoteID: number, reference: standing.reference, state: state, vendorState: "request \(word)",
                closure: state.isEnded ? Closure(notes: MP2Record.text(row["REASON"])) : nil)
        }
        return RemoteOrder(
            remoteID: number, reference: standing.reference, state: .open,
            vendorState: standing.isReleased ? "request released" : "request waits for a planner")
    }

    /// Orders made of our requests, requests that wait, and answers to requests; those whose state is another than
    /// before are read.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        for row in try await releasedRows(wire) where orders.count < Self.pageSize {
            let record = MP2Record(order: row, configuration: configuration)
            guard let number = record.number, known[number] != record.fingerprint else { continue }
            if let order = try await remote(of: row, wire) { orders.append(order) }
            states[number] = record.fingerprint
        }
        for (number, word) in try await requestWords(wire).sorted(by: { $0.key < $1.key })
        where orders.count < Self.pageSize && known[number] != word {
            if let order = try await read(number, over: wire) { orders.append(order) }
            states[number] = word
        }
        let next = String(wire.now().microseconds)
        seen.give(SeenStates.Page(cursor: next, states: states))
        return Changes(orders: orders, cursor: next, more: orders.count == Self.pageSize)
    }

    private func releasedRows(_ wire: any Wire) async throws(ConnectorError) -> [JSON] {
        let columns = MP2Database.orderColumns.split(separator: ", ").map { "W.\($0)" }.joined(separator: ", ")
        return try await database.rows(
            MP2Database.Statement(
                "SELECT \(columns) FROM WO W WHERE W.WONUM IN (SELECT C.WONUM FROM WOC C WHERE C.TEXTS LIKE ?)",
                .string(MP2Order.mark + "%")), over: wire)[0]
    }

    /// By number: the answer to a request that ends it, or an empty word while it waits.
    private func requestWords(_ wire: any Wire) async throws(ConnectorError) -> [String: String] {
        let range = [configuration.numberPrefix, MP2Database.after(configuration.numberPrefix)].map(JSON.string)
        let found = try await database.rows(
            MP2Database.Statement(
                "SELECT REQUESTNUM FROM WOREQ WHERE REQUESTNUM >= ? AND REQUESTNUM < ? AND DATERELEASED = ?", range[0],
                range[1], MP2Database.never),
            MP2Database.Statement(
                "SELECT REQUESTNUM, NEWSTATUS FROM WORSTAT WHERE REQUESTNUM >= ? AND REQUESTNUM < ?", range[0],
                range[1]), over: wire)
        var words: [String: String] = [:]
        for row in found[0] { if let number = MP2Record.text(row["REQUESTNUM"]) { words[number] = "" } }
        for row in found[1] {
            guard let number = MP2Record.text(row["REQUESTNUM"]), let word = MP2Record.text(row["NEWSTATUS"]),
                configuration.requestStates[word.uppercased()] != nil
            else { continue }
            words[number] = word
        }
        return words
    }

    private static let pageSize = 100

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        try await database.assets(over: wire)
    }
}
