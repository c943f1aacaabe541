import AndonModel
import AndonTesting
import Testing
import UACodec

@testable import AndonSources

@Suite("What a vision system sends becomes our report")
struct MapperTests {
    /// Reads a mapping as the configuration has it.
    static func mapping(
        _ options: [String: JSON], form: OPCUASettings.Form.Name = .machineVision
    ) -> (FieldMapping, [String]) {
        let faults = SettingsFaults()
        let reader = SettingsReader(
            settings(.object(options), "mapping"), faults: faults,
            secrets: SecretSource(environment: { _ in nil }, file: { _ in nil }))
        return (FieldMapping(reading: reader, defaults: .of(form)), faults.faults.map(\.message))
    }

    static func settings(_ value: JSON, _ path: String) -> Settings {
        let kind: Settings.Value =
            switch value {
            case .string(let text): .scalar(text, quoted: false)
            case .array(let list): .list(list.enumerated().map { settings($1, "\(path)[\($0)]") })
            case .object(let map):
                .map(
                    map.sorted { $0.key < $1.key }.map {
                        Settings.Entry(
                            key: $0.key, keyLine: 1, keyColumn: 1, value: settings($0.value, "\(path).\($0.key)"))
                    })
            case .null, .bool, .number: .null
            }
        return Settings(kind, line: 1, column: 1, path: path)
    }

    static let result = FieldValue.object([
        "ResultId": .object(["Id": .text("R-7")]), "PartId": .object(["Id": .text("P-7")]),
        "InternalRecipeId": .object(["Id": .text("R1")]), "CreationTime": .text("2026-11-23T10:00:00.000000Z"),
        "ResultContent": .list([
            .text(
                #"{"lot": "L-1", "defects": [{"class": "kratzer", "score": 93, "box": [10, 20, 30, 40], "depth": "0,4"}]}"#
            )
        ]),
    ])

    private static let usual: [String: JSON] = [
        "camera": "CAM-01", "lot": "/ResultContent/0/lot", "defects": "/ResultContent/0/defects", "class": "/class",
        "classes": ["kratzer": "scratch", "ok": "none"], "confidence": "/score", "confidenceMax": "100", "box": "/box",
        "defectAttributes": ["depth": "/depth"],
    ]

    private func document(_ fields: FieldValue, _ changes: [String: JSON] = [:], without: [String] = []) throws -> JSON
    {
        let options = Self.usual.merging(changes) { $1 }.filter { !without.contains($0.key) }
        let (mapping, faults) = Self.mapping(options)
        #expect(faults == [])
        return try InspectionMapper(mapping).document(of: fields, id: "opcua:1", origin: ["name": "vision"])
    }

    @Test("A result of OPC 40100-1 with JSON in it")
    func machineVision() throws {
        let expected: JSON = [
            "id": "opcua:1", "detectedAt": "2026-11-23T10:00:00.000000Z", "camera": "CAM-01", "lot": "L-1",
            "unit": "P-7",
            "defects": [
                [
                    "class": "scratch", "confidence": 0.93, "attributes": ["depth": "0,4"],
                    "box": ["x": 10, "y": 20, "width": 30, "height": 40, "unit": "pixel"],
                ]
            ],
            "attributes": ["source": ["name": "vision"], "recipe": "R1", "result": "R-7"],
        ]
        #expect(try document(Self.result) == expected)
    }

