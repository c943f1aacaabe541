import Testing
import UACodec

@testable import UAServer

@Suite("Monitored items")
struct ItemTests {
    private func filter(
        _ trigger: DataChangeTrigger = .statusValue, deadband: UInt32 = 0, value: Double = 0
    ) -> ExtensionObject {
        ExtensionObject(DataChangeFilter(trigger: trigger, deadbandType: deadband, deadbandValue: value))
    }

    @Test("A full queue loses its oldest value and marks the next, or has its newest replaced and marked")
    func overflow() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        _ = try await session.watch(node, in: subscription, handle: 1, queue: 3, discardOldest: true)
        _ = try await session.watch(node, in: subscription, handle: 2, queue: 3, discardOldest: false)
        _ = try await session.watch(node, in: subscription, handle: 3, queue: 1)
        for value in 1...5 { bench.set(node, Double(value)) }
        try session.publish()
        bench.pass(100)
        let all = try #require(session.published().first).values
        func seen(_ handle: UInt32) -> [(Double?, Bool)] {
            all.filter { $0.clientHandle == handle }.map {
                ($0.value.value?.number, $0.value.effectiveStatus.hasOverflow)
            }
        }
        #expect(seen(1).map(\.0) == [3, 4, 5] && seen(1).map(\.1) == [true, false, false])
        #expect(seen(2).map(\.0) == [0, 1, 5] && seen(2).map(\.1) == [false, false, true])
        #expect(seen(3).map(\.0) == [5] && seen(3).map(\.1) == [false])
    }

    @Test("A deadband is a difference, or a part of the node's range")
    func deadband() async throws {
        let bench = Bench()
        let node = NodeId("a", namespace: 2)
        try bench.space.addAnalog(
            node, QualifiedName("a", namespace: 2), under: NodeId(85), value: Variant(0.0),
            range: ValueRange(low: -50, high: 50))
        let plain = try bench.variable("p", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let absolute = filter(deadband: 1, value: 2)
        _ = try await session.watch(node, in: subscription, handle: 1, queue: 100, filter: absolute)
        _ = try await session.watch(
            node, in: subscription, handle: 2, queue: 100, filter: filter(deadband: 2, value: 5))
        for value in [2.0, 2.1, 4.0, 5.5, 0.4] { bench.set(node, value) }
        try session.publish()
        bench.pass(100)
        let all = try #require(session.published().first).values
        #expect(all.filter { $0.clientHandle == 1 }.map(\.value.value?.number) == [0, 2.1, 5.5, 0.4])
        #expect(all.filter { $0.clientHandle == 2 }.map(\.value.value?.number) == [0, 5.5, 0.4])
        let refused: [(ExtensionObject, StatusCode)] = [
            (filter(deadband: 2, value: 5), .badMonitoredItemFilterUnsupported),
            (filter(deadband: 1, value: -1), .badDeadbandFilterInvalid),
            (filter(deadband: 1, value: .nan), .badDeadbandFilterInvalid),
            (filter(deadband: 2, value: 101), .badDeadbandFilterInvalid),
            (filter(deadband: 9, value: 1), .badMonitoredItemFilterUnsupported),
            (filter(DataChangeTrigger(rawValue: 7)), .badMonitoredItemFilterInvalid),
            (ExtensionObject(EventFilter()), .badFilterNotAllowed),
            (ExtensionObject(typeId: NodeId(9, namespace: 9), body: .binary([1])), .badMonitoredItemFilterUnsupported),
        ]
        for (filter, status) in refused {
            #expect(try await session.watch(plain, in: subscription, filter: filter).statusCode == status)
        }
        let text = try bench.variable("t", Variant("x"), dataType: 12)
        let answer = try await session.watch(text, in: subscription, filter: absolute)
        #expect(answer.statusCode == .badFilterNotAllowed)
    }

    @Test("The trigger says whether status, value or time is news")
    func trigger() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        for (index, trigger) in [DataChangeTrigger.status, .statusValue, .statusValueTimestamp].enumerated() {
            _ = try await session.watch(
                node, in: subscription, handle: UInt32(index), queue: 100, filter: filter(trigger))
        }
        bench.pass(1)
        bench.set(node, 1.0)
        bench.set(node, 2.0)
        bench.space.setValue(DataValue(Variant(2.0), status: .uncertain, sourceTimestamp: bench.space.time()), of: node)
        try session.publish()
        bench.pass(100)
        let all = try #require(session.published().first).values
        #expect((0..<3).map { handle in all.filter { $0.clientHandle == handle }.count } == [2, 3, 4])
    }

    @Test("Values that come faster than the sampling interval are thinned; the newest is not lost")
    func sampling() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe(interval: 1000)
        _ = try await session.watch(node, in: subscription, queue: 100, sampling: 100)
        for value in 1...95 {
            bench.pass(10)
            bench.set(node, Double(value))
        }
        try session.publish()
        bench.pass(200)
        let seen = try #require(session.published().first).numbers
        #expect(seen == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95])
    }

    @Test("A computed value is sampled by time")
    func computed() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        var count = 0.0
        try bench.space.compute(node) {
            count += 1
            return DataValue(Variant(count))
        }
        let session = try await bench.session()
        let subscription = try await session.subscribe(interval: 1000)
        let made = try await session.watch(node, in: subscription, queue: 100, sampling: 10)
        #expect(made.revisedSamplingInterval == 100)
        try session.publish()
        bench.pass(1000)
        #expect(try #require(session.published().first).numbers.count >= 9)
    }

    @Test("An item reports what it queued when another triggers it")
    func triggering() async throws {
        let bench = Bench()
        let trigger = try bench.variable("t", Variant(0.0))
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let first = try await session.watch(trigger, in: subscription, handle: 1)
        let second = try await session.watch(node, in: subscription, handle: 2, mode: .sampling)
        let linked = try await session.ask(
            SetTriggeringRequest(
                subscriptionId: subscription, triggeringItemId: first.monitoredItemId,
                linksToAdd: [second.monitoredItemId, 99], linksToRemove: [98]))
        #expect(linked.addResults == [.good, .badMonitoredItemIdInvalid])
        #expect(linked.removeResults == [.badMonitoredItemIdInvalid])
        for _ in 0..<3 { try session.publish() }
        bench.pass(100)
        #expect(session.published().first?.values.map(\.clientHandle) == [1])
        bench.set(node, 7.0)
        bench.pass(100)
        #expect(session.published().isEmpty)
        bench.set(trigger, 1.0)
        bench.pass(100)
        #expect(session.published().first?.values.map(\.clientHandle) == [1, 2, 2])
        #expect(
            try await session.refusal(
                SetTriggeringRequest(subscriptionId: subscription, triggeringItemId: 1)) == .badNothingToDo)
    }

    @Test("A disabled item forgets what it queued and begins anew; deleted ones are gone")
    func modes() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(1.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let item = try await session.watch(node, in: subscription).monitoredItemId
        func set(_ mode: MonitoringMode) async throws {
            let answer = try await session.ask(
                SetMonitoringModeRequest(
                    subscriptionId: subscription, monitoringMode: mode, monitoredItemIds: [item, 55]))
            #expect(answer.results == [.good, .badMonitoredItemIdInvalid])
        }
        try await set(.disabled)
        bench.set(node, 2.0)
        try await set(.reporting)
        _ = session.published()
        try session.publish()
        bench.pass(100)
        #expect(session.published().first?.numbers == [2])
        try await set(.sampling)
        bench.set(node, 3.0)
        try await set(.reporting)
        try session.publish()
        bench.pass(100)
        #expect(session.published().first?.numbers == [3])
        let deleted = try await session.ask(
            DeleteMonitoredItemsRequest(subscriptionId: subscription, monitoredItemIds: [item, item]))
        #expect(deleted.results == [.good, .badMonitoredItemIdInvalid])
        #expect(bench.core.watchers.count == 0 && bench.core.watchers.places == 0)
        #expect(bench.space[node]?.variable?.watchers == 0)
    }

    @Test("An item that is changed keeps its values as far as they fit")
    func modified() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let item = try await session.watch(node, in: subscription, queue: 10).monitoredItemId
        for value in 1...5 { bench.set(node, Double(value)) }
        let change = MonitoredItemModifyRequest(
            monitoredItemId: item,
            requestedParameters: MonitoringParameters(clientHandle: 9, queueSize: 2, discardOldest: true))
        let unknown = MonitoredItemModifyRequest(monitoredItemId: 77)
        let answer = try await session.ask(
            ModifyMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .neither, itemsToModify: [change, unknown]))
        #expect(answer.results.map(\.statusCode) == [.good, .badMonitoredItemIdInvalid])
        #expect(answer.results[0].revisedQueueSize == 2)
        try session.publish()
        bench.pass(100)
        let values = try #require(session.published().first).values
        #expect(values.map(\.value.value?.number) == [4, 5] && values.allSatisfy { $0.clientHandle == 9 })
        #expect(values[0].value.effectiveStatus.hasOverflow)
    }

    @Test("Only the timestamps that were asked for travel")
    func timestamps() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(0.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let items = MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: node, attributeId: 13), monitoringMode: .reporting)
        for timestamps in [TimestampsToReturn.source, .server, .both, .neither] {
            _ = try await session.ask(
                CreateMonitoredItemsRequest(
                    subscriptionId: subscription, timestampsToReturn: timestamps, itemsToCreate: [items]))
        }
        let status = try await session.refusal(
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .invalid, itemsToCreate: [items]))
        #expect(status == .badTimestampsToReturnInvalid)
        try session.publish()
        bench.pass(100)
        let values = try #require(session.published().first).values.map(\.value)
        #expect(values.map { $0.sourceTimestamp != nil } == [true, false, true, false])
        #expect(values.map { $0.serverTimestamp != nil } == [false, true, true, false])
    }

    @Test("GetMonitoredItems names the items, ResendData sends all values again")
    func methods() async throws {
        let bench = Bench()
        let node = try bench.variable("x", Variant(4.0))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let item = try await session.watch(node, in: subscription, handle: 31)
        for _ in 0..<2 { try session.publish() }
        bench.pass(100)
        _ = session.published()
        let items = try await session.call(NodeId(2253), 11492, [Variant(subscription)])
        #expect(items.outputArguments == [Variant([item.monitoredItemId]), Variant([UInt32(31)])])
        #expect(try await session.call(NodeId(2253), 12873, [Variant(subscription)]).statusCode == .good)
        bench.pass(100)
        #expect(session.published().first?.numbers == [4])
        let other = try await bench.session()
        #expect(
            try await other.call(NodeId(2253), 12873, [Variant(subscription)]).statusCode == .badUserAccessDenied)
        #expect(
            try await other.call(NodeId(2253), 11492, [Variant(UInt32(999))]).statusCode == .badSubscriptionIdInvalid)
        #expect(try await other.call(NodeId(2253), 11492, []).statusCode == .badArgumentsMissing)
        let wrong = try await other.call(NodeId(2253), 11492, [Variant("x")])
        #expect(wrong.statusCode == .badInvalidArgument && wrong.inputArgumentResults == [.badTypeMismatch])
    }

    @Test("A part of an array can be watched")
    func indexRange() async throws {
        let bench = Bench()
        let node = NodeId("array", namespace: 2)
        try bench.space.addVariable(
            node, QualifiedName("array", namespace: 2), under: NodeId(85), dataType: NodeId(6), valueRank: 1,
            value: Variant([Int32(1), 2, 3]))
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        func item(_ range: String) -> MonitoredItemCreateRequest {
            MonitoredItemCreateRequest(
                itemToMonitor: ReadValueId(nodeId: node, attributeId: 13, indexRange: range),
                monitoringMode: .reporting,
                requestedParameters: MonitoringParameters(queueSize: 9))
        }
        let made = try await session.ask(
            CreateMonitoredItemsRequest(
                subscriptionId: subscription, timestampsToReturn: .neither, itemsToCreate: [item("1:2"), item("2:1")]))
        #expect(made.results.map(\.statusCode) == [.good, .badIndexRangeInvalid])
        bench.space.setValue(DataValue(Variant([Int32(9), 2, 3])), of: node)
        bench.space.setValue(DataValue(Variant([Int32(9), 2, 4])), of: node)
        bench.space.setValue(DataValue(Variant([Int32(9)])), of: node)
        try session.publish()
        bench.pass(100)
        let values = try #require(session.published().first).values.map(\.value)
        #expect(values.map(\.value) == [Variant([Int32(2), 3]), Variant([Int32(2), 4]), nil])
        #expect(values.last?.status == .badIndexRangeNoData)
    }
}
