import AndonModel

/// Where values of an order are read: outputs of a method, or variables.
struct OPCUASource: Sendable {
    enum Place: Sendable {
        case call(OPCUACall)
        /// Our names, and the node of each with `{id}` in it.
        case variables([(name: String, node: JSON)])
    }

    var place: Place
    /// Our name for an output.
    var outputs: [String: String]

    /// Our names that an output or a variable may have.
    static let names: Set<String> = [
        "id", "reference", "number", "state", "result", "priority", "assignee", "technician", "labourHours",
        "partCodes",
        "partQuantities", "problem", "cause", "remedy", "notes", "startedAt", "closedAt",
    ]

    var hasState: Bool { has("state") }

    func has(_ name: String) -> Bool {
        switch place {
        case .call: outputs[name] != nil
        case .variables(let all): all.contains { $0.name == name }
        }
    }

    /// A section with `method`, `arguments` and `outputs`, or with `variables`.
    init?(_ key: String, of reader: SettingsReader, _ nodes: OPCUANodeReader, values: Set<String>) {
        guard let section = reader.section(key) else { return nil }
        defer { section.finish() }
        outputs = [:]
        let written = section.table("variables")
        guard written.isEmpty else {
            var all: [(name: String, node: JSON)] = []
            for entry in written {
                Self.check(entry.key, at: entry.node, reader)
                if let node = nodes.node(entry.value, at: entry.node) { all.append((entry.key, node)) }
            }
            place = .variables(all)
            return
        }
        guard let call = nodes.call(section, names: values) else { return nil }
        for entry in section.table("outputs") {
            Self.check(entry.key, at: entry.node, reader)
            outputs[entry.key] = entry.value
        }
        place = .call(call)
    }

    private static func check(_ name: String, at node: Settings, _ reader: SettingsReader) {
        guard !names.contains(name) else { return }
        reader.faults.add("\(name) is none of \(names.sorted().joined(separator: ", "))", at: node)
    }

    /// The values by our names.
    ///
    /// What has no value must never look like what is not there: an order would be made a second time. Only a variable of
    /// one order, with `{id}` in its node, may be missing: then it is absent.
    ///
    /// - Throws: `.answerLost` for a bad status, `.refused` for an output that the method does not have.
    func values(
        _ known: [String: String], from server: OPCUAServer, over wire: any Wire
    ) async throws(ConnectorError) -> [String: JSON] {
        switch place {
        case .call(let call):
            let results = try await server.run("CALL \(call.label)", [try call.step(known)], over: wire)
            return try named(results[0], call.label)
        case .variables(let all):
            let nodes = all.map { Self.filled($0.node, known) }
            let results = try await server.run("READ", [OPCUAStep.read(nodes)], over: wire)
            let values = results[0]["values"]?.array ?? []
            var found: [String: JSON] = [:]
            for (place, variable) in all.enumerated() {
                let status = place < values.count ? values[place]["status"]?.string ?? "" : ""
                let mayBeMissing = nodes[place] != variable.node && status == "BadNodeIdUnknown"
                guard !mayBeMissing else { continue }
                guard !status.isEmpty, !status.hasPrefix("Bad") else {
                    throw .answerLost("the variable for \(variable.name) has no value that can be used: \(status)")
                }
                found[variable.name] = values[place]["value"]
            }
            return found
        }
    }

    private func named(_ result: JSON, _ label: String) throws(ConnectorError) -> [String: JSON] {
        var values: [String: JSON] = [:]
        for (ours, theirs) in outputs {
            guard let value = result["outputs"]?[theirs] else {
                throw .refused("\(label) has no output \(theirs), which the configuration names for \(ours)")
            }
            values[ours] = value
        }
        return values
    }

    /// `{id}` in the texts of a node.
    private static func filled(_ node: JSON, _ known: [String: String]) -> JSON {
        switch node {
        case .string(let text):
            return .string(known.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) })
        case .array(let elements): return .array(elements.map { filled($0, known) })
        case .object(let members): return .object(members.mapValues { filled($0, known) })
        case .null, .bool, .number: return node
        }
    }
}

/// How orders are read back where the server has no model for them.
struct OPCUAFollowing: Sendable {
    /// One order by its id.
    var status: OPCUASource?
    /// All orders: their ids, and their states beside them.
    var list: OPCUASource?
    var states: [String: OrderState] = Self.defaultStates

    static let defaultStates: [String: OrderState] = [
        "NEW": .open, "OPEN": .open, "RELEASED": .open, "STARTED": .inProgress, "RUNNING": .inProgress,
        "DONE": .done, "COMPLETED": .done, "CLOSED": .closed, "CANCELLED": .cancelled,
    ]

    init() {}

