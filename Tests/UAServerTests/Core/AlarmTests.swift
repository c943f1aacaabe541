import Testing
import UACodec

@testable import UAServer

@Suite("Alarms and conditions")
struct AlarmTests {
    private static let alarm = NodeId("press.DefectLimit", namespace: 2)
    private static let flag = NodeId("press.DefectLimit.Active", namespace: 2)
    private static let condition = EventType.condition
    private static let fields: [EventPath] = [
        "EventId", "ActiveState/Id", "AckedState/Id", "ConfirmedState/Id", "Retain", "Severity", "Comment",
        "ClientUserId",
        "EventType",
    ]

    /// One alarm, a client that watches the Server's events, and what it sees of them.
    private final class Plant {
        let bench: Bench
        let session: TestSession
        let subscription: UInt32

        init(needsConfirmation: Bool = false, user: String? = "ann", queue: UInt32 = 100) async throws {
            bench = try EventTests.plant()
            try bench.space.addVariable(
                flag, QualifiedName("Active", namespace: 2), under: EventTests.press, dataType: NodeId(1))
            bench.core.add(
                AlarmDefinition(
                    nodeId: alarm, name: "DefectLimit", source: EventTests.press, sourceName: "PRESS-07",
                    needsConfirmation: needsConfirmation, variable: flag))
            session = try await bench.session(user: user)
            subscription = try await session.subscribe()
            var filter = EventFilter(fields)
            filter.selectClauses.append(SimpleAttributeOperand(typeDefinitionId: condition, attributeId: 1))
            _ = try await session.watchEvents(in: subscription, filter, queue: queue)
        }

        func events() throws -> [[Variant]] {
            _ = session.connection.take()
            for _ in 0..<3 { try session.publish() }
            bench.pass(100)
            return session.published().flatMap(\.events)
        }

        func raise(_ isActive: Bool, _ message: String = "12 defects") {
            bench.core.setAlarm(alarm, AlarmState(isActive: isActive, message: message, severity: 700))
        }

        func act(
            _ method: UInt32, _ id: Variant, _ comment: Variant = Variant(LocalizedText("seen", locale: "en")),
            on object: NodeId = alarm
        ) async throws -> StatusCode {
            try await session.call(object, method, [id, comment]).statusCode
        }
    }

    private func flags(_ event: [Variant]) -> [Bool?] { event[1...4].map { $0.value(as: Bool.self) } }

    @Test("An alarm comes, is acknowledged, goes, and then is of no interest; it is a Boolean variable too")
    func life() async throws {
        let plant = try await Plant()
        plant.raise(true)
        plant.raise(true)
        let active = try plant.events()
        #expect(active.count == 1 && flags(active[0]) == [true, false, true, true])
        #expect(active[0][9] == Variant(Self.alarm) && active[0][5] == Variant(UInt16(700)))
        #expect(plant.bench.space[Self.flag]?.variable?.value.value == Variant(true))

        #expect(try await plant.act(9111, active[0][0]) == .good)
        let acknowledged = try plant.events()
        #expect(flags(acknowledged[0]) == [true, true, true, true])
        #expect(
            acknowledged[0][6] == Variant(LocalizedText("seen", locale: "en")) && acknowledged[0][7] == Variant("ann"))
        #expect(acknowledged[0][0] != active[0][0])

        #expect(try await plant.act(9111, active[0][0]) == .badConditionBranchAlreadyAcked)
        #expect(try await plant.act(9111, acknowledged[0][0]) == .badConditionBranchAlreadyAcked)
        #expect(try await plant.act(9111, Variant(ByteString([1, 2]))) == .badEventIdUnknown)
        #expect(try await plant.act(9113, active[0][0]) == .badConditionBranchAlreadyConfirmed)

