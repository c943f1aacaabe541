extension BadFile {
    /// A file whose only mistake stands in the section `learn`, and what is said of it behind `learn`.
    private static func learn(_ name: String, _ options: String, _ faults: String...) -> BadFile {
        BadFile(
            name,
            yaml: "plant: { name: P, assets: [{ id: M1 }] }\nrules: { classes: { dent: {} } }\nlearn: { \(options) }\n",
            faults: faults.map { "andon.yaml:3:\($0)" })
    }

    static let learn = [
        learn(
            "No hours, more than a week has, and hours that are a text", "hoursPerWeek: 0, assetHours: { M1: 169 }",
            "24: learn.hoursPerWeek: should be hours a week, more than 0 and at most 168; found \"0\"",
            "45: learn.assetHours.M1: should be hours a week, more than 0 and at most 168; found \"169\""),
        learn(
            "An option of another name", "hoursPerweek: 80",
            "10: learn.hoursPerweek: unknown option; did you mean \"hoursPerWeek\"?"),
        learn(
            "A span that is no whole number of days", "recurrenceWithin: 36h",
            "28: learn.recurrenceWithin: should be whole days like 30d, found \"36h\""),
        learn(
            "Prices below nothing", "cost: { labourHour: -1, parts: { B: -0.5 }, scrapUnit: { dent: cheap } }",
            "30: learn.cost.labourHour: should be a number from 0.0 to 1000000000.0, found \"-1\"",
            "46: learn.cost.parts.B: should be a number from 0.0 to 1000000000.0, found \"-0.5\"",
            "73: learn.cost.scrapUnit.dent: should be a number from 0.0 to 1000000000.0, found \"cheap\""),
        learn(
            "Shifts that overlap over midnight",
            "shifts: [{ name: night, from: \"22:00\", to: \"06:00\" }, { name: early, from: \"05:59\", to: \"14:00\" }]",
            "64: learn.shifts[1]: early overlaps night: a moment belongs to one shift, so let one end where the other"
                + " begins"),
        learn(
            "A task without an interval and without assets", "tasks: [{ name: T, classes: [], assets: [M1] }]",
            "18: learn.tasks[0]: the option \"every\" is required here",
            "38: learn.tasks[0].classes: should name at least one"),
        learn(
            "A task of half a reckoning",
            "tasks: [{ name: T, every: 30d, classes: [dent], assets: [M1], plannedCost: 10 }]",
            "18: learn.tasks[0]: the costs of a task are weighed against each other: give plannedCost and failureCost, or"
                + " neither"),
        learn(
            "Two tasks of one name",
            "tasks: [{ name: T, every: 30d, classes: [dent], assets: [M1] }, { name: T, every: 9d, classes: [dent], assets: [M1] }]",
            "82: learn.tasks[1].name: there is a task T already; keep one"),
        learn(
            "Verdicts without anything between them", "verdict: { symptomShare: 0.2, causeShare: 0.2, casesMin: 2 }",
            "52: learn.verdict.causeShare: causeShare, 0.2, should be below symptomShare, 0.2: between them nothing is"
                + " said",
            "67: learn.verdict.casesMin: should be a whole number from 3 to 1000, found \"2\""),
    ]
}
