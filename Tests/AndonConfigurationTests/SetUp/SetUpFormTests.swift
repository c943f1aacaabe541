import AndonConfiguration
import AndonModel
import Foundation
import Testing

@Suite("The fields of the set-up")
struct SetUpFormTests {
    private typealias Field = SetUpForm.Field

    private static let sample = """
        connectors:
          maximo:
            url: https://maximo.plant.example/maximo    # with the context
            apiKey: { env: MAXIMO_API_KEY }
            failureCode: "VISDEF"
            # site: BEDFORD             # the plant's where none is given
            # timeout of the whole: see the README
            states:
              COMP: done
            # fields:
            #   description: "{title}"

        """

    private static func check(_ entry: ConnectorEntry, _ reader: SettingsReader) {
        _ = reader.webAddress("url", example: "https://maximo.plant.example/maximo", isRequired: true)
        _ = (reader.secret("apiKey"), reader.text("failureCode"), reader.duration("pollOverlap"))
        reader.finish()
    }

    private func remarks(_ changes: [String: String]) throws -> [SetUpRemark] {
        let sample = try #require(ConnectorSample(yaml: Self.sample))
        let form = SetUpForm([Field.plantName: "Plant"].merging(changes) { $1 })
        let (answers, faults) = form.answers(form.connectorType == nil ? nil : sample)
        let secrets = SecretSource(environment: { $0 == "KEY" ? "x" : nil }, file: { _ in nil })
        return faults + SetUpCheck(answers, folder: "/nowhere", secrets: secrets, check: Self.check).remarks
    }

    @Test("A sample's options come with their kind, example and remark, those in comments as well")
    func samples() throws {
        let sample = try #require(ConnectorSample(yaml: Self.sample))
        #expect(sample.type == "maximo" && sample.text.hasPrefix("url: https://"))
        #expect(sample.options.map(\.key) == ["url", "apiKey", "failureCode", "site", "states", "fields"])
        #expect(sample.options.map(\.kind) == [.text, .secret, .text, .text, .section, .section])
        #expect(sample.options.map(\.isUsual) == [true, true, true, false, true, false])
        #expect(sample.options[0].example == "https://maximo.plant.example/maximo")
        #expect(sample.options[0].hint == "with the context" && sample.options[1].example == "MAXIMO_API_KEY")
        #expect(sample.options[2].example == "VISDEF")
        #expect(ConnectorSample(yaml: "plant:\n  name: P\n") == nil)
    }

    @Test("Right answers have no remark; an asset that only the CMMS can make known is a warning")
    func right() throws {
        #expect(try remarks([:]).isEmpty)
        let connector = [
            Field.connector: "maximo", Field.option("url", of: "maximo"): "https://maximo.plant.example/maximo",
            Field.option("apiKey", of: "maximo"): "KEY", Field.further(of: "maximo"): "pollOverlap: 1h",
        ]
        #expect(try remarks(connector).isEmpty)
        let warned = try remarks([Field.cameras: "CAM-01 = PRESS-07"])
        #expect(warned.map(\.field) == [Field.cameras] && warned.allSatisfy(\.isWarning))
        #expect(warned.first?.message.hasPrefix("CAM-01: ") == true)
    }

