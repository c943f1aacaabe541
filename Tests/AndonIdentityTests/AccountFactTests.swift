import AndonLedger
import AndonModel
import AndonSQL
import Testing

@testable import AndonIdentity

@Suite("Accounts held against the ledger")
struct AccountFactTests {
    @Test("A change of an account's row behind the ledger's back is named; wrong passwords and erased names are none")
    func altered() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let engineer = try await fixture.person("e.novak", "E. Novak")
        let planner = try await fixture.person("p.braun", "P. Braun", approver: "e.novak")
        _ = try await fixture.accounts.change(
            engineer.number, printedName: "E. Nowak", grants: nil, fixture.authorisation(approver: "p.braun"))
        _ = try await fixture.accounts.create(
            .init(
                login: "i.late", printedName: "I. Late", grants: [Grant(.qualityEngineer)], identity: "staff card seen"),
            fixture.authorisation(approver: "e.novak"))
        await #expect(throws: Problem.self) {
            _ = try await fixture.accounts.changePassword(
                IdentityFixture.credentials("p.braun", "a wrong password"), to: "another long password")
        }
        _ = try await fixture.store.write {
            try $0.erase(name: "P. Braun", by: "A. Maier", reason: "left", further: IdentitySchema.nameColumns)
        }
        func faults() async throws -> [FactsVerification.Fault] {
            let found = try await fixture.store.read { try $0.verifyFacts() }
            #expect(found.uncovered.isEmpty, "\(found)")
            return found.faults
        }
        #expect(try await faults() == [])
        await fixture.store.checkpoint()
        let texts = ["login", "login_salt", "login_mark", "printed_name", "roles", "state", "sealed", "invitation"]
        for column in texts + ["password_due_at", "invitation_expires_at", "number"] {
            let isText = texts.contains(column)
            let number = column.hasPrefix("invitation") ? planner.number + 1 : engineer.number
            func alter(_ sql: String) async throws {
                try await fixture.store.write { transaction in _ = try transaction.run(sql) }
            }
            let (there, back) =
                isText
                ? ("\(column) || 'x'", "substr(\(column), 1, length(\(column)) - 1)")
                : ("\(column) + 64", "\(column) - 64")
            let isMoved = column == "number"
            try await alter("UPDATE account SET \(column) = \(there) WHERE number = \(number)")
            let found = try await faults()
            #expect(found.contains { $0.table == "account" && $0.row.contains("\(number)") }, "\(column): \(found)")
            try await alter("UPDATE account SET \(column) = \(back) WHERE number = \(isMoved ? number + 64 : number)")
            #expect(try await faults() == [], "\(column)")
        }
    }
}
