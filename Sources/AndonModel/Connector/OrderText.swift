import Foundation

/// The words of an order: title, long text, and the values that a field mapping may use.
public struct OrderText: Sendable {
    public let order: WorkOrder
    private let zone: TimeZone?

    public init(_ order: WorkOrder) {
        self.order = order
        zone = TimeZone(identifier: order.timeZone)
    }

    /// One line, for example `Scratch on PRESS-07 (severity 0.82 major, zone Z3)`.
    public var title: String {
        var facts: [String] = []
        if let severity = order.severity { facts.append("severity \(Self.figure(severity)) \(order.severityBand)") }
        if let zone = order.place.zone { facts.append("zone \(zone)") }
        let tail = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        let prefix = order.kind == .predictive ? "Predicted: " : ""
        return prefix + order.className.prefix(1).uppercased() + order.className.dropFirst()
            + " on \(order.place.assetName.map { "\(order.place.asset) \($0)" } ?? order.place.asset)" + tail
    }

    /// The facts that people look for first, for fields too short for a sentence: `Scratch 0.82 PRESS-07 Z3`.
    public var shortTitle: String {
        let name = order.className.prefix(1).uppercased() + order.className.dropFirst()
        let facts = [order.severity.map(Self.figure), order.place.asset, order.place.zone].compactMap { $0 }
        return ([order.kind == .predictive ? "Predicted:" : nil, name].compactMap { $0 } + facts).joined(separator: " ")
    }

    /// Everything that is known, a line each; facts that should be there and are not are said to be missing.
    public var longText: String {
        lines.map { $0.value.isEmpty ? $0.label : "\($0.label): \($0.value)" }.joined(separator: "\n")
    }

    private struct Line {
        var label: String
        var value: String
    }

    private var lines: [Line] {
        let place = order.place
        var lines = [
            Line(label: "Defect", value: order.className + (order.classCode.map { " [\($0)]" } ?? "")),
            Line(label: "Asset", value: assetLine), Line(label: "Location", value: locationLine),
            Line(
                label: "Severity",
                value: order.severity.map { "\(Self.figure($0)), \(order.severityBand)" } ?? "not stated"),
            Line(label: "Confidence", value: order.confidence.map(Self.figure) ?? "not stated"),
            Line(label: "Detected", value: bothTimes(order.detectedAt)),
            Line(label: "Received", value: bothTimes(order.receivedAt)),
            Line(label: "Camera", value: order.camera + (place.cameraKnown ? "" : " (not in the plant file)")),
            Line(
                label: "Priority",
                value: "\(order.priority) (severity \(order.severityBand), criticality \(order.criticality))"),
            Line(label: "Route", value: routeLine),
            Line(label: "Recommended action", value: order.action ?? "none mapped for this class"),
            Line(label: "Why", value: order.reason),
            Line(label: "Rule", value: "\(order.rule), rules version \(order.rulesVersion)"),
            Line(label: "Lot", value: order.lot ?? "not stated"),
            Line(label: "Recurrence", value: recurrenceLine),
            Line(label: "Control chart", value: order.spc ?? "this stream is not charted"),
        ]
        if let prediction = order.prediction { lines.append(Line(label: "Prediction", value: prediction.sentence)) }
        if let date = order.scheduledAt { lines.append(Line(label: "Planned for", value: bothTimes(date))) }
        if let unit = order.unit { lines.append(Line(label: "Unit", value: unit)) }
        if let measurement = order.measurement {
            lines.append(Line(label: "Measured", value: Self.text(of: measurement)))
        }
        if let box = order.region?.box {
            lines.append(Line(label: "Box in the picture", value: Self.text(of: box)))
        }
        if let model = order.model {
            lines.append(
                Line(label: "Model", value: [model.name, model.version].compactMap { $0 }.joined(separator: " ")))
        }
        lines.append(Line(label: "Picture", value: pictureLine))
        for (name, value) in order.attributes.sorted(by: { $0.key < $1.key }) {
            lines.append(Line(label: name, value: value.string ?? value.canonicalText))
        }
        if let link = order.link { lines.append(Line(label: "Record", value: link)) }
        lines.append(Line(label: "Reference", value: order.reference.text))
        if let tag = order.originTag { lines.append(Line(label: "Origin", value: tag)) }
        let missing = completeness.missing
        if !missing.isEmpty {
            lines.append(Line(label: "Incomplete, not known", value: missing.joined(separator: ", ")))
        }
        return lines
    }

