import AndonLedger
import AndonModel

/// Orders as a file that ``HistoryImport`` reads without a mapping of columns.
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
        return text(lines, separator)
    }

    /// Orders as a connector found them, in the words of the CMMS. What an order of Andon's is, is left out.
    public static func csv(_ orders: [OldOrder], separator: Character = ",") -> String {
        text(
            [HistoryColumn.allCases.map(\.rawValue)] + orders.filter { $0.remote.reference == nil }.map(line), separator
        )
    }

    private static func line(_ order: OldOrder) -> [String] {
        func time(_ value: Timestamp?) -> String { value?.description ?? "" }
        let (remote, closure) = (order.remote, order.remote.closure)
        let isOver = remote.state == .cancelled || remote.state == .merged || remote.state == .missing
        return HistoryColumn.allCases.map { column in
            switch column {
            case .number: order.number
            case .asset: order.asset ?? ""
            case .defectClass: closure?.problemCode ?? ""
            case .detected: time(order.reportedAt)
            case .created: time(order.createdAt)
            case .assigned: ""
            case .started: time(closure?.startedAt)
            case .finished: time(remote.state.isEnded ? closure?.closedAt : nil)
            case .closed: ""
            case .state: isOver ? "cancelled" : closure?.verdict == .falseAlarm ? "false alarm" : remote.vendorState
            // A number that stands for a level there is none of importance.
            case .priority: remote.priority.flatMap { Int($0) }.flatMap { (1...9).contains($0) ? "\($0)" : nil } ?? ""
            case .technician: closure?.technician ?? ""
            case .crew: order.crew ?? ""
            case .cause: closure?.causeCode ?? ""
            case .action: closure?.remedyCode ?? ""
            case .labour: closure?.labourHours.map { "\($0)" } ?? ""
            case .parts: (closure?.parts ?? []).map { "\($0.code)*\($0.quantity)" }.joined(separator: "|")
            }
        }
    }

    private static func text(_ lines: [[String]], _ separator: Character) -> String {
        lines.map { $0.map { field($0, separator) }.joined(separator: String(separator)) + "\r\n" }.joined()
    }

    private static func field(_ text: String, _ separator: Character) -> String {
        let special: Set<Character> = [separator, "\"", "\r", "\n", "\r\n"]
        guard text.contains(where: special.contains) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
