import AndonModel
import Synchronization

/// Orders by variables of a PLC or gateway: the fields in one Write, then the trigger in a Write of its own, then the
/// acknowledgement.
///
/// One order at a time, and only when the one before is taken. The server keeps the reference of the newest order that was
/// taken: it is read before each new one, so that an order whose acknowledgement never came is known before another takes
/// its place. This holds as long as nobody else writes the same variables.
final class HandshakeConnector: Connector {
    private let options: HandshakeOptions
    private let server: OPCUAServer
    private let following: OPCUAFollowing
    private let seen = SeenStates()
    private let turn = OneAtATime()
    private let taken = Mutex(Taken())

    /// The newest orders that were seen to be taken.
    private struct Taken {
        var receipts: [String: Receipt] = [:]
        var order: [String] = []

        mutating func add(_ reference: String, _ receipt: Receipt) {
            if receipts.updateValue(receipt, forKey: reference) == nil { order.append(reference) }
            if order.count > 10_000 { receipts[order.removeFirst()] = nil }
        }
    }

    init(_ options: HandshakeOptions, server: OPCUAServer, following: OPCUAFollowing) {
        self.options = options
        self.server = server
        self.following = following
    }

    var traits: ConnectorTraits {
        ConnectorTraits(
            system: "an OPC UA server, by variables", isSearchable: options.reference != nil, takesAttachments: false,
            takesOccurrences: false, cancels: false)
    }

    var mapping: [MappedField] { options.fields.shown }

    // MARK: Doing

