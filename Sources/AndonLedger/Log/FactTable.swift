import AndonSQL
import Crypto

/// A table of facts whose rows entries of the ledger hold the digest of. Rows that are there keep what is in these columns:
/// a later step of the schema that changed them would contradict their entries.
struct FactTable: Sendable {
    var name: String
    /// What the digest covers: columns that are written once, or with an entry each time. Names of persons are not among
    /// them: a digest that anybody could try names against would outlive their erasure.
    var columns: String
    /// A row as people name it, and as its entry does (`key`), in SQL.
    var row: String
    var key: String
    /// In the order of its entries.
    var order = "rowid"
    /// What a check reads besides.
    var further: [String] = []
    /// Kinds of the entries that rows are written with, and where such an entry has its row's key, in SQL.
    var kinds: [String] = []
    var entryKey = "subject"

    static let inspection = FactTable(
        name: "inspection",
        columns: "seq, id, digest, received_at, detected_at, camera, asset, lot, unit, picture, defects, inspected, "
            + "skewed, body",
        row: "id", key: "id", order: "seq", further: ["picture", "asset", "inspected", "seq"],
        kinds: ["inspection.accepted", "chart.signal", "chart.trend", "learn.proposed"])
    static let picture = FactTable(
        name: "picture", columns: "sha256, bytes, media_type, width, height, damage, received_at", row: "sha256",
        key: "sha256")
    static let detection = FactTable(
        name: "detection",
        columns: "inspection_seq, ordinal, asset, class, confidence, severity, detected_at, received_at, parts_at, "
            + "outcome, reference, kind, priority, unmapped, rule, rules_version, reason, stated_severity, severity_name",
        row:
            "COALESCE((SELECT id FROM inspection WHERE seq = inspection_seq), CAST(inspection_seq AS TEXT)) || '#' || ordinal",
        key: "(SELECT id FROM inspection WHERE seq = inspection_seq) || '#' || ordinal", kinds: ["detection.decided"])
    /// The order as it was raised and as the CMMS has it; what is counted for it, is counted again.
    static let order = FactTable(
        name: "work_order",
        columns: "reference, seq, connector, asset, class, kind, priority, delivery, state, raised_at, detected_at, "
            + "inspection_id, acknowledged_at, remote_id, remote_number, remote_link, remote_priority, vendor_state, "
            + "merged_into, ended_at, document, "
            + "CASE WHEN json_valid(closure) THEN json_remove(closure, '$.technician') ELSE closure END",
        row: "reference", key: "reference", order: "seq",
        further: [
            "assignee", "CASE WHEN json_valid(closure) THEN json_extract(closure, '$.technician') END", "occurrences",
            "last_seen_at", "worst_severity", "newest_priority", "completed_at", "reference",
        ])
    /// The orders in the order of their raising, by their names alone.
    static let raisedOrder = FactTable(
        name: "work_order", columns: "reference", row: "reference", key: "reference", order: "seq",
        kinds: ["order.raised"])
    static let change = FactTable(
        name: "order_change", columns: "number, reference, after_inspection, state, ended_at, repaired",
        row: "number", key: "reference", order: "number")
    static let effect = FactTable(
        name: "outbox", columns: "id, connector, ordering_key, reference, effect, payload, created_at", row: "id",
        key: "id", order: "id")
    static let attempt = FactTable(
        name: "attempt", columns: "id, outbox_id, number, action, started_at, payload_digest", row: "id", key: "id",
        order: "id", further: ["outcome", "id"], kinds: ["attempt.sent"],
        entryKey: "json_extract(entry, '$.body.attempt')")
    static let answer = FactTable(
        name: "attempt",
        columns: "id, outbox_id, number, action, started_at, payload_digest, answered_at, outcome, status, latency_us, "
            + "remote_id", row: "id", key: "id", order: "id", further: ["detail", "exchanges"])
    static let alarm = FactTable(
        name: "alarm", columns: "id, at, kind, subject, detail", row: "id", key: "kind || '/' || subject || '/' || at",
        order: "id", further: ["cleared_at", "CAST(id AS TEXT) AS words"], kinds: ["alarm.raised"],
        entryKey: "json_extract(entry, '$.body.kind') || '/' || subject || '/' || " + microseconds)
    static let hold = FactTable(
        name: "hold", columns: "id, kind, subject, from_at, to_at, placed_at, reason", row: "id", key: "id",
        order: "id", further: ["placed_by", "released_at"], kinds: ["hold.placed"], entryKey: "substr(subject, 6)")
    static let release = FactTable(
        name: "hold", columns: "id, kind, subject, from_at, to_at, placed_at, reason, released_at, release_reason",
        row: "id", key: "'hold ' || id", order: "id", further: ["released_by"])
    static let reach = FactTable(
        name: "hold_asset", columns: "hold, asset", row: "hold || ' ' || asset", key: "'hold ' || hold",
        order: "hold, asset")
    static let limits = FactTable(
        name: "chart_limits", columns: "chart, stratum, version, made_at, reason, document",
        row: stream + " || ' ' || version", key: stream + " || ' ' || version", further: ["made_by"],
        kinds: ["chart.limits"],
        entryKey: "subject || ' ' || CAST(json_extract(entry, '$.body.version') AS INTEGER)")
    static let rules = FactTable(
        name: "rules_version", columns: "version, digest, in_force_at, body", row: "version",
        key: "'rules/' || version", order: "version", kinds: ["rules.in-force"])
    static let rulesDocument = FactTable(
        name: "rules_document", columns: "version, document", row: "version", key: "'rules/' || version")
    static let frames = FactTable(
        name: "frame_batch", columns: "id, digest, received_at, after_inspection", row: "id", key: "id",
        kinds: ["frames.accepted"])
    static let count = FactTable(
        name: "frame_count", columns: "batch, camera, asset, lot, from_at, to_at, inspected", row: "rowid",
        key: "batch", further: ["asset", "inspected"])
    static let restart = FactTable(
        name: "chart_repair", columns: "chart, stratum, point, reference, at, before",
        row: stream + " || ' ' || point", key: stream, further: [stream, "point", "reference", "after"])
    static let effectOfRepair = FactTable(
        name: "chart_repair", columns: "chart, stratum, point, reference, at, before, after",
        row: stream + " || ' ' || point", key: stream)

