import AndonModel
import Foundation

/// What a plant's SAP is, whichever way leads to it: its address, and the customizing that a notification needs.
public struct SAPSystem: Sendable {
    /// Scheme, host and port, for example `https://sap.plant.example:44300`.
    public var url: String
    public var client: String
    /// The logon language. Status codes come in it: with another one the table of states needs that language's codes.
    public var language: String
    /// Whether the state and labour of orders are read; off where the order's interface is not open to us.
    public var readsOrders: Bool
    public var notificationTypes: [String: String]
    public var planningPlant: String?
    public var plannerGroup: String?
    public var reporter: String
    public var referencePrefix: String
    public var damageCodeGroup: String?
    /// Damage code by defect class, or by the class's code.
    public var damageCodes: [String: String]
    public var assetKind: AssetKind
    public var priorities: [Int: String]
    public var criticalities: [String: String]
    /// The zone of the dates and times that SAP gives without one.
    var clock: LocalTime
    /// Words of a refusal that means "somebody has it open".
    public var lockWords: [String]
    public var recordLink: Template

    public enum AssetKind: String, CaseIterable, Sendable {
        case equipment, functionalLocation
    }

    /// Names for templates of both ways, beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union([
        "notificationType", "sapPriority", "extReference", "equipment", "functionalLocation", "planningPlant",
        "plannerGroup", "reporter", "damageCodeGroup", "damageCode", "malfunctionDate", "malfunctionTime",
        "requiredDate", "requiredTime", "itemText",
    ])

    init(reading reader: SettingsReader, lockWords defaultLockWords: [String]) {
        url = reader.webAddress("url", example: "https://sap.plant.example:44300", isRequired: true) ?? ""
        client = reader.requiredText("client")
        language = reader.text("language", default: "EN")
        readsOrders = reader.bool("readOrders", default: true)
        notificationTypes = reader.words("notificationTypes", over: ["corrective": "M2", "predictive": "M1"])
        planningPlant = reader.text("planningPlant")
        plannerGroup = reader.text("plannerGroup")
        reporter = reader.text("reporter", default: "ANDON")
        referencePrefix = reader.text("referencePrefix", default: "AND-").uppercased()
        damageCodeGroup = reader.text("damageCodeGroup")
        damageCodes = reader.words("damageCodes")
        assetKind = reader.choice("assetsAre", default: .equipment)
        priorities = reader.priorities("priorities", over: [1: "1", 2: "2", 3: "3", 4: "4"])
        criticalities = reader.words("criticalities", over: ["A": "A", "B": "B", "C": "C"])
        clock = reader.clock("timeZone")
        let words = reader.texts("lockWords")
        lockWords = words.isEmpty ? defaultLockWords : words
        recordLink = reader.template(
            "recordLink",
            default: "{url}/sap/bc/gui/sap/its/webgui?sap-client={client}&~transaction=*IW23%20RIWO00-QMNUM={number}",
            names: ["url", "client", "number"])
    }

    func reference(_ reference: Reference) -> String { referencePrefix + reference.text.uppercased() }

    /// What both ways fill into a template; dates and times are each way's own.
    func values(of order: WorkOrder) -> [String: String] {
        var values = OrderText(order).fields
        values["text"] = values["text"]?.withoutControls
        values["notificationType"] = notificationTypes[order.kind.rawValue]
        values["sapPriority"] = priorities.word(for: order.priority)
        values["extReference"] = reference(order.reference)
        values["planningPlant"] = planningPlant
        values["plannerGroup"] = plannerGroup
        values["reporter"] = reporter
        setObject(of: order, in: &values)
        setDamage(of: order, in: &values)
        return values
    }

    /// The object: an asset that the registry knows, else the functional location.
    private func setObject(of order: WorkOrder, in values: inout [String: String]) {
        if order.place.assetKnown && assetKind == .equipment {
            values["equipment"] = order.place.asset
        } else {
            values["functionalLocation"] = order.place.assetKnown ? order.place.asset : order.place.location
        }
    }

    /// A code that is not in the customer's catalogue refuses the whole notification: only those of the table go.
    private func setDamage(of order: WorkOrder, in values: inout [String: String]) {
        let code = damageCodes[order.defectClass] ?? order.classCode.flatMap { damageCodes[$0] }
        if let code, let damageCodeGroup {
            values["damageCode"] = code
            values["damageCodeGroup"] = damageCodeGroup
        }
        let confidence = order.confidence.map {
            ", confidence \(JSON.ecmaScriptText(of: ($0 * 1000).rounded() / 1000))"
        }
        values["itemText"] = order.className.asOneLine.cut(to: 22, in: .utf16) + (confidence ?? "")
    }

    /// The receipt of notification `number`; planners go by the order's number where one was made with it.
    func receipt(number: String, order: String? = nil) -> Receipt {
        let values = ["url": url, "client": client, "number": WebAddress.encoded(number)]
        return Receipt(remoteID: number, number: order ?? number, link: recordLink.filled(with: values))
    }

    /// Internal forms of numbers are filled with zeros.
    static func withoutZeros(_ text: String) -> String {
        text.allSatisfy(\.isNumber) ? String(text.drop { $0 == "0" }) : text
    }
}
