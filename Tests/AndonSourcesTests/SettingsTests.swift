import AndonConfiguration
import AndonModel
import Foundation
import Testing

@testable import AndonSources

@Suite("A source in the configuration")
struct SettingsTests {
    private func read(_ options: [String: JSON]) -> (OPCUASettings, [String]) {
        let faults = SettingsFaults()
        let reader = SettingsReader(
            MapperTests.settings(.object(options), "sources.v"), faults: faults,
            secrets: SecretSource(environment: { $0 == "PASSWORD" ? "word" : nil }, file: { _ in nil }))
        return (OPCUASettings(reading: reader), faults.faults.map { "\($0.path): \($0.message)" })
    }

    private static let mapping: JSON = ["camera": "C", "class": "/class"]

    @Test("All defaults stand, and the three forms are read")
    func forms() {
        let (vision, faults) = read(["url": "opc.tcp://vision:4840/x", "mapping": Self.mapping])
        #expect(faults == [])
        #expect(vision.form == .machineVision(system: nil) && vision.publishing == .milliseconds(500))
        #expect(vision.security == .init(policy: .strongest, mode: .signAndEncrypt, allowsPlainPassword: false))
        let (event, eventFaults) = read([
            "url": "opc.tcp://[::1]", "form": "event", "mapping": Self.mapping,
            "event": ["type": "DefectEventType", "namespace": "urn:v", "fields": ["Class", "Result/Score"]],
            "picture": ["folder": "/mnt/vision", "path": "{/File}"],
        ])
        #expect(eventFaults == [])
        #expect(event.picture?.stableFor == .seconds(1))
        let (variables, variableFaults) = read([
            "url": "opc.tcp://plc:4840", "form": "variables", "mapping": Self.mapping,
            "variables": [
                "trigger": "nsu=urn:v;s=Counter", "taking": "monitor", "fields": ["class": "nsu=urn:v;s=Class"],
            ],
        ])
        #expect(variableFaults == [])
        guard case .variables(let form) = variables.form else { return #expect(Bool(false)) }
        #expect(form.triggerKind == .counter && form.taking == .monitor && form.nodes == ["class": "nsu=urn:v;s=Class"])
    }

    @Test("Each mistake is named with its place and what is right")
    func mistakes() {
        let (_, faults) = read([
            "url": "http://vision", "policy": "None", "user": "u", "password": ["env": "PASSWORD"], "form": "variables",
            "variables": ["trigger": "Counter", "fields": ["trigger": "i=1"]],
            "mapping": ["class": "{x}", "boxForm": "centre", "clas": "y"], "picture": ["field": "Image"],
        ])
        for words in [
            "sources.v.url: should be an address like opc.tcp://vision-7.plant.example:4840",
            "sources.v.user: with policy: None the password would go where anyone can read it",
            "sources.v.variables.trigger: should be a node like nsu=urn:vision;s=Counter or i=2253, found \"Counter\"",
            "a field may not be called \"trigger\" here", "sources.v.mapping: the option \"camera\" is required here",
            "sources.v.mapping.class: {x} is not a place like {/PartId/Id}",
            "sources.v.mapping.boxForm: there is no box to go with it",
            "sources.v.mapping.clas: unknown option; did you mean \"class\"?",
            "sources.v.picture.field: should be a place like /ResultContent/0, found \"Image\"",
        ] {
            #expect(faults.contains { $0.contains(words) }, "\(words)\n\(faults)")
        }
    }

    @Test("The examples in the document are right, and name every option that is read")
    func document() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/sources.md"), encoding: .utf8)
        let examples = text.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(examples.count == 2)
        var asked: Set<String> = []
        for example in examples {
            let found = try Configuration.load(
                yaml: "plant: { name: P }\n" + example,
                checkSource: { _, reader in
                    _ = OPCUASettings(reading: reader)
                    asked.formUnion(reader.faults.asked)
                })
            #expect(!found.sources.isEmpty)
        }
        let names = Set(
            asked.filter { $0.hasPrefix("sources.") }.compactMap { $0.split(separator: ".").last.map(String.init) })
        #expect(names.count > 50)
        let missing = try names.filter { try text.firstMatch(of: Regex("(^|[\\s{#])\($0):")) == nil }
        // Of a box by its corners.
        #expect(missing.subtracting(["left", "top", "right", "bottom"]).isEmpty, "\(missing.sorted())")
    }
}