    @Test("A result of OPC 40001-101 says in its evaluation that the part is good")
    func machinery() throws {
        let (mapping, faults) = Self.mapping(
            ["camera": "/ProductId", "cameras": ["VS": "CAM-01"], "class": "/ResultContent/0/class"],
            form: .machineryResult)
        #expect(faults == [])
        var fields: [String: FieldValue] = [
            "ResultId": .text("1"), "ProductId": .text("VS"), "CreationTime": .text("2026-11-23T10:00:00Z"),
            "ResultEvaluation": .number(1),
        ]
        let good = try InspectionMapper(mapping).document(of: .object(fields), id: "1", origin: [:])
        #expect(good["defects"] == [] && good["camera"] == "CAM-01")
        fields["ResultEvaluation"] = .number(2)
        fields["ResultContent"] = .list([.text(#"{"class": "dent"}"#)])
        let bad = try InspectionMapper(mapping).document(of: .object(fields), id: "1", origin: [:])
        #expect(bad["defects"]?[0]?["class"] == "dent")
    }

    @Test("Keys and values, plain variables, a vendor's structure")
    func otherForms() throws {
        let (pairs, pairFaults) = Self.mapping(
            [
                "camera": "CAM-01", "class": "/Details/class", "severity": "/Details/level",
                "severities": ["3": "major", "1": "0.2"], "decode": ["/Details": "key-value"],
                "measurement": ["name": "depth", "value": "/Details/depth", "limit": "/Details/max", "unit": "mm"],
            ], form: .event)
        #expect(pairFaults == [])
        let event = FieldValue.object([
            "Time": .text("2026-11-23T10:00:00Z"), "Details": .text("class=dent; level=3; depth=0,4; max = 0.2"),
        ])
        let defect = try InspectionMapper(pairs).document(of: event, id: "1", origin: [:])["defects"]?[0]
        #expect(
            defect == [
                "class": "dent", "severity": "major",
                "measurement": ["name": "depth", "value": 0.4, "limit": 0.2, "unit": "mm"],
            ])
        let structure = DynamicStructure(
            typeId: NodeId(1), name: "Defect",
            fields: [
                .init("Class", .builtIn(Variant("scratch"))), .init("Share", .builtIn(Variant(Float(0.1)))),
                .init("Corners", .builtIn(Variant([Int32(1), 2, 11, 22]))), .init("Note", nil, isOptional: true),
            ])
        let (plain, plainFaults) = Self.mapping(
            [
                "camera": "{/Line}-{/Camera}", "class": "/Defect/Class", "confidence": "/Defect/Share",
                "box": "/Defect/Corners", "boxForm": "corners", "good": ["field": "/Verdict", "is": ["true"]],
            ], form: .variables)
        #expect(plainFaults == [])
        let fields = FieldValue.object([
            "Line": .text("L1"), "Camera": .number(3), "sourceTimestamp": .text("2026-11-23T10:00:00Z"),
            "Defect": FieldValue(structure), "Verdict": .bool(false),
        ])
        let document = try InspectionMapper(plain).document(of: fields, id: "1", origin: [:])
        #expect(document["camera"] == "L1-3")
        #expect(
            document["defects"]?[0] == [
                "class": "scratch", "confidence": 0.1,
                "box": ["x": 1, "y": 2, "width": 10, "height": 20, "unit": "pixel"],
            ])
    }

    @Test(
        "What makes no report is refused with its place and what to do",
        arguments: [
            (["camera": "/Camera"], "/Camera is not there"),
            (["class": "/colour"], "/ResultContent/0/defects/0/colour"),
            (["defects": "/ResultContent/0/none"], "/ResultContent/0/none is not there"),
            (["defects": "/ResultContent/0/lot"], "is the text \"L-1\", not a list of defects"),
            (["confidence": "/class"], "is the text \"kratzer\", not a number"),
            (["detectedAt": "/PartId/Id"], "not a time with its offset"),
            (["box": "/class"], "not a list of four numbers"),
            (["inspected": "/PartId/Id"], "not a number of parts"), (["decode": ["/PartId/Id": "json"]], "is not JSON"),
        ] as [([String: JSON], String)])
    func refusals(_ changes: [String: JSON], _ words: String) {
        let error = #expect(throws: MappingRefusal.self) { try document(Self.result, changes) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(words))
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("An empty list of defects, or a class that means none, is a good part")
    func good() throws {
        func content(_ text: String) -> FieldValue {
            guard case .object(var members) = Self.result else { return .null }
            members["ResultContent"] = .list([.text(text)])
            return .object(members)
        }
        for text in [#"{"defects": []}"#, #"{"defects": null}"#, #"{"defects": [{"class": "ok"}]}"#] {
            #expect(try document(content(text))["defects"] == [])
        }
    }

    @Test("A box of nothing marks nothing, and one in shares of a missing picture stands aside")
    func boxes() throws {
        let centre = BoxMapping(place: .list(.fixed("/b")), form: .centre)
        #expect(centre.box([10, 10, 4, 6]) == [8, 7, 4, 6])
        let box: JSON = ["x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "unit": "normalised"]
        let report: JSON = ["id": "1", "defects": [["class": "a", "box": box]]]
        let without = report.withoutPicture("gone")
        #expect(without["attributes"] == ["pictureMissing": "gone"])
        #expect(without["defects"]?[0] == ["class": "a", "attributes": ["boxOfMissingPicture": box]])
    }

    @Test("Whatever comes, the mapper ends with a report or a refusal, the same each time", arguments: 0..<8)
    func anything(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 7919)
        let (mapping, _) = Self.mapping(Self.usual.merging(["camera": "/Camera", "asset": "/a/0/b"]) { $1 })
        let mapper = InspectionMapper(mapping)
        for _ in 0..<100 {
            let fields = Self.value(&random, depth: 0)
            let first = Result { try mapper.document(of: fields, id: "1", origin: [:]) }
            let second = Result { try mapper.document(of: fields, id: "1", origin: [:]) }
            switch (first, second) {
            case (.success(let one), .success(let other)):
                #expect(one == other, "seed \(seed)")
                #expect(throws: Never.self) { try JSON(parsing: one.canonicalBytes) }
            case (.failure(let one), .failure(let other)):
                #expect(one as? MappingRefusal == other as? MappingRefusal, "seed \(seed)")
            default: Issue.record("seed \(seed): once a report, once not")
            }
        }
    }

    /// Trees of the names that a mapping asks for, filled with what does not belong there.
    private static func value(_ random: inout SeededRandom, depth: Int) -> FieldValue {
        let names = [
            "Camera", "CreationTime", "ResultContent", "defects", "class", "score", "box", "a", "b", "PartId", "Id",
        ]
        let texts = [
            "", " ", "kratzer", "2026-11-23T10:00:00Z", "{\"defects\": [{\"class\": 1}]}", "[[[[[[", "1e999", "-0",
            "\u{0}",
            "\u{202E}abc", String(repeating: "x", count: 3_000), "NaN", "{\"a\":{\"a\":{\"a\":1}}}",
        ]
        switch depth > 4 ? random.int(0...5) : random.int(0...9) {
        case 0: return .null
        case 1: return .bool(random.chance(50))
        case 2: return .number(random.pick([0, -1, 1e308, .nan, .infinity, 0.5, 1e-300]))
        case 3...4: return .text(random.pick(texts))
        case 5: return .bytes([1, 2, 3])
        case 6...7: return .list((0..<random.int(0...5)).map { _ in value(&random, depth: depth + 1) })
        default:
            var members: [String: FieldValue] = [:]
            for _ in 0..<random.int(0...8) { members[random.pick(names)] = value(&random, depth: depth + 1) }
            return .object(members)
        }
    }
}
