import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonServer

@Suite("What a list of orders is asked for")
struct OrdersQueryTests {
    private func query(_ values: [String: String]) -> OrdersQuery { OrdersQuery { values[$0] } }

    @Test("An address says the same list again, whatever was typed")
    func addresses() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "Ä", " ", "&", "=", "%", "+", "#", "\"", "<b>", "日", "/", "?", ";"]
        for _ in 0..<200 {
            var values: [String: String] = [:]
            for name in OrdersQuery.names where random.chance(40) {
                values[name] = (0..<random.int(1...6)).map { _ in random.pick(pieces) }.joined()
            }
            let one = query(values)
            let parts = URLComponents(string: one.address())?.queryItems ?? []
            let again = query(Dictionary(parts.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 }))
            #expect(again == one, "seed \(seed): \(values)")
            #expect(one.address("/orders", ["sort": "seen"]).contains("sort=seen"), "seed \(seed)")
            #expect(!one.address("/orders", ["q": nil]).contains("q="), "seed \(seed)")
        }
    }

    @Test("A fault is named; the list begins with open orders, the newest first")
    func search() throws {
        let utc = TimeZone.gmt
        let first = try query([:]).search(utc)
        #expect(first.isOpen && first.sort == .raised && first.isDescending && first.page == .first)
        #expect(try query(["show": "dead"]).search(utc).delivery == .dead)
        #expect(try !query(["state": "closed"]).search(utc).isOpen, "who asks for a state asks for all in it")
        let faults = [
            ("show", "some"), ("state", "shut"), ("delivery", "lost"), ("priority", "0"), ("priority", "high"),
            ("sort", "colour"), ("order", "up"), ("from", "soon"), ("to", "2026-13-01"), ("after", "x"),
        ]
        for (name, value) in faults {
            do {
                _ = try query([name: value]).search(utc)
                Issue.record("\(name)=\(value) is taken")
            } catch let problem as Problem {
                #expect(problem.status == 400 && problem.detail.hasPrefix("\(name) is"), "\(problem)")
            }
        }
    }

    @Test("A day is the plant's, in each way that the pages write one; what is none is none")
    func days() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        for text in ["2026-11-28", "28.11.2026", "28/11/2026"] {
            let day = try #require(PlantDay(text, berlin), "\(text)")
            #expect("\(day.start)" == "2026-11-27T23:00:00.000000Z" && "\(day.end)" == "2026-11-28T23:00:00.000000Z")
        }
        let short = try #require(PlantDay("2026-03-29", berlin))
        #expect(short.end - short.start == .seconds(23 * 3600), "the day on which the clock goes forward")
        for text in ["2026-02-30", "28.11", "1.2.3", "2026.11.28", "28-11-2026", "a-b-c", "", "2026-11-28T00", "--"] {
            #expect(PlantDay(text, berlin) == nil, "\(text)")
        }
    }

    @Test("A cell is quoted where it must be, and no spreadsheet takes one for a formula")
    func cells() {
        let cases = [
            ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""), ("two\r\nlines", "\"two\r\nlines\""), ("=1+1", "'=1+1"),
            ("+49", "'+49"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("=A1,B1", "\"'=A1,B1\""), ("a=b", "a=b"),
        ]
        for (value, cell) in cases { #expect(OrdersFile.cell(value) == cell, "\(value)") }
    }

    @Test("A link out of the CMMS is an address for a browser, and never a script")
    func links() {
        #expect(OrderDetailPage.link("https://cmms/1") == "https://cmms/1")
        for text in ["javascript:alert(1)", "data:text/html,x", " https://x", "", nil] {
            #expect(OrderDetailPage.link(text) == nil)
        }
    }
}
