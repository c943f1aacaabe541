import AndonModel

/// What Frigate publishes under `frigate/events` (docs.frigate.video, "MQTT"): `type` is new, update or end, and `after` is
/// how the event stands now. Its id is the same in all of them, so that the first one that counts makes the report.
enum FrigateEvents {
    static let defaults = MappingDefaults(
        camera: "/after/camera", detectedAt: "/after/start_time", detectedAtUnit: .seconds, defects: EventDialect.found,
        defect: DefectDefaults(
            defectClass: "/label", confidence: "/confidence",
            box: BoxMapping(place: .list(.fixed("/box")), form: .corners), attributes: ["subLabel": "/subLabel"]),
        attributes: ["event": "/type", "zones": "/after/current_zones"])

    static func part(_ members: [String: FieldValue]) throws(MappingRefusal) -> EventPart {
        guard case .object(let after)? = members["after"] else {
            throw MappingRefusal(
                place: "/after", what: "is not there",
                remedy: "send what Frigate publishes under frigate/events, with before and after")
        }
        var entry: [String: FieldValue] = [:]
        entry["label"] = after["label"]
        entry["confidence"] = FieldValue.object(after)["top_score"] ?? FieldValue.object(after)["score"]
        entry["box"] = after["box"]
        // A text, or a text with its score.
        entry["subLabel"] = after["sub_label"]?.elements?.first ?? after["sub_label"]
        var fields = members
        fields["found"] = .list([.object(entry)])
        return EventPart(fields: .object(fields), key: after["id"]?.words)
    }
}
