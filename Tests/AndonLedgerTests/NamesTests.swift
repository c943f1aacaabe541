import AndonModel
import AndonTesting
import AndonTransparency
import Crypto
import Foundation
import Testing

@testable import AndonLedger

@Suite("Names of persons can be erased from the ledger")
struct NamesTests {
    @Test("An entry holds a salted hash in the place of a name; a reader sees the name while it is kept")
    func committed() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let index = try await store.write {
            try $0.record(
                "hold.placed", of: "hold 1", ["by": "R. Wilson", "inner": ["who": "A. Nowak"], "n": 1],
                names: ["/by", "/inner/who", "/absent"])
        }
        let bytes = try #require(try await store.read { try $0.ledgerBytes(of: index) })
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("Wilson") && !text.contains("Nowak"))
        let values = try await store.read { try $0.ledgerValues(index...index)[index] ?? [] }
        #expect(values.map(\.member) == ["/by", "/inner/who"] && values.allSatisfy { $0.salt.count == 16 })
        let digest = Hex.text(SHA256.hash(data: values[0].salt + Array("R. Wilson".utf8)))
        #expect(try JSON(parsing: text)["body"]?["by"] == ["saltedSha256": .string(digest)])
        let shown = try #require(try await store.read { try $0.ledgerEntries(of: "hold 1") }.first)
        #expect(shown.body == ["by": "R. Wilson", "inner": ["who": "A. Nowak"], "n": 1])
        try store.close()
    }

    @Test("The same seed salts the same: a simulation owns the randomness")
    func seeded() async throws {
        var roots: [String] = []
        for seed in [1, 1, 2] as [UInt64] {
            let fixture = try LedgerFixture(seed: seed)
            _ = try await fixture.filled(20)
            roots.append(try #require(try fixture.verify().root))
        }
        #expect(roots[0] == roots[1] && roots[0] != roots[2])
    }

    @Test(
        "An erased name is gone everywhere, the erasure is an entry without it, and the ledger is whole and says withheld"
    )
    func erased() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(40)
        let store = try fixture.store()
        let before = try await store.read { try $0.ledgerRoot(size: 40) }
        let held = try await store.write { try $0.place(.lot("L"), by: "r. wilson", reason: "claim") }
        let done = try await store.write { try $0.erase(name: "R. Wilson", by: "DPO", reason: "request 7") }
        #expect(done.values == 9 && done.rows == 1 && done.entries.count == 1, "\(done)")
        #expect(try await store.read { try $0.hold(held.id) }?.placedBy == "(withheld)")
        let entry = try #require(try await store.read { try $0.ledgerEntries(of: "ledger") }.last)
        #expect(entry.kind == "names.erased" && entry.body["by"] == "DPO" && entry.body["values"]?.array?.count == 9)
        #expect(entry.body["values"]?[0] == ["entry": 1, "member": "/by"])
        let shown = try #require(try await store.read { try $0.ledgerEntries(from: 1, limit: 1) }.first)
        #expect(shown.body["by"]?["withheld"] == true)
        #expect(try await store.read { try $0.ledgerRoot(size: 40) } == before)
        #expect(try await store.write { try $0.erase(name: "R. Wilson", by: "DPO", reason: "again") }.values == 0)
        try store.close()
        if !TestDatabase.isPostgres {
            // Closing folds the write-ahead log in: the name is not in freed pages either.
            let file = try Data(contentsOf: URL(fileURLWithPath: fixture.data + "/andon.sqlite"))
            #expect(file.range(of: Data("Wilson".utf8)) == nil && file.range(of: Data("wilson".utf8)) == nil)
        }
        let result = try fixture.verify()
        #expect(result.isWhole && result.withheld == 9, "\(result.fault as Any)")
    }

    @Test("A name with the machine's behind it goes with the person's, wherever it stands, and a longer name stays")
    func erasedThroughMachine() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        let name = ThroughName.text("r. wilson", through: "mes-1")
        let other = ThroughName.text("R. Wilsons", through: "mes-1")
        let (first, second) = try await store.write { transaction in
            (
                try transaction.place(.lot("A"), by: name, reason: "claim"),
                try transaction.place(.lot("B"), by: other, reason: "claim")
            )
        }
        let done = try await store.write { try $0.erase(name: "R. Wilson", by: "DPO", reason: "request 8") }
        #expect(done.values == 1 && done.rows == 1, "\(done)")
        let holds = try await store.read { (try $0.hold(first.id), try $0.hold(second.id)) }
        #expect(holds.0?.placedBy == "(withheld)" && holds.1?.placedBy == other)
        #expect(try await store.read { try $0.verifyFacts() }.isWhole)
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        try store.close()
    }

    @Test(
        "A value that goes without an entry about it, another in its place, or one too many is found and its entry named"
    )
    func altered() async throws {
        let fixture = try LedgerFixture()
        _ = try await fixture.filled(40)
        try fixture.alter("CREATE TABLE kept AS SELECT * FROM ledger_value")
        for (sql, index, words) in [
            ("DELETE FROM ledger_value WHERE idx = 6", 6, "no entry says that it was erased"),
            ("UPDATE ledger_value SET value = 'Q. Wilson' WHERE idx = 6", 6, "is not the one"),
            ("UPDATE ledger_value SET salt = zeroblob(16) WHERE idx = 6", 6, "is not the one"),
            ("INSERT INTO ledger_value VALUES (7, '/by', zeroblob(16), 'x')", 7, "does not commit"),
            ("INSERT INTO ledger_value VALUES (70, '/by', zeroblob(16), 'x')", 70, "does not commit"),
            ("UPDATE ledger_value SET member = '/n' WHERE idx = 6", 6, "does not commit"),
        ] as [(String, Int64, String)] {
            try fixture.alter(sql)
            let fault = try fixture.verify().fault
            #expect(fault?.index == index && fault?.reason.contains(words) == true, "\(sql): \(fault as Any)")
            try fixture.alter("DELETE FROM ledger_value; INSERT INTO ledger_value SELECT * FROM kept")
            #expect(try fixture.verify().isWhole)
        }
    }

    @Test("What went over the wire to a CMMS is withheld as a whole when the name stands in it")
    func exchanges() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        try await store.write { transaction in
            for name in ["R. Wilson", "B. Adeyemi"] {
                try transaction.record(
                    "attempt.answered", of: "ABCDEFGHIJ", ["exchanges": [["body": .string("assignee=\(name)&x=1")]]],
                    names: ["/exchanges"])
            }
            #expect(try transaction.erase(name: "R. WILSON", by: "DPO", reason: "request").values == 1)
        }
        let shown = try await store.read { try $0.ledgerEntries(of: "ABCDEFGHIJ") }.map { $0.body["exchanges"] }
        #expect(shown[0]?["withheld"] == true && shown[1]?[0]?["body"]?.string == "assignee=B. Adeyemi&x=1")
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        try store.close()
    }

    @Test("A name in a body that is too long for an entry is not kept beside it")
    func tooLong() async throws {
        let fixture = try LedgerFixture()
        let store = try fixture.store()
        try await store.write { transaction in
            let long = JSON.string(String(repeating: "x", count: 70_000))
            try transaction.record("test", of: "x", ["by": "R. Wilson", "long": long], names: ["/by"])
        }
        #expect(try await store.read { try $0.ledgerValues(0...0) }.isEmpty)
        #expect(try await store.read { try $0.verifyLedger() }.isWhole)
        try store.close()
    }
}
