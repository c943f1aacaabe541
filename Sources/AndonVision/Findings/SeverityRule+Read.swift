import AndonModel

extension SeverityRule {
    /// Reads a camera's section; every mistake is noted. The result counts only where none was.
    public init(reading reader: SettingsReader) {
        let standard = ClassRule(reading: reader, standard: ClassRule())
        var classes: [String: ClassRule] = [:]
        for (name, node) in reader.named("classes") {
            let section = SettingsReader(node, faults: reader.faults, secrets: reader.secrets)
            classes[name] = ClassRule(reading: section, standard: standard)
            section.finish()
        }
        let zones = reader.list("zones")
        if zones.count > 100, let node = reader.raw("zones") { reader.faults.add("has over 100 zones", at: node) }
        self.init(
            millimetresPerPixel: Self.scale(reader), confidenceFloor: reader.number("confidenceFloor", in: 0...1) ?? 0,
            sizeFloor: reader.number("sizeFloor", in: 0...1) ?? 0.6, standard: standard, classes: classes,
            zones: zones.map {
                Zone(reading: SettingsReader($0, faults: reader.faults, secrets: reader.secrets))
            },
            elsewhere: reader.number("elsewhere", in: 0...100) ?? 1)
        reader.finish()
    }

    private static func scale(_ reader: SettingsReader) -> Scale? {
        guard let node = reader.raw("millimetresPerPixel") else { return nil }
        let range = 1e-6...1e6
        guard case .list(let pair) = node.value else {
            return reader.number(of: node, in: range).map { Scale(x: $0, y: $0) }
        }
        guard pair.count == 2 else {
            reader.faults.add("should be one number, or two for x and y; found \(pair.count)", at: node)
            return nil
        }
        guard let x = reader.number(of: pair[0], in: range), let y = reader.number(of: pair[1], in: range) else {
            return nil
        }
        return Scale(x: x, y: y)
    }
}

extension SeverityRule.ClassRule {
    fileprivate init(reading reader: SettingsReader, standard: Self) {
        self.init(
            weight: reader.number("weight", in: 0...100) ?? standard.weight,
            areaReference: reader.number("areaReference", in: 1e-9...1e12) ?? standard.areaReference)
    }
}

extension SeverityRule.Zone {
    fileprivate init(reading reader: SettingsReader) {
        let unit = reader.choice("in", default: Unit.shares)
        if reader.raw("polygon") == nil { reader.missing("polygon") }
        let range = unit == .shares ? 0.0...1.0 : 0.0...65_536.0
        let elements = reader.list("polygon")
        let polygon = elements.compactMap { node -> Point? in
            guard case .list(let pair) = node.value, pair.count == 2 else {
                reader.faults.add("should be a pair [x, y], found \(node.kindName)", at: node)
                return nil
            }
            guard let x = reader.number(of: pair[0], in: range), let y = reader.number(of: pair[1], in: range) else {
                return nil
            }
            return Point(x: x, y: y)
        }
        if let node = reader.raw("polygon"), !(3...1_000).contains(elements.count) {
            reader.faults.add("should have 3 to 1000 corners, found \(elements.count)", at: node)
        }
        if reader.raw("factor") == nil { reader.missing("factor") }
        self.init(
            name: reader.requiredText("name"), factor: reader.number("factor", in: 0...100) ?? 1, unit: unit,
            polygon: polygon)
        reader.finish()
    }
}
