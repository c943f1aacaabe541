import AndonModel
import Foundation

/// The options of an Infor EAM (HxGN EAM) connector. Nearly every code there is the customer's own.
public struct InforConfiguration: Sendable {
    /// The REST base, for example `https://eam.plant.example/axis/restservices`, or the gateway's address of it.
    public var url: String
    public var tenant: String
    public var organization: String
    var signIn: SignIn
    /// A dataspy that shows all orders, closed ones too. Without one the account's own hides what was closed, and an
    /// order would be made twice.
    public var dataspy: String
    public var createStatus: String
    public var cancelStatus: String
    public var department: String?
    public var orderClass: String?
    public var classOrganization: String
    public var workTypes: [String: String]
    public var priorities: [Int: String]
    public var problemCodes: [String: String]
    /// Location there by our functional location; others are not sent.
    public var locations: [String: String]
    public var referenceField: String
    public var originField: String
    public var origin: String
    public var textField: String
    public var states: [String: OrderState]
    public var systemStates: [String: OrderState]
    public var criticalities: [String: String]
    public var language: String
    public var startsFromDefaults: Bool
    public var ownDocumentCodes: Bool
    public var commentPath: String
    public var commentsPath: String
    public var assetGrid: String
    /// How the account's dates are written, of `yyyy`, `MM` or `MMM`, and `dd`: the filters of a grid take no other.
    public var dateFormat: String
    /// Codes of the types whose orders nobody reported, in upper case.
    public var derivedTypes: Set<String>
    public var attachmentBytesMax: Int
    /// The server's own clock: dates are written and meant in it.
    var clock: LocalTime
    public var fields: FieldMapping

    enum SignIn: Sendable {
        case basic(user: String, password: Secret)
        case apiKey(Secret)
        case gateway(TokenSource)
    }

