import AndonModel
import AndonSQL

/// One check of the facts under way: reads the ledger once, and beside it each table in the order of its entries.
final class FactsVerifier {
    let reader: Reader
    var result = FactsVerification()

    private let inspections: FactCursor
    private let detections: FactCursor
    private let attempts: FactCursor
    private let orders: FactCursor
    private let alarms: FactCursor
    private let holds: FactCursor
    private let limits: FactCursor
    let rules: FactCursor
    private let batches: FactCursor
    private let counts: FactCursor
    /// Nil in a store from before there was the table, as the next one.
    private let missed: FactCursor?
    private let photos: FactCursor?
    private let evidence: FactCursor?
    let settings: FactCursor?
    let causes: FactCursor?
    let siteBatches: FactCursor?

    /// Report of the entry that was read last: what came before a picture went, or after.
    private(set) var lastReport: Int64 = 0
    /// The same of photos and of frames around reports.
    private(set) var lastPhoto: Int64 = 0
    private(set) var lastFrame: Int64 = 0
    private(set) var parts: [String: Int64] = [:]
    /// Rows that were found out of their place, by table: the cursor goes over them.
    private var taken: [String: Set<Int64>] = [:]
    /// Attempts with an answer that no entry has told yet.
    private var answered: Set<Int64> = []
    /// Alarms that no entry has cleared yet, and what their rows say.
    private var raised: [String: (row: String, clearedAt: Int64?)] = [:]
    /// Holds with an end that no entry has told yet.
    private var ended: Set<String> = []
    var held: [Hold] = []
    /// Causes that were withdrawn, and no entry has told it yet.
    var withdrawn: Set<String> = []
    /// Versions of the rules whose entries have a document.
    var documented: Set<String> = []
    var registries: [String: (entry: Int64, digest: String)] = [:]

    struct Hold {
        var id: String
        /// Nil for a hold that reaches no assets.
        var asset: String?
        /// The newest entry that says what it reaches.
        var extended: (entry: Int64, digest: String?)?
    }

    /// Nothing further is looked for.
    struct Enough: Error {}

    init(_ reader: Reader) throws {
        self.reader = reader
        func cursor(_ table: FactTable) throws -> FactCursor { try FactCursor(reader.db, table) }
        inspections = try cursor(.inspection)
        detections = try cursor(.detection)
        attempts = try cursor(.attempt)
        orders = try cursor(.raisedOrder)
        alarms = try cursor(.alarm)
        holds = try cursor(.hold)
        limits = try cursor(.limits)
        rules = try cursor(.rules)
        batches = try cursor(.frames)
        counts = try cursor(.count)
        missed = try reader.db.tableExists(FactTable.missed.name) ? cursor(.missed) : nil
        photos = try reader.db.tableExists(FactTable.photo.name) ? cursor(.photo) : nil
        evidence = try reader.db.tableExists(FactTable.evidence.name) ? cursor(.evidence) : nil
        settings = try reader.db.tableExists(FactTable.setting.name) ? cursor(.setting) : nil
        causes = try reader.db.tableExists(FactTable.cause.name) ? cursor(.cause) : nil
        siteBatches = try reader.db.tableExists(FactTable.siteBatch.name) ? cursor(.siteBatch) : nil
    }

    func run(progress: (Int64, Int64) -> Void) throws -> FactsVerification {
        do {
            try readEntries(progress)
            try checkLeftovers()
            try checkOrders()
            try checkAccounts()
            try checkDrafts()
            try checkPictures()
            try checkTheRest()
        } catch is Enough {}
        return result
    }

    private func readEntries(_ progress: (Int64, Int64) -> Void) throws {
        let total = try reader.ledgerSize()
        try reader.db.eachRaw("SELECT idx, kind, subject, entry FROM ledger WHERE idx >= ? ORDER BY idx", [0]) { raw in
            guard let entry = FactEntry(raw) else { return }
            if entry.index % 8192 == 0 { progress(entry.index, total) }
            try follow(entry)
        }
        progress(total, total)
    }

