import AndonModel

/// An ISA95JobResponseDataType, or an entry of JobOrderList, as an order of ours.
struct JobResponse {
    let json: JSON
    let options: JobControlOptions
    let states: [String: OrderState]

    /// Nil where the job is none of ours.
    func remote(id: String, states entries: JSON?, closes: Bool) -> RemoteOrder? {
        guard let reference = Reference(id) else { return nil }
        let word = Self.word(entries)
        let state = states[word.uppercased()] ?? states[word.prefix { $0 != "/" }.uppercased()] ?? .inProgress
        return RemoteOrder(
            remoteID: id, reference: reference, state: state, vendorState: word, assignee: nil,
            closure: closes && state.isEnded ? closure : nil)
    }

    /// `Ended/Closed`: the first entry is the state, those behind it are its substates (7.2.6).
    static func word(_ entries: JSON?) -> String {
        let names = [
            1: "NotAllowedToStart", 2: "AllowedToStart", 3: "Running", 4: "Interrupted", 5: "Ended", 6: "Aborted",
        ]
        return (entries?.array ?? []).enumerated().compactMap { place, entry in
            let text = entry["StateText"]?["text"]?.string ?? entry["StateText"]?.string
            guard place == 0 else { return text }
            return entry["StateNumber"]?.integer.flatMap { names[$0] } ?? text
        }.joined(separator: "/")
    }

    private var closure: Closure {
        var parts = PartSum()
        for material in json["MaterialActuals"]?.array ?? [] {
            let use = material["MaterialUse"]?.string
            guard use == nil || use?.lowercased() == options.consumed.lowercased() else { continue }
            let code = ["MaterialDefinitionID", "MaterialClassID", "MaterialLotID"].lazy.compactMap {
                material[$0]?.plainText
            }.first
            guard let code else { continue }
            parts.add(Self.quantity(material) ?? 1, of: code)
        }
        var labour = LabourSum()
        var people: [String] = []
        for person in json["PersonnelActuals"]?.array ?? [] {
            labour.add(Self.quantity(person), Self.unit(person))
            if let name = person["ID"]?.plainText, !people.contains(name) { people.append(name) }
        }
        return Closure(
            technician: people.isEmpty ? nil : people.joined(separator: ", "),
            startedAt: json["StartTime"]?.string.flatMap(Timestamp.init),
            closedAt: json["EndTime"]?.string.flatMap(Timestamp.init), labourHours: labour.hours, parts: parts.parts,
            problemCode: datum(options.problem), causeCode: datum(options.cause), remedyCode: datum(options.remedy),
            notes: datum(options.notes))
    }

    private func datum(_ name: String) -> String? {
        let found = (json["JobResponseData"]?.array ?? []).first { $0["ID"]?.string == name }
        return found?["Value"]?["value"]?.plainText ?? found?["Value"]?.plainText
    }

    /// A DecimalString.
    private static func quantity(_ resource: JSON) -> Double? {
        resource["Quantity"]?.plainText.flatMap { Double($0.trimmed) }
    }

    /// The code of UN/CEFACT Recommendation 20 in its number: three letters, a byte each. Without a unit it is hours.
    private static func unit(_ resource: JSON) -> String {
        guard let units = resource["EngineeringUnits"] else { return "HUR" }
        guard let number = units["UnitId"]?.integer, number > 0 else {
            return units["DisplayName"]?["text"]?.string ?? units["DisplayName"]?.string ?? ""
        }
        let bytes = [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }.filter { $0 > 0x20 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
