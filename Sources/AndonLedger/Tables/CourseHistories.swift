import AndonModel
import AndonSQL

/// The orders of a CMMS from the time before Andon, as they were brought in with one file.
public struct CourseHistory: Hashable, Sendable {
    public var id: Int64
    public var name: String
    /// SHA-256 of the file, in hexadecimal.
    public var digest: String
    public var at: Timestamp
    /// Counts, the mapping and the time that the file covers.
    public var document: JSON

    /// Until when its orders were watched, in microseconds since 1970 UTC: what is open in it was open then.
    public var until: Int64 { document["until"]?.string.flatMap(Timestamp.init)?.microseconds ?? at.microseconds }

    public var json: JSON {
        [
            "id": .integer(id), "name": .string(name), "digest": .string(digest), "importedAt": .time(at),
            "document": document,
        ]
    }

    fileprivate init(_ row: Row) throws {
        id = row["id"]
        name = row["name"]
        digest = row["digest"]
        at = Timestamp(row, "at")
        document = try JSON(parsing: row["document"] as String)
    }
}

/// One order of such a file. Times are microseconds since 1970 UTC.
public struct HistoryOrder: Hashable, Sendable {
    /// As the CMMS has it.
    public var number: String
    public var asset: String
    public var defectClass: String
    public var outcome: CourseOutcome
    public var detectedAt: Int64
    public var raisedAt: Int64
    public var assignedAt: Int64?
    public var startedAt: Int64?
    public var endedAt: Int64?
    public var closedAt: Int64?
    public var priority: Int
    public var technician: String?
    public var crew: String?
    public var cause: String?
    public var action: String?
    public var labourHours: Double?
    /// How many of each part, by its code.
    public var parts: [String: Double]

    public init(
        number: String, asset: String, defectClass: String, outcome: CourseOutcome, detectedAt: Int64, raisedAt: Int64,
        assignedAt: Int64? = nil, startedAt: Int64? = nil, endedAt: Int64? = nil, closedAt: Int64? = nil,
        priority: Int = 0, technician: String? = nil, crew: String? = nil, cause: String? = nil, action: String? = nil,
        labourHours: Double? = nil, parts: [String: Double] = [:]
    ) {
        self.number = number
        self.asset = asset
        self.defectClass = defectClass
        self.outcome = outcome
        self.detectedAt = detectedAt
        self.raisedAt = raisedAt
        self.assignedAt = assignedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.closedAt = closedAt
        self.priority = priority
        self.technician = technician
        self.crew = crew
        self.cause = cause
        self.action = action
        self.labourHours = labourHours
        self.parts = parts
    }
}

public enum CourseHistoryError: Error, Equatable, Sendable, CustomStringConvertible {
    case isThere(id: Int64, name: String, at: Timestamp)
    case unknown(Int64)

    public var description: String {
        switch self {
        case .isThere(let id, let name, let at):
            "This file was imported at \(at) as history \(id) (\(name)); remove that one first to import it anew."
        case .unknown(let id): "There is no history \(id)."
        }
    }
}

extension Reader {
    /// The imported histories, oldest first.
    public func courseHistories() throws -> [CourseHistory] {
        try rows("SELECT id, name, digest, at, document FROM course_history ORDER BY id").map(CourseHistory.init)
    }

    public func courseHistory(digest: String) throws -> CourseHistory? {
        try row("SELECT id, name, digest, at, document FROM course_history WHERE digest = ?", [digest]).map(
            CourseHistory.init)
    }
}

extension Transaction {
    /// Takes the orders of one file in, with an entry of the ledger.
    ///
    /// - Parameters:
    ///   - digest: SHA-256 of the file; the same file comes in once.
    ///   - document: counts, mapping and `until`; no names of persons.
    /// - Throws: ``CourseHistoryError``.
    public func importHistory(
        name: String, digest: String, document: JSON, orders: [HistoryOrder], by person: String, reason: String
    ) throws -> CourseHistory {
        if let there = try reader.courseHistory(digest: digest) {
            throw CourseHistoryError.isThere(id: there.id, name: there.name, at: there.at)
        }
        let id = try runInsert(
            "INSERT INTO course_history (name, digest, at, document) VALUES (?, ?, ?, ?)",
            [name, digest, now.microseconds, document.canonicalText])
        var seq = min(0, try reader.courseNumbers()?.lowerBound ?? 0)
        var names = try CourseNumbers(self)
        for order in orders {
            seq -= 1
            try put(order, seq: seq, history: id, &names)
        }
        try markReturns()
        try record(
            "history.imported", of: Self.subject(digest),
            [
                "by": .string(person), "digest": .string(digest), "document": document, "history": .integer(id),
                "name": .string(name), "orders": .integer(orders.count), "reason": .string(reason),
            ], names: ["/by"])
        guard let history = try reader.courseHistory(digest: digest) else {
            throw StoreError.inconsistent("the history that was just written is not there")
        }
        return history
    }

