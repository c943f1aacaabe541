import AndonModel
import Foundation

/// The options of an S/4HANA connector. What a customer's system may name or allow differently is an option.
public struct SAPConfiguration: Sendable {
    public var system: SAPSystem
    public var servicePath: String
    public var signIn: SignIn
    public var create: Creation
    public var services: [String: String]
    public var orderTypes: [String: String]
    public var workCenter: String?
    public var workCenterPlant: String?
    public var controlKey: String?
    public var detectionCodeGroup: String?
    public var detectionCode: String?
    public var attachTo: String
    /// The other list of attachments, looked into as well.
    public var attachToElse: String
    public var attachmentBytesMax: Int
    /// SAP calculates the dates from a priority and drops ours: a predictive order goes without one unless asked.
    public var sendsPriorityWithDate: Bool
    public var phases: [String: OrderState]
    public var orderStates: [String: OrderState]
    public var partsFrom: PartsSource
    public var changedField: String
    public var orderChangedField: String
    public var completeAction: String
    public var pollOverlap: Duration
    public var fields: FieldMapping

    public enum SignIn: Sendable {
        case basic(user: String, password: Secret)
        case bearer(Secret)
        /// By the client certificate of the connector's option `tls`.
        case certificate
    }

    public enum Creation: String, CaseIterable, Sendable {
        case notification
        case notificationAndOrder = "notification+order"
    }

    public enum PartsSource: String, CaseIterable, Sendable {
        case components, materialDocuments
    }

    static let defaultServices = [
        "notification": "API_MAINTNOTIFICATION", "order": "API_MAINTENANCEORDER;v=0002",
        "confirmation": "API_MAINTORDERCONFIRMATION", "material": "API_MATERIAL_DOCUMENT_SRV",
        "attachment": "API_CV_ATTACHMENT_SRV", "equipment": "API_EQUIPMENT",
    ]

    /// Phases 1...5 of a notification; the same in every language.
    static let defaultPhases: [String: OrderState] = [
        "1": .open, "2": .open, "3": .inProgress, "4": .closed, "5": .cancelled,
    ]

    /// English codes of the system status, and subphases of the phase model.
    static let defaultOrderStates: [String: OrderState] = [
        "CRTD": .open, "REL": .open, "PCNF": .inProgress, "CNF": .done, "TECO": .done, "CLSD": .closed,
        "DLFL": .cancelled, "DLT": .cancelled, "NCMP": .cancelled, "0035": .open, "0040": .open, "0045": .open,
        "0050": .cancelled, "0055": .open, "0060": .open, "0065": .open, "0070": .inProgress, "0075": .done,
        "0080": .done, "0085": .done, "0092": .cancelled, "0095": .closed, "0105": .cancelled,
    ]

    /// Names for templates beside those of `SAPSystem`.
    static let fieldNames = SAPSystem.fieldNames.union([
        "sapOrderType", "object", "objectKind", "workCenter", "workCenterPlant", "controlKey", "detectionCodeGroup",
        "detectionCode", "basicStart",
    ])

