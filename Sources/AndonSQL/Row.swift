import Synchronization

/// The names of a result's columns.
final class ColumnNames: Sendable {
    let names: [String]
    /// As C has them.
    let terminated: [[CChar]]
    private let places: [String: Int]

    init(_ names: [String]) {
        self.names = names
        terminated = names.map { Array($0.utf8CString) }
        places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func place(_ name: String) -> Int? { places[name] }
}

/// The names of columns by statement, so that they are made once and not at each run.
final class KnownColumnNames: Sendable {
    private let known = Mutex<[String: ColumnNames]>([:])

    /// Statements that are kept at most: some have lists in them that differ each time.
    private static let statementsMax = 2000

    /// The names that were made for the statement, where they still are its own: a step of the schema may have added columns.
    func names(of sql: String, _ rows: RawRows) -> ColumnNames {
        let count = rows.columnCount
        if let names = known.withLock({ $0[sql] }), names.names.count == count, rows.isNamed(names) { return names }
        let names = ColumnNames((0..<count).map { rows.name($0) })
        known.withLock { known in
            if known.count >= Self.statementsMax { known.removeAll(keepingCapacity: true) }
            known[sql] = names
        }
        return names
    }
}

/// A row of a result, copied out of the database.
public struct Row: Sendable {
    let columns: ColumnNames
    let values: [DatabaseValue]

    public var columnNames: [String] { columns.names }

    public var count: Int { values.count }

    private func value(_ name: String) -> DatabaseValue { columns.place(name).map { values[$0] } ?? .null }

    /// The column with the name.
    ///
    /// - Precondition: it is there and of the type: statements are our own, and stored columns have the types that the
    ///   schema gives them. Where an altered database is read, ask for an optional or for the value.
    public subscript<Value: DatabaseValueConvertible>(_ name: String) -> Value {
        guard let value = Value.fromDatabaseValue(value(name)) else {
            preconditionFailure("the column \(name) is no \(Value.self), but \(value(name))")
        }
        return value
    }

    public subscript<Value: DatabaseValueConvertible>(_ name: String) -> Value? {
        Value.fromDatabaseValue(value(name))
    }

    public subscript<Value: DatabaseValueConvertible>(_ place: Int) -> Value {
        guard let value = Value.fromDatabaseValue(values[place]) else {
            preconditionFailure("the column \(place) is no \(Value.self), but \(values[place])")
        }
        return value
    }

    public subscript<Value: DatabaseValueConvertible>(_ place: Int) -> Value? {
        Value.fromDatabaseValue(values[place])
    }

    public subscript(_ name: String) -> DatabaseValue { value(name) }

    public subscript(_ place: Int) -> DatabaseValue { values[place] }
}

/// The rows of a result one after the other, read where the engine has them: no copies. A row is there until the one behind
/// it is asked for.
open class RawRows {
    /// What cannot be read, in words; nil for the statement itself.
    let subject: String?
    private var named: ColumnNames?

    init(subject: String?) { self.subject = subject }

    /// Goes to the next row; false behind the last.
    func advance() throws -> Bool { preconditionFailure("an engine's own") }

    var columnCount: Int32 { preconditionFailure("an engine's own") }
    func name(_ column: Int32) -> String { preconditionFailure("an engine's own") }
    /// Whether the columns have these names, of which there are as many.
    func isNamed(_ columns: ColumnNames) -> Bool { preconditionFailure("an engine's own") }
    public func type(_ column: Int32) -> DatabaseType { preconditionFailure("an engine's own") }
    /// 0 where there is none.
    public func integer(_ column: Int32) -> Int64 { preconditionFailure("an engine's own") }
    /// 0 where there is none.
    public func real(_ column: Int32) -> Double { preconditionFailure("an engine's own") }
    /// Of a text or a blob.
    public func bytes(_ column: Int32) -> UnsafeRawBufferPointer { preconditionFailure("an engine's own") }

    /// The rows at the next one; nil behind the last.
    public final func next() throws -> RawRows? { try advance() ? self : nil }

    /// All that are left.
    public final func all() throws -> [Row] {
        var found: [Row] = []
        while try advance() { found.append(row) }
        return found
    }

    public final var count: Int32 { columnCount }

    public final func value(_ column: Int32) -> DatabaseValue {
        switch type(column) {
        case .null: .null
        case .integer: .integer(integer(column))
        case .real: .real(real(column))
        case .text: .text(String(decoding: bytes(column), as: UTF8.self))
        case .blob: .blob(Array(bytes(column)))
        }
    }

    /// Nil where there is none.
    public final func text(_ column: Int32) -> String? { String.fromDatabaseValue(value(column)) }

    /// The names of the columns; engines that know a statement again have them at hand.
    var columnNames: ColumnNames { ColumnNames((0..<columnCount).map { name($0) }) }

    /// The row that it stands at, copied.
    final var row: Row {
        let columns = named ?? columnNames
        named = columns
        return Row(columns: columns, values: (0..<columnCount).map { value($0) })
    }
}

/// Rows one after the other, each copied.
public final class RowCursor {
    private let rows: RawRows

    init(_ rows: RawRows) { self.rows = rows }

    /// Nil behind the last.
    public func next() throws -> Row? { try rows.advance() ? rows.row : nil }
}
