import AndonIdentity
import AndonLedger
import AndonModel
import AndonSQL
import Foundation

/// The open orders as a technician sees them: the own ones first.
public struct DeskList: Sendable {
    public var mine: [DeskOrder] = []
    public var unassigned: [DeskOrder] = []
    public var others: [DeskOrder] = []
    /// Orders of each part at most.
    public static let limit = 40
}

/// Whose list it is, and of which part of the plant.
public struct DeskView: Sendable {
    /// What the person may be called as an order's assignee: printed name, login name.
    public var names: [String] = []
    /// Assets that the person does not see.
    public var hidden: [String] = []
    /// Of one line alone; nil for all.
    public var line: String?

    public init(names: [String] = [], hidden: [String] = [], line: String? = nil) {
        (self.names, self.hidden, self.line) = (names, hidden, line)
    }

    /// An array for a statement: its elements are asked for by `json_each`.
    private static func list(_ texts: [String]) -> String { JSON.array(texts.map { .string($0) }).canonicalText }

    /// Conditions that hold for each part of a list, with their arguments.
    fileprivate var conditions: (sql: String, arguments: [(any DatabaseValueConvertible)?]) {
        var sql = ""
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let line {
            sql += " AND line = ?"
            arguments.append(line)
        }
        if !hidden.isEmpty {
            sql += " AND asset NOT IN (SELECT value FROM json_each(?))"
            arguments.append(Self.list(hidden))
        }
        return (sql, arguments)
    }

    fileprivate var namesText: String { Self.list(names) }
}

extension Desk {
    /// The most urgent first, then the newest.
    public func list(_ view: DeskView) async throws -> DeskList {
        try await store.read { reader in
            func part(_ condition: String, _ further: [(any DatabaseValueConvertible)?] = []) throws -> [DeskOrder] {
                let (sql, own) = view.conditions
                let arguments: [(any DatabaseValueConvertible)?] = further + own + [DeskList.limit]
                return try reader.rows(
                    """
                    SELECT * FROM desk_order WHERE state IN ('open', 'inProgress') AND \(condition)\(sql)
                    ORDER BY priority, number DESC LIMIT ?
                    """, StatementArguments(arguments)
                ).map { try DeskOrder($0) }
            }
            var list = DeskList()
            let names = "(SELECT value FROM json_each(?))"
            if !view.names.isEmpty {
                list.mine = try part("assignee COLLATE NOCASE IN \(names)", [view.namesText])
            }
            list.unassigned = try part("assignee IS NULL")
            list.others = try part(
                "assignee IS NOT NULL AND assignee COLLATE NOCASE NOT IN \(names)", [view.namesText])
            return list
        }
    }

    /// Orders that ended, the newest end first.
    public func done(_ view: DeskView) async throws -> [DeskOrder] {
        try await store.read { reader in
            let (sql, own) = view.conditions
            let arguments: [(any DatabaseValueConvertible)?] = own + [DeskList.limit]
            return try reader.rows(
                """
                SELECT * FROM desk_order WHERE state NOT IN ('open', 'inProgress')\(sql) ORDER BY changed DESC LIMIT ?
                """, StatementArguments(arguments)
            ).map { try DeskOrder($0) }
        }
    }

    /// The names of the order's files, and its notes, oldest first.
    public func papers(_ number: Int64) async throws -> (files: [String], notes: [String]) {
        try await store.read { reader in
            (
                try reader.rows("SELECT name FROM desk_file WHERE number = ?", [number]).map { $0["name"] },
                try Self.notes(number, reader).map(\.text)
            )
        }
    }

    static func notes(_ number: Int64, _ reader: Reader) throws -> [DeskNote] {
        try reader.rows("SELECT text, at, written_by FROM desk_note WHERE number = ? ORDER BY at", [number]).map {
            DeskNote(text: $0["text"], at: Timestamp($0, "at"), by: $0["written_by"])
        }
    }

    /// All that an order's page shows beside the order itself, as it is at one moment.
    struct Papers: Sendable {
        var order: DeskOrder
        var files: [String]
        var notes: [DeskNote]
        var photos: [OrderPhoto]
        /// What became of the picture's bytes; nil while they are here.
        var removal: PictureRemoval?
        var causes: [String]
        var remedies: [String]
        /// Who can have it assigned: printed names.
        var technicians: [String]
    }

    /// - Parameter withPeople: the technicians are wanted too.
    func page(_ reference: Reference, withPeople: Bool) async throws -> Papers? {
        try await store.read { reader in
            guard let order = try Self.order(reference, reader) else { return nil }
            let (isOpen, name) = (order.state.takesOccurrences, order.order.defectClass)
            return Papers(
                order: order,
                files: try reader.rows("SELECT name FROM desk_file WHERE number = ?", [order.number]).map {
                    $0["name"]
                },
                notes: try Self.notes(order.number, reader), photos: try reader.photos(of: reference),
                removal: try order.order.picture.flatMap { try reader.removal(ofPicture: $0.sha256) },
                causes: try isOpen ? Self.codes("cause", of: name, reader) : [],
                remedies: try isOpen ? Self.codes("action", of: name, reader) : [],
                technicians: try withPeople ? Self.technicians(reader) : [])
        }
    }

    /// Of the newest orders of a class: which codes they were closed with, the most frequent first.
    private static func codes(_ kind: String, of defectClass: String, _ reader: Reader) throws -> [String] {
        try reader.rows(
            """
            SELECT n.text AS code, COUNT(*) AS uses FROM
                (SELECT seq FROM work_order WHERE class = ? ORDER BY seq DESC LIMIT 2000) o
                JOIN course c ON c.seq = o.seq JOIN course_name n ON n.id = c.\(kind)
            GROUP BY n.text ORDER BY uses DESC, code LIMIT 8
            """, [defectClass]
        ).map { $0["code"] }
    }

    private static func technicians(_ reader: Reader) throws -> [String] {
        try reader.accounts().filter { $0.state == .active && $0.roles.contains(.technician) }.map(\.printedName)
            .sorted()
    }
}
