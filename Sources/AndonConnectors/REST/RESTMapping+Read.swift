import AndonModel

/// Reads the section `mapping`: every fault with its place, before the first order.
struct RESTMappingReader {
    let reader: SettingsReader
    /// Names of `variables`, for `{var.name}`.
    let variables: Set<String>
    let tables: [String: [String: String]]

    private var faults: SettingsFaults { reader.faults }

    /// What a call may be filled with beside the order's values.
    private static let ofFiles: Set<String> = [
        "fileName", "mediaType", "fileTitle", "bytes", "sha256", "role", "fileExtension",
    ]
    private static let ofNotes: Set<String> = ["note.key", "note.title", "note.text", "note.count", "note.added"]
    private static let ofPages: Set<String> = ["page", "offset", "limit", "next"]
    private static let ofLists = ofPages.union(["since"])
    private static let ofOldOrders = ofPages.union(["from", "until"])
    private static let everywhere: Set<String> = [
        "id", "number", "url", "reference", "now", "auth.user", "auth.password",
    ]

    func read() -> RESTMapping {
        var mapping = RESTMapping()
        mapping.system = reader.text("system", default: mapping.system)
        mapping.tables = tables
        mapping.keepsCookies = reader.bool("keepCookies", default: false)
        mapping.pageSize = reader.integer("pageSize", in: 1...10_000) ?? mapping.pageSize
        mapping.firstPage = reader.integer("firstPage", in: 0...1) ?? mapping.firstPage
        mapping.longTextMax = reader.integer("longTextMax", in: 1...10_000_000)
        let general = rules(reader)
        var session: Set<String> = []
        mapping.login = calls("login", names: [], session: &session, general)
        session = Set(session.map { "session.\($0)" })
        mapping.headers = templates(reader, "headers", Self.everywhere.union(session))
        readWriting(&mapping, session, general)
        readReading(&mapping, session, general)
        readRecord(&mapping, session, general)
        readOldOrders(&mapping, session, general)
        if mapping.create.isEmpty { reader.missing("create") }
        if mapping.read == nil { reader.missing("read") }
        if mapping.find == nil {
            faults.add(
                "the option \"find\" is required here: without it an order whose answer was lost could be made twice",
                at: reader.node)
        }
        reader.finish()
        return mapping
    }

    private func readWriting(_ mapping: inout RESTMapping, _ session: Set<String>, _ general: RESTRules) {
        var taken = session
        mapping.create = calls("create", names: OrderText.fieldNames, session: &taken, general)
        if let last = mapping.create.last, !mapping.create.contains(where: { $0.take.contains { $0.0 == "id" } }),
            !last.takeHeaders.contains(where: { $0.1 == "id" })
        {
            faults.add(
                "the answer of create must give the id: take: { id: /path/of/it }",
                at: reader.raw("create") ?? reader.node)
        }
        taken = session
        mapping.attach = calls("attach", names: Self.ofFiles, session: &taken, general)
        taken = session
        mapping.append = calls("append", names: Self.ofNotes, session: &taken, general)
        taken = session
        mapping.withdraw = calls("withdraw", names: ["reason"], session: &taken, general)
        taken = session
        mapping.reschedule = calls("reschedule", names: OrderText.fieldNames, session: &taken, general)
        if let receipt = reader.section("receipt") {
            mapping.number = template(receipt, "number", Self.everywhere)
            mapping.link = template(receipt, "link", Self.everywhere)
            receipt.finish()
        }
    }