    init(reading reader: SettingsReader, _ nodes: OPCUANodeReader, states: [String: OrderState]) {
        status = OPCUASource("status", of: reader, nodes, values: ["id"])
        list = OPCUASource("list", of: reader, nodes, values: [])
        self.states = states
    }

    private struct Listed {
        var state: String
        var reference: String?
    }

    private func listed(_ server: OPCUAServer, _ wire: any Wire) async throws(ConnectorError) -> [String: Listed] {
        guard let list else { return [:] }
        let values = try await list.values([:], from: server, over: wire)
        let states = values["state"]?.asList ?? []
        let references = values["reference"]?.asList ?? []
        var found: [String: Listed] = [:]
        for (place, id) in (values["id"]?.asList ?? []).enumerated() {
            guard let id = id.plainText else { continue }
            found[id] = Listed(
                state: place < states.count ? states[place].plainText ?? "" : "",
                reference: place < references.count ? references[place].plainText : nil)
        }
        return found
    }

    /// Nil when the server does not have the order any more. Where nothing tells, it is open.
    func read(
        _ id: String, from server: OPCUAServer, over wire: any Wire
    ) async throws(ConnectorError) -> RemoteOrder? {
        guard let status, status.hasState || list == nil else {
            guard list != nil else { return RemoteOrder(remoteID: id, reference: nil, state: .open, vendorState: "") }
            guard let listed = try await listed(server, wire)[id] else { return nil }
            return try await order(id, listed, server, wire)
        }
        let values: [String: JSON]
        do throws(ConnectorError) {
            values = try await status.values(["id": id], from: server, over: wire)
        } catch .gone {
            return nil
        }
        guard let word = values["state"]?.plainText else { return nil }
        return order(id, word, values)
    }

    /// What the list says, and of an order that is over what the variables say.
    private func order(
        _ id: String, _ listed: Listed, _ server: OPCUAServer, _ wire: any Wire
    ) async throws(ConnectorError) -> RemoteOrder {
        var values: [String: JSON] = [:]
        if let status, state(listed.state).isEnded {
            values = try await status.values(["id": id], from: server, over: wire)
        }
        values["reference"] = values["reference"] ?? listed.reference.map { .string($0) }
        return order(id, listed.state, values)
    }

    /// A word that nobody explained is an order that somebody works on.
    private func state(_ word: String) -> OrderState { states[word.uppercased()] ?? .inProgress }

    private func order(_ id: String, _ word: String, _ values: [String: JSON]) -> RemoteOrder {
        let state = state(word)
        return RemoteOrder(
            remoteID: id, reference: values["reference"]?.plainText.flatMap { Reference($0) }, state: state,
            vendorState: word, priority: values["priority"]?.plainText, assignee: values["assignee"]?.plainText,
            closure: state.isEnded ? closure(values) : nil)
    }

    private func closure(_ values: [String: JSON]) -> Closure {
        func time(_ name: String) -> Timestamp? { values[name]?.string.flatMap(Timestamp.init) }
        var parts = PartSum()
        let quantities = values["partQuantities"]?.asList ?? []
        for (place, code) in (values["partCodes"]?.asList ?? []).enumerated() {
            guard let code = code.plainText else { continue }
            let quantity = place < quantities.count ? quantities[place].plainText.flatMap { Double($0) } : 1
            parts.add(quantity ?? 0, of: code)
        }
        let hours = values["labourHours"]?.plainText.flatMap { Double($0) }
        return Closure(
            technician: values["technician"]?.plainText, startedAt: time("startedAt"), closedAt: time("closedAt"),
            labourHours: hours.flatMap { $0 > 0 ? $0 : nil }, parts: parts.parts,
            problemCode: values["problem"]?.plainText, causeCode: values["cause"]?.plainText,
            remedyCode: values["remedy"]?.plainText, notes: values["notes"]?.plainText)
    }

    /// The orders of ours whose state is another than when they were last seen.
    func changes(
        after cursor: String?, seen: SeenStates, from server: OPCUAServer, over wire: any Wire
    ) async throws(ConnectorError) -> Changes {
        let known = seen.accept(cursor)
        var orders: [RemoteOrder] = []
        var states: [String: String] = [:]
        for (id, listed) in try await listed(server, wire).sorted(by: { $0.key < $1.key })
        where states.count < Self.pageSize && known[id] != listed.state {
            let order =
                status?.hasState == true
                ? try await read(id, from: server, over: wire) : try await self.order(id, listed, server, wire)
            if let order, order.reference != nil { orders.append(order) }
            states[id] = listed.state
        }
        let next = "\(wire.now().microseconds)"
        seen.give(SeenStates.Page(cursor: next, states: states))
        return Changes(orders: orders, cursor: next, more: states.count == Self.pageSize)
    }

    private static let pageSize = 50
}
