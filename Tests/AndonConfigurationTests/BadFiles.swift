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

    init(_ name: String, yaml: String, faults: [String]) {
        testDescription = name
        self.yaml = yaml
        self.faults = faults
    }

    static let all: [BadFile] =
        structure + plant + rules + rest + evidence + charts + maintenance + learn + findings

    static let structure = [
        BadFile(
            "An empty file", "",
            "andon.yaml:1:1: plant: the option \"name\" is required here"),
        BadFile(
            "A list in place of a section", "- plant\n",
            "andon.yaml:1:1: should be a section with options, found a list",
            "andon.yaml:1:1: plant: the option \"name\" is required here"),
        BadFile(
            "A tab for indentation", "plant:\n\tname: P\n",
            "andon.yaml:2:1: is not YAML: while scanning for the next token found character that cannot"
                + " start any token; indent with spaces, not with tabs"),
        BadFile(
            "A bracket that is never closed", "plant: { name: P\nrules: {}\n",
            "andon.yaml:2:6: is not YAML: while parsing a flow mapping did not find expected ',' or '}'"),
        BadFile(
            "A second document", "plant: { name: P }\n---\nplant: { name: Q }\n",
            "andon.yaml:2:1: is not YAML: expected a single document in the stream but found another document"),
        BadFile(
            "A repeated option", "plant:\n  name: P\n  site: S\n  name: Q\n",
            "andon.yaml:2:3: \"name\" stands more than once in this section; keep one"),
        BadFile(
            "An alias", "plant: &p { name: P }\nrules: *p\n",
            "andon.yaml:2:8: aliases (*p) are not taken here; write the value out"),
        BadFile(
            "A mistyped section", "plnat: { name: P }\n",
            "andon.yaml:1:1: plant: the option \"name\" is required here",
            "andon.yaml:1:1: plnat: unknown option; did you mean \"plant\"?"),
        BadFile(
            "A mistyped option", "plant: { name: P, timezone: UTC }\n",
            "andon.yaml:1:19: plant.timezone: unknown option; did you mean \"timeZone\"?"),
        BadFile(
            "A name that is a list", "plant: { name: P, [a, b]: c }\n",
            "andon.yaml:1:8: plant: a name here must be a plain text"),
    ]

    static let plant = [
        BadFile(
            "An unknown time zone", "plant: { name: P, timeZone: Mars/Olympus }\n",
            "andon.yaml:1:29: plant.timeZone: should be an IANA time zone like Europe/Berlin or"
                + " America/Detroit, found \"Mars/Olympus\""),
        BadFile(
            "An unknown criticality",
            "plant:\n  name: P\n  assets:\n    - id: A1\n      criticality: Z\n",
            "andon.yaml:5:20: plant.assets[0].criticality: should be one of A, B, C; found \"Z\""),
        BadFile(
            "An asset without an id, and one twice",
            "plant:\n  name: P\n  assets:\n    - { name: x }\n    - { id: A1 }\n    - { id: A1 }\n",
            "andon.yaml:4:7: plant.assets[0]: the option \"id\" is required here",
            "andon.yaml:6:13: plant.assets[2].id: there is an asset with the id A1 already; keep one"),
        BadFile(
            "An asset above itself",
            "plant:\n  name: P\n  assets:\n    - { id: A, parent: B }\n    - { id: B, parent: A }\n"
                + "    - { id: C, parent: X }\n",
            "andon.yaml:4:24: plant.assets[0].parent: an asset cannot be above itself: A -> B -> A",
            "andon.yaml:5:24: plant.assets[1].parent: an asset cannot be above itself: B -> A -> B",
            "andon.yaml:6:24: plant.assets[2].parent: should be the id of an asset in the plant; found \"X\""),
        BadFile(
            "A camera that looks at nothing known",
            "plant:\n  name: P\n  cameras:\n    - { id: C1, asset: A9, zone: Z9 }\n",
            "andon.yaml:4:34: plant.cameras[0].zone: should be one of the zones (there are none); found \"Z9\""),
        BadFile(
            "Unknown connectors",
            "plant:\n  name: P\n  defaultConnector: maximo\n  assets: [{ id: A1, connector: sap }]\n",
            "andon.yaml:3:21: plant.defaultConnector: should be one of the connectors desk; found \"maximo\"",
            "andon.yaml:4:33: plant.assets[0].connector: should be one of the connectors desk; found \"sap\""),
        BadFile(
            "An asset file that is not there", "plant: { name: P, assetsFile: gone.csv }\n",
            "andon.yaml:1:31: plant.assetsFile: the file gone.csv cannot be read"),
    ]

    static let rules = [
        BadFile(
            "A confidence above one", "plant: { name: P }\nrules:\n  defaults: { minConfidence: 80 }\n",
            "andon.yaml:3:30: rules.defaults.minConfidence: should be a number from 0.0 to 1.0, found \"80\""),
        BadFile(
            "A confidence in quotes", "plant: { name: P }\nrules:\n  defaults: { minConfidence: \"0.8\" }\n",
            "andon.yaml:3:30: rules.defaults.minConfidence: should be a number from 0.0 to 1.0, found \"0.8\""),
        BadFile(
            "Bands out of order",
            "plant: { name: P }\nrules:\n  bands: { minor: 0, moderate: 0.7, major: 0.4, critical: 0.9 }\n",
            "andon.yaml:3:44: rules.bands.major: should be above 0.7, where moderate begins; found 0.4"),
        BadFile(
            "Bands that do not begin at 0",
            "plant: { name: P }\nrules:\n  bands: { minor: 0.1, moderate: 0.2, major: 0.4, critical: 0.9 }\n",
            "andon.yaml:3:19: rules.bands.minor: the first band should begin at 0, found 0.1"),
        BadFile(
            "Other bands without a matrix", "plant: { name: P }\nrules:\n  bands: { low: 0, high: 0.5 }\n",
            "andon.yaml:3:3: rules: the option \"priority\" is required here, because the bands or"
                + " criticalities are not the standard ones: a row for each of low, high, a number for each of A,"
                + " B, C"),
        BadFile(
            "A matrix with holes",
            "plant: { name: P }\nrules:\n  criticalities: [A, B]\n  bands: { low: 0, high: 0.5 }\n  priority:\n"
                + "    low: { A: 2 }\n    hihg: { A: 1, B: 1 }\n",
            "andon.yaml:6:5: rules.priority.low: the priority of low on criticality B is missing; give 1"
                + " (most urgent) to 9",
            "andon.yaml:6:5: rules.priority: the row for the band high is missing",
            "andon.yaml:7:5: rules.priority.hihg: there is no such band; known are low, high"),
        BadFile(
            "A priority beyond nine",
            "plant: { name: P }\nrules:\n  criticalities: [A]\n  bands: { low: 0 }\n  priority:\n    low: { A: 10 }\n",
            "andon.yaml:6:15: rules.priority.low.A: should be a whole number from 1 to 9, found \"10\""),
        BadFile(
            "Rules for what the plant does not have",
            "plant:\n  name: P\n  assets: [{ id: A1, type: press, group: forming }]\nrules:\n  classes:\n    scratch:\n"
                + "      groups: { froming: { minSeverity: 0 } }\n      types: { mill: {} }\n"
                + "      assets: { A2: {} }\n",
            "andon.yaml:7:17: rules.classes.scratch.groups.froming: no asset of the plant has this group;"
                + " known are forming",
            "andon.yaml:8:16: rules.classes.scratch.types.mill: no asset of the plant has this type; known"
                + " are press",
            "andon.yaml:9:17: rules.classes.scratch.assets.A2: no asset of the plant has this id; known are"
                + " A1"),
        BadFile(
            "A word that is no choice", "plant: { name: P }\nrules:\n  defaults: { whileOpen: joined }\n",
            "andon.yaml:3:26: rules.defaults.whileOpen: should be one of join, record, raise; found \"joined\""),
        BadFile(
            "A frequency without a window",
            "plant: { name: P }\nrules:\n  defaults:\n    frequency: { count: 3 }\n",
            "andon.yaml:4:16: rules.defaults.frequency: should have either \"within\" (a time) or \"parts\" (a"
                + " number of parts)"),
        BadFile(
            "A frequency as a number", "plant: { name: P }\nrules:\n  defaults:\n    frequency: 3\n",
            "andon.yaml:4:16: rules.defaults.frequency: should be off, { count: 3, within: 30m } or { count:"
                + " 3, parts: 100 }; found \"3\""),
        BadFile(
            "An action that is not in the list",
            "plant: { name: P }\nrules:\n  actions: [clean]\n  defaults: { action: polish }\n",
            "andon.yaml:4:23: rules.defaults.action: should be one of rules.actions: clean; found \"polish\""),
        BadFile(
            "A default severity that would hold everything back",
            "plant: { name: P }\nrules:\n  defaults: { minSeverity: 0.5 }\n  classes:\n"
                + "    dent: { defaultSeverity: 0.4 }\n",
            "andon.yaml:5:5: rules.classes.dent: classes.dent.defaultSeverity (0.4) is below"
                + " defaults.minSeverity (0.5): no detection without a severity would make an order; give at least"
                + " 0.5"),
        BadFile(
            "A time without a unit", "plant: { name: P }\nrules:\n  defaults: { coolDown: 30 }\n",
            "andon.yaml:3:25: rules.defaults.coolDown: should be a time like 250ms, 30s, 5m, 2h or 1d, found"
                + " \"30\""),
        BadFile(
            "A shift with impossible times and days",
            "plant: { name: P }\nrules:\n  onCall:\n    shifts:\n"
                + "      - { name: night, from: 25:00, to: 6:00, assignee: T, days: [mon, montag] }\n"
                + "      - { name: day, from: 06:00, to: 18:00, assignee: T, days: [] }\n",
            "andon.yaml:5:30: rules.onCall.shifts[0].from: should be a time of day like 06:00 or 22:30,"
                + " found \"25:00\"",
            "andon.yaml:5:72: rules.onCall.shifts[0].days[1]: should be one of mon, tue, wed, thu, fri, sat,"
                + " sun; found \"montag\"",
            "andon.yaml:6:65: rules.onCall.shifts[1].days: a shift needs at least one day; leave \"days\" out"
                + " for every day"),
        BadFile(
            "An override for a day and a shift that are not there",
            "plant: { name: P }\nrules:\n  onCall:\n    shifts: [{ name: day, from: 06:00, to: 18:00, assignee: T }]\n"
                + "    overrides:\n      - { date: 2026-02-30, shift: night, assignee: X }\n",
            "andon.yaml:6:17: rules.onCall.overrides[0].date: should be a date like 2026-12-24, found"
                + " \"2026-02-30\"",
            "andon.yaml:6:36: rules.onCall.overrides[0].shift: should be one of the shifts day; found \"night\""),
        BadFile(
            "An on-call priority that the matrix does not have",
            "plant: { name: P }\nrules:\n  onCall: { priorities: [0, 6] , criticalities: [Z] }\n",
            "andon.yaml:3:26: rules.onCall.priorities[0]: should be a priority from 1 to 5, found \"0\"",
            "andon.yaml:3:29: rules.onCall.priorities[1]: should be a priority from 1 to 5, found \"6\"",
            "andon.yaml:3:50: rules.onCall.criticalities[0]: should be one of A, B, C; found \"Z\""),
    ]

    static let rest = [
        BadFile(
            "An address without a port", "plant: { name: P }\nserver: { listen: localhost }\n",
            "andon.yaml:2:19: server.listen: should be an address and a port like 127.0.0.1:8080 or"
                + " [::1]:8080, found \"localhost\""),
        BadFile(
            "A secret written out", "plant: { name: P }\nserver:\n  apiKey: hunter2\n",
            "andon.yaml:3:11: server.apiKey: a secret is not written here; give { env: NAME } or { file:"
                + " /path/to/file }"),
        BadFile(
            "A secret that is not set", "plant: { name: P }\nserver:\n  apiKey: { env: NOT_SET }\n",
            "andon.yaml:3:11: server.apiKey: the environment variable NOT_SET is not set"),
        BadFile(
            "A size without sense", "plant: { name: P }\nintake: { pictureBytesMax: 20 megabytes }\n",
            "andon.yaml:2:28: intake.pictureBytesMax: should be a size like 512KB, 20MB or 2GB, found \"20"
                + " megabytes\""),
        BadFile(
            "Room for nobody, and for less than one report",
            "plant: { name: P }\nintake: { bodyBytesMax: 1MB, pictureBytesMax: 3MB, underWayMax: 0, underWayBytesMax: 2MB, arrivingBytesMax: 9MB }\n",
            "andon.yaml:2:65: intake.underWayMax: should be a whole number from 1 to 100000, found \"0\"",
            "andon.yaml:2:86: intake.underWayBytesMax: should be 9065536 or more, as one report with its picture in it may have"
                + " so many bytes (bodyBytesMax, pictureBytesMax); found \"2MB\"",
            "andon.yaml:2:109: intake.arrivingBytesMax: should be 9065536 or more, as one report with its picture in it may have"
                + " so many bytes (bodyBytesMax, pictureBytesMax); found \"9MB\""),
        BadFile(
            "A lot lookup that waits too long and asks for what is not known",
            "plant: { name: P }\nintake:\n"
                + "  lotLookup: { url: \"http://mes/{serial}\", lotPointer: lot, timeout: 5s }\n",
            "andon.yaml:3:21: intake.lotLookup.url: {serial} is not a known value; known are asset, camera,"
                + " unit",
            "andon.yaml:3:56: intake.lotLookup.lotPointer: should be a JSON Pointer like /lot, found \"lot\"",
            "andon.yaml:3:70: intake.lotLookup.timeout: should be between 1ms and 1s, found 5s"),
        BadFile(
            "Networks that are none",
            "plant: { name: P }\nnetwork:\n  allowed: [10.0.0.1/8, intranet, 10.0.0.0/33]\n",
            "andon.yaml:3:13: network.allowed[0]: should be a network like 10.20.0.0/16 or fd00::/8 with no"
                + " bits beyond its length, found \"10.0.0.1/8\"",
            "andon.yaml:3:25: network.allowed[1]: should be a network like 10.20.0.0/16 or fd00::/8 with no"
                + " bits beyond its length, found \"intranet\"",
            "andon.yaml:3:35: network.allowed[2]: should be a network like 10.20.0.0/16 or fd00::/8 with no"
                + " bits beyond its length, found \"10.0.0.0/33\""),
        BadFile(
            "Common options of a connector out of range",
            "plant: { name: P }\nconnectors:\n  maximo:\n    poll: 0s\n    retryBase: 10s\n    retryCap: 5s\n"
                + "    ordering: line\n",
            "andon.yaml:4:11: connectors.maximo.poll: should be between 1s and 1d, found 0s",
            "andon.yaml:6:15: connectors.maximo.retryCap: retryCap (5s) should be at least retryBase (10s)",
            "andon.yaml:7:15: connectors.maximo.ordering: should be one of asset, order; found \"line\""),
        BadFile(
            "A connector that is a text", "plant: { name: P }\nconnectors: { maximo: yes }\n",
            "andon.yaml:2:23: connectors.maximo: should be a section with options, found \"yes\""),
        BadFile(
            "Another connector named desk", "plant: { name: P }\nconnectors: { desk: { type: maximo } }\n",
            "andon.yaml:2:29: connectors.desk.type: the connector named desk is the built-in desk; give"
                + " another name to this one"),
    ]
}