    func perform(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> Receipt {
        guard case .create(let order, _) = effect else {
            throw .refused("variables take orders alone: no pictures and no notes")
        }
        await turn.enter()
        do throws(ConnectorError) {
            let receipt = try await create(order, wire)
            await turn.leave()
            return receipt
        } catch {
            await turn.leave()
            throw error
        }
    }

    private func create(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        var now = try await standing(wire)
        if let there = taken.withLock({ $0.receipts[order.reference.text] }) { return there }
        if options.kind == .boolean, now.trigger == true, now.acknowledge == true {
            try await reset(wire)
            now = try await standing(wire)
        }
        guard now.isIdle(options.kind) else {
            throw .busy(after: options.lookEvery, "the order before is not taken yet: \(now.words)")
        }
        try await writeFields(order, wire)
        return try await pull(order, next(after: now.trigger), wire)
    }

    /// Without the trigger the fields mean nothing: an answer that is lost here is a request that never came.
    private func writeFields(_ order: WorkOrder, _ wire: any Wire) async throws(ConnectorError) {
        let values = OrderText(order).fields.mapValues(\.withoutControls)
        let filled = try options.fields.filled(with: values)
        let items = options.fields.fields.compactMap { field in
            options.nodes[field.name].map { (node: $0, value: filled[field.name] ?? .string("")) }
        }
        do throws(ConnectorError) {
            _ = try await server.run("WRITE fields", [OPCUAStep.write(items)], over: wire)
        } catch .answerLost(let reason) {
            throw .unreachable("the fields were not written, and nothing was triggered: \(reason)")
        }
    }

    private func next(after trigger: JSON) -> JSON {
        guard options.kind == .counter else { return true }
        let number = trigger.number ?? 0
        return .number(number >= options.counterMax || number < 0 ? 1 : number + 1)
    }

    private func pull(_ order: WorkOrder, _ next: JSON, _ wire: any Wire) async throws(ConnectorError) -> Receipt {
        let results = try await server.run(
            "WRITE trigger",
            [
                OPCUAStep.write([(options.trigger, next)]),
                OPCUAStep.wait(options.acknowledge, equals: next, within: options.within), OPCUAStep.read(nodes),
            ], over: wire)
        guard results[1]["isReached"] == true else {
            let words = "the order waits to be acknowledged there"
            throw options.reference == nil ? .answerLost(words) : .handedOver(after: options.lookEvery, words)
        }
        let now: Standing
        do throws(ConnectorError) { now = try Standing(results[2], options) } catch {
            throw .answerLost("the trigger was acknowledged, and then: \(error.detail)")
        }
        if options.kind == .boolean { try? await reset(wire) }
        if options.reference != nil, now.reference != order.reference.text {
            throw .answerLost(
                "the trigger was acknowledged for \(now.reference ?? "no order"), and not for \(order.reference)")
        }
        if let word = now.result, word != options.success {
            throw .refused(
                "the order for \(order.place.asset) was answered with the result \(word), and \(options.success) is success"
            )
        }
        let receipt = now.receipt(order.reference.text)
        taken.withLock { $0.add(order.reference.text, receipt) }
        return receipt
    }

    /// Takes the Boolean trigger back, and waits until the other side does so with its acknowledgement.
    private func reset(_ wire: any Wire) async throws(ConnectorError) {
        _ = try await server.run(
            "WRITE trigger",
            [
                OPCUAStep.write([(options.trigger, false)]),
                OPCUAStep.wait(options.acknowledge, equals: false, within: options.within),
            ], over: wire)
    }

    // MARK: Standing

    private var nodes: [JSON] {
        [options.trigger, options.acknowledge]
            + [options.reference, options.id, options.result, options.ownReference].compactMap { $0 }
    }

    private struct Standing {
        var trigger: JSON
        var acknowledge: JSON
        /// Of the newest order that was taken.
        var reference: String?
        var id: String?
        var result: String?
        /// What stands in the field of our reference: the order that waits, where one does.
        var waiting: String?

        init(_ result: JSON, _ options: HandshakeOptions) throws(ConnectorError) {
            var values = (result["values"]?.array ?? [])[...]
            for value in values where value["status"]?.string?.hasPrefix("Bad") != false {
                let status = value["status"]?.string ?? "no status"
                let words = "a variable of the handshake has no value that can be used: \(status)"
                throw status == "BadNodeIdUnknown" ? .refused(words) : .unreachable(words)
            }
            func take(_ node: JSON?) -> JSON { node == nil ? .null : values.popFirst()?["value"] ?? .null }
            trigger = take(options.trigger)
            acknowledge = take(options.acknowledge)
            reference = take(options.reference).plainText
            id = take(options.id).plainText
            self.result = take(options.result).plainText
            waiting = take(options.ownReference).plainText
        }

        func isIdle(_ kind: HandshakeOptions.Trigger) -> Bool {
            kind == .counter ? trigger == acknowledge : trigger == false && acknowledge == false
        }

        var words: String {
            "trigger \(trigger.plainText ?? "empty"), acknowledgement \(acknowledge.plainText ?? "empty")"
        }

        func receipt(_ reference: String) -> Receipt {
            Receipt(remoteID: id ?? reference, number: id ?? reference)
        }
    }

    /// How the variables stand. What was taken is remembered: nothing of it is lost when another order takes its place.
    private func standing(_ wire: any Wire) async throws(ConnectorError) -> Standing {
        let now = try Standing(try await server.run("READ", [OPCUAStep.read(nodes)], over: wire)[0], options)
        if let reference = now.reference, now.result ?? options.success == options.success {
            taken.withLock { $0.add(reference, now.receipt(reference)) }
        }
        return now
    }

    // MARK: Finding

    func find(_ effect: Effect, over wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        guard case .create(let order, _) = effect, options.reference != nil else { return [] }
        await turn.enter()
        do throws(ConnectorError) {
            let found = try await find(order.reference.text, wire)
            await turn.leave()
            return found
        } catch {
            await turn.leave()
            throw error
        }
    }

    private func find(_ reference: String, _ wire: any Wire) async throws(ConnectorError) -> [Receipt] {
        let now = try await standing(wire)
        if let there = taken.withLock({ $0.receipts[reference] }) { return [there] }
        // A Boolean that is acknowledged was taken; a reference that is not ours is then an order before.
        guard now.waiting == reference, !now.isIdle(options.kind), options.kind == .counter || now.acknowledge != true
        else { return [] }
        throw .handedOver(after: options.lookEvery, "the order waits to be acknowledged there: \(now.words)")
    }

    // MARK: Following

    func read(_ remoteID: String, over wire: any Wire) async throws(ConnectorError) -> RemoteOrder? {
        try await following.read(remoteID, from: server, over: wire)
    }

    func changes(after cursor: String?, over wire: any Wire) async throws(ConnectorError) -> Changes {
        try await following.changes(after: cursor, seen: seen, from: server, over: wire)
    }

    func assets(page: String?, over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        AssetPage(assets: [])
    }
}
