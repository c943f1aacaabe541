import AndonModel
import AndonSQL

/// Causes that persons found for points of a chart, and those that they took back.
extension FactsVerifier {
    func followCause(_ entry: FactEntry) throws {
        guard let causes else { return }
        let body = try entry.parsed().body
        let number = Int64(body["number"]?.integer ?? -1)
        let table = FactTable.cause.name
        if entry.kind == "chart.cause" {
            return try step(causes, entry, key: "\(number)") {
                try compareName(table, "\(number)", "stated_by", causes.value(0), body, "/by", entry.index)
                if !causes.value(1).isNull { withdrawn.insert("\(number)") }
            }
        }
        withdrawn.remove("\(number)")
        try compare(.causeWithdrawal, "\(number)", "WHERE id = ?", [number], entry)
        let by = try reader.row("SELECT withdrawn_by FROM chart_cause WHERE id = ?", [number])?[0] as DatabaseValue?
        try compareName(table, "\(number)", "withdrawn_by", by ?? .null, body, "/by", entry.index)
    }
}
