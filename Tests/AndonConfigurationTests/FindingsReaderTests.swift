import AndonConfiguration
import AndonModel
import Testing

@Suite("Findings of a connector as they are written")
struct FindingsReaderTests {
    @Test("All of them, in any case, with numbers as codes")
    func all() throws {
        let found = try Configuration.load(
            yaml: """
                plant: { name: P }
                connectors:
                  cmms:
                    type: rest
                    findings:
                      confirmed: { problem: ["*"], cause: ["*"], remedy: [FIX] }
                      falseAlarm: { cause: [NFF, 7], state: [Rejected], notes: [no fault found] }
                      wrongClass: { problem: [OTHER] }
                      missed: { cause: [CAM-MISS] }
                      classes: { CRK: crack, 100: dent }
                      missedEvery: 1h
                      lookBack: 30d
                """, secrets: .none)
        var wanted = Findings()
        wanted.confirmed = .init(problem: ["*"], cause: ["*"], remedy: ["fix"])
        wanted.falseAlarm = .init(cause: ["nff", "7"], state: ["rejected"], notes: ["no fault found"])
        wanted.wrongClass = .init(problem: ["other"])
        wanted.missed = .init(cause: ["cam-miss"])
        wanted.classes = ["CRK": "crack", "100": "dent"]
        wanted.missedEvery = .seconds(3600)
        wanted.lookBack = .seconds(30 * 86_400)
        #expect(found.connectors.first?.common.findings == wanted)
        #expect(found.warnings.isEmpty)
    }

    @Test("A connector without them says nothing of detections")
    func none() throws {
        let found = try Configuration.load(yaml: "plant: { name: P }\nconnectors: { desk: {} }\n", secrets: .none)
        #expect(found.connectors.first?.common.findings == Findings())
    }
}