    static let defaultStates: [String: OrderState] = [
        "IP": .inProgress, "WIP": .inProgress, "CANC": .cancelled, "REJ": .cancelled, "CL": .closed,
    ]
    /// The fixed codes behind the customer's.
    static let defaultSystemStates: [String: OrderState] = [
        "-": .open, "Q": .open, "R": .open, "C": .closed, "REJ": .cancelled,
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union([
        "organization", "workType", "createStatus", "eamPriority", "department", "orderClass", "problemCode",
        "locationCode", "assetKnown", "origin", "place",
    ])

    /// Members of a work order by their path; widths are those of the usual database.
    static func defaultFields(reference: String, origin: String, text: String) -> FieldMapping {
        var fields = FieldMapping(unit: .utf16)
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("WORKORDERID.DESCRIPTION", .line(max: 80), "AI vision: {shortTitle}")
        add("TYPE.TYPECODE", .code(max: 8), "{workType}")
        add("STATUS.STATUSCODE", .code(max: 8), "{createStatus}")
        add("PRIORITY.PRIORITYCODE", .code(max: 8), "{eamPriority}")
        add("DEPARTMENTID.DEPARTMENTCODE", .code(max: 15), "{department}")
        add("EQUIPMENTID.EQUIPMENTCODE", .code(max: 30), "{assetKnown}")
        add("LOCATIONID.LOCATIONCODE", .code(max: 30), "{locationCode}")
        add("CLASSID.CLASSCODE", .code(max: 8), "{orderClass}")
        add("PROBLEMCODEID.PROBLEMCODE", .code(max: 15), "{problemCode}")
        add("REPORTED", .time, "{detectedAt}")
        add("TARGETDATE", .time, "{scheduledAt}")
        add("UserDefinedFields.\(reference)", .code(max: 80), "{reference}")
        add("UserDefinedFields.\(origin)", .code(max: 80), "{origin}")
        add("UserDefinedFields.UDFCHAR03", .line(max: 80), "{className}")
        add("UserDefinedFields.UDFCHAR04", .line(max: 80), "{place}")
        add("UserDefinedFields.UDFCHAR05", .line(max: 80), "{spc}")
        add("UserDefinedFields.UDFCHAR06", .line(max: 80), "{lot}")
        add("UserDefinedFields.UDFCHAR07", .line(max: 80), "{action}")
        add("UserDefinedFields.UDFNUM01", .number, "{confidence}")
        add("UserDefinedFields.UDFNUM02", .number, "{severity}")
        add("UserDefinedFields.UDFNUM03", .number, "{recurrence30d}")
        add("UserDefinedFields.\(text)", .prose(max: 4000), "{text}")
        return fields
    }
}

extension InforConfiguration {
    public init(reading reader: SettingsReader) {
        url = reader.webAddress("url", example: "https://eam.plant.example/axis/restservices", isRequired: true) ?? ""
        tenant = reader.requiredText("tenant")
        organization = reader.requiredText("organization")
        signIn = Self.signIn(reading: reader)
        dataspy = reader.requiredText("dataspy")
        createStatus = reader.text("createStatus", default: "R")
        cancelStatus = reader.text("cancelStatus", default: "REJ")
        department = reader.text("department")
        orderClass = reader.text("orderClass")
        classOrganization = reader.text("classOrganization", default: "*")
        workTypes = reader.words("workTypes", over: ["corrective": "CORR", "predictive": "PDM"])
        priorities = reader.priorities("priorities", over: [1: "1", 2: "2", 3: "3", 4: "4"])
        problemCodes = reader.words("problemCodes")
        locations = reader.words("locations")
        referenceField = reader.text("referenceField", default: "UDFCHAR01")
        originField = reader.text("originField", default: "UDFCHAR02")
        textField = reader.text("textField", default: "UDFNOTE01")
        origin = reader.text("origin", default: "AI-VISION")
        states = reader.states("states", over: Self.defaultStates)
        systemStates = reader.states("systemStates", over: Self.defaultSystemStates)
        criticalities = reader.words("criticalities")
        language = reader.text("language", default: "EN")
        startsFromDefaults = reader.bool("startFromDefaults", default: false)
        ownDocumentCodes = reader.bool("ownDocumentCodes", default: false)
        commentPath = reader.text("commentPath", default: "/comments")
        commentsPath = reader.text("commentsPath", default: "/workorders/{key}/comments")
        assetGrid = reader.text("assetGrid", default: "OSOBJA")
        dateFormat = Self.dateFormat(reading: reader)
        derivedTypes = Self.derivedTypes(reading: reader)
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30)) ?? 20_000_000
        clock = reader.clock("serverTimeZone")
        fields = Self.defaultFields(reference: referenceField, origin: originField, text: textField)
        fields.change(reading: reader, names: Self.fieldNames)
        for name in [referenceField, originField]
        where !fields.fields.contains(where: { $0.name == "UserDefinedFields.\(name)" }) {
            reader.faults.add("the field \(name) cannot be left out: orders are found by it", at: reader.node)
        }
        reader.finish()
    }

    private static func dateFormat(reading reader: SettingsReader) -> String {
        let usual = "dd-MMM-yyyy"
        guard let node = reader.raw("dateFormat"), let format = reader.text(of: node) else { return usual }
        if ["yyyy", "MM", "dd"].allSatisfy({ format.contains($0) }) { return format }
        reader.faults.add("should be made of yyyy, MM or MMM, and dd, like \(usual)", at: node)
        return usual
    }

    /// Turns of a plan, and what EAM made of an order for each of its equipment.
    private static func derivedTypes(reading reader: SettingsReader) -> Set<String> {
        guard reader.raw("derivedTypes") != nil else { return ["PPM", "MEC"] }
        return Set(reader.texts("derivedTypes").map { $0.uppercased() })
    }

    private static func signIn(reading reader: SettingsReader) -> SignIn {
        enum Form: String, CaseIterable { case basic, apiKey, gateway }
        let form = reader.choice("signIn", default: Form.basic)
        let key = reader.secret("apiKey")
        let tokens = reader.section("gateway").map { TokenSource(ionapi: $0) }
        guard form == .basic else {
            _ = (reader.raw("user"), reader.raw("password"))
            if form == .apiKey {
                if key == nil, reader.raw("apiKey") == nil { reader.missing("apiKey") }
                return .apiKey(key ?? Secret(""))
            }
            guard let tokens else {
                reader.missing("gateway")
                return .apiKey(Secret(""))
            }
            return .gateway(tokens)
        }
        let pair = reader.userAndPassword()
        return .basic(user: pair.user.uppercased(), password: pair.password)
    }
}

extension TokenSource {
    /// The names that an `.ionapi` file has otherwise: `saak` and `sask` are the service account. `#`, `+`, `/` and `=`
    /// occur in both.
    convenience init(ionapi reader: SettingsReader) {
        let url = reader.webAddress(
            "tokenUrl", example: "https://sso.plant.example/TENANT/as/token.oauth2", isRequired: true)
        let id = reader.requiredText("clientId")
        let secret = reader.secret("clientSecret")
        if secret == nil, reader.raw("clientSecret") == nil { reader.missing("clientSecret") }
        let key = reader.text("accountKey")
        let accountSecret = reader.secret("accountSecret")
        if key != nil, accountSecret == nil, reader.raw("accountSecret") == nil { reader.missing("accountSecret") }
        reader.finish()
        var parameters = [(name: "grant_type", value: Secret("client_credentials"))]
        if let key {
            parameters = [
                ("grant_type", Secret("password")), ("username", Secret(key)),
                ("password", accountSecret ?? Secret("")),
            ]
        }
        self.init(Settings(url: url ?? "", clientID: id, clientSecret: secret ?? Secret(""), parameters: parameters))
    }
}
