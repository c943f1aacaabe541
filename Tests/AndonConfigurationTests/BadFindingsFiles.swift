extension BadFile {
    /// A file whose only mistake stands in the findings of a connector, and what is said of it.
    private static func findings(_ name: String, _ options: String, _ faults: String...) -> BadFile {
        BadFile(
            name,
            yaml: "plant: { name: P }\nconnectors:\n  cmms: { type: rest, findings: { \(options) } }\n",
            faults: faults.map { "andon.yaml:3:\($0)" })
    }

    static let findings = [
        findings(
            "Findings against the model alone", "falseAlarm: { cause: [NFF] }",
            "33: connectors.cmms.findings: says what is wrong, and never what is right, so every share of right detections"
                + " would be 0; write which codes confirm one: confirmed: { cause: [\"*\"] } takes every other cause"),
        findings(
            "A code with two meanings", "confirmed: { cause: [nff] }, falseAlarm: { cause: [NFF, NONE] }",
            "33: connectors.cmms.findings: the cause \"nff\" stands under confirmed and under falseAlarm; it can mean one"
                + " thing"),
        findings(
            "Any code as a false alarm, and any state", "confirmed: { state: [\"*\"] }, falseAlarm: { cause: [\"*\"] }",
            "56: connectors.cmms.findings.confirmed.state[0]: \"*\" stands for any other code, and only in problem, cause"
                + " and remedy of confirmed",
            "86: connectors.cmms.findings.falseAlarm.cause[0]: \"*\" stands for any other code, and only in problem, cause"
                + " and remedy of confirmed"),
        findings(
            "A field of another name", "confirmed: { causes: [WEAR] }",
            "48: connectors.cmms.findings.confirmed.causes: unknown option; did you mean \"cause\"?"),
        findings(
            "A code that is none, and times out of their range",
            "missed: { cause: [\" \"] }, missedEvery: 5s, lookBack: 10y",
            "53: connectors.cmms.findings.missed.cause[0]: an empty code would never be met; take it out",
            "74: connectors.cmms.findings.missedEvery: should be between 1m and 7d, found 5s",
            "88: connectors.cmms.findings.lookBack: should be between 1h and 730d, found 10y"),
        findings(
            "A problem code twice", "classes: { CRK: crack, crk: dent }",
            "63: connectors.cmms.findings.classes.crk: this problem code is there already in other letters; keep one"),
    ]
}
