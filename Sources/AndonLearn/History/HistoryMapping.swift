import AndonModel
import Foundation

/// What a column of a CMMS's old orders says.
public enum HistoryColumn: String, CaseIterable, Sendable {
    case number, asset
    case defectClass = "class"
    case detected, created, assigned, started, finished, closed
    case state, priority, technician, crew, cause, action, labour, parts

    /// Headings that are taken for it where the mapping names none; compared by their letters and digits alone.
    var usual: [String] {
        switch self {
        case .number:
            ["number", "order", "ordernumber", "orderno", "workorder", "wonum", "wo", "id", "auftrag", "aufnr"]
        case .asset: ["asset", "assetid", "assetnum", "equipment", "equnr", "machine", "anlage", "maschine"]
        case .defectClass: ["class", "defectclass", "problem", "problemcode", "failurecode", "defect", "schaden"]
        case .detected:
            [
                "detected", "detectedat", "reported", "reportedat", "reportdate", "requested", "malfunctionstart",
                "gemeldet",
            ]
        case .created:
            ["created", "createdat", "creationdate", "createdon", "raised", "raisedat", "erfasst", "angelegt"]
        case .assigned: ["assigned", "assignedat", "dispatched", "zugewiesen"]
        case .started: ["started", "startedat", "start", "actstart", "actualstart", "workstart", "beginn", "begonnen"]
        case .finished:
            [
                "finished", "finishedat", "ended", "endedat", "completed", "completedat", "actfinish", "actualfinish",
                "ende",
            ]
        case .closed: ["closed", "closedat", "closedate", "closedon", "statusdate", "abgeschlossen"]
        case .state: ["state", "status", "orderstatus", "zustand"]
        case .priority: ["priority", "prio", "wopriority", "prioritaet", "priorität"]
        case .technician: ["technician", "labor", "worker", "assignedto", "lead", "techniker"]
        case .crew: ["crew", "team", "group", "workcenter", "crewid", "gruppe"]
        case .cause: ["cause", "causecode", "ursache"]
        case .action: ["action", "remedy", "remedycode", "actioncode", "massnahme", "maßnahme"]
        case .labour: ["labour", "labourhours", "laborhours", "hours", "acthours", "actlabhrs", "stunden"]
        case .parts: ["parts", "materials", "spareparts", "ersatzteile"]
        }
    }

    static func letters(_ heading: String) -> String {
        String(heading.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

/// How the columns of a file of old orders are to be read.
public struct HistoryMapping: Hashable, Sendable {
    public enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case windows1252 = "windows-1252"
    }

    /// Headings of the file; the usual ones are found by themselves.
    public var columns: [HistoryColumn: String] = [:]
    /// `,`, `;` or a tab; nil to find it.
    public var separator: Character?
    public var encoding: Encoding?
    /// Patterns such as `dd.MM.yyyy HH:mm`, tried in their order after ISO 8601.
    public var dates: [String] = []
    /// IANA name of the zone of times without one.
    public var timeZone = "UTC"
    public var decimalComma = false
    /// What the file calls assets and classes, and what the plant does.
    public var assets: [String: String] = [:]
    public var classes: [String: String] = [:]
    /// Of orders without a class.
    public var defaultClass: String?
    /// Words of the state that say that no work was done, in small letters.
    public var cancelled: Set<String> = ["cancelled", "canceled", "can", "rejected", "storniert"]
    /// Words of the state that say that nothing was wrong.
    public var falseAlarm: Set<String> = ["false alarm", "no fault found", "fehlalarm"]
    /// Until when the orders were watched: when the file was made. Nil for its last time.
    public var exportedAt: Timestamp?
    /// Nothing is taken in when a larger share of the orders does not fit.
    public var unfitMax = 0.02

    public init() {}

    /// - Throws: ``HistoryFileError`` that names the member and what is right.
    public init(_ json: JSON) throws(HistoryFileError) {
        self.init()
        guard let members = json.object else {
            if json == .null { return }
            throw Self.fault("the mapping", "a section with names")
        }
        for (name, value) in members { try read(name, value) }
        guard TimeZone(identifier: timeZone) != nil else {
            throw Self.fault("timeZone", "a zone such as Europe/Berlin, not \"\(timeZone.prefix(40))\"")
        }
        for pattern in dates {
            guard DatePattern(pattern) != nil else {
                throw Self.fault("dates", "patterns such as dd.MM.yyyy HH:mm, not \"\(pattern.prefix(40))\"")
            }
        }
    }

    private static func fault(_ name: String, _ right: String) -> HistoryFileError {
        HistoryFileError(reason: "In the mapping, \(name) should be \(right).")
    }

    private mutating func read(_ name: String, _ value: JSON) throws(HistoryFileError) {
        switch name {
        case "columns":
            for (key, heading) in try Self.texts(name, value) {
                guard let column = HistoryColumn(rawValue: key) else {
                    let known = HistoryColumn.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Self.fault("columns", "of \(known); it has \"\(key.prefix(40))\"")
                }
                columns[column] = heading
            }
        case "separator":
            let words: [String: Character] = [",": ",", ";": ";", "\t": "\t", "tab": "\t"]
            guard let found = value.string.flatMap({ words[$0] }) else { throw Self.fault(name, "\",\", \";\" or tab") }
            separator = found
        case "encoding":
            guard let found = value.string.flatMap({ Encoding(rawValue: $0.lowercased()) }) else {
                throw Self.fault(name, "utf-8 or windows-1252")
            }
            encoding = found
        case "dates": dates = try Self.list(name, value)
        case "timeZone": timeZone = try Self.text(name, value)
        case "decimalComma":
            guard let found = value.bool else { throw Self.fault(name, "true or false") }
            decimalComma = found
        case "assets": assets = try Self.texts(name, value)
        case "classes": classes = try Self.texts(name, value)
        case "defaultClass": defaultClass = try Self.text(name, value)
        case "cancelled": cancelled = Set(try Self.list(name, value).map { $0.lowercased() })
        case "falseAlarm": falseAlarm = Set(try Self.list(name, value).map { $0.lowercased() })
        case "exportedAt":
            guard let time = value.string.flatMap(Timestamp.init) else {
                throw Self.fault(name, "a time with its zone, such as 2026-11-01T00:00:00Z")
            }
            exportedAt = time
        case "unfitMax":
            guard let share = value.number, share >= 0, share <= 1 else {
                throw Self.fault(name, "a share from 0 to 1")
            }
            unfitMax = share
        default:
            throw HistoryFileError(
                reason:
                    "The mapping has \"\(name.prefix(40))\", which is unknown; see docs/learn.md for what it may have.")
        }
    }

    private static func text(_ name: String, _ value: JSON) throws(HistoryFileError) -> String {
        guard let text = value.string, !text.isEmpty else { throw fault(name, "a text") }
        return text
    }

    private static func list(_ name: String, _ value: JSON) throws(HistoryFileError) -> [String] {
        guard let elements = value.array, elements.count <= 100 else { throw fault(name, "a list of up to 100 texts") }
        var texts: [String] = []
        for element in elements { texts.append(try text(name, element)) }
        return texts
    }

    private static func texts(_ name: String, _ value: JSON) throws(HistoryFileError) -> [String: String] {
        guard let members = value.object else { throw fault(name, "a section of names and texts") }
        var texts: [String: String] = [:]
        for (key, value) in members { texts[key] = try text(name, value) }
        return texts
    }
}
