import AndonModel
import Foundation

/// MP2 (Datastream, later Infor): it has no interface for programs, so that an order is rows in its tables, through
/// ODBC. The number is ours, and nothing of MP2's own is changed.
public struct MP2Connector: Connector {
    private let configuration: MP2Configuration
    private let database: MP2Database
    private let seen = SeenStates()

    public init(_ configuration: MP2Configuration) {
        self.configuration = configuration
        database = MP2Database(configuration: configuration)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MP2, by its database", takesAttachments: configuration.share != nil, takesOccurrences: false,
            hasAssetRegistry: true, cancels: false)
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let number): try await attach(attachment, file, to: number, wire)
        case .append: throw .refused("MP2 keeps one text for an order, and it is the technicians'")
        }
    }

    /// Ten characters: the prefix, and the end of our reference.
    private func number(_ reference: Reference) -> String {
        configuration.numberPrefix + reference.text.suffix(10 - configuration.numberPrefix.utf8.count)
    }

    /// The key of the table holds the closing date: a second row with the same number could be inserted once the first
    /// is closed. Hence the look before, whatever the database says about duplicates.
    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        if let there = try await find(order, wire).first { return there }
        let equipment = try await equipment(of: order, wire)
        let number = number(order.reference)
        switch try await database.run(try rows(of: order, number, equipment), over: wire) {
        case .rows: return Receipt(remoteID: number, number: number)
        case .conflict(let words):
            // Whichever state the driver gives: what is there decides.
            if let there = try await find(order, wire).first { return there }
            throw .refused(words)
        }
    }

    private func equipment(of order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> JSON {
        let type = workType(order)
        let found = try await database.rows(
            MP2Database.Statement(
                "SELECT DESCRIPTION, DEPT, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3, INSERVICE FROM EQUIP "
                    + "WHERE EQNUM = ?", .string(order.place.asset)),
            MP2Database.Statement("SELECT WOTYPE FROM WOTYPE WHERE WOTYPE = ?", .string(type)), over: wire)
        guard let row = found[0].first else { throw .refused("MP2 has no equipment \"\(order.place.asset)\"") }
        guard MP2Record.text(row["INSERVICE"])?.uppercased().hasPrefix("Y") == true else {
            throw .refused("the equipment \"\(order.place.asset)\" is not in service there")
        }
        guard !found[1].isEmpty else {
            throw .refused("MP2 has no work order type \"\(type)\"; make it there, or change workTypes")
        }
        return row
    }

    private func workType(_ order: WorkOrder) -> String {
        order.orderType ?? configuration.workTypes[order.kind.rawValue] ?? ""
    }

    private func rows(
        of order: WorkOrder, _ number: String, _ equipment: JSON
    ) throws(ConnectorError) -> [MP2Database.Statement] {
        var csv = CSVText()
        csv.encoding = configuration.encoding
        let text = OrderText(order)
        var values = text.fields.mapValues { csv.holdable($0.withoutControls) }
        values["workType"] = workType(order)
        values["mp2Priority"] = configuration.priorities.word(for: order.priority)
        values["originator"] = configuration.originator
        let filled = try configuration.fields.filled(with: values)
        let local = text.plantTime(order.detectedAt)
        let key: [(String, JSON)] = [("WONUM", .string(number)), ("CLOSEDATE", MP2Database.never)]
        let place = ["LOCATION", "SUBLOCATION1", "SUBLOCATION2", "SUBLOCATION3"].map { name in
            (name, JSON.string(MP2Record.text(equipment[name]) ?? configuration.emptyKey))
        }
        let own: [(String, JSON)] = key + [("EQNUM", .string(order.place.asset))] + place
        let listed = filled.filter { $0.key.hasPrefix("WOEQLIST.") }.sorted { $0.key < $1.key }
            .map { (String($0.key.dropFirst(9)), $0.value) }
        let head = filled.filter { !$0.key.contains(".") }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let long =
            "Ref: \(order.reference)\n\(order.originTag ?? "AI vision detection")\n\(text.longText)\n\(MP2Record.endLine)\n"
        let comments = csv.holdable(long.withoutControls).replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        return [
            MP2Database.Statement(
                insert: key + head + [
                    ("STATUS", .string(configuration.newStatus)),
                    ("REQUESTDATE", MP2Database.time("\(local.prefix(10))T00:00:00")),
                    ("REQUESTTIME", MP2Database.time("1900-01-01T\(local.suffix(8))")),
                ], into: "WO"),
            MP2Database.Statement(
                insert: own + [
                    ("DEPARTMENT", .string(MP2Record.text(equipment["DEPT"])?.cut(to: 10) ?? "")),
                    ("EQDESC", .string(MP2Record.text(equipment["DESCRIPTION"])?.cut(to: 40) ?? "")),
                ] + listed, into: "WOEQLIST"),
            MP2Database.Statement(insert: own + [("TEXTS", .string(comments))], into: "WOC"),
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
        let answer: WireResponse
        do {
            answer = try await wire.exchange(
                WireRequest(
                    "PUT", Self.address(share, attachment.fileName),
                    body: .file(path: file, bytes: attachment.picture.bytes)))
        } catch {
            throw error.connectorError
        }
        guard answer.status == 201 else {
            if answer.status == 403 { throw .unauthorized("the share refuses the picture: \(answer.plainWords)") }
            throw .busy(after: answer.retryAfter(now: wire.now()), "the share is in trouble: \(answer.plainWords)")
        }
        let name = link(attachment)
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

    private static func address(_ share: String, _ name: String) -> String { WebAddress.folder("\(share)/\(name)") }

    private func link(_ attachment: Attachment) -> String { "\(configuration.uncPath)\\\(attachment.fileName)" }

    private func links(
        _ attachment: Attachment, _ number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        try await database.rows(
            MP2Database.Statement(
                "SELECT FILENAME FROM WODRAW WHERE WONUM = ? AND FILENAME = ?", .string(number),
                .string(link(attachment))), over: wire)[0]
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let share = configuration.share else { return nil }
        do {
            let answer = try await wire.exchange(WireRequest("GET", Self.address(share, attachment.fileName)))
            return answer.status == 200 ? answer.body : nil
        } catch {
            throw error.connectorError
        }
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order, wire)
        case .attach(let attachment, _, let number):
            return try await links(attachment, number, wire).map { _ in Receipt(remoteID: link(attachment)) }
        case .append: return []
        }
    }

    /// By the number alone, never with a closing date. The comments say whose it is.
    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let number = number(order.reference)
        let found = try await database.rows(
            MP2Database.Statement("SELECT WONUM, CLOSEDATE, STATUS FROM WO WHERE WONUM = ?", .string(number)),
            MP2Database.Statement("SELECT TEXTS FROM WOC WHERE WONUM = ?", .string(number)), over: wire)
        guard !found[0].isEmpty else { return [] }
        let record = MP2Record(order: found[0][0], comments: found[1], configuration: configuration)
        if let other = record.reference, other != order.reference {
            throw .refused("the number \(number) belongs to our order \(other); change numberPrefix for new orders")
        }
        return found[0].map { _ in Receipt(remoteID: number, number: number) }
    }

    // MARK: Following

    private static let columns =
        "WONUM, STATUS, CLOSEDATE, COMPLETIONDATE, COMPLETIONTIME, ASSIGNEDTO, PRIORITY"

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let found = try await database.rows(
            MP2Database.Statement("SELECT \(Self.columns) FROM WO WHERE WONUM = ?", .string(remoteID)), over: wire)
        guard let row = found[0].first else { return nil }
        return try await whole(row, wire).remote
    }

    /// Closing changes the date in every child: they are joined by the number alone.
    private func whole(_ row: JSON, _ wire: any Wire) async throws(ConnectorError) -> MP2Record {
        let number = JSON.string(MP2Record.text(row["WONUM"]) ?? "")
        let found = try await database.rows(
            MP2Database.Statement(
                "SELECT W.EMPCODE, W.REGHRS, W.OTHRS, E.FIRSTNAME, E.LASTNAME FROM WOE W LEFT JOIN EMP E "
                    + "ON E.EMPCODE = W.EMPCODE WHERE W.WONUM = ?", number),
            MP2Database.Statement("SELECT ITEMNUM, QTYUSED FROM WOP WHERE WONUM = ?", number),
            MP2Database.Statement("SELECT RFOCODE, SOLUTION FROM WOEQLIST WHERE WONUM = ?", number),
            MP2Database.Statement("SELECT TEXTS FROM WOC WHERE WONUM = ?", number), over: wire)
        return MP2Record(
            order: row, labour: found[0], parts: found[1], equipment: found[2].first, comments: found[3],
            configuration: configuration)
    }

    /// MP2 has no change stamp: one query by the prefix, and those whose state is another than before are read whole.
    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        let rows = try await database.rows(
            MP2Database.Statement(
                "SELECT \(Self.columns) FROM WO WHERE WONUM >= ? AND WONUM < ?", .string(configuration.numberPrefix),
                .string(Self.after(configuration.numberPrefix))), over: wire)[0]
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        for row in rows where orders.count < Self.pageSize {
            let record = MP2Record(order: row, configuration: configuration)
            guard let number = record.number, known[number] != record.fingerprint else { continue }
            if let order = try await whole(row, wire).remote { orders.append(order) }
            states[number] = record.fingerprint
        }
        let next = String(wire.now().microseconds)
        seen.give(SeenStates.Page(cursor: next, states: states))
        return Changes(orders: orders, cursor: next, more: orders.count == Self.pageSize)
    }

    /// The first text behind all that begin with `prefix`, in letters alone: how signs sort differs between databases.
    private static func after(_ prefix: String) -> String {
        var letters = Array(prefix.utf8)
        while let last = letters.popLast() {
            if last < UInt8(ascii: "Z") { return String(decoding: letters + [last + 1], as: UTF8.self) }
        }
        return "ZZZZZZZZZZ"
    }

    private static let pageSize = 100

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let rows = try await database.rows(
            MP2Database.Statement("SELECT EQNUM, DESCRIPTION, LOCATION, INSERVICE FROM EQUIP ORDER BY EQNUM"),
            over: wire)[0]
        return AssetPage(
            assets: rows.compactMap { row in
                guard let id = MP2Record.text(row["EQNUM"]) else { return nil }
                return Asset(
                    id: id, name: MP2Record.text(row["DESCRIPTION"]), location: MP2Record.text(row["LOCATION"]))
            })
    }
}