    /// Names and widths: the service description of API_MAINTNOTIFICATION and of API_MAINTENANCEORDER, version 2.
    /// A name after `item.` goes into the first item, after `order.` and `operation.` into the order.
    static var defaultFields: FieldMapping {
        var fields = FieldMapping(unit: .utf16)
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("NotificationType", .code(max: 2), "{notificationType}")
        add("NotificationText", .line(max: 40), "{shortTitle}")
        add("MaintPriority", .code(max: 1), "{sapPriority}")
        add("TechnicalObject", .code(max: 40, upperCase: true), "{object}")
        add("TechObjIsEquipOrFuncnlLoc", .code(max: 20), "{objectKind}")
        add("MaintenancePlanningPlant", .code(max: 4), "{planningPlant}")
        add("MaintenancePlannerGroup", .code(max: 3), "{plannerGroup}")
        add("MainWorkCenter", .code(max: 8), "{workCenter}")
        add("MainWorkCenterPlant", .code(max: 4), "{workCenterPlant}")
        add("LocationDescription", .line(max: 50), "{zoneName}")
        add("MaintNotifExtReferenceNumber", .code(max: 20, upperCase: true), "{extReference}")
        add("ReportedByUser", .code(max: 12, upperCase: true), "{reporter}")
        add("MaintNotifDetectionCodeGroup", .code(max: 8), "{detectionCodeGroup}")
        add("MaintNotifDetectionCode", .code(max: 4), "{detectionCode}")
        add("MalfunctionStartDate", .text, "{malfunctionDate}")
        add("MalfunctionStartTime", .text, "{malfunctionTime}")
        add("RequiredEndDate", .text, "{requiredDate}")
        add("RequiredEndTime", .text, "{requiredTime}")
        add("MaintNotifLongTextForEdit", .prose(max: 1333), "{text}")
        add("item.MaintNotifItemText", .line(max: 40), "{itemText}")
        add("item.MaintNotifDamageCodeGroup", .code(max: 8), "{damageCodeGroup}")
        add("item.MaintNotificationDamageCode", .code(max: 4), "{damageCode}")
        add("order.MaintenanceOrderType", .code(max: 4), "{sapOrderType}")
        add("order.MaintenanceOrderDesc", .line(max: 40), "{shortTitle}")
        add("order.MaintenancePlanningPlant", .code(max: 4), "{planningPlant}")
        add("order.Equipment", .code(max: 18, upperCase: true), "{equipment}")
        add("order.FunctionalLocation", .code(max: 30, upperCase: true), "{functionalLocation}")
        add("order.MainWorkCenter", .code(max: 8), "{workCenter}")
        add("order.MainWorkCenterPlant", .code(max: 4), "{workCenterPlant}")
        add("order.MaintPriority", .code(max: 1), "{sapPriority}")
        add("order.MaintOrdBasicStartDateTime", .text, "{basicStart}")
        add("operation.OperationDescription", .line(max: 40), "{action}")
        add("operation.OperationControlKey", .code(max: 4), "{controlKey}")
        add("operation.WorkCenter", .code(max: 8), "{workCenter}")
        add("operation.Plant", .code(max: 4), "{workCenterPlant}")
        return fields
    }
}

extension SAPConfiguration {
    public init(reading reader: SettingsReader) {
        system = SAPSystem(reading: reader, lockWords: ["locked by", "currently being processed"])
        servicePath = reader.text("servicePath", default: "/sap/opu/odata/sap")
        signIn = Self.signIn(reading: reader)
        create = reader.choice("create", default: .notification)
        services = reader.words("services", over: Self.defaultServices)
        orderTypes = reader.words("orderTypes", over: ["corrective": "PM01", "predictive": "PM03"])
        workCenter = reader.text("workCenter")
        workCenterPlant = reader.text("workCenterPlant")
        controlKey = reader.text("controlKey")
        detectionCodeGroup = reader.text("detectionCodeGroup")
        detectionCode = reader.text("detectionCode")
        attachTo = reader.text("attachTo", default: "PMQMEL")
        attachToElse = reader.text("attachToElse", default: "BUS2038")
        attachmentBytesMax = reader.byteCount("attachmentBytesMax", in: 1...(1 << 30)) ?? 100_000_000
        sendsPriorityWithDate = reader.bool("priorityWithDate", default: false)
        phases = reader.states("phases", over: Self.defaultPhases)
        orderStates = reader.states("orderStates", over: Self.defaultOrderStates)
        partsFrom = reader.choice("partsFrom", default: .components)
        changedField = reader.text("changedField", default: "LastChangeDateTime")
        orderChangedField = reader.text("orderChangedField", default: "LastChangeDateTime")
        completeAction = reader.text("completeAction", default: "CompleteMaintNotification")
        pollOverlap = reader.duration("pollOverlap", in: .zero ... .seconds(86_400)) ?? .seconds(900)
        fields = Self.defaultFields
        fields.change(reading: reader, names: Self.fieldNames)
        if !fields.fields.contains(where: { $0.name == "MaintNotifExtReferenceNumber" }) {
            reader.faults.add(
                "the field MaintNotifExtReferenceNumber cannot be left out: orders are found by it", at: reader.node)
        }
        if !(1...10).contains(system.referencePrefix.count) || system.referencePrefix.contains("'") {
            reader.faults.add(
                "referencePrefix takes 1 to 10 characters: 20 hold it and the reference",
                at: reader.raw("referencePrefix") ?? reader.node)
        }
        reader.finish()
    }

    private static func signIn(reading reader: SettingsReader) -> SignIn {
        enum Form: String, CaseIterable { case basic, bearer, certificate }
        let form = reader.choice("signIn", default: Form.basic)
        let token = reader.secret("token")
        guard form == .basic else {
            _ = (reader.raw("user"), reader.raw("password"))
            if form == .bearer, token == nil, reader.raw("token") == nil { reader.missing("token") }
            return form == .bearer ? .bearer(token ?? Secret("")) : .certificate
        }
        let pair = reader.userAndPassword()
        return .basic(user: pair.user, password: pair.password)
    }

    func service(_ name: String) -> String { services[name] ?? "" }
}
