import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

@testable import AndonLedger

@Suite("Looking for entries of the ledger")
struct LedgerSearchTests {
    private static let kinds = ["order.raised", "order.closed", "orders", "alarm.raised", "alarm.cleared", "test"]
    private static let people = ["K. Sommer", "k. sommer", "A. Maier", "B. Huber", "K. Sommerfeld (through mes-1)"]
    /// The same persons, asked for by machines.
    private static let through = ["mes-1", "mes-2"].flatMap { machine in
        ["K. Sommer", "k. sommer", "A. Maier"].map { ThroughName.text($0, through: machine) }
    }
    private static let start = Timestamp(microseconds: 1_760_000_000_000_000)

    /// Entries of random kinds and subjects, some a second apart, some at the same time.
    private static func filled(_ folder: String, _ count: Int, _ random: inout SeededRandom) async throws -> Store {
        let time = TestTime(start)
        let store = try Store(
            folder: try TestDatabase.folder(folder), time: time, random: SeededSource(seed: random.next()))
        for number in 0..<count {
            let (kind, subject) = (random.pick(kinds), "S-\(random.int(0...4))")
            var body: [String: JSON] = ["n": .integer(number)]
            if random.chance(40) { body["by"] = .string(random.pick(people + through)) }
            if random.chance(20) { body["approvedBy"] = .string(random.pick(people)) }
            if random.chance(10) { body["detail"] = "K. Sommer" }
            _ = try await store.write { [body] transaction in
                try transaction.record(
                    kind, of: subject, .object(body), names: ["/by", "/approvedBy", "/detail"])
            }
            if random.chance(50) { time.advance(by: .seconds(1)) }
        }
        return store
    }

    private static func search(_ random: inout SeededRandom, span: Int) -> LedgerSearch {
        var search = LedgerSearch()
        if random.chance(40) { search.subject = "S-\(random.int(0...5))" }
        if random.chance(40) { search.kind = random.pick(kinds + ["order.", "alarm.", "none."]) }
        if random.chance(30) { search.person = random.pick(people + ["Nobody"]) }
        if random.chance(40) { search.from = start + .seconds(random.int(0...span)) }
        if random.chance(40) { search.until = start + .seconds(random.int(0...span)) }
        search.limit = random.int(1...20)
        return search
    }

    private static func names(_ name: String, among people: [String]) -> Bool {
        people.contains { $0 == name || $0.hasPrefix("\(name) (through ") }
    }

    private static func expected(_ search: LedgerSearch, _ all: [LedgerEntry]) -> [Int64] {
        all.reversed().filter { entry in
            let people = [entry.body["by"], entry.body["approvedBy"]].compactMap { $0?.string?.lowercased() }
            let isNamed = search.person.map { Self.names($0.lowercased(), among: people) } ?? true
            let isOfSubject = search.subject.map { $0 == entry.subject } ?? true
            let isLate = search.from.map { entry.at >= $0 } ?? true
            let isEarly = search.until.map { entry.at < $0 } ?? true
            return isNamed && isOfSubject && isLate && isEarly && search.matches(kind: entry.kind)
        }.map(\.index)
    }

    @Test(
        "Any search finds what a look at every entry finds, page after page",
        arguments: TestDatabase.isPostgres ? [UInt64(1)] : [1, 2, 3, 4])
    func pages(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder("andon-search")
        let count = 300
        let store = try await Self.filled(folder.path + "/data", count, &random)
        let all = try await store.read { try $0.ledgerEntries(from: 0, limit: count) }
        #expect(all.count == count)
        for _ in 0..<150 {
            var search = Self.search(&random, span: count / 2)
            let wanted = Self.expected(search, all)
            var found: [Int64] = []
            var pages = 0
            while true {
                let page = try await store.read { [search] in try $0.ledgerEntries(search) }
                found += page.entries.map(\.index)
                #expect(page.entries.count <= search.limit)
                pages += 1
                guard let next = page.next, pages <= count else { break }
                search.before = next
            }
            #expect(found == wanted, "seed \(seed): \(search)")
        }
        #expect(try await store.read { try $0.ledgerKinds() } == Self.kinds.sorted())
        try store.close()
    }

    @Test(
        "Each search is borne by an index, and never looks through the whole ledger",
        .disabled(if: TestDatabase.isPostgres, "SQLite's plans are looked at"))
    func plans() async throws {
        let folder = try TemporaryFolder("andon-search")
        var random = SeededRandom(seed: 7)
        let store = try await Self.filled(folder.path + "/data", 20, &random)
        let plans = try await store.read { reader in
            try [
                "SELECT idx FROM ledger INDEXED BY ledger_kind WHERE kind = 'a' AND idx >= 1 AND idx < 9 ORDER BY idx DESC",
                "SELECT idx FROM ledger INDEXED BY ledger_subject WHERE subject = 'a' AND idx >= 1 ORDER BY idx DESC",
                """
                SELECT idx FROM ledger_value INDEXED BY ledger_value_name WHERE value = 'a' COLLATE NOCASE
                    AND member NOT IN ('/exchanges', '/detail') AND idx >= 1 AND idx < 9 ORDER BY idx DESC
                """,
                """
                SELECT value FROM ledger_value INDEXED BY ledger_value_name WHERE value > 'a' COLLATE NOCASE
                    AND value < 'b' COLLATE NOCASE AND member NOT IN ('/exchanges', '/detail')
                    ORDER BY value COLLATE NOCASE LIMIT 1
                """,
            ].map { sql in
                try reader.rows("EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }.joined(separator: "; ")
            }
        }
        for plan in plans {
            #expect(plan.hasPrefix("SEARCH") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
        try store.close()
    }
}
