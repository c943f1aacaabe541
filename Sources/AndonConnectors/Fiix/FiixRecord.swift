import AndonModel

/// A work order as Fiix gives it, in our words.
struct FiixRecord {
    let json: JSON
    let statuses: [Int: FiixNames.Status]
    let states: [String: OrderState]

    static let fields =
        "id, strCode, intWorkOrderStatusID, intPriorityID, strAdminNotes, strDescription, dtmDateCreated, "
        + "dtmDateCompleted, intCompletedByUserID, strCompletionNotes, intRCAProblemID, intRCACauseID, "
        + "intRCAActionID, intUpdated"

    var id: Int? { json["id"]?.integer }

    /// What stands behind `andon-ref:` in the notes or, where somebody cleared those, in the description.
    static func reference(in json: JSON) -> Reference? {
        for name in ["strAdminNotes", "strDescription"] {
            for line in (json[name]?.string ?? "").split(whereSeparator: \.isNewline).reversed() {
                guard let mark = line.firstRange(of: "andon-ref: ") else { continue }
                if let reference = Reference(String(line[mark.upperBound...].prefix(10))) { return reference }
            }
        }
        return nil
    }

    private var status: FiixNames.Status? { json["intWorkOrderStatusID"]?.integer.flatMap { statuses[$0] } }

    /// By group and system code, never by name: tenants rename statuses. A name may still be mapped by the
    /// configuration, for what the groups do not say.
    var state: OrderState {
        guard let status else { return .open }
        if let state = states[status.name.lowercased()] { return state }
        switch status.group {
        case 102: return status.systemCode == 7 ? .closed : .cancelled
        case 101:
            let first = statuses.filter { $0.value.group == 101 }.keys.min()
            return json["intWorkOrderStatusID"]?.integer == first ? .open : .inProgress
        default: return .open
        }
    }

    var createdAt: Timestamp? { time("dtmDateCreated") }
    var completedAt: Timestamp? { time("dtmDateCompleted") }
    var completedBy: Int? { json["intCompletedByUserID"]?.integer.flatMap { $0 > 0 ? $0 : nil } }
    var notes: String? { json["strCompletionNotes"]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Milliseconds since 1970.
    private func time(_ name: String) -> Timestamp? {
        json[name]?.integer.flatMap { $0 > 0 ? Timestamp(microseconds: Int64($0) * 1000) : nil }
    }

    func remote(closure: Closure?) -> RemoteOrder {
        RemoteOrder(
            remoteID: String(id ?? 0), reference: Self.reference(in: json), state: state,
            vendorState: status?.name ?? "status \(json["intWorkOrderStatusID"]?.integer ?? 0)",
            priority: json["intPriorityID"]?.integer.map { String($0) }, closure: closure, changedAt: time("intUpdated")
        )
    }
}
