import AndonModel

/// The options of the form `method`.
struct MethodOptions: Sendable {
    var create: OPCUACall?
    var outputs: [String: String] = [:]
    /// The value of the output `result` that means that it is done.
    var success = "0"
    var find: OPCUASource?
    var cancel: OPCUACall?
    var reschedule: OPCUACall?

    init() {}

    init(reading reader: SettingsReader, _ nodes: OPCUANodeReader, isUsed: Bool) {
        success = reader.text("success", default: "0")
        if let section = reader.section("create") {
            create = nodes.call(section, names: OrderText.fieldNames)
            outputs = section.words("outputs")
            if !Set(outputs.keys).isSubset(of: ["id", "number", "result"]) {
                reader.faults.add(
                    "outputs of create are id, number and result", at: section.raw("outputs") ?? section.node)
            }
            section.finish()
        } else if isUsed {
            reader.missing("create")
        }
        find = OPCUASource("find", of: reader, nodes, values: ["reference"])
        cancel = Self.call("cancel", reader, nodes, names: ["id", "reason"])
        reschedule = Self.call("reschedule", reader, nodes, names: OrderText.fieldNames.union(["id"]))
    }

    private static func call(
        _ key: String, _ reader: SettingsReader, _ nodes: OPCUANodeReader, names: Set<String>
    ) -> OPCUACall? {
        guard let section = reader.section(key) else { return nil }
        defer { section.finish() }
        return nodes.call(section, names: names)
    }
}

/// Orders by a method with plain arguments. The server is asked once for each order; whether an order is there is asked
/// by another method or by variables, and where there is neither, an attempt without an answer needs a person.
struct MethodConnector: Connector {
    private let options: MethodOptions
    private let server: OPCUAServer
    private let following: OPCUAFollowing
    private let seen = SeenStates()

    init(_ options: MethodOptions, server: OPCUAServer, following: OPCUAFollowing) {
        self.options = options
        self.server = server
        self.following = following
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "an OPC UA server, by a method", isSearchable: options.find != nil, takesAttachments: false,
            takesOccurrences: false, cancels: options.cancel != nil, reschedules: options.reschedule != nil)
    }

    var mapping: [MappedField] { options.create?.arguments.shown ?? [] }

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        guard case .create(let order, _) = effect else {
            throw .refused("a method takes orders alone: no pictures and no notes")
        }
        guard let create = options.create else { throw .refused("no method is configured") }
        let values = OrderText(order).fields.mapValues(\.withoutControls)
        let results = try await server.run("CALL \(create.label)", [try create.step(values)], over: wire)
        let outputs = options.outputs.compactMapValues { results[0]["outputs"]?[$0] }
        try checkResult(outputs, "\(create.label) for \(order.place.asset)")
        guard let id = outputs["id"]?.plainText ?? (options.outputs["id"] == nil ? order.reference.text : nil) else {
            throw .answerLost("\(create.label) gave no id for the order")
        }
        return Receipt(remoteID: id, number: outputs["number"]?.plainText ?? id)
    }

    private func checkResult(_ outputs: [String: JSON], _ what: String) throws(ConnectorError) {
        guard options.outputs["result"] != nil else { return }
        let word = outputs["result"]?.plainText ?? ""
        guard word != options.success else { return }
        throw .refused("\(what) answered \(word.isEmpty ? "nothing" : word), and \(options.success) is success")
    }

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        guard case .create(let order, _) = effect, let find = options.find else { return [] }
        let reference = order.reference.text
        let values = try await find.values(["reference": reference], from: server, over: wire)
        let ids = values["id"]?.asList ?? []
        let numbers = values["number"]?.asList ?? []
        guard find.has("reference") else {
            return ids.enumerated().compactMap { receipt($0.element, numbers, at: $0.offset) }
        }
        return (values["reference"]?.asList ?? []).enumerated().compactMap { place, value in
            guard value.plainText == reference else { return nil }
            return receipt(place < ids.count ? ids[place] : value, numbers, at: place)
        }
    }

    private func receipt(_ id: JSON, _ numbers: [JSON], at place: Int) -> Receipt? {
        guard let id = id.plainText else { return nil }
        return Receipt(remoteID: id, number: (place < numbers.count ? numbers[place].plainText : nil) ?? id)
    }

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await following.read(remoteID, from: server, over: wire)
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await following.changes(after: cursor, seen: seen, from: server, over: wire)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }

    func withdraw(_ remoteID: String, reason: String, over wire: any Wire) async throws(ConnectorError) {
        guard let cancel = options.cancel else { throw .refused("no method that cancels is configured") }
        try await call(cancel, ["id": remoteID, "reason": reason], over: wire)
    }

    func reschedule(_ order: WorkOrder, remoteID: String, over wire: any Wire) async throws(ConnectorError) {
        guard let reschedule = options.reschedule else { throw .refused("no method that moves dates is configured") }
        guard order.scheduledAt != nil else { throw .refused("the order has no planned date") }
        try await call(reschedule, OrderText(order).fields.merging(["id": remoteID]) { $1 }, over: wire)
    }

    /// A change of an order. The output named as the creation's result tells whether it was done.
    private func call(
        _ call: OPCUACall, _ values: [String: String], over wire: any Wire
    ) async throws(ConnectorError) {
        let results = try await server.run("CALL \(call.label)", [try call.step(values)], over: wire)
        guard let name = options.outputs["result"], let result = results[0]["outputs"]?[name] else { return }
        try checkResult(["result": result], call.label)
    }
}
