import AndonConfiguration
import AndonModel
import AndonServer
import ArgumentParser
import Foundation

struct ConnectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector", abstract: "The ways to the maintenance systems.",
        subcommands: [
            List.self, Check.self, Mapping.self, ImportAssets.self, ExportOrdersCommand.self, FindingsCommand.self,
            Draft.self, Retry.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How each connector of a running server stands.")

        @OptionGroup var server: ServerOption

        func run() async throws {
            let answer = try await APIClient(server).get("/api/v1/connectors")
            guard answer.status == 200 else { throw CleanExit.failure(answer.problem) }
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

    struct Draft: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a mapping file from a system's own description.",
            discussion:
                "Each line says why it is there; what a person must look at is marked CHECK. Nothing is sent anywhere.")

        @Argument(help: "The connector's name, for the file's name.")
        var name: String

        @Option(name: .customLong("openapi"), help: "An OpenAPI 3 document, JSON or YAML.")
        var openAPI: String?

        @Option(name: .customLong("odata-metadata"), help: "An OData service's $metadata.")
        var oDataMetadata: String?

        @Option(help: "Write it to this file instead of printing it.")
        var write: String?

        func validate() throws {
            guard (openAPI == nil) != (oDataMetadata == nil) else {
                throw ValidationError("give --openapi FILE or --odata-metadata FILE")
            }
        }

        func run() throws {
            do {
                let text = try ConnectorTools.draft(openAPI: openAPI, oDataMetadata: oDataMetadata)
                guard let write else { return print(text, terminator: "") }
                try Data(text.utf8).write(to: URL(fileURLWithPath: write))
                let doubts = text.split(separator: "\n").filter { $0.contains("# CHECK") }.count
                print("\(write): \(doubts) lines to look at. Then, in the configuration:")
                print(
                    "  connectors:\n    \(name):\n      type: rest\n      url: https://…\n      mappingFile: \(write)")
            } catch {
                throw CleanExit.failure("\(error)")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Walk a connector's whole way, each step timed; each failure says what to ask for.",
            discussion: "Without --trial nothing is changed there.")

        @OptionGroup var connector: ConnectorArgument

        @Flag(help: "Make an order marked as a test, with a picture and a note, and cancel it.")
        var trial = false

        @Option(help: "Write the report as a page too.")
        var report: String?

        func run() async throws {
            let configuration = try connector.configuration()
            let name = try connector.known(configuration)
            let found = await Commissioning.run(
                name, in: configuration, trial: trial, time: SystemTime(), random: SystemRandom())
            guard let found else { return }
            print(found.text)
            if let report {
                do {
                    try Data(found.html.utf8).write(to: URL(fileURLWithPath: report))
                } catch {
                    throw CleanExit.failure("\(report) cannot be written: \(error.localizedDescription)")
                }
            }
            if !found.isUsable { throw ExitCode(1) }
        }
    }

    struct Mapping: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Which of our values goes into which field there.")

        @OptionGroup var connector: ConnectorArgument

        func run() async throws {
            let configuration = try connector.configuration()
            let fields = ConnectorTools.mapping(try connector.known(configuration), in: configuration)
            guard !fields.isEmpty else { return print("This connector maps no single fields.") }
            let width = fields.map(\.field.count).max() ?? 0
            for field in fields {
                print(
                    "\(field.field.padding(toLength: width, withPad: " ", startingAt: 0))  \(field.source)  (\(field.form))"
                )
            }
        }
    }

    struct ImportAssets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import-assets",
            abstract: "Read assets, locations and criticality from the CMMS; print the difference to the plant file.",
            discussion: "A dry run unless --write names a CSV file for plant.assetsFile.")

        @OptionGroup var connector: ConnectorArgument

        @Option(help: "Write all assets, ours completed by theirs, into this CSV file.")
        var write: String?

        func run() async throws {
            let configuration = try connector.configuration()
            let name = try connector.known(configuration)
            let difference: AssetDifference
            do throws(ConnectorError) {
                difference = try await ConnectorTools.assets(name, in: configuration, time: SystemTime())
            } catch {
                throw CleanExit.failure("\(name): \(error.name): \(error.detail)")
            }
            print(difference.text)
            guard let write else { return }
            do {
                try Data(difference.csv.utf8).write(to: URL(fileURLWithPath: write), options: .atomic)
            } catch {
                throw CleanExit.failure("\(write) cannot be written: \(error.localizedDescription)")
            }
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

/// A connector of a configuration file.
struct ConnectorArgument: ParsableArguments {
    @Argument(help: "The connector's name in the configuration.")
    var name: String

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "andon.yaml"

    func configuration() throws -> Configuration { try loadConfiguration(config) }

    func known(_ configuration: Configuration) throws -> String {
        let names = configuration.connectors.map(\.name)
        guard names.contains(name) else {
            throw CleanExit.failure(
                "\(config) has no connector \"\(name)\"; it has \(names.joined(separator: ", "))")
        }
        return name
    }
}
