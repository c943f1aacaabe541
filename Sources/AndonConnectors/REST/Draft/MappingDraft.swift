import AndonModel
import Foundation

/// Proposes a mapping file from a system's own description. Every line says why it is there; what a person must look at
/// is marked `CHECK`.
public struct MappingDraft {
    private let system: SystemDescription
    private var lines: [String] = []

    /// The text of the proposed file.
    public static func text(for system: SystemDescription) throws -> String {
        var draft = MappingDraft(system: system)
        try draft.write()
        return draft.lines.joined(separator: "\n") + "\n"
    }

    private init(system: SystemDescription) {
        self.system = system
    }

    // MARK: Choosing

    private static let orderWords = [
        "workorder", "maintenanceorder", "maintenancenotification", "maintenancerequest", "workrequest",
        "servicerequest",
        "ticket", "notification", "order", "request", "task", "job", "issue",
    ]

    /// How much a path looks like the orders' collection.
    private static func rank(_ path: String) -> Int? {
        guard !path.contains("{") else { return nil }
        let last = FieldMatcher.plain(path.split(separator: "/").last.map(String.init) ?? path)
        return orderWords.firstIndex { last.contains($0) }.map { $0 * 100 + last.count }
    }

    private func operation(_ method: String, _ path: String) -> SystemDescription.Operation? {
        system.operations.first { $0.method == method && $0.path == path }
    }

    private func below(_ member: String, _ words: [String], _ method: String) -> SystemDescription.Operation? {
        system.operations.first { operation in
            guard operation.method == method, operation.path.hasPrefix(member + "/") else { return false }
            let rest = operation.path.dropFirst(member.count + 1)
            return !rest.contains("/") && words.contains { FieldMatcher.plain(String(rest)).contains($0) }
        }
    }

    // MARK: Writing

    private mutating func add(_ line: String, _ indent: Int = 0, why: String? = nil, check: Bool = false) {
        let note = why.map { "    # \(check ? "CHECK: " : "")\($0.asOneLine)" } ?? (check ? "    # CHECK" : "")
        lines.append(String(repeating: " ", count: indent) + line + note)
    }

    private mutating func write() throws {
        let candidates = system.operations.filter { $0.method == "POST" }.compactMap { operation in
            Self.rank(operation.path).map { ($0, operation) }
        }
        guard let create = candidates.min(by: { ($0.0, $0.1.path) < ($1.0, $1.1.path) })?.1 else {
            let paths = system.operations.filter { $0.method == "POST" }.map(\.path).prefix(10).joined(separator: ", ")
            throw SystemDescription.Fault(
                description: "no POST looks as if it made an order; there are \(paths.isEmpty ? "none" : paths)")
        }
        let matches = FieldMatcher.matches(create.body)
        add(
            "# A proposal from the description of \(system.title.asOneLine). Lines with CHECK are guesses: compare each with"
        )
        add("# the system's own documentation, then: andon check, and andon connector check NAME --trial")
        if let signIn = system.signIn {
            add("# The description asks for this in the connector's section: signIn: \(signIn)")
        }
        add("system: \(Self.quoted(system.title.asOneLine.cut(to: 60)))")
        add("pageSize: 50")
        writeTables(matches)
        add(
            "words: [/error/message, /message, /error/message/value, /detail, /title]",
            why: "where errors usually say why", check: true)
        writeCreate(create, matches)
        let member = system.operations.first { operation in
            operation.method == "GET"
                && (operation.path.hasPrefix(create.path + "/{") || operation.path.hasPrefix(create.path + "("))
                && operation.path.last.map { "})".contains($0) } == true
        }
        writeReading(create, matches, member)
        if let member { writeBelow(member.path) }
        writeRecord(member?.answer ?? create.answer, matches)
    }

    private mutating func writeTables(_ matches: [FieldMatcher.Match]) {
        let tables = matches.filter { $0.source.contains("|table:") }
        guard !tables.isEmpty else { return }
        add("tables:")
        for match in tables {
            let isPriority = match.source.hasPrefix("{priority")
            let words = isPriority ? Self.byUrgency(match.field.words) : match.field.words
            let keys = isPriority ? ["1", "2", "3", "4", "5"] : ["corrective", "predictive"]
            let rows = zip(keys, words).map { "\"\($0.0)\": \(Self.quoted($0.1))" }
            let rest = words.last.map { ", else: \(Self.quoted($0))" } ?? ""
            add(
                "\(match.field.name): { \(rows.joined(separator: ", "))\(rest) }", 2,
                why: "allowed are \(words.joined(separator: ", ")); the order is a guess", check: true)
        }
    }