    func fault(_ table: String, _ row: String, _ entry: Int64?, _ reason: String) throws {
        result.faults.append(.init(table: table, row: row, entry: entry, reason: reason))
        if result.faults.count >= FactsVerification.faultsMax { throw Enough() }
    }

    func uncovered(_ table: String) { result.uncovered[table, default: 0] += 1 }

    static let altered = "the row is not what the entry says"
    static let missing = "the row of the entry is missing"
    static let stray = "no entry says that there is this row"

    // MARK: Rows beside their entries

    private func follow(_ entry: FactEntry) throws {
        switch entry.kind {
        case "inspection.accepted", "chart.signal", "chart.trend", "learn.proposed": try followInspection(entry)
        case "detection.decided": try step(detections, entry, key: entry.subject)
        case "attempt.sent": try followAttempt(entry)
        case "attempt.answered": try followAnswer(entry)
        case "order.raised": try step(orders, entry, isDigested: false, key: entry.subject)
        case "alarm.raised", "alarm.cleared": try followAlarm(entry)
        case "hold.placed", "hold.extended", "hold.released": try followHold(entry)
        case "chart.limits": try followLimits(entry)
        case "chart.restarted", "repair.effect": try followRepair(entry)
        case "chart.cause", "chart.cause-withdrawn": try followCause(entry)
        case "rules.in-force": try followRules(entry)
        case "frames.accepted": try followFrames(entry)
        case "label.missed": try followMissed(entry)
        case "order.photo": try followPhoto(entry)
        case "evidence.frame": try followEvidence(entry)
        case "settings.changed": try followSetting(entry)
        case "site.batch": try followSiteBatch(entry)
        case "rules.draft-opened": try followDraft(entry)
        case "account.created": try followAccount(entry, .account)
        case "account.linked": try followAccount(entry, .accountLink)
        case "picture.removed", "picture.not-kept": try followRemoval(entry)
        case "registry.read": registries[entry.subject] = (entry.index, try entry.parsed().body["digest"]?.string ?? "")
        default: break
        }
    }

    /// The next row of a table must be that of this entry.
    ///
    /// - Parameters:
    ///   - isDigested: whether the entry has the digest of all of the row; otherwise its key is enough.
    ///   - found: told of the row while the cursor stands at it, whether it is right or not.
    func step(
        _ rows: FactCursor, _ entry: FactEntry, isDigested: Bool = true, key: @autoclosure () throws -> String,
        found: () throws -> Void = {}
    ) throws {
        let digest = isDigested ? entry.digest(.row) : nil
        while !rows.isAtEnd {
            if taken[rows.table.name]?.remove(rows.place) != nil {
                try found()
            } else if let digest, rows.rowDigest == digest {
                result.rows += 1
                try found()
                return try rows.advance()
            } else {
                let (row, own) = try rows.names()
                if let own, try own != key(), try rows.hasEntry(own, after: entry.index) {
                    return try look(rows, entry, digest, key())
                }
                if try own == key() {
                    if digest != nil { try fault(rows.table.name, row, entry.index, Self.altered) }
                    if digest == nil, isDigested { uncovered(rows.table.name) }
                    try found()
                    return try rows.advance()
                }
                try fault(rows.table.name, row, nil, Self.stray)
            }
            try rows.advance()
        }
        try look(rows, entry, digest, key())
    }

    /// The row is not in its place: one of the two has another number than it had.
    private func look(_ rows: FactCursor, _ entry: FactEntry, _ digest: String?, _ key: String) throws {
        guard let row = try rows.row(key) else { return try fault(rows.table.name, key, entry.index, Self.missing) }
        taken[rows.table.name, default: []].insert(row.place)
        if let digest, row.digest != digest { return try fault(rows.table.name, row.name, entry.index, Self.altered) }
        result.rows += 1
    }

    private func followInspection(_ entry: FactEntry) throws {
        try step(inspections, entry, key: entry.subject) {
            lastReport = inspections.integer(3) ?? lastReport
            if let asset = inspections.text(1) { parts[asset, default: 0] += inspections.integer(2) ?? 0 }
            guard let picture = inspections.text(0) else { return }
            try compare(.picture, picture, "WHERE sha256 = ?", [picture], entry, .picture)
        }
    }

