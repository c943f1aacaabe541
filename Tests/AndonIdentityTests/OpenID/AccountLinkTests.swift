import AndonLedger
import AndonModel
import AndonSQL
import AndonTesting
import Testing

@testable import AndonIdentity

@Suite("Accounts of people who come by OpenID Connect")
struct AccountLinkTests {
    private static let issuer = "https://login.plant.example"

    private func person(
        _ subject: String = "s-1", login: String? = "k.sommer", name: String = "K. Sommer",
        grants: [Grant] = [Grant(.qualityEngineer)]
    ) -> ClaimedPerson {
        ClaimedPerson(issuer: Self.issuer, subject: subject, login: login, printedName: name, grants: grants)
    }

    private func refused(
        _ fixture: IdentityFixture, _ person: ClaimedPerson, sourceLocation: SourceLocation = #_sourceLocation
    ) async -> OpenIDRefusal.Kind? {
        do {
            _ = try await fixture.accounts.enter(person)
            Issue.record("nobody was refused", sourceLocation: sourceLocation)
        } catch let refusal as OpenIDRefusal {
            return refusal.kind
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
        return nil
    }

    private func faults(_ fixture: IdentityFixture) async throws -> [FactsVerification.Fault] {
        let found = try await fixture.store.read { try $0.verifyFacts() }
        #expect(found.uncovered.isEmpty, "\(found)")
        return found.faults
    }

    @Test("The first sign-in makes an account without a password, the next one finds it, and both stand in the ledger")
    func first() async throws {
        let fixture = try IdentityFixture()
        let made = try await fixture.accounts.enter(person())
        #expect(made.state == .active && !made.hasPassword && made.roles == [.qualityEngineer])
        #expect(made.login == "k.sommer" && made.printedName == "K. Sommer")
        #expect(try await fixture.accounts.enter(person()) == made)
        // A name that the provider changes is not taken over: it stands under what the person did.
        #expect(try await fixture.accounts.enter(person(login: "other", name: "A. Maier")) == made)
        #expect(try await fixture.kinds(made.subject) == ["account.created", "account.linked"])
        let entries = try await fixture.entries(made.subject)
        #expect(entries.first?.body["identity"] == .string("signed in at \(Self.issuer)"))
        #expect(entries.last?.body["subject"] == "s-1" && entries.last?.body["issuer"] == .string(Self.issuer))
        #expect(try await faults(fixture) == [])
        let begun = try await Sessions(fixture.accounts).begin(made, by: .openID)
        #expect(try await Sessions(fixture.accounts).resume(begun.token)?.account == made)
        let second = try await fixture.accounts.enter(person("s-2", login: "p.braun"))
        #expect(second.number == made.number + 1)
        let elsewhere = ClaimedPerson(
            issuer: "https://other.example", subject: "s-1", login: "k.other", printedName: "K. Other",
            grants: [Grant(.viewer)])
        #expect(try await fixture.accounts.enter(elsewhere).number == made.number + 2)
        #expect(try await faults(fixture) == [])
    }

    @Test("Roles follow the provider's at each sign-in, with what was before, and end the sessions of the old ones")
    func roles() async throws {
        let fixture = try IdentityFixture()
        let made = try await fixture.accounts.enter(person())
        let sessions = Sessions(fixture.accounts)
        let token = try await sessions.begin(made, by: .openID).token
        let changed = try await fixture.accounts.enter(
            person(grants: [Grant(.planner, at: "BEDFORD"), Grant(.auditor)]))
        #expect(changed.grants.map(\.description) == ["planner@BEDFORD", "auditor"])
        #expect(try await sessions.resume(token) == nil)
        let entry = try await fixture.entries(made.subject).last
        #expect(entry?.kind == "account.changed")
        let difference: JSON = ["old": ["quality-engineer"], "new": ["planner@BEDFORD", "auditor"]]
        #expect(entry?.body["roles"] == difference)
        #expect(try await faults(fixture) == [])

        let again = try await sessions.begin(changed, by: .openID).token
        #expect(await refused(fixture, person(grants: [])) == .noRole)
        #expect(try await sessions.resume(again) == nil, "who has no role any more does not stay")
        #expect(try await fixture.entries(made.subject).last?.kind == "account.refused")
        #expect(try await faults(fixture) == [])
    }

    @Test("Nobody without a role or a login name gets in; refusals are entries, at most one a minute for each person")
    func nobody() async throws {
        let fixture = try IdentityFixture()
        #expect(await refused(fixture, person(grants: [])) == .noRole)
        for _ in 1...3 { #expect(await refused(fixture, person(grants: [])) == .noRole) }
        #expect(await refused(fixture, person("s-2", login: nil)) == .noLogin)
        #expect(try await fixture.store.read { try $0.accounts() }.isEmpty)
        var entries = try await fixture.entries("account/unknown")
        #expect(entries.map(\.kind) == ["account.refused", "account.refused"])
        #expect(entries[0].body["attempts"] == 1 && entries[0].body["login"] == "k.sommer")
        #expect(entries[0].body["issuer"] == .string(Self.issuer) && entries[1].body["subject"] == "s-2")
        fixture.time.advance(by: .seconds(60))
        #expect(await refused(fixture, person(grants: [])) == .noRole)
        entries = try await fixture.entries("account/unknown")
        #expect(entries.count == 3 && entries[2].body["attempts"] == 4)
        #expect(try await faults(fixture) == [])
    }

    @Test("A login name that an account has or had is a conflict, and never a way into that account")
    func conflicts() async throws {
        let fixture = try IdentityFixture()
        let administrator = try await fixture.setUp()
        #expect(await refused(fixture, person(login: "root.admin")) == .loginTaken)
        #expect(await refused(fixture, person(login: "Root.Admin")) == .loginTaken)
        let novak = try await fixture.person("e.novak", "E. Novak")
        _ = try await fixture.person("p.braun", "P. Braun", approver: "e.novak")
        _ = try await fixture.accounts.retire(novak.number, fixture.authorisation())
        #expect(await refused(fixture, person(login: "e.novak")) == .loginTaken)
        #expect(try await fixture.store.read { try $0.accounts() }.count == 3)
        #expect(try await fixture.store.read { try $0.account(administrator.number) }?.state == .active)
        #expect(try await faults(fixture) == [])
    }

    @Test("A retired, a reset and a locked account let nobody in by the provider either")
    func states() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let made = try await fixture.accounts.enter(person())
        let (_, code) = try await fixture.accounts.reset(made.number, fixture.authorisation())
        #expect(await refused(fixture, person()) == .waiting)
        let owner = try await fixture.accounts.enrol(
            login: "k.sommer", code: code, password: IdentityFixture.password, accepts: true)
        #expect(owner.hasPassword)
        #expect(try await fixture.accounts.enter(person()).number == made.number)
        #expect(try await faults(fixture) == [])
        for _ in 1...5 {
            await #expect(throws: Problem.self) {
                _ = try await fixture.accounts.unlock(
                    IdentityFixture.credentials("k.sommer", "a wrong password"), for: "signing in")
            }
        }
        #expect(await refused(fixture, person()) == .locked)
        fixture.time.advance(by: .seconds(3600))
        #expect(try await fixture.accounts.enter(person()).number == made.number)
        _ = try await fixture.accounts.retire(made.number, fixture.authorisation())
        #expect(await refused(fixture, person()) == .retired)
        #expect(try await faults(fixture) == [])
    }

