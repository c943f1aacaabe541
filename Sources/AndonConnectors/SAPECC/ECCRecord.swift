import AndonModel
import Foundation

/// A notification of ECC's with what is known of its order, read into our words.
struct ECCRecord {
    /// The answer of `BAPI_ALM_NOTIF_GET_DETAIL`.
    let detail: XMLTag
    /// The answer of `BAPI_ALM_ORDER_GET_DETAIL`; nil when there is no order, or orders are not read.
    var order: XMLTag?
    /// Rows of AFRU and of RESB.
    var confirmations: [ECCTables.Row] = []
    var parts: [ECCTables.Row] = []
    let configuration: ECCConfiguration

    private var header: XMLTag? { detail["NOTIFHEADER_EXPORT"] }
    var number: String? { header?.value("NOTIF_NO").map(SAPRecord.withoutZeros) }
    var orderNumber: String? {
        header?.value("ORDERID").flatMap { $0.allSatisfy { $0 == "0" } ? nil : ECCConfiguration.key($0, 12) }
    }

    var remote: RemoteOrder? {
        guard let number else { return nil }
        let state = state
        let reference = header?.value(configuration.referenceField)
            .flatMap {
                $0.hasPrefix(configuration.referencePrefix) ? $0.dropFirst(configuration.referencePrefix.count) : nil
            }
            .flatMap { Reference(String($0)) }
        return RemoteOrder(
            remoteID: number, reference: reference, state: state.ours, vendorState: state.theirs,
            priority: header?.value("PRIORITY"), assignee: person, closure: closure(state.ours), changedAt: changedAt)
    }

    // MARK: State

    private static let weights: [OrderState: Int] = [.cancelled: 5, .closed: 4, .done: 3, .inProgress: 2, .open: 1]

    private func strongest(_ text: String?) -> OrderState? {
        (text ?? "").split(separator: " ").compactMap { configuration.states[$0.uppercased()] }
            .max { Self.weights[$0, default: 0] < Self.weights[$1, default: 0] }
    }

    /// The order's state decides where there is one; a deleted notification is cancelled whatever its order says.
    private var state: (ours: OrderState, theirs: String) {
        let words = header?.value("SYS_STATUS") ?? detail["NOTIFHDTEXT"]?.value("SYS_STATUS") ?? ""
        let own = strongest(words) ?? (date(header, "COMPDATE", "COMPTIME") == nil ? .open : .closed)
        guard own != .cancelled, let order else { return (own, words) }
        let text = order["ES_HEADER"]?.value("SYS_STATUS")
        if let state = strongest(text) { return (state, text ?? words) }
        return (own == .closed ? .inProgress : own, text ?? words)
    }

    private var person: String? {
        confirmations.lazy.compactMap { $0["PERNR"] }.map(SAPRecord.withoutZeros).first { !$0.isEmpty }
            ?? order?["ES_HEADER"]?.value("PERS_NO").map(SAPRecord.withoutZeros).flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: The repair

    private func closure(_ state: OrderState) -> Closure? {
        let labour = labourHours
        let used = usedParts
        let notes = notes
        guard state.isEnded || labour != nil || !used.isEmpty || notes != nil else { return nil }
        return Closure(
            technician: person ?? lastHand, closedAt: state.isEnded ? closedAt : nil, labourHours: labour, parts: used,
            problemCode: living("NOTITEM").lazy.compactMap { $0.value("D_CODE") }.first,
            causeCode: living("NOTIFCAUS").lazy.compactMap { $0.value("CAUSE_CODE") }.first,
            remedyCode: living("NOTIFACTV").lazy.compactMap { $0.value("ACT_CODE") }.last, notes: notes)
    }

    /// Who wrote the last activity or cause down.
    private var lastHand: String? {
        (living("NOTIFACTV") + living("NOTIFCAUS")).lazy.compactMap {
            $0.value("CHANGED_BY") ?? $0.value("CREATED_BY")
        }.last
    }

    private func living(_ table: String) -> [XMLTag] {
        detail.rows(table).filter { $0.value("DELETE_FLAG") == nil }
    }

    /// A confirmation that was cancelled has a mark, and the one that cancels it names it. A unit that is no time of
    /// the table makes the sum unknown rather than wrong.
    private var valid: [ECCTables.Row] {
        confirmations.filter { row in
            row["STOKZ", default: ""].isEmpty && row["STZHL", default: ""].allSatisfy { $0 == "0" }
        }
    }

    private var labourHours: Double? {
        var sum = 0.0
        for row in valid {
            guard let quantity = Self.number(row["ISMNW"]), quantity != 0 else { continue }
            switch row["ISMNE", default: ""].uppercased() {
            case "H", "HR", "HUR", "STD": sum += quantity
            case "MIN": sum += quantity / 60
            default: return nil
            }
        }
        return sum > 0 ? (sum * 10_000).rounded() / 10_000 : nil
    }

    private var usedParts: [Closure.Part] {
        var order: [String] = []
        var quantities: [String: Double] = [:]
        for row in parts where row["XLOEK", default: ""].isEmpty {
            guard let code = row["MATNR"].map(SAPRecord.withoutZeros), !code.isEmpty,
                let quantity = Self.number(row["ENMNG"]), quantity != 0
            else { continue }
            if quantities[code] == nil { order.append(code) }
            quantities[code, default: 0] += quantity
        }
        return order.compactMap { code in
            guard let quantity = quantities[code], quantity > 0 else { return nil }
            return Closure.Part(code: code, quantity: quantity)
        }
    }

    private var notes: String? {
        let texts =
            valid.compactMap { $0["LTXA1"] }.filter { !$0.isEmpty }
            + living("NOTIFACTV").compactMap { $0.value("ACTTEXT") }
            + living("NOTIFCAUS").compactMap { $0.value("CAUSETEXT") }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    // MARK: Times and numbers

    private var closedAt: Timestamp? {
        date(order?["ES_HEADER"], "TECHNICAL_COMPLETION_DATE", "") ?? date(header, "COMPDATE", "COMPTIME") ?? changedAt
    }

    private var changedAt: Timestamp? {
        date(header, "CHANGED_ON", "CHANGED_AT") ?? date(header, "CREATED_ON", "CREATED_AT")
    }

    /// `2026-11-23` and `16:09:05`; zeros stand for no date.
    private func date(_ node: XMLTag?, _ day: String, _ time: String) -> Timestamp? {
        guard let date = node?.value(day), date.contains(where: { $0 != "0" && $0 != "-" }) else { return nil }
        let clock = node?.value(time).flatMap { $0.count == 8 ? $0 : nil } ?? "00:00:00"
        return configuration.clock.time("\(date)T\(clock)")
    }

    /// As `RFC_READ_TABLE` writes quantities: a sign behind, blanks before.
    static func number(_ text: String?) -> Double? {
        guard let text = text?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        let isNegative = text.hasSuffix("-")
        guard let value = Double(isNegative ? String(text.dropLast()) : text), value.isFinite else { return nil }
        return isNegative ? -value : value
    }
}
