import Testing

/// A wrong file and the exact words that its reader gets.
struct BadFile: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var yaml: String
    var faults: [String]

    init(_ name: String, _ yaml: String, _ faults: String...) {
        testDescription = name
        self.yaml = yaml
        self.faults = faults
    }

    static let all: [BadFile] = structure + plant + rules + rest

    static let structure = [
        BadFile("An empty file", ""),
        BadFile("A list in place of a section", "- plant\n"),
        BadFile("A tab for indentation", "plant:\n\tname: P\n"),
        BadFile("A bracket that is never closed", "plant: { name: P\nrules: {}\n"),
        BadFile("A second document", "plant: { name: P }\n---\nplant: { name: Q }\n"),
        BadFile("A repeated option", "plant:\n  name: P\n  site: S\n  name: Q\n"),
        BadFile("An alias", "plant: &p { name: P }\nrules: *p\n"),
        BadFile("A mistyped section", "plnat: { name: P }\n"),
        BadFile("A mistyped option", "plant: { name: P, timezone: UTC }\n"),
        BadFile("A name that is a list", "plant: { name: P, [a, b]: c }\n"),
    ]

    static let plant = [
        BadFile("An unknown time zone", "plant: { name: P, timeZone: Mars/Olympus }\n"),
        BadFile(
            "An unknown criticality",
            "plant:\n  name: P\n  assets:\n    - id: A1\n      criticality: Z\n"),
        BadFile(
            "An asset without an id, and one twice",
            "plant:\n  name: P\n  assets:\n    - { name: x }\n    - { id: A1 }\n    - { id: A1 }\n"),
        BadFile(
            "An asset above itself",
            "plant:\n  name: P\n  assets:\n    - { id: A, parent: B }\n    - { id: B, parent: A }\n    - { id: C, parent: X }\n"),
        BadFile(
            "A camera that looks at nothing known",
            "plant:\n  name: P\n  cameras:\n    - { id: C1, asset: A9, zone: Z9 }\n"),
        BadFile(
            "Unknown connectors",
            "plant:\n  name: P\n  defaultConnector: maximo\n  assets: [{ id: A1, connector: sap }]\n"),
        BadFile("An asset file that is not there", "plant: { name: P, assetsFile: gone.csv }\n"),
    ]

    static let rules = [
        BadFile("A confidence above one", "plant: { name: P }\nrules:\n  defaults: { minConfidence: 80 }\n"),
        BadFile("A confidence in quotes", "plant: { name: P }\nrules:\n  defaults: { minConfidence: \"0.8\" }\n"),
        BadFile("Bands out of order", "plant: { name: P }\nrules:\n  bands: { minor: 0, moderate: 0.7, major: 0.4, critical: 0.9 }\n"),
        BadFile("Bands that do not begin at 0", "plant: { name: P }\nrules:\n  bands: { minor: 0.1, moderate: 0.2, major: 0.4, critical: 0.9 }\n"),
        BadFile("Other bands without a matrix", "plant: { name: P }\nrules:\n  bands: { low: 0, high: 0.5 }\n"),
        BadFile(
            "A matrix with holes",
            "plant: { name: P }\nrules:\n  criticalities: [A, B]\n  bands: { low: 0, high: 0.5 }\n  priority:\n"
                + "    low: { A: 2 }\n    hihg: { A: 1, B: 1 }\n"),
        BadFile(
            "A priority beyond nine",
            "plant: { name: P }\nrules:\n  criticalities: [A]\n  bands: { low: 0 }\n  priority:\n    low: { A: 10 }\n"),
        BadFile(
            "Rules for what the plant does not have",
            "plant:\n  name: P\n  assets: [{ id: A1, type: press, group: forming }]\nrules:\n  classes:\n    scratch:\n"
                + "      groups: { froming: { minSeverity: 0 } }\n      types: { mill: {} }\n      assets: { A2: {} }\n"),
        BadFile("A word that is no choice", "plant: { name: P }\nrules:\n  defaults: { whileOpen: joined }\n"),
        BadFile(
            "A frequency without a window",
            "plant: { name: P }\nrules:\n  defaults:\n    frequency: { count: 3 }\n"),
        BadFile("A frequency as a number", "plant: { name: P }\nrules:\n  defaults:\n    frequency: 3\n"),
        BadFile(
            "An action that is not in the list",
            "plant: { name: P }\nrules:\n  actions: [clean]\n  defaults: { action: polish }\n"),
        BadFile(
            "A default severity that would hold everything back",
            "plant: { name: P }\nrules:\n  defaults: { minSeverity: 0.5 }\n  classes:\n    dent: { defaultSeverity: 0.4 }\n"),
        BadFile("A time without a unit", "plant: { name: P }\nrules:\n  defaults: { coolDown: 30 }\n"),
        BadFile(
            "A shift with impossible times and days",
            "plant: { name: P }\nrules:\n  onCall:\n    shifts:\n"
                + "      - { name: night, from: 25:00, to: 6:00, assignee: T, days: [mon, montag] }\n"
                + "      - { name: day, from: 06:00, to: 18:00, assignee: T, days: [] }\n"),
        BadFile(
            "An override for a day and a shift that are not there",
            "plant: { name: P }\nrules:\n  onCall:\n    shifts: [{ name: day, from: 06:00, to: 18:00, assignee: T }]\n"
                + "    overrides:\n      - { date: 2026-02-30, shift: night, assignee: X }\n"),
        BadFile(
            "An on-call priority that the matrix does not have",
            "plant: { name: P }\nrules:\n  onCall: { priorities: [0, 6] , criticalities: [Z] }\n"),
    ]

    static let rest = [
        BadFile("An address without a port", "plant: { name: P }\nserver: { listen: localhost }\n"),
        BadFile("A secret written out", "plant: { name: P }\nserver:\n  apiKey: hunter2\n"),
        BadFile("A secret that is not set", "plant: { name: P }\nserver:\n  apiKey: { env: NOT_SET }\n"),
        BadFile("A size without sense", "plant: { name: P }\nintake: { pictureBytesMax: 20 megabytes }\n"),
        BadFile(
            "A lot lookup that waits too long and asks for what is not known",
            "plant: { name: P }\nintake:\n  lotLookup: { url: \"http://mes/{serial}\", lotPointer: lot, timeout: 5s }\n"),
        BadFile(
            "Networks that are none",
            "plant: { name: P }\nnetwork:\n  allowed: [10.0.0.1/8, intranet, 10.0.0.0/33]\n"),
        BadFile(
            "Common options of a connector out of range",
            "plant: { name: P }\nconnectors:\n  maximo:\n    poll: 0s\n    retryBase: 10s\n    retryCap: 5s\n    ordering: line\n"),
        BadFile("A connector that is a text", "plant: { name: P }\nconnectors: { maximo: yes }\n"),
        BadFile("Another connector named desk", "plant: { name: P }\nconnectors: { desk: { type: maximo } }\n"),
    ]
}