    /// Takes the orders of an imported file out again.
    ///
    /// - Throws: ``CourseHistoryError`` where there is none.
    public func removeHistory(_ id: Int64, by person: String, reason: String) throws -> CourseHistory {
        guard let history = try reader.courseHistories().first(where: { $0.id == id }) else {
            throw CourseHistoryError.unknown(id)
        }
        try run("DELETE FROM course_part WHERE seq IN (SELECT seq FROM course WHERE history = ?)", [id])
        let orders = try run("DELETE FROM course WHERE history = ?", [id])
        try run("DELETE FROM course_history WHERE id = ?", [id])
        try run(
            "DELETE FROM course_person WHERE id NOT IN (SELECT person FROM course WHERE person IS NOT NULL)")
        try markReturns()
        try record(
            "history.removed", of: Self.subject(history.digest),
            [
                "by": .string(person), "digest": .string(history.digest), "history": .integer(id),
                "orders": .integer(orders), "reason": .string(reason),
            ], names: ["/by"])
        return history
    }

    private static func subject(_ digest: String) -> String { "history \(digest.prefix(16))" }

    private func put(
        _ order: HistoryOrder, seq: Int64, history: Int64, _ numbers: inout CourseNumbers
    ) throws {
        let stream = try numbers.stream(CourseStream(asset: order.asset, defectClass: order.defectClass), self)
        try run(
            """
            INSERT INTO course (seq, stream, action, outcome, ended_at, detected_at, raised_at, assigned_at, started_at,
                closed_at, priority, cause, person, crew, labour_hours, history)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                seq, stream, try numbers.name(.action, order.action, self), order.outcome.rawValue, order.endedAt,
                order.detectedAt, order.raisedAt, order.assignedAt, order.startedAt, order.closedAt, order.priority,
                try numbers.name(.cause, order.cause, self), try numbers.person(order.technician, self),
                try numbers.name(.crew, order.crew, self), order.labourHours, history,
            ])
        for (code, quantity) in order.parts {
            try run(
                "INSERT INTO course_part (seq, part, quantity) VALUES (?, ?, ?)",
                [seq, try numbers.name(.part, code, self), quantity])
        }
    }

    /// A repair of a history returned with the next order of its class on its asset, of any history, that was not
    /// dropped. Ends and detections are walked backwards in time together, so that a long history is sorted once.
    private func markReturns() throws {
        try run(
            """
            WITH moment AS (
                SELECT stream, detected_at AS at, 1 AS is_detection, detected_at, NULL AS seq
                    FROM course WHERE seq < 0 AND outcome <> 3
                UNION ALL SELECT stream, ended_at, 0, NULL, seq FROM course WHERE seq < 0 AND outcome = 1),
            following AS (
                SELECT seq, MIN(detected_at) OVER (
                    PARTITION BY stream ORDER BY at DESC, is_detection ROWS UNBOUNDED PRECEDING) AS at FROM moment)
            UPDATE course SET returned_at = following.at FROM following
            WHERE following.seq = course.seq AND course.returned_at IS NOT following.at
            """)
    }
}

/// The numbers of names while many orders are written.
private struct CourseNumbers {
    private var streams: [CourseStream: Int64] = [:]
    private var names: [CourseNameKind: [String: Int64]] = [:]
    private var persons: [String: Int64] = [:]

    init(_ transaction: Transaction) throws {
        let reader = transaction.reader
        for (id, stream) in try reader.courseStreams() { streams[stream] = id }
        for kind in CourseNameKind.allCases {
            names[kind] = Dictionary(
                try reader.courseNames(kind).map { ($1, $0) }, uniquingKeysWith: { min($0, $1) })
        }
        persons = Dictionary(try reader.coursePersons().map { ($1, $0) }, uniquingKeysWith: { min($0, $1) })
    }

    mutating func stream(_ stream: CourseStream, _ transaction: Transaction) throws -> Int64 {
        if let id = streams[stream] { return id }
        let id = try transaction.runInsert(
            "INSERT INTO course_stream (asset, class) VALUES (?, ?)", [stream.asset, stream.defectClass])
        streams[stream] = id
        return id
    }

    mutating func name(_ kind: CourseNameKind, _ text: String?, _ transaction: Transaction) throws -> Int64? {
        guard let text else { return nil }
        if let id = names[kind]?[text] { return id }
        let id = try transaction.runInsert("INSERT INTO course_name (kind, text) VALUES (?, ?)", [kind.rawValue, text])
        names[kind, default: [:]][text] = id
        return id
    }

    mutating func person(_ name: String?, _ transaction: Transaction) throws -> Int64? {
        guard let name else { return nil }
        if let id = persons[name] { return id }
        let id = try transaction.runInsert("INSERT INTO course_person (name) VALUES (?)", [name])
        persons[name] = id
        return id
    }
}
