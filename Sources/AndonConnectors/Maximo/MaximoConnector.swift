import AndonModel
import Foundation

/// IBM Maximo: Asset Management 7.6.0.9 and later, and Manage in the Maximo Application Suite, over the JSON API of
/// object structures (developer.ibm.com, "Maximo NextGen REST API"). Nothing has to be installed in Maximo.
public struct MaximoConnector: Connector {
    private let configuration: MaximoConfiguration
    private let client: MaximoClient
    private let translation: MaximoOrder

    public init(_ configuration: MaximoConfiguration) {
        self.configuration = configuration
        client = MaximoClient(configuration)
        translation = MaximoOrder(configuration: configuration)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "IBM Maximo", hasAssetRegistry: true, hasOldOrders: true,
            reschedules: configuration.fields.plans(by: MaximoOrder.planned),
            attachmentBytesMax: configuration.attachmentBytesMax,
            longTextMax: configuration.fields.proseMax("description_longdescription"))
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    public func signOut(over wire: any Wire) async {
        await client.signOut(over: wire)
    }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let record): try await attach(attachment, file, to: record, wire)
        case .append(let note, let record): try await append(note, to: record, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let body = JSON.object(try translation.fields(of: order)).canonicalBytes
        var headers: [WireRequest.Header] = [
            .init("content-type", "application/json"),
            .init("properties", "wonum,workorderid,siteid,status,href,externalrefid"),
        ]
        if configuration.sendsTransactionIDs {
            headers.append(.init("transactionid", "\(order.reference)-\(Self.fingerprint(body))"))
        }
        let request = WireRequest(
            "POST", client.address(configuration.workOrders), headers: headers, body: .bytes(body))
        do {
            let answer = try await client.send(request, over: wire)
            return try translation.receipt(answer.body, location: answer.location)
        } catch .gone(let words) {
            // No record is missing here: the object structure is.
            throw .refused("Maximo has no object structure \(configuration.workOrders) for this key: \(words)")
        }
    }

    /// A mended mapping is another transaction; the same order sent again is the same one (FNV-1a, 64 bits).
    private static func fingerprint(_ bytes: [UInt8]) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }

    private func attach(
        _ attachment: Attachment, _ file: String, to record: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        let request = WireRequest(
            "POST", client.address(configuration.workOrders, record: record, path: "/doclinks"),
            headers: [
                .init("content-type", attachment.picture.mediaType.rawValue),
                .init("slug", attachment.fileName), .init("x-document-meta", "FILE/\(configuration.folder)"),
                .init("x-document-description", attachment.title),
            ], body: .file(path: file, bytes: attachment.picture.bytes))
        let answer = try await client.send(request, over: wire)
        let id = (answer.location ?? answer.body["href"]?.string).flatMap { WebAddress.lastSegment($0) }
        return Receipt(remoteID: id ?? attachment.fileName)
    }

    private func append(
        _ note: Note, to record: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        try await merge(["worklog": [MaximoOrder.note(note)]], into: record, wire)
        return Receipt(remoteID: note.key)
    }

    /// Without MERGE the notes in the body would replace all notes of the record.
    private func merge(_ body: JSON, into record: String, _ wire: any Wire) async throws(ConnectorError) {
        let request = WireRequest(
            "POST", client.address(configuration.workOrders, record: record),
            headers: [
                .init("content-type", "application/json"), .init("x-method-override", "PATCH"),
                .init("patchtype", "MERGE"),
            ], body: .bytes(body.canonicalBytes))
        _ = try await client.send(request, over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        try await merge(.object(try translation.planned(of: order)), into: remoteID, wire)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        let body: JSON = ["status": "CAN", "memo": .string(reason.cut(to: 50))]
        let request = WireRequest(
            "POST",
            client.address(configuration.workOrders, record: remoteID, query: [("action", "wsmethod:changeStatus")]),
            headers: [.init("content-type", "application/json"), .init("x-method-override", "PATCH")],
            body: .bytes(body.canonicalBytes))
        _ = try await client.send(request, over: wire)
    }

    public func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard let id = try await find(attachment, in: remoteID, wire).first?.remoteID else { return nil }
        let address = client.address(configuration.workOrders, record: remoteID, path: "/doclinks/\(id)")
        return try await client.bytes(WireRequest("GET", address), over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): try await find(order, wire)
        case .attach(let attachment, _, let record): try await find(attachment, in: record, wire)
        case .append(let note, let record): try await find(note, in: record, wire)
        }
    }

    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        var terms = [
            "externalrefid=\"\(order.reference)\"", "sourcesysid=\"\(configuration.sourceSystem)\"",
        ]
        if let site = try translation.fields(of: order)["siteid"]?.string { terms.append("siteid=\"\(site)\"") }
        let query = [
            ("oslc.where", terms.joined(separator: " and ")),
            ("oslc.select", "wonum,workorderid,status,href,externalrefid"), ("oslc.pageSize", "10"),
        ]
        let page = try await collection(configuration.workOrders, query, wire)
        return try page.members.map { member throws(ConnectorError) in try translation.receipt(member, location: nil) }
    }

    private func find(
        _ attachment: Attachment, in record: String, _ wire: any Wire
    ) async throws(ConnectorError) -> [Receipt] {
        let address = client.address(configuration.workOrders, record: record, path: "/doclinks")
        let answer = try await client.send(WireRequest("GET", address), over: wire)
        return Self.members(answer.body).compactMap { member in
            let about = member["describedBy"]
            // A file that was cut off on the way has the name and not the size.
            guard about?["fileName"]?.string == attachment.fileName,
                about?["attachmentSize"]?.integer == attachment.picture.bytes
            else { return nil }
            let id = member["href"]?.string.flatMap { WebAddress.lastSegment($0) } ?? about?["identifier"]?.string
            return Receipt(remoteID: id ?? attachment.fileName)
        }
    }

    private func find(
        _ note: Note, in record: String, _ wire: any Wire
    ) async throws(ConnectorError) -> [Receipt] {
        let address = client.address(
            configuration.workOrders, record: record, query: [("oslc.select", "worklog{description}")])
        let answer = try await client.send(WireRequest("GET", address), over: wire)
        return (answer.body["worklog"]?.array ?? [])
            .filter { $0["description"]?.string?.contains("[\(note.key)]") ?? false }
            .map { _ in Receipt(remoteID: note.key) }
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let address = client.address(
            configuration.workOrders, record: remoteID,
            query: [("oslc.select", MaximoRecord.selection(configuration))])
        do throws(ConnectorError) {
            let answer = try await client.send(WireRequest("GET", address), over: wire)
            guard let order = MaximoRecord(json: answer.body, configuration: configuration).order else {
                throw ConnectorError.answerLost("Maximo's record \(remoteID) has no href or status")
            }
            return order
        } catch .gone {
            return nil
        }
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = MaximoCursor(cursor)
        var terms = ["sourcesysid=\"\(configuration.sourceSystem)\""]
        if let from = position.from(overlap: configuration.pollOverlap) {
            terms.append("changedate>=\"\(from.withWholeSeconds)\"")
        }
        var query = [
            ("oslc.where", terms.joined(separator: " and ")),
            ("oslc.select", MaximoRecord.selection(configuration)), ("oslc.orderBy", "+changedate"),
            ("oslc.pageSize", String(Self.pageSize)),
        ]
        if position.page > 1 { query.append(("pageno", String(position.page))) }
        let page = try await collection(configuration.workOrders, query, wire)
        let records = page.members.map { MaximoRecord(json: $0, configuration: configuration) }
        position.took(records.compactMap(\.changedAt).max(), hasMore: page.next != nil)
        return Changes(orders: records.compactMap(\.order), cursor: position.text, more: page.next != nil)
    }

    private static let pageSize = 50

    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        var terms = [
            "reportdate>=\"\(times.lowerBound.withWholeSeconds)\"",
            "reportdate<\"\(times.upperBound.withWholeSeconds)\"",
        ]
        if let site = configuration.site { terms.append("siteid=\"\(site)\"") }
        var query = [
            ("oslc.where", terms.joined(separator: " and ")),
            ("oslc.select", MaximoRecord.selection(configuration) + ",assetnum,reportdate,istask,pmnum,persongroup"),
            ("oslc.orderBy", "+reportdate"), ("oslc.pageSize", String(Self.pageSize)),
        ]
        if let page { query.append(("pageno", page)) }
        let found = try await collection(configuration.workOrders, query, wire)
        let records = found.members.map { MaximoRecord(json: $0, configuration: configuration) }
        return OldOrderPage(orders: records.compactMap(\.old), next: found.next)
    }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        var query = [
            ("oslc.select", "assetnum,description,siteid,location,priority,assettype,parent,status"),
            ("oslc.orderBy", "+assetnum"), ("oslc.pageSize", "200"),
        ]
        if let site = configuration.site { query.append(("oslc.where", "siteid=\"\(site)\"")) }
        if let page { query.append(("pageno", page)) }
        let found = try await collection(configuration.assets, query, wire)
        let assets = found.members.compactMap { member -> Asset? in
            guard let id = member["assetnum"]?.string else { return nil }
            return Asset(
                id: id, name: member["description"]?.string, type: member["assettype"]?.string,
                criticality: member["priority"]?.integer.flatMap { configuration.criticalities[$0] },
                location: member["location"]?.string, parent: member["parent"]?.string)
        }
        return AssetPage(assets: assets, next: found.next)
    }

    // MARK: Collections

    private struct Page {
        var members: [JSON]
        /// Number of the next page.
        var next: String?
    }

    private func collection(
        _ structure: String, _ query: [(String, String)], _ wire: any Wire
    ) async throws(ConnectorError) -> Page {
        let answer: MaximoClient.Answer
        do {
            answer = try await client.send(WireRequest("GET", client.address(structure, query: query)), over: wire)
        } catch .gone(let words) {
            throw .refused("Maximo has no object structure \(structure) for this key: \(words)")
        }
        guard answer.body["member"] != nil || answer.body["rdfs:member"] != nil else {
            throw .answerLost("Maximo's list of \(structure) has no members in it")
        }
        // Its own link to the next page may name a server inside: only the page's number is taken from it.
        let link = answer.body["responseInfo"]?["nextPage"]?["href"]?.string
        let next = link.flatMap { WebAddress.queryText(of: $0) }?.split(separator: "&").lazy
            .compactMap { $0.hasPrefix("pageno=") ? String($0.dropFirst(7)) : nil }.first
        if let link, next == nil { throw .answerLost("Maximo's link to the next page has no page number: \(link)") }
        return Page(members: Self.members(answer.body), next: next)
    }

    private static func members(_ body: JSON) -> [JSON] {
        (body["member"] ?? body["rdfs:member"])?.array ?? []
    }
}

