import AndonLedger
import AndonModel

/// What a file of old orders holds, and what of it does not fit.
public struct HistoryPlan: Sendable {
    public struct Fault: Hashable, Sendable {
        public var line: Int
        /// The heading of the column.
        public var column: String
        /// The value, cut.
        public var value: String
        /// What is wrong, and what to do.
        public var reason: String
    }

    public var orders: [HistoryOrder] = []
    /// Orders that do not fit.
    public var unfit = 0
    /// The first of them.
    public var faults: [Fault] = []
    /// How many of each reason.
    public var reasons: [String: Int] = [:]
    /// What was found and taken for what.
    public var notes: [String] = []
    public var columns: [HistoryColumn: String] = [:]
    public var unfitMax = 0.0
    /// The time that the orders cover, in microseconds since 1970 UTC.
    public var from: Int64 = .max
    public var until: Int64 = .min

    static let faultsMax = 200

    public var rows: Int { orders.count + unfit }

    /// Whether so much fits as the mapping asks for.
    public var fits: Bool { !orders.isEmpty && Double(unfit) <= unfitMax * Double(rows) }

    /// What is kept of the import beside its orders.
    public var document: JSON {
        .object(present: [
            "orders": .integer(orders.count), "unfit": .integer(unfit),
            "columns": .object(
                Dictionary(uniqueKeysWithValues: columns.map { ($0.key.rawValue, JSON.string($0.value)) })),
            "notes": .array(notes.map { .string($0) }),
            "from": orders.isEmpty ? nil : .time(Timestamp(microseconds: from)),
            "until": orders.isEmpty ? nil : .time(Timestamp(microseconds: until)),
        ])
    }

    /// For who asks: with the faults.
    public var json: JSON {
        guard case .object(var members) = document else { return document }
        members["fits"] = .bool(fits)
        members["unfitMax"] = .number(unfitMax)
        members["reasons"] = .object(reasons.mapValues { .integer($0) })
        members["faults"] = .array(
            faults.map {
                [
                    "line": .integer($0.line), "column": .string($0.column), "value": .string($0.value),
                    "reason": .string($0.reason),
                ]
            })
        return .object(members)
    }
}

/// Reads a CMMS's old orders from a file in columns. It changes nothing.
public struct HistoryImport {
    let mapping: HistoryMapping
    let limits: CSVLimits
    /// Nothing happened later.
    let now: Timestamp

    public init(_ mapping: HistoryMapping = HistoryMapping(), limits: CSVLimits = CSVLimits(), now: Timestamp) {
        self.mapping = mapping
        self.limits = limits
        self.now = now
    }

    /// - Parameter bytes: the file.
    /// - Throws: where the file as a whole cannot be read; single orders that do not fit are in the plan.
    public func plan(_ bytes: [UInt8]) throws(HistoryFileError) -> HistoryPlan {
        let (text, encoding) = try CSVText.decode(bytes, encoding: mapping.encoding, limits: limits)
        var found = CSVText.separator(text)
        if let given = mapping.separator?.asciiValue { found.separator = given }
        var reader = CSVReader(
            text, from: found.start, line: found.line, separator: found.separator, limits: limits)
        guard let head = try reader.next() else {
            throw HistoryFileError(reason: "The file is empty; it needs a line of headings and a line for each order.")
        }
        let places = try places(head)
        var plan = HistoryPlan()
        plan.unfitMax = mapping.unfitMax
        plan.columns = places.mapValues { head.fields[$0] }
        plan.notes = notes(places, encoding, found.separator)
        let rows = HistoryRows(mapping, head: head.fields, places: places, now: now)
        var numbers: Set<String> = []
        while let row = try reader.next() {
            switch rows.order(row, numbers: &numbers) {
            case .success(let order): plan.take(order)
            case .failure(let refusal): plan.refuse(refusal.fault, column: refusal.kind)
            }
        }
        if let exportedAt = mapping.exportedAt { plan.until = max(plan.until, exportedAt.microseconds) }
        return plan
    }

    private func places(_ head: CSVReader.Row) throws(HistoryFileError) -> [HistoryColumn: Int] {
        let headings = head.fields.map { $0.trimmed }
        var places: [HistoryColumn: Int] = [:]
        for (column, heading) in mapping.columns {
            let found = headings.indices.filter { headings[$0] == heading }
            guard let place = found.first, found.count == 1 else {
                throw HistoryFileError(
                    line: head.line,
                    reason:
                        "The mapping takes \(column.rawValue) from \"\(heading.prefix(60))\", which \(found.isEmpty ? "no" : "more than one")"
                        + " column is called; there are \(headings.prefix(40).map { String($0.prefix(40)) }.joined(separator: ", "))."
                )
            }
            places[column] = place
        }
        let letters = headings.map(HistoryColumn.letters)
        for column in HistoryColumn.allCases where places[column] == nil {
            let taken = Set(places.values)
            places[column] =
                column.usual.lazy.compactMap { usual in
                    letters.indices.first { letters[$0] == usual && !taken.contains($0) }
                }.first
        }
        func need(_ isThere: Bool, _ words: String) throws(HistoryFileError) {
            guard !isThere else { return }
            throw HistoryFileError(
                line: head.line,
                reason:
                    "No column is \(words); name it under columns of the mapping. There are \(headings.prefix(40).map { String($0.prefix(40)) }.joined(separator: ", "))."
            )
        }
        try need(places[.asset] != nil, "the asset")
        try need(places[.defectClass] != nil || mapping.defaultClass != nil, "the class (or give defaultClass)")
        try need(places[.detected] != nil || places[.created] != nil, "when an order was detected or created")
        try need(places[.finished] != nil || places[.closed] != nil, "when an order was finished or closed")
        return places
    }

    private func notes(
        _ places: [HistoryColumn: Int], _ encoding: HistoryMapping.Encoding, _ separator: UInt8
    ) -> [String] {
        let name = separator == 9 ? "tab" : "\"\(Character(Unicode.Scalar(separator)))\""
        var notes = [
            "Read as \(encoding.rawValue), columns separated by \(name), times without a zone as of \(mapping.timeZone)."
        ]
        if places[.detected] == nil {
            notes.append("No column says when a defect was detected: times from the detection begin with the order.")
        }
        if places[.created] == nil {
            notes.append("No column says when an order was created: it is taken as when the defect was reported.")
        }
        if places[.finished] == nil {
            notes.append("No column says when the work ended: it is taken as when the order was closed.")
        }
        if places[.started] == nil {
            notes.append("No column says when the work started: the time of the repair itself is not measurable.")
        }
        return notes
    }
}

extension HistoryPlan {
    fileprivate mutating func take(_ order: HistoryOrder) {
        orders.append(order)
        from = min(from, order.detectedAt)
        let times: [Int64] = [order.raisedAt, order.startedAt ?? 0, order.endedAt ?? 0, order.closedAt ?? 0]
        until = max(until, times.max() ?? 0)
    }

    fileprivate mutating func refuse(_ fault: Fault, column kind: String) {
        unfit += 1
        if reasons[kind] != nil || reasons.count < 100 { reasons[kind, default: 0] += 1 }
        if faults.count < Self.faultsMax { faults.append(fault) }
    }
}

extension String {
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
