import AndonLedger
import AndonModel

/// Orders as a file that ``HistoryImport`` reads without a mapping.
public enum HistoryFile {
    public static func csv(_ orders: [HistoryOrder], separator: Character = ",") -> String {
        var lines = [HistoryColumn.allCases.map(\.rawValue)]
        lines += orders.map { order in
            func time(_ value: Int64?) -> String { value.map { Timestamp(microseconds: $0).description } ?? "" }
            let isCancelled = order.outcome == .dropped
            return [
                order.number, order.asset, order.defectClass, time(order.detectedAt), time(order.raisedAt),
                time(order.assignedAt), time(order.startedAt), time(order.endedAt), time(order.closedAt),
                isCancelled ? "cancelled" : order.outcome == .falseAlarm ? "false alarm" : "",
                "\(order.priority)", order.technician ?? "", order.crew ?? "", order.cause ?? "", order.action ?? "",
                order.labourHours.map { "\($0)" } ?? "",
                order.parts.sorted { $0.key < $1.key }.map { "\($0.key)*\($0.value)" }.joined(separator: "|"),
            ]
        }
        return lines.map { $0.map { field($0, separator) }.joined(separator: String(separator)) + "\r\n" }.joined()
    }

    private static func field(_ text: String, _ separator: Character) -> String {
        let special: Set<Character> = [separator, "\"", "\r", "\n", "\r\n"]
        guard text.contains(where: special.contains) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