/// Where a poll stands: the newest change of all passes so far and, within a pass, the page.
///
/// A pass keeps its beginning while it turns pages. A record that changes meanwhile moves to the end, and the
/// next pass, which begins a little before the newest change, sees whatever slid across a page's edge.
struct MaximoCursor: Equatable {
    private(set) var newest: Timestamp?
    private(set) var page = 1
    /// The newest change seen in the pass under way.
    private var reached: Timestamp?

    /// `2026-11-23T21:09:00.000000Z`, or with `;page;newest of this pass` within a pass.
    init(_ text: String?) {
        let parts = (text ?? "").split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        newest = parts.first.flatMap { Timestamp($0) }
        if parts.count == 3, let page = Int(parts[1]), page > 1 {
            self.page = page
            reached = Timestamp(parts[2])
        }
    }

    func from(overlap: Duration) -> Timestamp? { newest.map { $0 - overlap } }

    mutating func took(_ last: Timestamp?, hasMore: Bool) {
        reached = [reached, last].compactMap { $0 }.max()
        if hasMore {
            page += 1
        } else {
            newest = [newest, reached].compactMap { $0 }.max()
            reached = nil
            page = 1
        }
    }

    var text: String {
        let start = newest?.description ?? ""
        return page > 1 ? "\(start);\(page);\(reached?.description ?? "")" : start
    }
}
