import AndonModel
import Foundation

/// What Roboflow Inference answers and sends (github.com/roboflow/inference, responses and workflows; the field names of its
/// event writer). A box's x and y are its middle.
///
/// All get `found`, a list of predictions as they are, or one of `{class, confidence}`.
enum RoboflowEvents {
    static let defaults = MappingDefaults(
        detectedAt: "/capturedAt", unit: "/event_data/externalId", model: "/model_id", defects: EventDialect.found,
        defect: DefectDefaults(
            defectClass: "/class", confidence: "/confidence", severity: "/severity",
            severities: ["low": "0.3", "medium": "0.6", "high": "0.9"],
            box: BoxMapping(
                place: .four(.fixed("/x"), .fixed("/y"), .fixed("/width"), .fixed("/height")), form: .centre),
            polygon: "/points", mask: "/rle_mask", attributes: ["track": "/tracker_id", "detection": "/detection_id"]),
        attributes: ["event": "/event_schema", "custom": "/custom_metadata"])

    static func parts(_ members: [String: FieldValue]) throws(MappingRefusal) -> [EventPart] {
        if members["event_schema"] != nil { return written(members) }
        guard case .list(let outputs)? = members["outputs"] else { return [try answer(members, at: "")] }
        var parts: [EventPart] = []
        for (index, output) in outputs.enumerated() {
            guard case .object(var fields) = output else {
                throw MappingRefusal(
                    place: "/outputs/\(index)", what: "is \(output.kindName), not a structure",
                    remedy: "send the workflow's answer as it is")
            }
            fields[EventDialect.request] = members[EventDialect.request]
            parts.append(try answer(fields, at: "/outputs/\(index)"))
        }
        return parts
    }

    // MARK: A model's answer

    /// - Parameter fields: a model's answer, or a workflow's output that has one among its members.
    private static func answer(_ fields: [String: FieldValue], at place: String) throws(MappingRefusal) -> EventPart {
        let whole = FieldValue.object(fields)
        let inner = fields.keys.sorted().filter { !isAnswer(whole) && fields[$0].map(isAnswer) == true }
        guard inner.count <= 1 else {
            throw MappingRefusal(
                place: place, what: "has several models' answers: \(inner.joined(separator: ", "))",
                remedy: "let the workflow send one of them to this source")
        }
        let found = inner.first.flatMap { fields[$0] } ?? whole
        guard isAnswer(found), let said = found.members else {
            throw MappingRefusal(
                place: place, what: "has no predictions",
                remedy: "send a model's answer or a workflow's outputs, or take dialect: webhook and map the fields")
        }
        var out = fields
        out["found"] = .list(defects(said))
        out["capturedAt"] = time(fields) ?? fields[EventDialect.request]?["receivedAt"]
        return EventPart(
            fields: .object(out), key: (whole["inference_id"] ?? found["inference_id"])?.words, picture: picture(fields)
        )
    }

    private static func isAnswer(_ value: FieldValue) -> Bool {
        guard let members = value.members else { return false }
        switch members["predictions"] {
        // A workflow calls its output as it likes, and often "predictions": that one holds the answer.
        case .object(let inner)?: return members["predicted_classes"] != nil && inner["predictions"] == nil
        case .list?: return true
        default: return members["anomaly_score"] != nil
        }
    }

    private static func defects(_ answer: [String: FieldValue]) -> [FieldValue] {
        let whole = FieldValue.object(answer)
        if let score = whole["anomaly_score"]?.number { return anomaly(score, whole) }
        // Of one label the best, of several those that were taken.
        if let top = whole["top"] {
            return top.words == nil ? [] : [.object(["class": top, "confidence": whole["confidence"] ?? .null])]
        }
        if let taken = whole["predicted_classes"]?.elements {
            return taken.map { name in
                let share = name.words.flatMap { whole["predictions"]?[$0]?["confidence"] }
                return .object(["class": name, "confidence": share ?? .null])
            }
        }
        return whole["predictions"]?.elements ?? []
    }

