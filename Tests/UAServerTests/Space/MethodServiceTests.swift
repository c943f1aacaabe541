import Testing
import UACodec

@testable import UAServer

@Suite("Call's checks and HistoryRead")
struct MethodServiceTests {
    let plant = Plant()
    let press = Plant.id("Press")
    let stop = Plant.id("Press.Stop")

    init() throws {
        try plant.space.addObject(press, Plant.name("Press"), under: Plant.objects)
        let inputs = [
            Argument(name: "Seconds", dataType: NodeId(6), valueRank: -1),
            Argument(name: "Why", dataType: NodeId(12), valueRank: -1),
        ]
        try plant.space.addMethod(
            stop, Plant.name("Stop"), under: press, inputs: inputs, .immediate { _ in MethodOutcome() })
    }

    private func refusal(_ object: NodeId, _ method: NodeId, _ inputs: [Variant] = []) -> CallMethodResult? {
        let request = CallMethodRequest(objectId: object, methodId: method, inputArguments: inputs)
        guard case .refused(let result) = plant.nodes.prepare(request, for: plant.caller) else { return nil }
        return result
    }

    private func call(_ object: NodeId, _ method: NodeId, _ inputs: [Variant] = []) -> MethodCall? {
        let request = CallMethodRequest(objectId: object, methodId: method, inputArguments: inputs)
        guard case .ready(_, let call) = plant.nodes.prepare(request, for: plant.caller) else { return nil }
        return call
    }

    @Test("A call with what the method takes is ready")
    func ready() {
        let inputs = [Variant(Int32(3)), Variant("jam")]
        #expect(call(press, stop, inputs)?.inputs == inputs)
    }

    @Test("A call that does not fit says what is wrong with it, and of which argument")
    func refused() throws {
        let inputs = [Variant(Int32(3)), Variant("jam")]
        #expect(refusal(Plant.id("none"), stop, inputs)?.statusCode == .badNodeIdUnknown)
        #expect(refusal(press, Plant.id("none"), inputs)?.statusCode == .badMethodInvalid)
        #expect(refusal(press, NodeId(2256), inputs)?.statusCode == .badMethodInvalid)
        #expect(refusal(Plant.objects, stop, inputs)?.statusCode == .badMethodInvalid)
        #expect(refusal(press, stop, [Variant(Int32(3))])?.statusCode == .badArgumentsMissing)
        #expect(refusal(press, stop, inputs + inputs)?.statusCode == .badTooManyArguments)
        let wrong = try #require(refusal(press, stop, [Variant(Int32(3)), Variant(Int32(3))]))
        #expect(wrong.statusCode == .badInvalidArgument)
        #expect(wrong.inputArgumentResults == [.good, .badTypeMismatch])
        #expect(wrong.outputArguments.isEmpty)
    }

