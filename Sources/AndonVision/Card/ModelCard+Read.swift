import AndonModel

extension ModelCard {
    /// Reads a card; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        let schema = reader.requiredText("schema")
        if !schema.isEmpty, schema != Self.schema, let node = reader.raw("schema") {
            reader.faults.add("should be \(Self.schema), found \(node.kindName)", at: node)
        }
        if reader.raw("task") == nil { reader.missing("task") }
        let task = reader.choice("task", default: Task.classification)
        let classes = Self.classes(reader, task)
        let goodClass = reader.text("goodClass")
        if let goodClass, let node = reader.raw("goodClass") {
            if !classes.contains(goodClass) {
                reader.faults.add("\"\(goodClass.cut(to: 40))\" is none of the classes", at: node)
            } else if classes.count == 1 {
                reader.faults.add("is the only class, so nothing would ever be a defect", at: node)
            }
        }
        self.init(
            name: reader.requiredName("name"), version: reader.requiredName("version"), task: task,
            file: Self.file(reader), sha256: Self.sha256(reader),
            opset: reader.integer("opset", in: 1...100) ?? 17,
            licence: reader.requiredName("licence"), trainedOn: reader.text("trainedOn", default: ""),
            commercialUse: reader.bool("commercialUse", default: false), input: Self.input(reader),
            outputs: Self.outputs(reader, task, classes.count), classes: classes, goodClass: goodClass,
            thresholds: Self.thresholds(reader, classes),
            threshold: reader.number("threshold", in: 0...1) ?? 0.5,
            calibration: reader.section("calibration").map { Calibration(reading: $0) } ?? .none,
            metrics: reader.raw("metrics")?.document ?? .object([:]))
        reader.finish()
    }

    private static func classes(_ reader: SettingsReader, _ task: Task) -> [String] {
        guard let node = reader.raw("classes") else {
            if task != .anomaly { reader.missing("classes") }
            return ["anomaly"]
        }
        let classes = reader.texts("classes")
        if classes.isEmpty || classes.count > 1_000 || Set(classes).count < classes.count
            || classes.contains("")
        {
            reader.faults.add("should be 1 to 1000 names, each once and none empty", at: node)
        }
        if task == .anomaly, classes.count > 1 {
            reader.faults.add("of task: anomaly there is one class, found \(classes.count)", at: node)
        }
        return classes
    }

    private static func file(_ reader: SettingsReader) -> String {
        let file = reader.requiredName("file")
        if file.contains("/") || file.contains("\\") || file.hasPrefix(".") || file.contains("\0"),
            let node = reader.raw("file")
        {
            reader.faults.add(
                "should be a plain file name in the card's own folder, found \(node.kindName)", at: node)
        }
        return file
    }

    private static func sha256(_ reader: SettingsReader) -> String {
        let text = reader.requiredName("sha256")
        let isDigest =
            text.utf8.count == 64
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        if !text.isEmpty, !isDigest, let node = reader.raw("sha256") {
            reader.faults.add(
                "should be 64 digits of 0-9 and a-f, as sha256sum prints; found \(node.kindName)", at: node)
        }
        return text
    }

    private static func thresholds(_ reader: SettingsReader, _ classes: [String]) -> [String: Double] {
        let known = Set(classes)
        var thresholds: [String: Double] = [:]
        for (name, node) in reader.named("thresholds") {
            if !known.contains(name) {
                reader.faults.add("\"\(name.cut(to: 40))\" is none of the classes", at: node)
            }
            thresholds[name] = reader.number(of: node, in: 0...1)
        }
        return thresholds
    }

    private static func input(_ reader: SettingsReader) -> InputSpec {
        guard let section = reader.section("input") else {
            if reader.raw("input") == nil { reader.missing("input") }
            return InputSpec(name: "", width: 1, height: 1)
        }
        return InputSpec(reading: section)
    }

    private static func outputs(_ reader: SettingsReader, _ task: Task, _ classes: Int) -> OutputSpec {
        if reader.raw("outputs") == nil { reader.missing("outputs") }
        let section = reader.section("outputs")
        defer { section?.finish() }
        switch task {
        case .classification: return .classification(.init(reading: section, classes: classes))
        case .detection: return .detection(.init(reading: section))
        case .segmentation: return .segmentation(.init(reading: section, classes: classes))
        case .anomaly: return .anomaly(.init(reading: section))
        }
    }
}

extension ModelCard.InputSpec {
    private enum Colour: String, CaseIterable { case grey, rgb }

    init(reading reader: SettingsReader) {
        let colour: Pixels.Colour = reader.choice("colour", default: Colour.rgb) == .grey ? .grey : .rgb
        let resize = reader.choice("resize", default: Resize.stretch)
        if resize != .letterbox, let node = reader.raw("padding") {
            reader.faults.add("only resize: letterbox has bars to fill", at: node)
        }
        self.init(
            name: reader.requiredName("name"), layout: reader.choice("layout", default: Layout.planar),
            width: Self.side("width", reader), height: Self.side("height", reader), colour: colour,
            scale: reader.number("scale", in: 1e-6...1e3) ?? 1.0 / 255,
            mean: reader.channels("mean", colour, in: -1e6...1e6),
            std: reader.channels("std", colour, in: 1e-6...1e6),
            resize: resize, padding: UInt8(reader.integer("padding", in: 0...255) ?? 114))
        reader.finish()
    }