    /// The score is raw; the confidence is sigmoid((score - threshold) / scale).
    private static func anomaly(_ score: Double, _ answer: FieldValue) -> [FieldValue] {
        let threshold = answer["anomaly_threshold"]?.number ?? 0.5
        let isDefect = answer["is_anomalous"].map { $0 == .bool(true) } ?? (score >= threshold)
        guard isDefect else { return [] }
        let scale = answer["anomaly_scale"]?.number.flatMap { $0 > 0 ? $0 : nil }
        let confidence = scale.map { FieldValue.number(1 / (1 + exp((threshold - score) / $0))) }
        return [.object(["class": .text("anomaly"), "confidence": confidence ?? .null])]
    }

    /// Of a workflow's image.
    private static func time(_ fields: [String: FieldValue]) -> FieldValue? {
        fields.keys.sorted().lazy.compactMap { fields[$0]?["video_metadata"]?["frame_timestamp"] }
            .first { $0.words.map { Timestamp($0) != nil } == true }
    }

    /// Where there is exactly one: of several nobody knows which is the camera's own.
    private static func picture(_ fields: [String: FieldValue]) -> String? {
        let pictures = fields.values.filter { $0["type"]?.text == "base64" }.compactMap { $0["value"]?.text }
        return pictures.count == 1 ? pictures[0] : nil
    }

    // MARK: The event writer

    /// A report for each image; one without a picture where there is none.
    private static func written(_ members: [String: FieldValue]) -> [EventPart] {
        let images = members["images"]?.elements?.filter { $0.members != nil } ?? []
        let event = FieldValue.object(members)["event_data"] ?? .object([:])
        let said = verdict(members["event_schema"]?.words ?? "", event)
        func part(_ image: FieldValue?) -> EventPart {
            var fields = members
            // The picture goes where pictures go.
            fields["images"] = nil
            fields["image"] = image.map(withoutPictures)
            fields["capturedAt"] = members["inference_timestamp"]
            fields["found"] = .list(found(image, said))
            return EventPart(
                fields: .object(fields), key: nil,
                picture: (image?["inputBase64Image"] ?? image?["base64Image"])?.text)
        }
        return images.isEmpty ? [part(nil)] : images.map { part($0) }
    }

    private enum Verdict {
        case good
        /// What the event itself says; where the image says more exactly, that counts.
        case defect([String: FieldValue], isFallback: Bool)
    }

    private static func verdict(_ schema: String, _ event: FieldValue) -> Verdict {
        switch schema {
        case "quality_check":
            event["result"]?.words == "pass" ? .good : .defect(["class": .text("quality_check")], isFallback: true)
        case "safety_alert":
            .defect(
                ["class": event["alertType"] ?? .text("safety_alert"), "severity": event["severity"] ?? .null],
                isFallback: false)
        default: .defect(["class": event["value"] ?? .text(schema)], isFallback: true)
        }
    }

    private static func found(_ image: FieldValue?, _ verdict: Verdict) -> [FieldValue] {
        guard case .defect(let said, let isFallback) = verdict else { return [] }
        guard isFallback else { return [.object(said)] }
        let seen = ["instanceSegmentations", "objectDetections", "keypoints"].lazy
            .compactMap { image?[$0]?.elements }.first { !$0.isEmpty }
        // A classification lists all classes that there are.
        let best = image?["classifications"]?.elements?.max {
            ($0["confidence"]?.number ?? 0) < ($1["confidence"]?.number ?? 0)
        }
        return seen ?? [best ?? .object(said)]
    }

    private static func withoutPictures(_ image: FieldValue) -> FieldValue {
        guard case .object(var members) = image else { return image }
        members["base64Image"] = nil
        members["inputBase64Image"] = nil
        return .object(members)
    }
}
