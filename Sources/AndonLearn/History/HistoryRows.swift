import AndonLedger
import AndonModel

/// Makes orders of rows.
struct HistoryRows {
    struct Refusal: Error {
        /// The reason without the value, to be counted.
        var kind: String
        var fault: HistoryPlan.Fault
    }

    private let mapping: HistoryMapping
    private let head: [String]
    private let places: [HistoryColumn: Int]
    private let dates: HistoryDates
    private let now: Int64
    private static let textMax = 200
    private static let partsMax = 50
    /// 1990: an earlier date is a slip of the pen or an empty field in disguise.
    private static let earliest: Int64 = 631_152_000_000_000
    private static let day: Int64 = 86_400_000_000

    init(_ mapping: HistoryMapping, head: [String], places: [HistoryColumn: Int], now: Timestamp) {
        self.mapping = mapping
        self.head = head
        self.places = places
        dates = HistoryDates(mapping)
        self.now = now.microseconds
    }

    func order(_ row: CSVReader.Row, numbers: inout Set<String>) -> Result<HistoryOrder, Refusal> {
        do throws(Refusal) {
            let order = try read(row)
            if !order.number.isEmpty, !numbers.insert(order.number).inserted {
                throw refusal(row, .number, order.number, "stands in the file a second time; export each order once")
            }
            return .success(order)
        } catch {
            return .failure(error)
        }
    }

    private func read(_ row: CSVReader.Row) throws(Refusal) -> HistoryOrder {
        guard row.fields.count == head.count else {
            throw refusal(
                row, column: "", "\(row.fields.count) fields",
                "the row does not have as many fields as there are headings; quote fields that have the separator in them"
            )
        }
        if let place = row.trailing {
            throw refusal(
                row, column: head[place], row.fields[place],
                "text follows a closing quote; write a quote within a field twice")
        }
        let asset = try needed(.asset, row)
        let defectClass = try text(.defectClass, row) ?? mapping.defaultClass
        guard let defectClass else {
            throw refusal(row, .defectClass, "", "is empty; give defaultClass in the mapping")
        }
        let (detected, created) = (try time(.detected, row), try time(.created, row))
        guard let detectedAt = detected ?? created else {
            throw refusal(row, places[.detected] != nil ? .detected : .created, "", "is empty; an order needs its time")
        }
        let state = try text(.state, row)?.lowercased()
        let closedAt = try time(.closed, row)
        var order = HistoryOrder(
            number: try text(.number, row) ?? "", asset: mapping.assets[asset] ?? asset,
            defectClass: mapping.classes[defectClass] ?? defectClass, outcome: .open, detectedAt: detectedAt,
            raisedAt: created ?? detectedAt, assignedAt: try time(.assigned, row), startedAt: try time(.started, row),
            endedAt: try time(.finished, row) ?? closedAt, closedAt: closedAt)
        if let state, mapping.cancelled.contains(state) {
            order.outcome = .dropped
        } else if order.endedAt != nil {
            order.outcome = state.map { mapping.falseAlarm.contains($0) } == true ? .falseAlarm : .repaired
        }
        try check(order, row)
        order.priority = try priority(row)
        order.technician = try text(.technician, row)
        order.crew = try text(.crew, row)
        order.cause = try text(.cause, row)
        order.action = try text(.action, row)
        order.labourHours = try number(.labour, row)
        order.parts = try parts(row)
        return order
    }

    private func check(_ order: HistoryOrder, _ row: CSVReader.Row) throws(Refusal) {
        func ordered(
            _ earlier: Int64?, _ later: Int64?, _ column: HistoryColumn, _ reason: String
        ) throws(Refusal) {
            guard let earlier, let later, later < earlier else { return }
            // A date without a time is midnight of its day.
            if later % Self.day == 0, earlier - later < Self.day { return }
            throw refusal(row, places[column] != nil ? column : .closed, field(column, row) ?? "", reason)
        }
        try ordered(order.detectedAt, order.endedAt, .finished, "is before the order was detected; correct one of them")
        try ordered(order.startedAt, order.endedAt, .finished, "is before the work started; correct one of them")
        try ordered(order.endedAt, order.closedAt, .closed, "is before the work ended; correct one of them")
    }

