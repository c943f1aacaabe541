import AndonModel
import AndonTesting

extension SimulatedNetwork {
    /// Does to an order what people at Maximo's screen do to it.
    ///
    /// - Returns: the order and its state now, in our words; nil where no order is there, or nobody may do that to it.
    func work(_ work: Plan.Work) -> (Reference, OrderState)? {
        let there = cmms.records.filter { $0.fields["sourcesysid"]?.string != "REMOVED" }
        guard !there.isEmpty else { return nil }
        let record = there[work.place % there.count]
        guard let reference = record.fields["externalrefid"]?.string.flatMap({ Reference($0) }),
            work.kind.isAllowed(from: record.fields["status"]?.string ?? "")
        else { return nil }
        if work.kind == .deleted {
            cmms.remove(reference)
        } else {
            cmms.change(reference, fields(work.kind, record))
        }
        return (reference, work.kind.state)
    }

    private func fields(_ kind: Plan.Work.Kind, _ record: MaximoStandIn.Record) -> [String: JSON] {
        let now: JSON = .string((WallClock.start + uptime).description)
        var fields: [String: JSON] = ["status": .string(kind.status), "statusdate": now]
        switch kind {
        case .begun:
            fields["actstart"] = now
            fields["lead"] = "WILSON"
        case .done:
            fields["actfinish"] = now
            fields["labtrans"] = [["laborcode": "WILSON", "regularhrs": 1.5]]
            fields["failurereport"] = [["type": "CAUSE", "failurecode": "WEAR"]]
            let words: JSON = ["description": .string("Die changed at \(uptime.clock)"), "createby": "WILSON"]
            fields["worklog"] = .array((record.fields["worklog"]?.array ?? []) + [words])
        case .closed: fields["historyflag"] = true
        case .cancelled, .reopened, .deleted: break
        }
        return fields
    }
}

extension Plan.Work.Kind {
    /// Maximo's word for what an order is afterwards.
    var status: String {
        switch self {
        case .begun, .reopened: "INPRG"
        case .done: "COMP"
        case .closed: "CLOSE"
        case .cancelled, .deleted: "CAN"
        }
    }

    /// Ours.
    var state: OrderState {
        switch self {
        case .begun, .reopened: .inProgress
        case .done: .done
        case .closed: .closed
        case .cancelled: .cancelled
        case .deleted: .missing
        }
    }

    func isAllowed(from status: String) -> Bool {
        switch self {
        case .begun, .cancelled: !["INPRG", "COMP", "CLOSE", "CAN"].contains(status)
        case .done: !["COMP", "CLOSE", "CAN"].contains(status)
        case .closed: status == "COMP"
        case .reopened: status == "COMP"
        case .deleted: true
        }
    }
}
