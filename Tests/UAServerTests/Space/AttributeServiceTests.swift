import Testing
import UACodec

@testable import UAServer

@Suite("Read and Write")
struct AttributeServiceTests {
    let plant = Plant()
    let now = DataValue(Variant(1.5), sourceTimestamp: Plant.time)

    @Test("A request of nothing, of too much, or of timestamps or an age that are none fails as a whole")
    func wholeRequests() {
        let item = ReadValueId(nodeId: NodeId(2259), attributeId: 13)
        #expect(plant.fault(ReadRequest()) == .badNothingToDo)
        #expect(plant.fault(WriteRequest()) == .badNothingToDo)
        let many = Array(repeating: item, count: 1001)
        #expect(plant.fault(ReadRequest(nodesToRead: many)) == .badTooManyOperations)
        for number: Int32 in [-1, 4, .max] {
            let request = ReadRequest(timestampsToReturn: .init(rawValue: number), nodesToRead: [item])
            #expect(plant.fault(request) == .badTimestampsToReturnInvalid)
        }
        for age in [-1, -Double.infinity, .nan] {
            #expect(plant.fault(ReadRequest(maxAge: age, nodesToRead: [item])) == .badMaxAgeInvalid)
        }
    }

    @Test("Timestamps are those that were asked for; a bad value has its time too")
    func timestamps() throws {
        let id = try plant.variable("Speed", Variant(1.5))
        #expect(plant.read(id)?.serverTimestamp == Plant.time)
        #expect(plant.read(id)?.sourceTimestamp == Plant.time)
        #expect(plant.read(id, timestamps: .source)?.serverTimestamp == nil)
        #expect(plant.read(id, timestamps: .server)?.sourceTimestamp == nil)
        #expect(plant.read(id, timestamps: .neither) == DataValue(Variant(1.5)))
        plant.space.setValue(DataValue(status: .badNoCommunication, sourceTimestamp: Plant.time), of: id)
        #expect(
            plant.read(id)
                == DataValue(status: .badNoCommunication, sourceTimestamp: Plant.time, serverTimestamp: Plant.time))
        #expect(plant.read(id, .displayName)?.sourceTimestamp == nil)
    }

    @Test("What is not there has its own status for nodes, attributes, encodings and ranges")
    func faults() throws {
        let id = try plant.variable("List", Variant([1, 2, 3] as [Int32]), dataType: 6, rank: 1)
        func status(_ item: ReadValueId) -> StatusCode? {
            (plant.ask(ReadRequest(nodesToRead: [item])) as? ReadResponse)?.results.first?.status
        }
        #expect(status(ReadValueId(nodeId: Plant.id("none"), attributeId: 13)) == .badNodeIdUnknown)
        for number: UInt32 in [0, 28, .max] {
            #expect(status(ReadValueId(nodeId: id, attributeId: number)) == .badAttributeIdInvalid)
        }
        #expect(status(ReadValueId(nodeId: NodeId(85), attributeId: 13)) == .badAttributeIdInvalid)
        #expect(plant.read(id, encoding: "Default Binary")?.status == .badDataEncodingInvalid)
        #expect(plant.read(id, .browseName, encoding: "Default Binary")?.status == .badDataEncodingInvalid)
        #expect(plant.read(id, range: "x")?.status == .badIndexRangeInvalid)
        #expect(plant.read(id, range: "3:9")?.status == .badIndexRangeNoData)
        #expect(plant.read(id, range: "1:9")?.value == Variant([2, 3] as [Int32]))
        #expect(plant.read(id, .browseName, range: "0")?.status == .badIndexRangeNoData)
    }

    @Test("A structure is read as Default Binary, and in no other encoding")
    func encodings() throws {
        let range = ValueRange(low: 0, high: 1)
        let id = try plant.variable("Range", Variant(ExtensionObject(range)), dataType: 884)
        #expect(plant.read(id, encoding: "Default Binary")?.status == nil)
        #expect(plant.read(id, encoding: "Default XML")?.status == .badDataEncodingUnsupported)
        #expect(plant.read(id, encoding: "Anything")?.status == .badDataEncodingInvalid)
    }

    @Test("Every node has the attributes that its class must have, and gives no others")
    func attributes() throws {
        let common: Set<AttributeId> = [.nodeId, .nodeClass, .browseName, .displayName, .writeMask, .userWriteMask]
        let needed: [NodeClass: Set<AttributeId>] = [
            .object: [.eventNotifier], .objectType: [.isAbstract], .dataType: [.isAbstract],
            .referenceType: [.isAbstract, .symmetric], .variableType: [.isAbstract, .dataType, .valueRank],
            .method: [.executable, .userExecutable],
            .variable: [.dataType, .valueRank, .accessLevel, .userAccessLevel, .historizing, .value],
        ]
        let optional: [NodeClass: Set<AttributeId>] = [
            .referenceType: [.inverseName], .dataType: [.dataTypeDefinition],
            .variable: [.arrayDimensions, .minimumSamplingInterval, .accessLevelEx],
        ]
        for id in plant.space.ids {
            let kind = try #require(plant.space[id]).nodeClass
            let required = common.union(needed[kind] ?? [])
            let allowed = required.union(optional[kind] ?? []).union([.description])
            for attribute in AttributeId.allCases {
                let isThere = plant.read(id, attribute)?.status != .badAttributeIdInvalid
                if required.contains(attribute) { #expect(isThere, "\(id) \(attribute)") }
                if !allowed.contains(attribute) { #expect(!isThere, "\(id) \(attribute)") }
            }
        }
    }

    @Test("A client that may not see a node reads it as unknown, one that may not read it is denied")
    func permissions() throws {
        let id = try plant.writable("Secret", Variant(1.5), dataType: 11)
        plant.space.permits = { permission, node, _ in node.id != id || permission == .browse }
        #expect(plant.read(id)?.status == .badUserAccessDenied)
        #expect(plant.write(id, Variant(2.0)) == .badUserAccessDenied)
        #expect(plant.read(id, .userAccessLevel)?.value == Variant(UInt8(0)))
        #expect(plant.read(id, .accessLevel)?.value == Variant(UInt8(67)))
        plant.space.permits = { _, node, _ in node.id != id }
        #expect(plant.read(id, .browseName)?.status == .badNodeIdUnknown)
        #expect(plant.write(id, Variant(2.0)) == .badNodeIdUnknown)
    }

    @Test("What is computed is computed when it is read")
    func computed() throws {
        let id = try plant.variable("Count", nil, dataType: 6)
        #expect(plant.read(id)?.status == .badWaitingForInitialData)
        var count: Int32 = 0
        try plant.space.compute(id) {
            count += 1
            return DataValue(Variant(count))
        }
        #expect(plant.read(id)?.value == Variant(Int32(1)))
        #expect(plant.read(id)?.value == Variant(Int32(2)))
    }

    // MARK: Write

    @Test("Nothing is written where nobody may write, nor any attribute but the value")
    func notWritable() throws {
        let id = try plant.variable("Speed", Variant(1.5))
        #expect(plant.write(id, Variant(2.0)) == .badNotWritable)
        #expect(plant.write(NodeId(2259), Variant(Int32(4))) == .badNotWritable)
        #expect(plant.write(id, DataValue(Variant("x")), .displayName) == .badNotWritable)
        #expect(plant.write(id, DataValue(Variant("x")), .symmetric) == .badAttributeIdInvalid)
        #expect(plant.write(NodeId(85), Variant(2.0)) == .badAttributeIdInvalid)
        #expect(plant.write(Plant.id("none"), Variant(2.0)) == .badNodeIdUnknown)
        #expect(plant.read(id)?.value == Variant(1.5))
    }

    @Test("The hook sees the value and who writes it, and what it refuses is not the value")
    func hook() throws {
        let id = try plant.variable("Limit", Variant(1.5))
        plant.caller.user = "ada"
        var seen: [String] = []
        try plant.space.allowWriting(id) { value, caller in
            seen.append("\(caller.user) \(value.value?.number ?? 0)")
            return value.value?.number ?? 0 > 100 ? .badOutOfRange : .good
        }
        #expect(plant.write(id, Variant(2.0)) == .good)
        #expect(plant.write(id, Variant(200.0)) == .badOutOfRange)
        #expect(plant.read(id)?.value == Variant(2.0))
        #expect(seen == ["ada 2.0", "ada 200.0"])
    }

    @Test("A source time and a good status come with what is written; other status and server times are refused")
    func statusAndTimes() throws {
        let id = try plant.writable("Speed", Variant(1.5), dataType: 11)
        let earlier = DateTime(unixMicroseconds: 1_700_000_000_000_000)
        #expect(plant.write(id, DataValue(Variant(2.0), status: .good, sourceTimestamp: earlier)) == .good)
        #expect(plant.read(id)?.sourceTimestamp == earlier)
        #expect(plant.write(id, Variant(3.0)) == .good)
        #expect(plant.read(id)?.sourceTimestamp == Plant.time)
        #expect(plant.write(id, DataValue(Variant(2.0), status: .badNoCommunication)) == .badWriteNotSupported)
        #expect(plant.write(id, DataValue(Variant(2.0), serverTimestamp: earlier)) == .badWriteNotSupported)
        #expect(plant.read(id)?.value == Variant(3.0))
    }

    @Test("A value's type must be the variable's or derived from it, and its rank must fit")
    func types() throws {
        let real = try plant.writable("Real", Variant(1.5), dataType: 11)
        for wrong in [Variant(Float(1)), Variant(Int32(1)), Variant("1"), Variant([1.0]), .null] {
            #expect(plant.write(real, wrong) == .badTypeMismatch, "\(wrong)")
        }
        let number = try plant.writable("Number", Variant(1.5), dataType: 26)
        #expect(plant.write(number, Variant(UInt8(1))) == .good)
        #expect(plant.write(number, Variant("1")) == .badTypeMismatch)
        let integer = try plant.writable("Unsigned", Variant(UInt16(1)), dataType: 28)
        #expect(plant.write(integer, Variant(UInt64(1))) == .good)
        #expect(plant.write(integer, Variant(Int64(1))) == .badTypeMismatch)
        let state = try plant.writable("State", Variant(Int32(0)), dataType: 852)
        #expect(plant.write(state, Variant(Int32(1))) == .good)
        #expect(plant.write(state, Variant(UInt32(1))) == .badTypeMismatch)
        let utc = try plant.writable("Time", Variant(Plant.time), dataType: 294)
        #expect(plant.write(utc, Variant(DateTime(ticks: 1))) == .good)
        let list = try plant.writable("List", Variant([1.0]), dataType: 11, rank: 1)
        #expect(plant.write(list, Variant([] as [Double])) == .good)
        #expect(plant.write(list, Variant(1.0)) == .badTypeMismatch)
        let any = try plant.writable("Any", Variant(1.0), dataType: 24, rank: -2)
        for value in [Variant([1.0]), Variant("x"), .null] { #expect(plant.write(any, value) == .good) }
    }

    @Test("A structure must be of the variable's type")
    func structures() throws {
        let id = try plant.writable("Range", Variant(ExtensionObject(ValueRange(low: 0, high: 1))), dataType: 884)
        #expect(plant.write(id, Variant(ExtensionObject(ValueRange(low: 1, high: 2)))) == .good)
        #expect(plant.write(id, Variant(ExtensionObject(Argument(name: "x")))) == .badTypeMismatch)
    }

    @Test("ByteString and arrays of Byte are the same")
    func bytes() throws {
        let text = try plant.writable("Text", Variant(ByteString([1, 2, 3])), dataType: 15)
        #expect(plant.write(text, Variant([4, 5, 6] as [UInt8])) == .good)
        #expect(plant.read(text)?.value == Variant(ByteString([4, 5, 6])))
        #expect(plant.write(text, Variant([9] as [UInt8]), range: "1") == .good)
        #expect(plant.read(text)?.value == Variant(ByteString([4, 9, 6])))
        let list = try plant.writable("Bytes", Variant([1, 2] as [UInt8]), dataType: 3, rank: 1)
        #expect(plant.write(list, Variant(ByteString([7, 8]))) == .good)
        #expect(plant.read(list)?.value == Variant([7, 8] as [UInt8]))
        #expect(plant.write(list, Variant(ByteString([9])), range: "0") == .good)
        #expect(plant.read(list)?.value == Variant([9, 8] as [UInt8]))
    }

    @Test("A part is written where it fits, and nowhere else")
    func parts() throws {
        let list = try plant.writable("List", Variant([1, 2, 3] as [Int32]), dataType: 6, rank: 1)
        #expect(plant.write(list, Variant([8, 9] as [Int32]), range: "1:2") == .good)
        #expect(plant.read(list)?.value == Variant([1, 8, 9] as [Int32]))
        #expect(plant.write(list, Variant([1] as [Int32]), range: "3") == .badIndexRangeNoData)
        #expect(plant.write(list, Variant([1] as [Int32]), range: "0:1") == .badIndexRangeNoData)
        #expect(plant.write(list, Variant([1] as [Int32]), range: "4294967295") == .badIndexRangeNoData)
        #expect(plant.write(list, Variant([1] as [Int16]), range: "0") == .badTypeMismatch)
        #expect(plant.write(list, Variant([1] as [Int32]), range: "0,0") == .badIndexRangeNoData)
        #expect(plant.write(list, Variant([1] as [Int32]), range: "?") == .badIndexRangeInvalid)
    }
}