    @Test("A method that a client may not call is denied, and one that does nothing cannot be executed")
    func permissions() throws {
        let inputs = [Variant(Int32(3)), Variant("jam")]
        plant.space.permits = { permission, _, _ in permission != .call }
        #expect(refusal(press, stop, inputs)?.statusCode == .badUserAccessDenied)
        #expect(plant.read(stop, .executable)?.value == Variant(true))
        #expect(plant.read(stop, .userExecutable)?.value == Variant(false))
        #expect(
            refusal(NodeId(2881), NodeId(9111), [Variant(ByteString([])), Variant(LocalizedText("x"))])?.statusCode
                == .badNotExecutable)
    }

    @Test("A method of the type is called on an object of it, by the type's id or the object's own")
    func ofType() throws {
        let type = try plant.space.addObjectType(Plant.id("PressType"), Plant.name("PressType")).id
        let declared = Plant.id("PressType.Start")
        try plant.space.addMethod(declared, Plant.name("Start"), under: type, .immediate { _ in MethodOutcome() })
        try plant.space.addReference(from: declared, ReferenceType.hasModellingRule, to: NodeId(78))
        let shared = try plant.space.addInstance(
            Plant.id("P1"), Plant.name("P1"), of: type, under: Plant.objects
        ).id
        #expect(call(shared, declared)?.objectId == shared)
        #expect(refusal(press, declared)?.statusCode == .badMethodInvalid)
    }

    // MARK: History

    private static func value(_ number: Int) -> DataValue {
        DataValue(Variant(Double(number)), sourceTimestamp: DateTime(ticks: Int64(number)))
    }

    /// Values at 1...count, as a store would give them.
    private func past(_ count: Int) throws -> NodeId {
        let id = try plant.variable("Torque", Variant(0.0))
        try plant.space.addHistory(id) { start, end, limit, skipped in
            let first = start?.ticks ?? 0
            let last = end?.ticks ?? .max
            let all = (1...count).filter { Int64($0) >= min(first, last) && Int64($0) < max(first, last) }
            let ordered = first <= last ? all : all.reversed()
            let some = ordered.dropFirst(skipped).prefix(limit)
            return HistoryPage(values: some.map(Self.value), hasMore: skipped + some.count < ordered.count)
        }
        return id
    }

    private func ask(_ request: HistoryReadRequest) async throws -> [HistoryReadResult] {
        var results: [HistoryReadResult] = []
        for question in try plant.nodes.questions(request, for: plant.caller) {
            switch question {
            case .failure(let error): results.append(HistoryReadResult(statusCode: error.status))
            case .success(let question):
                let page = await question.source(question.start, question.end, question.limit, question.skipped)
                results.append(plant.nodes.result(page, of: question, for: plant.caller))
            }
        }
        return results
    }

    private func request(
        _ node: NodeId, _ start: Int64, _ end: Int64, most: UInt32 = 0, point: ByteString? = nil,
        timestamps: TimestampsToReturn = .both, isReadModified: Bool = false
    ) -> HistoryReadRequest {
        HistoryReadRequest(
            historyReadDetails: ExtensionObject(
                ReadRawModifiedDetails(
                    isReadModified: isReadModified, startTime: DateTime(ticks: start), endTime: DateTime(ticks: end),
                    numValuesPerNode: most)),
            timestampsToReturn: timestamps,
            nodesToRead: [HistoryReadValueId(nodeId: node, continuationPoint: point)])
    }

    private func numbers(_ result: HistoryReadResult) -> [Double] {
        result.historyData.value(as: HistoryData.self)?.dataValues.compactMap { $0.value?.number } ?? []
    }

    @Test(
        "Raw values come in pages that together are what there was, forwards and backwards", arguments: [1, 3, 7, 50])
    func pages(most: UInt32) async throws {
        let id = try past(20)
        for (start, end, expected) in [(3, 18, Array(3...17)), (18, 3, Array((3...17).reversed()))] {
            var found: [Double] = []
            var point: ByteString?
            repeat {
                let result = try #require(
                    try await ask(request(id, Int64(start), Int64(end), most: most, point: point)).first)
                #expect(result.statusCode == .good)
                let part = numbers(result)
                #expect(part.count <= Int(most))
                found += part
                point = result.continuationPoint
            } while point != nil
            #expect(found == expected.map { Double($0) })
        }
    }

    @Test("A time in which nothing happened is good and empty")
    func empty() async throws {
        let id = try past(5)
        let result = try #require(try await ask(request(id, 100, 200)).first)
        #expect(result.statusCode == .goodNoData)
        #expect(numbers(result).isEmpty && result.continuationPoint == nil)
    }

    @Test("A history's continuation point is for its node, its session and one use")
    func points() async throws {
        let id = try past(9)
        let point = try #require(try await ask(request(id, 1, 9, most: 2)).first?.continuationPoint)
        let owner = plant.caller
        plant.caller = Caller(session: NodeId("two", namespace: 1))
        #expect(
            try await ask(request(id, 1, 9, most: 2, point: point)).map(\.statusCode) == [.badContinuationPointInvalid])
        plant.caller = owner
        #expect(numbers(try #require(try await ask(request(id, 1, 9, most: 2, point: point)).first)) == [3, 4])
        #expect(
            try await ask(request(id, 1, 9, most: 2, point: point)).map(\.statusCode) == [.badContinuationPointInvalid])
    }

    @Test("Other histories, and times that are none, are refused as a whole")
    func refusedHistory() async throws {
        let id = try past(5)
        func status(_ request: HistoryReadRequest) -> StatusCode? {
            do throws(StatusError) {
                _ = try plant.nodes.questions(request, for: plant.caller)
                return nil
            } catch { return error.status }
        }
        #expect(status(request(id, 1, 9, isReadModified: true)) == .badHistoryOperationUnsupported)
        #expect(status(request(id, 1, 0)) == .badHistoryOperationInvalid)
        #expect(status(request(id, 1, 9, timestamps: .neither)) == .badTimestampsToReturnInvalid)
        var other = request(id, 1, 9)
        other.historyReadDetails = ExtensionObject(ValueRange(low: 0, high: 1))
        #expect(status(other) == .badHistoryOperationUnsupported)
        other = request(id, 1, 9)
        other.nodesToRead = []
        #expect(status(other) == .badNothingToDo)
    }

    @Test("A variable without a past, and one whose past is not for the client, say so")
    func noHistory() async throws {
        let id = try past(5)
        let plain = try plant.variable("Plain", Variant(1.0))
        #expect(try await ask(request(plain, 1, 9)).map(\.statusCode) == [.badHistoryOperationUnsupported])
        #expect(try await ask(request(Plant.id("none"), 1, 9)).map(\.statusCode) == [.badNodeIdUnknown])
        plant.space.permits = { permission, _, _ in permission != .readHistory }
        #expect(try await ask(request(id, 1, 9)).map(\.statusCode) == [.badUserAccessDenied])
    }
}
