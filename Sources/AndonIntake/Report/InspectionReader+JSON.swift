import AndonModel

extension InspectionReader {
    /// The canonical stored form: what `read` would take again, and would read as the same inspection.
    ///
    /// Missing values are missing members; regions are in pixels; times are UTC; `kind`, `inspected` and `defects`
    /// always stand there.
    public static func json(of inspection: Inspection) -> JSON {
        .object(present: [
            "schema": .string(schemaVersion), "id": .string(inspection.id), "kind": .string(inspection.kind.rawValue),
            "detectedAt": .time(inspection.detectedAt), "camera": .string(inspection.camera),
            "zone": inspection.zone.map(JSON.string), "asset": inspection.asset.map(JSON.string),
            "lot": inspection.lot.map(JSON.string), "unit": inspection.unit.map(JSON.string),
            "model": inspection.model.map(json(of:)), "inspected": .integer(inspection.inspected),
            "picture": inspection.picture.map(json(of:)), "defects": .array(inspection.defects.map(json(of:))),
            "attributes": attributes(inspection.attributes),
        ])
    }

    private static func attributes(_ members: [String: JSON]) -> JSON? {
        members.isEmpty ? nil : .object(members)
    }

    private static func json(of model: VisionModel) -> JSON {
        .object(present: ["name": .string(model.name), "version": model.version.map(JSON.string)])
    }

    private static func json(of picture: PictureClaim) -> JSON {
        .object(present: [
            "file": picture.file.map(JSON.string), "sha256": picture.sha256.map(JSON.string),
            "width": picture.width.map { .integer($0) }, "height": picture.height.map { .integer($0) },
        ])
    }

    private static func json(of defect: Defect) -> JSON {
        .object(present: [
            "class": .string(defect.defectClass), "confidence": defect.confidence.map(JSON.number),
            "severity": defect.severity.map(json(of:)), "box": defect.region.map { json(of: $0.box) },
            "polygon": defect.region?.polygon.map { points in
                .array(points.map { [.number($0.x), .number($0.y)] })
            },
            // A mask stands for its outline, which is made of it again; several polygons are written as COCO does.
            "segmentation": defect.mask
                ?? defect.region?.outline.map { rings in
                    .array(rings.map { ring in .array(ring.flatMap { [.number($0.x), .number($0.y)] }) })
                },
            "measurement": defect.measurement.map(json(of:)), "attributes": attributes(defect.attributes),
        ])
    }

    private static func json(of severity: Severity) -> JSON {
        switch severity {
        case .score(let score): .number(score)
        case .name(let name): .string(name)
        }
    }

    private static func json(of box: Box) -> JSON {
        ["x": .number(box.x), "y": .number(box.y), "width": .number(box.width), "height": .number(box.height)]
    }

    private static func json(of measurement: Measurement) -> JSON {
        .object(present: [
            "name": .string(measurement.name), "value": .number(measurement.value),
            "limit": measurement.limit.map(JSON.number), "unit": measurement.unit.map(JSON.string),
        ])
    }
}
