import AndonConfiguration
import AndonServer
import AndonTesting
import Foundation
import Testing

@Suite("What a connector cannot do is said when the configuration is read")
struct WiringTests {
    private func faults(_ connectors: String) throws -> String {
        let folder = try TemporaryFolder()
        let path = folder.path + "/andon.yaml"
        try Data("plant: { name: P }\nconnectors:\n\(connectors)\n".utf8).write(to: URL(fileURLWithPath: path))
        do throws(ConfigurationError) {
            _ = try Wiring.load(path)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Missed defects are looked for only where the orders of people can be listed")
    func missed() throws {
        let sample = """
              job:
                type: opcua
                url: opc.tcp://job.plant.example:4840
                findings: { missed: { cause: [CAM] } }
            """
        #expect(
            try faults(sample).contains(
                "this connector cannot list the orders that people make in ISA-95 Job Control over OPC UA: leave missed"
                    + " out of findings, and report missed defects on the desk"))
        let verdicts = sample.replacing("missed:", with: "confirmed:")
        #expect(try !faults(verdicts).contains("findings"))
    }

    @Test("The desk asks for its verdicts, and needs no codes")
    func desk() throws {
        #expect(
            try faults("  desk: { findings: { confirmed: { cause: [\"*\"] } } }").contains(
                "the desk asks who closes an order for the verdict: leave findings out"))
        #expect(try faults("  desk: { timeout: 5s }").isEmpty)
    }

    @Test("A system that takes no PDF gets no sheets")
    func sheets() throws {
        let sheets = "url: https://x.example, attachments: [sheet]"
        #expect(try faults("  limble: { \(sheets) }").contains("Limble takes no PDF: leave sheet out of attachments"))
        #expect(try !faults("  maximo: { \(sheets) }").contains("PDF"))
    }
}
