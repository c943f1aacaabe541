import CPQ
import Foundation

/// One connection to a PostgreSQL server.
///
/// Not shared: whoever has taken it from the engine is the only one that uses it until it is given back.
final class PostgresConnection {
    private let address: String
    private let schema: String
    private var raw: OpaquePointer?
    /// Names of the statements that this connection has prepared.
    private var prepared: [PreparedKey: String] = [:]
    private var cursors = 0
    /// Statements that were sent and whose results were not taken yet.
    private var posted: [String] = []
    /// Whether the server was told that no more follows these for now.
    private var isSynced = false
    /// Whether anything was answered since a transaction that reads began.
    private(set) var hasAnswered = false

    private struct PreparedKey: Hashable {
        var sql: String
        var types: [Oid]
    }

    /// Statements that a connection keeps prepared at most: some have lists in them that differ each time.
    private static let preparedMax = 1000
    /// Statements that are under way at most: who only sends, and never reads, would at last wait for a server that waits.
    private static let postedMax = 32

    /// - Parameters:
    ///   - address: as libpq has it: `postgresql://…` or `host=…`.
    ///   - schema: where the tables are.
    init(address: String, schema: String) {
        (self.address, self.schema) = (address, schema)
    }

    deinit { close() }

    func close() {
        if let raw { PQfinish(raw) }
        raw = nil
        prepared = [:]
        posted = []
        isSynced = false
    }

    var isOpen: Bool { raw.map { PQstatus($0) == CONNECTION_OK } ?? false }

    /// Whether a statement of the transaction failed, so that the server takes nothing but its end.
    var hasGivenUp: Bool { raw.map { PQtransactionStatus($0) == PQTRANS_INERROR } ?? false }

