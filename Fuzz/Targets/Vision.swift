import AndonConfiguration
import AndonInference
import AndonModel
import AndonTesting
import AndonVision

/// Models with their cards, how bad a finding is, and what inference servers answer.
extension FuzzTarget {
    static let vision = [modelCard, severityRule, anomalyModel, inferenceBody, inferenceGRPC]

    // MARK: Settings

    /// Nil for a text that is no YAML, or whose settings have faults.
    private static func settings<Value>(
        _ input: [UInt8], _ read: (SettingsReader) -> Value
    ) throws -> Value? {
        guard let text = String(validating: input, as: UTF8.self),
            let settings = try? YAMLDocument.settings(text, file: "fuzz.yaml")
        else { return nil }
        let faults = SettingsFaults()
        let secrets = SecretSource(environment: { _ in nil }, file: { _ in nil })
        let value = read(SettingsReader(settings, faults: faults, secrets: secrets))
        try promise(faults.faults.allSatisfy { !$0.message.isEmpty }, "a fault without words")
        return faults.faults.isEmpty ? value : nil
    }

    /// A card has faults, or its numbers are in their ranges.
    private static let modelCard = FuzzTarget(
        "model-card", shortCount: 1000, seeds: { cards },
        check: { input in
            guard let card = try settings(input, { ModelCard(reading: $0) }) else { return }
            try promise(
                1...1000 ~= card.classes.count && Set(card.classes).count == card.classes.count
                    && !card.classes.contains(""), "the classes are \(card.classes.count)")
            try promise(
                card.goodClass.map { card.classes.count > 1 && card.classes.contains($0) } ?? true,
                "the good class is none, or the only one")
            try promise(
                card.thresholds.keys.allSatisfy(card.classes.contains)
                    && (card.thresholds.values + [card.threshold]).allSatisfy { 0...1 ~= $0 }, "a threshold is wrong")
            try promise(
                !card.name.isEmpty && !card.version.isEmpty && !card.file.isEmpty
                    && !card.file.contains { "/\\".contains($0) } && !card.file.hasPrefix("."),
                "a name is missing, or the file is in another folder")
            try promise(
                card.sha256.utf8.count == 64 && 1...100 ~= card.opset, "the digest or the operator set is wrong")
            try check(card.input)
            try check(card.outputs)
            try check(card.calibration)
        })

