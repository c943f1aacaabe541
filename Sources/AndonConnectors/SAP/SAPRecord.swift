import AndonModel
import Foundation

/// A notification of SAP's with what is known of its order, read into our words.
struct SAPRecord {
    let notification: JSON
    /// The order's header; nil when there is none or orders are not read.
    var order: JSON?
    var confirmations: [JSON] = []
    /// Components withdrawn, or material documents.
    var materials: [JSON] = []
    let configuration: SAPConfiguration

    var number: String? { Self.text(notification["MaintenanceNotification"]) }
    var orderNumber: String? { Self.text(notification["MaintenanceOrder"]) }

    var remote: RemoteOrder? {
        guard let number else { return nil }
        let state = state
        let reference = Self.text(notification["MaintNotifExtReferenceNumber"])
            .flatMap {
                $0.hasPrefix(configuration.referencePrefix) ? $0.dropFirst(configuration.referencePrefix.count) : nil
            }
            .flatMap { Reference(String($0)) }
        return RemoteOrder(
            remoteID: number, reference: reference, state: state.ours, vendorState: state.theirs,
            priority: Self.text(notification["MaintPriority"]), assignee: person,
            closure: closure(state.ours), changedAt: SAPTime.moment(notification["LastChangeDateTime"]?.string))
    }

    // MARK: State

    private static let weights: [OrderState: Int] = [.cancelled: 5, .closed: 4, .done: 3, .inProgress: 2, .open: 1]

    /// The order's state decides where there is an order: a notification that was completed before its order does
    /// not close. A deleted notification is cancelled whatever its order says.
    private var state: (ours: OrderState, theirs: String) {
        let phase = Self.text(notification["NotifProcessingPhase"]) ?? "1"
        let ofPhase = configuration.phases[phase] ?? .open
        let words = Self.text(notification["NotifProcessingPhaseDesc"]).map { "\(phase) \($0)" } ?? "phase \(phase)"
        guard ofPhase != .cancelled, let order else { return (ofPhase, words) }
        let text = Self.text(order["SystemStatusText"]) ?? ""
        let codes = text.split(separator: " ").map { $0.uppercased() }
        if let strongest = codes.compactMap({ configuration.orderStates[$0] }).max(by: {
            Self.weights[$0, default: 0] < Self.weights[$1, default: 0]
        }) {
            return (strongest, text)
        }
        let subphase = Self.text(order["MaintOrdProcessSubPhaseCode"]) ?? ""
        if let state = configuration.orderStates[subphase] { return (state, "subphase \(subphase)") }
        return (ofPhase == .closed ? .inProgress : ofPhase, text.isEmpty ? words : text)
    }

    private var person: String? {
        Self.text(order?["MaintOrdPersonResponsible"]) ?? Self.text(notification["PersonResponsibleName"])
            ?? Self.text(notification["PersonResponsible"])
    }

    // MARK: The repair

    private func closure(_ state: OrderState) -> Closure? {
        let isEnded = state.isEnded
        let labour = labourHours
        let parts = parts
        let notes = notes
        guard isEnded || labour != nil || !parts.isEmpty || notes != nil else { return nil }
        let cause = causes.first { Self.text($0["MaintNotificationRootCause"]) != nil } ?? causes.first
        return Closure(
            technician: confirmations.lazy.compactMap { Self.text($0["PersonnelNumber"]).map(Self.withoutZeros) }
                .first { !$0.isEmpty } ?? person,
            closedAt: isEnded ? closedAt : nil, labourHours: labour, parts: parts,
            problemCode: items.lazy.compactMap { Self.text($0["MaintNotificationDamageCode"]) }.first,
            causeCode: Self.text(cause?["MaintNotificationCauseCode"]),
            remedyCode: activities.lazy.compactMap { Self.text($0["MaintNotificationActivityCode"]) }.last, notes: notes
        )
    }

    /// Hours of all confirmations; a cancelled one has a twin with a negative quantity. A unit that is no time of
    /// the table makes the sum unknown rather than wrong.
    private var labourHours: Double? {
        guard !confirmations.isEmpty else { return nil }
        var sum = 0.0
        for row in confirmations {
            guard let quantity = Self.number(row["ActualWorkQuantity"]), quantity != 0 else { continue }
            switch Self.text(row["ActualWorkQuantityUnit"])?.uppercased() {
            case "H", "HR", "HUR": sum += quantity
            case "MIN": sum += quantity / 60
            default: return nil
            }
        }
        return sum > 0 ? (sum * 10_000).rounded() / 10_000 : nil
    }

    private var parts: [Closure.Part] {
        var order: [String] = []
        var quantities: [String: Double] = [:]
        for row in materials {
            guard let code = Self.text(row["Product"] ?? row["Material"]).map(Self.withoutZeros),
                let quantity = Self.number(row["QuantityWithdrawnInBaseUnit"] ?? row["QuantityInBaseUnit"])
            else { continue }
            if quantities[code] == nil { order.append(code) }
            let isReturn = Self.text(row["GoodsMovementType"]) == "262"
            quantities[code, default: 0] += isReturn ? -quantity : quantity
        }
        return order.compactMap { code in
            guard let quantity = quantities[code], quantity > 0 else { return nil }
            return Closure.Part(code: code, quantity: quantity)
        }
    }

    /// Confirmations' texts and what was written at the activities; our own items are not among them.
    private var notes: String? {
        let texts =
            confirmations.compactMap { Self.text($0["ConfirmationText"]) }
            + activities.compactMap { Self.text($0["MaintNotifActyTxt"]) }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    private var closedAt: Timestamp? {
        let clock = configuration.clock
        return SAPTime.moment(order?["MainWorkCompletedDateTime"]?.string)
            ?? SAPTime.moment(order?["MaintOrderReferenceDateTime"]?.string)
            ?? SAPTime.moment(
                date: notification["NotificationCompletionDate"]?.string, time: notification["CompletionTime"]?.string,
                clock: clock)
            ?? confirmations.compactMap {
                SAPTime.moment(
                    date: $0["OperationConfirmedEndDate"]?.string, time: $0["OperationConfirmedEndTime"]?.string,
                    clock: clock)
            }.max() ?? SAPTime.moment(notification["LastChangeDateTime"]?.string)
    }

    // MARK: Rows and values

    private static func living(_ list: JSON?) -> [JSON] {
        (list?["results"]?.array ?? []).filter { $0["IsDeleted"]?.bool != true }
    }

    private var items: [JSON] { Self.living(notification["to_Item"]) }
    private var causes: [JSON] { items.flatMap { Self.living($0["to_ItemCause"]) } }
    private var activities: [JSON] { items.flatMap { Self.living($0["to_ItemActivity"]) } }

    static func text(_ value: JSON?) -> String? {
        guard let text = value?.string?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        return text
    }

    /// Decimals come as texts.
    static func number(_ value: JSON?) -> Double? {
        value?.number ?? text(value).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Internal forms of numbers are filled with zeros.
    static func withoutZeros(_ text: String) -> String {
        text.allSatisfy(\.isNumber) ? String(text.drop { $0 == "0" }) : text
    }
}
