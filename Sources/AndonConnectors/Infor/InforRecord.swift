import AndonModel

/// A work order as EAM gives it, with its bookings, read into our words.
struct InforRecord {
    let number: String
    let order: JSON
    /// The fixed code behind the status, from the grid.
    var systemStatus: String?
    var labour: [[String: String]] = []
    var parts: [[String: String]] = []
    /// Type and text.
    var comments: [(type: String, text: String)] = []
    let configuration: InforConfiguration

    var remote: RemoteOrder {
        let state = state
        return RemoteOrder(
            remoteID: number, reference: reference, state: state, vendorState: status ?? systemStatus ?? "",
            priority: code("PRIORITY", "PRIORITYCODE"), assignee: code("ASSIGNEDTO", "PERSONCODE"),
            closure: closure(state), changedAt: InforValue.time(order["UPDATED"] ?? order["DATEUPDATED"]))
    }

    var old: OldOrder {
        OldOrder(
            remote, number: number, asset: code("EQUIPMENTID", "EQUIPMENTCODE"), reportedAt: reportedAt,
            createdAt: createdAt, crew: code("DEPARTMENTID", "DEPARTMENTCODE").flatMap { $0 == "*" ? nil : $0 })
    }

    /// Where a screen hides it, the report's time: EAM sets that to the creation's when nobody gives another.
    var createdAt: Timestamp? { InforValue.time(order["CREATEDDATE"]) ?? reportedAt }

    private var reportedAt: Timestamp? { InforValue.time(order["REPORTED"]) }

    /// Whether no report made it but a plan (`PPM`; `A` until it is released: cern-eam/eam-light-frontend,
    /// Workorder.jsx), or a type says so. One of ours is none, whatever type it was given.
    var isDerived: Bool {
        guard reference == nil else { return false }
        if systemStatus == "A" || status == "A" { return true }
        if let type = code("TYPE", "TYPECODE"), configuration.derivedTypes.contains(type.uppercased()) { return true }
        let plan = order["PPM"]
        let name = plan?["PPMCODE"] ?? plan?["PPMID"]?["PPMCODE"]
        return name?.string?.isEmpty == false
    }

    private var reference: Reference? {
        order["UserDefinedFields"]?[configuration.referenceField]?.string.flatMap { Reference($0) }
    }

    private var status: String? { code("STATUS", "STATUSCODE") }

    /// The customer's code first: a cancelled order very often has the system code of a completed one.
    private var state: OrderState {
        if let status, let state = configuration.states[status.uppercased()] { return state }
        return systemStatus.flatMap { configuration.systemStates[$0.uppercased()] }
            ?? status.flatMap { configuration.systemStates[$0.uppercased()] } ?? .open
    }

    private func closure(_ state: OrderState) -> Closure? {
        let parts = usedParts
        let hours = labour.compactMap { InforValue.figure($0["hours"]) }
        let notes = notes
        guard state.isEnded || !hours.isEmpty || !parts.isEmpty || notes != nil else { return nil }
        let sum = hours.reduce(0, +)
        return Closure(
            technician: labour.lazy.compactMap { $0["employeedesc"] ?? $0["employee"] }.first
                ?? code("ASSIGNEDTO", "PERSONCODE"),
            startedAt: InforValue.time(order["STARTDATE"]),
            closedAt: state.isEnded ? InforValue.time(order["COMPLETEDDATE"]) : nil,
            labourHours: hours.isEmpty ? nil : sum, parts: parts, problemCode: code("PROBLEMCODEID", "PROBLEMCODE"),
            causeCode: code("CAUSECODEID", "CAUSECODE"), remedyCode: code("ACTIONCODEID", "ACTIONCODE"), notes: notes)
    }

    private var usedParts: [Closure.Part] {
        parts.compactMap { row in
            guard let code = row["partcode"], let quantity = InforValue.figure(row["usedqty"]), quantity > 0 else {
                return nil
            }
            return Closure.Part(code: code, name: row["partdescription"], quantity: quantity)
        }
    }

    /// Closing comments, then the others, without our own.
    private var notes: String? {
        let own = reference.map { "[\($0)/" }
        let theirs = comments.filter { comment in own.map { !comment.text.contains($0) } ?? true }
        let texts = theirs.filter { $0.type == "+" }.map(\.text) + theirs.filter { $0.type != "+" }.map(\.text)
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }

    private func code(_ object: String, _ member: String) -> String? {
        order[object]?[member]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Every comment in an answer, wherever it stands: its place differs between releases.
    static func comments(in json: JSON) -> [(type: String, text: String)] {
        switch json {
        case .array(let elements): return elements.flatMap(comments(in:))
        case .object(let members):
            if let text = members["COMMENTTEXT"]?.string {
                let type = json["ENTITYCOMMENTID"]?["COMMENTTYPE"]?["TYPECODE"] ?? members["COMMENTTYPE"]?["TYPECODE"]
                return [(type?.string ?? "*", PlainText.of(html: text))]
            }
            return members.sorted { $0.key < $1.key }.flatMap { comments(in: $0.value) }
        default: return []
        }
    }
}
