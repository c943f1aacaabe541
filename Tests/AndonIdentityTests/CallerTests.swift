import AndonLedger
import Testing

@testable import AndonIdentity

@Suite("Who did something, as the ledger says it")
struct CallerTests {
    private static let maier = Caller(
        Account(
            number: 1, login: "a.maier", printedName: "A. Maier", grants: [Grant(.planner)], state: .active,
            failures: 0))
    private static let mes = Caller(machine: "mes-1", [.plan])

    @Test("Who is signed in is who they are, whatever was typed")
    func known() {
        for typed in [nil, "", "A. Maier", "Somebody Else", "a.maier"] {
            #expect(Self.maier.person(typed: typed) == "A. Maier" && Self.maier.doer(typed: typed) == "A. Maier")
        }
    }

    @Test("A machine names the person that it asks for, and both are kept; without a person it is alone")
    func machine() {
        #expect(Self.mes.person(typed: " J.  Miller ") == "J. Miller (through mes-1)")
        #expect(Self.mes.doer(typed: "J. Miller") == "J. Miller (through mes-1)")
        for typed in [nil, "", "  \n"] {
            #expect(Self.mes.person(typed: typed) == nil && Self.mes.doer(typed: typed) == "mes-1")
        }
    }

    @Test("On a server that asks nobody it is who somebody says to be, and nobody where nothing was said")
    func anybody() {
        #expect(Caller.anybody.person(typed: "J. Miller") == "J. Miller")
        #expect(Caller.anybody.person(typed: " ") == nil && Caller.anybody.doer(typed: nil) == nil)
    }

    @Test("By whose key something came is said by the server alone, and no name grows without end")
    func forged() {
        #expect(Caller.anybody.person(typed: "J. Miller (through mes-1)") == "J. Miller")
        #expect(Self.mes.person(typed: "Boss (through mes-2)") == "Boss (through mes-1)")
        let long = String(repeating: "n", count: 5000)
        #expect(Caller.anybody.person(typed: long)?.count == Caller.typedNameMax)
        let certificate = Caller(machine: long, [.plan])
        #expect((certificate.person(typed: long)?.count ?? .max) < 200)
        #expect(ThroughName.person(of: certificate.person(typed: "J. Miller") ?? "") == "J. Miller")
    }

    @Test("The person stands before the machine, and a text without one is a person's")
    func texts() {
        #expect(ThroughName.text("J. Miller", through: "mes-1") == "J. Miller (through mes-1)")
        #expect(ThroughName.person(of: "J. Miller (through mes-1)") == "J. Miller")
        for name in ["J. Miller", "J. Miller (night shift)", "J. Miller (through", ""] {
            #expect(ThroughName.person(of: name) == name)
        }
    }
}
