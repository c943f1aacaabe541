import AndonLedger
import AndonModel

/// A list of orders for spreadsheets (RFC 4180): a line each, with the same columns in every language.
enum OrdersFile {
    /// Lines at most.
    static let rowsMax = 100_000
    /// Orders that are read at once.
    static let step = 500

    private static let columns = [
        "reference", "number", "state", "delivery", "priority", "kind", "class", "asset", "assetName", "line", "lot",
        "connector", "raisedAt", "acknowledgedAt", "secondsToOrder", "lastSeenAt", "occurrences", "worstSeverity",
        "assignee", "endedAt", "cause", "verdict", "link",
    ]

    static var head: String { columns.joined(separator: ",") + "\r\n" }

    static func row(_ order: OrderRecord) -> String {
        values(order).map { cell($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// In the order of the columns.
    private static func values(_ order: OrderRecord) -> [String?] {
        func text(_ value: Double?) -> String? { value.map { "\($0)" } }
        func time(_ value: Timestamp?) -> String? { value.map(\.description) }
        let place = order.document.place
        let what: [String?] = [
            order.reference.text, order.remoteNumber, order.state.rawValue, order.delivery.rawValue,
            String(order.priority), order.kind.rawValue, order.defectClass,
        ]
        let whose: [String?] = [order.asset, place.assetName, place.line, order.document.lot, order.connector]
        let times: [String?] = [
            time(order.raisedAt), time(order.acknowledgedAt), text(order.secondsToOrder), time(order.lastSeenAt),
            String(order.occurrences), text(order.worstSeverity),
        ]
        let end: [String?] = [
            order.assignee, time(order.endedAt), order.closure?.causeCode, order.closure?.verdict?.rawValue,
            order.remoteLink,
        ]
        return what + whose + times + end
    }

    /// A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection).
    static func cell(_ value: String) -> String {
        var text = value
        if let first = value.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + value }
        let isPlain = !text.unicodeScalars.contains { [",", "\"", "\r", "\n"].contains($0) }
        return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension OrderRecord {
    /// From the arrival of the report to the CMMS's acknowledgement; nil while it has none.
    var secondsToOrder: Double? { acknowledgedAt.map { ($0 - document.receivedAt).seconds } }
}