    // MARK: Fields

    private func field(_ column: HistoryColumn, _ row: CSVReader.Row) -> String? {
        guard let place = places[column] else { return nil }
        let text = row.fields[place].trimmed
        return text.isEmpty ? nil : text
    }

    private func text(_ column: HistoryColumn, _ row: CSVReader.Row) throws(Refusal) -> String? {
        guard let text = field(column, row) else { return nil }
        guard text.utf8.count <= Self.textMax else {
            throw refusal(row, column, text, "is longer than \(Self.textMax) bytes; map a column of codes or names")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw refusal(row, column, text, "has a control character or a line break; remove it")
        }
        return text
    }

    private func needed(_ column: HistoryColumn, _ row: CSVReader.Row) throws(Refusal) -> String {
        guard let text = try text(column, row) else { throw refusal(row, column, "", "is empty; an order needs it") }
        return text
    }

    private func time(_ column: HistoryColumn, _ row: CSVReader.Row) throws(Refusal) -> Int64? {
        guard let text = field(column, row) else { return nil }
        guard let time = dates.read(text) else {
            throw refusal(
                row, column, text,
                "is no date that is known; state its pattern under dates of the mapping, such as MM/dd/yyyy hh:mm a")
        }
        guard time >= Self.earliest else { throw refusal(row, column, text, "is before 1990; correct or empty it") }
        guard time <= now else { throw refusal(row, column, text, "is in the future; check the pattern and the zone") }
        return time
    }

    private func number(_ column: HistoryColumn, _ row: CSVReader.Row) throws(Refusal) -> Double? {
        guard let text = field(column, row) else { return nil }
        guard let value = decimal(text), value >= 0, value <= 100_000 else {
            throw refusal(
                row, column, text,
                "is no number from 0 to 100000; state decimalComma in the mapping where a comma stands for the point")
        }
        return value
    }

    private func decimal(_ text: String) -> Double? {
        let plain = mapping.decimalComma ? text.replacing(",", with: ".") : text
        guard plain.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }) else { return nil }
        return Double(plain)
    }

    private func priority(_ row: CSVReader.Row) throws(Refusal) -> Int {
        guard let text = field(.priority, row) else { return 0 }
        guard let value = Int(text), (0...99).contains(value) else {
            throw refusal(row, .priority, text, "is no whole number from 0 to 99; leave the column out or number it")
        }
        return value
    }

    /// `CODE`, `CODE*2` and so on, with `|` or `;` between them.
    private func parts(_ row: CSVReader.Row) throws(Refusal) -> [String: Double] {
        guard let text = field(.parts, row) else { return [:] }
        var parts: [String: Double] = [:]
        for piece in text.split(whereSeparator: { $0 == "|" || $0 == ";" }) {
            let pair = piece.split(separator: "*", maxSplits: 1).map { String($0).trimmed }
            let quantity = pair.count < 2 ? 1 : decimal(pair[1])
            guard let code = pair.first, !code.isEmpty, code.utf8.count <= Self.textMax, let quantity, quantity > 0,
                quantity <= 100_000, parts.count < Self.partsMax
            else {
                throw refusal(
                    row, .parts, text,
                    "is no list of parts; write CODE*QUANTITY with | between them, up to \(Self.partsMax)")
            }
            parts[code, default: 0] += quantity
        }
        return parts
    }

    // MARK: Refusals

    private func refusal(
        _ row: CSVReader.Row, _ column: HistoryColumn, _ value: String, _ reason: String
    ) -> Refusal {
        refusal(row, column: places[column].map { head[$0] } ?? column.rawValue, value, reason)
    }

    private func refusal(_ row: CSVReader.Row, column: String, _ value: String, _ reason: String) -> Refusal {
        let name = String(column.prefix(60))
        return Refusal(
            kind: name.isEmpty ? reason : "\(name): \(reason)",
            fault: HistoryPlan.Fault(line: row.line, column: name, value: String(value.prefix(80)), reason: reason))
    }
}
