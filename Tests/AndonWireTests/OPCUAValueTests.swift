import AndonModel
import AndonTesting
import Foundation
import Testing
import UACodec
import UAModels

@testable import AndonWire

@Suite("JSON and the types of an OPC UA server")
struct OPCUAValueTests {
    static let uris = ["http://opcfoundation.org/UA/", "urn:server", Model.jobControl.uri]

    private let value: OPCUAValue = {
        var types = TypeRegistry.standard
        Model.jobControl.add(to: &types, namespace: 2)
        return OPCUAValue(types: types, namespaces: uris, byteStringMax: 10)
    }()

    private func variant(_ json: JSON, _ type: BuiltInType, rank: Int32 = -1) throws -> Variant {
        try value.variant(json, type.nodeId, rank: rank, named: "Field")
    }

    private func refusal(_ json: JSON, _ type: BuiltInType, rank: Int32 = -1) -> String? {
        let error = #expect(throws: OPCUAValue.Mismatch.self) { try variant(json, type, rank: rank) }
        return error?.words
    }

    @Test("A text becomes what the server declares, as long as nothing of it is lost")
    func builtIns() throws {
        let cases: [(JSON, BuiltInType, Variant)] = [
            ("7", .byte, Variant(UInt8(7))), (255, .byte, Variant(UInt8.max)), ("-3", .int16, Variant(Int16(-3))),
            ("4.0", .int32, Variant(Int32(4))), ("18446744073709551615", .uint64, Variant(UInt64.max)),
            ("-9223372036854775808", .int64, Variant(Int64.min)), ("0.5", .float, Variant(Float(0.5))),
            (0.97, .double, Variant(0.97)), (true, .boolean, Variant(true)), ("False", .boolean, Variant(false)),
            (1.5, .string, Variant("1.5")), ("a", .localizedText, Variant(LocalizedText("a"))),
            (["text": "a", "locale": "en"], .localizedText, Variant(LocalizedText("a", locale: "en"))),
            ("2026-11-23T10:00:00Z", .dateTime, Variant(DateTime(ticks: 0x01DD_7B31_66D7_9000))),
            ("nsu=urn:server;s=A", .nodeId, Variant(NodeId("A", namespace: 1))),
            (["base64": "AQI="], .byteString, Variant(ByteString([1, 2]))),
            ("BadTimeout", .statusCode, Variant(StatusCode.badTimeout)),
            (.null, .string, .scalar(.string(nil))), (.null, .int32, .null),
        ]
        for (json, type, expected) in cases {
            #expect(try variant(json, type) == expected, "\(json.canonicalText) as \(type)")
        }
        #expect(try variant("a", .string, rank: 1) == Variant(["a"]))
        #expect(try variant(["a", "b"], .string, rank: -2) == Variant(["a", "b"]))
        #expect(try variant([1, 2], .uint16, rank: 1) == Variant([UInt16(1), 2]))
    }

