import AndonConfiguration
import AndonConnectors
import AndonDesk
import AndonDispatch
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSQL
import AndonWire
import Foundation
import Logging
import NIOCore

/// Puts the rooms together: configuration, store, connectors, server.
public enum Wiring {
    /// Connector types of this version.
    static let types = [ConnectorEntry.desk.type] + ConnectorType.all.map(\.name)

    /// Reads and checks the configuration, the connectors' own options among it.
    ///
    /// - Parameters:
    ///   - dataFolder: where uploaded files lie; nil where there is none yet.
    ///   - sections: what stands in the place of sections of the file; the file alone by default.
    public static func load(
        _ path: String, dataFolder: String? = nil, sections: @escaping Configuration.SectionChoice = { _ in [] }
    ) throws(ConfigurationError) -> Configuration {
        let configuration = try Configuration.load(
            path: path, check: check, checkSource: SourceKeeping.check,
            uploads: dataFolder.map { PlanFolder(dataFolder: $0).path }, sections: sections)
        guard let tls = configuration.server.tls else { return configuration }
        do {
            _ = try TransportSecurity(tls)
            return configuration
        } catch {
            throw ConfigurationError(faults: [.init(file: path, path: "server.tls", message: "\(error)")])
        }
    }

    static func check(_ entry: ConnectorEntry, _ reader: SettingsReader) {
        if let type = ConnectorType.all.first(where: { $0.name == entry.type }) {
            let traits = type.make(reader).traits
            if entry.common.attachments.contains(.sheet), !traits.attachmentTypes.contains(.pdf) {
                reader.faults.add("\(traits.system) takes no PDF: leave sheet out of attachments", at: entry.settings)
            }
            if !entry.common.findings.missed.isEmpty, !traits.hasOldOrders {
                reader.faults.add(
                    "this connector cannot list the orders that people make in \(traits.system): leave missed out of "
                        + "findings, and report missed defects on the desk", at: entry.settings)
            }
        } else if entry.type == ConnectorEntry.desk.type {
            reader.finish()
            if entry.common.findings != Findings() {
                reader.faults.add(
                    "the desk asks who closes an order for the verdict: leave findings out", at: entry.settings)
            }
        } else {
            reader.faults.add(
                "there is no connector type \"\(entry.type)\"; known are \(types.joined(separator: ", "))",
                at: entry.settings)
        }
    }

    /// Threads that may wait for the disk. A picture waits there for its own sync, and syncs that wait together are one for the
    /// disk: one thread a core, as it is otherwise, would make them one after the other.
    private static let waitingThreads = 16

    /// To be called before anything else of a process that serves.
    public static func prepareProcess() {
        NIOSingletons.blockingPoolThreadCountSuggestion = waitingThreads
        Connections.raiseFileLimit()
    }

    /// Where the facts are; nil for where they were so far.
    ///
    /// - Throws: where the database is at an address that is not allowed.
    private static func database(_ file: Configuration, time: any TimeSource) async throws -> StoreDatabase? {
        guard let database = file.server.database else { return nil }
        let network = Network(file, time: time)
        for host in try PostgresEngine.hosts(of: database.postgres) { _ = try await network.address(of: host) }
        await network.close()
        return .postgres(address: database.postgres, schema: database.schema)
    }