    @Test("Without a password of its own an account signs nothing, and counts as no second person")
    func signing() async throws {
        let fixture = try IdentityFixture()
        let made = try await fixture.accounts.enter(person(grants: [Grant(.administrator)]))
        await refusal(401, "Try again") {
            _ = try await fixture.accounts.unlock(IdentityFixture.credentials("k.sommer", ""), for: "signing")
        }
        #expect(try await fixture.entries(made.subject).last?.body["why"] == "it has no password")
        // The code of the data folder still makes the first administrator, who needs nobody's approval yet.
        _ = try await fixture.setUp()
        _ = try await fixture.person("e.novak", "E. Novak")
        await refusal(403, "second person") { _ = try await fixture.person("p.braun", "P. Braun") }
        let root = try await fixture.store.read { try $0.account(login: "root.admin") }
        await refusal(403, "their own account") {
            _ = try await fixture.accounts.retire(root?.number ?? 0, fixture.authorisation())
        }
        #expect(try await faults(fixture) == [])
    }

    @Test("A link that was written by an editor of databases opens nothing, and is named")
    func altered() async throws {
        let fixture = try IdentityFixture()
        let administrator = try await fixture.setUp()
        let made = try await fixture.accounts.enter(person())
        func alter(_ sql: String, _ arguments: StatementArguments = []) async throws {
            try await fixture.store.write { transaction in _ = try transaction.run(sql, arguments) }
        }
        try await alter(
            "INSERT INTO account_link (account, issuer, subject, linked_at) VALUES (?, ?, 'evil', 1)",
            [administrator.number, Self.issuer])
        #expect(await refused(fixture, person("evil", grants: [Grant(.administrator)])) == .altered)
        #expect(try await faults(fixture).map(\.table) == ["account_link"])
        let alarms = try await fixture.store.read { try $0.alarms() }
        #expect(alarms.contains { $0.kind == "account-altered" && $0.subject == administrator.subject })
        try await alter("DELETE FROM account_link WHERE account = ?", [administrator.number])
        #expect(try await faults(fixture) == [])
        for (column, value, back) in [
            ("subject", "'evil'", "'s-1'"), ("issuer", "issuer || 'x'", "'\(Self.issuer)'"),
            ("linked_at", "linked_at + 1", "linked_at - 1"), ("account", "account + 64", "account - 64"),
        ] {
            try await alter("UPDATE account_link SET \(column) = \(value)")
            #expect(try await faults(fixture).contains { $0.table == "account_link" }, "\(column)")
            try await alter("UPDATE account_link SET \(column) = \(back)")
            #expect(try await faults(fixture) == [], "\(column)")
        }
        try await alter("UPDATE account_link SET subject = 'evil'")
        #expect(await refused(fixture, person("evil")) == .altered)
        try await alter("DELETE FROM account_link")
        #expect(try await faults(fixture).contains { $0.row == made.subject })
    }

    @Test("Who is erased is not let in again, and the tables still agree with the ledger")
    func erased() async throws {
        let fixture = try IdentityFixture()
        let made = try await fixture.accounts.enter(person())
        let other = try await fixture.accounts.enter(person("s-2", login: "p.braun", name: "P. Braun"))
        for name in ["K. Sommer", "k.sommer", "s-1", "s-2"] {
            _ = try await fixture.store.write {
                try $0.erase(name: name, by: "A. Maier", reason: "left", further: IdentitySchema.nameColumns)
            }
        }
        #expect(try await faults(fixture) == [])
        #expect(await refused(fixture, person()) == .loginTaken)
        #expect(await refused(fixture, person("(withheld)")) == .altered)
        #expect(made.number != other.number)
        #expect(try await faults(fixture) == [])
    }
}
