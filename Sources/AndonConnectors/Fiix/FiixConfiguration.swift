import AndonModel

/// The options of a Fiix connector. Ids differ in every tenant, so the options name things and the ids are asked
/// for.
public struct FiixConfiguration: Sendable {
    /// The tenant's address, for example `https://bedford.macmms.com`.
    public var url: String
    public var appKey: String
    public var accessKey: String
    public var secretKey: Secret
    /// Code or name of the site's asset.
    public var site: String
    /// Login name of the keys' own user: by it our orders are read back.
    public var user: String
    /// Name of the status of a new order; the first active one where none is given.
    public var newStatus: String?
    /// Name of Fiix's priority by ours; by rank of urgency where none is given.
    public var priorities: [Int: String] = [:]
    /// Name of the maintenance type by our order kind.
    public var maintenanceTypes: [String: String] = [:]
    /// Our state by a status's name, for what Fiix's own groups do not say ("done").
    public var states: [String: OrderState] = [:]
    /// How far before an order was raised its record is looked for: clocks differ.
    public var searchBack: Duration = .seconds(86_400)
    public var pollOverlap: Duration = .seconds(900)
    public var fields: FieldMapping

    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: OrderText.fieldNames))
        }
        add("strDescription", .prose(max: 7900), "{title}\n{text}")
        add("strAdminNotes", .prose(max: 7900), "andon-ref: {reference}")
        add("strNameUserGuest", .prose(max: 500), "{originTag}")
        return fields
    }
}

extension FiixConfiguration {
    public init(reading reader: SettingsReader) {
        fields = Self.defaultFields
        url = reader.webAddress("url", example: "https://bedford.macmms.com", isRequired: true) ?? ""
        appKey = reader.requiredText("appKey")
        accessKey = reader.requiredText("accessKey")
        secretKey = reader.secret("secretKey") ?? Secret("")
        if reader.raw("secretKey") == nil { reader.missing("secretKey") }
        site = reader.requiredText("site")
        user = reader.requiredText("user")
        newStatus = reader.text("newStatus")
        searchBack = reader.duration("searchBack", in: .seconds(600) ... .seconds(30 * 86_400)) ?? searchBack
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(86_400)) ?? pollOverlap
        for entry in reader.table("priorities") {
            guard let ours = Int(entry.key), (1...9).contains(ours) else {
                reader.faults.add("should be our priority 1...9 and the name of Fiix's", at: entry.node)
                continue
            }
            priorities[ours] = entry.value
        }
        for entry in reader.table("maintenanceTypes") {
            guard OrderKind(rawValue: entry.key) != nil else {
                reader.faults.add("should be corrective or predictive, and the name of a type", at: entry.node)
                continue
            }
            maintenanceTypes[entry.key] = entry.value
        }
        for entry in reader.table("states") {
            guard let state = OrderState(rawValue: entry.value) else {
                let words = OrderState.allCases.map(\.rawValue).joined(separator: ", ")
                reader.faults.add("should be one of \(words); found \(entry.node.kindName)", at: entry.node)
                continue
            }
            states[entry.key.lowercased()] = state
        }
        fields.change(reading: reader, names: OrderText.fieldNames)
        let holdsReference = fields.fields.contains {
            $0.name == "strAdminNotes" && $0.template.source.contains("{reference}")
        }
        if !holdsReference {
            reader.faults.add("the field strAdminNotes must hold {reference}: orders are found by it", at: reader.node)
        }
        reader.finish()
    }
}
