import AndonModel
import AndonVision
import Testing

@Suite("A model's card")
struct ModelCardTests {
    static let secrets = SecretSource(environment: { _ in nil }, file: { _ in nil })

    static func read(_ settings: Settings) -> (card: ModelCard, faults: [SettingsFault]) {
        let faults = SettingsFaults()
        let card = ModelCard(reading: SettingsReader(settings, faults: faults, secrets: secrets))
        return (card, faults.faults)
    }

    static func read(_ members: [String: JSON]) -> (card: ModelCard, faults: [SettingsFault]) {
        read(Settings(document: .object(members), file: "card.yaml"))
    }

    static let whole: [String: JSON] = [
        "schema": "andon.model-card/1", "name": "cells", "version": "3", "task": "classification",
        "file": "cells.onnx", "sha256": .string(String(repeating: "0a", count: 32)), "licence": "Apache-2.0",
        "input": ["name": "x", "width": 224, "height": 200, "colour": "grey", "mean": 0.5, "std": [0.25]],
        "outputs": ["probabilities": "p", "activation": "sigmoid"], "classes": ["good", "crack"],
        "goodClass": "good", "thresholds": ["crack": 0.3], "metrics": ["auc": 0.93],
        "calibration": ["method": "platt", "a": 1.5, "b": -0.25],
    ]

    static func whole(_ changes: [String: JSON?]) -> [String: JSON] {
        changes.reduce(into: whole) { $0[$1.key] = $1.value }
    }

    @Test("What is written comes out, with the defaults for the rest")
    func example() {
        let (card, faults) = Self.read(Self.whole)
        #expect(faults.isEmpty)
        #expect(card.opset == 17 && !card.commercialUse && card.threshold == 0.5)
        #expect(card.threshold(of: "crack") == 0.3 && card.threshold(of: "good") == 0.5)
        #expect(card.input.mean == [0.5] && card.input.std == [0.25] && card.input.scale == 1.0 / 255)
        #expect(card.input.shape == [1, 1, 200, 224])
        #expect(card.calibration == .platt(a: 1.5, b: -0.25))
        #expect(card.outputs == .classification(.init(probabilities: "p", activation: .sigmoid, severalLabels: true)))
        #expect(card.metrics == ["auc": 0.93])
    }

