import AndonModel

/// A work order as Maximo gives it, read into our words.
struct MaximoRecord {
    let json: JSON
    let configuration: MaximoConfiguration

    /// The attributes and related objects that a read asks for.
    static func selection(_ configuration: MaximoConfiguration) -> String {
        [
            "wonum", "workorderid", "siteid", "href", "status", "statusdate", "externalrefid", "wopriority",
            "actstart", "actfinish", "actlabhrs", "historyflag", "lead", "owner", "failurecode", "problemcode",
            "changedate", "wostatus{status,changedate,changeby,memo}",
            "\(configuration.labourObject){laborcode,craft,regularhrs,premiumpayhours,startdate,finishdate}",
            "\(configuration.materialObject){itemnum,description,quantity,positivequantity,issuetype,linecost}",
            "failurereport{type,failurecode}",
            "worklog{description,description_longdescription,createby,createdate,logtype}",
        ].joined(separator: ",")
    }

    var remoteID: String? { json["href"]?.string.flatMap { WebAddress.lastSegment($0) } }
    var changedAt: Timestamp? { time("changedate") }

    var order: RemoteOrder? {
        guard let remoteID, let status = json["status"]?.string else { return nil }
        let state = self.state(of: status)
        return RemoteOrder(
            remoteID: remoteID, reference: json["externalrefid"]?.string.flatMap { Reference($0) }, state: state,
            vendorState: status, priority: json["wopriority"]?.integer.map { String($0) },
            assignee: text("lead") ?? text("owner"), closure: closure(state), changedAt: changedAt)
    }

    /// Nil for the turn of a plan, which no defect made, and for a task, which is a part of an order.
    var old: OldOrder? {
        guard let order, text("pmnum") == nil, json["istask"]?.bool != true, let number = text("wonum") else {
            return nil
        }
        return OldOrder(
            order, number: number, asset: text("assetnum"), reportedAt: time("reportdate"),
            createdAt: time("reportdate"),
            crew: text("persongroup"))
    }

    /// A status that no table has (a site's own synonym) leaves the order open, except in a history record: that
    /// one is ended whatever its status is called.
    private func state(of status: String) -> OrderState {
        if let state = configuration.states[status.uppercased()] { return state }
        return json["historyflag"]?.bool == true || json["historyflag"]?.integer == 1 ? .closed : .open
    }

    // MARK: The repair

    private func closure(_ state: OrderState) -> Closure? {
        let labour = rows(configuration.labourObject)
        let parts = parts
        let notes = notes
        let isEnded = [.done, .closed, .cancelled].contains(state)
        guard isEnded || !labour.isEmpty || !parts.isEmpty || notes != nil else { return nil }
        return Closure(
            technician: technician(labour), startedAt: time("actstart"), closedAt: isEnded ? closedAt : nil,
            labourHours: hours(labour), parts: parts, problemCode: cause("PROBLEM") ?? text("problemcode"),
            causeCode: cause("CAUSE"), remedyCode: cause("REMEDY"), notes: notes)
    }

    private func technician(_ labour: [JSON]) -> String? {
        labour.lazy.compactMap { $0["laborcode"]?.string }.first ?? text("lead")
    }

    /// Hours: what the labour rows add up to, else the order's own total.
    private func hours(_ labour: [JSON]) -> Double? {
        let rows = labour.compactMap { row -> Double? in
            guard row["regularhrs"]?.number != nil || row["premiumpayhours"]?.number != nil else { return nil }
            return (row["regularhrs"]?.number ?? 0) + (row["premiumpayhours"]?.number ?? 0)
        }
        if !rows.isEmpty { return rows.reduce(0, +) }
        return json["actlabhrs"]?.number.flatMap { $0 > 0 ? $0 : nil }
    }

    /// What was used in the end: an issue counts, a return takes back. `quantity` is negative for an issue;
    /// `positivequantity` is its magnitude.
    private var parts: [Closure.Part] {
        var order: [String] = []
        var parts: [String: Closure.Part] = [:]
        for row in rows(configuration.materialObject) {
            guard let magnitude = row["positivequantity"]?.number ?? row["quantity"]?.number.map(abs) else { continue }
            guard let code = row["itemnum"]?.string ?? row["description"]?.string else { continue }
            let isReturn = row["issuetype"]?.string?.uppercased() == "RETURN"
            if parts[code] == nil { order.append(code) }
            var part = parts[code] ?? Closure.Part(code: code, name: row["description"]?.string, quantity: 0)
            part.quantity += isReturn ? -magnitude : magnitude
            parts[code] = part
        }
        return order.compactMap { parts[$0] }.filter { $0.quantity > 0 }
    }

    private func cause(_ type: String) -> String? {
        rows("failurereport").last { $0["type"]?.string?.uppercased() == type }?["failurecode"]?.string
    }

    /// The work log in its own order, without the notes that we wrote ourselves.
    private var notes: String? {
        let own = json["externalrefid"]?.string
        let notes = rows("worklog").compactMap { row -> String? in
            let title = row["description"]?.string ?? ""
            if let own, title.contains("[\(own)/") { return nil }
            let long = row["description_longdescription"]?.string.map(PlainText.of(html:)) ?? ""
            let text = [title, long].filter { !$0.isEmpty }.joined(separator: "\n")
            return text.isEmpty ? nil : text
        }
        return notes.isEmpty ? nil : notes.joined(separator: "\n\n")
    }

    private var closedAt: Timestamp? {
        if let finish = time("actfinish") { return finish }
        let ends: [OrderState] = [.done, .closed, .cancelled]
        let row = rows("wostatus").last { row in
            row["status"]?.string.flatMap { configuration.states[$0.uppercased()] }.map(ends.contains) ?? false
        }
        return row?["changedate"]?.string.flatMap { Timestamp($0) } ?? time("statusdate")
    }

    // MARK: Values

    private func text(_ name: String) -> String? { json[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    private func time(_ name: String) -> Timestamp? { json[name]?.string.flatMap { Timestamp($0) } }
    private func rows(_ name: String) -> [JSON] { json[name]?.array ?? [] }
}
