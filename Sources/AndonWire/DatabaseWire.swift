import AndonModel
import Foundation

/// SQL over ODBC as an exchange: all statements of a request are one transaction.
///
/// The body is JSON, `{"statements": [{"sql": "… ? …", "values": [text, number, null, {"time": "2026-11-23T22:09:00"}]}]}`,
/// and the answer `{"results": [[{"COLUMN": "text"}]]}` with a list of rows for each statement. Headers: `connection`
/// (the driver's text), `user` and `password`; none of them is ever in an error.
///
/// 200 is committed; 409 is rolled back after a statement's error; 401 is a sign-in or right that is refused; 503 is a
/// lock; 400 is a driver that is not there.
enum DatabaseWire {
    static let scheme = "odbc://"

    static func exchange(_ request: WireRequest, _ timeout: Duration) async throws(WireError) -> WireResponse {
        guard case .bytes(let bytes) = request.body, let body = try? JSON(parsing: bytes),
            let statements = body["statements"]?.array
        else { throw .notSent("the request holds no statements") }
        func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
        let access = Access(connection: header("connection"), user: header("user"), password: header("password"))
        return try await Blocking.exchange(within: request.timeout ?? timeout, named: "the database") {
            guard let library = ODBCLibrary.shared else {
                return .success(
                    answer(400, "no ODBC driver manager is installed here: install unixodbc and the database's driver"))
            }
            do {
                return .success(try DatabaseSession(library, access).run(statements))
            } catch let failure as DatabaseFailure {
                return failure.result
            } catch {
                return .failure(.noAnswer("\(error)"))
            }
        }
    }

    static func answer(_ status: Int, _ words: String) -> WireResponse {
        WireResponse(status: status, body: Array(words.utf8))
    }

    struct Access: Sendable {
        var connection: String
        var user: String
        var password: String

        /// A value in braces may hold anything but its own closing brace, which is doubled.
        var text: String {
            let parts =
                [connection.trimmingCharacters(in: [";", " "])]
                + [("UID", user), ("PWD", password)].filter { !$0.1.isEmpty }.map {
                    $0.1.contains(where: { ";{}=".contains($0) })
                        ? "\($0.0)={\($0.1.replacing("}", with: "}}"))}" : "\($0.0)=\($0.1)"
                }
            return parts.joined(separator: ";")
        }

        /// Drivers put the connection's text into their errors.
        func withoutSecrets(_ words: String) -> String {
            password.isEmpty ? words : words.replacing(password, with: "…")
        }
    }
}

/// What a driver said, and when.
struct DatabaseFailure: Error {
    enum Moment { case connecting, working, committing }

    var moment: Moment
    var state: String
    var words: String

    var result: Result<WireResponse, WireError> {
        let text = "\(words) [\(state)]"
        switch (moment, state.prefix(2)) {
        case (_, "28"): return .success(DatabaseWire.answer(401, text))
        case (.connecting, "IM"), (.connecting, "01"): return .success(DatabaseWire.answer(400, text))
        case (.connecting, _): return .failure(.notSent(text))
        case (.committing, _): return .failure(.noAnswer(text))
        case (.working, "08"): return .failure(.noAnswer(text))
        case (.working, "40"),
            (.working, "HY") where state.hasPrefix("HYT") || state.hasPrefix("40"):
            return .success(DatabaseWire.answer(503, text))
        // Some drivers have one state for everything.
        case (.working, "HY") where words.contains("is locked"): return .success(DatabaseWire.answer(503, text))
        case (.working, _) where state == "42501": return .success(DatabaseWire.answer(401, text))
        default: return .success(DatabaseWire.answer(409, text))
        }
    }
}

/// One connection, one transaction.
final class DatabaseSession {
    private let library: ODBCLibrary
    private let access: DatabaseWire.Access
    private var environment: ODBCLibrary.Handle = nil
    private var connection: ODBCLibrary.Handle = nil
    private var isConnected = false