    private func readReading(_ mapping: inout RESTMapping, _ session: Set<String>, _ general: RESTRules) {
        mapping.find = call("find", names: OrderText.fieldNames, session, general, wants: ["rows", "id"])
        mapping.findAttachment = call("findAttachment", names: Self.ofFiles, session, general, wants: ["rows"])
        mapping.findNote = call("findNote", names: Self.ofNotes, session, general, wants: ["rows"])
        if let section = reader.section("download") {
            mapping.downloadContent = path(section, "content")
            mapping.download = call(section, Self.ofFiles.union(session).union(["file.id"]), general)
            mapping.download?.takesAnyAnswer = mapping.downloadContent == nil
            section.finish()
        }
        mapping.read = call("read", names: [], session, general, wants: [])
        mapping.changes = call("changes", names: Self.ofLists, session, general, wants: ["rows"])
        mapping.assets = call("assets", names: Self.ofLists, session, general, wants: ["rows"])
        if let section = reader.section("asset") {
            mapping.asset = RESTMapping.AssetPaths(
                id: path(section, "id"), name: path(section, "name"), type: path(section, "type"),
                criticality: path(section, "criticality"), criticalities: section.words("criticalities"),
                location: path(section, "location"), parent: path(section, "parent"))
            section.finish()
        }
        if mapping.assets != nil, mapping.asset.id == nil {
            faults.add("the section asset must say where the id stands", at: reader.raw("assets") ?? reader.node)
        }
    }

    // MARK: The record

    private func readRecord(_ mapping: inout RESTMapping, _ session: Set<String>, _ general: RESTRules) {
        guard let section = reader.section("order") else {
            reader.missing("order")
            return
        }
        var record = RESTMapping.Record()
        record.take = paths(section, "take")
        record.details = details(section, session.union(record.take.map(\.0)), general)
        record.id = path(section, "id")
        record.reference = path(section, "reference")
        record.referencePrefix = section.text("referencePrefix", default: "")
        record.state = path(section, "state")
        record.states = section.states("states", over: [:])
        record.stateRules = stateRules(section)
        record.priority = path(section, "priority")
        record.assignee = path(section, "assignee")
        record.technician = path(section, "technician")
        record.startedAt = path(section, "startedAt")
        record.closedAt = path(section, "closedAt")
        record.changedAt = path(section, "changedAt")
        record.labour = path(section, "labour")
        record.labourUnit = section.choice("labourUnit", default: RESTMapping.LabourUnit.hours)
        record.problem = path(section, "problem")
        record.cause = path(section, "cause")
        record.remedy = path(section, "remedy")
        record.notes = path(section, "notes")
        record.ownNotes = section.text("ownNotes", default: record.ownNotes)
        if let parts = section.section("parts") {
            record.parts = path(parts, "rows")
            record.partCode = path(parts, "code")
            record.partName = path(parts, "name")
            record.partQuantity = path(parts, "quantity")
            parts.finish()
        }
        for name in ["id", "state"] where section.raw(name) == nil { section.missing(name) }
        section.finish()
        mapping.record = record
    }

    /// Further calls for each row. Each knows what those before it took.
    private func details(
        _ section: SettingsReader, _ known: Set<String>, _ general: RESTRules
    ) -> [(String, RESTCall)] {
        var names = known
        return section.named("details").map { name, settings in
            let own = SettingsReader(settings, faults: faults, secrets: reader.secrets)
            let call = call(own, names, general)
            own.finish()
            names.formUnion(call.take.map(\.0))
            return (name, call)
        }
    }

    /// Its details may use what the record's details took: those are asked first.
    private func readOldOrders(_ mapping: inout RESTMapping, _ session: Set<String>, _ general: RESTRules) {
        guard let section = reader.section("oldOrders") else { return }
        var old = RESTMapping.OldOrders(call: call(section, Self.ofOldOrders.union(session), general))
        var names = session.union(mapping.record.take.map(\.0))
        names.formUnion(old.call.take.map(\.0))
        for (_, call) in mapping.record.details { names.formUnion(call.take.map(\.0)) }
        old.details = details(section, names, general)
        old.number = path(section, "number")
        old.asset = places(section, "asset")
        old.createdAt = path(section, "createdAt")
        old.reportedAt = path(section, "reportedAt")
        old.crew = path(section, "crew")
        for name in ["rows", "createdAt"] where section.raw(name) == nil { section.missing(name) }
        section.finish()
        mapping.oldOrders = old
    }