    private var assetLine: String {
        let place = order.place
        let name = place.assetName.map { " \($0)" } ?? ""
        let source = place.criticalityReadAt.map { " (read from the asset registry \($0))" } ?? ""
        return place.assetKnown
            ? place.asset + name + ", criticality \(order.criticality)" + source
            : place.asset + " (not in the asset registry: the order went to the default location)"
    }

    private var locationLine: String {
        let place = order.place
        let zone = place.zone.map { id in "zone \(id)" + (place.zoneName.map { " \($0)" } ?? "") }
        let parts = [
            place.site.map { "site \($0)" }, place.line.map { "line \($0)" }, place.station.map { "station \($0)" },
            zone,
            place.grid.map { "grid \($0)" }, place.location.map { "functional location \($0)" },
        ].compactMap { $0 }
        return parts.isEmpty ? "not known" : parts.joined(separator: ", ")
    }

    private var routeLine: String {
        switch order.route.target {
        case .onCall: "on call, \(order.route.assignee ?? "nobody named")"
        case .backlog: order.route.alarm.map { "backlog (\($0))" } ?? "backlog"
        }
    }

    private var recurrenceLine: String {
        let figures =
            "\(order.recurrence.detections) earlier detections and \(order.recurrence.orders) earlier orders of this class on this asset in 30 days"
        guard !order.recurrence.previous.isEmpty else { return figures }
        let previous = order.recurrence.previous.map { "\($0.reference)" + ($0.cause.map { " (cause \($0))" } ?? "") }
        return figures + "; before: " + previous.joined(separator: ", ")
    }

    private var pictureLine: String {
        guard let picture = order.picture else { return "none was sent" }
        let size = picture.width.flatMap { width in picture.height.map { "\(width) x \($0), " } } ?? ""
        let damage = picture.damage.map { ", damaged: \($0)" } ?? ""
        return "\(size)\(picture.bytes) bytes, SHA-256 \(picture.sha256)\(damage)"
    }

    /// Plant time and UTC, both: `2026-11-24 00:26:57 Europe/Berlin (2026-11-23T23:26:57.000000Z)`.
    public func bothTimes(_ time: Timestamp) -> String {
        zone == nil ? time.description : "\(plantTime(time)) \(order.timeZone) (\(time))"
    }

    /// The clock on the plant's wall: `2026-11-24 00:26:57`; UTC where the zone is not known.
    public func plantTime(_ time: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1e6)
        let local = time + .seconds(zone?.secondsFromGMT(for: date) ?? 0)
        return String(local.description.prefix(19)).replacing("T", with: " ")
    }

    static func figure(_ value: Double) -> String { JSON.ecmaScriptText(of: (value * 1000).rounded() / 1000) }

    static func text(of box: Box) -> String {
        "x \(figure(box.x)), y \(figure(box.y)), \(figure(box.width)) x \(figure(box.height)) pixels"
    }

    static func text(of measurement: Measurement) -> String {
        let unit = measurement.unit.map { " \($0)" } ?? ""
        let limit = measurement.limit.map { ", limit \(figure($0))\(unit)" } ?? ""
        return "\(measurement.name) \(figure(measurement.value))\(unit)\(limit)"
    }
}

extension OrderText {
    /// How much of what a technician needs is known.
    public struct Completeness: Sendable {
        /// 0...1: the share of the mandatory facts that are there.
        public var score: Double
        public var missing: [String]
    }

    public var completeness: Completeness {
        let mandatory: [(String, Bool)] = [
            ("asset in the registry", order.place.assetKnown),
            ("line or functional location", order.place.line != nil || order.place.location != nil),
            ("zone", order.place.zone != nil), ("defect class in the rules", order.classKnown),
            ("severity", order.severity != nil), ("confidence", order.confidence != nil),
            ("recommended action", order.action != nil), ("picture", order.picture != nil),
            ("lot", order.lot != nil),
        ]
        let missing = mandatory.filter { !$0.1 }.map(\.0)
        return Completeness(score: Double(mandatory.count - missing.count) / Double(mandatory.count), missing: missing)
    }

