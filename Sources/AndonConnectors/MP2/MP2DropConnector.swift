import AndonModel

/// MP2 by files, for the Access edition and for databases that give no right to write: a job of the site's beside MP2
/// takes each file as one order. The files are a contract of ours, not of MP2's.
struct MP2DropConnector: Connector {
    private let configuration: MP2Configuration
    private let seen = SeenStates()
    private var folder: DropFolder { configuration.folder }

    init(_ configuration: MP2Configuration) { self.configuration = configuration }

    /// Columns in the order of the file, which is part of the contract.
    static let columns = [
        "WONUM", "STATUS", "WOTYPE", "PRIORITY", "TASKDESC", "ORIGINATOR", "REQUESTDATE", "REQUESTTIME", "EQNUM",
        "EQDESC", "LOCATION", "SUBLOCATION1", "SUBLOCATION2", "SUBLOCATION3", "DEPARTMENT", "TEXTS", "FILENAME",
        "FILEDESC",
    ]

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "MP2, by file exchange", takesAttachments: configuration.share != nil, takesOccurrences: false,
            hasAssetRegistry: false, cancels: false)
    }

    var mapping: [MappedField] { configuration.fields.shown }

    private var csv: CSVText {
        var csv = CSVText()
        csv.encoding = configuration.encoding
        return csv
    }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, let picture): return try await create(order, picture, wire)
        case .attach(let attachment, let file, let number):
            guard let share = configuration.share else { throw .refused("no share is configured for pictures") }
            if case .nowhere = try await standing(number, wire) {
                throw .gone("the file of \(number) is in none of the folders any more")
            }
            if try await !share.holds(attachment, over: wire) { try await share.put(attachment, file, over: wire) }
            return Receipt(remoteID: share.link(attachment))
        case .append: throw .refused("an order that was taken cannot be added to by files")
        }
    }

    /// Never a second file for a number that is under way or was taken; one that was rejected goes again, because a
    /// person has asked for it.
    private func create(
        _ order: WorkOrder, _ picture: String?, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let ours = MP2Order(order: order, configuration: configuration)
        switch try await standing(ours.number, wire) {
        case .waiting, .taken: break
        case .nowhere, .rejected:
            var image: Attachment?
            if let picture, let about = order.picture, let share = configuration.share {
                let attachment = Attachment(reference: order.reference, role: .original, picture: about)
                try await share.put(attachment, picture, over: wire)
                image = attachment
            }
            let cells = try cells(of: ours, image)
            try await folder.write(Self.name(ours.number), .bytes(csv.file(cells)), over: wire)
        }
        do throws(ConnectorError) {
            if let receipt = try await receipt(order.reference, wire) { return receipt }
        } catch .gone(let reason) {
            throw .refused(reason)
        }
        throw .answerLost("\(Self.name(ours.number)) was written and is in none of the folders")
    }

    private static func name(_ number: String) -> String { "\(number).wo.csv" }

    private func cells(
        of ours: MP2Order, _ image: Attachment?
    ) throws(ConnectorError) -> [(name: String, value: String)] {
        let columns = try ours.columns()
        var cells: [String: String] = [:]
        for (name, value) in columns.head + columns.listed {
            cells[name] = value.string ?? value.number.map(JSON.ecmaScriptText(of:))
        }
        let place = ours.order.place
        cells["WONUM"] = ours.number
        cells["STATUS"] = configuration.newStatus
        (cells["REQUESTDATE"], cells["REQUESTTIME"]) = ours.requested
        cells["EQNUM"] = csv.holdable(place.asset.asOneLine).cut(to: 30)
        // The job copies the rest from MP2's own row; this is for a site where there is none.
        cells["LOCATION"] = cells["LOCATION"] ?? place.location.map { csv.holdable($0.asOneLine).cut(to: 30) }
        cells["TEXTS"] = ours.comments()
        if let image, let share = configuration.share {
            cells["FILENAME"] = share.link(image)
            cells["FILEDESC"] = image.title.cut(to: 50)
        }
        var named: Set<String> = []
        return (Self.columns + cells.keys.sorted()).filter { named.insert($0).inserted }.map { ($0, cells[$0] ?? "") }
    }

    // MARK: Finding

    private func standing(_ number: String, _ wire: any Wire) async throws(ConnectorError) -> DropFolder.Standing {
        try await folder.standing(of: Self.name(number), inbox: "", over: wire)
    }

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await receipt(order.reference, wire).map { [$0] } ?? []
        case .attach(let attachment, _, _):
            guard let share = configuration.share, try await share.holds(attachment, over: wire) else { return [] }
            return [Receipt(remoteID: share.link(attachment))]
        case .append: return []
        }
    }

    private func receipt(_ reference: Reference, _ wire: any Wire) async throws(ConnectorError) -> Receipt? {
        let number = MP2Order.number(reference, configuration)
        switch try await standing(number, wire) {
        case .nowhere: return nil
        case .taken:
            try await checkOwner(number, reference, wire)
            return Receipt(remoteID: number, number: number)
        case .rejected(let reason): throw .gone("MP2's job rejected the order: \(reason)")
        case .waiting(let since): throw folder.waiting(Self.name(number), since: since, now: wire.now())
        }
    }

    /// The number holds the end of a reference only: the file itself says whose it is.
    private func checkOwner(
        _ number: String, _ reference: Reference, _ wire: any Wire
    ) async throws(ConnectorError) {
        guard let other = try await owner(of: number, wire), other != reference else { return }
        throw .gone("the number \(number) belongs to our order \(other); change numberPrefix for new orders")
    }

    /// Read from the file that we wrote, wherever it lies; nil when it was tidied away.
    private func owner(of number: String, _ wire: any Wire) async throws(ConnectorError) -> Reference? {
        for place in ["", "done/", "rejected/"] {
            guard let bytes = try await folder.read(place + Self.name(number), over: wire) else { continue }
            return MP2Order.reference(in: csv.records(bytes).first?["TEXTS"])
        }
        return nil
    }

    func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        try await configuration.share?.get(attachment, over: wire)
    }

    // MARK: Following

    private static let closedEnd = ".closed.csv"

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let reference = try await owner(of: remoteID, wire)
        if let found = try await folder.settled("export/\(remoteID)\(Self.closedEnd)", over: wire),
            let order = closed(remoteID, reference, found.bytes)
        {
            return order
        }
        let words =
            switch try await standing(remoteID, wire) {
            case .nowhere: "file tidied away"
            case .rejected: "rejected"
            case .waiting: "waits for the job"
            case .taken: "taken"
            }
        return RemoteOrder(remoteID: remoteID, reference: reference, state: .open, vendorState: words)
    }

    /// Files that were taken, and a file for each order that was closed; those that came or changed since the last
    /// look are read.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        let closed = try await numbers(in: "export", Self.closedEnd, wire)
        for number in closed where orders.count < Self.pageSize {
            let name = "export/\(number)\(Self.closedEnd)"
            guard let changed = try await folder.look(name, over: wire), known[number] != String(changed.microseconds),
                let found = try await folder.settled(name, over: wire)
            else { continue }
            states[number] = String(changed.microseconds)
            if let order = self.closed(number, try await owner(of: number, wire), found.bytes) { orders.append(order) }
        }
        for number in Set(try await numbers(in: "done", ".wo.csv", wire)).subtracting(closed).sorted()
        where orders.count < Self.pageSize && known[number] == nil {
            states[number] = "taken"
            if let order = try await read(number, over: wire) { orders.append(order) }
        }
        let next = String(wire.now().microseconds)
        seen.give(SeenStates.Page(cursor: next, states: states))
        return Changes(orders: orders, cursor: next, more: orders.count == Self.pageSize)
    }

    /// Of our files in a folder that end with `end`.
    private func numbers(in place: String, _ end: String, _ wire: any Wire) async throws(ConnectorError) -> [String] {
        try await folder.names(in: place, over: wire).filter {
            $0.hasPrefix(configuration.numberPrefix) && $0.hasSuffix(end)
        }.map { String($0.dropLast(end.count)) }.sorted()
    }

    private static let pageSize = 100

    /// `WONUM.closed.csv`; nil when it is of another number, or not whole.
    private func closed(_ number: String, _ reference: Reference?, _ bytes: [UInt8]) -> RemoteOrder? {
        guard let row = csv.records(bytes).first(where: { $0["WONUM"]?.trimmed == number }) else { return nil }
        func text(_ name: String) -> String? { row[name].map(\.trimmed).flatMap { $0.isEmpty ? nil : $0 } }
        let status = text("STATUS") ?? ""
        let state: OrderState = configuration.states[status.uppercased()] == .cancelled ? .cancelled : .closed
        let hours = text("LABORHOURS").flatMap { Double($0) }.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        let closure = Closure(
            technician: text("EMPCODES"),
            closedAt: text("COMPLETIONDATE").flatMap {
                MP2Record.moment($0, text("COMPLETIONTIME"), configuration.clock)
            },
            labourHours: hours, parts: Self.parts(text("PARTS")), causeCode: text("RFOCODE"),
            notes: MP2Record.added(to: text("TEXTS")))
        return RemoteOrder(
            remoteID: number, reference: reference ?? MP2Order.reference(in: text("TEXTS")), state: state,
            vendorState: "\(status), closed", closure: closure)
    }

    /// `ITEM=qty;ITEM=qty`
    private static func parts(_ text: String?) -> [Closure.Part] {
        var sum = PartSum()
        for entry in (text ?? "").split(separator: ";") {
            let pair = entry.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard pair.count == 2, !pair[0].isEmpty, let quantity = Double(pair[1]), quantity.isFinite else { continue }
            sum.add(quantity, of: pair[0])
        }
        return sum.parts
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }
}
