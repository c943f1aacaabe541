import AndonDesk
import AndonIdentity
import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Foundation
import Testing

/// The desk's and the accounts' tables of earlier versions, in a store that has them with its own.
@Suite("The desk and the accounts of earlier versions")
struct FurtherUpgradeTests {
    private static let rows: [(table: String, columns: String, values: StatementArguments)] = [
        (
            "desk_order", "number, reference, document, state, assignee, created_at, started_at, closure, changed",
            [
                7, "ABCDEFGHIJ", #"{"priority":2,"place":{"asset":"PRESS-07","line":"L1"}}"#, "inProgress",
                "R. Wilson", 1_700_000_000_000_000, 1_700_000_100_000_000, nil, 12,
            ]
        ),
        ("desk_file", "number, name, sha256", [7, "p.png", String(repeating: "a", count: 64)]),
        ("desk_note", "number, key, at, text", [7, "ABCDEFGHIJ/2", 1_700_000_200_000_000, "again"]),
        (
            "account", "number, login, login_salt, login_mark, printed_name, roles, state, failures",
            [3, "nowak", "ab", "cd", "A. Nowak", "planner", "active", 0]
        ),
        ("unknown_attempts", "one, count, at", [1, 5, 1_700_000_000_000_000]),
        (
            "session", "token, account, means, begun_at, seen_at, ends_at",
            [String(repeating: "b", count: 64), 3, "password", 1, 2, 4_000_000_000_000_000]
        ),
        (
            "api_key", "number, name, digest, permissions, sites, made_at",
            [2, "line 1", String(repeating: "c", count: 64), "report", "", 1_700_000_000_000_000]
        ),
        ("account_link", "account, issuer, subject, linked_at", [3, "https://id.plant.example", "s-1", 1]),
    ]

    @Test("They are brought along with what is in them, from each version of both", arguments: 0...2, 0...3)
    func each(desk: Int, identity: Int) async throws {
        let temporary = try TemporaryFolder("andon-upgrade")
        let folder = try TestDatabase.folder(temporary.path + "/data")
        let then = Array(DeskSchema.steps.prefix(desk) + IdentitySchema.steps.prefix(identity))
        try Store(folder: folder, time: SystemTime(), steps: then).close()
        let stored = try StoredDatabase(folder: folder)
        let tables = Set(try stored.tables())
        let kept = Self.rows.filter { tables.contains($0.table) }
        for row in kept {
            let places = row.values.values.map { _ in "?" }.joined(separator: ", ")
            try stored.alter("INSERT INTO \(row.table) (\(row.columns)) VALUES (\(places))", row.values)
        }
        try stored.close()

        let store = try Store(
            folder: folder, time: SystemTime(), steps: DeskSchema.steps + IdentitySchema.steps)
        for row in kept {
            let found = try await store.read { try $0.rows("SELECT \(row.columns) FROM \(row.table)") }
            #expect(found.count == 1, "\(row.table)")
            let names = row.columns.split(separator: ", ").map(String.init)
            #expect(try #require(found.first).values(names) == row.values.values, "\(row.table)")
        }
        if desk > 0 {
            let open = try await store.read {
                try $0.rows("SELECT priority, asset, line FROM desk_order WHERE state IN ('open', 'inProgress')")
            }
            #expect(open.first?["asset"] == "PRESS-07" && open.first?["line"] == "L1" && open.first?["priority"] == 2)
        }
        if identity > 0 {
            let accounts = try await store.read { try $0.accounts() }
            #expect(accounts.map(\.login) == ["nowak"] && accounts.first?.printedName == "A. Nowak")
        }
        #expect(try await store.checkPages() == nil)
        try store.close()
        // Once is enough, and a version that has fewer steps refuses.
        try Store(folder: folder, time: SystemTime(), steps: DeskSchema.steps + IdentitySchema.steps).close()
        let error = #expect(throws: StoreError.self) {
            try Store(folder: folder, time: SystemTime(), steps: DeskSchema.steps)
        }
        guard case .newerSchema = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

extension Row {
    fileprivate func values(_ names: [String]) -> [DatabaseValue] { names.map { self[$0] } }
}