    private mutating func writeCreate(_ create: SystemDescription.Operation, _ matches: [FieldMatcher.Match]) {
        add("create:", why: create.about.isEmpty ? "the POST whose path looks like orders" : create.about)
        add("method: POST", 2)
        add("path: \(Self.quoted(create.path))", 2)
        add(create.bodyType == "form" ? "form:" : "body:", 2)
        let hasReference = matches.contains { $0.source == "{reference}" }
        for match in matches {
            // Without a field of its own our reference stands in the title, where people and searches find it.
            let isHolder = !hasReference && match.source.hasPrefix("{title")
            let source = isHolder ? Self.withReference(match.source) : match.source
            let why = isHolder ? "\(match.reason); no field looks like a place for our reference" : match.reason
            add(
                "\(Self.key(match.field.name)): \(Self.quoted(source))", 4, why: why,
                check: match.isDoubtful || isHolder)
        }
        let used = Set(matches.map(\.field.name))
        for field in create.body where field.isRequired && !used.contains(field.name) && field.format != "readOnly" {
            let sample = field.words.first.map(Self.quoted) ?? "\"\""
            add(
                "\(Self.key(field.name)): \(sample)", 4,
                why: "required there (\(field.type)), and nothing of ours fits", check: true)
        }
        if !hasReference, holder(matches) == nil {
            add("# No field looks like a place for our reference: choose one that can be searched.", 4, check: true)
        }
        let prefix = system.isOData ? "/d" : ""
        let id = Self.id(create.answer)
        let number = create.answer.first { ["number", "code", "customid"].contains(FieldMatcher.plain($0.name)) }
        let take = "id: \(prefix)/\(id ?? "id")" + (number.map { ", number: \(prefix)/\($0.name)" } ?? "")
        add("take: { \(take) }", 2, why: id == nil ? "the answer's form is not described" : nil, check: id == nil)
    }

    private mutating func writeReading(
        _ create: SystemDescription.Operation, _ matches: [FieldMatcher.Match], _ member: SystemDescription.Operation?
    ) {
        let list = operation("GET", create.path)
        let rows = system.isOData ? "/d/results" : list?.rows.flatMap { $0.isEmpty ? "$[*]" : $0 } ?? "/items"
        let reference = matches.first { $0.source == "{reference}" }?.field.name
        let id = Self.id(list?.answer ?? create.answer) ?? "id"
        add("find:")
        add("path: \(Self.quoted(create.path))", 2)
        let filter = list?.parameters.first { parameter in
            reference.map { FieldMatcher.plain($0) == FieldMatcher.plain(parameter.name) } ?? false
        }
        if system.isOData, let reference {
            add("query: { $filter: \"\(reference) eq '{reference}'\", $format: json }", 2)
        } else if let filter {
            add("query: { \(Self.key(filter.name)): \"{reference}\" }", 2, why: "the list can be asked by it")
        } else {
            add(
                "query: { q: \"{reference}\" }", 2, why: "the description names no filter for the reference",
                check: true)
        }
        add("rows: \(Self.quoted(rows))", 2, check: list?.rows == nil && !system.isOData)
        add("id: /\(id)", 2)
        if let reference {
            add("where: [{ at: /\(reference), equals: \"{reference}\" }]", 2, why: "whatever the filter gives")
        } else if let title = holder(matches) {
            add("where: [{ at: /\(title), contains: \"[{reference}]\" }]", 2, why: "whatever the search gives")
        }
        add("read:")
        let path = member.map { Self.withID($0.path) } ?? "\(create.path)/{id}"
        add("path: \(Self.quoted(path))", 2, check: member == nil)
        if system.isOData {
            add("query: { $format: json }", 2)
            add("rows: /d", 2)
        }
        let since = list?.parameters.first { Self.holds($0.name, ["since", "changed", "updated", "modified"]) }
        writeChanges(create, list, rows, since)
    }