    static let missed = FactTable(
        name: "missed_defect",
        columns: "id, at, class, asset, camera, seen_at, words, picture, inspection, box_x, box_y, box_width, "
            + "box_height, reference", row: "id", key: "id", order: "id", further: ["reported_by"],
        kinds: ["label.missed"], entryKey: "substr(subject, 7)")

    static let photo = FactTable(
        name: "order_photo", columns: "id, reference, sha256, at", row: "id", key: "id", order: "id",
        further: ["taken_by", "sha256"], kinds: ["order.photo"], entryKey: "json_extract(entry, '$.body.photo')")
    /// Frames around a report.
    static let evidence = FactTable(
        name: "evidence_frame", columns: "id, inspection_seq, place, sha256, captured_at, at", row: "id", key: "id",
        order: "id", further: ["sha256"], kinds: ["evidence.frame"], entryKey: "json_extract(entry, '$.body.frame')")

    /// What sites forwarded, as it came.
    static let siteBatch = FactTable(
        name: "site_batch", columns: "id, site, history, first, next, received_at, document", row: "id", key: "id",
        order: "id", kinds: ["site.batch"], entryKey: "json_extract(entry, '$.body.batch')")

    /// Settings that people changed in the interface.
    static let setting = FactTable(
        name: "setting_change", columns: "id, at, section, document, file_digest, reason", row: "id", key: "id",
        order: "id", further: ["changed_by", "approved_by"], kinds: ["settings.changed"],
        entryKey: "json_extract(entry, '$.body.change')")

    /// Why points of a chart are as they are, as persons found out.
    static let cause = FactTable(
        name: "chart_cause", columns: "id, chart, stratum, first_point, last_point, cause, code, at", row: "id",
        key: "id", order: "id", further: ["stated_by", "withdrawn_at"], kinds: ["chart.cause"],
        entryKey: "json_extract(entry, '$.body.number')")
    static let causeWithdrawal = FactTable(
        name: "chart_cause",
        columns: "id, chart, stratum, first_point, last_point, cause, code, at, withdrawn_at, withdrawal_reason",
        row: "id", key: "id", order: "id")

    /// Rules that somebody works on: each step has its entry.
    static let draft = FactTable(
        name: "rule_draft",
        columns: "id, revision, state, base, base_document, document, reason, version, created_at, created_account, "
            + "changed_at, changed_account, submitted_at, submitted_account, approved_at, approved_account",
        row: "id", key: "'rules-draft/' || id", order: "id",
        further: ["created_by", "changed_by", "submitted_by", "approved_by"])

    /// Of `AndonIdentity`: who has which roles, and the sealed key. Wrong passwords are counted without an entry each.
    static let account = FactTable(
        name: "account",
        columns:
            "number, login_salt, login_mark, roles, state, password_due_at, invitation, invitation_expires_at, sealed",
        row: "number", key: "'account/' || number", order: "number", further: ["login", "printed_name"])

    /// Of `AndonIdentity`: whose account it is at a provider of OpenID Connect. Written once.
    static let accountLink = FactTable(
        name: "account_link", columns: "account, issuer, linked_at", row: "account", key: "'account/' || account",
        order: "account", further: ["subject"], kinds: ["account.linked"])

