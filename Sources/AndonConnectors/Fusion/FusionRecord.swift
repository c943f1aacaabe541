import AndonModel

/// A work order of Fusion's with its resources, materials and failures, read into our words.
struct FusionRecord {
    let order: JSON
    var resources: [JSON] = []
    var materials: [JSON] = []
    var failures: [JSON] = []
    let configuration: FusionConfiguration

    /// Near 3e14: whole in a double, and a text to us.
    static func id(_ value: JSON?) -> String? { value?.string ?? value?.integer.map { String($0) } }

    var remoteID: String? { Self.id(order["WorkOrderId"]) }
    var number: String? { Self.text(order["WorkOrderNumber"]) }

    var reference: Reference? { Reference(behind: configuration.numberPrefix, in: number) }

    var remote: RemoteOrder? {
        guard let remoteID, let status = Self.text(order["WorkOrderStatusCode"]) else { return nil }
        let state = state
        return RemoteOrder(
            remoteID: remoteID, reference: reference, state: state,
            vendorState: Self.text(order["WorkOrderStatus"]) ?? status, priority: Self.id(order["WorkOrderPriority"]),
            assignee: technician, closure: closure(state),
            changedAt: Self.text(order["LastUpdateDate"]).flatMap { Timestamp($0) })
    }

    var createdAt: Timestamp? { Self.text(order[attribute("created")]).flatMap { Timestamp($0) } }

    /// Made by a maintenance program in its turn: no defect did, and nobody reported one.
    var isOfProgram: Bool { !(Self.id(order[attribute("program")]) ?? "").isEmpty }

    var old: OldOrder? {
        guard let remote, let number else { return nil }
        return OldOrder(
            remote, number: number, asset: Self.text(order["AssetNumber"]), createdAt: createdAt, crew: workCenter)
    }

    /// A status of the site's own is tied to one of the six.
    var state: OrderState {
        let codes = [order["WorkOrderStatusCode"], order["WorkOrderSystemStatusCode"]].compactMap { Self.text($0) }
        let state = codes.lazy.compactMap { configuration.states[$0.uppercased()] }.first ?? .open
        return state == .open && Self.text(order["ActualStartDate"]) != nil ? .inProgress : state
    }

    private func closure(_ state: OrderState) -> Closure? {
        let hours = labourHours
        let parts = parts
        let notes = notes
        guard state.isEnded || hours != nil || !parts.isEmpty || notes != nil else { return nil }
        let ends = ["ActualCompletionDate", "CanceledDate", "ClosedDate"]
        return Closure(
            technician: technician, startedAt: Self.text(order["ActualStartDate"]).flatMap { Timestamp($0) },
            closedAt: state.isEnded
                ? ends.lazy.compactMap { Self.text(order[$0]).flatMap { Timestamp($0) } }.first : nil,
            labourHours: hours, parts: parts, problemCode: failure("FailureCode"), causeCode: failure("CauseCode"),
            remedyCode: failure("ResolutionCode"), notes: notes)
    }

    /// Net usage of labour in units of time.
    private var labourHours: Double? {
        var sum = LabourSum(units: configuration.labourUnits)
        for row in resources where isLabour(row) {
            sum.add(Self.number(row[attribute("labour")]), Self.text(row[attribute("labourUnit")]) ?? "HR")
        }
        return sum.hours
    }

    private func isLabour(_ row: JSON) -> Bool {
        Self.text(row[attribute("resourceType")]).map { $0.uppercased().contains("LABOR") } ?? true
    }

    private var parts: [Closure.Part] {
        materials.compactMap { row in
            guard let code = Self.text(row[attribute("item")]), let quantity = Self.number(row[attribute("issued")]),
                quantity > 0
            else { return nil }
            return Closure.Part(code: code, name: Self.text(row[attribute("itemName")]), quantity: quantity)
        }
    }

    private var instances: [JSON] { failures.flatMap { Self.children($0["failureInstances"]) } }

    private func failure(_ name: String) -> String? { instances.lazy.compactMap { Self.text($0[name]) }.last }

    private var notes: String? {
        let texts = instances.compactMap { Self.text($0[attribute("failureNotes")]) }
        return texts.isEmpty ? nil : texts.joined(separator: "\n")
    }

    private var operations: [JSON] { Self.children(order["WorkOrderOperation"]) }

    private var workCenter: String? { operations.lazy.compactMap { Self.text($0["WorkCenterCode"]) }.first }

    private var technician: String? {
        operations.flatMap { Self.children($0["WorkOrderOperationResource"]) }
            .flatMap { Self.children($0["WorkOrderOperationResourceInstance"]) }.lazy
            .compactMap { Self.text($0["LaborInstanceName"]) ?? Self.text($0["LaborInstanceCode"]) }.first
    }

    private func attribute(_ name: String) -> String { configuration.attributes[name] ?? "" }

    /// Expanded children are a bare array before framework version 3, and an object with `items` from then on.
    static func children(_ value: JSON?) -> [JSON] { value?.array ?? value?["items"]?.array ?? [] }

    static func text(_ value: JSON?) -> String? { value?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Numbers come as numbers or as texts.
    static func number(_ value: JSON?) -> Double? {
        value?.number ?? value?.string.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
}
