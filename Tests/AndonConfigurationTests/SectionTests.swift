import AndonConfiguration
import AndonDecide
import AndonModel
import Foundation
import Testing

@Suite("Sections that stand in the place of the file's own")
struct SectionTests {
    private static let plant = """
        plant: { name: P, assets: [{ id: A-1, criticality: A }], zones: [{ id: Z1, name: Hall }] }
        rules:
          classes: { scratch: { minSeverity: 0.50, code: 0012, coolDown: 30m } }

        """

    private func load(_ name: String, _ document: JSON, _ yaml: String = SectionTests.plant) throws -> Configuration {
        try Configuration.load(
            yaml: yaml, secrets: .none, sections: { _ in [SettingsSection(name: name, document: document)] })
    }

    private func faults(_ document: JSON) -> [String] {
        do {
            _ = try load("rules", document)
            return []
        } catch let error as ConfigurationError {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test(
        "A document that was made of a file reads the same as the file", arguments: ["rules", "plant.zones", "plant"])
    func same(_ name: String) throws {
        for yaml in [try Example.text(), Self.plant] {
            let files: (String) -> [UInt8]? = { file in
                FileManager.default.contents(
                    atPath: URL(fileURLWithPath: Example.path).deletingLastPathComponent().path + "/\(file)"
                ).map { Array($0) }
            }
            let found = try Configuration.load(yaml: yaml, secrets: .none, pictures: files)
            let document = try #require(found.section(name))
            let again = try Configuration.load(
                yaml: yaml, secrets: .none, pictures: files,
                sections: { file in
                    #expect(file == found.settings)
                    // As it comes back from a store.
                    let text = document.canonicalText
                    return [SettingsSection(name: name, document: (try? JSON(parsing: text)) ?? .null)]
                })
            #expect(again.rules == found.rules && again.rules.json == found.rules.json)
            #expect(again.plant.zones == found.plant.zones)
            #expect(again.document == found.document && again.settings == found.settings)
            #expect(again.sections == [name] && found.sections.isEmpty)
        }
    }

    @Test("Codes keep their digits, and numbers their value")
    func scalars() throws {
        let section = try #require(try Configuration.load(yaml: Self.plant, secrets: .none).section("rules"))
        #expect(section["classes"]?["scratch"] == ["minSeverity": "0.50", "code": "0012", "coolDown": "30m"])
        let rules = try load("rules", section).rules
        #expect(rules.classes["scratch"]?.code == "0012" && rules.classes["scratch"]?.rule.minSeverity == 0.5)
    }

    @Test("The document counts, and the file's section does not; a section that the file lacks is made")
    func counts() throws {
        let rules = try load("rules", ["classes": ["dent": ["minConfidence": 0.7]]]).rules
        #expect(rules.classes.keys.sorted() == ["dent"])
        let zones = try load("plant.zones", [["id": "Z2", "name": "Yard"]]).plant.zones
        #expect(zones.keys.sorted() == ["Z2"])
        let made = try load("rules", ["classes": ["dent": [:]]], "plant: { name: P }\n").rules
        #expect(made.classes.keys.sorted() == ["dent"])
    }

    @Test("Bands stand in the order of their numbers, as a document has no other")
    func bands() throws {
        let rules = try load("rules", ["bands": ["major": 0.7, "critical": 0.9, "minor": 0]]).rules
        #expect(rules.bands.bands.map(\.name) == ["minor", "major", "critical"])
    }

    @Test("Each fault has the JSON Pointer of its place in the document")
    func pointers() {
        let place = "rules, as changed in the interface"
        #expect(
            faults([
                "classes": [
                    "scr.at/ch": ["minConfidence": 1.5], "dent": ["minSeverty": 0.5, "assets": ["A-9": [:]]],
                ]
            ]) == [
                "\(place): /classes/dent/assets/A-9: no asset of the plant has this id; known are A-1",
                "\(place): /classes/dent/minSeverty: unknown option; did you mean \"minSeverity\"?",
                "\(place): /classes/scr.at~1ch/minConfidence: should be a number from 0.0 to 1.0, found \"1.5\"",
            ])
        #expect(faults("text") == ["\(place): should be a section with options, found \"text\""])
    }

    @Test("What no longer agrees with the document elsewhere in the file is named with its line")
    func elsewhere() {
        let found = faults([
            "criticalities": ["X", "Y"], "priority": ["minor": ["X": 1, "Y": 2]], "bands": ["minor": 0],
        ])
        #expect(found.count == 1 && found.first?.hasPrefix("andon.yaml:1:") == true, "\(found)")
        #expect(found.first?.contains("should be one of X, Y") == true, "\(found)")
    }

    @Test("The digest of a section is of what it says, and not of how it is written")
    func digest() throws {
        func digest(_ yaml: String) throws -> String {
            Configuration.digest(of: "rules", in: try Configuration.load(yaml: yaml, secrets: .none).settings)
        }
        let first = try digest(Self.plant)
        #expect(try digest(Self.plant.replacing("rules:", with: "# a word\nrules:   # and another")) == first)
        #expect(try digest(Self.plant.replacing("name: P", with: "name: Q")) == first)
        #expect(try digest(Self.plant.replacing("0.50", with: "0.5")) != first, "the text is another one")
        #expect(try digest("plant: { name: P }\n") != first)
    }
}
