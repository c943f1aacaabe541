import AndonModel

extension InspectionReader {
    private static let defectMembers = [
        "class", "confidence", "severity", "box", "polygon", "polygonUnit", "segmentation", "measurement", "attributes",
    ]

    func defects(_ body: ObjectReader, size: PixelSize?) -> [Defect] {
        guard let elements = body.array("defects") else { return [] }
        guard elements.count <= limits.defectsMax else {
            body.fault(
                "defects",
                "has \(elements.count) defects and at most \(limits.defectsMax) are taken in one report; "
                    + "send the worst, and count the rest in attributes")
            return []
        }
        let regions = RegionReader(limits: limits, size: size)
        return elements.enumerated().compactMap { index, element in
            ObjectReader(
                element, at: "\(body.pointer)/defects/\(index)", known: Self.defectMembers, faults: body.faults
            ).map { defect($0, regions) }
        }
    }

    private func defect(_ reader: ObjectReader, _ regions: RegionReader) -> Defect {
        let region = regions.region(reader)
        return Defect(
            defectClass: reader.required("class", name(reader, "class")) ?? "",
            confidence: reader.number("confidence", in: 0...1), severity: severity(reader), region: region,
            mask: region?.maskPixels == nil ? nil : reader.value("segmentation"), measurement: measurement(reader),
            attributes: reader.attributes(bytesMax: limits.attributesBytesMax))
    }

    private func severity(_ reader: ObjectReader) -> Severity? {
        switch reader.value("severity") {
        case nil: return nil
        case .string: return name(reader, "severity").map { .name($0) }
        case .number(let score) where (0...1).contains(score): return .score(score)
        case .some(let value):
            reader.fault("severity", "should be a number from 0 to 1 or a name like \"major\", found \(value.shown)")
            return nil
        }
    }

    private func measurement(_ reader: ObjectReader) -> Measurement? {
        guard let measured = reader.object("measurement", known: ["name", "value", "limit", "unit"]) else { return nil }
        return Measurement(
            name: measured.required("name", name(measured, "name")) ?? "",
            value: measured.required("value", measured.number("value")) ?? 0, limit: measured.number("limit"),
            unit: name(measured, "unit"))
    }
}
