import AndonConfiguration
import AndonModel
import Testing

@Suite("What the answers over years are told of the plant")
struct LearnSettingsTests {
    private func load(_ yaml: String) throws -> Configuration {
        try Configuration.load(
            yaml: "plant: { name: P, assets: [{ id: M1 }] }\nrules: { classes: { dent: {} } }\n" + yaml, secrets: .none)
    }

    @Test("All of it as written")
    func all() throws {
        let found = try load(
            """
            learn:
              hoursPerWeek: 120
              assetHours: { M1: 80.5 }
              recurrenceWithin: 14d
              cost: { currency: CHF, labourHour: 90, parts: { B-1: 4.25, 77: 1 }, scrapUnit: { dent: 0 } }
              shifts:
                - { name: early, from: 06:00, to: 14:00 }
                - { name: late, from: 14:00, to: 22:00 }
                - { name: night, from: 22:00, to: 06:00 }
              tasks:
                - { name: Renew, every: 36h, assets: [M1], classes: [dent], actions: [REPLACE, NEW], plannedCost: 1, failureCost: 9 }
              proposalClass: interval
              verdict: { horizon: 60d, symptomShare: 0.6, causeShare: 0.1, errorRate: 0.01, casesMin: 12 }
            """)
        #expect(
            found.learn
                == LearnSettings(
                    hoursPerWeek: 120, assetHours: ["M1": 80.5], recurrenceDays: 14,
                    cost: .init(
                        currency: "CHF", labourHour: 90, parts: ["B-1": 4.25, "77": 1], scrapUnit: ["dent": 0]),
                    shifts: [
                        .init(name: "early", from: 360, to: 840), .init(name: "late", from: 840, to: 1320),
                        .init(name: "night", from: 1320, to: 360),
                    ],
                    tasks: [
                        .init(
                            name: "Renew", assets: ["M1"], classes: ["dent"], intervalDays: 1.5,
                            actions: ["REPLACE", "NEW"], plannedCost: 1, failureCost: 9)
                    ],
                    proposalClass: "interval",
                    verdict: .init(
                        horizonDays: 60, symptomShare: 0.6, causeShare: 0.1, errorRate: 0.01, casesMin: 12)))
        #expect(found.warnings.isEmpty)
    }

    @Test("Nothing written is the defaults, and the example writes them")
    func defaults() throws {
        #expect(try load("").learn == LearnSettings())
        #expect(try Configuration.load(path: Example.path, secrets: .none).learn == LearnSettings())
    }

    @Test("A name that the plant does not have may be of former orders; the check says so")
    func unknown() throws {
        let found = try load(
            """
            learn:
              assetHours: { OLD-1: 40 }
              cost: { scrapUnit: { rust: 2 } }
              tasks: [{ name: T, every: 30d, assets: [M1, OLD-2], classes: [dent] }]
            """)
        #expect(found.learn.tasks.first?.assets == ["M1", "OLD-2"])
        let rest = "; nothing is found for it unless orders have that name"
        #expect(
            found.warnings.map(\.description) == [
                "andon.yaml:4:24: learn.assetHours.OLD-1: \"OLD-1\" is not in plant.assets" + rest,
                "andon.yaml:5:30: learn.cost.scrapUnit.rust: \"rust\" is not in rules.classes" + rest,
                "andon.yaml:6:47: learn.tasks[0].assets[1]: \"OLD-2\" is not in plant.assets" + rest,
            ])
    }
}
