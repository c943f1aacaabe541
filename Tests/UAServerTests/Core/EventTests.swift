import Testing
import UACodec

@testable import UAServer

@Suite("Events")
struct EventTests {
    static let area = NodeId("area", namespace: 2)
    static let press = NodeId("press", namespace: 2)
    static let other = NodeId("other", namespace: 2)
    static let type = NodeId("DetectionEventType", namespace: 2)

    /// A server with an area of two presses, and a type of events.
    static func plant() throws -> Bench {
        let bench = Bench()
        for (node, parent) in [(area, NodeId(85)), (press, area), (other, NodeId(85))] {
            try bench.space.addObject(node, QualifiedName("\(node)", namespace: 2), under: parent, eventNotifier: 1)
        }
        try bench.space.addReference(from: NodeId(2253), ReferenceType.hasNotifier, to: area)
        try bench.space.addReference(from: area, ReferenceType.hasEventSource, to: press)
        try bench.space.addEventType(
            type, QualifiedName("DetectionEventType", namespace: 2),
            fields: [(QualifiedName("DefectClass", namespace: 2), NodeId(12))])
        return bench
    }

    static func event(_ source: NodeId = press, severity: UInt16 = 500, message: String = "m") -> Event {
        Event(
            type: type, source: source, sourceName: "PRESS-07", message: LocalizedText(message), severity: severity,
            fields: [EventPath(QualifiedName("DefectClass", namespace: 2)): Variant("scratch")])
    }

