import AndonConfiguration
import AndonDecide
import AndonModel
import AndonSPC
import Foundation
import Testing

@Suite("What a right file gives")
struct ReadingTests {
    func load(_ yaml: String, secrets: SecretSource = .none, files: [String: String] = [:]) throws -> Configuration {
        try Configuration.load(yaml: "plant: { name: P }\n" + yaml, secrets: secrets, files: { files[$0] })
    }

    @Test(
        "Addresses to listen on",
        arguments: [
            ("0.0.0.0:80", "0.0.0.0", 80), ("localhost:0", "localhost", 0), ("\"[::1]:8443\"", "::1", 8443),
        ])
    func listen(_ text: String, _ host: String, _ port: Int) throws {
        let server = try load("server: { listen: \(text) }\n").server
        #expect(server.host == host && server.port == port)
    }

    @Test("The origin tag can be another text, or off")
    func originTag() throws {
        #expect(try load("originTag: off\n").originTag == nil)
        #expect(try load("originTag: \"off\"\n").originTag == nil)
        #expect(try load("originTag: by camera\n").originTag == "by camera")
    }

    @Test("A secret comes from the environment and never shows")
    func secret() throws {
        let source = SecretSource(environment: { $0 == "KEY" ? "hunter2" : nil }, file: { _ in nil })
        let found = try load("server: { apiKey: { env: KEY } }\n", secrets: source)
        #expect(found.server.apiKey?.reveal() == "hunter2")
        var dumped = ""
        dump(found, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(found)".contains("hunter2"))
    }

    @Test("A connector keeps its own options and none of the common ones")
    func connectorOptions() throws {
        let found = try load(
            """
            connectors:
              plant-maximo:
                type: maximo
                url: https://maximo.plant.example
                poll: 30s
                maxInFlight: 8
                timeout: 20s
                ordering: order
                searchAgainAfter: 10s
                retryBase: 2s
                retryCap: 4m
                breakerFailures: 3
                breakerProbeAfter: 1m
                appendAtMostEvery: 0s
                picturesPerOccurrenceNote: 0
                onCancelled: alarm
                onMissing: raiseAgain
            """)
        let entry = try #require(found.connectors.first)
        #expect(entry.name == "plant-maximo" && entry.type == "maximo")
        var common = ConnectorSettings()
        (common.poll, common.maxInFlight, common.timeout) = (.seconds(30), 8, .seconds(20))
        (common.ordering, common.searchAgainAfter) = (.order, .seconds(10))
        (common.retryBase, common.retryCap) = (.seconds(2), .seconds(240))
        (common.breakerFailures, common.breakerProbeAfter) = (3, .seconds(60))
        (common.appendAtMostEvery, common.picturesPerOccurrenceNote) = (.zero, 0)
        (common.onCancelled, common.onMissing) = (.alarm, .raiseAgain)
        #expect(entry.common == common)
        let faults = SettingsFaults()
        let reader = entry.reader(faults: faults, secrets: .none)
        #expect(reader.requiredText("url") == "https://maximo.plant.example")
        reader.finish()
        #expect(faults.faults.isEmpty)
        #expect(found.connectors.map(\.name) == ["plant-maximo", "desk"])
    }

    @Test("A connector's own faults stand beside all others")
    func connectorCheck() {
        let yaml = "plant: { nam: P }\nconnectors:\n  maximo:\n    url: x\n    colour: red\n"
        let error = #expect(throws: ConfigurationError.self) {
            _ = try Configuration.load(
                yaml: yaml, secrets: .none,
                check: { _, reader in
                    _ = reader.text("url")
                    reader.finish()
                })
        }
        #expect(
            error?.description.split(separator: "\n").map(String.init) == [
                "andon.yaml:1:8: plant: the option \"name\" is required here",
                "andon.yaml:1:10: plant.nam: unknown option; did you mean \"name\"?",
                "andon.yaml:5:5: connectors.maximo.colour: unknown option; known here: url",
            ])
    }

    @Test("Lot lookups, networks and severity names")
    func others() throws {
        let found = try load(
            """
            intake: { lotLookup: { url: "http://mes/{unit}?c={camera}", lotPointer: /lot, timeout: 200ms } }
            network: { allowed: [10.20.0.0/16] }
            rules: { severityNames: { Hoch: 0.8 }, unknownCriticality: A, unstatedBand: major }
            """)
        #expect(found.intake.lotLookup?.url.filled(with: ["unit": "U1", "camera": "C1"]) == "http://mes/U1?c=C1")
        #expect(found.intake.lotLookup?.timeout == .milliseconds(200))
        #expect(found.network.allows("10.20.3.4") && !found.network.allows("10.21.0.1"))
        #expect(found.rules.severity(named: "hoch") == 0.8)
        #expect(found.rules.criticalities.unknown == "A" && found.rules.bands.unstated == "major")
    }

    @Test("A lot may be the tag of an OPC UA server; an address without a node is named")
    func lotTag() throws {
        let found = try load(
            "intake: { lotLookup: { url: \"opc.tcp://plc:4840?node=nsu=urn:line;s=Lot.{camera}\", timeout: 500ms } }")
        #expect(
            found.intake.lotLookup?.url.filled(with: ["camera": "C1"])
                == "opc.tcp://plc:4840?node=nsu=urn:line;s=Lot.C1")
        #expect(found.intake.lotLookup?.lotPointer == "/results/0/values/0/value")
        let error = #expect(throws: ConfigurationError.self) {
            try load("intake: { lotLookup: { url: \"opc.tcp://plc:4840\" } }")
        }
        #expect(error.map { "\($0)" }?.contains("opc.tcp://plc.plant.example:4840?node=") == true)
    }

    @Test("Frequencies by time, by parts, and off")
    func frequencies() throws {
        let rules = try load(
            """
            rules:
              defaults: { frequency: { count: 3, within: 30m } }
              classes:
                a: { frequency: { count: 2, parts: 100 } }
                b: { frequency: off }
            """
        ).rules
        #expect(rules.defaults.frequency == Frequency(count: 3, within: .time(.seconds(1800))))
        #expect(rules.classes["a"]?.rule.frequency == Frequency(count: 2, within: .parts(100)))
        #expect(rules.classes["b"]?.rule.frequency == .off)
    }

    @Test("A camera may look at an asset that only the CMMS knows; the check says so")
    func assetOfTheRegistry() throws {
        let found = try Configuration.load(
            yaml: "plant:\n  name: P\n  cameras:\n    - { id: C1, asset: A9 }\n", secrets: .none)
        #expect(found.plant.cameras["C1"]?.asset == "A9")
        #expect(
            found.warnings.map(\.description) == [
                "andon.yaml:4:24: plant.cameras[0].asset: \"A9\" is not in plant.assets; "
                    + "only a CMMS's registry can make it known"
            ])
    }

    @Test("Shifts as written, also at times that YAML 1.1 takes for numbers of base sixty")
    func shifts() throws {
        let found = try load(
            """
            rules:
              onCall:
                priorities: [1, 2]
                shifts:
                  - { name: night, days: [sat], from: 22:00, to: 6:30, assignee: T1 }
                overrides:
                  - { date: 2026-12-24, assignee: nobody }
            """)
        let schedule = found.rules.routing.schedule
        #expect(found.rules.routing.priorities == [1, 2])
        #expect(schedule.shifts == [.init(name: "night", days: [.sat], from: 1320, to: 390, assignee: "T1")])
        let eve = try #require(CivilDate(year: 2026, month: 12, day: 24))
        #expect(schedule.overrides == [.init(date: eve, assignee: nil)])
        #expect(
            found.warnings.map(\.description) == [
                "andon.yaml:4:5: rules.onCall: no shift begins on mon, tue, wed, thu, fri, sun: urgent orders then"
                    + " go to the backlog with an alarm"
            ])
    }

    @Test(
        "Address ranges",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false),
            ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("fc00::/7", "fd12::1", true), ("fc00::/7", "fe00::1", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "::1", false), ("::1/128", "::1", true),
        ])
    func ranges(_ range: String, _ address: String, _ isInside: Bool) throws {
        let network = NetworkSettings(allowed: [try #require(AddressRange(range))])
        #expect(network.allows(address) == isInside)
    }

    @Test(
        "What is not an address range",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "host", "::/129", "10.0.0/8",
            "10.0.0.0/8/8",
        ])
    func noRanges(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "Nothing outside the plant's networks is allowed by default",
        arguments: [
            "8.8.8.8", "172.32.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "example.org", "", "127.0.0.1.",
        ])
    func defaultNetworks(_ address: String) {
        #expect(!NetworkSettings().allows(address))
    }

    @Test("By class there is a chart for each class, with its own signals and predictive orders unless these are given")
    func byClass() throws {
        let charts = try load(
            """
            rules:
              classes: { scratch: {}, dent: {}, burr: {} }
              charts:
                density: { kind: u, by: [class, asset], trend: { threshold: 4 } }
                width: { kind: individuals, of: width, by: [class], classes: [dent, burr], signal: burr }
                quiet: { kind: u, by: [class], classes: [dent, burr], signal: off, trend: { threshold: 2 } }
            """
        ).rules.charts
        #expect(
            charts.map(\.name) == [
                "density.burr", "density.dent", "density.scratch", "quiet.burr", "quiet.dent", "width.burr",
                "width.dent",
            ])
        #expect(charts.allSatisfy { $0.name.hasSuffix(".\($0.classes.first ?? "")") && $0.classes.count == 1 })
        #expect(charts.map(\.signalClass) == ["burr", "dent", "scratch", nil, nil, "burr", "burr"])
        #expect(charts.map { $0.trend?.orderClass } == ["burr", "dent", "scratch", "burr", "dent", nil, nil])
        #expect(charts.map(\.strata) == [[.asset], [.asset], [.asset], [], [], [], []])
    }
}
