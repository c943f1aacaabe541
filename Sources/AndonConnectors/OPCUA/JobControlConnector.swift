import AndonModel

/// Orders by ISA-95 Job Control, OPC 10031-4 version 2.00. The JobOrderID is our reference: a receiver takes it once.
struct JobControlConnector: Connector {
    private let options: JobControlOptions
    private let server: OPCUAServer
    private let states: [String: OrderState]
    private let seen = SeenStates()

    init(_ options: JobControlOptions, server: OPCUAServer, states: [String: OrderState]) {
        self.options = options
        self.server = server
        self.states = states
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "ISA-95 Job Control over OPC UA", takesAttachments: options.pictures == .bytes,
            takesOccurrences: options.occurrences, reschedules: true, attachmentBytesMax: options.pictureMax)
    }

    var mapping: [MappedField] {
        let own: [(String, String)] = [
            ("JobOrderID", "{reference}"), ("Description", "{title}"), ("Priority", "{priority}"),
            ("StartTime", "{scheduledAt}"), ("PhysicalAssetRequirements[0].ID", "{asset}"),
            ("EquipmentRequirements[0].ID", "{camera}"), ("EquipmentRequirements[1].ID", "{zone}"),
            ("MaterialRequirements[0].MaterialLotID", "{lot}"),
        ]
        return own.map { MappedField(field: $0.0, source: $0.1, form: "of the structure") }
            + options.parameters.shown.map {
                MappedField(field: "JobOrderParameters \($0.field)", source: $0.source, form: $0.form)
            }
    }

    // MARK: Calls

    private static let namespace = OPCUANodeReader.jobControl

    private func step(_ object: JSON, _ method: String, _ arguments: [String: JSON]) -> JSON {
        OPCUAStep.call(object, [.string(Self.namespace), .string(method)], arguments)
    }

    private func browse(_ object: JSON, _ name: String) -> JSON {
        let path = object["path"]?.array ?? []
        let last: JSON = [.string(Self.namespace), .string(name)]
        return .object(present: [
            "from": object["from"] ?? (object.string.map { .string($0) }), "path": .array(path + [last]),
        ])
    }

    private func call(
        _ method: String, _ arguments: [String: JSON], picture: (path: String, bytes: Int)? = nil, _ wire: any Wire
    ) async throws(ConnectorError) -> JobStatus {
        let step = step(options.receiver, method, arguments)
        let results = try await server.run("CALL \(method)", [step], picture: picture, over: wire)
        guard let status = JobStatus(results[0]) else { throw .answerLost("\(method) gave no ReturnStatus") }
        return status
    }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        switch effect {
        case .create(let order, _): return try await create(order, wire)
        case .append(let note, let id):
            guard options.occurrences else { throw .refused("notes are switched off for this connector") }
            try await update(id, note.title, wire) { $0.set(JobOrder.note(note)) }
            return Receipt(remoteID: JobOrder.noteID(note))
        case .attach(let attachment, let file, let id):
            guard options.pictures == .bytes else { throw .refused("pictures are linked to and not sent") }
            if let max = options.pictureMax, attachment.picture.bytes > max {
                throw .refused("the picture has \(attachment.picture.bytes) bytes, and pictureMax is \(max)")
            }
            let picture = (path: file, bytes: attachment.picture.bytes)
            try await update(id, attachment.title, picture: picture, wire) { $0.set(JobOrder.picture(attachment)) }
            return Receipt(remoteID: attachment.fileName)
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let job = try JobOrder(order, options)
        let arguments: [String: JSON] = [
            "JobOrder": .object(job.json), "Comment": .array(order.originTag.map { [.string($0)] } ?? []),
        ]
        let method = options.store == .storeAndStart ? "StoreAndStart" : "Store"
        let status = try await call(method, arguments, wire)
        guard status.isGood else { return try await settle(order, status, wire) }
        if options.store == .storeThenStart { try await start(order.reference.text, wire) }
        return receipt(order)
    }

    private func receipt(_ order: WorkOrder) -> Receipt {
        Receipt(remoteID: order.reference.text, number: order.reference.text)
    }

    /// A refusal: the order may be there from an attempt before, or the receiver may be full.
    private func settle(
        _ order: WorkOrder, _ status: JobStatus, _ wire: any Wire
    ) async throws(ConnectorError) -> Receipt {
        if status.isUnable {
            if let there = try await find(.create(order), over: wire).first { return there }
            if let words = try await full(wire) { throw .busy(after: nil, words) }
        }
        throw .refused("the receiver does not take the order for \(order.place.asset): \(status.words)")
    }

    /// Why no order is taken at this moment; nil where the receiver has room, or does not say how much it has.
    private func full(_ wire: any Wire) async throws(ConnectorError) -> String? {
        let nodes = [browse(options.receiver, "MaxDownloadableJobOrders"), browse(options.receiver, "JobOrderList")]
        let results: [JSON]
        do throws(ConnectorError) {
            results = try await server.run("READ", [OPCUAStep.read(nodes)], over: wire)
        } catch .refused {
            return nil
        }
        let values = results[0]["values"]?.array ?? []
        guard values.count == 2, let most = values[0]["value"]?.integer, let count = values[1]["value"]?.array?.count,
            count >= most
        else { return nil }
        return "the receiver holds \(count) job orders, and takes \(most) (MaxDownloadableJobOrders)"
    }

    /// An order that is already started is as it should be.
    private func start(_ id: String, _ wire: any Wire) async throws(ConnectorError) {
        let status: JobStatus
        do throws(ConnectorError) {
            status = try await call("Start", ["JobOrderID": .string(id), "Comment": []], wire)
        } catch {
            throw .answerLost("the order is stored and may not be started: \(error.detail)")
        }
        guard !status.isGood, !status.isWrongState else { return }
        throw .answerLost("the order is stored and was not started: \(status.words)")
    }

    /// Changes an order as the receiver has it now.
    private func update(
        _ id: String, _ comment: String, picture: (path: String, bytes: Int)? = nil, _ wire: any Wire,
        _ change: (inout JobOrder) -> Void
    ) async throws(ConnectorError) {
        guard let entry = try await listed(id, wire) else {
            throw .gone("the receiver has no job order \(id) any more")
        }
        var job = JobOrder(entry["JobOrder"] ?? .null)
        change(&job)
        let arguments: [String: JSON] = ["JobOrder": .object(job.json), "Comment": [.string(comment.withoutControls)]]
        let status = try await call("Update", arguments, picture: picture, wire)
        guard !status.isGood else { return }
        if status.isUnknownID { throw .gone("the receiver has no job order \(id) any more") }
        throw .refused("the job order \(id) cannot be changed: \(status.words)")
    }

    func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        let arguments: [String: JSON] = [
            "JobOrderID": .string(remoteID), "Comment": [.string(reason.withoutControls)],
        ]
        let status = try await call("Cancel", arguments, wire)
        guard !status.isGood else { return }
        if status.isUnknownID { throw .gone("the receiver has no job order \(remoteID) any more") }
        throw .refused("the job order \(remoteID) cannot be cancelled: \(status.words)")
    }

    func reschedule(_ order: WorkOrder, remoteID: String, over wire: any Wire) async throws(ConnectorError) {
        guard let date = order.scheduledAt else { throw .refused("the order has no planned date") }
        try await update(remoteID, "planned for \(date)", wire) { $0.json["StartTime"] = .time(date) }
    }

    func download(
        _ attachment: Attachment, of remoteID: String, over wire: any Wire
    ) async throws(ConnectorError) -> [UInt8]? {
        guard options.pictures == .bytes, let entry = try await listed(remoteID, wire) else { return nil }
        let value = JobOrder(entry["JobOrder"] ?? .null).parameter(attachment.fileName)?["Value"]
        let text = value?["value"]?["base64"]?.string ?? value?["base64"]?.string
        return text.flatMap(Base64Text.bytes)
    }

    // MARK: Finding

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        switch effect {
        case .create(let order, _):
            guard let standing = try await standing(order.reference.text, wire) else { return [] }
            if options.store == .storeThenStart, standing.vendorState == "NotAllowedToStart" {
                try await start(order.reference.text, wire)
            }
            return [receipt(order)]
        case .append(let note, let id): return try await parameter(JobOrder.noteID(note), of: id, wire)
        case .attach(let attachment, _, let id): return try await parameter(attachment.fileName, of: id, wire)
        }
    }

    private func parameter(_ name: String, of id: String, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        guard let entry = try await listed(id, wire),
            JobOrder(entry["JobOrder"] ?? .null).parameter(name) != nil
        else { return [] }
        return [Receipt(remoteID: name)]
    }

    /// The receiver's entry for a job order.
    private func listed(_ id: String, _ wire: any Wire) async throws(ConnectorError) -> JSON? {
        let results = try await server.run(
            "READ JobOrderList", [OPCUAStep.read([browse(options.receiver, "JobOrderList")])], over: wire)
        return try Self.entries(results[0]).first { $0["JobOrder"]?["JobOrderID"]?.string == id }
    }

    /// A list that cannot be read says nothing of what is in it.
    private static func entries(_ result: JSON) throws(ConnectorError) -> [JSON] {
        let value = result["values"]?[0]
        guard let status = value?["status"]?.string, !status.hasPrefix("Bad") else {
            throw .answerLost("JobOrderList cannot be read: \(value?["status"]?.string ?? "no answer")")
        }
        guard let entries = value?["value"]?.array else { return [] }
        guard entries.allSatisfy({ $0["JobOrder"] != nil }) else {
            throw .answerLost("the entries of JobOrderList are of a type that cannot be read")
        }
        return entries
    }

    /// The response where there is one, as it has the repair; else the entry of the list.
    private func standing(_ id: String, _ wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        if let response = try await response(id, wire) { return remote(response, id) }
        return try await listed(id, wire).flatMap { remote(entry: $0, id) }
    }

    /// A provider need not answer for single orders: then there is the list.
    private func response(_ id: String, _ wire: any Wire) async throws(ConnectorError) -> JSON? {
        guard let responses = options.responses else { return nil }
        let method = "RequestJobResponseByJobOrderID"
        let result: JSON
        do throws(ConnectorError) {
            let step = step(responses, method, ["JobOrderID": .string(id)])
            result = try await server.run("CALL \(method)", [step], over: wire)[0]
        } catch .refused {
            return nil
        }
        guard JobStatus(result)?.isGood == true, let response = result["outputs"]?["JobResponse"],
            response["JobOrderID"]?.string == id
        else { return nil }
        return response
    }

    private func remote(_ response: JSON, _ id: String) -> RemoteOrder? {
        JobResponse(json: response, options: options, states: states)
            .remote(id: id, states: response["JobState"], closes: true)
    }

    private func remote(entry: JSON, _ id: String) -> RemoteOrder? {
        JobResponse(json: entry, options: options, states: states).remote(id: id, states: entry["State"], closes: false)
    }

    // MARK: Following

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await standing(remoteID, wire)
    }

    /// The list for orders that nobody works on, and the responses of those that run or are over; whatever is another than
    /// when it was last seen.
    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        var steps = [OPCUAStep.read([browse(options.receiver, "JobOrderList")])]
        if let responses = options.responses {
            steps += [(3, "Running"), (4, "Interrupted"), (5, "Ended"), (6, "Aborted")].map { number, text in
                let state: JSON = [
                    "BrowsePath": ["Elements": []], "StateText": .string(text), "StateNumber": .integer(number),
                ]
                return step(responses, "RequestJobResponseByJobOrderState", ["JobOrderState": [state]])
            }
        }
        let results: [JSON]
        do throws(ConnectorError) {
            results = try await server.run("READ JobOrderList", steps, over: wire)
        } catch .refused {
            // A provider need not answer by state: the census asks for each order.
            results = try await server.run("READ JobOrderList", [steps[0]], over: wire)
        }
        var orders: [String: RemoteOrder] = [:]
        for entry in try Self.entries(results[0]) {
            guard let id = entry["JobOrder"]?["JobOrderID"]?.string else { continue }
            orders[id] = remote(entry: entry, id)
        }
        for response in results.dropFirst().flatMap({ $0["outputs"]?["JobResponses"]?.array ?? [] }) {
            guard let id = response["JobOrderID"]?.string else { continue }
            orders[id] = remote(response, id)
        }
        let prints = orders.mapValues { "\($0.vendorState) \($0.closure.hashValue)" }
        let changed = orders.filter { known[$0.key] != prints[$0.key] }.sorted { $0.key < $1.key }.map(\.value)
        let next = "\(wire.now().microseconds)"
        seen.give(SeenStates.Page(cursor: next, states: prints))
        return Changes(orders: changed, cursor: next)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }
}