    @Test("What does not fit is refused with its name and what is right")
    func refusals() {
        #expect(refusal(256, .byte) == "Field takes a Byte, and 256 is none")
        #expect(refusal(1.5, .int32)?.hasPrefix("Field takes a Int32") == true)
        #expect(refusal("high", .double) == "Field takes a Double, and \"high\" is none")
        #expect(refusal(1e39, .float) != nil)
        #expect(refusal("nan", .double) != nil && refusal("inf", .double) != nil)
        #expect(refusal("yesterday", .dateTime)?.contains("a time like") == true)
        #expect(refusal("text", .byteString)?.contains("base64") == true)
        #expect(refusal(["a"], .string) == "Field takes one value and was given a list")
        #expect(refusal("a", .string, rank: 2)?.contains("matrix") == true)
        #expect(refusal(["colour": 1], .variant)?.contains("say which") == true)
        #expect(refusal("nsu=urn:other;s=A", .nodeId) != nil)
        let large = #expect(throws: OPCUAValue.Mismatch.self) {
            try variant(["base64": .string(Data(count: 11).base64EncodedString())], .byteString)
        }
        #expect(large?.isTooLarge == true && large?.words.contains("11 bytes, and the server takes 10") == true)
    }

    private static let order: JSON = [
        "JobOrderID": "A7K2M9QX3F", "Description": ["Scratch"], "Priority": 1,
        "StartTime": "2026-12-01T06:30:00.000000Z",
        "JobOrderParameters": [
            ["ID": "Confidence", "Value": ["type": "Double", "value": 0.97]],
            ["ID": "Count", "Value": ["type": "Int16", "value": 3], "Description": [["text": "n", "locale": "en"]]],
            ["ID": "Names", "Value": ["type": "String", "value": ["a", "b"]]],
            ["ID": "Picture", "Value": ["type": "ByteString", "value": ["base64": "AQI="]]],
            [
                "ID": "Unit", "Value": ["type": "Double", "value": 1],
                "EngineeringUnits": [
                    "NamespaceUri": "u", "UnitId": 4_740_434, "DisplayName": "h", "Description": .null,
                ],
            ],
        ],
        "PhysicalAssetRequirements": [["ID": "PRESS-07", "PhysicalAssetUse": "Maintain"]],
    ]

    private func schema(_ number: UInt32) throws -> StructureSchema {
        try #require(Model.jobControl.schema(of: number, namespace: 2))
    }

    @Test("A job order comes back from the wire as it was, types of its parameters included")
    func jobOrder() throws {
        let variant = try value.variant(Self.order, NodeId(3008, namespace: 2), rank: -1, named: "JobOrder")
        let bytes = try variant.binary()
        let read = try Variant(binary: bytes, types: value.types)
        #expect(try read.binary() == bytes)
        let again = value.json(read)
        #expect(again["JobOrderParameters"]?[1] == Self.order["JobOrderParameters"]?[1])
        #expect(again["JobOrderParameters"]?[3] == Self.order["JobOrderParameters"]?[3])
        #expect(try value.variant(again, NodeId(3008, namespace: 2), rank: -1, named: "JobOrder").binary() == bytes)
    }

    @Test("A structure's unknown and missing fields are named")
    func structures() throws {
        func words(_ json: JSON) throws -> String {
            let schema = try schema(3008)
            let error = #expect(throws: OPCUAValue.Mismatch.self) { try value.structure(json, schema, "JobOrder") }
            return error?.words ?? ""
        }
        #expect(try words(["Description": ["x"]]).contains("needs a value for JobOrderID"))
        #expect(try words(["JobOrderID": "A", "Colour": 1]).contains("has no field Colour"))
        #expect(try words(["JobOrderID": "A", "Priority": 40_000]).contains("JobOrder.Priority takes a Int16"))
        #expect(
            try words([
                "JobOrderID": "A", "JobOrderParameters": [["ID": "x", "Value": ["type": "Colour", "value": 1]]],
            ])
            .contains("JobOrder.JobOrderParameters[0].Value says that it is a Colour"))
        #expect(try words("text").contains("is a ISA95JobOrderDataType, and was given a string"))
        let state: JSON = ["BrowsePath": ["Elements": []], "StateText": "Ended", "StateNumber": 5]
        let made = try value.structure(state, try schema(3006), "State")
        #expect(made["StateNumber"] == .builtIn(Variant(UInt32(5))))
    }

    @Test("Numbers beyond what JSON keeps are texts, and what is no number is nothing")
    func figures() {
        #expect(value.json(Variant(UInt64.max)) == "18446744073709551615")
        #expect(value.json(Variant(Int64(1) << 53)) == 9_007_199_254_740_992)
        #expect(value.json(Variant(Float(0.1))) == 0.1)
        #expect(value.json(Variant(Double.nan)) == .null && value.json(Variant(DateTime.null)) == .null)
        #expect(value.json(Variant(NodeId("A", namespace: 1))) == "nsu=urn:server;s=A")
        #expect(value.json(nil) == .null)
    }
}