    private static func side(_ key: String, _ reader: SettingsReader) -> Int {
        if reader.raw(key) == nil { reader.missing(key) }
        return reader.integer(key, in: 1...4096) ?? 1
    }
}

extension ModelCard.OutputSpec.Classification {
    init(reading reader: SettingsReader?, classes: Int) {
        let activation = reader?.activation(classes: classes) ?? .none
        self.init(
            probabilities: reader?.requiredName("probabilities") ?? "", activation: activation,
            severalLabels: reader?.bool("severalLabels", default: activation == .sigmoid))
    }
}

extension ModelCard.OutputSpec.Detection {
    init(reading reader: SettingsReader?) {
        if let reader, reader.raw("boxForm") == nil { reader.missing("boxForm") }
        let form =
            reader?.choice("boxForm", default: ModelCard.OutputSpec.BoxForm.centreFirst) ?? .centreFirst
        for key in ["nmsIoU", "perClassNMS"] where form == .endToEnd {
            if let reader, let node = reader.raw(key) {
                reader.faults.add(
                    "a model with boxForm: endToEnd drops overlaps itself; leave it out", at: node)
            }
        }
        self.init(
            boxes: reader?.requiredName("boxes") ?? "", boxForm: form,
            nmsIoU: reader?.number("nmsIoU", in: 0...1) ?? 0.45,
            findingsMax: reader?.integer("findingsMax", in: 1...1_000) ?? 300,
            perClassNMS: reader?.bool("perClassNMS", default: true) ?? true)
    }
}

extension ModelCard.OutputSpec.Segmentation {
    init(reading reader: SettingsReader?, classes: Int) {
        self.init(
            mask: reader?.requiredName("mask") ?? "",
            activation: reader?.activation(classes: classes) ?? .none,
            areaMin: reader?.integer("areaMin", in: 1...16_777_216) ?? 1,
            findingsMax: reader?.integer("findingsMax", in: 1...1_000) ?? 100)
    }
}

extension ModelCard.OutputSpec.Anomaly {
    init(reading reader: SettingsReader?) {
        let (score, map) = (reader?.name("score"), reader?.name("map"))
        if let reader, score == nil, map == nil {
            reader.faults.add("name the output \"score\", \"map\", or both", at: reader.node)
        }
        var range = 0.0...1.0
        if let section = reader?.section("scoreRange") {
            for key in ["lower", "upper"] where section.raw(key) == nil { section.missing(key) }
            let lower = section.number("lower", in: -1e12...1e12) ?? 0
            let upper = section.number("upper", in: -1e12...1e12) ?? (lower + 1)
            if lower < upper {
                range = lower...upper
            } else {
                section.faults.add("lower should be less than upper", at: section.node)
            }
            section.finish()
        }
        self.init(
            score: score, map: map, scoreRange: range,
            regionLevel: reader?.number("regionLevel", in: 0...1) ?? 0.7,
            areaMin: reader?.integer("areaMin", in: 1...16_777_216) ?? 1,
            findingsMax: reader?.integer("findingsMax", in: 1...1_000) ?? 20)
    }
}

extension SettingsReader {
    /// A text that is there and has something in it.
    fileprivate func requiredName(_ key: String) -> String {
        if raw(key) == nil { missing(key) }
        return name(key) ?? ""
    }

    /// A text that, where it is written, has something in it.
    fileprivate func name(_ key: String) -> String? {
        let name = text(key)
        if name == "", let node = raw(key) { faults.add("should not be empty", at: node) }
        return name
    }

    fileprivate func activation(classes: Int) -> ModelCard.OutputSpec.Activation {
        let activation = choice("activation", default: ModelCard.OutputSpec.Activation.none)
        if activation == .softmax, classes == 1, let node = raw("activation") {
            faults.add(
                "softmax of one class is always 1; sigmoid is meant, or a class is missing", at: node)
        }
        return activation
    }

    /// One number for all channels, or a list with one for each.
    fileprivate func channels(
        _ key: String, _ colour: Pixels.Colour, in range: ClosedRange<Double>
    ) -> [Double]? {
        guard let node = raw(key) else { return nil }
        guard case .list(let elements) = node.value else {
            return number(of: node, in: range).map { Array(repeating: $0, count: colour.rawValue) }
        }
        let numbers = elements.compactMap { number(of: $0, in: range) }
        guard numbers.count == elements.count else { return nil }
        guard numbers.count == colour.rawValue else {
            faults.add(
                "should be \(colour.rawValue) numbers, one for each channel; found \(numbers.count)",
                at: node)
            return nil
        }
        return numbers
    }
}