    @Test("An event is seen at its source, its notifiers and the Server, one field for each select clause")
    func delivery() async throws {
        let bench = try Self.plant()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        var filter = EventFilter(["EventId", "EventType", "SourceNode", "SourceName", "Message", "Severity", "Nothing"])
        filter.selectClauses.append(.field(EventPath(QualifiedName("DefectClass", namespace: 2)), of: Self.type))
        filter.selectClauses.append(.field("Retain", of: EventType.condition))
        filter.selectClauses.append(
            SimpleAttributeOperand(typeDefinitionId: EventType.condition, attributeId: 1))
        for (index, node) in [NodeId(2253), Self.area, Self.press, Self.other].enumerated() {
            let made = try await session.watchEvents(of: node, in: subscription, filter, handle: UInt32(index))
            #expect(made.statusCode == .good && made.filterResult.isNull)
        }
        try session.publish()
        let id = bench.core.raise(Self.event())
        bench.pass(100)
        let lists = try #require(session.published().first).notificationMessage.notificationData
            .compactMap { $0.value(as: EventNotificationList.self) }.flatMap(\.events)
        #expect(Set(lists.map(\.clientHandle)) == [0, 1, 2])
        for list in lists {
            #expect(
                list.eventFields == [
                    Variant(id), Variant(Self.type), Variant(Self.press), Variant("PRESS-07"),
                    Variant(LocalizedText("m")), Variant(UInt16(500)), .null, Variant("scratch"), .null, .null,
                ])
        }
    }

    @Test("A where clause with OfType and a severity lets through what it says, as in the sheet's vector")
    func whereClause() async throws {
        let bench = try Self.plant()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let filter = EventFilter(
            ["Severity"],
            where: [
                ContentFilterElement(.and, .element(1), .element(2)),
                ContentFilterElement(.ofType, .literal(Self.type)),
                ContentFilterElement(.greaterThanOrEqual, .field("Severity"), .literal(UInt16(500))),
            ])
        _ = try await session.watchEvents(in: subscription, filter)
        try session.publish()
        for severity: UInt16 in [100, 499, 500, 900, 5000] { bench.core.raise(Self.event(severity: severity)) }
        bench.core.raise(Event(source: Self.press, sourceName: "", message: .null, severity: 999))
        bench.pass(100)
        #expect(
            session.published().first?.events == [
                [Variant(UInt16(500))], [Variant(UInt16(900))], [Variant(UInt16(1000))],
            ])
    }

    @Test("Lost events leave one overflow event, before the oldest kept or after the newest")
    func overflow() async throws {
        let bench = try Self.plant()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let filter = EventFilter(["EventType", "Severity"])
        _ = try await session.watchEvents(in: subscription, filter, handle: 1, queue: 2, discardOldest: true)
        _ = try await session.watchEvents(in: subscription, filter, handle: 2, queue: 2, discardOldest: false)
        try session.publish()
        for severity: UInt16 in 1...5 { bench.core.raise(Self.event(severity: severity)) }
        bench.pass(100)
        let lists = try #require(session.published().first).notificationMessage.notificationData
            .compactMap { $0.value(as: EventNotificationList.self) }.flatMap(\.events)
        let first = lists.filter { $0.clientHandle == 1 }.map(\.eventFields)
        let second = lists.filter { $0.clientHandle == 2 }.map(\.eventFields)
        #expect(first.map { $0[0] == Variant(EventType.queueOverflow) } == [true, false, false])
        #expect(first.dropFirst().map { $0[1] } == [Variant(UInt16(4)), Variant(UInt16(5))])
        #expect(second.map { $0[0] == Variant(EventType.queueOverflow) } == [false, false, true])
        #expect(second.dropLast().map { $0[1] } == [Variant(UInt16(1)), Variant(UInt16(5))])
    }

    @Test("Parts of a filter that are wrong are named; it fails when nothing good is left")
    func faults() async throws {
        let bench = try Self.plant()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        var filter = EventFilter(["Severity", "Message"])
        filter.selectClauses[1].attributeId = 5
        filter.selectClauses.append(.field("X", of: NodeId(58)))
        filter.selectClauses.append(.field(EventPath(QualifiedName(nil))))
        filter.selectClauses.append(.field("Message"))
        filter.selectClauses[4].indexRange = "x"
        let partly = try await session.watchEvents(in: subscription, filter)
        #expect(partly.statusCode == .good)
        let faults = try #require(partly.filterResult.value(as: EventFilterResult.self))
        #expect(
            faults.selectClauseResults == [
                .good, .badAttributeIdInvalid, .badTypeDefinitionInvalid, .badBrowseNameInvalid, .badIndexRangeInvalid,
            ])
        filter.selectClauses.removeFirst()
        #expect(try await session.watchEvents(in: subscription, filter).statusCode == .badEventFilterInvalid)
        for node in [NodeId(2258), NodeId(84)] {
            let status = try await session.watchEvents(of: node, in: subscription, EventFilter(["Message"])).statusCode
            #expect(status == .badAttributeIdInvalid || status == .badNotSupported)
        }
        let unknown = try await session.watchEvents(
            of: NodeId(77, namespace: 9), in: subscription, EventFilter(["Message"]))
        #expect(unknown.statusCode == .badNodeIdUnknown)
    }

    @Test(
        "A where clause that is wrong refuses the item and says what is wrong",
        arguments: [
            (
                Array(repeating: ContentFilterElement(.like, .literal("x"), .literal("%")), count: 9),
                .badQueryTooComplex
            ),
            ([ContentFilterElement(.not, .element(0))], StatusCode.badFilterOperandInvalid),
            (
                [ContentFilterElement(.not, .element(1)), ContentFilterElement(.not, .element(0))],
                .badFilterOperandInvalid
            ),
            ([ContentFilterElement(.not, .element(9))], .badFilterOperandInvalid),
            ([ContentFilterElement(.equals, .literal(1.0))], .badFilterOperandCountMismatch),
            ([ContentFilterElement(.inView, .literal(NodeId(85)))], .badFilterOperatorUnsupported),
            ([ContentFilterElement(FilterOperator(rawValue: 99), .literal(1.0))], .badFilterOperatorInvalid),
            ([ContentFilterElement(.isNull, ExtensionObject(AttributeOperand()))], .badFilterOperandInvalid),
            ([ContentFilterElement(.isNull, .null)], .badFilterOperandInvalid),
            ([ContentFilterElement(.ofType, .literal("x"))], .badFilterOperandInvalid),
            ([ContentFilterElement(.ofType, .literal(NodeId(58)))], .badFilterOperandInvalid),
            (
                Array(repeating: ContentFilterElement(.isNull, .literal(1.0)), count: 65), .badQueryTooComplex
            ),
        ])
    func wrongWhere(elements: [ContentFilterElement], status: StatusCode) async throws {
        let bench = try Self.plant()
        let session = try await bench.session()
        let subscription = try await session.subscribe()
        let made = try await session.watchEvents(in: subscription, EventFilter(["Message"], where: elements))
        #expect(made.statusCode == .badEventFilterInvalid)
        let result = try #require(made.filterResult.value(as: EventFilterResult.self))
        #expect(result.whereClauseResult.elementResults.contains { $0.statusCode == status })
        #expect(bench.core.watchers.count == 0)
    }

    @Test(
        "Like knows its wildcards",
        arguments: [
            ("main%", "main street", true), ("main%", "domain", false), ("%en%", "Entrance", false),
            ("%en%", "green", true), ("_ain", "rain", true), ("_ain", "ain", false), ("[^d]og", "dog", false),
            ("[^d]og", "fog", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("100\\%", "100%", true),
            ("100\\%", "1000", false), ("", "", true), ("%", "", true), ("a%b%c", "a-b-b-c", true),
            ("%%%%", "x", true), ("[abc", "a", false),
        ])
    func like(pattern: String, text: String, fits: Bool) {
        #expect(LikePattern(pattern)?.matches(text) ?? false == fits)
    }

    @Test("A pattern that goes back again and again does not take for ever")
    func slowPattern() {
        let pattern = LikePattern(String(repeating: "%a", count: 500) + "b")
        #expect(pattern?.matches(String(repeating: "a", count: 400)) == false)
        #expect(pattern?.matches(String(repeating: "a", count: 200_000)) == .some(.none))
        #expect(LikePattern(String(repeating: "a", count: 2000)) == nil)
    }
}
