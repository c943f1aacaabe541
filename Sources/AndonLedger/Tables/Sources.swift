import AndonModel
import AndonSQL
import Foundation

/// What is kept of vision systems that the server listens to, beside their reports.
enum Sources {
    /// `source_cursor`: how far a source was read. `source_refusal`: what came and made no report, and why; `fields` is what
    /// came, or empty when it was too long to keep.
    static let schema = """
        CREATE TABLE source_cursor (source TEXT PRIMARY KEY, cursor TEXT NOT NULL);
        CREATE TABLE source_refusal (
            id INTEGER PRIMARY KEY, source TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL,
            place TEXT NOT NULL, reason TEXT NOT NULL, fields TEXT NOT NULL, UNIQUE (source, event));
        CREATE INDEX source_refusal_source ON source_refusal (source, id);
        """

    /// Bytes of the fields of one refusal.
    static let fieldsBytesMax = 64 << 10

    static func subject(_ source: String) -> String { "source/\(source)" }
}

/// How far a source was read, by the source's own clock and names. Kept with the reports, so that a start goes on there.
public struct SourceCursor: Codable, Sendable, Hashable {
    /// ApplicationUri of the server that it is about; another server begins anew.
    public var server: String
    /// Creation time of the newest result, or time of the newest event, in microseconds since 1970.
    public var newest: Int64
    /// Name of that result; nil where there was none yet.
    public var result: String?
    /// Nothing from before this time, by the source's clock, is ever taken in.
    public var begin: Int64
    /// The trigger's value when it was last settled, and when it had it.
    public var trigger: JSON?
    public var triggerAt: Int64?
    /// Our time until which nothing was missed.
    public var heardAt: Int64

    public init(server: String, newest: Timestamp, begin: Timestamp, heardAt: Timestamp) {
        self.server = server
        self.newest = newest.microseconds
        self.begin = begin.microseconds
        self.heardAt = heardAt.microseconds
    }

    public var newestTime: Timestamp { Timestamp(microseconds: newest) }
    public var beginTime: Timestamp { Timestamp(microseconds: begin) }
    public var heardTime: Timestamp { Timestamp(microseconds: heardAt) }
}

/// A time in which a source may have told of something that nobody took.
public struct SourceGap: Sendable, Hashable {
    public var from: Timestamp
    public var to: Timestamp
    public var why: String
    /// How many were missed, where that is known.
    public var missed: Int?

    public init(from: Timestamp, to: Timestamp, why: String, missed: Int? = nil) {
        self.from = from
        self.to = to
        self.why = why
        self.missed = missed
    }
}

/// What came from a source and made no report.
public struct SourceRefusal: Sendable, Hashable {
    public var event: String
    public var at: Timestamp
    /// JSON Pointer into the fields, or into the report that was made of them.
    public var place: String
    public var reason: String
    /// Null when it was too long to keep.
    public var fields: JSON

    public init(event: String, at: Timestamp, place: String, reason: String, fields: JSON) {
        self.event = event
        self.at = at
        self.place = place
        self.reason = reason
        self.fields = fields
    }
}

extension SourceRefusal {
    /// Refusals kept of one source, the newest.
    public static let keptMax = 200
}

extension SourceGap {
    /// In the ledger, of the subject `source/NAME`.
    public static let kind = "intake.gap"
}

extension Transaction {
    public func put(_ cursor: SourceCursor, of source: String) throws {
        let text = String(decoding: try JSONEncoder().encode(cursor), as: UTF8.self)
        try run(
            """
            INSERT INTO source_cursor (source, cursor) VALUES (?, ?)
            ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor
            """, [source, text])
    }

    /// Writes down that something was or may have been missed: for good, in the ledger.
    public func record(_ gap: SourceGap, of source: String) throws {
        try record(
            SourceGap.kind, of: Sources.subject(source),
            .object(present: [
                "from": .time(gap.from), "to": .time(gap.to), "why": .string(gap.why.cut(to: 500).asOneLine),
                "missed": gap.missed.map { .integer($0) },
            ]))
    }

    /// Keeps a refusal, in place of an earlier one of the same event; the oldest beyond the limit go.
    public func keep(_ refusal: SourceRefusal, of source: String) throws {
        let fields = refusal.fields.canonicalText
        let kept = fields.utf8.count <= Sources.fieldsBytesMax ? fields : ""
        try run(
            """
            INSERT INTO source_refusal (source, event, at, place, reason, fields) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, event) DO UPDATE SET
                at = excluded.at, place = excluded.place, reason = excluded.reason, fields = excluded.fields
            """,
            [
                source, refusal.event, refusal.at.microseconds, refusal.place.cut(to: 300),
                refusal.reason.cut(to: 1000).asOneLine, kept,
            ])
        try run(
            """
            DELETE FROM source_refusal WHERE source = ? AND id <= (
                SELECT id FROM source_refusal WHERE source = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
            """, [source, source, SourceRefusal.keptMax])
    }

    /// The event made a report after all.
    public func forgetRefusal(_ event: String, of source: String) throws {
        try run("DELETE FROM source_refusal WHERE source = ? AND event = ?", [source, event])
    }
}

extension Reader {
    public func sourceCursor(of source: String) throws -> SourceCursor? {
        guard let row = try row("SELECT cursor FROM source_cursor WHERE source = ?", [source]) else { return nil }
        return try? JSONDecoder().decode(SourceCursor.self, from: Data((row["cursor"] as String).utf8))
    }

    public func isRefused(_ event: String, of source: String) throws -> Bool {
        try row("SELECT 1 FROM source_refusal WHERE source = ? AND event = ?", [source, event]) != nil
    }

    /// Newest first.
    public func sourceRefusals(of source: String, limit: Int = SourceRefusal.keptMax) throws -> [SourceRefusal] {
        try rows("SELECT * FROM source_refusal WHERE source = ? ORDER BY id DESC LIMIT ?", [source, limit]).map { row in
            SourceRefusal(
                event: row["event"], at: Timestamp(microseconds: row["at"]), place: row["place"], reason: row["reason"],
                fields: (try? JSON(parsing: row["fields"] as String)) ?? .null)
        }
    }

    public func sourceRefusalCount(of source: String) throws -> Int {
        try count("SELECT COUNT(*) FROM source_refusal WHERE source = ?", [source])
    }

    public func sourceGapCount(of source: String) throws -> Int {
        try count(
            "SELECT COUNT(*) FROM ledger WHERE subject = ? AND kind = ?",
            [Sources.subject(source), SourceGap.kind])
    }
}