    private mutating func writeChanges(
        _ create: SystemDescription.Operation, _ list: SystemDescription.Operation?, _ rows: String,
        _ since: SystemDescription.Field?
    ) {
        let changed = (list?.answer ?? []).first {
            ["lastchangedatetime", "updatedat", "modifiedat", "changedat"].contains(FieldMatcher.plain($0.name))
        }
        var query: [String] = []
        if let since { query.append("\(Self.key(since.name)): \"{since|time:seconds}\"") }
        if system.isOData, let changed {
            query.append("$filter: \"\(changed.name) ge datetimeoffset'{since|time:seconds}'\"")
            query += ["$top: \"{limit}\"", "$skip: \"{offset}\"", "$format: json"]
        }
        for parameter in list?.parameters ?? [] {
            switch FieldMatcher.plain(parameter.name) {
            case "page", "pagenumber": query.append("\(Self.key(parameter.name)): \"{page}\"")
            case "limit", "pagesize", "size", "perpage": query.append("\(Self.key(parameter.name)): \"{limit}\"")
            case "offset", "skip": query.append("\(Self.key(parameter.name)): \"{offset}\"")
            default: break
            }
        }
        add("changes:")
        add("path: \(Self.quoted(create.path))", 2)
        if !query.isEmpty { add("query: { \(query.joined(separator: ", ")) }", 2) }
        add(
            "rows: \(Self.quoted(rows))", 2,
            why: since == nil && changed == nil ? "reads all orders at each poll" : nil,
            check: since == nil && changed == nil)
    }

    private mutating func writeBelow(_ member: String) {
        if let files = below(member, ["attachment", "file", "document", "image", "photo"], "POST") {
            add("attach:", why: files.about.isEmpty ? nil : files.about)
            add("method: POST", 2)
            add("path: \(Self.quoted(Self.withID(files.path)))", 2)
            let file = files.body.first { $0.format == "binary" || FieldMatcher.plain($0.name).contains("file") }
            if files.bodyType == "multipart" {
                add("fileField: \(file?.name ?? "file")", 2, check: file == nil)
            } else if files.bodyType == "json" {
                let name = files.body.first { FieldMatcher.plain($0.name).contains("name") }?.name ?? "name"
                let data = files.body.first {
                    ["data", "content", "contents", "base64"].contains(FieldMatcher.plain($0.name))
                }
                add(
                    "body: { \(name): \"{fileName}\", \(data?.name ?? "content"): \"{file|base64}\" }", 2,
                    check: data == nil)
            } else {
                add("body: \"{file}\"", 2, check: true)
            }
            if let list = below(member, ["attachment", "file", "document", "image", "photo"], "GET") {
                add("findAttachment:")
                add("path: \(Self.quoted(Self.withID(list.path)))", 2)
                add(
                    "rows: \(Self.quoted(list.rows.flatMap { $0.isEmpty ? "$[*]" : $0 } ?? "/items"))", 2,
                    check: list.rows == nil)
                let name = list.answer.first { FieldMatcher.plain($0.name).contains("name") }?.name
                add("where: [{ at: /\(name ?? "name"), equals: \"{fileName}\" }]", 2, check: name == nil)
            }
        }
        if let notes = below(member, ["comment", "note", "message", "log"], "POST") {
            let text = notes.body.first {
                ["text", "comment", "note", "body", "message", "content"].contains(FieldMatcher.plain($0.name))
            }
            add("append:")
            add("method: POST", 2)
            add("path: \(Self.quoted(Self.withID(notes.path)))", 2)
            add("body: { \(text?.name ?? "text"): \"{note.title}\\n{note.text}\" }", 2, check: text == nil)
            if let list = below(member, ["comment", "note", "message", "log"], "GET") {
                add("findNote:")
                add("path: \(Self.quoted(Self.withID(list.path)))", 2)
                add(
                    "rows: \(Self.quoted(list.rows.flatMap { $0.isEmpty ? "$[*]" : $0 } ?? "/items"))", 2,
                    check: list.rows == nil)
                add("where: [{ at: /\(text?.name ?? "text"), contains: \"[{note.key}]\" }]", 2)
            }
        }
    }

