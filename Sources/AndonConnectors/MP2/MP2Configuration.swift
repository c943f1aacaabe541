import AndonModel
import Foundation

/// The options of a connector to MP2.
public struct MP2Configuration: Sendable {
    public var way: Way
    /// The driver's connection text without user and password.
    public var connection: String
    public var user: String
    public var password: Secret
    public var numberPrefix: String
    public var originator: String
    public var workTypes: [String: String]
    public var priorities: [Int: String]
    public var states: [String: OrderState]
    /// Words of WORSTAT.NEWSTATUS by which a request ends without an order.
    public var requestStates: [String: OrderState]
    var share: MP2Share?
    /// Used by `folder` alone.
    var folder: DropFolder
    public var newStatus: String
    /// What stands for an empty key column; Oracle takes '' for NULL.
    public var emptyKey: String
    var encoding: CSVText.Encoding
    var clock: LocalTime
    public var fields: FieldMapping

    /// How an order comes into MP2.
    public enum Way: String, CaseIterable, Sendable {
        /// Rows of work orders.
        case orders
        /// Rows of work requests, which a planner makes orders of.
        case requests
        /// Files that a job beside MP2 takes: the Access edition cannot be written from here.
        case folder

        /// The table of an order's equipment.
        var listTable: String { self == .requests ? "WOREQLI" : "WOEQLIST" }
    }

    static let defaultRequestStates: [String: OrderState] = [
        "REJECTED": .cancelled, "DENIED": .cancelled, "DECLINED": .cancelled, "CANCELLED": .cancelled,
    ]

    static let defaultStates: [String: OrderState] = [
        "O": .open, "R": .open, "H": .inProgress, "C": .done, "M": .inProgress,
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union(["workType", "mp2Priority", "originator"])

    /// Columns of WO, and after `WOEQLIST.` those of that table; or of WOREQ and WOREQLI. Widths of the 5.0 database.
    static func defaultFields(_ way: Way) -> FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("TASKDESC", .line(max: 72), "AI: {shortTitle} ({severityBand})")
        add("WOTYPE", .code(max: 9), "{workType}")
        add("PRIORITY", .number, "{mp2Priority}")
        if way == .requests {
            add("REQUESTEDBY", .line(max: 11), "{originator}")
        } else {
            add("ORIGINATOR", .line(max: 25), "{originator}")
        }
        return fields
    }

    public init(reading reader: SettingsReader) {
        way = reader.choice("way", default: .orders)
        folder = DropFolder(reading: reader, isRequired: way == .folder)
        connection = way == .folder ? reader.text("connection", default: "") : reader.requiredText("connection")
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
        requestStates = reader.states("requestStates", over: Self.defaultRequestStates)
        newStatus = reader.text("newStatus", default: "O")
        emptyKey = reader.text("emptyKey", default: "")
        encoding = reader.choice("encoding", default: .windows1252)
        share = Self.share(reading: reader)
        clock = reader.clock("timeZone")
        fields = Self.defaultFields(way)
        fields.change(reading: reader, names: Self.fieldNames, form: .line(max: 20))
        // Names go into the statement as they are.
        for field in fields.fields
        where !field.name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_.".contains($0)) }) {
            reader.faults.add("\(field.name) is no name of a column", at: reader.raw("fields") ?? reader.node)
        }
        reader.finish()
    }

    private static func share(reading reader: SettingsReader) -> MP2Share? {
        let uncPath = reader.text("uncPath", default: "")
        guard let path = reader.text("share") else { return nil }
        if !path.hasPrefix("/") || !uncPath.hasPrefix("\\\\") {
            reader.faults.add(
                "should be an absolute path like /mnt/andon, with uncPath: \\\\SERVER\\share beside it: MP2's clients open files by that",
                at: reader.raw("share") ?? reader.node)
        }
        return MP2Share(path: path, uncPath: uncPath)
    }
}
