import AndonModel

/// A task as Limble gives it, and what belongs to it, in our words.
struct LimbleTask {
    let json: JSON
    let configuration: LimbleConfiguration

    var id: Int? { json["taskID"]?.integer }

    /// Templates come back among the tasks, marked by true or by 1.
    var isTemplate: Bool { json["template"]?.bool == true || json["template"]?.integer == 1 }

    var reference: Reference? { json["meta1"]?.string.flatMap { Reference($0) } }

    /// `status` says whether it is closed; `statusID` is a label.
    var state: OrderState {
        if json["status"]?.integer == 1 { return .closed }
        let state = json["statusID"]?.integer.flatMap { configuration.states[$0] } ?? .inProgress
        return state == .closed ? .open : state
    }

    func remote(closure: Closure?) -> RemoteOrder? {
        guard let id else { return nil }
        let status = json["status"]?.integer ?? 0
        return RemoteOrder(
            remoteID: String(id), reference: reference, state: state,
            vendorState: "status \(status), statusID \(json["statusID"]?.integer ?? 0)",
            priority: json["priority"]?.integer.map { String($0) }, closure: closure,
            changedAt: time("lastEdited"))
    }

    var createdAt: Timestamp? { time("createdDate") }
    var asset: Int? { json["assetID"]?.integer.flatMap { $0 > 0 ? $0 : nil } }
    var completedAt: Timestamp? { time("dateCompleted") }
    var completedBy: Int? { json["completedByUser"]?.integer.flatMap { $0 > 0 ? $0 : nil } }
    var notes: String? { json["completionNotes"]?.string.flatMap { $0.isEmpty ? nil : PlainText.of(html: $0) } }

    /// Unix seconds; 0 is none.
    private func time(_ name: String) -> Timestamp? {
        guard let seconds = json[name]?.integer, seconds > 0 else { return nil }
        return Timestamp(microseconds: Int64(seconds) * 1_000_000)
    }

    // MARK: What lies beside the task

    /// Hours: the entries of all people, in seconds there.
    static func hours(_ entries: JSON) -> Double? {
        let seconds = (entries.array ?? []).compactMap { $0["timeSpent"]?.number }
        return seconds.isEmpty ? nil : seconds.reduce(0, +) / 3600
    }

    static func parts(_ list: JSON) -> [Closure.Part] {
        (list.array ?? []).compactMap { entry in
            guard let quantity = entry["quantity"]?.number ?? entry["usedCount"]?.number, quantity > 0,
                let name = entry["partName"]?.string ?? entry["name"]?.string
            else { return nil }
            let number = entry["partNumber"]?.string ?? name
            return Closure.Part(code: number, name: name, quantity: quantity)
        }
    }

    /// The answer to the instruction that asks for the cause: an option's text, or free text; 0 is not answered.
    static func cause(_ instructions: JSON, named name: String) -> String? {
        let question = (instructions.array ?? []).first {
            $0["instruction"]?.string?.trimmingSpaces.lowercased() == name.lowercased()
        }
        guard let question, let response = question["response"] else { return nil }
        if let text = response.string { return text.isEmpty || text == "0" ? nil : text }
        guard let id = response.integer, id != 0 else { return nil }
        let option = (question["options"]?.array ?? []).first { $0["itemOptionID"]?.integer == id }
        return option?["itemOptionText"]?.string
    }
}

extension String {
    /// Without blanks at its ends.
    var trimmingSpaces: String {
        let tail = drop { $0.isWhitespace }
        return String(String(tail.reversed()).drop { $0.isWhitespace }.reversed())
    }
}