    init(_ library: ODBCLibrary, _ access: DatabaseWire.Access) throws {
        self.library = library
        self.access = access
        _ = library.allocHandle(ODBCLibrary.HandleType.environment.rawValue, nil, &environment)
        // SQL_ATTR_ODBC_VERSION: 3
        _ = library.setEnvironment(environment, 200, UnsafeMutableRawPointer(bitPattern: 3), 0)
        _ = library.allocHandle(ODBCLibrary.HandleType.connection.rawValue, environment, &connection)
        // SQL_ATTR_LOGIN_TIMEOUT, in seconds
        _ = library.setConnection(connection, 103, UnsafeMutableRawPointer(bitPattern: 10), 0)
        var text = Array(access.text.utf8) + [0]
        let code = library.driverConnect(connection, nil, &text, -3, nil, 0, nil, 0)
        guard ODBCLibrary.isGood(code) else { throw failure(.connecting, .connection, connection) }
        isConnected = true
        // SQL_ATTR_AUTOCOMMIT: off
        _ = library.setConnection(connection, 102, nil, 0)
    }

    deinit {
        if isConnected { _ = library.disconnect(connection) }
        _ = library.freeHandle(ODBCLibrary.HandleType.connection.rawValue, connection)
        _ = library.freeHandle(ODBCLibrary.HandleType.environment.rawValue, environment)
    }

    func run(_ statements: [JSON]) throws -> WireResponse {
        var results: [JSON] = []
        do {
            for statement in statements {
                let rows = try execute(statement["sql"]?.string ?? "", statement["values"]?.array ?? [])
                results.append(.array(rows))
            }
        } catch {
            _ = library.endTransaction(ODBCLibrary.HandleType.connection.rawValue, connection, 1)
            throw error
        }
        guard ODBCLibrary.isGood(library.endTransaction(ODBCLibrary.HandleType.connection.rawValue, connection, 0))
        else {
            throw failure(.committing, .connection, connection)
        }
        return WireResponse(status: 200, body: (["results": .array(results)] as JSON).canonicalBytes)
    }

    private func failure(
        _ moment: DatabaseFailure.Moment, _ type: ODBCLibrary.HandleType, _ handle: ODBCLibrary.Handle
    ) -> DatabaseFailure {
        var state = [UInt8](repeating: 0, count: 6)
        var message = [UInt8](repeating: 0, count: 2048)
        var native: Int32 = 0
        var length: Int16 = 0
        let code = library.diagnostic(type.rawValue, handle, 1, &state, &native, &message, 2047, &length)
        let words = ODBCLibrary.isGood(code) ? Self.text(message) : "the driver gave no reason"
        return DatabaseFailure(moment: moment, state: Self.text(state), words: access.withoutSecrets(words))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    // MARK: Statements

    private func execute(_ sql: String, _ values: [JSON]) throws -> [JSON] {
        var statement: ODBCLibrary.Handle = nil
        _ = library.allocHandle(ODBCLibrary.HandleType.statement.rawValue, connection, &statement)
        defer { _ = library.freeHandle(ODBCLibrary.HandleType.statement.rawValue, statement) }
        var text = Array(sql.utf8) + [0]
        guard ODBCLibrary.isGood(library.prepare(statement, &text, -3)) else {
            throw failure(.working, .statement, statement)
        }
        let bound = values.map(DatabaseValue.init)
        for (index, value) in bound.enumerated() {
            guard ODBCLibrary.isGood(value.bind(UInt16(index + 1), statement, library)) else {
                throw failure(.working, .statement, statement)
            }
        }
        let code = withExtendedLifetime(bound) { library.execute(statement) }
        guard ODBCLibrary.isGood(code) || code == ODBCLibrary.noData else {
            throw failure(.working, .statement, statement)
        }
        return try rows(of: statement)
    }

    private func rows(of statement: ODBCLibrary.Handle) throws -> [JSON] {
        var count: Int16 = 0
        guard ODBCLibrary.isGood(library.countColumns(statement, &count)), count > 0 else { return [] }
        let names = (1...UInt16(count)).map { name(of: $0, statement) }
        var rows: [JSON] = []
        while rows.count < 100_000 {
            let code = library.fetch(statement)
            if code == ODBCLibrary.noData { break }
            guard ODBCLibrary.isGood(code) else { throw failure(.working, .statement, statement) }
            var row: [String: JSON] = [:]
            for (index, name) in names.enumerated() {
                row[name] = try cell(UInt16(index + 1), statement).map { .string($0) }
            }
            rows.append(.object(row))
        }
        return rows
    }

    private func name(of column: UInt16, _ statement: ODBCLibrary.Handle) -> String {
        var name = [UInt8](repeating: 0, count: 256)
        var length: Int16 = 0
        _ = library.describeColumn(statement, column, &name, 255, &length, nil, nil, nil, nil)
        return Self.text(name).uppercased()
    }

    /// A cell as text, in pieces where it is long, without the blanks that fill a fixed column.
    private func cell(_ column: UInt16, _ statement: ODBCLibrary.Handle) throws -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while bytes.count < 8 << 20 {
            var length = 0
            let code = library.getData(statement, column, 1, &buffer, buffer.count, &length)
            if code == ODBCLibrary.noData { break }
            guard ODBCLibrary.isGood(code) else { throw failure(.working, .statement, statement) }
            if length == ODBCLibrary.nullData { return nil }
            bytes += buffer.prefix { $0 != 0 }
            if code == 0 { break }
        }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last == " " { text.removeLast() }
        return text
    }
}

