import AndonModel
import Foundation

/// The options of a connector to MP2's database.
public struct MP2Configuration: Sendable {
    /// The driver's connection text without user and password.
    public var connection: String
    public var user: String
    public var password: Secret
    public var numberPrefix: String
    public var originator: String
    public var workTypes: [String: String]
    public var priorities: [Int: String]
    public var states: [String: OrderState]
    /// A share that MP2's Windows clients can open: where it is mounted here, and its name there.
    public var share: String?
    public var uncPath: String
    public var newStatus: String
    /// What stands for an empty key column; Oracle takes '' for NULL.
    public var emptyKey: String
    var encoding: CSVText.Encoding
    var clock: LocalTime
    public var fields: FieldMapping

    static let defaultStates: [String: OrderState] = [
        "O": .open, "R": .open, "H": .inProgress, "C": .done, "M": .inProgress,
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union(["workType", "mp2Priority", "originator"])

    /// Columns of WO, and after `WOEQLIST.` those of that table; widths of the 5.0 database.
    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("TASKDESC", .line(max: 72), "AI: {shortTitle} ({severityBand})")
        add("WOTYPE", .code(max: 9), "{workType}")
        add("PRIORITY", .number, "{mp2Priority}")
        add("ORIGINATOR", .line(max: 25), "{originator}")
        return fields
    }

    public init(reading reader: SettingsReader) {
        connection = reader.requiredText("connection")
        if connection.lowercased().contains("pwd=") {
            reader.faults.add(
                "holds a password; give user and password beside it", at: reader.raw("connection") ?? reader.node)
        }
        user = reader.text("user", default: "")
        password = reader.secret("password") ?? Secret("")
        numberPrefix = reader.text("numberPrefix", default: "AV").uppercased()
        if !(1...4).contains(numberPrefix.utf8.count) || !numberPrefix.allSatisfy({ $0.isASCII && $0.isLetter }) {
            reader.faults.add("numberPrefix takes 1 to 4 letters", at: reader.raw("numberPrefix") ?? reader.node)
            numberPrefix = "AV"
        }
        originator = reader.text("originator", default: "AI VISION")
        workTypes = reader.words("workTypes", over: ["corrective": "VISION", "predictive": "VISION"])
        priorities = reader.priorities("priorities", over: [1: "1", 2: "2", 3: "3", 4: "4"])
        states = reader.states("states", over: Self.defaultStates)
        newStatus = reader.text("newStatus", default: "O")
        emptyKey = reader.text("emptyKey", default: "")
        encoding = reader.choice("encoding", default: .windows1252)
        share = reader.text("share")
        uncPath = reader.text("uncPath", default: "")
        if let share, !share.hasPrefix("/") || !uncPath.hasPrefix("\\\\") {
            reader.faults.add(
                "should be an absolute path like /mnt/andon, with uncPath: \\\\SERVER\\share beside it: MP2's clients open files by that",
                at: reader.raw("share") ?? reader.node)
        }
        clock = reader.clock("timeZone")
        fields = Self.defaultFields
        fields.change(reading: reader, names: Self.fieldNames, form: .line(max: 20))
        reader.finish()
    }
}