    private func followAttempt(_ entry: FactEntry) throws {
        func id() throws -> String { "\(try entry.parsed().body["attempt"]?.integer ?? -1)" }
        try step(attempts, entry, key: id()) {
            if !attempts.value(0).isNull, let id = attempts.integer(1) { answered.insert(id) }
        }
        guard let effect = entry.digest(.effect) else { return }
        guard let row = try reader.row("SELECT outbox_id FROM attempt WHERE id = ?", [Int64(id())]) else { return }
        let outbox = FactCursor.words(row[0])
        let stored = try reader.db.digest(.effect, "WHERE id = ?", [row[0] as DatabaseValue])
        if stored == effect {
            result.rows += 1
            return
        }
        try fault("outbox", outbox, entry.index, stored == nil ? Self.missing : Self.altered)
    }

    /// A row that is found by its key is what the entry says.
    func compare(
        _ table: FactTable, _ row: String, _ condition: String, _ arguments: StatementArguments, _ entry: FactEntry,
        _ member: FactTable.Member = .row
    ) throws {
        let stored = try reader.db.digest(table, condition, arguments)
        guard let stored else { return try fault(table.name, row, entry.index, Self.missing) }
        guard let digest = entry.digest(member) else { return uncovered(table.name) }
        if stored == digest {
            result.rows += 1
            return
        }
        try fault(table.name, row, entry.index, Self.altered)
    }

    private func followAnswer(_ entry: FactEntry) throws {
        let body = try entry.parsed().body
        let id = Int64(body["attempt"]?.integer ?? -1)
        if answered.remove(id) == nil, try reader.count("SELECT COUNT(*) FROM attempt WHERE id = ?", [id]) > 0 {
            return try fault("attempt", "\(id)", entry.index, "the row has no answer, and the entry has one")
        }
        try compare(.answer, "\(id)", "WHERE id = ?", [id], entry)
        guard let row = try reader.row("SELECT detail, exchanges FROM attempt WHERE id = ?", [id]) else { return }
        try compareName("attempt", "\(id)", "detail", row[0], body, "/detail", entry.index, isCut: true)
        try compareName("attempt", "\(id)", "exchanges", row[1], body, "/exchanges", entry.index)
    }

    private func followAlarm(_ entry: FactEntry) throws {
        let (at, body) = try entry.parsed()
        let name = "\(body["kind"]?.string ?? "")/\(entry.subject)"
        guard entry.kind == "alarm.cleared" else {
            return try step(alarms, entry, key: "\(name)/\(at.microseconds)") {
                raised[name] = (alarms.text(1) ?? name, alarms.integer(0))
            }
        }
        guard let alarm = raised.removeValue(forKey: name) else { return }
        guard alarm.clearedAt != at.microseconds else { return }
        try fault("alarm", alarm.row, entry.index, "the row has another time at which it was cleared")
    }

    private func followHold(_ entry: FactEntry) throws {
        let id = String(entry.subject.dropFirst("hold ".count))
        switch entry.kind {
        case "hold.placed":
            let body = try entry.parsed().body
            held.append(Hold(id: id, asset: body["asset"]?.string))
            try step(holds, entry, key: id) {
                try compareName("hold", id, "placed_by", holds.value(0), body, "/by", entry.index)
                if !holds.value(1).isNull { ended.insert(id) }
            }
        case "hold.extended":
            guard let place = held.lastIndex(where: { $0.id == id }) else { return }
            held[place].extended = (entry.index, entry.digest(.row))
        default:
            ended.remove(id)
            try compare(.release, id, "WHERE id = ?", [Int64(id)], entry)
            let by = try reader.row("SELECT released_by FROM hold WHERE id = ?", [Int64(id)])?[0] as DatabaseValue?
            try compareName("hold", id, "released_by", by ?? .null, entry.parsed().body, "/by", entry.index)
        }
    }

