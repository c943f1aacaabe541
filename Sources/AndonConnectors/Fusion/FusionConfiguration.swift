import AndonModel

/// The options of an Oracle Fusion Cloud Maintenance connector.
public struct FusionConfiguration: Sendable {
    /// The pod, for example `https://plant.fa.us2.oraclecloud.com`.
    public var url: String
    public var path: String
    /// `REST-Framework-Version`: from 2 on `q` is an expression.
    public var frameworkVersion: Int
    var signIn: SignIn
    public var organization: String
    public var numberPrefix: String
    public var types: [String: String]
    public var subtypes: [String: String]
    public var createStatus: String
    public var cancelStatus: String
    public var priorities: [Int: String]
    /// Releasing needs at least one operation.
    public var operationName: String?
    public var workCenter: String?
    public var attachmentCategory: String
    public var attachmentBytesMax: Int
    public var states: [String: OrderState]
    public var criticalities: [String: String]
    /// Attributes whose names differ between releases, by our name for them.
    public var attributes: [String: String]
    public var labourUnits: [String: Double]
    public var pollOverlap: Duration
    public var fields: FieldMapping

    enum SignIn: Sendable {
        case basic(user: String, password: Secret)
        case oauth(TokenSource)
    }

    static let defaultStates: [String: OrderState] = [
        "ORA_UNRELEASED": .open, "ORA_PENDING_APPROVAL": .open, "ORA_RELEASED": .open, "ORA_ON_HOLD": .inProgress,
        "ORA_COMPLETED": .done, "ORA_CLOSED": .closed, "ORA_CANCELED": .cancelled,
    ]

    static let defaultAttributes = [
        "labour": "ActualResourceUsage", "labourUnit": "UnitOfMeasure", "resourceType": "ResourceTypeCode",
        "item": "ItemNumber", "itemName": "ItemDescription", "issued": "IssuedQuantity", "failureNotes": "Comments",
        "text": "UploadedText", "criticality": "AssetCriticalityCode", "created": "CreationDate",
        "program": "MaintenanceProgramId",
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union([
        "organization", "number", "type", "subtype", "createStatus", "fusionPriority", "assetKnown", "plannedStart",
        "origin",
    ])

    /// A name after `WorkOrderDFF.` is a segment of the descriptive flexfield.
    static var defaultFields: FieldMapping {
        var fields = FieldMapping(unit: .utf16)
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("OrganizationCode", .code(max: 18), "{organization}")
        add("AssetNumber", .code(max: 80), "{assetKnown}")
        add("WorkOrderNumber", .code(max: 120), "{number}")
        add("WorkOrderDescription", .line(max: 240), "AI vision: {title}")
        add("WorkOrderTypeCode", .code(max: 30), "{type}")
        add("WorkOrderSubTypeCode", .code(max: 30), "{subtype}")
        add("WorkOrderPriority", .integer, "{fusionPriority}")
        add("WorkOrderStatusCode", .code(max: 30), "{createStatus}")
        add("PlannedStartDate", .time, "{plannedStart}")
        return fields
    }
}

extension FusionConfiguration {
    public init(reading reader: SettingsReader) {
        url = reader.webAddress("url", example: "https://plant.fa.us2.oraclecloud.com", isRequired: true) ?? ""
        path = reader.text("path", default: "/fscmRestApi/resources/11.13.18.05")
        frameworkVersion = reader.integer("frameworkVersion", in: 2...99) ?? 4
        signIn = Self.signIn(reading: reader)
        organization = reader.requiredText("organization")
        numberPrefix = reader.text("numberPrefix", default: "AV-")
        types = reader.words("types", over: ["corrective": "CORRECTIVE", "predictive": "PREVENTIVE"])
        subtypes = reader.words("subtypes", over: ["emergency": "ORA_EMERGENCY", "predictive": "ORA_CONDITION_BASED"])
        createStatus = reader.text("createStatus", default: "ORA_UNRELEASED")
        cancelStatus = reader.text("cancelStatus", default: "ORA_CANCELED")
        priorities = reader.priorities("priorities", over: [1: "1", 2: "2", 3: "3", 4: "4"])
        operationName = reader.text("operationName")
        workCenter = reader.text("workCenter")
        attachmentCategory = reader.text("attachmentCategory", default: "MISC")
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30)) ?? 50_000_000
        states = reader.states("states", over: Self.defaultStates)
        criticalities = reader.words("criticalities")
        attributes = reader.words("attributes", over: Self.defaultAttributes)
        labourUnits = ["HR": 1, "HRS": 1, "HUR": 1, "HOUR": 1, "H": 1, "MIN": 1.0 / 60]
        for entry in reader.table("labourUnits") {
            guard let hours = Double(entry.value), hours > 0, hours < 1e4 else {
                reader.faults.add("should be the unit's length in hours, like 0.25", at: entry.node)
                continue
            }
            labourUnits[entry.key.uppercased()] = hours
        }
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(86_400)) ?? .seconds(900)
        fields = Self.defaultFields
        fields.change(reading: reader, names: Self.fieldNames)
        if !fields.fields.contains(where: { $0.name == "WorkOrderNumber" }) {
            reader.faults.add("the field WorkOrderNumber cannot be left out: orders are found by it", at: reader.node)
        }
        if !(1...20).contains(numberPrefix.count) || numberPrefix.contains("'") || numberPrefix.contains("%") {
            reader.faults.add(
                "numberPrefix takes 1 to 20 characters without ' and %", at: reader.raw("numberPrefix") ?? reader.node)
        }
        reader.finish()
    }

    private static func signIn(reading reader: SettingsReader) -> SignIn {
        enum Form: String, CaseIterable { case basic, oauth }
        let form = reader.choice("signIn", default: Form.oauth)
        let tokens = reader.section("oauth").map { TokenSource(reading: $0) }
        if form == .oauth {
            _ = (reader.raw("user"), reader.raw("password"))
            if let tokens { return .oauth(tokens) }
            reader.missing("oauth")
            return .basic(user: "", password: Secret(""))
        }
        let pair = reader.userAndPassword()
        return .basic(user: pair.user, password: pair.password)
    }
}
