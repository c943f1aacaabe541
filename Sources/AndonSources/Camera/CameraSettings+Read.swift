import AndonCapture
import AndonModel
import AndonVision

extension CameraSettings {
    /// Reads a source's section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        camera = reader.requiredText("camera")
        zone = reader.text("zone")
        if reader.raw("capture") == nil { reader.missing("capture") }
        capture = FrameSourceSettings(reading: reader.part("capture"))
        model = Model(reading: reader.part("model"))
        drop = DropPolicy(reading: reader)
        severity = SeverityRule(reading: reader.part("severity"))
        let health = reader.part("health")
        healthAsset = health.text("asset")
        self.health = CameraHealthSettings(reading: health.without("asset"))
        evidence = Evidence(reading: reader.part("evidence"))
        let good = reader.part("goodFrames")
        goodEvery = good.duration("every", in: .seconds(1) ... .seconds(3600)) ?? .seconds(10)
        good.finish()
        deadline = reader.duration("deadline", in: .milliseconds(1) ... .seconds(600)) ?? .milliseconds(100)
        network = reader.duration("network", in: .zero ... .seconds(600)) ?? .milliseconds(50)
        staleAfter = reader.duration("staleAfter", in: .milliseconds(1) ... .seconds(600)) ?? .seconds(2)
        alarmAfter = reader.duration("alarmAfter", in: .seconds(1) ... .seconds(7 * 86_400)) ?? .seconds(60)
        reader.finish()
    }
}

extension CameraSettings.Model {
    init(reading reader: SettingsReader) {
        card = reader.requiredText("card")
        shadow = reader.text("shadow")
        let engine = reader.part("engine")
        let (library, remote) = (engine.section("onnxruntime"), engine.section("openInference"))
        engine.finish()
        if let remote {
            if library != nil { engine.faults.add("name onnxruntime or openInference, not both", at: engine.node) }
            self.engine = .openInference(CameraSettings.OpenInference(reading: remote))
        } else {
            let path = library?.text("library")
            let threads = library?.integer("threads", in: 1...256) ?? 1
            library?.finish()
            self.engine = .onnxRuntime(library: path, threads: threads)
        }
        reader.finish()
    }
}

extension CameraSettings.OpenInference {
    public init(reading reader: SettingsReader) {
        url = reader.webAddress("url", example: "http://10.1.2.3:8000", isRequired: true) ?? ""
        form = reader.choice("protocol", default: .http)
        model = reader.text("model")
        timeout = reader.duration("timeout", in: .milliseconds(1) ... .seconds(60)) ?? .milliseconds(500)
        batchMax = reader.integer("batchMax", in: 1...1024) ?? 8
        gather = reader.duration("gather", in: .zero ... .milliseconds(5)) ?? .zero
        overlap = reader.integer("overlap", in: 1...64) ?? 2
        reader.finish()
    }
}

extension CameraSettings.Evidence {
    init(reading reader: SettingsReader) {
        before = reader.integer("before", in: 0...20) ?? 2
        after = reader.integer("after", in: 0...20) ?? 2
        ring = reader.duration("ring", in: .milliseconds(100) ... .seconds(60)) ?? .seconds(5)
        bytesMax = reader.byteCount("bytesMax", in: 1_000_000...2_000_000_000) ?? 64_000_000
        reader.finish()
    }
}

extension SettingsReader {
    /// A section that may be left out: then all its defaults hold.
    fileprivate func part(_ key: String) -> SettingsReader {
        section(key)
            ?? SettingsReader(
                Settings(.map([]), line: node.line, column: node.column, path: path(of: key), file: node.file),
                faults: faults, secrets: secrets)
    }

    private func path(of key: String) -> String { node.path.isEmpty ? key : "\(node.path).\(key)" }

    /// The same section without an option that another has read.
    fileprivate func without(_ key: String) -> SettingsReader {
        guard case .map(let entries) = node.value else { return self }
        var section = node
        section.value = .map(entries.filter { $0.key != key })
        return SettingsReader(section, faults: faults, secrets: secrets)
    }
}
