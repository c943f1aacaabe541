import AndonModel
import AndonTesting
import ArgumentParser
import Foundation

/// A CMMS to try Andon with, before the plant's own is at hand.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Stand in for a CMMS: strict, in memory, for trials and training only.")

    @Argument(help: "Which one: \(StandInKind.all.map(\.type).joined(separator: ", ")).")
    var system: String

    @Option(help: "Port on 127.0.0.1.")
    var port = 9080

    @Option(help: "The key, token or password that it takes.")
    var key = "test-key"

    @Option(help: "Milliseconds that every request takes.")
    var delay = 0

    @Flag(help: "Keep no pictures: for long runs.")
    var forget = false

    @Option(help: "Append a line for each order that arrives: its reference and microseconds since 1970.")
    var log: String?

    func run() async throws {
        guard let kind = StandInKind.all.first(where: { $0.type == system }) else {
            throw CleanExit.failure(
                "nothing stands in for \"\(system)\"; there are \(StandInKind.all.map(\.type).joined(separator: ", "))")
        }
        var options = StandInOptions(secret: key, delay: .milliseconds(delay), forgets: forget)
        if let log {
            guard FileManager.default.createFile(atPath: log, contents: nil),
                let file = FileHandle(forWritingAtPath: log)
            else { throw CleanExit.failure("\(log) cannot be written") }
            options.onArrival = { reference in
                file.write(Data("\(reference) \(SystemTime().now().microseconds)\n".utf8))
            }
        }
        let server = try await kind.make(options).serve(port: port)
        print("A stand-in for \(system) listens on \(server.address)\(kind.path), with the key \(key)")
        while true {
            try await Task.sleep(for: .seconds(3600))
        }
    }
}
