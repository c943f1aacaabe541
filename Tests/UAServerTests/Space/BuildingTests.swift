import Testing
import UACodec

@testable import UAServer

@Suite("Building an address space")
struct BuildingTests {
    let plant = Plant()

    @Test("Namespaces keep their places, and the server shows them")
    func namespaces() throws {
        let index = try plant.space.addNamespace("urn:test:model")
        #expect(index == 2)
        #expect(try plant.space.addNamespace("urn:test:model") == 2)
        #expect(
            plant.read(NodeId(2255))?.value
                == Variant(["http://opcfoundation.org/UA/", "urn:test:plant", "urn:test:model"] as [String?]))
    }

    @Test("What cannot be added is refused, and leaves nothing behind")
    func refused() throws {
        let id = try plant.variable("Speed", Variant(1.0))
        let before = plant.space.count
        #expect(throws: AddressSpace.Failure.exists(id)) { try plant.variable("Speed", Variant(1.0)) }
        #expect(throws: AddressSpace.Failure.unknown(Plant.id("none"))) {
            try plant.variable("Other", Variant(1.0), under: Plant.id("none"))
        }
        #expect(throws: AddressSpace.Failure.noType(NodeId(63))) {
            try plant.space.addObject(Plant.id("Other"), "Other", under: Plant.objects, type: NodeId(63))
        }
        #expect(throws: AddressSpace.Failure.noType(NodeId(63))) {
            try plant.variable("Other", Variant(1.0), dataType: 63)
        }
        #expect(plant.space.count == before)
    }

    @Test("A number has its range and unit where clients look for them")
    func analog() throws {
        let unit = EUInformation(
            namespaceUri: "http://www.opcfoundation.org/UA/units/un/cefact", unitId: 4_408_652,
            displayName: LocalizedText("°C"), description: LocalizedText("degree Celsius"))
        let id = Plant.id("Oil")
        try plant.space.addAnalog(
            id, Plant.name("Oil"), under: Plant.objects, value: Variant(40.0), range: ValueRange(low: 0, high: 120),
            unit: unit)
        let range = try #require(plant.translate(id, [.step("EURange")])?.targets.first?.targetId.nodeId)
        #expect(
            plant.read(range)?.value?.value(as: ExtensionObject.self)?.value(as: ValueRange.self)
                == ValueRange(low: 0, high: 120))
        #expect(plant.translate(id, [.step("EngineeringUnits")])?.targets.count == 1)
        let node = try #require(plant.space[id])
        #expect(plant.space.typeDefinition(of: node) == NodeId(2368))
    }

    @Test("A method's arguments are described at it")
    func arguments() throws {
        let id = Plant.id("Add")
        let list = [Argument(name: "A", dataType: NodeId(6))]
        try plant.space.addMethod(
            id, Plant.name("Add"), under: Plant.objects, inputs: list, .immediate { _ in MethodOutcome() })
        let property = try #require(plant.translate(id, [.step("InputArguments")])?.targets.first?.targetId.nodeId)
        #expect(
            plant.read(property)?.value?.values(of: ExtensionObject.self)?.compactMap { $0.value(as: Argument.self) }
                == list)
        #expect(plant.translate(id, [.step("OutputArguments")])?.statusCode == .badNoMatch)
    }

    @Test("A node goes with what is below it alone, and nothing refers to it any more")
    func removal() throws {
        let before = Set(plant.space.ids)
        let folder = try plant.space.addFolder(Plant.id("Line"), "Line", under: Plant.objects).id
        let kept = try plant.variable("Kept", Variant(1.0), under: folder)
        try plant.space.addAnalog(Plant.id("Oil"), "Oil", under: folder, range: ValueRange(low: 0, high: 1))
        try plant.space.addReference(from: Plant.objects, ReferenceType.organizes, to: kept)
        plant.space.remove(folder)
        #expect(Set(plant.space.ids) == before.union([kept]))
        plant.space.remove(kept)
        #expect(Set(plant.space.ids) == before)
        for id in plant.space.ids {
            for reference in try #require(plant.space[id]).references {
                #expect(plant.space.contains(reference.target))
            }
        }
        #expect(plant.read(folder)?.status == .badNodeIdUnknown)
    }

    @Test("An object has what its type and the types above it make mandatory, level by level")
    func instances() throws {
        let space = plant.space
        let base = try space.addObjectType(Plant.id("Base"), Plant.name("Base")).id
        let speed = try plant.variable("Base.Speed", Variant(1.5), under: base)
        try space.addReference(from: speed, ReferenceType.hasModellingRule, to: NodeId(78))
        let option = try plant.variable("Base.Option", Variant(1.5), under: base)
        try space.addReference(from: option, ReferenceType.hasModellingRule, to: NodeId(80))
        let derived = try space.addObjectType(Plant.id("Derived"), Plant.name("Derived"), derivedFrom: base).id
        let part = try space.addObject(Plant.id("Derived.Drive"), Plant.name("Drive"), under: derived).id
        try space.addReference(from: part, ReferenceType.hasModellingRule, to: NodeId(78))
        let state = try plant.variable("Derived.Drive.State", Variant(2.5), under: part)
        try space.addReference(from: state, ReferenceType.hasModellingRule, to: NodeId(78))

        let press = try space.addInstance(Plant.id("P"), Plant.name("P"), of: derived, under: Plant.objects).id
        #expect(plant.read(Plant.id("P.Base.Speed"))?.value == Variant(1.5))
        #expect(plant.read(Plant.id("P.Drive.Derived.Drive.State"))?.value == Variant(2.5))
        #expect(plant.browseAll(.all(press, .forward, ReferenceType.aggregates)).count == 2)
        space.setValue(DataValue(Variant(9.0)), of: Plant.id("P.Base.Speed"))
        #expect(plant.read(speed)?.value == Variant(1.5))
        space.remove(press)
        #expect(space.contains(speed) && space.contains(state) && !space.contains(Plant.id("P.Base.Speed")))
    }

    @Test("An alarm of the standard's type has the states that the standard asks for")
    func standardInstance() throws {
        let alarm = try plant.space.addInstance(
            Plant.id("Alarm"), Plant.name("Alarm"), of: NodeId(10637), under: Plant.objects
        ).id
        for path in [
            ["EventId"], ["ActiveState", "Id"], ["AckedState", "Id"], ["EnabledState", "Id"], ["Acknowledge"],
        ] {
            let result = plant.translate(alarm, path.map { .step(QualifiedName($0)) })
            #expect(result?.targets.count == 1, "\(path)")
        }
        try plant.space.handle(Plant.id("Alarm.Acknowledge"), .immediate { _ in MethodOutcome() })
        #expect(plant.read(Plant.id("Alarm.Acknowledge"), .executable)?.value == Variant(true))
        #expect(plant.read(NodeId(9027), .executable)?.value == Variant(true))
        #expect(plant.read(NodeId(11580), .executable)?.value == Variant(false))
    }

    @Test("A type that is a part of itself cannot be made")
    func endlessType() throws {
        let type = try plant.space.addObjectType(Plant.id("Nest"), Plant.name("Nest")).id
        let part = try plant.space.addObject(Plant.id("Nest.Inner"), Plant.name("Inner"), under: type, type: type).id
        try plant.space.addReference(from: part, ReferenceType.hasModellingRule, to: NodeId(78))
        #expect(throws: AddressSpace.Failure.noType(type)) {
            try plant.space.addInstance(Plant.id("N"), Plant.name("N"), of: type, under: Plant.objects)
        }
    }

    @Test("Event types have their own fields and those above them")
    func eventTypes() throws {
        let type = try plant.space.addEventType(
            Plant.id("Detection"), Plant.name("Detection"), fields: [(Plant.name("Class"), NodeId(12))]
        ).id
        #expect(plant.space.isEventType(type))
        #expect(plant.translate(type, [.step(Plant.name("Class"))])?.targets.count == 1)
        #expect(throws: AddressSpace.Failure.noType(NodeId(58))) {
            try plant.space.addEventType(Plant.id("No"), "No", derivedFrom: NodeId(58), fields: [])
        }
    }

    @Test("Values that are set together have one source time")
    func oneTime() throws {
        let ids = try ["a", "b"].map { try plant.variable($0, Variant(0.0)) }
        let time = DateTime(unixMicroseconds: 1_800_000_000_000_000)
        plant.space.setValues(ids.map { ($0, Variant(1.0)) }, at: time)
        for id in ids { #expect(plant.read(id)?.sourceTimestamp == time) }
    }

    @Test("Variables can be added and taken away by the thousand in one folder")
    func many() throws {
        let folder = try plant.space.addFolder(Plant.id("Tags"), "Tags", under: Plant.objects).id
        for number in 0..<1000 { try plant.variable("t\(number)", Variant(0.0), under: folder) }
        #expect(plant.browseAll(.all(folder), most: 700).count == 1001)
        for number in 0..<1000 { plant.space.remove(Plant.id("t\(number)")) }
        #expect(plant.browseAll(.all(folder)).count == 1)
    }
}