    private func stateRules(_ section: SettingsReader) -> [(tests: [RESTRules.Test], state: OrderState)] {
        section.list("stateRules").compactMap { node in
            let rule = SettingsReader(node, faults: faults, secrets: reader.secrets)
            let found = tests(rule)
            let state = rule.choice("state", default: OrderState.open)
            rule.finish()
            return (found, state)
        }
    }

    // MARK: Calls

    private func calls(
        _ key: String, names: Set<String>, session taken: inout Set<String>, _ general: RESTRules
    ) -> [RESTCall] {
        guard let node = reader.raw(key) else { return [] }
        let nodes: [Settings]
        if case .list(let elements) = node.value { nodes = elements } else { nodes = [node] }
        return nodes.map { node in
            let own = SettingsReader(node, faults: faults, secrets: reader.secrets)
            let call = call(own, names.union(taken), general)
            own.finish()
            taken.formUnion(call.take.map(\.0) + call.takeHeaders.map(\.1))
            return call
        }
    }

    private func call(
        _ key: String, names: Set<String>, _ session: Set<String>, _ general: RESTRules, wants: [String]
    ) -> RESTCall? {
        guard let section = reader.section(key) else { return nil }
        let found = call(section, names.union(session), general)
        for name in wants where section.raw(name) == nil { section.missing(name) }
        section.finish()
        return found
    }

    private func call(_ section: SettingsReader, _ names: Set<String>, _ general: RESTRules) -> RESTCall {
        let known = names.union(Self.everywhere)
        var call = RESTCall(
            method: section.text("method", default: "GET").uppercased(),
            path: template(section, "path", known) ?? .nothing)
        if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(call.method), let node = section.raw("method") {
            faults.add("should be GET, POST, PUT, PATCH or DELETE, found \(node.kindName)", at: node)
        }
        call.query = templates(section, "query", known)
        call.headers = templates(section, "headers", known)
        call.content = content(section, known)
        call.take = paths(section, "take")
        call.takeHeaders = section.table("takeHeaders").map { ($0.value, $0.key) }
        call.rows = path(section, "rows")
        call.id = path(section, "id")
        call.next = path(section, "next")
        call.keepFor = section.duration("keepFor", in: .seconds(1) ... .seconds(86_400))
        call.takesAnyAnswer = section.bool("anyAnswer", default: false)
        call.conditions = section.list("where").compactMap { node in
            let own = SettingsReader(node, faults: faults, secrets: reader.secrets)
            defer { own.finish() }
            guard let at = path(own, "at") else { return nil }
            if let equals = template(own, "equals", known) { return RESTCall.Condition(at: at, test: .equals(equals)) }
            guard let contains = template(own, "contains", known) else {
                faults.add("give equals or contains", at: node)
                return nil
            }
            return RESTCall.Condition(at: at, test: .contains(contains))
        }
        call.rules = rules(section).over(general)
        return call
    }

    private func content(_ section: SettingsReader, _ known: Set<String>) -> RESTCall.Content {
        let form = templates(section, "form", known)
        let fileField = section.text("fileField")
        if let node = section.raw("body") {
            let type = section.text("contentType")
            if case .scalar(let text, _) = node.value {
                if text == "{file}" { return .file }
                return template(node, known).map { .text($0, type: type ?? "text/plain; charset=utf-8") } ?? .none
            }
            return .json(self.node(node, known))
        }
        _ = section.raw("contentType")
        if let fileField { return .multipart(form, file: fileField) }
        return form.isEmpty ? .none : .form(form)
    }

