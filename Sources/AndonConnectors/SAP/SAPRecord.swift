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
        let reference = Reference(
            behind: configuration.system.referencePrefix, in: Self.text(notification["MaintNotifExtReferenceNumber"]))
        return RemoteOrder(
            remoteID: number, reference: reference, state: state.ours, vendorState: state.theirs,
            priority: Self.text(notification["MaintPriority"]), assignee: person,
            closure: closure(state.ours), changedAt: SAPTime.moment(notification["LastChangeDateTime"]?.string))
    }

    var old: OldOrder? {
        guard let remote, let number else { return nil }
        func moment(_ name: String) -> Timestamp? {
            SAPTime.moment(
                date: notification["\(name)Date"]?.string, time: notification["\(name)Time"]?.string,
                clock: configuration.system.clock)
        }
        let created = moment("NotificationCreation")
        return OldOrder(
            remote, number: SAPSystem.withoutZeros(number),
            asset: Self.text(notification["TechnicalObjectLabel"])
                ?? Self.text(notification["TechnicalObject"]).map(SAPSystem.withoutZeros),
            reportedAt: moment("MalfunctionStart") ?? created, createdAt: created,
            crew: Self.text(notification["MainWorkCenter"]))
    }

    // MARK: State

    /// The order's state decides where there is an order: a notification that was completed before its order does
    /// not close. A deleted notification is cancelled whatever its order says.
    private var state: (ours: OrderState, theirs: String) {
        let phase = Self.text(notification["NotifProcessingPhase"]) ?? "1"
        let ofPhase = configuration.phases[phase] ?? .open
        let words = Self.text(notification["NotifProcessingPhaseDesc"]).map { "\(phase) \($0)" } ?? "phase \(phase)"
        guard ofPhase != .cancelled, let order else { return (ofPhase, words) }
        let text = Self.text(order["SystemStatusText"]) ?? ""
        if let furthest = configuration.orderStates.furthest(of: text.split(separator: " ")) { return (furthest, text) }
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
            technician: confirmations.lazy.compactMap { Self.text($0["PersonnelNumber"]).map(SAPSystem.withoutZeros) }
                .first { !$0.isEmpty } ?? person,
            closedAt: isEnded ? closedAt : nil, labourHours: labour, parts: parts,
            problemCode: items.lazy.compactMap { Self.text($0["MaintNotificationDamageCode"]) }.first,
            causeCode: Self.text(cause?["MaintNotificationCauseCode"]),
            remedyCode: activities.lazy.compactMap { Self.text($0["MaintNotificationActivityCode"]) }.last, notes: notes
        )
    }

    /// A cancelled confirmation has a twin with a negative quantity.
    private var labourHours: Double? {
        var sum = LabourSum()
        for row in confirmations {
            sum.add(Self.number(row["ActualWorkQuantity"]), Self.text(row["ActualWorkQuantityUnit"]))
        }
        return sum.hours
    }

    private var parts: [Closure.Part] {
        var sum = PartSum()
        for row in materials {
            guard let code = Self.text(row["Product"] ?? row["Material"]).map(SAPSystem.withoutZeros),
                let quantity = Self.number(row["QuantityWithdrawnInBaseUnit"] ?? row["QuantityInBaseUnit"])
            else { continue }
            let isReturn = Self.text(row["GoodsMovementType"]) == "262"
            sum.add(isReturn ? -quantity : quantity, of: code)
        }
        return sum.parts
    }

    /// Confirmations' texts and what was written at the activities; our own items are not among them.
    private var notes: String? {
        let texts =
            confirmations.compactMap { Self.text($0["ConfirmationText"]) }
            + activities.compactMap { Self.text($0["MaintNotifActyTxt"]) }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    private var closedAt: Timestamp? {
        let clock = configuration.system.clock
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
}