    @Test("Each task has its outputs")
    func tasks() {
        let detection = Self.read(
            Self.whole(["task": "detection", "outputs": ["boxes": "b", "boxForm": "centreLast", "perClassNMS": false]]))
        #expect(detection.faults.isEmpty)
        #expect(
            detection.card.outputs == .detection(.init(boxes: "b", boxForm: .centreLast, perClassNMS: false)))
        let segmentation = Self.read(
            Self.whole(["task": "segmentation", "outputs": ["mask": "m", "activation": "softmax", "areaMin": 9]]))
        #expect(segmentation.faults.isEmpty)
        #expect(segmentation.card.outputs.names == ["m"])
        let anomaly = Self.read(
            Self.whole([
                "task": "anomaly", "classes": nil, "goodClass": nil, "thresholds": nil,
                "outputs": ["score": "s", "map": "m", "scoreRange": ["lower": 2, "upper": 12.5]],
            ]))
        #expect(anomaly.faults.isEmpty)
        #expect(anomaly.card.classes == ["anomaly"])
        #expect(anomaly.card.outputs == .anomaly(.init(score: "s", map: "m", scoreRange: 2...12.5)))
    }

    @Test("All faults of a bad card come in one pass, each with its line")
    func faults() {
        var line = 0
        func text(_ text: String) -> Settings.Value { .scalar(text, quoted: false) }
        func section(_ path: String, _ members: [(String, Settings.Value)]) -> Settings.Value {
            .map(
                members.map { key, value in
                    line += 1
                    let place = path.isEmpty ? key : "\(path).\(key)"
                    return .init(
                        key: key, keyLine: line, keyColumn: 1,
                        value: Settings(value, line: line, column: 9, path: place))
                })
        }
        let input = section(
            "input", [("name", text("x")), ("width", text("0")), ("height", text("nan")), ("padding", text("3"))])
        let outputs = section("outputs", [("probabilites", text("p")), ("activation", text("tanh"))])
        let thresholds = section("thresholds", [("dent", text("0.5")), ("crack", text("1.5"))])
        let calibration = section("calibration", [("method", text("platt")), ("a", text("-1"))])
        let card = section(
            "",
            [
                ("schema", text("andon.model-card/2")), ("name", text("n")), ("task", text("classification")),
                ("file", text("../x.onnx")), ("sha256", text("0A")), ("opset", text("0")), ("licence", text("MIT")),
                ("classes", .list([Settings(text("crack"), line: 18, column: 3, path: "classes.0")])),
                ("goodClass", text("good")), ("input", input), ("outputs", outputs), ("thresholds", thresholds),
                ("calibration", calibration),
            ])
        let found = Self.read(Settings(card, line: 1, column: 1, path: "")).faults
        let places = Set(found.map { "\($0.line) \($0.path)" })
        let expected: Set = [
            "2 input.width", "3 input.height", "4 input.padding", "5 outputs.probabilites", "6 outputs.activation",
            "7 thresholds.dent", "8 thresholds.crack", "10 calibration.a", "11 schema", "14 file", "15 sha256",
            "16 opset", "19 goodClass", "21 outputs", "23 calibration", "1 ",
        ]
        #expect(places == expected, "\(found)")
        #expect(found.contains { $0.message.contains("did you mean \"probabilities\"?") })
        #expect(found.contains { $0.message == "the option \"version\" is required here" })
    }

    @Test(
        "What contradicts itself is refused",
        arguments: [
            ("goodClass", ["classes": ["only"], "goodClass": "only", "thresholds": nil]),
            (
                "activation",
                ["classes": ["crack"], "goodClass": nil, "outputs": ["probabilities": "p", "activation": "softmax"]]
            ),
            ("mean", ["input": ["name": "x", "width": 8, "height": 8, "mean": [0.1, 0.2]]]),
            ("classes", ["classes": ["good", "crack", "good"]]),
            ("nmsIoU", ["task": "detection", "outputs": ["boxes": "b", "boxForm": "endToEnd", "nmsIoU": 0.5]]),
            (
                "outputs",
                ["task": "anomaly", "classes": ["odd"], "goodClass": nil, "thresholds": nil, "outputs": ["areaMin": 2]]
            ),
            (
                "scoreRange",
                [
                    "task": "anomaly", "classes": ["odd"], "goodClass": nil, "thresholds": nil,
                    "outputs": ["map": "m", "scoreRange": ["lower": 2, "upper": 2]],
                ]
            ),
            ("points", ["calibration": ["method": "isotonic", "points": [[0, 0.5], [0.5, 0.4]]]]),
            ("points/0", ["calibration": ["method": "isotonic", "points": [0.5]]]),
            ("input", ["input": "x.png"]),
        ] as [(String, [String: JSON?])])
    func contradictions(place: String, changes: [String: JSON?]) {
        let faults = Self.read(Self.whole(changes)).faults
        #expect(faults.contains { $0.path.hasSuffix("/\(place)") }, "\(faults)")
    }

    @Test("No tree of settings stops the reader, whatever is where")
    func strangeTrees() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var dice = Dice(state: seed)
        let values: [JSON] = ["", "x", 0, -1, 1e300, .bool(true), [], [[1]], [:], ["a": [1, "b"]], .null, ["", ""]]
        for _ in 0..<2_000 {
            var members = Self.whole
            for key in members.keys.sorted() where dice.unit() < 0.2 {
                members[key] = values.randomElement(using: &dice)
            }
            for key in ["input", "outputs", "calibration"] where dice.unit() < 0.5 {
                guard case .object(var inner)? = members[key] else { continue }
                for name in inner.keys.sorted() where dice.unit() < 0.4 {
                    inner[name] = values.randomElement(using: &dice)
                }
                members[key] = .object(inner)
            }
            members["task"] = .string(
                ["detection", "segmentation", "anomaly", "classification"].randomElement(using: &dice) ?? "")
            let (card, faults) = Self.read(members)
            #expect(!faults.isEmpty || card.input.shape.count == 4)
        }
    }
}
