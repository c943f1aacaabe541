import AndonConfiguration
import AndonLedger
import AndonModel
import AndonServer
import ArgumentParser
import Foundation
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Take reports in, carry orders to the CMMS, follow them to closure.",
        discussion: "Where the configuration file is not there yet, a link is printed that sets the server up.")

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "andon.yaml"

    @Option(help: "Listen on this address and port instead of the configured ones, such as 0.0.0.0:8080.")
    var listen: String?

    @Option(help: "Listen on this port instead of the configured one; 0 takes a free one and prints it.")
    var port: Int?

    @Option(name: .shortAndLong, help: "Use this data folder instead of the configured one.")
    var data: String?

    @Option(help: "Who is let in, instead of the configured way: accounts, or open for a trial on one's own machine.")
    var access: ServerSettings.Access?

    @Option(
        parsing: .upToNextOption,
        help: "Go on with a data folder that is not what it was: who says so, and why. It is recorded.")
    var acceptRollback: [String] = []

    /// EX_DATAERR of sysexits.h: not the configuration is at fault, but what lies in the data folder.
    private static let dataError: Int32 = 65

    func validate() throws {
        guard acceptRollback.isEmpty || acceptRollback.count == 2, !acceptRollback.contains("") else {
            throw ValidationError("--accept-rollback takes two words: WHO and WHY, each in quotes")
        }
        guard listen.map({ ServerSettings.address($0) != nil }) ?? true else {
            throw ValidationError("--listen takes an address and a port, such as 127.0.0.1:8080 or [::1]:8080")
        }
    }

    func run() async throws {
        Wiring.prepareProcess()
        let acceptance = acceptRollback.first.map {
            LedgerSigner.Acceptance(person: $0, reason: acceptRollback[1])
        }
        var logger = Logger(label: "andon")
        logger.logLevel =
            ProcessInfo.processInfo.environment["ANDON_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        guard let configuration = try await readOrSetUp(logger) else { return }
        do {
            try await Wiring.serve(
                configuration, reloadFrom: config, accepting: acceptance, time: SystemTime(), random: SystemRandom(),
                logger: logger)
        } catch let error where error is LedgerHistoryError || error is LedgerKeyError {
            _ = CleanExit.failure("andon does not serve: \(error)")
            throw ExitCode(Self.dataError)
        } catch StoreError.damaged(let reason) {
            _ = CleanExit.failure("andon does not serve: \(StoreError.damaged(reason))")
            throw ExitCode(Self.dataError)
        } catch {
            throw CleanExit.failure("andon cannot serve: \(error)")
        }
    }
}

extension ServeCommand {
    /// The configuration of the file, or of the set-up where there is no file; nil when the set-up was ended.
    private func readOrSetUp(_ logger: Logger) async throws -> Configuration? {
        let asked = listen.flatMap { ServerSettings.address($0) }
        let overrides = ServeOverrides(host: asked?.host, port: port ?? asked?.port, data: data, access: access)
        guard !FileManager.default.fileExists(atPath: config) else {
            return overrides.applied(to: try loadConfiguration(config))
        }
        let standard = ServerSettings()
        let setUp = SetUpServer(
            config: config, host: overrides.host ?? standard.host, port: overrides.port ?? standard.port,
            dataFolder: data ?? standard.dataFolder, time: SystemTime(), random: SystemRandom(), logger: logger)
        do {
            return try await setUp.run(adjust: { overrides.applied(to: $0) })
        } catch {
            throw CleanExit.failure("andon cannot be set up: \(error)")
        }
    }
}

/// What the command line says beside the file.
private struct ServeOverrides: Sendable {
    var host: String?
    var port: Int?
    var data: String?
    var access: ServerSettings.Access?

    func applied(to configuration: Configuration) -> Configuration {
        var configuration = configuration
        if let host { configuration.server.host = host }
        if let port { configuration.server.port = port }
        if let data { configuration.server.dataFolder = data }
        if let access { configuration.server.access = access }
        return configuration
    }
}

extension ServerSettings.Access: ExpressibleByArgument {}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration as a whole; every fault with its line.")

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "andon.yaml"

    func run() async throws {
        let configuration = try loadConfiguration(config)
        for warning in configuration.warnings { print("warning: \(warning)") }
        let connectors = configuration.connectors.map { "\($0.name) (\($0.type))" }.joined(separator: ", ")
        print("\(config) is right.")
        print("plant \(configuration.plant.name): \(configuration.plant.assets.count) assets, ", terminator: "")
        print("\(configuration.plant.cameras.count) cameras")
        print("connectors: \(connectors)")
        if !configuration.sources.isEmpty {
            print("sources: \(configuration.sources.map { "\($0.name) (\($0.type))" }.joined(separator: ", "))")
        }
    }
}

/// Reads the configuration, or ends with all of its faults.
func loadConfiguration(_ path: String) throws -> Configuration {
    do {
        return try Wiring.load(path)
    } catch {
        throw CleanExit.failure("\(error)")
    }
}

extension CleanExit {
    /// A failure in words, without the usage text that ArgumentParser would add.
    static func failure(_ words: String) -> any Error {
        FileHandle.standardError.write(Data((words + "\n").utf8))
        return ExitCode(1)
    }
}