    private func followLimits(_ entry: FactEntry) throws {
        let body = try entry.parsed().body
        let name = "\(entry.subject) \(body["version"]?.integer ?? 0)"
        try step(limits, entry, key: name) {
            try compareName("chart_limits", name, "made_by", limits.value(0), body, "/by", entry.index)
        }
    }

    private func followRepair(_ entry: FactEntry) throws {
        let body = try entry.parsed().body
        let isRestart = entry.kind == "chart.restarted"
        let name = (isRestart ? entry.subject : body["chart"]?.string) ?? ""
        let point = body["point"]?.integer
        let order = isRestart ? "AND point = ?" : "AND reference = ? ORDER BY point DESC LIMIT 1"
        let row = try reader.row(
            "SELECT point FROM chart_repair WHERE \(FactTable.restart.key) = ? \(order)",
            isRestart ? [name, point] : [name, entry.subject])
        if row == nil { try fault("chart_repair", "\(name) \(point ?? 0)", entry.index, Self.missing) }
    }

    private func followFrames(_ entry: FactEntry) throws {
        try step(batches, entry, key: entry.subject)
        let wanted = try entry.parsed().body["counts"]?.integer ?? 0
        var digest = RowDigest()
        while digest.rows < wanted, !counts.isAtEnd {
            counts.add(to: &digest)
            if let asset = counts.text(0) { parts[asset, default: 0] += counts.integer(1) ?? 0 }
            try counts.advance()
        }
        guard let written = entry.digest(.counts) else { return uncovered("frame_count") }
        if digest.text == written {
            result.rows += wanted
            return
        }
        try fault("frame_count", "of \(entry.subject)", entry.index, "the rows are not what the entry says")
    }

    private func followMissed(_ entry: FactEntry) throws {
        guard let missed else { return }
        let id = String(entry.subject.dropFirst("label ".count))
        try step(missed, entry, key: id) {
            try compareName(
                FactTable.missed.name, id, "reported_by", missed.value(0), entry.parsed().body, "/by", entry.index)
        }
    }

    private func followPhoto(_ entry: FactEntry) throws {
        guard let photos else { return }
        let id = "\(try entry.parsed().body["photo"]?.integer ?? -1)"
        try step(photos, entry, key: id) {
            lastPhoto = photos.place
            try compareName(
                FactTable.photo.name, id, "taken_by", photos.value(0), entry.parsed().body, "/by", entry.index)
            guard let picture = photos.text(1) else { return }
            try compare(.picture, picture, "WHERE sha256 = ?", [picture], entry, .picture)
        }
    }

    private func followEvidence(_ entry: FactEntry) throws {
        guard let evidence else { return }
        try step(evidence, entry, key: "\(try entry.parsed().body["frame"]?.integer ?? -1)") {
            lastFrame = evidence.place
            guard let picture = evidence.text(0) else { return }
            try compare(.picture, picture, "WHERE sha256 = ?", [picture], entry, .picture)
        }
    }

    /// Whether there are photos, and frames, to ask about.
    var hasPhotos: Bool { photos != nil }
    var hasEvidence: Bool { evidence != nil }

    // MARK: What is left behind the last entry

    private func checkLeftovers() throws {
        let read = [inspections, detections, attempts, orders, alarms, holds, limits, rules, batches, counts]
        for rows in read + [missed, photos, evidence, settings, causes, siteBatches].compactMap(\.self) {
            while !rows.isAtEnd {
                if taken[rows.table.name]?.contains(rows.place) != true {
                    try fault(rows.table.name, rows.names().row, nil, Self.stray)
                }
                try rows.advance()
            }
        }
        for id in answered.sorted() { try fault("attempt", "\(id)", nil, "the row has an answer, and no entry") }
        for alarm in raised.values.sorted(by: { $0.row < $1.row }) where alarm.clearedAt != nil {
            try fault("alarm", alarm.row, nil, "the row was cleared, and no entry says so")
        }
        try checkDocuments()
        for cause in withdrawn.sorted() {
            try fault("chart_cause", cause, nil, "the row is withdrawn, and no entry says so")
        }
        for hold in ended.sorted() { try fault("hold", hold, nil, "the row has an end, and no entry") }
    }
}
