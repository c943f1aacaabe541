import AndonModel
import Foundation

/// The options of a connector to SAP ECC 6.0, or to an S/4HANA whose OData services are not activated.
public struct ECCConfiguration: Sendable {
    public var system: SAPSystem
    /// The RFC node, or the address of a SOAMANAGER binding.
    public var path: String
    public var signIn: SignIn
    /// A function of the customer's that makes, saves and commits in one call, where no session can be kept.
    public var createFunction: String?
    /// Likewise for a further item.
    public var addFunction: String?
    /// Likewise for a change of the header.
    public var modifyFunction: String?
    public var readTableFunction: String
    /// The column of the notification table that our reference lies in.
    public var referenceColumn: String
    /// The same as a field of the notification's header.
    public var referenceField: String
    /// Where the notification type has an external number range: what stands before our reference in the number.
    public var externalNumberPrefix: String?
    public var longTextTypeField: String
    /// The internal id of the work centre, not its name.
    public var workCenterID: String?
    public var originCodeGroup: String?
    public var originCode: String?
    public var states: [String: OrderState]
    public var readsLabour: Bool
    public var readsParts: Bool
    public var assetTable: String
    public var assetCondition: String
    /// What the orders of people are listed from, and which of its rows they are.
    public var historyTable: String
    public var historyCondition: String
    public var pollOverlap: Duration
    public var fields: FieldMapping

    public enum SignIn: Sendable {
        case basic(user: String, password: Secret)
        case certificate
    }

    /// English codes of the system status: of notifications, then of orders.
    static let defaultStates: [String: OrderState] = [
        "OSNO": .open, "NOPO": .open, "NOPR": .inProgress, "NOCO": .closed, "CRTD": .open, "REL": .open,
        "PCNF": .inProgress, "CNF": .done, "TECO": .done, "CLSD": .closed, "DLFL": .cancelled, "DLT": .cancelled,
        "NCMP": .cancelled,
    ]

    /// Quality and service have notifications as well, with types of their own; SAP's of maintenance are M1 to M3. What
    /// a maintenance plan made names it in `WARPL`.
    static func defaultHistory(of system: SAPSystem) -> String {
        let types = Set(system.notificationTypes.values).union(["M1", "M2", "M3"]).sorted()
        var conditions = ["WARPL EQ ''"] + ECCTables.anyOf("QMART", types)
        if let plant = system.planningPlant { conditions.append("IWERK EQ \(ECCTables.literal(plant))") }
        return conditions.joined(separator: " AND ")
    }

    /// Names for templates beside those of `SAPSystem`.
    static let fieldNames = SAPSystem.fieldNames.union(["workCenterID", "originCodeGroup", "originCode"])

    /// Names and widths of BAPI2080_NOTHDRI and, after `item.`, of BAPI2080_NOTITEMI.
    static func defaultFields(reference: String) -> FieldMapping {
        var fields = FieldMapping(unit: .utf16)
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("NOTIF_TYPE", .code(max: 2), "{notificationType}")
        add("SHORT_TEXT", .line(max: 40), "{shortTitle}")
        add("PRIORITY", .code(max: 1), "{sapPriority}")
        add("EQUIPMENT", .code(max: 18, upperCase: true), "{equipment}")
        add("FUNCT_LOC", .code(max: 30, upperCase: true), "{functionalLocation}")
        add("PLANPLANT", .code(max: 4), "{planningPlant}")
        add("PLANGROUP", .code(max: 3), "{plannerGroup}")
        add("PM_WKCTR", .code(max: 8), "{workCenterID}")
        add("CODE_GROUP", .code(max: 8), "{originCodeGroup}")
        add("CODING", .code(max: 4), "{originCode}")
        add("REPORTEDBY", .code(max: 12, upperCase: true), "{reporter}")
        add("STRMLFNDATE", .text, "{malfunctionDate}")
        add("STRMLFNTIME", .text, "{malfunctionTime}")
        add("DESENDDATE", .text, "{requiredDate}")
        add("DESENDTM", .text, "{requiredTime}")
        add(reference, .code(max: 40, upperCase: true), "{extReference}")
        add("LONGTEXTS", .text, "{text}")
        add("item.DESCRIPT", .line(max: 40), "{itemText}")
        add("item.D_CODEGRP", .code(max: 8), "{damageCodeGroup}")
        add("item.D_CODE", .code(max: 4), "{damageCode}")
        return fields
    }
}

