import AndonSPC
import Foundation
import Testing

@Suite("Lives counted by their rounded time")
struct LifeTableTests {
    @Test("Whole numbers up to 4096 are kept, other times to 2.5e-4 of themselves")
    func rounding() throws {
        for whole in 0...4096 { #expect(LifeTable.rounded(Double(whole)) == Double(whole)) }
        #expect(LifeTable.rounded(4097) == 4098 && LifeTable.rounded(-0.0)?.sign == .plus)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        var last = 0.0
        for time in (0..<20_000).map({ _ in exp(1400 * random.uniform() - 700) }).sorted() {
            let rounded = try #require(LifeTable.rounded(time))
            #expect(abs(rounded / time - 1) <= 0x1p-12, "seed \(seed): \(time) \(rounded)")
            #expect(rounded >= last && LifeTable.rounded(rounded) == rounded, "seed \(seed): \(time) \(rounded)")
            last = rounded
        }
        let greatest = try #require(LifeTable.rounded(.greatestFiniteMagnitude))
        #expect(greatest.isFinite && greatest > 1.79e308)
        #expect(LifeTable.rounded(.leastNonzeroMagnitude) == 0)
    }

    @Test("A time that is none is refused and not counted")
    func refusal() {
        var table = LifeTable()
        for time in [-1, .nan, .infinity, -.infinity, -Double.leastNonzeroMagnitude, -Double.nan] as [Double] {
            #expect(!table.add(time, isEvent: true) && LifeTable.rounded(time) == nil)
            #expect(LifeTable([.event(1), .event(time)]) == nil)
        }
        #expect(table == LifeTable() && table.count == 0 && table.events == 0 && table.rows.isEmpty)
        #expect(table.add(0, isEvent: true) && table.add(-0.0, isEvent: false))
        #expect(table.rows.count == 1 && table.count == 2 && table.events == 1 && table.censored == 1)
    }

    @Test("The curve of a table is that of the list of its rounded times, also when merged of parts in another order")
    func curve() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        for size in [0, 1, 2, 7, 60, 5000] {
            let lives = (0..<size).map { _ in
                let time = Bool.random(using: &random) ? (9 * random.uniform()).rounded() : exp(6 * random.normal())
                return Lifetime(time: time, isEvent: random.uniform() < 0.7)
            }
            let table = try #require(LifeTable(lives))
            let rounded = try lives.map {
                Lifetime(time: try #require(LifeTable.rounded($0.time)), isEvent: $0.isEvent)
            }
            #expect(KaplanMeier(table) == KaplanMeier(rounded), "seed \(seed): \(size)")
            #expect(KaplanMeier(table, confidence: 0.8) == KaplanMeier(rounded, confidence: 0.8), "seed \(seed)")
            #expect(table.count == size && table.events == lives.count(where: \.isEvent))
            #expect(table.distinct == Set(rounded.map(\.time)).count && table.distinct == table.rows.count)
            let cut = size / 3
            var merged = try #require(LifeTable(lives[cut...].reversed()))
            merged.merge(try #require(LifeTable(Array(lives[..<cut]))))
            #expect(merged == table && merged.hashValue == table.hashValue, "seed \(seed): \(size)")
            #expect(merged.count == table.count && merged.events == table.events)
            let coded = try JSONDecoder().decode(LifeTable.self, from: JSONEncoder().encode(table))
            #expect(coded == table, "seed \(seed): \(size)")
        }
        #expect(KaplanMeier(LifeTable(), confidence: 1) == nil)
    }

    @Test("More lives of the same times take no more rows; quantiles stay within a thousandth")
    func bounded() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed: seed)
        let lives = (0..<50_000).map { _ in
            Lifetime(time: 30 * pow(-log(random.uniform()), 1 / 1.4), isEvent: random.uniform() < 0.8)
        }
        let table = try #require(LifeTable(lives))
        var double = table
        double.merge(table)
        #expect(double.distinct == table.distinct && double.count == 100_000, "seed \(seed)")
        #expect(table.distinct < 25_000, "seed \(seed): \(table.distinct)")
        let exact = try #require(KaplanMeier(lives))
        let rounded = try #require(KaplanMeier(table))
        for p in stride(from: 0.05, to: 0.9, by: 0.05) {
            let time = try #require(exact.quantile(p))
            #expect(close(rounded.quantile(p).map { $0 / time }, 1, 1e-3), "seed \(seed): \(p)")
        }
    }

    @Test(
        "Rows that no lives made are not decoded",
        arguments: [
            #"[{"time":-1,"events":1,"censored":0}]"#, #"[{"time":1,"events":0,"censored":0}]"#,
            #"[{"time":1,"events":-1,"censored":3}]"#,
            #"[{"time":1,"events":9000000000000000000,"censored":9000000000000000000}]"#,
            #"[{"time":1,"events":2e18,"censored":2e18},{"time":2,"events":1,"censored":0}]"#,
        ])
    func undecodable(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(LifeTable.self, from: Data(text.utf8)) }
    }
}
