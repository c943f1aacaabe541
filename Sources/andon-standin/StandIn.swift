import AndonModel
import AndonTesting
import ArgumentParser
import Foundation

/// A CMMS to try Andon with, before the plant's own is at hand.
@main
struct StandIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "andon-standin", abstract: "A CMMS to try Andon with: strict, in memory, for tests only.",
        subcommands: [MaximoCommand.self])

    struct MaximoCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "maximo", abstract: "IBM Maximo's work orders, attachments and asset registry.")

        @Option(help: "Port on 127.0.0.1.")
        var port = 9080

        @Option(help: "Milliseconds that every request takes.")
        var delay = 0

        @Option(help: "The API key that it takes.")
        var key = "test-key"

        @Flag(help: "Keep no pictures: for long runs.")
        var forget = false

        @Option(help: "Append a line for each order that arrives: its reference and microseconds since 1970.")
        var log: String?

        func run() async throws {
            var setup = MaximoStandIn.Setup()
            setup.apiKey = key
            setup.delay = .milliseconds(delay)
            setup.takesAnyAsset = true
            setup.keepsBytes = !forget
            setup.remembersTransactions = !forget
            setup.locations = ["BR100", "BR110", "BR120", "BR200", "BR300", "BR400", "PLANT"]
            let standIn = MaximoStandIn(setup: setup)
            if let log {
                guard FileManager.default.createFile(atPath: log, contents: nil) else {
                    throw ValidationError("\(log) cannot be written")
                }
                let file = FileHandle(forWritingAtPath: log)
                standIn.onArrival { reference in
                    file?.write(Data("\(reference) \(SystemTime().now().microseconds)\n".utf8))
                }
            }
            let server = try await standIn.serve(port: port)
            print("A stand-in for Maximo listens on \(server.address)/maximo, with the API key \(key)")
            while true {
                try await Task.sleep(for: .seconds(3600))
            }
        }
    }
}