    /// Of an entry's time, since 1970.
    private static let microseconds = """
        (CAST(strftime('%s', substr(json_extract(entry, '$.at'), 1, 19)) AS INTEGER) * 1000000
            + CAST(substr(json_extract(entry, '$.at'), 21, 6) AS INTEGER))
        """
    private static let stream = "CASE stratum WHEN '' THEN chart ELSE chart || ' (' || stratum || ')' END"

    /// Members of an entry with the digest of the row that it is about, and of rows beside that.
    struct Member: Hashable, Sendable {
        var name: String
        /// As it stands in an entry, before its 64 digits.
        var mark: [UInt8]

        private init(_ name: String) {
            self.name = name
            mark = Array("\"\(name)\":\"".utf8)
        }

        static let row = Member("rowSha256")
        static let picture = Member("pictureRowSha256")
        static let effect = Member("effectSha256")
        static let counts = Member("countsSha256")
        static let changes = Member("changesSha256")
        static let document = Member("documentSha256")
        static let link = Member("linkSha256")
    }
}

/// The digest of rows as they are stored: SHA-256 over their values one after the other, each with its type, so that a
/// change of either shows.
///
/// A value is `n` (NULL), `i` and decimal digits (INTEGER), `r` and the 16 hexadecimal digits of the IEEE 754 double
/// (REAL), or `t` (TEXT) or `b` (BLOB) with the number of bytes, a colon and the bytes; a line feed follows each.
struct RowDigest {
    private var bytes: [UInt8] = []
    private(set) var rows = 0

    /// Adds the columns from `first` on of the row that it stands at.
    mutating func add(_ raw: RawRows, from first: Int32 = 0) {
        rows += 1
        for column in first..<max(first, raw.count) {
            switch raw.type(column) {
            case .integer:
                bytes.append(UInt8(ascii: "i"))
                append(decimal: raw.integer(column))
            case .real:
                bytes.append(UInt8(ascii: "r"))
                append(hexadecimal: raw.real(column).bitPattern)
            case .text: append("t", raw.bytes(column))
            case .blob: append("b", raw.bytes(column))
            case .null: bytes.append(UInt8(ascii: "n"))
            }
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private mutating func append(_ type: Unicode.Scalar, _ value: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: type))
        append(decimal: Int64(value.count))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: value)
    }

    private mutating func append(decimal number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var (rest, start) = (number.magnitude, bytes.count)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        var end = bytes.count - 1
        while start < end {
            bytes.swapAt(start, end)
            (start, end) = (start + 1, end - 1)
        }
    }

    private mutating func append(hexadecimal bits: UInt64) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = UInt8(bits >> shift & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        rows = 0
    }

    /// As text; nil for no rows.
    var text: String? { rows == 0 ? nil : Hex.sha256(bytes) }
}

/// Rows whose digest an entry gets: those of a table that a condition (with what follows it) chooses, or one text as it is.
struct DigestQuestion {
    fileprivate let question: DatabaseQuestion
    fileprivate let isText: Bool

    init(_ table: FactTable, _ condition: String, _ arguments: StatementArguments = []) {
        question = DatabaseQuestion("SELECT \(table.columns) FROM \(table.name) \(condition)", arguments)
        isText = false
    }

    /// - Parameter sql: gives one text.
    init(text sql: String, _ arguments: StatementArguments) {
        (question, isText) = (DatabaseQuestion(sql, arguments), true)
    }
}

extension Database {
    /// The digests of rows, for each of several entries; nothing where there are no rows.
    func digests(
        _ questions: [[FactTable.Member: DigestQuestion]]
    ) throws -> [[FactTable.Member: String]] {
        // In the same order each time, for those who replay what happened.
        let asked = questions.enumerated().flatMap { entry, questions in
            questions.map { (entry: entry, member: $0, question: $1) }.sorted { $0.member.name < $1.member.name }
        }
        guard !asked.isEmpty else {
            try settle()
            return questions.map { _ in [:] }
        }
        var found = [[FactTable.Member: String]](repeating: [:], count: questions.count)
        try fewRows(of: asked.map(\.question.question)) { number, rows in
            let (entry, member, question) = asked[number]
            found[entry][member] = try question.isText ? Self.text(rows) : Self.rows(rows)
        }
        return found
    }

    /// The digest of the table's rows that a condition (with what follows it) chooses; nil for none.
    func digest(_ table: FactTable, _ condition: String, _ arguments: StatementArguments = []) throws -> String? {
        try digests([[.row: DigestQuestion(table, condition, arguments)]])[0][.row]
    }

    private static func text(_ rows: RawRows) throws -> String? {
        try rows.next().map { Hex.sha256(Array($0.bytes(0))) }
    }

    private static func rows(_ rows: RawRows) throws -> String? {
        var digest = RowDigest()
        while let row = try rows.next() { digest.add(row) }
        return digest.text
    }
}