/// A bound parameter with the memory that the driver reads it from.
private final class DatabaseValue {
    private enum Kind { case null, text, number, time }

    private let kind: Kind
    private let memory: UnsafeMutableRawBufferPointer
    private let length: UnsafeMutablePointer<Int>

    init(_ value: JSON) {
        length = .allocate(capacity: 1)
        switch value {
        case .number(let number):
            kind = .number
            memory = .allocate(byteCount: 8, alignment: 8)
            memory.storeBytes(of: number, as: Double.self)
            length.initialize(to: 8)
        case .string(let text):
            kind = .text
            let bytes = Array(text.utf8)
            memory = .allocate(byteCount: bytes.count + 1, alignment: 8)
            memory.copyBytes(from: bytes + [0])
            length.initialize(to: bytes.count)
        case .object:
            // SQL_TIMESTAMP_STRUCT: year, month, day, hour, minute, second as 16 bits each, fraction as 32.
            kind = .time
            memory = .allocate(byteCount: 16, alignment: 8)
            let parts = (value["time"]?.string ?? "").split { !$0.isNumber }.compactMap { Int16($0) }
            for index in 0..<6 {
                memory.storeBytes(
                    of: parts.indices.contains(index) ? parts[index] : 0, toByteOffset: index * 2, as: Int16.self)
            }
            memory.storeBytes(of: 0, toByteOffset: 12, as: UInt32.self)
            length.initialize(to: 16)
        default:
            kind = .null
            memory = .allocate(byteCount: 8, alignment: 8)
            length.initialize(to: ODBCLibrary.nullData)
        }
    }

    deinit {
        memory.deallocate()
        length.deallocate()
    }

    func bind(_ index: UInt16, _ statement: ODBCLibrary.Handle, _ library: ODBCLibrary) -> Int16 {
        let size = UInt(max(1, memory.count - 1))
        let types: (c: Int16, sql: Int16, size: UInt, digits: Int16) =
            switch kind {
            case .number: (8, 8, 15, 0)
            case .time: (93, 93, 19, 0)
            case .null: (1, 12, 1, 0)
            // Beyond what a VARCHAR holds everywhere it is a long text.
            case .text: (1, size > 4000 ? -1 : 12, size, 0)
            }
        return library.bindParameter(
            statement, index, 1, types.c, types.sql, types.size, types.digits, memory.baseAddress, memory.count, length)
    }
}
