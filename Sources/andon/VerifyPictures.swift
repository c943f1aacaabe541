import AndonConfiguration
import AndonLedger
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

struct VerifyPictures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hold the tables against the pictures; exit 1 when one is missing or altered.",
        discussion: """
            In the data folder, or in object storage where server.pictures names it. The server may run meanwhile. Without \
            --bytes the pictures' lengths are looked at; with it every picture is read, and its SHA-256 reckoned.
            """)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "andon.yaml"

    @Option(name: .shortAndLong, help: "The data folder, where it is not the configuration's.")
    var data: String?

    @Flag(help: "Read every picture, and hold its bytes against its digest.")
    var bytes = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let file: Configuration
        do {
            file = try Wiring.load(config)
        } catch {
            throw CleanExit.failure("\(error)")
        }
        let store = try openForReading(data ?? file.server.dataFolder)
        let line = ProgressLine("pictures")
        let verdict: PictureVerdict
        do {
            verdict = try await Wiring.auditPictures(
                file, store: store, readsBytes: bytes, time: SystemTime(), progress: { line.show($0, of: $1) })
            line.end()
        } catch {
            line.end()
            throw CleanExit.failure("\(error)")
        }
        print(json ? verdict.json.canonicalText : verdict.text)
        if !verdict.isWhole { throw ExitCode(1) }
    }
}
