import AndonDraw
import AndonLedger
import AndonModel
import Foundation

extension SheetFigure {
    /// The page without its pictures.
    init(_ order: WorkOrder, paper: Plant.Paper) {
        let text = OrderText(order)
        let place = order.place
        let around = [place.station.map { "station \($0)" }, place.grid.map { "grid \($0)" }].compactMap { $0 }
        let dates: [Fact?] = [
            Fact("Detected", text.plantTime(order.detectedAt)), Fact("Raised", text.plantTime(order.raisedAt)),
            order.scheduledAt.map { Fact("Planned for", text.plantTime($0)) },
            Fact("Clock", order.timeZone),
        ]
        self.init(
            paper: paper == .letter ? .letter : .a4, title: text.title, reference: order.reference.text,
            priority: order.priority, path: place.path + (around.isEmpty ? [] : [around.joined(separator: ", ")]),
            dates: dates.compactMap { $0 }, reason: order.reason, facts: Self.facts(order, text),
            footer: Self.footer(order), created: order.raisedAt.description)
    }

    private static func facts(_ order: WorkOrder, _ text: OrderText) -> [Fact] {
        let fields = text.fields
        func fact(_ name: String, _ value: String?) -> Fact { Fact(name, value ?? "not stated") }
        let assignee = order.route.assignee ?? order.route.target.rawValue
        let optional: [Fact?] = [
            fields["measurement"].map { Fact("Measured", $0) },
            order.prediction.map { Fact("Prediction", $0.sentence) },
            order.unit.map { Fact("Unit", $0) },
        ]
        return [
            Fact("Defect", order.className + (order.classCode.map { " [\($0)]" } ?? "")),
            fact("Severity", fields["severity"].map { "\($0), \(order.severityBand)" }),
            fact("Confidence", fields["confidence"]), Fact("Criticality", order.criticality),
            Fact("Camera", order.camera), fact("Lot", order.lot), Fact("For", assignee),
            fact("Action", order.action), Fact("Control chart", order.spc ?? "not charted"),
            Fact("Before", Self.recurrence(order.recurrence)),
        ] + optional.compactMap { $0 }
    }

    private static func recurrence(_ recurrence: WorkOrder.Recurrence) -> String {
        let figures = "\(recurrence.detections) detections and \(recurrence.orders) orders in 30 days"
        let previous = recurrence.previous.map { "\($0.reference)" + ($0.cause.map { " (\($0))" } ?? "") }
        return previous.isEmpty ? figures : "\(figures): " + previous.joined(separator: ", ")
    }

    /// By these an auditor holds the paper against the ledger.
    private static func footer(_ order: WorkOrder) -> [String] {
        let picture = order.picture.map { "Original picture SHA-256 \($0.sha256)" } ?? "No picture was sent."
        let record = order.link.map { ", record \($0)" } ?? ""
        return [
            picture, "Detection \(order.detectionID), rule \(order.rule), rules version \(order.rulesVersion)",
            "Order \(order.reference) as raised \(order.raisedAt)\(record)",
        ]
    }
}
