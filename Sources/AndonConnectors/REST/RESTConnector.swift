import AndonModel

/// Any system with a REST or JSON-RPC interface, described by a mapping file: no code, no rebuild.
public struct RESTConnector: Connector {
    private let configuration: RESTConfiguration
    private let client: RESTClient
    private var mapped: RESTMapping { configuration.mapping }

    public init(_ configuration: RESTConfiguration) {
        self.configuration = configuration
        client = RESTClient(configuration)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: mapped.system, isSearchable: mapped.find != nil, takesAttachments: !mapped.attach.isEmpty,
            takesOccurrences: !mapped.append.isEmpty, hasAssetRegistry: mapped.assets != nil,
            hasOldOrders: mapped.oldOrders != nil, cancels: !mapped.withdraw.isEmpty,
            reschedules: !mapped.reschedule.isEmpty,
            attachmentBytesMax: configuration.attachmentBytesMax, longTextMax: mapped.longTextMax)
    }

    public var mapping: [MappedField] {
        mapped.create.flatMap { call -> [MappedField] in
            switch call.content {
            case .json(let node): Self.fields(node, "")
            case .form(let fields), .multipart(let fields, _):
                fields.map { MappedField(field: $0.0, source: $0.1.source, form: "text") }
            default: []
            }
        }
    }

    private static func fields(_ node: RESTNode, _ path: String) -> [MappedField] {
        switch node {
        case .constant(let value):
            [MappedField(field: path, source: String(decoding: value.canonicalBytes, as: UTF8.self), form: "constant")]
        case .template(let template): [MappedField(field: path, source: template.source, form: "template")]
        case .file: [MappedField(field: path, source: "the file", form: "base64")]
        case .array(let nodes): nodes.enumerated().flatMap { fields($1, "\(path)/\($0)") }
        case .object(let members): members.flatMap { fields($1, "\(path)/\($0)") }
        }
    }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _):
            do {
                let values = try await run(mapped.create, Self.values(of: order), over: wire)
                guard let receipt = try receipt(values, over: wire) else {
                    throw ConnectorError.answerLost("\(mapped.system) said yes and gave no id")
                }
                return receipt
            } catch let error as ConnectorError {
                guard case .gone(let words) = error else { throw error }
                // A key that is taken: by the order of an earlier attempt, or by one that is not ours.
                if let there = try await find(effect, over: wire).first { return there }
                throw .refused("it was not created, and it is not there: \(words)")
            } catch {
                throw .answerLost("\(error)")
            }
        case .attach(let attachment, let path, let id):
            let file = RESTClient.File(
                path: path, bytes: attachment.picture.bytes, name: attachment.fileName,
                mediaType: attachment.picture.mediaType.rawValue, digest: attachment.picture.sha256)
            let values = try await run(mapped.attach, Self.values(of: attachment, id), file: file, over: wire)
            return Receipt(remoteID: values["file"].flatMap { RESTPath.text(of: $0) } ?? attachment.fileName)
        case .append(let note, let id):
            _ = try await run(mapped.append, Self.values(of: note, id), over: wire)
            return Receipt(remoteID: note.key)
        }
    }

    /// One call after the other; each knows what those before it took. A later one that fails leaves something made.
    private func run(
        _ calls: [RESTCall], _ values: [String: JSON], file: RESTClient.File? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> [String: JSON] {
        var values = values
        for (index, call) in calls.enumerated() {
            // A look-up before it has made nothing.
            let hasMade = calls[..<index].contains { $0.method != "GET" && $0.keepFor == nil }
            do {
                values.merge(try await client.send(call, values, file: file, over: wire).taken) { $1 }
            } catch .unreachable(let words) where hasMade {
                throw .answerLost("step \(index + 1) of \(calls.count): \(words)")
            } catch .busy(_, let words) where hasMade {
                throw .answerLost("step \(index + 1) of \(calls.count): \(words)")
            }
        }
        return values
    }

    private func receipt(_ values: [String: JSON], over wire: any Wire) throws(ConnectorError) -> Receipt? {
        guard let id = values["id"].flatMap({ RESTPath.text(of: $0) }) else { return nil }
        var scope = client.scope(values, over: wire)
        scope.values["id"] = .string(id)
        let number = try mapped.number?.text(scope) ?? values["number"].flatMap { RESTPath.text(of: $0) } ?? id
        scope.values["number"] = .string(number)
        return Receipt(remoteID: id, number: number, link: try mapped.link?.text(scope))
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        guard !mapped.withdraw.isEmpty else {
            throw .refused("the mapping has no withdraw: close the order there by hand")
        }
        _ = try await run(mapped.withdraw, ["id": .string(remoteID), "reason": .string(reason)], over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        guard !mapped.reschedule.isEmpty else {
            throw .refused("the mapping has no reschedule: set the order's date there by hand")
        }
        guard order.scheduledAt != nil else {
            throw .refused("the order has no planned date that it could be moved to")
        }
        let values = Self.values(of: order).merging(["id": .string(remoteID)]) { $1 }
        _ = try await run(mapped.reschedule, values, over: wire)
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let call = mapped.download else { return nil }
        var values = Self.values(of: attachment, remoteID)
        if let search = mapped.findAttachment {
            let rows = try await client.send(search, values, over: wire).rows(search, client.scope(values, over: wire))
            guard let row = rows.first else { return nil }
            values["file.id"] = search.id?.first(in: row)
        }
        let answer = try await client.send(call, values, over: wire)
        guard let path = mapped.downloadContent else { return answer.bytes }
        return path.text(in: answer.json).flatMap { Base64Text.bytes($0) }
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _):
            guard let call = mapped.find else { return [] }
            let values = Self.values(of: order)
            let answer: RESTClient.Answer
            do {
                answer = try await client.send(call, values, over: wire)
            } catch .gone {
                // Systems that look an order up by its address say 404 for "none".
                return []
            }
            var receipts: [Receipt] = []
            for row in try answer.rows(call, client.scope(values, over: wire)) {
                var taken = values
                for (name, path) in call.take { taken[name] = path.first(in: row) ?? path.first(in: answer.json) }
                taken["id"] = call.id?.first(in: row)
                if let receipt = try receipt(taken, over: wire) { receipts.append(receipt) }
            }
            return receipts
        case .attach(let attachment, _, let id):
            let rows = try await rows(mapped.findAttachment, Self.values(of: attachment, id), over: wire)
            return rows.map {
                Receipt(remoteID: mapped.findAttachment?.id?.text(in: $0) ?? attachment.fileName)
            }
        case .append(let note, let id):
            return try await rows(mapped.findNote, Self.values(of: note, id), over: wire)
                .map { _ in Receipt(remoteID: note.key) }
        }
    }

    private func rows(
        _ call: RESTCall?, _ values: [String: JSON], over wire: any Wire
    ) async throws(ConnectorError) -> [JSON] {
        guard let call else { return [] }
        return try await client.send(call, values, over: wire).rows(call, client.scope(values, over: wire))
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let row: JSON?
        do {
            row = try await rows(mapped.read, ["id": .string(remoteID)], over: wire).first
        } catch .gone {
            return nil
        }
        guard let row else { return nil }
        guard let order = try await whole(row, over: wire).remote else {
            throw .answerLost("the answer on \(remoteID) has no id where the mapping looks for it")
        }
        return order
    }

    /// The row with the answers of its details below their names; `old` has details of its own.
    private func whole(
        _ row: JSON, of old: RESTMapping.OldOrders? = nil, over wire: any Wire
    ) async throws(ConnectorError) -> RESTRecord {
        var values: [String: JSON] = [:]
        for (name, path) in mapped.record.take + (old?.call.take ?? []) { values[name] = path.first(in: row) }
        values["id"] = mapped.record.id?.first(in: row)
        guard var members = row.object else { return RESTRecord(row: row, configuration: configuration) }
        for (name, call) in mapped.record.details + (old?.details ?? []) {
            let found: [JSON]
            do {
                found = try await rows(call, values, over: wire)
            } catch .gone {
                found = []
            }
            members[name] = .array(found)
            for (taken, path) in call.take { values[taken] = found.lazy.compactMap { path.first(in: $0) }.first }
        }
        return RESTRecord(row: .object(members), configuration: configuration)
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        guard let call = mapped.changes else { return Changes(orders: [], cursor: cursor) }
        // Within a pass a token of the system's may stand behind the position.
        let sides = (cursor ?? "").split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        var position = PassCursor(sides.first, now: wire.now())
        let token = sides.count > 1 ? sides[1] : nil
        let since = position.since(overlap: configuration.pollOverlap) ?? Timestamp(microseconds: 0)
        let values = listValues(page: position.page, token: token).merging(["since": .time(since)]) { $1 }
        let answer = try await client.send(call, values, over: wire)
        let rows = try answer.rows(call, client.scope(values, over: wire))
        var orders: [RemoteOrder] = []
        for row in rows {
            if let order = try await whole(row, over: wire).remote { orders.append(order) }
        }
        let next = call.next.map { $0.text(in: answer.json) }
        // Rows that the conditions left out still fill a page.
        let count = try answer.rows(call.withoutConditions, client.scope(values, over: wire)).count
        let hasMore = next.map { $0 != nil } ?? (call.isPaged && count >= mapped.pageSize)
        position.turned(hasMore: hasMore)
        let tail = hasMore ? (next ?? nil).map { " \($0)" } ?? "" : ""
        return Changes(orders: orders, cursor: position.text + tail, more: hasMore)
    }

    private func listValues(page: Int, token: String?) -> [String: JSON] {
        [
            "page": .integer(page - 1 + mapped.firstPage), "offset": .integer((page - 1) * mapped.pageSize),
            "limit": .integer(mapped.pageSize), "next": token.map { .string($0) } ?? .null,
        ]
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        guard let call = mapped.assets else { return AssetPage(assets: []) }
        let found = try await listed(call, page: page, [:], over: wire)
        let paths = mapped.asset
        let assets = found.rows.compactMap { row -> Asset? in
            guard let id = paths.id?.text(in: row) else { return nil }
            return Asset(
                id: id, name: paths.name?.text(in: row), type: paths.type?.text(in: row),
                criticality: paths.criticality?.text(in: row).flatMap { paths.criticalities[$0] ?? $0 },
                location: paths.location?.text(in: row), parent: paths.parent?.text(in: row))
        }
        return AssetPage(assets: assets, next: found.next)
    }

    // MARK: The orders of people

    /// Its details are asked for only where the row alone does not say already that it is of another time.
    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        guard let old = mapped.oldOrders else {
            throw .refused("the mapping has no oldOrders; have the CMMS write them to a CSV file, and import that")
        }
        // Forms of time cut fractions off: the end is rounded up, and what is too much is left out here.
        let end = Timestamp(microseconds: (times.upperBound.microseconds + 999_999) / 1_000_000 * 1_000_000)
        let moments: [String: JSON] = ["from": .time(times.lowerBound), "until": .time(end)]
        let found = try await listed(old.call, page: page, moments, over: wire)
        var orders: [OldOrder] = []
        var unread = 0
        for row in found.rows {
            let time = RESTRecord(row: row, configuration: configuration).time(old.createdAt)
            guard time.map(times.contains) ?? true else { continue }
            let record = try await whole(row, of: old, over: wire)
            guard let remote = record.remote, let createdAt = record.time(old.createdAt) else {
                unread += 1
                continue
            }
            guard times.contains(createdAt) else { continue }
            orders.append(
                OldOrder(
                    remote, number: try number(of: record, remote.remoteID, over: wire),
                    asset: record.text(of: old.asset), reportedAt: record.time(old.reportedAt), createdAt: createdAt,
                    crew: record.text(old.crew)))
        }
        // One such row may be a relic; all of them are a place that the mapping has wrong.
        guard unread == 0 || unread < found.rows.count else {
            throw .refused("none of \(unread) orders has an id and a time of creation where the mapping looks for them")
        }
        return OldOrderPage(orders: orders, next: found.next)
    }

    /// What stands there, or what a receipt would say for that id.
    private func number(
        of record: RESTRecord, _ id: String, over wire: any Wire
    ) throws(ConnectorError) -> String {
        if let number = record.text(mapped.oldOrders?.number) { return number }
        return try receipt(["id": .string(id), "number": .string(id)], over: wire)?.number ?? id
    }

    /// The rows of a page, and what the next one is asked for by: its number, with the system's own token behind it.
    private func listed(
        _ call: RESTCall, page: String?, _ values: [String: JSON], over wire: any Wire
    ) async throws(ConnectorError) -> (rows: [JSON], next: String?) {
        let sides = (page ?? "1").split(separator: " ", maxSplits: 1).map(String.init)
        let number = sides.first.flatMap { Int($0) } ?? 1
        let values = listValues(page: number, token: sides.count > 1 ? sides[1] : nil).merging(values) { $1 }
        let answer = try await client.send(call, values, over: wire)
        let scope = client.scope(values, over: wire)
        let rows = try answer.rows(call, scope)
        if let next = call.next { return (rows, next.text(in: answer.json).map { "\(number + 1) \($0)" }) }
        // Rows that the conditions left out still fill a page.
        let count = try answer.rows(call.withoutConditions, scope).count
        return (rows, call.isPaged && count >= mapped.pageSize ? String(number + 1) : nil)
    }

    // MARK: Values

    private static func values(of order: WorkOrder) -> [String: JSON] {
        var values = OrderText(order).fields
        values["text"] = values["text"]?.withoutControls
        // An asset that is not in the registry is not in the system either.
        if !order.place.assetKnown { values["asset"] = nil }
        return values.mapValues { .string($0) }
    }

    private static func values(of attachment: Attachment, _ id: String) -> [String: JSON] {
        [
            "id": .string(id), "reference": .string(attachment.reference.text),
            "fileName": .string(attachment.fileName),
            "mediaType": .string(attachment.picture.mediaType.rawValue), "fileTitle": .string(attachment.title),
            "bytes": .integer(attachment.picture.bytes), "sha256": .string(attachment.picture.sha256),
            "role": .string(attachment.role.rawValue),
            "fileExtension": .string(attachment.picture.mediaType.fileExtension),
        ]
    }

    private static func values(of note: Note, _ id: String) -> [String: JSON] {
        [
            "id": .string(id), "reference": .string(note.reference.text), "note.key": .string(note.key),
            "note.title": .string(note.title), "note.text": .string(note.text), "note.count": .integer(note.count),
            "note.added": .integer(note.added),
        ]
    }
}

extension RESTCall {
    fileprivate var withoutConditions: RESTCall {
        var call = self
        call.conditions = []
        return call
    }

    /// Whether the call says which page it wants.
    fileprivate var isPaged: Bool {
        func uses(_ source: String) -> Bool { source.contains("{page") || source.contains("{offset") }
        func uses(_ node: RESTNode) -> Bool {
            switch node {
            case .template(let template): uses(template.source)
            case .array(let nodes): nodes.contains { uses($0) }
            case .object(let members): members.contains { uses($0.1) }
            case .constant, .file: false
            }
        }
        if uses(path.source) || query.contains(where: { uses($0.1.source) }) { return true }
        switch content {
        case .json(let node): return uses(node)
        case .form(let fields): return fields.contains { uses($0.1.source) }
        case .text(let template, _): return uses(template.source)
        default: return false
        }
    }
}
