import AndonModel
import AndonSQL
import AndonTesting
import AndonTransparency
import Foundation
import Testing

@testable import AndonLedger

@Suite("The ledger in the store")
struct LedgerTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("andon-\(UUID().uuidString)").path

    private func filled(_ count: Int) async throws -> Store {
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                group.addTask {
                    _ = try await store.write {
                        try $0.record("test", of: "subject-\(index % 7)", ["n": .integer(index)])
                    }
                }
            }
            try await group.waitForAll()
        }
        return store
    }

    private func alter(_ sql: String, _ arguments: StatementArguments = []) throws {
        let stored = try StoredDatabase(folder: folder)
        try stored.alter(sql, arguments)
        try stored.close()
    }

    @Test("An untouched ledger verifies, and goes on after a restart")
    func restart() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var store = try await filled(100)
        try store.close()
        store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        _ = try await store.write { try $0.record("test", of: "later", ["n": 100]) }
        let result = try await store.read { try $0.verifyLedger() }
        #expect(result.isWhole)
        #expect(result.entries == 101)
        #expect(try await store.read { try $0.ledgerEntries(of: "later") }.map(\.index) == [100])
        try store.close()
    }

    @Test("A changed byte of any entry is found, and its entry named")
    func alteredEntry() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await filled(60).close()
        for index in [0, 1, 31, 32, 58, 59] {
            try alter("UPDATE ledger SET entry = replace(entry, '\"n\":', '\"N\":') WHERE idx = ?", [index])
            let store = try Store.reading(folder: folder, time: SystemTime())
            let result = try await store.read { try $0.verifyLedger() }
            #expect(result.fault?.index == Int64(index))
            try store.close()
            try alter("UPDATE ledger SET entry = replace(entry, '\"N\":', '\"n\":') WHERE idx = ?", [index])
        }
    }

    @Test("An entry altered together with its own hash is found by the nodes above it")
    func consistentLeaf() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await filled(40).close()
        let index = 17
        let reader = try Store.reading(folder: folder, time: SystemTime())
        let entry =
            try reader.readNow { try $0.row("SELECT entry FROM ledger WHERE idx = ?", [index]) }?["entry"] as String?
        try reader.close()
        let changed = try #require(entry).replacingOccurrences(of: "\"n\":", with: "\"N\":")
        try alter(
            "UPDATE ledger SET entry = ?, leaf = ? WHERE idx = ?",
            [changed, Data(MerkleHash.leaf(changed.utf8)), index])
        let store = try Store.reading(folder: folder, time: SystemTime())
        let fault = try await store.read { try $0.verifyLedger() }.fault
        #expect(fault?.index == 16)
        #expect(fault?.reason.contains("16 or 17") == true)
        try store.close()
    }

    @Test("A removed entry, in the middle or at the end, is found")
    func removedEntry() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await filled(30).close()
        try alter("DELETE FROM ledger WHERE idx = 29")
        var store = try Store.reading(folder: folder, time: SystemTime())
        #expect(try await store.read { try $0.verifyLedger() }.fault?.index == 29)
        try store.close()
        try alter("DELETE FROM ledger WHERE idx = 11")
        store = try Store.reading(folder: folder, time: SystemTime())
        #expect(try await store.read { try $0.verifyLedger() }.fault?.index == 11)
        try store.close()
    }

    @Test("A write that fails leaves no entry and does not harm its neighbours in the batch")
    func failedWrite() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        struct Refused: Error {}
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask {
                    _ = try? await store.write { transaction in
                        try transaction.record("test", of: "s", ["n": .integer(index)])
                        if index % 3 == 0 { throw Refused() }
                    }
                }
            }
        }
        let result = try await store.read { try $0.verifyLedger() }
        #expect(result.isWhole)
        #expect(result.entries == Int64((0..<50).filter { $0 % 3 != 0 }.count))
        try store.close()
    }

    @Test(
        "A second process is refused, with the way out in the message",
        .disabled(if: TestDatabase.isPostgres, "servers share a PostgreSQL"))
    func secondWriter() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        let error = #expect(throws: StoreError.self) {
            try Store(folder: try TestDatabase.folder(folder), time: SystemTime())
        }
        #expect(error == .inUse(folder: folder))
        try store.close()
    }
}
