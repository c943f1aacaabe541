import AndonModel
import AndonTesting
import ArgumentParser
import Foundation

/// A CMMS to try Andon with, before the plant's own is at hand.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Stand in for a CMMS: strict, in memory, for trials and training only.")

    private static let names = (StandInKind.all.map(\.type) + FolderStandInKind.all.map(\.type)).joined(separator: ", ")

    @Argument(help: "Which one: \(names).")
    var system: String

    @Option(help: "Those that exchange files (maintimizer, mp2): the shared folder. What is missing in it is made.")
    var folder: String?

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
        if let kind = FolderStandInKind.all.first(where: { $0.type == system }) { return try await runFolder(kind) }
        guard let kind = StandInKind.all.first(where: { $0.type == system }) else {
            throw CleanExit.failure(
                "nothing stands in for \"\(system)\"; there are \(Self.names)")
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
        say("A stand-in for \(system) listens on \(server.address)\(kind.path), with the key \(key)")
        while true {
            try await Task.sleep(for: .seconds(3600))
        }
    }

    /// At once, whoever reads: what is printed to a file or a pipe would wait until the program ends.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    private func runFolder(_ kind: FolderStandInKind) async throws {
        guard let folder else { throw CleanExit.failure("\(kind.type) exchanges files: say where with --folder DIR") }
        let standIn: any FolderStandIn
        do {
            standIn = try kind.make(folder)
        } catch {
            throw CleanExit.failure("\(folder) cannot be made ready: \(error.localizedDescription)")
        }
        say("A stand-in for \(kind.type) takes files from \(folder)")
        while true {
            try standIn.run()
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
