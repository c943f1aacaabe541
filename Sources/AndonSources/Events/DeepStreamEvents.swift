import AndonModel

/// The payloads of DeepStream's Gst-nvmsgconv (docs.nvidia.com/metropolis/deepstream, "Gst-nvmsgconv").
///
/// Both get the same members: `found` with a list of `{class, confidence, left, top, right, bottom, trackingId, attributes}`,
/// and `sensorId`.
enum DeepStreamEvents {
    static let defaults = MappingDefaults(
        camera: "/sensorId", detectedAt: "/@timestamp", model: "/analyticsModule/id",
        modelVersion: "/analyticsModule/version", defects: EventDialect.found,
        defect: DefectDefaults(
            defectClass: "/class", confidence: "/confidence",
            box: BoxMapping(
                place: .four(.fixed("/left"), .fixed("/top"), .fixed("/right"), .fixed("/bottom")), form: .corners),
            attributes: ["track": "/trackingId"]),
        attributes: ["event": "/event/type", "place": "/place/id", "video": "/videoPath"])

    /// Members of `object` that are not the object's kind.
    private static let plain: Set<String> = [
        "bbox", "location", "coordinate", "signature", "maskoutline", "pose", "embedding", "bbox3d",
    ]

    static func part(_ members: [String: FieldValue]) throws(MappingRefusal) -> EventPart {
        if case .list(let objects)? = members["objects"] { return try minimal(members, objects) }
        guard case .object(let object)? = members["object"] else {
            throw MappingRefusal(
                place: "", what: "has neither \"object\" nor \"objects\"",
                remedy:
                    "send the payloads of Gst-nvmsgconv, full or minimal, or take dialect: webhook and map the fields")
        }
        return full(members, object)
    }

    // MARK: One object a message

    private static func full(_ members: [String: FieldValue], _ object: [String: FieldValue]) -> EventPart {
        var entry: [String: FieldValue] = [:]
        let kind = object.keys.filter { !plain.contains($0) }.sorted().first { object[$0]?.members != nil }
        if let kind, let attributes = object[kind]?.members {
            entry["class"] = .text(kind)
            entry["confidence"] = confidence(attributes)
            entry["attributes"] = .object(attributes)
        }
        for (name, place) in [
            ("left", "topleftx"), ("top", "toplefty"), ("right", "bottomrightx"), ("bottom", "bottomrighty"),
        ] {
            entry[name] = object["bbox"]?[place]
        }
        entry["trackingId"] = object["id"]
        var fields = members
        fields["found"] = .list([.object(entry)])
        fields["sensorId"] = members["sensor"]?["id"] ?? members["sensorId"]
        return EventPart(fields: .object(fields), key: members["messageid"]?.words)
    }

    /// Where nothing else is said of an object, 1.0 stands for a confidence that nobody worked out; below 0 there is none.
    private static func confidence(_ attributes: [String: FieldValue]) -> FieldValue? {
        guard let value = attributes["confidence"], let number = value.number, number >= 0 else { return nil }
        let says = attributes.contains { $0.key != "confidence" && $0.value.words != nil }
        return number == 1 && !says ? nil : value
    }

    // MARK: One frame a message

    private static func minimal(
        _ members: [String: FieldValue], _ objects: [FieldValue]
    ) throws(MappingRefusal) -> EventPart {
        var found: [FieldValue] = []
        for (index, object) in objects.enumerated() {
            guard let text = object.text, let entry = entry(text) else {
                throw MappingRefusal(
                    place: "/objects/\(index)",
                    what: "is \(object.kindName), not trackingId|left|top|right|bottom|label",
                    remedy: "send the minimal payload of Gst-nvmsgconv, or take dialect: webhook and map the fields")
            }
            found.append(.object(entry))
        }
        var fields = members
        fields["found"] = .list(found)
        let key = ["sensorId", "id", "@timestamp"].map { members[$0]?.words ?? "" }
        return EventPart(
            fields: .object(fields), key: key.contains("") ? nil : key.joined(separator: " "))
    }

    /// `trackingId|left|top|right|bottom|label`, and after `|#|` what secondary models say, the confidence last. Without
    /// them no confidence is told.
    private static func entry(_ text: String) -> [String: FieldValue]? {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map { String($0).trimmed }
        guard parts.count >= 6, parts.count <= 200, !parts[5].isEmpty else { return nil }
        var entry: [String: FieldValue] = ["trackingId": .text(parts[0]), "class": .text(parts[5])]
        for (name, part) in zip(["left", "top", "right", "bottom"], parts[1...4]) {
            guard let number = FieldValue.text(part).number else { return nil }
            entry[name] = .number(number)
        }
        let said = parts[6...].filter { !$0.isEmpty && $0 != "#" }
        if parts.count > 6, parts[6] == "#", let last = said.last, let share = FieldValue.text(last).number,
            (0...1).contains(share)
        {
            entry["confidence"] = .number(share)
        }
        if !said.isEmpty { entry["attributes"] = .list(said.map { .text($0) }) }
        return entry
    }
}