    private func node(_ settings: Settings, _ known: Set<String>) -> RESTNode {
        switch settings.value {
        case .null: return .constant(.null)
        case .list(let elements): return .array(elements.map { node($0, known) })
        case .map(let entries): return .object(entries.map { ($0.key, node($0.value, known)) })
        case .scalar(let text, let quoted):
            if text == "{file|base64}" { return .file }
            if !quoted, let value = try? JSON(parsing: Array(text.utf8)), value.number != nil || value.bool != nil {
                return .constant(value)
            }
            return template(settings, known).map { .template($0) } ?? .constant(.null)
        }
    }

    // MARK: Rules

    private func rules(_ section: SettingsReader) -> RESTRules {
        var rules = RESTRules()
        if let success = section.section("success") {
            rules.success = tests(success)
            success.finish()
        }
        rules.errors = section.list("errors").map { node in
            let own = SettingsReader(node, faults: faults, secrets: reader.secrets)
            let found = tests(own)
            let kind = own.choice("then", default: RESTRules.Kind.refused)
            if own.raw("then") == nil { own.missing("then") }
            own.finish()
            return (found, kind)
        }
        rules.words = section.list("words").compactMap { path($0) }
        return rules
    }

    private func tests(_ section: SettingsReader) -> [RESTRules.Test] {
        var tests: [RESTRules.Test] = []
        if let node = section.raw("status"), let text = section.text(of: node) {
            let ends = text.split(separator: "-").compactMap { Int($0) }
            if let first = ends.first, let last = ends.last, (100...599).contains(first), (first...599).contains(last) {
                tests.append(.status(first...last))
            } else {
                faults.add("should be a status like 409 or a range like 400-499, found \(node.kindName)", at: node)
            }
        }
        let at = path(section, "at")
        for name in ["equals", "differs"] {
            guard let node = section.raw(name), case .scalar(let text, let quoted) = node.value else { continue }
            guard let at else {
                faults.add("needs at: the place of the value", at: node)
                continue
            }
            let plain = quoted ? nil : (try? JSON(parsing: Array(text.utf8))).flatMap { $0.string == nil ? $0 : nil }
            let value = plain ?? .string(text)
            tests.append(name == "equals" ? .equals(at, value) : .differs(at, value))
        }
        if let words = section.text("contains") { tests.append(.contains(at, words)) }
        if let exists = path(section, "exists") { tests.append(.exists(exists, true)) }
        if let absent = path(section, "absent") { tests.append(.exists(absent, false)) }
        return tests
    }

    // MARK: Values

    private func path(_ section: SettingsReader, _ key: String) -> RESTPath? { section.raw(key).flatMap { path($0) } }

    private func path(_ node: Settings) -> RESTPath? {
        guard let text = reader.text(of: node) else { return nil }
        do {
            return try RESTPath(text)
        } catch {
            faults.add(error.reason, at: node)
            return nil
        }
    }

    /// One place or a list of places.
    private func places(_ section: SettingsReader, _ key: String) -> [RESTPath] {
        guard let node = section.raw(key) else { return [] }
        guard case .list(let elements) = node.value else { return path(node).map { [$0] } ?? [] }
        return elements.compactMap { path($0) }
    }

    private func paths(_ section: SettingsReader, _ key: String) -> [(String, RESTPath)] {
        section.named(key).compactMap { name, node in path(node).map { (name, $0) } }
    }

    private func template(_ section: SettingsReader, _ key: String, _ known: Set<String>) -> RESTTemplate? {
        section.raw(key).flatMap { template($0, known) }
    }

    private func template(_ node: Settings, _ known: Set<String>) -> RESTTemplate? {
        guard let text = reader.text(of: node) else { return nil }
        do {
            return try RESTTemplate(text, tables: Set(tables.keys)) { name in
                known.contains(name) || (name.hasPrefix("var.") && variables.contains(String(name.dropFirst(4))))
            }
        } catch {
            faults.add(error.reason, at: node)
            return nil
        }
    }

    private func templates(_ section: SettingsReader, _ key: String, _ known: Set<String>) -> [(String, RESTTemplate)] {
        section.named(key).compactMap { name, node in template(node, known).map { (name, $0) } }
    }
}
