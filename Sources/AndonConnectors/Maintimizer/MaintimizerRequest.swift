import AndonModel
import Foundation

/// Our order as the columns of a work request.
struct MaintimizerRequest {
    let order: WorkOrder
    let configuration: MaintimizerConfiguration

    /// The name of the order's picture, where it has one.
    var image: String? {
        order.picture.map { Attachment(reference: order.reference, role: .original, picture: $0).fileName }
    }

    /// Columns in the order of the file, and further ones behind them.
    func cells(image: String?) throws(ConnectorError) -> [(name: String, value: String)] {
        let csv = configuration.csv
        let text = OrderText(order)
        var values = text.fields.mapValues { csv.holdable($0.withoutControls) }
        values["details"] = csv.holdable(
            "\(order.originTag ?? "AI vision detection")\n\(text.longText)".withoutControls
        ).replacing("\n", with: "\r\n").replacing("\r\r\n", with: "\r\n")
        values["assetKnown"] = order.place.assetKnown ? order.place.asset : nil
        values["requestPriority"] = configuration.priorities.word(for: order.priority)
        values["requestType"] = order.orderType ?? configuration.types[order.kind.rawValue]
        values["requestedBy"] = configuration.requestedBy
        let local = text.plantTime(order.detectedAt)
        values["requestDate"] = ClockForm.text(local, configuration.dateForm)
        values["requestTime"] = ClockForm.text(local, configuration.timeForm)
        values["image"] = image
        let filled = try configuration.fields.filled(with: values)
        let names = MaintimizerConfiguration.columns + configuration.fields.fields.map(\.name)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.map { name in
            (name, filled[name].flatMap { $0.string ?? $0.number.map(JSON.ecmaScriptText(of:)) } ?? "")
        }
    }
}
