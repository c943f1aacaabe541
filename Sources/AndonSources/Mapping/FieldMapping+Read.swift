import AndonModel

extension FieldMapping {
    /// Where a section is missing, which is a fault of its own.
    static let unread: FieldMapping = {
        let none = FieldText.nothing
        return FieldMapping(camera: none, detectedAt: none, defect: DefectMapping(defectClass: none))
    }()

    init(reading reader: SettingsReader, defaults: MappingDefaults) {
        self.init(
            camera: reader.fieldText("camera", defaults.camera),
            detectedAt: reader.fieldText("detectedAt") ?? .fixed(defaults.detectedAt),
            defect: DefectMapping(reading: reader, defaults: defaults.defect))
        time = Self.time(reader, defaults)
        decode = Self.decodings(reader) ?? defaults.decode
        cameras = reader.table("cameras")
        asset = reader.fieldText("asset")
        zone = reader.fieldText("zone")
        lot = reader.fieldText("lot")
        unit = reader.fieldText("unit") ?? defaults.unit.map { .fixed($0) }
        model = reader.fieldText("model") ?? defaults.model.map { .fixed($0) }
        modelVersion = reader.fieldText("modelVersion") ?? defaults.modelVersion.map { .fixed($0) }
        inspected = reader.fieldText("inspected")
        defects = reader.place("defects") ?? defaults.defects
        good =
            reader.section("good").flatMap { Good(reading: $0) }
            ?? defaults.good.map { Good(field: .fixed($0.place), values: $0.values) }
        attributes = defaults.attributes.mapValues { .fixed($0) }
            .merging(reader.fieldTexts("attributes")) { $1 }
        reader.finish()
    }

    private static func time(_ reader: SettingsReader, _ defaults: MappingDefaults) -> TimeForm {
        let offset = reader.text("detectedAtOffset")
        if let offset, let node = reader.raw("detectedAtOffset"), Timestamp("2026-01-01T00:00:00\(offset)") == nil {
            reader.faults.add("should be an offset like +01:00 or Z, found \(node.kindName)", at: node)
        }
        // The unit of a default goes with the default's place.
        let unit = reader.raw("detectedAt") == nil ? defaults.detectedAtUnit : .text
        return TimeForm(unit: reader.choice("detectedAtUnit", default: unit), offset: offset)
    }

    /// Nil where none is written.
    private static func decodings(_ reader: SettingsReader) -> [FieldDecoding]? {
        guard reader.raw("decode") != nil else { return nil }
        return reader.named("decode").compactMap { place, node in
            guard place.hasPrefix("/") else {
                reader.faults.add("\"\(place.cut(to: 40))\" should be a place like /ResultContent", at: node)
                return nil
            }
            guard let text = reader.text(of: node) else { return nil }
            if text == "off" { return nil }
            guard let form = FieldForm(rawValue: text) else {
                reader.faults.add("should be json, key-value or off; found \(node.kindName)", at: node)
                return nil
            }
            return FieldDecoding(place: place, form: form)
        }
    }
}

extension FieldMapping.Good {
    init?(reading reader: SettingsReader) {
        let field = reader.requiredFieldText("field")
        let values = Set(reader.texts("is"))
        if values.isEmpty { reader.missing("is") }
        reader.finish()
        guard !values.isEmpty else { return nil }
        self.init(field: field, values: values)
    }
}

extension DefectMapping {
    /// The defect's options stand beside the report's, as most systems tell of one defect.
    init(reading reader: SettingsReader, defaults: DefectDefaults) {
        self.init(defectClass: reader.fieldText("class", defaults.defectClass))
        classes = reader.table("classes")
        confidence = reader.fieldText("confidence") ?? defaults.confidence.map { .fixed($0) }
        confidenceMax = reader.number("confidenceMax", in: 1e-6...1e9) ?? 1
        severity = reader.fieldText("severity") ?? defaults.severity.map { .fixed($0) }
        severityMax = reader.number("severityMax", in: 1e-6...1e9) ?? 1
        severities = defaults.severities.merging(reader.table("severities")) { $1 }
        box = Self.box(reader) ?? defaults.box
        polygon = reader.place("polygon") ?? defaults.polygon
        mask = reader.place("mask") ?? defaults.mask
        measurement = reader.section("measurement").map { section in
            defer { section.finish() }
            return MeasurementMapping(
                name: section.requiredFieldText("name"), value: section.requiredFieldText("value"),
                limit: section.fieldText("limit"), unit: section.fieldText("unit"))
        }
        attributes = defaults.attributes.mapValues { .fixed($0) }
            .merging(reader.fieldTexts("defectAttributes")) { $1 }
    }

    private static func box(_ reader: SettingsReader) -> BoxMapping? {
        let form = reader.choice("boxForm", default: BoxMapping.Form.corner)
        let unit = reader.choice("boxUnit", default: BoxMapping.Unit.pixel)
        guard let node = reader.raw("box") else {
            for key in ["boxForm", "boxUnit"] {
                if let stray = reader.raw(key) { reader.faults.add("there is no box to go with it", at: stray) }
            }
            return nil
        }
        guard case .map = node.value else {
            return reader.fieldText("box").map { BoxMapping(place: .list($0), form: form, unit: unit) }
        }
        guard let section = reader.section("box") else { return nil }
        defer { section.finish() }
        let names = form == .corners ? ["left", "top", "right", "bottom"] : ["x", "y", "width", "height"]
        let four = names.map { section.requiredFieldText($0) }
        return BoxMapping(place: .four(four[0], four[1], four[2], four[3]), form: form, unit: unit)
    }
}

extension SettingsReader {
    func fieldText(_ key: String) -> FieldText? {
        guard let node = raw(key), let text = text(of: node) else { return nil }
        do throws(FieldText.Fault) { return try FieldText(text) } catch {
            faults.add(error.reason, at: node)
            return nil
        }
    }

    func requiredFieldText(_ key: String) -> FieldText { fieldText(key, nil) }

    /// - Parameter own: what counts where nothing is written; nil where something has to be.
    func fieldText(_ key: String, _ own: String?) -> FieldText {
        guard raw(key) == nil else { return fieldText(key) ?? .nothing }
        if own == nil { missing(key) }
        return .fixed(own ?? "")
    }

    /// A place in the fields.
    func place(_ key: String) -> String? {
        guard let node = raw(key), let text = text(of: node) else { return nil }
        guard text.hasPrefix("/") else {
            faults.add("should be a place like /ResultContent/0, found \(node.kindName)", at: node)
            return nil
        }
        return text
    }

    func fieldTexts(_ key: String) -> [String: FieldText] {
        var found: [String: FieldText] = [:]
        for (name, node) in named(key) {
            guard let text = text(of: node) else { continue }
            do throws(FieldText.Fault) { found[name] = try FieldText(text) } catch {
                faults.add(error.reason, at: node)
            }
        }
        return found
    }

    /// Words by words.
    func table(_ key: String) -> [String: String] {
        var found: [String: String] = [:]
        for (name, node) in named(key) { found[name] = text(of: node) }
        return found
    }
}

extension FieldText {
    static let nothing = FieldText.fixed("")

    /// A place or text of the program's own, which is known to be one.
    static func fixed(_ text: String) -> FieldText { FieldText(own: text) }
}
