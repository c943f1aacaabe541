import AndonModel
import Testing

@Suite("What an order's codes say of its detection")
struct FindingsTests {
    private static let findings: Findings = {
        var findings = Findings()
        findings.confirmed = .init(cause: ["*"], state: ["FIXED"])
        findings.falseAlarm = .init(cause: ["NFF"], state: ["Rejected"], notes: ["no fault"])
        findings.wrongClass = .init(remedy: ["RECLASS"])
        findings.missed = .init(cause: ["CAM-MISS"])
        findings.classes = [" Crk ": "crack"]
        return findings
    }()

    private static func order(
        _ state: OrderState = .closed, _ vendorState: String = "CLOSE", problem: String? = nil, cause: String? = nil,
        remedy: String? = nil, notes: String? = nil, verdict: Closure.Verdict? = nil, isOurs: Bool = true
    ) -> RemoteOrder {
        RemoteOrder(
            remoteID: "1", reference: isOurs ? Reference("A7K2M9QX3F") : nil, state: state, vendorState: vendorState,
            closure: Closure(
                problemCode: problem, causeCode: cause, remedyCode: remedy, notes: notes, verdict: verdict))
    }

    @Test("A code means what the table says, whatever its case and the blanks around it")
    func codes() {
        #expect(Self.findings.verdict(of: Self.order(cause: " nff ")) == .falseAlarm)
        #expect(Self.findings.verdict(of: Self.order(remedy: "reclass")) == .wrongClass)
        #expect(Self.findings.verdict(of: Self.order(cause: "WEAR")) == .confirmed)
        #expect(Self.findings.verdict(of: Self.order(notes: "Looked twice: No Fault found.")) == .falseAlarm)
        #expect(Self.findings.verdict(of: Self.order(.closed, "fixed")) == .confirmed)
        #expect(Self.findings.defectClass(of: Self.order(problem: "CRK")) == "crack")
    }

    @Test("Nothing is said where no code is, where the field has no code of a meaning, or the table is empty")
    func silence() {
        #expect(Self.findings.verdict(of: Self.order()) == nil)
        #expect(Self.findings.verdict(of: Self.order(cause: "  ")) == nil)
        #expect(Self.findings.verdict(of: Self.order(problem: "NFF", remedy: "NFF")) == nil)
        #expect(Self.findings.defectClass(of: Self.order(problem: "CRK-2")) == nil)
        #expect(Findings().judged(Self.order(cause: "NFF")) == Self.order(cause: "NFF"))
    }

    @Test("A false alarm stands before the usual codes that are filled in beside it, and a wrong class before those")
    func precedence() {
        #expect(Self.findings.verdict(of: Self.order(cause: "NFF", remedy: "RECLASS")) == .falseAlarm)
        #expect(Self.findings.verdict(of: Self.order(cause: "WEAR", remedy: "RECLASS")) == .wrongClass)
        #expect(Self.findings.verdict(of: Self.order(.closed, "FIXED", remedy: "RECLASS")) == .wrongClass)
    }

    @Test(
        "Only an order whose work is over has a verdict; a cancelled one only an explicit one",
        arguments: OrderState.allCases)
    func states(_ state: OrderState) {
        let isOver = [.done, .closed, .cancelled].contains(state)
        #expect(Self.findings.verdict(of: Self.order(state, "Rejected")) == (isOver ? .falseAlarm : nil))
        let works = [.done, .closed].contains(state)
        #expect(Self.findings.verdict(of: Self.order(state, cause: "WEAR")) == (works ? .confirmed : nil))
        #expect(Self.findings.isMissed(Self.order(state, cause: "cam-miss", isOurs: false)) == works)
    }

    @Test("A verdict that came with the order stays; an order without a closure gets one for it")
    func judged() {
        let given = Self.order(cause: "NFF", verdict: .confirmed)
        #expect(Self.findings.judged(given) == given)
        let bare = RemoteOrder(remoteID: "1", reference: nil, state: .cancelled, vendorState: "REJECTED")
        #expect(Self.findings.judged(bare).closure == Closure(verdict: .falseAlarm))
    }

    @Test("An order of ours is never a report of a missed defect")
    func ours() {
        #expect(!Self.findings.isMissed(Self.order(cause: "CAM-MISS")))
        #expect(Self.findings.isMissed(Self.order(cause: "CAM-MISS", isOurs: false)))
    }
}
