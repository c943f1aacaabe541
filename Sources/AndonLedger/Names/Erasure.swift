import AndonModel
import AndonSQL

/// A column that holds what persons are called, or texts in which their names may stand.
public struct NameColumn: Sendable {
    public enum Content: Sendable {
        /// One name.
        case name
        /// A JSON document with the name as the text at this pointer.
        case document(pointer: String)
        /// A JSON document that goes as a whole when the name stands in it, such as the exchanges with a CMMS.
        case text
    }

    public var table: String
    public var column: String
    public var content: Content

    public init(table: String, column: String, content: Content) {
        self.table = table
        self.column = column
        self.content = content
    }

    /// The columns of the store's own tables.
    static let ownColumns = [
        NameColumn(table: "hold", column: "placed_by", content: .name),
        NameColumn(table: "hold", column: "released_by", content: .name),
        NameColumn(table: "chart_limits", column: "made_by", content: .name),
        NameColumn(table: "work_order", column: "assignee", content: .name),
        NameColumn(table: "work_order", column: "closure", content: .document(pointer: "technician")),
        NameColumn(table: "course_person", column: "name", content: .name),
        NameColumn(table: "missed_defect", column: "reported_by", content: .name),
        NameColumn(table: "chart_cause", column: "stated_by", content: .name),
        NameColumn(table: "chart_cause", column: "withdrawn_by", content: .name),
        NameColumn(table: "order_photo", column: "taken_by", content: .name),
        NameColumn(table: "setting_change", column: "changed_by", content: .name),
        NameColumn(table: "setting_change", column: "approved_by", content: .name),
        NameColumn(table: "rule_draft", column: "created_by", content: .name),
        NameColumn(table: "rule_draft", column: "changed_by", content: .name),
        NameColumn(table: "rule_draft", column: "submitted_by", content: .name),
        NameColumn(table: "rule_draft", column: "approved_by", content: .name),
        NameColumn(table: "attempt", column: "exchanges", content: .text),
        NameColumn(table: "attempt", column: "detail", content: .text),
    ]
}

/// What an erasure did.
public struct Erasure: Sendable, Equatable {
    /// Values beside entries that are gone.
    public var values: Int
    /// Rows of other tables in which the name no longer stands.
    public var rows: Int
    /// Of the entries that say so.
    public var entries: [Int64]
}

extension Transaction {
    /// What stands in the place of an erased name.
    public static let withheldWord = "(withheld)"
    /// Places that one entry about an erasure names at most.
    private static let placesMax = 500

    /// Deletes what persons called `name` are called by: the values beside the ledger's entries, and the same name in
    /// other tables. The entries and the tree stay. Recorded without the name, with who asked for it and why.
    ///
    /// Values that are a person's name are compared whole, without regard to case, also where a machine's name stands
    /// behind it (``ThroughName``), which then goes with it; longer texts (what went over the wire to a CMMS) go when the
    /// name stands in them.
    public func erase(
        name: String, by person: String, reason: String, further columns: [NameColumn] = []
    ) throws -> Erasure {
        // Also from what was recorded in this transaction.
        try settleEntries()
        return try db.overwriting { try eraseNow(name, person, reason, NameColumn.ownColumns + columns) }
    }

    private func eraseNow(
        _ name: String, _ person: String, _ reason: String, _ columns: [NameColumn]
    ) throws -> Erasure {
        let isName = ThroughName.names(name, in: "value")
        let found = try reader.rows(
            """
            SELECT idx, member FROM ledger_value WHERE \(isName.sql)
                OR (member IN ('/exchanges', '/detail') AND instr(lower(value), lower(?)) > 0) ORDER BY idx, member
            """, StatementArguments(isName.arguments + [name]))
        let places: [JSON] = found.map { ["entry": .integer($0["idx"] as Int64), "member": .string($0["member"])] }
        for row in found {
            try run(
                "DELETE FROM ledger_value WHERE idx = ? AND member = ?", [row["idx"] as Int64, row["member"] as String])
        }
        var rows = 0
        for column in columns { rows += try erase(name, in: column) }
        var entries: [Int64] = []
        for start in stride(from: 0, to: max(1, places.count), by: Self.placesMax) {
            entries.append(
                try record(
                    "names.erased", of: "ledger",
                    [
                        "values": .array(Array(places[start..<min(start + Self.placesMax, places.count)])),
                        "rows": .integer(start == 0 ? rows : 0), "by": .string(person), "reason": .string(reason),
                    ], names: ["/by"]))
        }
        return Erasure(values: places.count, rows: rows, entries: entries)
    }

    private func erase(_ name: String, in column: NameColumn) throws -> Int {
        let (table, place) = (column.table, column.column)
        switch column.content {
        case .name:
            let isName = ThroughName.names(name, in: place)
            return try run(
                "UPDATE \(table) SET \(place) = ? WHERE \(isName.sql)",
                StatementArguments([Self.withheldWord] + isName.arguments))
        case .document(let pointer):
            let isName = ThroughName.names(name, in: "json_extract(\(place), '$.\(pointer)')")
            return try run(
                "UPDATE \(table) SET \(place) = json_set(\(place), '$.\(pointer)', ?) WHERE \(isName.sql)",
                StatementArguments([Self.withheldWord] + isName.arguments))
        case .text:
            return try run(
                "UPDATE \(table) SET \(place) = ? WHERE instr(lower(\(place)), lower(?)) > 0",
                ["\"\(Self.withheldWord)\"", name])
        }
    }
}