    /// Opens it where it is not open.
    func open() throws {
        guard !isOpen else { return }
        close()
        guard let opened = connect() else {
            throw DatabaseError(kind: .unreachable, message: "there is no memory for a connection")
        }
        raw = opened
        guard PQstatus(opened) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(opened))
            close()
            throw DatabaseError(kind: .unreachable, message: Self.trimmed(message))
        }
        PQsetNoticeProcessor(opened, { _, _ in }, nil)
        // A commit is durable when it is answered, whatever the server's own setting is.
        try script(
            """
            SET client_encoding = 'UTF8'; SET synchronous_commit = on; SET TimeZone = 'UTC'; SET extra_float_digits = 1;
            SET search_path = "\(schema)", pg_catalog; SET client_min_messages = warning; SET jit = off
            """)
    }

    /// A server that is cut off without a word is given up soon, so that its work can go on with another connection. What the
    /// address says of it counts more: later values replace earlier ones (PostgreSQL's documentation, 34.1).
    private static let usual = [
        ("connect_timeout", "5"), ("tcp_user_timeout", "10000"), ("keepalives_idle", "5"), ("keepalives_interval", "2"),
        ("keepalives_count", "3"),
    ]

    private func connect() -> OpaquePointer? {
        let options = Self.usual + [("dbname", address)]
        let names = options.map { strdup($0.0) }
        let values = options.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        return PQconnectdbParams(
            names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    }

    private func connection() throws -> OpaquePointer {
        guard let raw else { throw DatabaseError(kind: .unreachable, message: "the connection is closed") }
        return raw
    }

    // MARK: Statements

    /// Runs statements without values, in the simple protocol: several at once, where need be.
    @discardableResult
    func script(_ sql: String) throws -> PostgresResult {
        try settle()
        return try PostgresResult(PQexec(try connection(), sql), of: self, sql)
    }

    /// Runs one statement that is prepared once, behind those that were posted.
    func execute(_ sql: String, _ values: [DatabaseValue]) throws -> PostgresResult {
        let name = try name(sql, values)
        guard posted.isEmpty else {
            try send(name, sql, values)
            guard let last = try take().last else { throw left() }
            return last
        }
        let connection = try connection()
        return try Self.withPlaces(values) { places, lengths, formats in
            try PostgresResult(
                PQexecPrepared(connection, name, Int32(values.count), places, lengths, formats, 0), of: self, sql)
        }
    }

    /// Ends a transaction, behind what was posted. Of one that the server has given up nothing is kept, and that is an error.
    func commit() throws {
        let ended = try execute("COMMIT", [])
        guard ended.command == "COMMIT" else {
            throw DatabaseError(
                kind: .other, message: "the database undid the transaction: a statement in it had failed")
        }
    }

    /// Begins a transaction that reads one snapshot: that goes along with the first question.
    func beginReading() throws {
        hasAnswered = false
        // The end of the one before may be what is answered.
        try settle()
        hasAnswered = false
        try post("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", [])
    }

    /// Ends a transaction that read, and does not wait for the answer: whoever comes next takes it.
    func endReading() {
        do {
            try settle()
            try post("ROLLBACK", [])
            if PQpipelineSync(try connection()) == 1 { isSynced = true } else { throw left() }
        } catch { close() }
    }

    /// Runs several statements, and waits once for the results of all, or of a number of them at a time.
    func execute(_ statements: [(sql: String, values: [DatabaseValue])]) throws -> [PostgresResult] {
        guard statements.count > 1 else { return try statements.map { try execute($0.sql, $0.values) } }
        guard statements.count <= Self.postedMax else {
            let rest = Array(statements.dropFirst(Self.postedMax))
            return try execute(Array(statements.prefix(Self.postedMax))) + execute(rest)
        }
        // To prepare one is a way there and back, and waits for what was sent; it may push out those before it.
        let known = prepared.count
        var names = try statements.map { try name($0.sql, $0.values) }
        if prepared.count < known { names = try statements.map { try name($0.sql, $0.values) } }
        if posted.isEmpty, PQenterPipelineMode(try connection()) != 1 { throw left() }
        for (name, statement) in zip(names, statements) { try send(name, statement.sql, statement.values) }
        return try take().suffix(statements.count)
    }

    /// Sends one statement and does not wait for its result: that comes with the one of the next statement, and an error of
    /// it is thrown there (pipeline mode, PostgreSQL's documentation, 34.5).
    func post(_ sql: String, _ values: [DatabaseValue]) throws {
        let name = try name(sql, values)
        if posted.isEmpty, PQenterPipelineMode(try connection()) != 1 { throw left() }
        try send(name, sql, values)
        if posted.count >= Self.postedMax { try settle() }
    }

    /// Waits for what was posted.
    ///
    /// - Throws: the first error of it.
    func settle() throws {
        if !posted.isEmpty { _ = try take() }
    }

    private func send(_ name: String, _ sql: String, _ values: [DatabaseValue]) throws {
        let connection = try connection()
        let sent = try Self.withPlaces(values) { places, lengths, formats in
            PQsendQueryPrepared(connection, name, Int32(values.count), places, lengths, formats, 0)
        }
        guard sent == 1 else { throw left() }
        posted.append(sql)
    }

    /// The results of all that was sent.
    private func take() throws -> [PostgresResult] {
        let connection = try connection()
        var failure: (any Error)?
        var results: [PostgresResult] = []
        if !isSynced, PQpipelineSync(connection) != 1 { failure = left() }
        isSynced = false
        for sql in posted where failure == nil {
            do { results.append(try PostgresResult(PQgetResult(connection), of: self, sql)) } catch { failure = error }
            while failure == nil, let more = PQgetResult(connection) { PQclear(more) }
        }
        posted = []
        // Behind an error come results of what was not run, and then the end.
        var silence = 0
        while silence < 2, PQpipelineStatus(connection) != PQ_PIPELINE_OFF, PQexitPipelineMode(connection) != 1 {
            guard isOpen else { break }
            if let more = PQgetResult(connection) {
                PQclear(more)
                silence = 0
            } else {
                silence += 1
            }
        }
        guard isOpen, PQpipelineStatus(connection) == PQ_PIPELINE_OFF else {
            let failure = failure ?? left()
            close()
            throw failure
        }
        if let failure { throw failure }
        hasAnswered = true
        return results
    }

    private func left() -> DatabaseError {
        DatabaseError(kind: isOpen ? .other : .unreachable, message: message)
    }

    private func name(_ sql: String, _ values: [DatabaseValue]) throws -> String {
        let key = PreparedKey(sql: sql, types: values.map(Self.type))
        return try prepared[key] ?? prepare(key)
    }

    private func prepare(_ key: PreparedKey) throws -> String {
        try settle()
        let connection = try connection()
        if prepared.count >= Self.preparedMax {
            try script("DEALLOCATE ALL")
            prepared = [:]
        }
        let name = "s\(prepared.count)"
        _ = try PostgresResult(
            PQprepare(connection, name, key.sql, Int32(key.types.count), key.types), of: self, key.sql)
        prepared[key] = name
        return name
    }

    /// Begins to read a statement piece by piece.
    ///
    /// - Returns: the name of the cursor.
    func declareCursor(_ sql: String, _ values: [DatabaseValue]) throws -> String {
        cursors += 1
        let name = "c\(cursors)"
        try settle()
        let connection = try connection()
        let types = values.map(Self.type)
        let declared = "DECLARE \(name) NO SCROLL CURSOR FOR \(sql)"
        _ = try Self.withPlaces(values) { places, lengths, formats in
            try PostgresResult(
                PQexecParams(connection, declared, Int32(values.count), types, places, lengths, formats, 0), of: self,
                sql)
        }
        return name
    }

    // MARK: Values

    /// OIDs of the built-in types (pg_type.dat of PostgreSQL). For NULL the server finds out.
    enum TypeID {
        static let bool: Oid = 16
        static let bytea: Oid = 17
        static let int8: Oid = 20
        static let int2: Oid = 21
        static let int4: Oid = 23
        static let text: Oid = 25
        static let oid: Oid = 26
        static let float4: Oid = 700
        static let float8: Oid = 701
        static let numeric: Oid = 1700
    }

    private static func type(_ value: DatabaseValue) -> Oid {
        switch value {
        case .null: 0
        case .integer: TypeID.int8
        case .real: TypeID.float8
        case .text: TypeID.text
        case .blob: TypeID.bytea
        }
    }

    /// Values as libpq takes them: texts that end with a zero, and blobs as they are.
    private static func withPlaces<Value>(
        _ values: [DatabaseValue],
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) throws -> Value
    ) throws -> Value {
        var bytes: [UInt8] = []
        var starts: [Int?] = []
        var lengths: [Int32] = []
        for value in values {
            guard !value.isNull else {
                starts.append(nil)
                lengths.append(0)
                continue
            }
            starts.append(bytes.count)
            switch value {
            case .null: break
            case .integer(let number): bytes += Array(String(number).utf8)
            case .real(let number): bytes += Array(text(number).utf8)
            case .text(let text):
                guard !text.utf8.contains(0) else {
                    throw DatabaseError(
                        kind: .constraint, message: "a text has a zero in it, which PostgreSQL cannot keep")
                }
                bytes += Array(text.utf8)
            case .blob(let blob): bytes += blob
            }
            lengths.append(Int32(bytes.count - (starts.last.flatMap { $0 } ?? 0)))
            bytes.append(0)
        }
        let formats: [Int32] = values.map { if case .blob = $0 { 1 } else { 0 } }
        return try bytes.withUnsafeBytes { buffer in
            let places = starts.map { start in
                start.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return try body(places, lengths, formats)
        }
    }

    /// As PostgreSQL reads it, exact.
    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return "\(number)"
    }

    // MARK: Errors

    /// What the connection says is wrong with it.
    var message: String { raw.map { Self.trimmed(String(cString: PQerrorMessage($0))) } ?? "the connection is closed" }

    static func trimmed(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

/// What a statement gave.
final class PostgresResult {
    let raw: OpaquePointer
    let sql: String

    init(_ raw: OpaquePointer?, of connection: PostgresConnection, _ sql: String) throws {
        guard let raw else {
            throw DatabaseError(kind: .unreachable, message: connection.message, sql: sql)
        }
        self.sql = sql
        switch PQresultStatus(raw) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: self.raw = raw
        default:
            let error = Self.error(raw, connection, sql)
            PQclear(raw)
            throw error
        }
    }

    deinit { PQclear(raw) }

    /// The classes of codes are of PostgreSQL's documentation, appendix A.
    private static func error(_ raw: OpaquePointer, _ connection: PostgresConnection, _ sql: String) -> DatabaseError {
        let code = PQresultErrorField(raw, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        let message = PostgresConnection.trimmed(String(cString: PQresultErrorMessage(raw)))
        let kind: DatabaseError.Kind =
            switch code {
            // disk_full, and the class of what is too little.
            case "53100", "53200", "53300", "53400": .full
            // admin_shutdown, crash_shutdown, cannot_connect_now; a server that may only be read (it follows another).
            case "57P01", "57P02", "57P03", "25006": .unreachable
            case _ where code.hasPrefix("23"): .constraint
            case _ where code.hasPrefix("08") || !connection.isOpen: .unreachable
            default: .other
            }
        return DatabaseError(kind: kind, message: message, sql: sql)
    }

    var count: Int32 { PQntuples(raw) }

    /// What was done, in the server's word for it.
    var command: String { String(cString: PQcmdStatus(raw)) }

    /// Rows that a statement changed.
    var changed: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    func text(_ row: Int32, _ column: Int32) -> String? {
        PQgetisnull(raw, row, column) == 1 ? nil : String(cString: PQgetvalue(raw, row, column))
    }
}
