import AndonModel

/// SAP ECC 6.0 Plant Maintenance, by calls of its functions over SOAP. Each order is a maintenance notification, found
/// by its device data; a planner's order beside it is followed. Pictures stay here: the text has the address of the
/// record and the picture's SHA-256.
public struct ECCConnector: Connector {
    private let configuration: ECCConfiguration
    private let client: ECCClient
    private let tables: ECCTables
    private let translation: ECCOrder
    private let seen = SeenStates()

    public init(_ configuration: ECCConfiguration) {
        self.configuration = configuration
        client = ECCClient(configuration: configuration)
        tables = ECCTables(client: client)
        translation = ECCOrder(configuration: configuration)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "SAP ECC, by SOAP", takesAttachments: false,
            hasAssetRegistry: !configuration.assetTable.isEmpty, hasOldOrders: !configuration.historyTable.isEmpty,
            reschedules: reschedules)
    }

    /// Where no session can be kept it takes a function that does the three steps.
    private var reschedules: Bool {
        let hasWay = configuration.modifyFunction != nil || configuration.createFunction == nil
        return hasWay && configuration.fields.plans(by: ECCOrder.planned)
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach: throw .refused("SAP ECC takes no files by SOAP; the record's address stands in the text")
        case .append(let note, let number): try await append(note, to: number, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let parameters = try translation.parameters(order)
        do throws(ConnectorError) {
            guard let function = configuration.createFunction else {
                return configuration.system.receipt(
                    number: SAPSystem.withoutZeros(try await createInSteps(parameters, wire)))
            }
            let made = try await client.call(function, parameters, over: wire).checked(configuration.system.lockWords)
            guard let number = made["NOTIFHEADER_EXPORT"]?.value("NOTIF_NO"), !number.hasPrefix("%") else {
                throw .answerLost("\(function) said yes and gave no number that was saved")
            }
            return configuration.system.receipt(number: SAPSystem.withoutZeros(number))
        } catch .refused(let words) {
            // With numbers of ours a second attempt is refused for the first one's sake.
            if configuration.externalNumberPrefix != nil, let there = try await find(order.reference, wire).first {
                return there
            }
            throw .refused(words)
        }
    }

    /// Make, save and commit, in one session of SAP's. Only the commit stores: what fails before it left nothing.
    private func createInSteps(
        _ parameters: [(String, SOAPValue)], _ wire: any Wire
    ) async throws(ConnectorError) -> String {
        try await client.unitOfWork(over: wire) { session throws(ConnectorError) in
            let made = try await call("BAPI_ALM_NOTIF_CREATE", parameters, in: session, wire)
            guard let temporary = made["NOTIFHEADER_EXPORT"]?.value("NOTIF_NO") else {
                throw .unreachable("SAP made a notification and did not name it")
            }
            let saved = try await save(temporary, in: session, wire)
            guard let number = saved["NOTIFHEADER"]?.value("NOTIF_NO"), !number.hasPrefix("%") else {
                throw .unreachable("SAP saved a notification and did not number it")
            }
            try await commit(session, wire)
            return number
        }
    }

    /// A call of a unit of work before its commit.
    private func call(
        _ function: String, _ parameters: [(String, SOAPValue)], in session: ECCClient.Session, _ wire: any Wire
    ) async throws(ConnectorError) -> XMLTag {
        do throws(ConnectorError) {
            return try await client.call(function, parameters, in: session, over: wire)
                .checked(configuration.system.lockWords)
        } catch .answerLost(let words) {
            throw .unreachable("nothing is stored yet: \(words)")
        }
    }

    private func save(
        _ number: String, in session: ECCClient.Session, _ wire: any Wire
    ) async throws(ConnectorError) -> XMLTag {
        do throws(ConnectorError) {
            return try await call(
                "BAPI_ALM_NOTIF_SAVE", [("NUMBER", .text(number)), ("RETURN", .table([]))], in: session, wire)
        } catch .refused(let words) where !session.isKept {
            throw .refused(
                "\(words). SAP kept no session (it set no cookie): have the node's service made stateful, or set "
                    + "createFunction and addFunction")
        }
    }

    private func commit(_ session: ECCClient.Session, _ wire: any Wire) async throws(ConnectorError) {
        let answer = try await client.call("BAPI_TRANSACTION_COMMIT", [("WAIT", .text("X"))], in: session, over: wire)
        if answer.isRefused { throw .answerLost("SAP could not commit: \(answer.words)") }
    }

    /// An item for each occurrence. Its sort number is the next one, so the items are read first.
    private func append(
        _ note: Note, to number: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        guard let detail = try await detail(of: number, wire) else {
            throw .gone("SAP has no notification \(number) any more")
        }
        let last = detail.rows("NOTITEM").compactMap { $0.value("ITEM_SORT_NO").flatMap { Int($0) } }.max() ?? 0
        let full = "Seen again: \(note.shortTitle)"
        let sort = ECCConfiguration.key(String(min(last + 1, 9999)), 4)
        let item = [("ITEM_SORT_NO", sort), ("DESCRIPT", full.utf16.count <= 40 ? full : note.shortTitle)]
        let key = ECCConfiguration.key(number, 12)
        try await change(
            key, by: "BAPI_ALM_NOTIF_DATA_ADD", or: configuration.addFunction,
            [("NUMBER", .text(key)), ("NOTITEM", .table([item])), ("RETURN", .table([]))], wire)
        return Receipt(remoteID: note.key)
    }

    /// A change of what is there, in the three steps or by the one function that does them.
    private func change(
        _ key: String, by function: String, or oneStep: String?, _ parameters: [(String, SOAPValue)], _ wire: any Wire
    ) async throws(ConnectorError) {
        if let oneStep {
            _ = try await client.call(oneStep, parameters, over: wire).checked(configuration.system.lockWords)
            return
        }
        try await client.unitOfWork(over: wire) { session throws(ConnectorError) in
            _ = try await call(function, parameters, in: session, wire)
            _ = try await save(key, in: session, wire)
            try await commit(session, wire)
        }
    }

    /// In the notification's header. An order that a planner made is the planner's.
    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        guard reschedules else {
            throw .refused("no function moves a date here: set modifyFunction, or the date in SAP by hand")
        }
        // What the function says of a missing notification is in SAP's words: the table knows.
        guard try await detail(of: remoteID, wire) != nil else {
            throw .gone("SAP has no notification \(remoteID) any more")
        }
        let key = ECCConfiguration.key(remoteID, 12)
        try await change(
            key, by: "BAPI_ALM_NOTIF_DATA_MODIFY", or: configuration.modifyFunction,
            try translation.planned(of: order, number: key), wire)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        let key = ECCConfiguration.key(remoteID, 12)
        let now = configuration.system.clock.text(wire.now())
        let state = [("REFDATE", String(now.prefix(10))), ("REFTIME", String(now.suffix(8)))]
        try await client.unitOfWork(over: wire) { session throws(ConnectorError) in
            _ = try await call(
                "BAPI_ALM_NOTIF_CLOSE",
                [("NUMBER", .text(key)), ("SYSTSTAT", .structure(state)), ("RETURN", .table([]))], in: session, wire)
            _ = try await save(key, in: session, wire)
            try await commit(session, wire)
        }
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order.reference, wire)
        case .attach: return []
        case .append(let note, let number):
            let items = try await detail(of: number, wire)?.rows("NOTITEM") ?? []
            return items.filter {
                $0.value("DELETE_FLAG") == nil && $0.value("DESCRIPT")?.contains("[\(note.key)]") == true
            }
            .map { _ in Receipt(remoteID: note.key) }
        }
    }

    /// All of this reference, the lowest number first.
    private func find(_ reference: Reference, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let text = ECCTables.literal(configuration.system.reference(reference))
        let rows = try await tables.rows(
            "QMEL", ["QMNUM"], where: ["\(configuration.referenceColumn) EQ \(text)"], count: 10, over: wire)
        return rows.compactMap { $0["QMNUM"] }.sorted().map {
            configuration.system.receipt(number: SAPSystem.withoutZeros($0))
        }
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        guard let detail = try await detail(of: remoteID, wire) else { return nil }
        guard let remote = try await whole(detail, wire).remote else {
            throw .answerLost("SAP's notification \(remoteID) has no number in it")
        }
        return remote
    }

    /// Nil when there is no such notification. What the function says then is in SAP's words: the table knows.
    private func detail(of number: String, _ wire: any Wire) async throws(ConnectorError) -> XMLTag? {
        let key = ECCConfiguration.key(number, 12)
        let answer = try await client.call(
            "BAPI_ALM_NOTIF_GET_DETAIL",
            [("NUMBER", .text(key))]
                + ["NOTITEM", "NOTIFCAUS", "NOTIFACTV", "RETURN"].map { ($0, .table([])) }, over: wire)
        guard answer.isRefused else { return answer }
        let there = try await tables.rows(
            "QMEL", ["QMNUM"], where: ["QMNUM EQ \(ECCTables.literal(key))"], count: 1, over: wire)
        if there.isEmpty { return nil }
        return try answer.checked(configuration.system.lockWords)
    }

    private func whole(_ detail: XMLTag, _ wire: any Wire) async throws(ConnectorError) -> ECCRecord {
        var record = ECCRecord(detail: detail, configuration: configuration)
        guard configuration.system.readsOrders, let number = record.orderNumber else { return record }
        let order = try await client.call(
            "BAPI_ALM_ORDER_GET_DETAIL", [("NUMBER", .text(number)), ("RETURN", .table([]))], over: wire)
        if !order.isRefused { record.order = order }
        let condition = "AUFNR EQ \(ECCTables.literal(number))"
        if configuration.readsLabour {
            record.confirmations = try await tables.rows(
                "AFRU", ["ISMNW", "ISMNE", "PERNR", "LTXA1", "STOKZ", "STZHL"], where: [condition], over: wire)
        }
        if configuration.readsParts {
            record.parts = try await tables.rows("RESB", ["MATNR", "ENMNG", "XLOEK"], where: [condition], over: wire)
        }
        return record
    }

    private static let pageSize = 50
    private static let columns = ["QMNUM", "AUFNR", "AEDAT", "AEZEIT", "QMDAB"]

    /// SAP's stamps are days: a poll lists what was touched since the day of the last one, and reads those whole whose
    /// stamp or whose order's stamp is another than before.
    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = PassCursor(cursor, now: wire.now())
        let known = seen.accept(cursor)
        let day = position.since(overlap: configuration.pollOverlap).map { date($0) }
        let ours =
            "\(configuration.referenceColumn) LIKE \(ECCTables.literal(configuration.system.referencePrefix + "%"))"
        let touched = day.map { ["( AEDAT GE '\($0)' OR ERDAT GE '\($0)' )"] } ?? []
        var rows = try await tables.rows(
            "QMEL", Self.columns, where: [ours] + touched, skip: (position.page - 1) * Self.pageSize,
            count: Self.pageSize, over: wire)
        let hasMore = rows.count == Self.pageSize
        if !hasMore, let day { rows += try await ofOrders(touchedSince: day, ours, besides: rows, wire) }
        let stamps = try await stamps(of: rows, wire)
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        for (number, stamp) in stamps.sorted(by: { $0.key < $1.key }) where known[number] != stamp {
            guard let detail = try await detail(of: number, wire) else { continue }
            if let order = try await whole(detail, wire).remote { orders.append(order) }
            states[number] = stamp
        }
        position.turned(hasMore: hasMore)
        seen.give(SeenStates.Page(cursor: position.text, states: states))
        return Changes(orders: orders, cursor: position.text, more: hasMore)
    }

    /// An order may be confirmed and completed without its notification being touched.
    private func ofOrders(
        touchedSince day: String, _ ours: String, besides rows: [ECCTables.Row], _ wire: any Wire
    ) async throws(ConnectorError) -> [ECCTables.Row] {
        guard configuration.system.readsOrders else { return [] }
        let touched = try await tables.rows(
            "AUFK", ["AUFNR"],
            where: ["AUTYP EQ '30'", "( AEDAT GE '\(day)' OR IDAT2 GE '\(day)' OR IDAT3 GE '\(day)' )"], over: wire)
        let known = Set(rows.compactMap { $0["AUFNR"] })
        let numbers = Set(touched.compactMap { $0["AUFNR"] }).subtracting(known).subtracting([""]).sorted()
        var found: [ECCTables.Row] = []
        for condition in ECCTables.anyOf("AUFNR", numbers) {
            found += try await tables.rows("QMEL", Self.columns, where: [ours, condition], over: wire)
        }
        return found
    }

    /// Number of the notification -> what changes when it or its order does.
    private func stamps(of rows: [ECCTables.Row], _ wire: any Wire) async throws(ConnectorError) -> [String: String] {
        var ofOrders: [String: String] = [:]
        let numbers = Set(rows.compactMap { $0["AUFNR"] }).subtracting([""]).sorted()
        if configuration.system.readsOrders {
            let columns = ["AUFNR", "AEDAT", "PHAS1", "PHAS2", "PHAS3", "LOEKZ", "IDAT2", "IDAT3"]
            for condition in ECCTables.anyOf("AUFNR", numbers) {
                for row in try await tables.rows("AUFK", columns, where: [condition], over: wire) {
                    ofOrders[row["AUFNR", default: ""]] = columns.map { row[$0, default: ""] }.joined(separator: ".")
                }
            }
        }
        return rows.reduce(into: [:]) { stamps, row in
            guard let number = row["QMNUM"], !number.isEmpty else { return }
            let own = Self.columns.map { row[$0, default: ""] }.joined(separator: ".")
            stamps[number] = own + "/" + ofOrders[row["AUFNR", default: ""], default: ""]
        }
    }

    // MARK: The orders of people

    private static let week = Duration.seconds(7 * 86_400)
    private static let weekMax = 10_000

    /// `RFC_READ_TABLE` gives rows in no order (ERPConnect reference, `ReadTable.OrderBy`), so that skipped ones may be
    /// others at each call: the numbers of a week are read at once and sorted here, and a page is the next of them, behind
    /// the last one in `page` (`start;number`).
    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let place = (page ?? "").split(separator: ";", maxSplits: 1).map(String.init)
        let start = place.first.flatMap { Timestamp($0) } ?? times.lowerBound
        let end = min(start + Self.week, times.upperBound)
        guard times.contains(start) else { return OldOrderPage(orders: []) }
        let last = place.count > 1 ? place[1] : ""
        let made = try await numbers(madeIn: start..<end, wire)
        let rest = made.keys.filter { $0 > last }.sorted()
        let part = rest.prefix(Self.pageSize)
        var orders: [OldOrder] = []
        for number in part {
            guard let time = made[number], let detail = try await detail(of: number, wire) else { continue }
            if let order = try await whole(detail, wire).old(madeAt: time) { orders.append(order) }
        }
        guard rest.count > part.count, let number = part.last else {
            return OldOrderPage(orders: orders, next: end < times.upperBound ? end.description : nil)
        }
        return OldOrderPage(orders: orders, next: "\(start);\(number)")
    }

    /// Numbers of notifications, and when each was made. `ERDAT` is the day on which the record was created
    /// (docsfortec.com, S/4 tables, QMEL), of SAP's clock; here the time of day decides.
    private func numbers(
        madeIn span: Range<Timestamp>, _ wire: any Wire
    ) async throws(ConnectorError) -> [String: Timestamp] {
        var conditions = ["ERDAT GE '\(date(span.lowerBound))'", "ERDAT LE '\(date(span.upperBound))'"]
        if !configuration.historyCondition.isEmpty { conditions.append("( \(configuration.historyCondition) )") }
        let rows = try await tables.rows(
            configuration.historyTable, ["QMNUM", "ERDAT", "ERZEIT"], where: conditions, count: Self.weekMax, over: wire
        )
        guard rows.count < Self.weekMax else {
            throw .refused(
                "SAP has \(Self.weekMax) notifications or more in the week of \(date(span.lowerBound)): narrow "
                    + "historyCondition, for example to your plant by IWERK")
        }
        var made: [String: Timestamp] = [:]
        for row in rows {
            guard let number = row["QMNUM"], !number.isEmpty,
                let time = ECCTables.time(row["ERDAT"], row["ERZEIT"], of: configuration.system.clock),
                span.contains(time)
            else { continue }
            made[number] = time
        }
        return made
    }

    /// `20261123`, of SAP's clock.
    private func date(_ time: Timestamp) -> String {
        String(configuration.system.clock.text(time).prefix(10)).replacing("-", with: "")
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let skip = page.flatMap { Int($0) } ?? 0
        let size = 200
        let rows = try await tables.rows(
            configuration.assetTable, ["EQUNR", "EQKTX", "EQART", "ABCKZ", "TPLNR", "HEQUI"],
            where: configuration.assetCondition.isEmpty ? [] : [configuration.assetCondition], skip: skip, count: size,
            over: wire)
        func text(_ value: String?) -> String? { value.flatMap { $0.isEmpty ? nil : $0 } }
        let assets = rows.compactMap { row -> Asset? in
            guard let id = text(row["EQUNR"]).map(SAPSystem.withoutZeros) else { return nil }
            return Asset(
                id: id, name: text(row["EQKTX"]), type: text(row["EQART"]),
                criticality: text(row["ABCKZ"]).flatMap { configuration.system.criticalities[$0] },
                location: text(row["TPLNR"]), parent: text(row["HEQUI"]).map(SAPSystem.withoutZeros))
        }
        return AssetPage(assets: assets, next: rows.count == size ? String(skip + size) : nil)
    }
}
