import AndonModel

/// Limble CMMS, API V2 (apidocs.limblecmms.com). A work order is a task; `meta1` holds our reference.
public struct LimbleConnector: Connector {
    private let configuration: LimbleConfiguration
    private let client: LimbleClient
    private let names: LimbleNames

    public init(_ configuration: LimbleConfiguration) {
        self.configuration = configuration
        client = LimbleClient(configuration: configuration)
        names = LimbleNames(client)
    }

    public var traits: ConnectorTraits {
        ConnectorTraits(
            system: "Limble", hasAssetRegistry: true, hasOldOrders: true, reschedules: true,
            attachmentBytesMax: 50_000_000,
            attachmentTypes: [.jpeg, .png],
            longTextMax: nil)
    }

    public var mapping: [MappedField] { configuration.fields.shown }

    // MARK: Doing

    public func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): try await create(order, wire)
        case .attach(let attachment, let file, let task): try await attach(attachment, file, to: task, wire)
        case .append(let note, let task): try await append(note, to: task, wire)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let answer: LimbleClient.Answer
        do {
            answer = try await client.send("POST", "/v2/tasks", try await task(for: order, wire), over: wire)
        } catch .gone {
            // A location, asset or user that we knew by its old number: nothing was made, so it is asked for anew.
            names.forget()
            do {
                answer = try await client.send("POST", "/v2/tasks", try await task(for: order, wire), over: wire)
            } catch .gone(let words) {
                throw .refused(words)
            }
        }
        guard let id = answer.body["taskID"]?.integer else {
            throw .answerLost("Limble said yes and did not name the task")
        }
        try await mark(id, wire)
        return receipt(id)
    }

    private func task(for order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> JSON {
        var values = OrderText(order).fields
        values["origin"] = configuration.origin
        var body = try configuration.fields.filled(with: values)
        let location = order.place.location.flatMap { configuration.locations[$0] } ?? configuration.location
        body["locationID"] = .integer(location)
        body["type"] = .integer(configuration.types[order.kind.rawValue] ?? 2)
        body["due"] = due(order)
        // An asset that the plant does not know has no number there: the task goes to the location and says so.
        if order.place.assetKnown {
            body["assetID"] = .integer(try await names.asset(order.place.asset, at: location, over: wire))
        }
        if let name = configuration.priorities[order.priority] {
            body["priority"] = .integer(try await names.level(name, over: wire))
        }
        return .object(body)
    }

    /// Seconds since 1970.
    private func due(_ order: WorkOrder) -> JSON {
        let due =
            order.scheduledAt
            ?? order.detectedAt + (configuration.dueWithin[order.priority] ?? configuration.dueWithinElse)
        return .integer(due.microseconds / 1_000_000)
    }

    /// Puts the tag on. The task is there already: a failure here must lead to a search, not to a second task.
    private func mark(_ id: Int, _ wire: any Wire) async throws(ConnectorError) {
        guard let tag = configuration.tag else { return }
        do {
            _ = try await client.send("PUT", "/v2/tasks/\(id)/tags", ["tags": [.string(tag)]], over: wire)
        } catch {
            // 409: it is on already.
            if case .refused(let words) = error, words.lowercased().contains("already") { return }
            throw .answerLost("the task \(id) was made, its tag \(tag) was not put on: \(error.detail)")
        }
    }

    private func receipt(_ id: Int) -> Receipt {
        Receipt(remoteID: String(id), number: "#\(id)")
    }

    private func attach(
        _ attachment: Attachment, _ file: String, to task: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        guard traits.attachmentTypes.contains(attachment.picture.mediaType) else {
            throw .refused("Limble takes pictures only at a task's instructions")
        }
        if attachment.role == .original {
            try await put(attachment, file, "/v2/tasks/\(WebAddress.encoded(task))/image", wire)
        }
        let instruction = try await instruction(for: attachment, in: task, wire)
        try await put(attachment, file, "/v2/tasks/instructions/\(instruction)/image", wire)
        return Receipt(remoteID: String(instruction))
    }

    private func put(
        _ attachment: Attachment, _ file: String, _ path: String, _ wire: any Wire
    ) async throws(ConnectorError) {
        let picture = attachment.picture
        let form = FormBody.multipart(
            file: "image", named: attachment.fileName, mediaType: picture.mediaType.rawValue, path: file,
            bytes: picture.bytes, boundary: picture.sha256)
        let request = WireRequest(
            "PUT", configuration.url + path, headers: [.init("content-type", form.contentType)], body: form.body)
        _ = try await client.send(request, over: wire)
    }

    /// The instruction that carries the picture: the one that is there, or a new one (type 7, a label).
    private func instruction(
        for attachment: Attachment, in task: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Int {
        if let known = try await evidence(attachment, in: task, wire)?["instructionID"]?.integer { return known }
        let body: JSON = [
            "type": 7, "instruction": .string(Self.label(attachment)), "parentInstructionID": 0,
        ]
        let path = "/v2/tasks/\(WebAddress.encoded(task))/instructions"
        let answer = try await client.send("POST", path, body, over: wire)
        if let id = answer.body["instructionID"]?.integer { return id }
        guard let id = try await evidence(attachment, in: task, wire)?["instructionID"]?.integer else {
            throw .answerLost("Limble said yes and did not name the instruction")
        }
        return id
    }

    private static func label(_ attachment: Attachment) -> String {
        "AI vision evidence \(attachment.fileName): \(attachment.title)"
    }

    private func evidence(
        _ attachment: Attachment, in task: String, _ wire: any Wire
    ) async throws(ConnectorError) -> JSON? {
        let path = "/v2/tasks/\(WebAddress.encoded(task))/instructions"
        let list = try await client.get(path, over: wire).body.array ?? []
        return list.first { $0["instruction"]?.string?.contains(attachment.fileName) ?? false }
    }

    private func append(
        _ note: Note, to task: String, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        // The default shows a comment to people outside the plant.
        let body: JSON = ["comment": .string("\(note.title)\n\(note.text)"), "showExternalUsers": false]
        _ = try await client.send("POST", "/v2/tasks/\(WebAddress.encoded(task))/comments", body, over: wire)
        return Receipt(remoteID: note.key)
    }

    public func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        _ = try await client.send("DELETE", "/v2/tasks/\(WebAddress.encoded(remoteID))", over: wire)
    }

    public func reschedule(
        _ order: WorkOrder, remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) {
        guard order.scheduledAt != nil else {
            throw .refused("the order has no planned date that it could be moved to")
        }
        _ = try await client.send(
            "PATCH", "/v2/tasks/\(WebAddress.encoded(remoteID))", ["due": due(order)], over: wire)
    }

    // MARK: Finding

    public func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _): return try await find(order, wire)
        case .attach(let attachment, _, let task):
            guard let found = try await evidence(attachment, in: task, wire),
                let files = found["instructionFiles"]?.array,
                files.contains(where: { $0["fileName"]?.string?.hasSuffix(attachment.fileName) ?? false })
            else { return [] }
            return [Receipt(remoteID: String(found["instructionID"]?.integer ?? 0))]
        case .append(let note, let task):
            let list = try await client.get("/v2/tasks/\(WebAddress.encoded(task))/comments", over: wire).body.array
            return (list ?? []).filter { $0["comment"]?.string?.contains("[\(note.key)]") ?? false }
                .map { _ in Receipt(remoteID: note.key) }
        }
    }

    private func find(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let query = [("meta1", order.reference.text), ("limit", "100"), ("page", "1")]
        let answer: LimbleClient.Answer
        do {
            answer = try await client.get("/v2/tasks/", query, over: wire)
        } catch .gone(let words) {
            throw .refused(words)
        }
        let found = (answer.body.array ?? []).map { LimbleTask(json: $0, configuration: configuration) }
            .filter { !$0.isTemplate && $0.reference == order.reference }.compactMap(\.id).sorted()
        if let first = found.first { try await mark(first, wire) }
        return found.map(receipt)
    }

    // MARK: Following

    public func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        let query = [("tasks", remoteID), ("limit", "100"), ("page", "1")]
        let list = try await client.get("/v2/tasks/", query, over: wire).body.array ?? []
        guard
            let task = list.map({ LimbleTask(json: $0, configuration: configuration) }).first(where: {
                $0.id.map(String.init) == remoteID
            })
        else { return nil }
        return task.remote(closure: try await closure(of: task, wire))
    }

    /// The repair's facts of a closed task; they lie in five places.
    private func closure(of task: LimbleTask, _ wire: any Wire) async throws(ConnectorError) -> Closure? {
        guard task.state == .closed, let id = task.id else { return nil }
        let labour = try await client.get(
            "/v2/tasks/labor", [("tasks", String(id)), ("limit", "100"), ("page", "1")], over: wire)
        let parts = try await client.get("/v2/tasks/\(id)/parts", over: wire)
        let instructions = try await client.get("/v2/tasks/\(id)/instructions", over: wire)
        let user = task.completedBy ?? labour.body[0]?["userID"]?.integer
        var closure = Closure(
            closedAt: task.completedAt, labourHours: LimbleTask.hours(labour.body),
            parts: LimbleTask.parts(parts.body),
            causeCode: LimbleTask.cause(instructions.body, named: configuration.causeInstruction), notes: task.notes)
        if let user { closure.technician = try await name(ofUser: user, wire) }
        return closure
    }

    private func name(ofUser id: Int, _ wire: any Wire) async throws(ConnectorError) -> String {
        let query = [("users", String(id)), ("limit", "100"), ("page", "1")]
        let user = try await client.get("/v2/users", query, over: wire).body[0]
        let name = [user?["firstName"]?.string, user?["lastName"]?.string].compactMap { $0 }.joined(separator: " ")
        return name.isEmpty ? "user \(id)" : name
    }

    public func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        var position = PassCursor(cursor, now: wire.now())
        var query = [("meta2", configuration.origin)]
        if let since = position.since(overlap: configuration.pollOverlap) {
            query.append(("start", String(since.microseconds / 1_000_000)))
        }
        query += [("orderBy", "createdDate"), ("limit", "100"), ("page", String(position.page))]
        let answer = try await client.get("/v2/tasks/", query, over: wire)
        var orders: [RemoteOrder] = []
        let tasks = (answer.body.array ?? []).map { LimbleTask(json: $0, configuration: configuration) }
        for task in tasks where !task.isTemplate && task.reference != nil {
            if let order = task.remote(closure: try await closure(of: task, wire)) { orders.append(order) }
        }
        position.turned(hasMore: tasks.count == 100)
        return Changes(orders: orders, cursor: position.text, more: position.page > 1)
    }

    public func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let number = page.flatMap { Int($0) } ?? 1
        // `start` looks at the last edit (apidocs.limblecmms.com, Tasks): what was made later was edited later as well.
        let query = [
            ("start", String(times.lowerBound.microseconds / 1_000_000)), ("orderBy", "createdDate"), ("limit", "100"),
            ("page", String(number)),
        ]
        let list = try await client.get("/v2/tasks/", query, over: wire).body.array ?? []
        let assets = try await names.assets(at: locations, over: wire)
        var orders: [OldOrder] = []
        for task in list.map({ LimbleTask(json: $0, configuration: configuration) }) {
            guard !task.isTemplate, let createdAt = task.createdAt, times.contains(createdAt), let id = task.id,
                let remote = task.remote(closure: try await closure(of: task, wire))
            else { continue }
            orders.append(
                OldOrder(
                    remote, number: "#\(id)", asset: task.asset.flatMap { assets[$0] }, createdAt: createdAt))
        }
        return OldOrderPage(orders: orders, next: list.count == 100 ? String(number + 1) : nil)
    }

    private var locations: [Int] { Set(configuration.locations.values).union([configuration.location]).sorted() }

    // MARK: The registry

    public func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let number = page.flatMap { Int($0) } ?? 1
        let list = try await names.assetPage(number, at: locations, over: wire)
        let ours = Dictionary(configuration.locations.map { ($0.value, $0.key) }) { first, _ in first }
        let assets = list.compactMap { entry -> Asset? in
            guard let name = entry["name"]?.string, !name.isEmpty else { return nil }
            return Asset(id: name, location: entry["locationID"]?.integer.flatMap { ours[$0] })
        }
        return AssetPage(assets: assets, next: list.count == 100 ? String(number + 1) : nil)
    }
}