    private func expect(_ cases: [([String: String], String, String)]) throws {
        for (changes, field, words) in cases {
            let found = try remarks(changes)
            #expect(
                found.contains { $0.field == field && !$0.isWarning && $0.message.contains(words) },
                "\(changes) should be a fault of \(field): \(found)")
        }
    }

    @Test("Each fault stands at the field whose text is at fault")
    func places() throws {
        try expect([
            ([Field.plantName: " "], Field.plantName, "is required here"),
            ([Field.timeZone: "Berlin"], Field.timeZone, "IANA time zone"),
            ([Field.listen: "here"], Field.listen, "an address and a port"),
            ([Field.publicURL: "andon"], Field.publicURL, "should be an address like"),
            ([Field.minConfidence: "80 %"], Field.minConfidence, "a number from 0.0 to 1.0"),
            ([Field.minSeverity: "2"], Field.minSeverity, "a number from 0.0 to 1.0"),
            ([Field.networks: "10.1.2.3/8"], Field.networks, "a network like"),
            ([Field.authorities: "ca.pem"], Field.authorities, "certificates in PEM form"),
            ([Field.assets: "id,criticality\nPRESS-07,Z"], Field.assets, "line 2, column 10: assets[0].criticality"),
            ([Field.assets: "name\nPress"], Field.assets, "the first row should name the columns"),
            ([Field.cameras: "CAM-01\nCAM-01"], Field.cameras, "Line 2: CAM-01 stands there a second time"),
            ([Field.classes: "= CODE"], Field.classes, "Line 1: a name should stand before the sign"),
        ])
    }

    @Test("Faults of a connector's options stand at the option, those of further options with their line")
    func connectorPlaces() throws {
        let (url, key) = (Field.option("url", of: "maximo"), Field.option("apiKey", of: "maximo"))
        let further = Field.further(of: "maximo")
        func maximo(_ changes: [String: String]) -> [String: String] {
            let right = [Field.connector: "maximo", url: "https://maximo.plant.example", key: "KEY"]
            return right.merging(changes) { $1 }
        }
        let file = [key: "/etc/key", Field.secretKind("apiKey", of: "maximo"): "file"]
        try expect([
            (maximo([url: ""]), url, "is required here"),
            (maximo([url: "ftp://x"]), url, "should be an address"),
            (maximo([key: "NONE"]), key, "the environment variable NONE is not set"),
            (maximo(file), key, "the file /etc/key cannot be read"),
            (maximo([further: "# a remark\npollOverlap: soon"]), further, "line 2: pollOverlap: should be a time"),
            (
                maximo([further: "polOverlap: 1h"]), further,
                "line 1: polOverlap: unknown option; did you mean \"pollOverlap\"?"
            ),
            (maximo([further: "states: \"open"]), further, "is not YAML"),
            (maximo([further: "a text"]), further, "name: value"),
            (maximo([Field.name(of: "maximo"): "my.maximo"]), Field.connector, "letters, digits"),
        ])
    }

    @Test("Lists are taken from a spreadsheet as well, with their heads, quotes and tabs")
    func lists() {
        let cameras = SetUpLines.cameras(
            "Camera,Asset\r\n\"CAM-01\",\"PRESS-07\"\r\nCAM-02\tMILL-03\n\nCAM-03 ; \nCAM-04")
        #expect(cameras.faults.isEmpty)
        #expect(cameras.cameras.map(\.id) == ["CAM-01", "CAM-02", "CAM-03", "CAM-04"])
        #expect(cameras.cameras.map(\.asset) == ["PRESS-07", "MILL-03", nil, nil])
        let classes = SetUpLines.classes("scratch = SCRATCH\nedge chip\n")
        #expect(classes.classes == [.init(label: "scratch", code: "SCRATCH"), .init(label: "edge chip")])
        let many = SetUpLines.cameras(String(repeating: "CAM\n", count: SetUpLines.linesMax + 1))
        #expect(many.cameras.isEmpty && many.faults.count == 1)
        let long = SetUpLines.cameras(String(repeating: "x", count: 300))
        #expect(long.cameras.isEmpty && long.faults.first?.contains("longer than 200") == true)
    }

    @Test("What was typed for one type of connector stays when another one is looked at, and is not written")
    func types() throws {
        let fields = [
            Field.connector: "maximo", Field.option("url", of: "maximo"): "https://a",
            Field.option("url", of: "sap"): "https://b",
        ]
        let form = SetUpForm(fields)
        let answers = form.answers(ConnectorSample(yaml: Self.sample)).answers
        #expect(answers.connector?.options == [.init("url", .text("https://a"))])
        #expect(SetUpForm(fields.merging([Field.connector: "desk"]) { $1 }).answers(nil).answers.connector == nil)
        #expect(form.fields[Field.option("url", of: "sap")] == "https://b")
    }
}