    /// Serves until a signal; watches the file and puts changed rules in force.
    ///
    /// - Parameter file: as the file at `path` has it; what people changed in the interface is read from the store.
    public static func serve(
        _ file: Configuration, reloadFrom path: String, accepting acceptance: LedgerSigner.Acceptance? = nil,
        time: any TimeSource, random: any RandomSource, logger: Logger
    ) async throws {
        let store = try Store(
            folder: file.server.dataFolder, database: try await database(file, time: time), time: time, random: random,
            steps: DeskSchema.steps + IdentitySchema.steps, acceptsLoss: acceptance != nil)
        var acceptance = acceptance
        if store.loss != nil {
            // Whatever was signed last, what it was signed for is not all here.
            acceptance?.restored = .max
            acceptance?.finding = "log-damaged"
        }
        let restored = try RestoredNote.read(from: store.folder)
        try await restored?.apply(to: store)
        let settings = LiveSettings(store: store, path: path, logger: logger)
        var current = try await settings.load()
        // A port or a folder that the command line gave.
        current.server = file.server
        let configuration = current
        let firstCode = try offerFirstAccount(store, random: random, logger: logger)
        let network = Network(configuration, time: time)
        let connectors = configuration.connectors.map { build($0, store: store, network: network) }
        let server = try await Server(
            configuration: configuration, store: store, settings: settings, connectors: connectors,
            lots: configuration.intake.lotLookup.map { network.lots($0) },
            sources: SourceKeeping.maker(
                configuration,
                try await SourceKeeping.environment(configuration, network: network, random: random, logger: logger),
                cameras: CameraKeeping.maker(configuration, network: network, random: random, logger: logger)),
            objects: try await objects(configuration, network), ledgerWire: network.ledgerWire,
            openIDWire: network.openIDWire,
            upstreamWire: configuration.server.upstream.map { network.upstream($0) },
            accepting: acceptance ?? restored?.acceptance,
            application: network.opcua, time: time,
            random: random, logger: logger)
        if restored != nil { try RestoredNote.remove(from: store.folder) }
        let origin = "\(configuration.server.tls == nil ? "http" : "https")://\(configuration.server.host)"
        let watch = Task { await watchRules(path, server: server, time: time, logger: logger) }
        defer { watch.cancel() }
        try await server.run(
            random: random,
            onRunning: { port in
                var lines = "andon serves \(origin):\(port)\n"
                if let firstCode {
                    let address = configuration.server.publicURL ?? "\(origin):\(port)"
                    lines += "make the first account: \(address)/first?code=\(firstCode)\n"
                }
                FileHandle.standardOutput.write(Data(lines.utf8))
            })
        for built in connectors { await built.connector.signOut(over: built.makeWire().wire) }
        await network.close()
        try store.close()
    }

    /// Nobody has an account at first, and there is no password that everybody knows: who can read the data folder makes the
    /// first one, and so does who opens the link that the server prints.
    ///
    /// - Returns: the code, as long as nobody has an account.
    private static func offerFirstAccount(
        _ store: Store, random: any RandomSource, logger: Logger
    ) throws -> String? {
        let file = SetUpCode(folder: store.folder)
        guard try store.readNow({ try !$0.hasPasswords() }) else { return nil }
        let code = try file.code ?? file.make(random: random)
        logger.notice(
            "nobody has an account: the first is made on the page /first with the code in \(store.folder)/set-up-code")
        return code
    }

    private static func build(_ entry: ConnectorEntry, store: Store, network: Network) -> BuiltConnector {
        guard let connector = connector(entry) else {
            return BuiltConnector(entry: entry, connector: DeskConnector(store: store), makeWire: { noWire })
        }
        let live = network.wire(entry.common)
        return BuiltConnector(
            entry: entry, connector: connector,
            makeWire: {
                let recording = RecordingWire(live, time: network.time)
                return AttemptWire(
                    wire: recording, exchanges: { recording.exchanges }, status: { recording.status })
            })
    }

    /// The connector of an entry that was checked when the file was loaded; nil for the desk.
    static func connector(_ entry: ConnectorEntry) -> (any Connector)? {
        ConnectorType.all.first { $0.name == entry.type }?.make(
            entry.reader(faults: SettingsFaults(), secrets: .system))
    }

    /// The desk is in this process: it needs no wire, and has none.
    private static var noWire: AttemptWire {
        AttemptWire(wire: DeadWire(), exchanges: { .array([]) }, status: { nil })
    }

    /// Looks at the file every two seconds. Wrong rules are named in the log, and those in force stay.
    private static func watchRules(
        _ path: String, server: Server, time: any TimeSource, logger: Logger
    ) async {
        func modified() -> Date? {
            try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
        var seen = modified()
        while (try? await time.sleep(for: .seconds(2))) != nil {
            do { try await server.followOthers() } catch {
                logger.warning(
                    "what another server changed is not in force here yet", metadata: ["error": "\(error)"])
            }
            let now = modified()
            guard now != seen, now != nil else { continue }
            seen = now
            do {
                try await server.reload()
            } catch {
                logger.error("the changed configuration is wrong; the rules in force stay\n\(error)")
            }
        }
    }
}

/// The way to nowhere.
struct DeadWire: Wire {
    func exchange(_ request: WireRequest) async throws(WireError) -> WireResponse {
        throw .notSent("there is no network here")
    }

    func now() -> Timestamp { SystemTime().now() }
}
