import AndonLedger
import AndonModel
import AndonTesting
import Foundation
import Testing

@testable import AndonIdentity

@Suite("Accounts of those who sign")
struct AccountTests {
    @Test("The first account is made with the code of the data folder, once")
    func firstAccount() async throws {
        let fixture = try IdentityFixture()
        let code = try SetUpCode(folder: fixture.store.folder).make(random: SystemRandom())
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.store.folder + "/set-up-code")
        #expect(mode[.posixPermissions] as? Int == 0o600)
        func setUp(_ code: String, accepts: Bool = true) async throws {
            _ = try await fixture.accounts.setUp(
                code: code, login: "root.admin", printedName: "A. Maier", password: IdentityFixture.password,
                accepts: accepts)
        }
        await refusal(409, "not the one in the file") { try await setUp("AAAA-BBBB-CCCC-DDDD") }
        await refusal(422, "as binding as the one by hand") { try await setUp(code, accepts: false) }
        // Small letters, no hyphens, and an O for the zero are the same code.
        try await setUp(code.lowercased().replacing("-", with: "").replacing("0", with: "o"))
        #expect(!SetUpCode(folder: fixture.store.folder).exists)
        await refusal(409, "There are accounts already") { try await setUp(code) }
        #expect(try await fixture.kinds("account/1") == ["account.created", "account.key"])
        #expect(try await fixture.kinds("account/unknown") == ["account.refused"])
        #expect(
            try await fixture.accounts.unlock(IdentityFixture.credentials("ROOT.admin"), for: "a test").account.number
                == 1)
    }

    @Test("A recovery code makes an administrator beside those that are there, with an alarm and who and why")
    func recovery() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let code = try SetUpCode(folder: fixture.store.folder).make(
            by: "plant IT", reason: "A. Maier left", random: SystemRandom())
        let made = try await fixture.accounts.setUp(
            code: code, login: "second.admin", printedName: "B. Huber", password: IdentityFixture.password,
            accepts: true)
        #expect(made.number == 2)
        let alarms = try await fixture.store.read { try $0.alarms() }
        #expect(alarms.map(\.kind) == ["account-recovered"])
        #expect(alarms.first?.detail.contains("plant IT") == true)
        let created = try await fixture.entries("account/2").first { $0.kind == "account.created" }?.body
        #expect(created?["by"] == "plant IT" && created?["why"] == "A. Maier left")
        // It stands until two people administer again.
        _ = try await fixture.person("k.sommer", "K. Sommer", approver: "second.admin")
        #expect(try await fixture.store.read { try $0.alarms().isEmpty })
    }

    @Test(
        "Five wrong passwords lock an account, raise an alarm, and stand in the ledger; time or an administrator opens it"
    )
    func locks() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer")
        func attempt(_ password: String) async throws {
            _ = try await fixture.accounts.unlock(IdentityFixture.credentials("k.sommer", password), for: "a test")
        }
        for _ in 1...4 { await refusal(401, "After 5 wrong passwords") { try await attempt("not this one at all") } }
        try await attempt(IdentityFixture.password)
        for _ in 1...4 { await refusal(401, "After 5") { try await attempt("not this one at all") } }
        await refusal(403, "nothing is taken from it before") { try await attempt("not this one at all") }
        await refusal(403, "nothing is taken from it before") { try await attempt(IdentityFixture.password) }
        let kinds = try await fixture.kinds("account/2")
        #expect(kinds.count { $0 == "account.refused" } == 9 && kinds.contains("account.locked"))
        #expect(try await fixture.store.read { try $0.alarms().map(\.subject) } == ["account/2"])
        fixture.time.advance(by: .seconds(15 * 60))
        try await attempt(IdentityFixture.password)
        #expect(try await fixture.store.read { try $0.alarms().isEmpty })

        for _ in 1...5 { _ = try? await attempt("not this one at all") }
        await refusal(403, "nothing is taken") { try await attempt(IdentityFixture.password) }
        _ = try await fixture.accounts.unlockAccount(2, fixture.authorisation(reason: "it was K. Sommer, typing badly"))
        try await attempt(IdentityFixture.password)
    }

    @Test("A flood of attempts under names that nobody has is one entry a minute")
    func flood() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        for number in 0..<30 {
            await refusal(401, "Try again") {
                _ = try await fixture.accounts.unlock(IdentityFixture.credentials("x\(number)"), for: "a test")
            }
        }
        #expect(try await fixture.kinds("account/unknown").count == 1)
        fixture.time.advance(by: .seconds(61))
        _ = try? await fixture.accounts.unlock(IdentityFixture.credentials("y"), for: "a test")
        let last = try await fixture.entries("account/unknown").last
        #expect(last?.body["attempts"]?.integer == 30)
    }

    @Test("From the third person on, accounts are made and reset by two people, neither of whom is the owner")
    func twoPeople() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer")
        await refusal(403, "second person") { _ = try await fixture.person("m.weber", "M. Weber") }
        await refusal(403, "another one than") {
            _ = try await fixture.person("m.weber", "M. Weber", approver: "root.admin")
        }
        let weber = try await fixture.person("m.weber", "M. Weber", [.planner], approver: "k.sommer")
        let created = try await fixture.entries(weber.subject).first?.body
        #expect(created?["by"] == "A. Maier" && created?["approvedBy"] == "K. Sommer")
        #expect(created?["identity"] == "staff card seen" && created?["why"] == "needed for line 2")

        await refusal(403, "second person") { _ = try await fixture.accounts.reset(3, fixture.authorisation()) }
        await refusal(403, "another one than") {
            _ = try await fixture.accounts.reset(3, fixture.authorisation(approver: "m.weber"))
        }
        await refusal(403, "their own account") {
            _ = try await fixture.accounts.change(
                1, printedName: nil, grants: [Grant(.administrator), Grant(.qualityEngineer)],
                fixture.authorisation(approver: "k.sommer"))
        }
        let byOther = Authorisation(
            administrator: IdentityFixture.credentials("k.sommer"), approver: IdentityFixture.credentials("root.admin"),
            reason: "because")
        await refusal(403, "kept by administrators") { _ = try await fixture.accounts.reset(3, byOther) }
        #expect(try await fixture.kinds("account/2").last == "account.refused")
        await refusal(422, "Say why") {
            _ = try await fixture.accounts.reset(3, fixture.authorisation(approver: "k.sommer", reason: " "))
        }
    }

    @Test(
        "A reset is worth nothing to who asked for it without the code, ends the old password at once, and makes a new key"
    )
    func reset() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let before = try await fixture.person("k.sommer", "K. Sommer")
        let (_, code) = try await fixture.accounts.reset(2, fixture.authorisation())
        await refusal(401, "Try again") {
            _ = try await fixture.accounts.unlock(IdentityFixture.credentials("k.sommer"), for: "a test")
        }
        await refusal(409, "wrong, was used, or is too old") {
            _ = try await fixture.accounts.enrol(
                login: "k.sommer", code: "AAAA-AAAA-AAAA-AAAA", password: "an entirely new one", accepts: true)
        }
        let after = try await fixture.accounts.enrol(
            login: "k.sommer", code: code, password: "an entirely new one", accepts: true)
        #expect(after.sealed?.key != before.sealed?.key)
        await refusal(409, "no account of this login name that waits") {
            _ = try await fixture.accounts.enrol(
                login: "k.sommer", code: code, password: "an entirely new one", accepts: true)
        }
    }

    @Test("A code is too old after a week")
    func invitationAge() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let (_, code) = try await fixture.accounts.create(
            .init(login: "k.sommer", printedName: "K. Sommer", grants: [Grant(.planner)], identity: "staff card seen"),
            fixture.authorisation())
        fixture.time.advance(by: .seconds(7 * 86_400))
        await refusal(409, "too old") {
            _ = try await fixture.accounts.enrol(
                login: "k.sommer", code: code, password: IdentityFixture.password, accepts: true)
        }
    }

    @Test("A login name is never given out again, not even after its owner's name was erased")
    func neverAgain() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer")
        _ = try await fixture.person("m.weber", "M. Weber", approver: "k.sommer")
        await refusal(409, "never given out again") {
            _ = try await fixture.person("K.Sommer", "Karla Sommer", approver: "m.weber")
        }
        _ = try await fixture.accounts.retire(2, fixture.authorisation(reason: "left the plant"))
        for name in ["K. Sommer", "k.sommer"] {
            _ = try await fixture.store.write {
                try $0.erase(name: name, by: "A. Maier", reason: "asked for", further: IdentitySchema.nameColumns)
            }
        }
        let account = try await fixture.store.read { try $0.account(2) }
        #expect(account?.printedName == "(withheld)" && account?.login == "(withheld)")
        await refusal(409, "never given out again") {
            _ = try await fixture.person("k.sommer", "Karla Sommer", approver: "m.weber")
        }
        #expect(try await fixture.store.read { try $0.verifyLedger().isWhole })
        let next = try await fixture.person("k.sommer2", "Karla Sommer", approver: "m.weber")
        #expect(next.number == 4)
    }

    @Test("Changes of roles and names keep what was before")
    func changes() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer", [.planner])
        _ = try await fixture.accounts.change(
            2, printedName: "K. Winter", grants: [Grant(.qualityEngineer)],
            fixture.authorisation(reason: "married, promoted"))
        let entry = try await fixture.entries("account/2").last
        #expect(entry?.kind == "account.changed" && entry?.body["why"] == "married, promoted")
        #expect(entry?.body["roles"] == ["old": ["planner"], "new": ["quality-engineer"]])
        #expect(entry?.body["printedName"] == ["old": "K. Sommer", "new": "K. Winter"])
    }

    @Test("The last administrator cannot be retired")
    func lastAdministrator() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer", [.administrator])
        let bySommer = Authorisation(
            administrator: IdentityFixture.credentials("k.sommer"), approver: nil, reason: "left the plant")
        _ = try await fixture.accounts.retire(1, bySommer)
        await refusal(401, "Try again") {
            _ = try await fixture.accounts.unlock(IdentityFixture.credentials("root.admin"), for: "a test")
        }
        await refusal(403, "their own account") { _ = try await fixture.accounts.retire(2, bySommer) }
    }

    @Test("A password grows old; the new one needs the old one, and is another")
    func ageing() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        fixture.time.advance(by: .seconds(365 * 86_400))
        await refusal(403, "Set a new one first") {
            _ = try await fixture.accounts.unlock(IdentityFixture.credentials("root.admin"), for: "a test")
        }
        let old = IdentityFixture.credentials("root.admin")
        await refusal(422, "is the old one") { _ = try await fixture.accounts.changePassword(old, to: old.password) }
        _ = try await fixture.accounts.changePassword(old, to: "four other plain words")
        _ = try await fixture.accounts.unlock(
            IdentityFixture.credentials("root.admin", "four other plain words"), for: "a test")
        await refusal(401, "Try again") { _ = try await fixture.accounts.unlock(old, for: "a test") }
        // The five before are not taken again; the sixth is forgotten.
        var last = "four other plain words"
        for number in 1...5 {
            let current = IdentityFixture.credentials("root.admin", last)
            await refusal(422, "You had this password before") {
                _ = try await fixture.accounts.changePassword(current, to: old.password)
            }
            last = "yet another phrase, no. \(number)"
            _ = try await fixture.accounts.changePassword(current, to: last)
        }
        _ = try await fixture.accounts.changePassword(
            IdentityFixture.credentials("root.admin", last), to: old.password)
    }

    @Test(
        "Passwords that are tried first are refused with the reason",
        arguments: [
            ("short", "at least 12"), ("k.sommer rules 99", "own name"), ("my name is Sommer", "own name"),
            ("password123456", "everybody tries"), ("aaaaaaaaaaaaaaaa", "everybody tries"),
            ("Sommer2026!!", "own name"), (String(repeating: "ab cd ", count: 60), "at most 256"),
        ])
    func passwords(_ password: String, _ part: String) async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        let (_, code) = try await fixture.accounts.create(
            .init(login: "k.sommer", printedName: "Kai Sommer", grants: [Grant(.planner)], identity: "staff card seen"),
            fixture.authorisation())
        await refusal(422, part) {
            _ = try await fixture.accounts.enrol(login: "k.sommer", code: code, password: password, accepts: true)
        }
    }

    @Test(
        "A role, a state, a name or a key that somebody wrote into the database is found, and nothing is taken from it")
    func altered() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        _ = try await fixture.person("k.sommer", "K. Sommer", [.viewer])
        _ = try await fixture.person("m.weber", "M. Weber", [.planner], approver: "k.sommer")
        _ = try await fixture.accounts.change(
            3, printedName: "M. Weber-Horn", grants: nil, fixture.authorisation(approver: "k.sommer"))
        func faults() async throws -> [String] {
            try await fixture.store.read { reader in
                try reader.verifyFacts().faults.map(\.description)
                    + reader.accounts().compactMap { try reader.fault(of: $0) }
            }
        }
        #expect(try await faults().isEmpty)
        let changes = [
            ("roles", "'quality-engineer'", "roles are not"), ("printed_name", "'B. Huber'", "names are not"),
            ("login", "'b.huber'", "names are not"), ("state", "'retired'", "should be active"),
            ("sealed", "(SELECT sealed FROM account WHERE number = 3)", "key is not the one"),
        ]
        for (column, value, part) in changes {
            _ = try await fixture.store.write {
                try $0.run("CREATE TEMP TABLE kept AS SELECT \(column) AS old FROM account WHERE number = 2")
                return try $0.run("UPDATE account SET \(column) = \(value) WHERE number = 2")
            }
            let found = try await faults()
            #expect(
                found.count == 2 && found[0].hasPrefix("account 2") && found[1].contains(part), "\(column): \(found)")
            if column == "roles" {
                await refusal(409, "not what the ledger says") {
                    _ = try await fixture.accounts.unlock(IdentityFixture.credentials("k.sommer"), for: "a test")
                }
                #expect(try await fixture.store.read { try $0.alarms().map(\.kind) } == ["account-altered"])
            }
            _ = try await fixture.store.write {
                try $0.run("UPDATE account SET \(column) = (SELECT old FROM kept) WHERE number = 2")
                return try $0.run("DROP TABLE kept")
            }
        }
        #expect(try await faults().isEmpty)
        _ = try await fixture.accounts.unlock(IdentityFixture.credentials("k.sommer"), for: "a test")
        #expect(try await fixture.store.read { try $0.alarms().isEmpty })
        _ = try await fixture.store.write { try $0.run("DELETE FROM account WHERE number = 2") }
        #expect(try await faults().first?.hasPrefix("account account/2") == true)
    }

    @Test("Attempts at the same time are counted one by one: no race gives more than five")
    func race() async throws {
        let fixture = try IdentityFixture()
        _ = try await fixture.setUp()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<15 {
                group.addTask {
                    _ = try? await fixture.accounts.unlock(
                        IdentityFixture.credentials("root.admin", "not this one at all"), for: "a test")
                }
            }
        }
        let kinds = try await fixture.kinds("account/1")
        #expect(kinds.count { $0 == "account.refused" } == 5 && kinds.count { $0 == "account.locked" } == 1)
    }
}
