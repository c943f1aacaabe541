import AndonConfiguration
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

struct ConnectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector", abstract: "The ways to the maintenance systems.",
        subcommands: [List.self, Check.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How each connector of a running server stands.")

        @OptionGroup var server: ServerOption

        func run() async throws {
            let answer = try await APIClient(server).get("/api/v1/connectors")
            guard answer.status == 200 else { throw CleanExit.failure(answer.text) }
            for connector in answer.json["connectors"]?.array ?? [] { print(Self.line(connector)) }
        }

        private static func line(_ connector: JSON) -> String {
            let parts: [String?] = [
                connector["name"]?.string, connector["system"]?.string,
                connector["waiting"]?.integer.map { "\($0) on the way" },
                connector["dead"]?.integer.map { "\($0) dead" },
                connector["polledAt"]?.string.map { "polled \($0)" },
                connector["registryAssets"]?.integer.map {
                    "\($0) assets read \(connector["registryReadAt"]?.string ?? "")"
                },
                connector["lastError"]?.string.map { "waits because: \($0)" },
            ]
            return parts.compactMap { $0 }.joined(separator: ", ")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask a CMMS something that changes nothing: is it there, does it know the key?")

        @Argument(help: "The connector's name in the configuration.")
        var name: String

        @Option(name: .shortAndLong, help: "The configuration file.")
        var config = "andon.yaml"

        func run() async throws {
            let configuration = try loadConfiguration(config)
            let findings = await ConnectorProbe.run(
                name, in: configuration, time: SystemTime(), random: SystemRandom())
            guard let findings else {
                let names = configuration.connectors.map(\.name).joined(separator: ", ")
                throw CleanExit.failure("\(config) has no connector \"\(name)\"; it has \(names)")
            }
            print(findings.lines.joined(separator: "\n"))
            if !findings.isUsable { throw ExitCode(1) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send dead letters again.")

        @Argument(help: "The connector's name, or an order's reference.")
        var name: String

        @Option(help: "Who asks for it; stands in the ledger.")
        var by = ProcessInfo.processInfo.environment["USER"] ?? "command line"

        @OptionGroup var server: ServerOption

        func run() async throws {
            let kind = Reference(name) == nil ? "connectors" : "orders"
            let person = by.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try await APIClient(server).post("/api/v1/\(kind)/\(name)/retry?by=\(person)")
            print(answer.text)
            if answer.status >= 300 { throw ExitCode(1) }
        }
    }
}
