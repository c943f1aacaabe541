import AndonModel
import Foundation

/// The options of a file exchange with MaintiMizer. No interface of it is public: the files are a contract between
/// the site and us, and all of it is configurable.
public struct MaintimizerConfiguration: Sendable {
    public var way: Way
    /// Way mail: for the site's export alone, and may be left out.
    var folder: DropFolder
    var mail: MailRelay
    /// Whether a message whose answer was lost goes again.
    public var mailsAgain: Bool
    var csv: CSVText
    public var dateForm: String
    public var timeForm: String
    public var decimalComma: Bool
    public var completedFile: String
    public var equipmentFile: String?
    public var requestedBy: String
    public var priorities: [Int: String]
    public var types: [String: String]
    public var states: [String: OrderState]
    var clock: LocalTime
    public var fields: FieldMapping

    /// How a work request comes to the planner.
    public enum Way: String, CaseIterable, Sendable {
        case files, mail
    }

    static let defaultStates: [String: OrderState] = [
        "OPEN": .open, "REQUESTED": .open, "ASSIGNED": .inProgress, "STARTED": .inProgress, "IN PROGRESS": .inProgress,
        "HOLD": .inProgress, "COMPLETED": .done, "COMPLETE": .done, "CLOSED": .closed, "HISTORY": .closed,
        "CANCELLED": .cancelled, "VOID": .cancelled, "REJECTED": .cancelled,
    ]

    /// Names for templates beside `OrderText.fieldNames`.
    static let fieldNames = OrderText.fieldNames.union([
        "assetKnown", "requestPriority", "requestType", "requestedBy", "requestDate", "requestTime", "image", "details",
    ])

    /// Columns in the order of the file, which is part of the contract.
    static let columns = [
        "RequestKey", "EquipmentID", "Location", "Priority", "Type", "Problem", "Description", "Details", "RequestedBy",
        "RequestDate", "RequestTime", "Image",
    ]

    static var defaultFields: FieldMapping {
        var fields = FieldMapping()
        func add(_ name: String, _ form: FieldMapping.Form, _ source: String) {
            fields.set(name, form, .own(source, names: fieldNames))
        }
        add("RequestKey", .code(max: 20), "{reference}")
        add("EquipmentID", .code(max: 20), "{assetKnown}")
        add("Location", .line(max: 30), "{zone}")
        add("Priority", .code(max: 1), "{requestPriority}")
        add("Type", .code(max: 10), "{requestType}")
        add("Problem", .line(max: 20), "{class}")
        add("Description", .line(max: 80), "AI: {shortTitle}")
        add("Details", .prose(max: 4000), "{details}")
        add("RequestedBy", .line(max: 25), "{requestedBy}")
        add("RequestDate", .text, "{requestDate}")
        add("RequestTime", .text, "{requestTime}")
        add("Image", .line(max: 120), "{image}")
        return fields
    }
}

extension MaintimizerConfiguration {
    public init(reading reader: SettingsReader) {
        way = reader.choice("way", default: .files)
        folder = DropFolder(reading: reader, isRequired: way == .files)
        mail = MailRelay(reading: reader, isRequired: way == .mail)
        mailsAgain = reader.bool("mailsAgain", default: true)
        csv = CSVText()
        csv.encoding = reader.choice("encoding", default: .windows1252)
        if let node = reader.raw("delimiter"), let text = reader.text(of: node) {
            if text.count == 1, text != "\"", let first = text.first {
                csv.delimiter = first
            } else if text == "tab" {
                csv.delimiter = "\t"
            } else {
                reader.faults.add("should be one character, or tab; found \(node.kindName)", at: node)
            }
        }
        enum Newline: String, CaseIterable { case crlf, lf }
        csv.newline = reader.choice("newline", default: Newline.crlf) == .crlf ? "\r\n" : "\n"
        dateForm = reader.text("dateForm", default: "%m/%d/%Y")
        timeForm = reader.text("timeForm", default: "%H:%M")
        decimalComma = reader.bool("decimalComma", default: false)
        completedFile = reader.text("completedFile", default: "export/completed.csv")
        equipmentFile = reader.text("equipmentFile")
        requestedBy = reader.text("requestedBy", default: "AI VISION")
        priorities = reader.priorities("priorities", over: [1: "1", 2: "2", 3: "3", 4: "4", 5: "5"])
        types = reader.words("types", over: ["corrective": "CM", "predictive": "PD"])
        states = reader.states("states", over: Self.defaultStates)
        clock = reader.clock("timeZone")
        fields = Self.defaultFields
        fields.change(reading: reader, names: Self.fieldNames)
        for name in ["RequestKey", "Details"] where !fields.fields.contains(where: { $0.name == name }) {
            reader.faults.add("the column \(name) cannot be left out", at: reader.node)
        }
        reader.finish()
    }
}

/// `%Y`, `%m`, `%d`, `%H`, `%M` and `%S` of a wall clock; two digits each, four for the year.
enum ClockForm {
    static func text(_ local: String, _ form: String) -> String {
        let parts = local.split { !$0.isNumber }.map(String.init)
        guard parts.count >= 6 else { return local }
        let signs = ["%Y", "%m", "%d", "%H", "%M", "%S"]
        return zip(signs, parts).reduce(form) { $0.replacing($1.0, with: $1.1) }
    }

    /// `2026-11-23T11:02:00`, from a text in that form; nil when it is not.
    static func parts(_ text: String, _ form: String) -> [Character: Int]? {
        var values: [Character: Int] = [:]
        var rest = text.trimmingCharacters(in: .whitespaces)[...]
        var signs = form[...]
        while let sign = signs.popFirst() {
            guard sign == "%", let name = signs.popFirst() else {
                guard rest.popFirst() == sign else { return nil }
                continue
            }
            let digits = rest.prefix(name == "Y" ? 4 : 2).prefix { $0.isNumber }
            guard let value = Int(digits) else { return nil }
            values[name] = value
            rest = rest.dropFirst(digits.count)
        }
        return values
    }
}