extension ECCConfiguration {
    public init(reading reader: SettingsReader) {
        system = SAPSystem(
            reading: reader, lockWords: ["locked by", "currently being processed", "is processing"])
        path = reader.text("path", default: "/sap/bc/soap/rfc")
        signIn = Self.signIn(reading: reader)
        createFunction = reader.text("createFunction")
        addFunction = reader.text("addFunction")
        modifyFunction = reader.text("modifyFunction")
        readTableFunction = reader.text("readTableFunction", default: "RFC_READ_TABLE")
        referenceColumn = reader.text("referenceColumn", default: "DEVICEID")
        referenceField = reader.text("referenceField", default: "DEVICEDATA")
        externalNumberPrefix = reader.text("externalNumberPrefix")?.uppercased()
        longTextTypeField = reader.text("longTextTypeField", default: "OBJTYPE")
        workCenterID = reader.text("workCenterID")
        originCodeGroup = reader.text("originCodeGroup")
        originCode = reader.text("originCode")
        states = reader.states("states", over: Self.defaultStates)
        readsLabour = reader.bool("readLabour", default: true)
        readsParts = reader.bool("readParts", default: true)
        assetTable = reader.text("assetTable", default: "V_EQUI")
        assetCondition = reader.text("assetCondition", default: "DATBI EQ '99991231' AND SPRAS EQ 'E'")
        historyTable = reader.text("historyTable", default: "VIQMEL")
        historyCondition = reader.text("historyCondition", default: Self.defaultHistory(of: system))
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(7 * 86_400)) ?? .seconds(3600)
        fields = Self.defaultFields(reference: referenceField)
        fields.change(reading: reader, names: Self.fieldNames)
        check(reader)
        reader.finish()
    }

    private func check(_ reader: SettingsReader) {
        if !fields.fields.contains(where: { $0.name == referenceField }) {
            reader.faults.add("the field \(referenceField) cannot be left out: orders are found by it", at: reader.node)
        }
        func isCode(_ text: String) -> Bool {
            text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_/".contains($0)) }
        }
        if !(1...20).contains(system.referencePrefix.count) || !isCode(system.referencePrefix) {
            reader.faults.add(
                "referencePrefix takes 1 to 20 letters, digits, - or _",
                at: reader.raw("referencePrefix") ?? reader.node)
        }
        if let prefix = externalNumberPrefix, prefix.count > 2 || !isCode(prefix) {
            reader.faults.add(
                "externalNumberPrefix takes at most 2 letters or digits: a number has 12 characters, our reference 10",
                at: reader.raw("externalNumberPrefix") ?? reader.node)
        }
        let functions = [
            ("createFunction", createFunction), ("addFunction", addFunction), ("modifyFunction", modifyFunction),
            ("readTableFunction", readTableFunction),
        ]
        for (key, name) in functions where !isCode(name ?? "") {
            reader.faults.add(
                "should be the name of a function like Z_ANDON_NOTIF_CREATE", at: reader.raw(key) ?? reader.node)
        }
    }

    private static func signIn(reading reader: SettingsReader) -> SignIn {
        enum Form: String, CaseIterable { case basic, certificate }
        guard reader.choice("signIn", default: Form.basic) == .basic else {
            _ = (reader.raw("user"), reader.raw("password"))
            return .certificate
        }
        let pair = reader.userAndPassword()
        return .basic(user: pair.user, password: pair.password)
    }

    /// Internal form of a key: a number is filled with zeros, anything else stays.
    static func key(_ text: String, _ width: Int) -> String {
        guard !text.isEmpty, text.count < width, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return text }
        return String(repeating: "0", count: width - text.count) + text
    }
}
