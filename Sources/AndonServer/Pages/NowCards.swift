import AndonDecide
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb

/// What the templates of Now show of detections, orders and figures, in one language.
struct NowCards: Sendable {
    private let texts: Texts
    private let formats: Formats
    private let plant: Plant
    private let bands: SeverityBands
    private let pictureWidth: Int

    private static let page = "now"
    private static let reasonMax = 160
    private static let alarmsMax = 10

    /// - Parameter pictureWidth: one of `ThumbnailFolder.widths`.
    init(_ tools: PageTools, _ language: Language, pictureWidth: Int = 320) {
        (texts, formats) = (tools.web.texts(language), tools.web.formats(language))
        let force = tools.inForce()
        plant = force.plant
        bands = (force.rules as? Rules)?.bands ?? .standard
        self.pictureWidth = pictureWidth
    }

    // MARK: Detections

    /// For `now-card`.
    func card(_ detection: ShownDetection) -> [String: Any] {
        var values: [String: Any] = [:]
        values["row"] = "\(detection.row)"
        values["receivedAt"] = "\(detection.receivedAt.microseconds / 1000)"
        values["class"] = detection.defectClass
        values["asset"] = detection.asset
        values["assetName"] = plant.assets[detection.asset]?.name
        values["camera"] = detection.camera.isEmpty ? nil : detection.camera
        values["at"] = formats.second(detection.detectedAt)
        values["machineTime"] = Formats.machine(detection.detectedAt)
        values["origin"] = origin(detection.inspectionID)
        addSeverity(detection.severity, to: &values)
        addPicture(detection, to: &values)
        values["outcome"] = texts[Self.page, "outcome-\(detection.outcome.rawValue)"]
        if detection.outcome == .raised { values["outcomeTag"] = "warn" }
        if detection.outcome == .recorded { values["reason"] = detection.reason.cut(to: Self.reasonMax) }
        values["order"] = detection.order.map { order($0) }
        return values
    }

    private func addSeverity(_ severity: Double?, to values: inout [String: Any]) {
        guard let severity else {
            values["severity"] = texts[Self.page, "severity-unstated"]
            return
        }
        let band = bands.name(for: severity)
        values["severity"] = word(ofBand: band)
        values["severityNumber"] = formats.number(severity, digits: 2)
        let place = bands.bands.firstIndex { $0.name == band } ?? 0
        switch bands.bands.count - 1 - place {
        case 0: values["severityTag"] = "bad"
        case 1: values["severityTag"] = "warn"
        default: break
        }
    }

    /// The standard bands have words in each language; others are called as the rules call them.
    private func word(ofBand name: String) -> String {
        let isStandard = SeverityBands.standard.bands.contains { $0.name == name }
        return isStandard ? texts[Self.page, "band-\(name)"] : name
    }

    private func addPicture(_ detection: ShownDetection, to values: inout [String: Any]) {
        guard let picture = detection.picture else { return }
        guard detection.isPictureKept else {
            values["isPictureGone"] = true
            return
        }
        values["picture"] = "/pictures/\(picture)"
        values["thumbnail"] = "/pictures/\(picture)/thumbnail?width=\(pictureWidth)"
        let place = plant.assets[detection.asset]?.name ?? detection.asset
        values["alternative"] = texts.text(Self.page, "picture-of", ["class": detection.defectClass, "asset": place])
    }

    /// What no camera reported.
    private func origin(_ inspection: String) -> String? {
        let kinds = [("spc:", "origin-chart"), ("trend:", "origin-trend"), ("learn:", "origin-proposal")]
        return kinds.first { inspection.hasPrefix($0.0) }.map { texts[Self.page, $0.1] }
    }

    // MARK: Orders

    /// For `now-order`.
    func order(_ order: ShownOrder) -> [String: Any] {
        var values: [String: Any] = [:]
        values["reference"] = order.reference.text
        values["orderName"] = order.name
        values["delivery"] = texts.text(
            Self.page, "delivery-\(order.delivery.rawValue)", ["connector": order.connector])
        switch order.delivery {
        case .acknowledged: values["deliveryTag"] = "good"
        case .dead: values["deliveryTag"] = "bad"
        case .waiting: values["deliveryTag"] = "warn"
        }
        values["seconds"] = order.secondsToOrder.map {
            texts.text(Self.page, "after", ["time": formats.duration($0)])
        }
        return values
    }

    // MARK: Figures

    /// For `now-figures`.
    func figures(_ summary: FlowSummary) -> [String: Any] {
        func count(_ key: String, _ value: Int, tag: String? = nil) -> [String: Any] {
            let isMore = value >= FlowSummary.countMax
            var figure: [String: Any] = [:]
            figure["value"] = formats.number(value) + (isMore ? "+" : "")
            figure["words"] = texts[Self.page, value == 1 ? "\(key).one" : "\(key).other"]
            if value > 0 { figure["tag"] = tag }
            return figure
        }
        var median: [String: Any] = [:]
        median["value"] = summary.medianSeconds.map { formats.duration($0) } ?? "–"
        median["words"] = texts[Self.page, "figure-median"]
        var figures = [count("figure-seen", summary.seen), count("figure-raised", summary.raised), median]
        figures.append(count("figure-waiting", summary.waiting))
        figures.append(count("figure-dead", summary.dead, tag: "bad"))
        figures.append(count("figure-alarms", summary.alarms.count, tag: "bad"))
        return ["figures": figures]
    }

    /// For `now-alarms`.
    func alarms(_ summary: FlowSummary) -> [String: Any] {
        var values: [String: Any] = [:]
        values["alarms"] = summary.alarms.prefix(Self.alarmsMax).map { alarm -> [String: Any] in
            var shown: [String: Any] = [:]
            shown["at"] = formats.time(alarm.at)
            shown["machineTime"] = Formats.machine(alarm.at)
            shown["detail"] = alarm.detail.cut(to: 300)
            shown["subject"] = alarm.subject
            shown["link"] = Self.link(alarm)
            return shown
        }
        let rest = summary.alarms.count - Self.alarmsMax
        if rest > 0 { values["more"] = texts.count(Self.page, "alarms-more", rest) }
        return values
    }

    /// Where a person goes on from an alarm; nil where there is no page for it.
    private static func link(_ alarm: ShownAlarm) -> String? {
        if let reference = alarm.reference { return "/orders/\(reference)" }
        switch alarm.kind {
        case "credentials", "poll-failed", "registry-unread", "missed-unread", "missed-unnamed", "source-away":
            return "/connectors"
        case "chart-streams", "limits-proposed": return "/charts"
        case "account-altered", "account-locked": return "/accounts"
        default:
            let version = alarm.subject.split(separator: "/").last.flatMap { Int($0) }
            return alarm.subject.hasPrefix("rules/") ? version.map { "/rules/\($0)" } : nil
        }
    }
}
