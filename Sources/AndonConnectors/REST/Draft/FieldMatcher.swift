/// Which of a system's fields may hold which of our values: by the words in their names, and by their types.
struct FieldMatcher {
    struct Match {
        var field: SystemDescription.Field
        var source: String
        var reason: String
        var isDoubtful: Bool
    }

    /// What a value is called elsewhere, the surest first, and whether it is a text, a number or a time.
    private struct Want {
        var source: String
        var names: [String]
        var kind: Kind
    }

    private enum Kind { case text, number, time, code }

    private static let wants: [Want] = [
        Want(
            source: "{reference}",
            names: [
                "externalid", "externalreference", "extreferencenumber", "externalrefid", "clientreference", "sourceid",
                "correlationid", "foreignid", "externalkey", "customerreference", "reference", "refno",
            ], kind: .text),
        Want(
            source: "{title|line|cut:MAX}",
            names: [
                "title", "subject", "summary", "shorttext", "shortdescription", "headline", "notificationtext", "name",
            ],
            kind: .text),
        Want(
            source: "{text|cut:MAX}",
            names: [
                "longtext", "longdescription", "description", "details", "detail", "body", "notes", "comment", "text",
            ],
            kind: .text),
        Want(
            source: "{asset}",
            names: [
                "equipmentid", "equipmentcode", "equipment", "assetid", "assetcode", "assetnumber", "asset",
                "machineid",
                "machine", "technicalobject",
            ], kind: .code),
        Want(
            source: "{location}",
            names: ["functionallocation", "locationid", "locationcode", "location", "area"], kind: .code),
        Want(source: "{priority}", names: ["priority", "prioritycode", "urgency", "severity"], kind: .code),
        Want(
            source: "{kind}",
            names: ["worktype", "ordertype", "maintenancetype", "requesttype", "notificationtype", "type"],
            kind: .code),
        Want(
            source: "{detectedAt|time:seconds}",
            names: [
                "detectedat", "occurredat", "reportedat", "reportdate", "malfunctionstart", "failuredate", "eventtime",
            ],
            kind: .time),
        Want(
            source: "{scheduledAt|time:seconds}",
            names: ["duedate", "dueat", "scheduledat", "targetdate", "plannedstart", "requiredend"], kind: .time),
        Want(
            source: "{class}", names: ["problemcode", "defectcode", "failurecode", "damagecode", "defectclass"],
            kind: .code),
        Want(source: "{confidence|number}", names: ["confidence", "probability", "score"], kind: .number),
        Want(source: "{lot}", names: ["lotnumber", "lot", "batch", "batchnumber"], kind: .text),
        Want(source: "{assignee}", names: ["assignedto", "assignee", "responsible"], kind: .code),
        Want(source: "{originTag}", names: ["source", "origin", "channel", "reportedby", "requestedby"], kind: .text),
    ]

    /// The best field for each value; each field is used once, the surest match first.
    static func matches(_ fields: [SystemDescription.Field]) -> [Match] {
        var found: [(score: Int, match: Match, want: Int)] = []
        for (index, want) in wants.enumerated() {
            for field in fields where field.format != "readOnly" {
                guard let (score, reason) = score(field, want) else { continue }
                let limit = field.maxLength ?? (want.source.contains("text") ? 4000 : 100)
                // A record's number there is not our code for it.
                let isForeign =
                    want.kind == .code && field.type.lowercased().contains("int") && want.source != "{priority}"
                let source = numbered(want.source.replacing("MAX", with: String(max(2, limit))), field)
                found.append(
                    (
                        score,
                        Match(
                            field: field, source: source,
                            reason: isForeign
                                ? "\(reason); it takes a number of theirs: look it up in a call before" : reason,
                            isDoubtful: score < 60 || isForeign), index
                    ))
            }
        }
        var fieldsUsed: Set<String> = []
        var wantsUsed: Set<Int> = []
        return found.sorted { ($1.score, $0.want, $0.match.field.name) < ($0.score, $1.want, $1.match.field.name) }
            .filter {
                guard !fieldsUsed.contains($0.match.field.name), !wantsUsed.contains($0.want) else { return false }
                fieldsUsed.insert($0.match.field.name)
                wantsUsed.insert($0.want)
                return true
            }.map(\.match)
    }

    /// A field of words gets them by a table; a whole number as one.
    private static func numbered(_ source: String, _ field: SystemDescription.Field) -> String {
        if !field.words.isEmpty, source == "{priority}" || source == "{kind}" {
            return "{\(source.dropFirst().dropLast())|table:\(field.name)}"
        }
        guard field.type.contains("int") || field.type.contains("Int"), source == "{priority}" else { return source }
        return "{priority|int}"
    }

    private static func score(_ field: SystemDescription.Field, _ want: Want) -> (Int, String)? {
        guard fits(field, want.kind) else { return nil }
        let name = plain(field.name)
        let label = plain(field.label ?? "")
        for (rank, word) in want.names.enumerated() {
            if name == word { return (100 - rank, "its name is \(field.name)") }
        }
        for (rank, word) in want.names.enumerated() where word.count > 3 {
            if name.hasSuffix(word) || name.hasPrefix(word) { return (70 - rank, "its name holds \"\(word)\"") }
        }
        for (rank, word) in want.names.enumerated() where word.count > 4 {
            if name.contains(word) { return (50 - rank, "its name holds \"\(word)\"") }
            if label.contains(word) { return (40 - rank, "its label is \"\((field.label ?? "").prefix(40))\"") }
        }
        return nil
    }

    private static func fits(_ field: SystemDescription.Field, _ kind: Kind) -> Bool {
        let type = field.type.lowercased()
        let isTime = type.contains("date") || type.contains("time") || (field.format ?? "").contains("date")
        let isNumber = ["integer", "number", "double", "decimal", "int"].contains { type.contains($0) }
        switch kind {
        case .time: return isTime
        case .number: return isNumber
        case .text: return type.contains("string") && !isTime
        case .code: return (type.contains("string") || isNumber) && !isTime
        }
    }

    /// Letters and digits alone, in lower case.
    static func plain(_ text: String) -> String { String(text.lowercased().filter { $0.isLetter || $0.isNumber }) }
}
