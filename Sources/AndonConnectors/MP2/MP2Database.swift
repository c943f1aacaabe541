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
            // One result a statement: whoever asked looks them up by number.
            guard let results = (try? JSON(parsing: answer.body, limits: Self.limits))?["results"]?.array,
                results.count == statements.count
            else { throw .answerLost("the database's answer cannot be read") }
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

    /// The date of what is not closed, or not released: part of every key.
    static let never = time("1900-01-01T00:00:00")

    /// The first text behind all that begin with `prefix`, in letters alone: how signs sort differs between databases.
    static func after(_ prefix: String) -> String {
        var letters = Array(prefix.utf8)
        while let last = letters.popLast() {
            if last < UInt8(ascii: "Z") { return String(decoding: letters + [last + 1], as: UTF8.self) }
        }
        return "ZZZZZZZZZZ"
    }
}

// MARK: Tables that both ways look into

extension MP2Database {
    /// What a new row copies from the equipment's.
    struct Equipment {
        /// EQNUM and the four columns of the place.
        var place: [(String, JSON)]
        var department: String
        var description: String
    }

    /// The equipment's row; refused where there is none, where it is out of service, or where the type of work is not
    /// there, which nothing in the database would notice.
    func equipment(
        _ asset: String, for type: String, over wire: any Wire
    ) async throws(ConnectorError) -> Equipment {
        let found = try await rows(
            Statement(
                "SELECT DESCRIPTION, DEPT, LOCATION, SUBLOCATION1, SUBLOCATION2, SUBLOCATION3, INSERVICE FROM EQUIP "
                    + "WHERE EQNUM = ?", .string(asset)),
            Statement("SELECT WOTYPE FROM WOTYPE WHERE WOTYPE = ?", .string(type)), over: wire)
        guard let row = found[0].first else { throw .refused("MP2 has no equipment \"\(asset)\"") }
        guard MP2Record.text(row["INSERVICE"])?.uppercased().hasPrefix("Y") == true else {
            throw .refused("the equipment \"\(asset)\" is not in service there")
        }
        guard !found[1].isEmpty else {
            throw .refused("MP2 has no work order type \"\(type)\"; make it there, or change workTypes")
        }
        let place = ["LOCATION", "SUBLOCATION1", "SUBLOCATION2", "SUBLOCATION3"].map { name in
            (name, JSON.string(MP2Record.text(row[name]) ?? configuration.emptyKey))
        }
        return Equipment(
            place: [("EQNUM", .string(asset))] + place,
            department: MP2Record.text(row["DEPT"])?.cut(to: 10) ?? "",
            description: MP2Record.text(row["DESCRIPTION"])?.cut(to: 40) ?? "")
    }

    static let orderColumns = "WONUM, STATUS, CLOSEDATE, COMPLETIONDATE, COMPLETIONTIME, ASSIGNEDTO, PRIORITY"

    /// An order's row with what its children say. Closing changes the date in every child: they are joined by the
    /// number alone.
    func record(_ row: JSON, over wire: any Wire) async throws(ConnectorError) -> MP2Record {
        let number = JSON.string(MP2Record.text(row["WONUM"]) ?? "")
        let found = try await rows(
            Statement(
                "SELECT W.EMPCODE, W.REGHRS, W.OTHRS, E.FIRSTNAME, E.LASTNAME FROM WOE W LEFT JOIN EMP E "
                    + "ON E.EMPCODE = W.EMPCODE WHERE W.WONUM = ?", number),
            Statement("SELECT ITEMNUM, QTYUSED FROM WOP WHERE WONUM = ?", number),
            Statement("SELECT EQNUM, RFOCODE, SOLUTION FROM WOEQLIST WHERE WONUM = ?", number),
            Statement("SELECT TEXTS FROM WOC WHERE WONUM = ?", number), over: wire)
        return MP2Record(
            order: row, labour: found[0], parts: found[1], equipment: found[2].first, comments: found[3],
            configuration: configuration)
    }

    /// The orders of a week, of all people: how a list is cut into pages differs between databases.
    func oldOrders(
        madeIn times: Range<Timestamp>, page: String?, over wire: any Wire
    ) async throws(ConnectorError) -> OldOrderPage {
        let day = Duration.seconds(86_400)
        let start = page.flatMap { Timestamp($0) } ?? times.lowerBound
        let end = min(start + day * 7, times.upperBound)
        // Dates without a time of day, of the plant's clock: a day more on both sides, and then each by its own time.
        func date(_ time: Timestamp) -> JSON { Self.time("\(configuration.clock.text(time).prefix(10))T00:00:00") }
        let rows = try await rows(
            Statement(
                "SELECT \(Self.orderColumns), REQUESTDATE, REQUESTTIME FROM WO WHERE REQUESTDATE > ? AND REQUESTDATE < ? "
                    + "ORDER BY WONUM", date(start - day * 2), date(end + day * 2)), over: wire)[0]
        var orders: [OldOrder] = []
        for row in rows {
            let created = MP2Record.text(row["REQUESTDATE"]).flatMap { date in
                MP2Record.moment(
                    date, MP2Record.text(row["REQUESTTIME"]).map { String($0.dropFirst(11).prefix(8)) },
                    configuration.clock)
            }
            guard let created, (start..<end).contains(created) else { continue }
            let record = try await record(row, over: wire)
            guard let remote = record.remote, let number = record.number else { continue }
            orders.append(
                OldOrder(
                    remote, number: number, asset: MP2Record.text(record.equipment?["EQNUM"]), createdAt: created))
        }
        return OldOrderPage(orders: orders, next: end < times.upperBound ? end.description : nil)
    }

    func assets(over wire: any Wire) async throws(ConnectorError) -> AssetPage {
        let found = try await rows(
            Statement("SELECT EQNUM, DESCRIPTION, LOCATION FROM EQUIP ORDER BY EQNUM"), over: wire)[0]
        return AssetPage(
            assets: found.compactMap { row in
                guard let id = MP2Record.text(row["EQNUM"]) else { return nil }
                return Asset(
                    id: id, name: MP2Record.text(row["DESCRIPTION"]), location: MP2Record.text(row["LOCATION"]))
            })
    }
}
