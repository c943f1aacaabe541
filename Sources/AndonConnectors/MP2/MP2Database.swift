import AndonModel

/// SQL at MP2's tables. Each call is one transaction.
struct MP2Database: Sendable {
    let configuration: MP2Configuration

    struct Statement {
        var sql: String
        var values: [JSON]

        init(_ sql: String, _ values: JSON...) {
            self.sql = sql
            self.values = values
        }

        /// `INSERT INTO table (columns) VALUES (?, …)`
        init(insert row: [(String, JSON)], into table: String) {
            let marks = row.map { _ in "?" }.joined(separator: ", ")
            sql = "INSERT INTO \(table) (\(row.map(\.0).joined(separator: ", "))) VALUES (\(marks))"
            values = row.map(\.1)
        }
    }

    /// What a statement's error leaves behind: nothing, but also nothing that says which row was in the way.
    enum Outcome {
        case rows([[JSON]])
        case conflict(String)
    }

    func run(_ statements: [Statement], over wire: any Wire) async throws(ConnectorError) -> Outcome {
        let body: JSON = [
            "statements": .array(statements.map { ["sql": .string($0.sql), "values": .array($0.values)] })
        ]
        let request = WireRequest(
            "SQL", "odbc://mp2",
            headers: [
                .init("connection", configuration.connection), .init("user", configuration.user),
                .init("password", configuration.password.reveal()),
            ], body: .bytes(body.canonicalBytes))
        let answer: WireResponse
        do {
            answer = try await wire.exchange(request)
        } catch {
            throw error.connectorError
        }
        switch answer.status {
        case 200:
            guard let results = (try? JSON(parsing: answer.body, limits: Self.limits))?["results"]?.array else {
                throw .answerLost("the database's answer cannot be read")
            }
            return .rows(results.map { $0.array ?? [] })
        case 409: return .conflict(answer.plainWords)
        case 400: throw .unauthorized("the database cannot be reached from here: \(answer.plainWords)")
        case 401, 403: throw .unauthorized("the database refuses the sign-in or a right: \(answer.plainWords)")
        case 429, 503:
            throw .busy(after: answer.retryAfter(now: wire.now()), "the database is busy: \(answer.plainWords)")
        default: throw .answerLost(answer.plainWords)
        }
    }

    private static let limits = JSONLimits(
        bytesMax: 64 << 20, depthMax: 8, valuesMax: 2_000_000, stringBytesMax: 8 << 20)

    /// Reads only: a statement that is refused is the mapping's or the grants' fault.
    func rows(_ statements: Statement..., over wire: any Wire) async throws(ConnectorError) -> [[JSON]] {
        switch try await run(statements, over: wire) {
        case .rows(let rows): return rows
        case .conflict(let words): throw .refused(words)
        }
    }

    static func time(_ local: String) -> JSON { ["time": .string(local)] }

    /// The date of what is not closed: part of every key.
    static let never = time("1900-01-01T00:00:00")
}
