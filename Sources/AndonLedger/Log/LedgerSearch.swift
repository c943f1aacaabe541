import AndonModel
import AndonSQL

/// What is looked for among the ledger's entries. Only what indexes bear can be asked: it takes the same time at any size.
public struct LedgerSearch: Sendable {
    /// As a whole.
    public var subject: String?
    /// A kind, or with a dot at its end the beginning of several: `order.`.
    public var kind: String?
    /// A name as a whole, in any case of letters, wherever entries name a person; by whose key they asked does not matter.
    public var person: String?
    /// Entries of this time and later.
    public var from: Timestamp?
    /// Entries of before this time.
    public var until: Timestamp?
    /// Entries with smaller indexes alone: of the last one of the page before.
    public var before: Int64?
    public var limit = 25

    public init() {}

    func matches(kind other: String) -> Bool {
        guard let kind else { return true }
        return kind.hasSuffix(".") ? other.hasPrefix(kind) : other == kind
    }
}

/// The entries that were found, newest first.
public struct LedgerPage: Sendable {
    public var entries: [LedgerEntry]
    /// What the next page begins before; nil behind the last.
    public var next: Int64?

    public init(entries: [LedgerEntry] = [], next: Int64? = nil) { (self.entries, self.next) = (entries, next) }
}

enum LedgerSearchSchema {
    /// Entries are looked for by kind, and by the names that stand beside them; not by what went over the wire.
    static let schema = """
        CREATE INDEX ledger_kind ON ledger (kind);
        CREATE INDEX ledger_value_name ON ledger_value (value COLLATE NOCASE)
            WHERE member NOT IN ('/exchanges', '/detail');
        """
}

extension Reader {
    /// Entries that are looked at for one page, where two things are asked for at once.
    private static let scanMax = 5000
    private static let kindsMax = 500
    /// Machines through which one person did something, at most.
    private static let machinesMax = 100

    /// All kinds of entries that there are, sorted.
    public func ledgerKinds() throws -> [String] {
        var kinds: [String] = []
        // From one kind to the next: never over the entries between them.
        while kinds.count < Self.kindsMax,
            let next = try row(
                "SELECT kind FROM ledger INDEXED BY ledger_kind WHERE kind > ? ORDER BY kind LIMIT 1",
                [kinds.last ?? ""])
        {
            kinds.append(next["kind"])
        }
        return kinds
    }

    public func ledgerEntries(_ search: LedgerSearch) throws -> LedgerPage {
        let range = try ledgerRange(search)
        guard range.lowerBound < range.upperBound else { return LedgerPage(entries: [], next: nil) }
        if let person = search.person { return try page(entries(naming: person, range), search) }
        if let subject = search.subject { return try page(entries(about: subject, range), search) }
        if search.kind != nil { return try page(entries(ofKindsOf: search, range), search) }
        let indexes = try rows(
            "SELECT idx FROM ledger WHERE idx >= ? AND idx < ? ORDER BY idx DESC LIMIT ?",
            [range.lowerBound, range.upperBound, search.limit + 1]
        ).map { $0["idx"] as Int64 }
        return try page(indexes, search)
    }

    private func entries(naming person: String, _ range: Range<Int64>) throws -> [Int64] {
        var indexes: [Int64] = []
        for name in try [person] + namesThroughMachines(person) {
            indexes += try rows(
                """
                SELECT idx FROM ledger_value INDEXED BY ledger_value_name WHERE value = ? COLLATE NOCASE
                    AND member NOT IN ('/exchanges', '/detail') AND idx >= ? AND idx < ? ORDER BY idx DESC LIMIT ?
                """, [name, range.lowerBound, range.upperBound, Self.scanMax]
            ).map { $0["idx"] as Int64 }
        }
        return Array(indexes.sorted(by: >).prefix(Self.scanMax))
    }

    /// The texts that name this person with a machine: from one to the next, and never over the entries that have them.
    private func namesThroughMachines(_ person: String) throws -> [String] {
        let beginning = ThroughName.beginning(person)
        // The character behind the blank that the beginning ends with.
        let end = String(beginning.dropLast()) + "!"
        var names: [String] = []
        while names.count < Self.machinesMax,
            let next = try row(
                """
                SELECT value FROM ledger_value INDEXED BY ledger_value_name WHERE value > ? COLLATE NOCASE
                    AND value < ? COLLATE NOCASE AND member NOT IN ('/exchanges', '/detail')
                    ORDER BY value COLLATE NOCASE LIMIT 1
                """, [names.last ?? beginning, end])
        {
            names.append(next["value"])
        }
        return names
    }

    private func entries(about subject: String, _ range: Range<Int64>) throws -> [Int64] {
        try rows(
            """
            SELECT idx FROM ledger INDEXED BY ledger_subject WHERE subject = ? AND idx >= ? AND idx < ?
            ORDER BY idx DESC LIMIT ?
            """, [subject, range.lowerBound, range.upperBound, Self.scanMax]
        ).map { $0["idx"] as Int64 }
    }

    private func entries(ofKindsOf search: LedgerSearch, _ range: Range<Int64>) throws -> [Int64] {
        var indexes: [Int64] = []
        for kind in try ledgerKinds() where search.matches(kind: kind) {
            indexes += try rows(
                """
                SELECT idx FROM ledger INDEXED BY ledger_kind WHERE kind = ? AND idx >= ? AND idx < ?
                ORDER BY idx DESC LIMIT ?
                """, [kind, range.lowerBound, range.upperBound, search.limit + 1]
            ).map { $0["idx"] as Int64 }
        }
        return indexes.sorted(by: >)
    }

    /// Of these entries, newest first, those that match all that is asked for.
    private func page(_ indexes: [Int64], _ search: LedgerSearch) throws -> LedgerPage {
        var found: [Row] = []
        var last: Int64?
        for index in indexes where index != last {
            if found.count == search.limit { return LedgerPage(entries: try shown(found), next: last) }
            last = index
            guard let row = try row("SELECT idx, kind, subject, entry FROM ledger WHERE idx = ?", [index]),
                search.matches(kind: row["kind"]), search.subject.map({ $0 == row["subject"] as String }) ?? true
            else { continue }
            found.append(row)
        }
        // So many were looked at, and perhaps there are more.
        return LedgerPage(entries: try shown(found), next: indexes.count >= Self.scanMax ? last : nil)
    }

    // MARK: Times

    private func ledgerRange(_ search: LedgerSearch) throws -> Range<Int64> {
        let size = try ledgerSize()
        let first = try search.from.map { try firstEntry(from: $0, size) } ?? 0
        let end = try search.until.map { try firstEntry(from: $0, size) } ?? size
        let last = max(first, min(end, search.before ?? size))
        return first..<last
    }

    /// The first entry that is not of before a time, halving again and again: the entries stand in the order of their times.
    private func firstEntry(from time: Timestamp, _ size: Int64) throws -> Int64 {
        var (low, high) = (Int64(0), size)
        while low < high {
            let middle = low + (high - low) / 2
            guard let row = try row("SELECT idx, kind, subject, entry FROM ledger WHERE idx = ?", [middle]) else {
                throw StoreError.inconsistent("the ledger has no entry \(middle)")
            }
            if try Self.plainEntry(row).at < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// An entry by its index; nil when there is none.
    public func ledgerEntry(_ index: Int64) throws -> LedgerEntry? {
        try ledgerEntries(from: index, limit: 1).first { $0.index == index }
    }
}
