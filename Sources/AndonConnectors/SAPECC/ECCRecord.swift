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
    var number: String? { header?.value("NOTIF_NO").map(SAPSystem.withoutZeros) }
    var orderNumber: String? {
        header?.value("ORDERID").flatMap { $0.allSatisfy { $0 == "0" } ? nil : ECCConfiguration.key($0, 12) }
    }

    var remote: RemoteOrder? {
        guard let number else { return nil }
        let state = state
        let reference = Reference(
            behind: configuration.system.referencePrefix, in: header?.value(configuration.referenceField))
        return RemoteOrder(
            remoteID: number, reference: reference, state: state.ours, vendorState: state.theirs,
            priority: header?.value("PRIORITY"), assignee: person, closure: closure(state.ours), changedAt: changedAt)
    }

    /// The order as people made it. The work centre's name stands among the texts: the header has its internal id
    /// (github.com/SAP/fundamental-tools, api/PMCSnotification/bapi_alm_notif_get_detail.js).
    func old(madeAt: Timestamp) -> OldOrder? {
        guard let remote, let number else { return nil }
        return OldOrder(
            remote, number: number, asset: asset, reportedAt: date(header, "STRMLFNDATE", "STRMLFNTIME") ?? madeAt,
            createdAt: madeAt, crew: detail["NOTIFHDTEXT"]?.value("WORK_CNTR"))
    }

    /// As our orders address it; a notification without it may name the other object.
    private var asset: String? {
        let equipment = header?.value("EQUIPMENT").map(SAPSystem.withoutZeros)
        let place = header?.value("FUNCT_LOC")
        return configuration.system.assetKind == .equipment ? equipment ?? place : place ?? equipment
    }

    // MARK: State

    private func furthest(_ text: String?) -> OrderState? {
        configuration.states.furthest(of: (text ?? "").split(separator: " "))
    }

    /// The order's state decides where there is one; a deleted notification is cancelled whatever its order says.
    private var state: (ours: OrderState, theirs: String) {
        let words = header?.value("SYS_STATUS") ?? detail["NOTIFHDTEXT"]?.value("SYS_STATUS") ?? ""
        let own = furthest(words) ?? (date(header, "COMPDATE", "COMPTIME") == nil ? .open : .closed)
        guard own != .cancelled, let order else { return (own, words) }
        let text = order["ES_HEADER"]?.value("SYS_STATUS")
        if let state = furthest(text) { return (state, text ?? words) }
        return (own == .closed ? .inProgress : own, text ?? words)
    }

    private var person: String? {
        confirmations.lazy.compactMap { $0["PERNR"] }.map(SAPSystem.withoutZeros).first { !$0.isEmpty }
            ?? order?["ES_HEADER"]?.value("PERS_NO").map(SAPSystem.withoutZeros).flatMap { $0.isEmpty ? nil : $0 }
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

    /// A confirmation that was cancelled has a mark, and the one that cancels it names it.
    private var valid: [ECCTables.Row] {
        confirmations.filter { row in
            row["STOKZ", default: ""].isEmpty && row["STZHL", default: ""].allSatisfy { $0 == "0" }
        }
    }

    private var labourHours: Double? {
        var sum = LabourSum()
        for row in valid { sum.add(Self.number(row["ISMNW"]), row["ISMNE"]) }
        return sum.hours
    }

    private var usedParts: [Closure.Part] {
        var sum = PartSum()
        for row in parts where row["XLOEK", default: ""].isEmpty {
            guard let code = row["MATNR"].map(SAPSystem.withoutZeros), !code.isEmpty,
                let quantity = Self.number(row["ENMNG"])
            else { continue }
            sum.add(quantity, of: code)
        }
        return sum.parts
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
        return configuration.system.clock.time("\(date)T\(clock)")
    }

    /// As `RFC_READ_TABLE` writes quantities: a sign behind, blanks before.
    static func number(_ text: String?) -> Double? {
        guard let text = text?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        let isNegative = text.hasSuffix("-")
        guard let value = Double(isNegative ? String(text.dropLast()) : text), value.isFinite else { return nil }
        return isNegative ? -value : value
    }
}