        plant.raise(false, "none")
        #expect(flags(try plant.events()[0]) == [false, true, true, false])
        #expect(plant.bench.space[Self.flag]?.variable?.value.value == Variant(false))
        plant.raise(true)
        #expect(flags(try plant.events()[0]) == [true, false, true, true])
        // Of the occurrence before.
        #expect(try await plant.act(9111, active[0][0]) == .badEventIdUnknown)
    }

    @Test("Where an alarm needs it, confirming comes after acknowledging and ends it")
    func confirmation() async throws {
        let plant = try await Plant(needsConfirmation: true)
        plant.raise(true)
        let id = try plant.events()[0][0]
        #expect(try await plant.act(9113, id) == .badInvalidState)
        #expect(try await plant.act(9111, id) == .good)
        plant.raise(false, "none")
        #expect(flags(try #require(try plant.events().last)) == [false, true, false, true])
        // A comment that says nothing changes nothing.
        #expect(try await plant.act(9113, id, Variant(LocalizedText.null)) == .good)
        let confirmed = try plant.events()[0]
        #expect(flags(confirmed) == [false, true, true, false])
        #expect(confirmed[6] == Variant(LocalizedText("seen", locale: "en")))
        #expect(try await plant.act(9029, id, Variant(LocalizedText("why"))) == .good)
        #expect(try plant.events()[0][6] == Variant(LocalizedText("why")))
    }

    @Test("The application hears of every action first and may refuse it")
    func hook() async throws {
        let plant = try await Plant()
        var heard: [AlarmAction] = []
        plant.bench.core.alarmAction = { action in
            heard.append(action)
            return action.kind == .comment ? .badUserAccessDenied : .good
        }
        plant.raise(true)
        let id = try plant.events()[0][0]
        #expect(try await plant.act(9029, id) == .badUserAccessDenied)
        #expect(try await plant.act(9111, id) == .good)
        #expect(heard.map(\.kind) == [.comment, .acknowledge] && heard[1].user.name == "ann")
        #expect(heard[1].comment?.text == "seen" && heard[1].alarm == Self.alarm && heard[1].address == "10.0.0.1")
    }

    @Test("An anonymous user acknowledges nothing unless the application lets it")
    func anonymous() async throws {
        let plant = try await Plant(user: nil)
        plant.raise(true)
        let id = try plant.events()[0][0]
        #expect(try await plant.act(9111, id) == .badUserAccessDenied)
        plant.bench.core.alarmAction = { _ in .good }
        #expect(try await plant.act(9111, id) == .good)
    }

    @Test("Wrong arguments and wrong objects are refused")
    func wrong() async throws {
        let plant = try await Plant()
        plant.raise(true)
        let id = try plant.events()[0][0]
        #expect(try await plant.act(9111, Variant("x")) == .badInvalidArgument)
        #expect(try await plant.act(9111, id, Variant(UInt32(1))) == .badInvalidArgument)
        #expect(try await plant.act(9111, Variant([ByteString([1])])) == .badInvalidArgument)
        #expect(try await plant.act(9111, id, on: NodeId(2881)) == .badMethodInvalid)
        #expect(try await plant.act(9111, id, on: NodeId("no", namespace: 2)) == .badNodeIdUnknown)
        let session = plant.session
        #expect(try await session.call(Self.alarm, 9111, [id]).statusCode == .badArgumentsMissing)
        #expect(try await session.call(Self.alarm, 9111, [id, .null, .null]).statusCode == .badTooManyArguments)
        #expect(try await session.call(Self.alarm, 9027, []).statusCode == .badConditionAlreadyEnabled)
        #expect(try await session.call(Self.alarm, 9028, []).statusCode == .badNotImplemented)
        #expect(try await plant.act(9111, id, .null) == .good)
    }

    @Test("A refresh sends the newest events of what is retained, between its start and its end")
    func refresh() async throws {
        // The queue is smaller than what a refresh sends: nothing of it is lost.
        let plant = try await Plant(queue: 1)
        let core = plant.bench.core
        for index in 0..<20 {
            let node = NodeId("alarm\(index)", namespace: 2)
            core.add(AlarmDefinition(nodeId: node, name: "a", source: EventTests.press, sourceName: "P"))
            core.setAlarm(node, AlarmState(isActive: index % 2 == 0, message: "\(index)"))
        }
        plant.raise(true)
        let live = try #require(try plant.events().last)
        let refreshed = try await plant.session.call(Self.condition, 3875, [Variant(plant.subscription)])
        #expect(refreshed.statusCode == .good)
        let again = try await plant.session.call(Self.condition, 3875, [Variant(plant.subscription)])
        #expect(again.statusCode == .badRefreshInProgress)
        let events = try plant.events()
        #expect(events.count == 13)
        #expect(events.first?[8] == Variant(EventType.refreshStart) && events.last?[8] == Variant(EventType.refreshEnd))
        #expect(events.dropFirst().first == live)
        let after = try await plant.session.call(Self.condition, 3875, [Variant(plant.subscription)])
        #expect(after.statusCode == .good)
    }

    @Test("A refresh of one item leaves the others alone")
    func refreshOfItem() async throws {
        let plant = try await Plant()
        let other = try await plant.session.watchEvents(
            in: plant.subscription, EventFilter(["EventType"]), handle: 2)
        let session = plant.session
        func call(_ subscription: UInt32, _ item: UInt32) async throws -> StatusCode {
            try await session.call(Self.condition, 12912, [Variant(subscription), Variant(item)]).statusCode
        }
        #expect(try await call(plant.subscription, other.monitoredItemId) == .good)
        #expect(try plant.events() == [[Variant(EventType.refreshStart)], [Variant(EventType.refreshEnd)]])
        #expect(try await call(plant.subscription, 999) == .badMonitoredItemIdInvalid)
        #expect(try await call(999, 1) == .badSubscriptionIdInvalid)
        let stranger = try await plant.bench.session(user: "bob")
        let foreign = try await stranger.call(Self.condition, 3875, [Variant(plant.subscription)])
        #expect(foreign.statusCode == .badSubscriptionIdInvalid)
    }
}