    private static let facts: [(name: String, words: [String])] = [
        ("priority", ["priority", "maintpriority"]), ("assignee", ["assignedto", "assignee", "personresponsible"]),
        ("technician", ["completedby", "technician", "closedby"]),
        ("startedAt", ["startedat", "actualstart", "actualstartdate"]),
        (
            "closedAt",
            ["completedat", "completedon", "closedat", "actualfinish", "completiondate", "actualcompletiondate"]
        ),
        ("changedAt", ["updatedat", "modifiedat", "changedat", "lastchangedatetime", "lastupdatedate"]),
        ("labour", ["laborhours", "labourhours", "actualhours", "timespent", "hours"]),
        ("problem", ["problemcode", "failurecode"]), ("cause", ["causecode", "rootcause", "rootcausecode", "cause"]),
        ("remedy", ["remedycode", "resolutioncode", "actioncode"]),
        ("notes", ["resolution", "completionnotes", "feedback", "closingnotes"]),
    ]

    private mutating func writeRecord(_ fields: [SystemDescription.Field], _ matches: [FieldMatcher.Match]) {
        add("order:")
        add("id: /\(Self.id(fields) ?? "id")", 2, check: Self.id(fields) == nil)
        if let name = matches.first(where: { $0.source == "{reference}" })?.field.name ?? holder(matches) {
            add("reference: /\(name)", 2)
        }
        let state = fields.first {
            ["status", "state", "statuscode", "phase", "notifprocessingphase"].contains(FieldMatcher.plain($0.name))
        }
        add("state: /\(state?.name ?? "status")", 2, check: state == nil)
        let words = (state?.words ?? []).isEmpty ? ["OPEN", "IN_PROGRESS", "CLOSED", "CANCELLED"] : state?.words ?? []
        let rows = words.map { "\(Self.quoted($0)): \(Self.state(of: $0))" }
        add("states: { \(rows.joined(separator: ", ")) }", 2, why: "what each word means is a guess", check: true)
        for (name, names) in Self.facts {
            let field = fields.first { field in names.contains(FieldMatcher.plain(field.name)) }
            if let field { add("\(name): /\(field.name)", 2, why: "its name is \(field.name)") }
        }
    }

    private static let urgencies = [
        ["critical", "emergency", "urgent", "veryhigh", "highest", "immediate"], ["high", "major"],
        ["medium", "normal", "moderate"], ["low", "minor"], ["none", "lowest", "verylow"],
    ]

    /// The most urgent first; words that say nothing keep their order behind those that do.
    private static func byUrgency(_ words: [String]) -> [String] {
        words.enumerated().sorted { left, right in
            (urgency(left.element), left.offset) < (urgency(right.element), right.offset)
        }.map(\.element)
    }

    private static func urgency(_ word: String) -> Int {
        let plain = FieldMatcher.plain(word)
        return urgencies.firstIndex { $0.contains(plain) } ?? urgencies.count
    }

    private static func state(of word: String) -> String {
        let plain = FieldMatcher.plain(word)
        if plain.contains("cancel") || plain.contains("void") || plain.contains("reject") { return "cancelled" }
        if plain.contains("close") { return "closed" }
        if plain.contains("done") || plain.contains("complet") || plain.contains("finish") || plain.contains("resolved")
        {
            return "closed"
        }
        return plain.contains("progress") || plain.contains("start") || plain.contains("hold") ? "inProgress" : "open"
    }

    private static func holds(_ name: String, _ words: [String]) -> Bool {
        let plain = FieldMatcher.plain(name)
        return words.contains { plain.contains($0) }
    }

    /// The field of the title, which holds our reference where no other does.
    private func holder(_ matches: [FieldMatcher.Match]) -> String? {
        matches.first { $0.source.hasPrefix("{title") }?.field.name
    }

    /// The title cut to leave room for ` [A7K2M9QX3F]`.
    private static func withReference(_ source: String) -> String {
        let limit = source.firstMatch(of: /cut:(\d+)/).flatMap { Int($0.1) } ?? 100
        return source.replacing(/cut:\d+/, with: "cut:\(max(2, limit - 13))") + " [{reference}]"
    }

    // MARK: Texts

    private static func id(_ fields: [SystemDescription.Field]) -> String? {
        let exact = fields.first { ["id", "uuid", "key"].contains(FieldMatcher.plain($0.name)) }
        let byWord = fields.first { field in orderWords.contains(FieldMatcher.plain(field.name)) }
        return (exact ?? byWord ?? fields.first { FieldMatcher.plain($0.name).hasSuffix("id") })?.name
    }

    /// The parameter in a path is our `{id}`.
    private static func withID(_ path: String) -> String { path.replacing(/\{[^}]*\}/, with: "{id}") }

    private static func key(_ name: String) -> String {
        name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") } ? name : quoted(name)
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
