import AndonLedger
import AndonModel
import Foundation

/// What a list of orders is asked for, as its address says it. What was typed is kept as it was typed: a query with a fault
/// comes back with it.
struct OrdersQuery: Sendable, Equatable {
    /// Which orders a list begins with.
    enum Show: String, CaseIterable, Sendable {
        case open, dead, all
    }

    /// The parts that make a list, in the one order in which they are written.
    static let names = [
        "q", "show", "state", "delivery", "connector", "asset", "class", "lot", "priority", "from", "to", "sort",
        "order",
    ]
    private static let valueMax = 200
    static let rowsOnPage = 50

    private(set) var fields: [String: String] = [:]
    var after: String?
    var ahead: String?

    /// - Parameter value: of a part by its name; nil where there is none.
    init(_ value: (String) -> String?) {
        func text(_ name: String) -> String? {
            value(name).map { String($0.trimmed.prefix(Self.valueMax)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        for name in Self.names { fields[name] = text(name) }
        (after, ahead) = (text("after"), text("ahead"))
    }

    subscript(name: String) -> String? { fields[name] }

    var word: String? { fields["q"] }
    var show: Show { fields["show"].flatMap(Show.init) ?? .open }
    var sort: OrderSearch.Sort { fields["sort"].flatMap(OrderSearch.Sort.init) ?? .raised }
    var isDescending: Bool { fields["order"] != "asc" }

    /// Whether something narrows the list beside the beginning.
    var isNarrowed: Bool { fields.keys.contains { !["show", "sort", "order"].contains($0) } }

    // MARK: Addresses

    /// Of the list without its page, with some parts changed; nil takes one away.
    func address(_ path: String = "/orders", _ changes: [String: String?] = [:]) -> String {
        let text = query(changes)
        return text.isEmpty ? path : "\(path)?\(text)"
    }

    func query(_ changes: [String: String?] = [:]) -> String {
        var parts: [String] = []
        for name in Self.names {
            let value: String? = changes[name] ?? fields[name]
            if let value { parts.append("\(name)=\(Self.encoded(value))") }
        }
        for name in ["after", "ahead"] {
            if let value = changes[name] ?? nil { parts.append("\(name)=\(Self.encoded(value))") }
        }
        return parts.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }

    // MARK: What is asked of the store

    /// Everything but the word, which the store must be asked about.
    ///
    /// - Parameter zone: in which the days of the list begin.
    /// - Throws: ``Problem`` 400 that names the part at fault.
    func search(_ zone: TimeZone, limit: Int = OrdersQuery.rowsOnPage) throws -> OrderSearch {
        var search = OrderSearch(limit: limit)
        switch try choice("show", Show.self) ?? .open {
        // Who asks for a state asks for all that are in it.
        case .open: search.isOpen = fields["state"] == nil && fields["delivery"] == nil
        case .dead: search.delivery = .dead
        case .all: break
        }
        search.state = try choice("state", OrderState.self)
        search.delivery = try choice("delivery", Delivery.self) ?? search.delivery
        (search.connector, search.asset) = (fields["connector"], fields["asset"])
        (search.defectClass, search.lot) = (fields["class"], fields["lot"])
        search.priority = try priority()
        search.from = try time("from", zone)
        search.to = try time("to", zone)
        search.sort = try sorting() ?? .raised
        search.isDescending = try descends()
        search.page = try page(search.sort)
        return search
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type
    ) throws -> Value? where Value.RawValue == String {
        guard let text = fields[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw Answer.invalidQuery("\(name) is one of \(words).")
        }
        return value
    }

    func sorting() throws -> OrderSearch.Sort? { try choice("sort", OrderSearch.Sort.self) }

    func descends() throws -> Bool {
        guard let text = fields["order"] else { return true }
        guard ["asc", "desc"].contains(text) else { throw Answer.invalidQuery("order is one of asc, desc.") }
        return text == "desc"
    }

    func priority() throws -> Int? {
        guard let text = fields["priority"] else { return nil }
        guard let number = Int(text), (1...99).contains(number) else {
            throw Answer.invalidQuery("priority is a whole number from 1, the most urgent, to 99.")
        }
        return number
    }

    func page(_ sort: OrderSearch.Sort) throws -> OrderSearch.Page {
        func cursor(_ name: String, _ text: String) throws -> OrderCursor {
            guard let cursor = OrderCursor(text, sort) else {
                throw Answer.invalidQuery("\(name) is no place in this list; go to its beginning.")
            }
            return cursor
        }
        if let after { return .after(try cursor("after", after)) }
        return try ahead.map { .ahead(try cursor("ahead", $0)) } ?? .first
    }

    private func time(_ name: String, _ zone: TimeZone) throws -> Timestamp? {
        guard let text = fields[name] else { return nil }
        if let day = PlantDay(text, zone) { return day.start }
        guard let time = Timestamp(text) else {
            throw Answer.invalidQuery("\(name) is a day like 2026-01-01 or a time like 2026-01-01T06:00:00Z.")
        }
        return time
    }
}

/// A day of the plant's calendar: `2026-11-28`, or as the pages write it, `28.11.2026` and `28/11/2026`.
struct PlantDay: Sendable {
    var start: Timestamp
    /// Where the next day begins.
    var end: Timestamp

    /// Nil for what is no day of the years 1970 to 9998.
    init?(_ text: String, _ zone: TimeZone) {
        let pieces = text.split(omittingEmptySubsequences: false) { "-./".contains($0) }
        guard pieces.count == 3, pieces.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(\.isASCII) }) else {
            return nil
        }
        let numbers = pieces.compactMap { Int($0) }
        guard numbers.count == 3 else { return nil }
        let isYearFirst = pieces[0].count == 4
        guard isYearFirst == text.contains("-") else { return nil }
        let (year, month, day) =
            isYearFirst
            ? (numbers[0], numbers[1], numbers[2]) : (numbers[2], numbers[1], numbers[0])
        guard (1970...9998).contains(year) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = DateComponents(year: year, month: month, day: day)
        guard let date = calendar.date(from: parts),
            calendar.component(.month, from: date) == month, calendar.component(.day, from: date) == day,
            let next = calendar.date(byAdding: .day, value: 1, to: date)
        else { return nil }
        start = Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000)
        end = Timestamp(microseconds: Int64(next.timeIntervalSince1970) * 1_000_000)
    }

    var word: OrderWord { .time(from: start, to: end) }
}