    /// The values by the names that a field mapping uses, for example `{asset}` or `{severity}`. Unknown facts
    /// are absent.
    public var fields: [String: String] {
        let place = order.place
        let all: [String: String?] = [
            "reference": order.reference.text, "title": title, "shortTitle": shortTitle, "text": longText,
            "kind": order.kind.rawValue,
            "priority": String(order.priority), "orderType": order.orderType, "action": order.action,
            "severity": order.severity.map(Self.figure), "severityBand": order.severityBand,
            "criticality": order.criticality, "assignee": order.route.assignee, "reason": order.reason,
            "rule": order.rule, "rulesVersion": String(order.rulesVersion), "asset": place.asset,
            "assetName": place.assetName, "site": place.site, "location": place.location, "zone": place.zone,
            "zoneName": place.zoneName, "line": place.line, "station": place.station, "grid": place.grid,
            "class": order.defectClass, "className": order.className, "classCode": order.classCode,
            "confidence": order.confidence.map(Self.figure), "box": order.region.map { Self.text(of: $0.box) },
            "measurement": order.measurement.map(Self.text), "lot": order.lot, "unit": order.unit,
            "model": order.model?.name, "modelVersion": order.model?.version, "camera": order.camera,
            "inspectionId": order.inspectionID, "detectionId": order.detectionID, "eventKind": order.eventKind.rawValue,
            "detectedAt": order.detectedAt.description, "detectedAtLocal": bothTimes(order.detectedAt),
            "receivedAt": order.receivedAt.description, "raisedAt": order.raisedAt.description,
            "scheduledAt": order.scheduledAt?.description, "recurrence30d": String(order.recurrence.detections),
            "recurrenceOrders30d": String(order.recurrence.orders), "spc": order.spc, "originTag": order.originTag,
            "link": order.link, "pictureSha256": order.picture?.sha256,
            "completeness": String(Int((completeness.score * 100).rounded())),
        ]
        return all.compactMapValues { $0 }
    }

    /// The names that `fields` can have, for checking a mapping before the first order.
    public static let fieldNames: Set<String> = [
        "reference", "title", "shortTitle", "text", "kind", "priority", "orderType", "action", "severity",
        "severityBand",
        "criticality", "assignee", "reason", "rule", "rulesVersion", "asset", "assetName", "site", "location", "zone",
        "zoneName", "line", "station", "grid", "class", "className", "classCode", "confidence", "box", "measurement",
        "lot", "unit", "model", "modelVersion", "camera", "inspectionId", "detectionId", "eventKind", "detectedAt",
        "detectedAtLocal", "receivedAt", "raisedAt", "scheduledAt", "recurrence30d", "recurrenceOrders30d", "spc",
        "originTag", "link", "pictureSha256", "completeness",
    ]
}

/// A text that is added to an order in the CMMS. An earlier attempt is recognised by the key in its titles.
public struct Note: Hashable, Sendable {
    public var reference: Reference
    /// Unique among all notes, for example `MQSC0YO2ZN/12`.
    public var key: String
    /// One line for a list of notes, with the key in brackets.
    public var title: String
    /// The same for a field of 40 characters.
    public var shortTitle: String
    public var text: String
    /// The number of its kind for this order: of occurrences so far, or of moves of its date.
    public var count: Int
    /// Occurrences that it adds; 0 where it tells of something else.
    public var added: Int
}

extension Occurrence {
    public var note: Note {
        var lines = [
            "\(added) further \(added == 1 ? "occurrence" : "occurrences") of the same defect on the same asset, \(count) in all.",
            "Last seen: \(lastSeenAt)",
        ]
        if let worstSeverity { lines.append("Worst severity so far: \(OrderText.figure(worstSeverity))") }
        lines.append("The newest occurrence alone would have priority \(priority).")
        lines.append("Note: \(key)")
        return Note(
            reference: reference, key: key, title: "Seen again: \(count) occurrences [\(key)]",
            shortTitle: "\(count) occurrences [\(key)]", text: lines.joined(separator: "\n"), count: count,
            added: added)
    }
}
