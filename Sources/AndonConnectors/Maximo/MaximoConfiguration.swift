import AndonModel

/// The options of a Maximo connector. What an administrator may have named differently is an option.
public struct MaximoConfiguration: Sendable {
    /// The context root, for example `https://maximo.plant.example/maximo`, without a slash at its end.
    public var url: String
    public var signIn: SignIn
    /// Object structures of the work orders and of the asset registry.
    public var workOrders = "mxapiwodetail"
    public var assets = "mxapiasset"
    /// `siteid` of orders whose plant has no site; also limits the asset registry to one site.
    public var site: String?
    /// `sourcesysid` of our orders: at most 10 characters.
    public var sourceSystem = "ANDON"
    /// The problem code of a class needs a failure class before it.
    public var failureCode: String?
    /// The classification that the administrator made for our orders.
    public var classification: String?
    /// `worktype` by our order kind or by action category, the action first.
    public var workTypes = ["corrective": "CM", "predictive": "CP"]
    /// `wopriority` by our priority.
    public var priorities: [Int: Int] = [:]
    /// Our state by the site's status, synonyms included.
    public var states = MaximoConfiguration.defaultStates
    /// Criticality by the asset's `priority` in the registry.
    public var criticalities: [Int: String] = [:]
    /// The attachments' folder (`doctype`).
    public var folder = "Attachments"
    /// Bytes.
    public var attachmentBytesMax = 10_000_000
    /// The address of a record for people: `{number}` and `{id}` are filled in.
    public var recordLink: Template
    public var fields: FieldMapping
    /// Related objects that some sites name differently.
    public var labourObject = "labtrans"
    public var materialObject = "matusetrans"
    /// Sends `transactionid`, which a server remembers for a while and then refuses the same create. A further guard
    /// beside asking first; off because an order that was deleted there could not be raised again in that while.
    public var sendsTransactionIDs = false
    /// How far behind the newest change a poll begins: a change may be committed later than it is dated.
    public var pollOverlap: Duration = .seconds(120)

    public enum SignIn: Sendable, Equatable {
        /// The `apikey` header, on `/api`.
        case apiKey(Secret)
        /// The `maxauth` header, on `/oslc`; opens a session.
        case native(user: String, password: Secret)
        /// HTTP Basic, on `/oslc`.
        case basic(user: String, password: Secret)
    }

    static let defaultStates: [String: OrderState] = [
        "WAPPR": .open, "APPR": .open, "WSCH": .open, "WMATL": .open, "WPCOND": .open, "INPRG": .inProgress,
        "COMP": .done, "CLOSE": .closed, "CAN": .cancelled,
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union([
        "workType", "maximoPriority", "sourceSystem", "failureCode", "problemCode", "classification", "assetKnown",
    ])

    static let linkNames: Set<String> = ["number", "id", "url"]

    /// Widths and meanings: the object structure WORKORDER.
    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("siteid", .code(max: 8, upperCase: true), "{site}")
        add("assetnum", .code(max: 12, upperCase: true), "{assetKnown}")
        add("location", .code(max: 12, upperCase: true), "{location}")
        add("description", .prose(max: 100), "{title}")
        add("description_longdescription", .prose(max: 32_000), "{text}")
        add("worktype", .code(max: 5, upperCase: true), "{workType}")
        add("wopriority", .integer, "{maximoPriority}")
        add("reportdate", .time, "{detectedAt}")
        add("faildate", .time, "{detectedAt}")
        add("targstartdate", .time, "{scheduledAt}")
        add("lead", .code(max: 30, upperCase: true), "{assignee}")
        add("failurecode", .code(max: 8, upperCase: true), "{failureCode}")
        add("problemcode", .code(max: 8, upperCase: true), "{problemCode}")
        add("classstructureid", .code(max: 20), "{classification}")
        add("externalrefid", .code(max: 10), "{reference}")
        add("sourcesysid", .code(max: 10), "{sourceSystem}")
        return fields
    }
}

extension MaximoConfiguration {
    /// Fields without which an order could not be found again.
    private static let welded = ["externalrefid", "sourcesysid"]

    public init(reading reader: SettingsReader) {
        recordLink = .own("{url}/ui/maximo.jsp?event=loadapp&value=wotrack&uniqueid={id}", names: Self.linkNames)
        fields = Self.defaultFields
        url = reader.webAddress("url", example: "https://maximo.plant.example/maximo", isRequired: true) ?? ""
        signIn = Self.signIn(reading: reader)
        workOrders = reader.text("workOrders", default: workOrders)
        assets = reader.text("assets", default: assets)
        site = reader.text("site")
        sourceSystem = reader.text("sourceSystem", default: sourceSystem)
        if !(1...10).contains(sourceSystem.count) || sourceSystem.contains("\"") {
            reader.faults.add("sourceSystem takes 1 to 10 characters", at: reader.raw("sourceSystem") ?? reader.node)
        }
        failureCode = reader.text("failureCode")
        classification = reader.text("classification")
        workTypes = reader.words("workTypes", over: workTypes)
        readTables(reader)
        folder = reader.text("attachmentFolder", default: folder)
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30)) ?? attachmentBytesMax
        labourObject = reader.text("labourObject", default: labourObject)
        materialObject = reader.text("materialObject", default: materialObject)
        sendsTransactionIDs = reader.bool("transactionIds", default: sendsTransactionIDs)
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(86_400)) ?? pollOverlap
        if let node = reader.raw("recordLink"), let text = reader.text(of: node) {
            do { recordLink = try Template(text, names: Self.linkNames) } catch {
                reader.faults.add(error.reason, at: node)
            }
        }
        fields.change(reading: reader, names: Self.fieldNames)
        for name in Self.welded where !fields.fields.contains(where: { $0.name == name }) {
            reader.faults.add("the field \(name) cannot be left out: orders are found by it", at: reader.node)
        }
        reader.finish()
    }

    private static func signIn(reading reader: SettingsReader) -> SignIn {
        enum Form: String, CaseIterable { case apiKey, native, basic }
        let form = reader.choice("signIn", default: Form.apiKey)
        let key = reader.secret("apiKey")
        let user = reader.text("user")
        let password = reader.secret("password")
        switch form {
        case .apiKey:
            if key == nil, reader.raw("apiKey") == nil { reader.missing("apiKey") }
            return .apiKey(key ?? Secret(""))
        case .native, .basic:
            if user == nil { reader.missing("user") }
            if password == nil, reader.raw("password") == nil { reader.missing("password") }
            let secret = password ?? Secret("")
            return form == .native
                ? .native(user: user ?? "", password: secret) : .basic(user: user ?? "", password: secret)
        }
    }

    private mutating func readTables(_ reader: SettingsReader) {
        for entry in reader.table("priorities") {
            guard let ours = Int(entry.key), (1...9).contains(ours), let theirs = Int(entry.value),
                (0...999).contains(theirs)
            else {
                reader.faults.add("should be our priority 1...9 and Maximo's 0...999", at: entry.node)
                continue
            }
            priorities[ours] = theirs
        }
        states = reader.states("states", over: states)
        for entry in reader.table("criticalities") {
            guard let priority = Int(entry.key) else {
                reader.faults.add("should be the asset's priority in Maximo, a whole number", at: entry.node)
                continue
            }
            criticalities[priority] = entry.value
        }
    }
}
