import AndonModel

/// The options of a Limble connector.
public struct LimbleConfiguration: Sendable {
    /// The region's or account type's host, for example `https://api.limblecmms.com`.
    public var url: String
    public var clientID: String
    public var clientSecret: Secret
    /// Limble's `locationID` of every order whose functional location is not in `locations`.
    public var location = 0
    /// `locationID` by our functional location.
    public var locations: [String: Int] = [:]
    /// Task type by our order kind: 2 unplanned work order, 4 planned, 6 work request.
    public var types = ["corrective": 2, "predictive": 4]
    /// Name of Limble's priority by our priority: levels shift when an account inserts one, names do not.
    public var priorities: [Int: String] = [:]
    /// How long after the detection the task is due, by our priority; the table's last entry holds for the rest.
    public var dueWithin: [Int: Duration] = [1: .seconds(4 * 3600), 2: .seconds(86_400), 3: .seconds(3 * 86_400)]
    public var dueWithinElse: Duration = .seconds(7 * 86_400)
    /// `@`-tag of our tasks; nil for none. It must exist in the account.
    public var tag: String?
    /// Marks our tasks in `meta2`, by which changes are read.
    public var origin = "andon/ai-vision"
    /// Our state by a `statusID` of the account; closed or not is said by `status` alone.
    public var states: [Int: OrderState] = [0: .open, 1: .inProgress, 2: .closed]
    /// Name of the instruction that asks for the root cause.
    public var causeInstruction = "Root cause"
    /// How far behind the beginning of the last pass a poll begins: clocks differ.
    public var pollOverlap: Duration = .seconds(900)
    public var fields: FieldMapping

    static let fieldNames = OrderText.fieldNames.union(["origin"])

    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("name", .prose(max: 255), "{title}")
        add("description", .prose(max: 65_535), "{text}")
        add("requestName", .prose(max: 255), "{originTag}")
        add("meta1", .code(max: 64), "{reference}")
        add("meta2", .code(max: 64), "{origin}")
        add("meta3", .prose(max: 64), "{class}")
        return fields
    }
}

extension LimbleConfiguration {
    public init(reading reader: SettingsReader) {
        fields = Self.defaultFields
        url = reader.webAddress("url", example: "https://api.limblecmms.com", isRequired: true) ?? ""
        clientID = reader.requiredText("clientId")
        clientSecret = reader.secret("clientSecret") ?? Secret("")
        if reader.raw("clientSecret") == nil { reader.missing("clientSecret") }
        if reader.raw("location") == nil { reader.missing("location") }
        location = reader.integer("location", in: 1...Int(Int32.max)) ?? 0
        tag = reader.text("tag")
        origin = reader.text("origin", default: origin)
        causeInstruction = reader.text("causeInstruction", default: causeInstruction)
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(86_400)) ?? pollOverlap
        dueWithinElse = reader.duration("dueWithinElse", in: .seconds(60) ... .seconds(366 * 86_400)) ?? dueWithinElse
        readTables(reader)
        fields.change(reading: reader, names: Self.fieldNames)
        for name in ["meta1", "meta2"] where !fields.fields.contains(where: { $0.name == name }) {
            reader.faults.add("the field \(name) cannot be left out: orders are found by it", at: reader.node)
        }
        reader.finish()
    }

    private mutating func readTables(_ reader: SettingsReader) {
        for entry in reader.table("locations") {
            guard let id = Int(entry.value), id > 0 else {
                reader.faults.add("should be our location and Limble's locationID, a number", at: entry.node)
                continue
            }
            locations[entry.key] = id
        }
        for entry in reader.table("types") {
            guard OrderKind(rawValue: entry.key) != nil, let type = Int(entry.value), [2, 4, 6].contains(type) else {
                reader.faults.add("should be corrective or predictive, and 2, 4 or 6", at: entry.node)
                continue
            }
            types[entry.key] = type
        }
        for entry in reader.table("priorities") {
            guard let ours = Int(entry.key), (1...9).contains(ours) else {
                reader.faults.add("should be our priority 1...9 and the name of Limble's", at: entry.node)
                continue
            }
            priorities[ours] = entry.value
        }
        for entry in reader.table("dueWithin") {
            guard let ours = Int(entry.key), (1...9).contains(ours), let span = Quantity.duration(entry.value) else {
                reader.faults.add("should be our priority 1...9 and a time like 4h or 3d", at: entry.node)
                continue
            }
            dueWithin[ours] = span
        }
        for entry in reader.table("states") {
            guard let id = Int(entry.key), let state = OrderState(rawValue: entry.value) else {
                let words = OrderState.allCases.map(\.rawValue).joined(separator: ", ")
                reader.faults.add("should be a statusID and one of \(words)", at: entry.node)
                continue
            }
            states[id] = state
        }
    }
}