    private static let cards: [[UInt8]] = {
        let head = #"""
            {"schema":"andon.model-card/1","name":"cells","version":"3","file":"cells.onnx","licence":"MIT","sha256":
            "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","opset":18,"commercialUse":true,"threshold":0.4
            """#
        let input = #""input":{"name":"x","width":224,"height":200"#
        // YAML takes JSON: so values are replaced within the form as well.
        return [
            #"""
            \#(head),"task":"classification",\#(input),"colour":"grey","mean":0.5,"std":[0.25]},"classes":["good","crack"],
            "goodClass":"good","outputs":{"probabilities":"p","activation":"sigmoid"},"thresholds":{"crack":0.3},
            "calibration":{"method":"platt","a":1.5,"b":-0.25},"metrics":{"auc":0.93}}
            """#,
            #"""
            \#(head),"task":"detection",\#(input),"resize":"letterbox","padding":114,"layout":"NHWC"},"classes":["a"],
            "outputs":{"boxes":"b","boxForm":"centreLast","nmsIoU":0.5,"findingsMax":50,"perClassNMS":false},
            "calibration":{"method":"isotonic","points":[[0.1,0],[0.5,0.4],[0.50001,0.4],[0.9,1]]}}
            """#,
            #"""
            \#(head),"task":"segmentation",\#(input),"scale":1,"mean":[1,2,3]},"classes":["a","b"],"outputs":{"mask":"m",
            "activation":"softmax","areaMin":9},"calibration":{"method":"temperature","t":2}}
            """#,
            #"""
            \#(head),"task":"anomaly",\#(input),"resize":"centreCrop"},"outputs":{"score":"s","map":"m","regionLevel":0.8,
            "scoreRange":{"lower":2,"upper":12.5}},"calibration":{"method":"none"}}
            """#,
            """
            schema: andon.model-card/1
            name: cells
            version: "3"
            task: classification
            file: cells.onnx
            sha256: \(String(repeating: "0a", count: 32))
            licence: MIT
            input:
              name: x
              width: 224
              height: 224
            outputs: { probabilities: p }
            classes: [crack]
            """,
        ].asBytes
    }()

    private static func check(_ input: ModelCard.InputSpec) throws {
        let channels = input.colour.rawValue
        try promise(
            1...4096 ~= input.width && 1...4096 ~= input.height && 1e-6...1e3 ~= input.scale,
            "the input's size or scale is out of range")
        try promise(
            input.mean.count == channels && input.mean.allSatisfy { -1e6...1e6 ~= $0 }
                && input.std.count == channels && input.std.allSatisfy { 1e-6...1e6 ~= $0 },
            "mean or deviation is out of range")
    }

    private static func check(_ outputs: ModelCard.OutputSpec) throws {
        try promise(!outputs.names.isEmpty && !outputs.names.contains(""), "an output has no name")
        switch outputs {
        case .classification: return
        case .detection(let output):
            try promise(0...1 ~= output.nmsIoU && 1...1000 ~= output.findingsMax, "the detection is out of range")
        case .segmentation(let output):
            try promise(output.areaMin > 0 && 1...1000 ~= output.findingsMax, "the segmentation is out of range")
        case .anomaly(let output):
            let range = output.scoreRange
            try promise(
                range.lowerBound < range.upperBound && (range.upperBound - range.lowerBound).isFinite
                    && 0...1 ~= output.regionLevel && output.areaMin > 0 && 1...1000 ~= output.findingsMax,
                "the anomaly is out of range")
        }
    }

    private static func check(_ calibration: Calibration) throws {
        let confidences = (0...20).map { calibration.confidence(Double($0) / 20) }
        try promise(confidences.allSatisfy { 0...1 ~= $0 }, "a confidence is outside 0...1: \(confidences)")
        try promise(
            zip(confidences, confidences.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 },
            "a confidence falls as the score rises: \(confidences)")
    }

    /// A rule has faults, or gives 0...1 for every finding, and never less for one that is surer or larger.
    private static let severityRule = FuzzTarget(
        "severity-rule", shortCount: 1000,
        seeds: {
            [
                #"""
                {"millimetresPerPixel":[0.5,0.25],"confidenceFloor":0.2,"sizeFloor":0.5,"areaReference":100,"elsewhere":0.9,
                "classes":{"crack":{"weight":0.8,"areaReference":50},"stain":{"weight":0.1}},"zones":[
                {"name":"seal","factor":1.5,"polygon":[[0,0],[0.5,0],[0.5,1],[0,1]]},
                {"name":"rim","factor":0.5,"in":"pixels","polygon":[[0,0],[300,0],[300,10],[0,10]]}]}
                """#,
                "weight: 3\nmillimetresPerPixel: 0.1\nzones:\n- name: a\n  factor: 2\n  polygon: [[0, 0], [1, 0], [1, 1]]\n",
            ].asBytes
        },
        check: { input in
            guard let rule = try settings(input, { SeverityRule(reading: $0) }) else { return }
            for name in rule.classes.keys.sorted().prefix(4) + ["other"] {
                for box in [nil, Box(x: 0, y: 0, width: 1, height: 1), Box(x: 90, y: 3, width: 200, height: 190)] {
                    let values = [0, 0.5, 1].flatMap { confidence in
                        let finding = AndonVision.Finding(
                            defectClass: name, score: confidence, confidence: confidence, isCalibrated: true, box: box)
                        return box == nil ? [severity(finding, rule)] : sized(finding).map { severity($0, rule) }
                    }
                    let perConfidence = values.count / 3
                    for (index, value) in values.enumerated() {
                        try promise(0...1 ~= value, "a severity of \(value)")
                        let isSurer = index >= perConfidence
                        try promise(
                            !isSurer || values[index - perConfidence] <= value + 1e-12, "less for a surer finding")
                        try promise(
                            index % perConfidence == 0 || values[index - 1] <= value + 1e-12, "less for a larger one")
                    }
                }
            }
        })

    private static func severity(_ finding: AndonVision.Finding, _ rule: SeverityRule) -> Double {
        rule.severity(of: finding, frame: (width: 400, height: 200)).value
    }

    /// The same finding with outlines that grow, in the same place.
    private static func sized(_ finding: AndonVision.Finding) -> [AndonVision.Finding] {
        [0, 1, 10, 1000].map { side in
            var sized = finding
            sized.outline = [[Point(x: 0, y: 0), Point(x: side, y: 0), Point(x: side, y: side)]]
            return sized
        }
    }

    // MARK: Models and inference servers

    /// A model is refused, or is written as it was read and maps features that fit it to finite distances.
    private static let anomalyModel = FuzzTarget(
        "anomaly-model",
        seeds: {
            let models =
                try [anomalySample(rows: 3, columns: 2, depth: 3, smoothing: 1)]
                + [anomalySample(rows: 1, columns: 1, depth: 1, smoothing: 0)]
            let threshold = try AnomalyThreshold(scores: [1, 2, 3, 4, 5])
            let file = AnomalyFile(
                model: models[1], threshold: threshold, backbone: .init(bytes: [1, 2, 3], output: "layer2"))
            return try models.map { $0.encode() } + [file.encode()]
        },
        check: { input in
            guard !AnomalyFile.isOne(input) else {
                guard let file = try? AnomalyFile(decoding: input) else { return }
                return try promise(
                    try AnomalyFile(decoding: file.encode()) == file, "a file is written otherwise than it was read")
            }
            guard let model = try? AnomalyModel(decoding: input) else { return }
            try promise(model.encode() == input, "a model is written otherwise than it was read")
            let (places, depth) = (model.rows * model.columns, model.depth)
            // The depth of features is not bounded by the file: here small ones only.
            guard places * depth <= 1 << 14 else { return }
            for value: Float in [0, 1, -.greatestFiniteMagnitude] {
                let features = FeatureMap(
                    rows: model.rows, columns: model.columns, depth: depth,
                    values: [Float](repeating: value, count: places * depth))
                let map = try model.map(features)
                try promise(
                    map.values.allSatisfy { $0.isFinite && $0 >= 0 },
                    "features of \(value) give distances that are none, smoothed by \(model.smoothing)")
            }
        })

    private static func anomalySample(rows: Int, columns: Int, depth: Int, smoothing: Double) throws -> AnomalyModel {
        var random = SeededRandom(seed: 7)
        func features() -> FeatureMap {
            FeatureMap(
                rows: rows, columns: columns, depth: depth,
                values: (0..<(rows * columns * depth)).map { _ in Float(random.int(0...1000)) / 1000 })
        }
        var fit = try AnomalyFit(
            like: features(), identity: "fuzz-1", smoothing: smoothing, random: SeededSource(seed: 7))
        for _ in 0..<8 { try fit.add(features()) }
        return try fit.model()
    }

    private static let port = TensorPort(name: "y", shape: [-1, 2])
    private static var inference: OpenInferenceAnswers {
        get throws {
            try OpenInferenceAnswers(
                of: OpenInferenceServer(host: "h", port: 1, model: "m", answerBytesMax: 1 << 20), inputs: [port],
                outputs: [port])
        }
    }

    /// What is read is no larger than what came; a refusal is short.
    private static func bounded(
        _ input: [UInt8], _ read: () throws(InferenceError) -> [String: Tensor]
    ) throws {
        try refusable {
            let tensors = try read()
            try promise(Set(tensors.keys) == ["y"], "other outputs than were asked for: \(tensors.keys.sorted())")
            try promise(tensors.values.allSatisfy { $0.values.count <= input.count }, "more values than bytes")
        }
    }

    private static func refusable(_ read: () throws -> Void) throws {
        do {
            try read()
        } catch let error as InferenceError {
            try promise(error.description.utf8.count < 4000, "the refusal is long")
        }
    }

    /// JSON alone, or two bytes for the JSON's length with tensors after it.
    private static let inferenceBody = FuzzTarget(
        "inference-body",
        seeds: {
            let output = #"{"name":"y","datatype":"FP32","shape":[1,2],"#
            let other = #"{"name":"z","datatype":"INT64","shape":[1],"parameters":{"binary_data_size":8}}"#
            let head = Array(#"{"outputs":[\#(output)"parameters":{"binary_data_size":8}},\#(other)]}"#.utf8)
            let values: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64] + [1, 0, 0, 0, 0, 0, 0, 0]
            let json = [
                #"{"model_name":"m","outputs":[\#(output)"data":[[1,-2.5]]}]}"#,
                #"{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3,224,224]}],"outputs":[\#(output)"p":1}]}"#,
            ]
            return json.asBytes + [[UInt8(head.count >> 8), UInt8(head.count & 0xFF)] + head + values]
        },
        check: { input in
            let answers = try inference
            guard input.first != UInt8(ascii: "{") else {
                try bounded(input) { () throws(InferenceError) in
                    try answers.tensors(http: input, headerBytes: nil, outputs: ["y"])
                }
                return try refusable { try check(try answers.ports(http: input)) }
            }
            guard input.count >= 2 else { return }
            let length = Int(input[0]) << 8 | Int(input[1])
            try bounded(input) { () throws(InferenceError) in
                try answers.tensors(http: Array(input.dropFirst(2)), headerBytes: "\(length)", outputs: ["y"])
            }
        })

    private static func check(_ ports: (inputs: [TensorPort], outputs: [TensorPort])) throws {
        for ports in [ports.inputs, ports.outputs] {
            try promise(1...64 ~= ports.count && ports.allSatisfy { $0.shape.count <= 8 }, "too many ports or axes")
        }
    }

    /// The bytes are read as each message in turn.
    private static let inferenceGRPC = FuzzTarget(
        "inference-grpc",
        seeds: {
            let values: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64]
            let output = field(1, Array("y".utf8)) + field(2, Array("FP32".utf8)) + field(3, [1, 2])
            // 1 and -1; a negative number has ten bytes.
            let integers = field(3, [1] + [UInt8](repeating: 0xFF, count: 9) + [1])
            return [
                field(1, Array("m".utf8)) + field(5, output) + field(6, values),
                field(5, output + field(5, field(6, values))), field(5, output + field(5, integers)),
                field(4, output) + field(5, output), [8, 1],
                field(1, Array("triton".utf8)) + field(2, Array("2.60.0".utf8)),
            ]
        },
        check: { input in
            let answers = try inference
            try bounded(input) { () throws(InferenceError) in try answers.tensors(grpc: input, outputs: ["y"]) }
            try refusable { try check(try answers.ports(grpc: input)) }
            try refusable { _ = try answers.isReady(grpc: input) }
            try refusable { _ = try answers.nameAndVersion(grpc: input) }
        })

    /// A field of bytes or of a message, of less than 128 bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
}
