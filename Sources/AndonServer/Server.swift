import AndonClose
import AndonConfiguration
import AndonDecide
import AndonDispatch
import AndonFloor
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonSites
import AndonSources
import AndonWeb
import AndonWire
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import ServiceLifecycle
import Synchronization

/// The whole product in one process: intake, dispatch and closing over one store.
public final class Server: Sendable {
    public let store: Store
    /// The file and what people changed in the interface; nil where there is no file.
    let settings: LiveSettings?
    let pictures: PictureStore
    private let configuration: Mutex<Configuration>
    /// The plant in force, for what is made of orders.
    let plant: Latest<Plant>
    let files: OrderFiles
    /// The plant as the file has it, before the CMMS's registries complete it.
    private let plantFile: Mutex<Plant>
    /// The charts of the rules in force.
    private let charted: Mutex<[Charted]>
    let connectors: [BuiltConnector]
    let dispatcher: Dispatcher
    let close: CloseStep
    private let lots: LotLookup?
    /// The digest of what servers of one store must have in common, as this one has it.
    private let inCommon: Latest<String?>
    /// What was changed through the store, as far as it is in force here.
    let followed: Latest<SharedChanges>
    let shadow: Shadow
    let keeping: Keeping
    let ledger: LedgerKeeping
    let accounts: Accounts
    let now: NowFeed
    let admission: Admission
    /// Nil where people sign in by passwords alone.
    let openID: OpenIDClient?
    /// Takes what sites forward.
    let sites: SiteIntake
    /// Nil where nothing is forwarded.
    let forwarder: Forwarder?
    /// Who this server is over OPC UA.
    let application: OPCUAApplication
    private let makeSources: SourceMaker
    private let time: any TimeSource
    let logger: Logger

    /// - Parameters:
    ///   - settings: what `configuration` was read by; without it nothing can be changed while the server runs.
    ///   - gauge: says how much room the pictures have; the file system's own figures when nil.
    ///   - sources: makes the vision systems that are listened to while the server runs.
    ///   - objects: where pictures are, when that is object storage.
    ///   - ledgerWire: the way to witnesses and the time stamping authority; without one there are none.
    ///   - openIDWire: the way to the provider of OpenID Connect.
    ///   - upstreamWire: the way to the server that this one forwards to.
    ///   - acceptance: somebody takes the data folder as it is although it is not what it was.
    ///   - application: who this server is over OPC UA.
    ///   - pictureProgram: draws on pictures (`annotate` and `crop`); without one orders bring the original alone.
    public init(
        configuration: Configuration, store: Store, settings: LiveSettings? = nil, connectors: [BuiltConnector],
        lots: LotLookup? = nil, sources: @escaping SourceMaker = { _, _ in ListenedSources() }, gauge: DiskGauge? = nil,
        objects: (any PictureObjects)? = nil, ledgerWire: (any Wire)? = nil, openIDWire: (any Wire)? = nil,
        upstreamWire: (any Wire)? = nil,
        accepting acceptance: LedgerSigner.Acceptance? = nil, application: OPCUAApplication? = nil,
        time: any TimeSource, random: any RandomSource, pictureProgram: URL? = .andonProgram, logger: Logger
    ) async throws {
        self.store = store
        self.settings = settings
        self.lots = lots
        makeSources = sources
        self.time = time
        self.logger = logger
        self.connectors = connectors
        ledger = try await LedgerKeeping(
            store: store, settings: configuration.ledger, plant: configuration.plant, accepting: acceptance,
            wire: ledgerWire ?? DeadWire(), logger: logger)
        accounts = Accounts(store: store, policy: configuration.accounts, origin: ledger.origin)
        openID = OpenIDClient.make(configuration, wire: openIDWire ?? DeadWire(), time: time, random: random)
        self.application =
            application
            ?? OPCUAApplication(
                dataFolder: store.folder, description: ApplicationCertificate.description(configuration))
        now = NowFeed(store: store)
        admission = Admission(Admission.Limits(configuration.intake), time: time, random: random)
        pictures = try await Self.pictures(store, objects)
        try pictures.recover { digest in try store.readNow { try $0.isPictureKept(digest) } }
        (sites, forwarder) = try await Self.sites(
            configuration, store, pictures, wire: upstreamWire ?? DeadWire(), random: random, logger: logger)
        keeping = Keeping(
            store: store, pictures: pictures, settings: configuration.evidence,
            derived: ["derived", "charts", "texts"].map { "\(store.folder)/\($0)" }, gauge: gauge, logger: logger)
        followed = Latest(try await store.read { try $0.sharedChanges() })
        try await ConfigurationTrail(store: store).record(configuration)
        var current = configuration
        current.rules.version = try await Self.version(of: configuration, in: store)
        inCommon = Latest(Self.inCommon(current))
        plantFile = Mutex(current.plant)
        current.plant = try await Self.completed(current.plant, store)
        try await Self.extendHolds(current.plant, store)
        charted = Mutex(Self.charted(current.rules))
        self.configuration = Mutex(current)
        let plant = Latest(current.plant)
        self.plant = plant
        let worker = pictureProgram.map {
            PictureWorker(
                program: $0, pixelsMax: configuration.intake.picturePixelsMax, folder: store.folder + "/drawing")
        }
        let drawn = DrawnFiles()
        let files = OrderFiles(
            store: store, pictures: pictures,
            evidence: EvidencePictures(store: store, pictures: pictures, worker: worker, drawn: drawn), drawn: drawn,
            plant: { plant.value })
        self.files = files
        shadow = Shadow(store: store, logger: logger)
        shadow.put(current.shadow, plant: current.plant)
        dispatcher = Dispatcher(
            store: store, time: time, random: random, lanes: connectors.map(Self.lane),
            derived: DerivedFiles(folder: store.folder + "/derived", makers: files.makers),
            pictureFile: { [pictures] in try await pictures.file(of: $0) },
            lease: LeaseSettings(length: current.server.lease), serverName: Self.name,
            configuration: { [inCommon] in inCommon.value }, logger: logger)
        close = CloseStep(
            store: store, time: time,
            followed: connectors.map { built in
                FollowSettings(
                    name: built.entry.name, connector: built.connector, poll: built.entry.common.poll,
                    census: built.entry.common.census,
                    alarmsOnCancelled: built.entry.common.onCancelled == .alarm,
                    onMissing: Self.onMissing(built), findings: built.entry.common.findings,
                    queue: Self.queue(built),
                    makeWire: { built.makeWire().wire })
            }, isOnDuty: { [dispatcher] in dispatcher.isOnDuty }, logger: logger)
    }

    var learnSettings: LearnSettings {
        var settings = configuration.withLock { $0.learn }
        settings.timeZone = plant.value.timeZone
        return settings
    }

    private static func charted(_ rules: Rules) -> [Charted] {
        rules.charts.map { Charted($0, definition: Hex.sha256($0.definition.canonicalBytes)) }
    }

    private static func onMissing(_ built: BuiltConnector) -> FollowSettings.Missing {
        switch built.entry.common.onMissing {
        case .alarm: .alarm
        case .raiseAgain: .raiseAgain
        case .accept: .accept
        }
    }

    private static func completed(_ plant: Plant, _ store: Store) async throws -> Plant {
        var plant = plant
        for registry in try await store.read({ try $0.registries() }) {
            plant.complete(from: registry.assets, of: registry.connector, readAt: registry.readAt)
        }
        return plant
    }

    /// Before a plant is in force: what a report of a new asset brings is held from the first one on.
    private static func extendHolds(_ plant: Plant, _ store: Store) async throws {
        try await store.write { transaction in
            try transaction.extendHolds { HoldReach(plant.names(below: $0)) }
        }
    }

    private static func lane(_ built: BuiltConnector) -> LaneSettings {
        let common = built.entry.common
        return LaneSettings(
            name: built.entry.name, connector: built.connector, maxInFlight: common.maxInFlight,
            retry: RetryPolicy(
                base: common.retryBase, cap: common.retryCap, searchAgainAfter: common.searchAgainAfter),
            breaker: CircuitBreaker(failuresMax: common.breakerFailures, probeAfter: common.breakerProbeAfter),
            queue: queue(built), picturesPerNote: common.picturesPerOccurrenceNote,
            attachments: common.attachments, makeWire: built.makeWire)
    }

    private static func queue(_ built: BuiltConnector) -> QueuePolicy {
        QueuePolicy(
            ordersByAsset: built.entry.common.ordering == .asset,
            takesOccurrences: built.connector.traits.takesOccurrences,
            reschedules: built.connector.traits.reschedules, cancels: built.connector.traits.cancels,
            noteEvery: built.entry.common.appendAtMostEvery)
    }

    /// The configuration as far as it is in force.
    var inForceNow: Configuration { configuration.withLock { $0 } }

    /// The plant as the file has it, before the CMMS's registries complete it.
    var writtenPlant: Plant { plantFile.withLock { $0 } }

    /// Puts in force what has been written down.
    func put(_ new: Configuration) async throws {
        let rules = new.rules
        let written = new.plant
        plantFile.withLock { $0 = written }
        inCommon.put(Self.inCommon(new))
        let plant = try await Self.completed(written, store)
        try await Self.extendHolds(plant, store)
        try await keeping.put(new.evidence)
        let (candidate, learn) = (new.shadow, new.learn)
        let room = (new.intake.underWayMax, new.intake.underWayBytesMax, new.intake.arrivingBytesMax)
        let intake = configuration.withLock { current in
            (current.intake.underWayMax, current.intake.underWayBytesMax, current.intake.arrivingBytesMax) = room
            current.rules = rules
            current.plant = plant
            current.shadow = candidate
            current.learn = learn
            current.settings = new.settings
            current.document = new.document
            current.sections = new.sections
            return current.intake
        }
        admission.put(Admission.Limits(intake))
        self.plant.put(plant)
        shadow.put(candidate, plant: plant)
        charted.withLock { $0 = Self.charted(rules) }
        logger.notice("rules in force", metadata: ["version": "\(rules.version)"])
    }

    /// Completes the plant by the registries as they are now.
    func refreshPlant() async {
        do {
            let plant = try await Self.completed(plantFile.withLock { $0 }, store)
            try await Self.extendHolds(plant, store)
            configuration.withLock { $0.plant = plant }
            self.plant.put(plant)
        } catch {
            logger.error("the asset registries could not be read from the store", metadata: ["error": "\(error)"])
        }
    }

    /// Makes the next poll of the connector come now.
    public func nudge(_ connector: String) {
        close.nudge(connector)
    }

    var inForce: InForce {
        let current = configuration.withLock { $0 }
        return InForce(
            plant: current.plant, rules: current.rules,
            queues: Dictionary(connectors.map { ($0.entry.name, Self.queue($0)) }, uniquingKeysWith: { $1 }),
            originTag: current.originTag, publicURL: current.server.publicURL,
            clockSkewMax: current.intake.clockSkewMax, refusesUnknownCameras: current.intake.unknownCamera == .refuse,
            isShortOfSpace: keeping.space.standing.state == .exhausted && pictures.vault == nil,
            charts: charted.withLock { $0 },
            shift: { [schedule = current.rules.routing.schedule] in schedule.duty(at: $0)?.shift })
    }

    /// The way in for every report, over HTTP and from sources: one for all, as it keeps what the charts stand at.
    func door(_ random: any RandomSource) -> ReportDoor {
        let settings = configuration.withLock { $0 }
        var limits = IntakeLimits(defectsMax: settings.intake.defectsMax)
        limits.json.bytesMax = settings.intake.bodyBytesMax
        limits.picturePixelsMax = settings.intake.picturePixelsMax
        return ReportDoor(
            accept: AcceptStep(store: store, random: random, lots: lots, inForce: { self.inForce }), pictures: pictures,
            store: store, limits: limits, pictureBytesMax: settings.intake.pictureBytesMax,
            eventBytesMax: settings.intake.eventBytesMax, admission: admission,
            watch: AcceptanceWatch(limit: settings.intake.deadline.map { $0 + settings.intake.network }))
    }

    /// Serves until a signal or cancellation.
    public func run(
        random: any RandomSource, extraRoutes: (Router<AppContext>) -> Void = { _ in },
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let settings = configuration.withLock { $0 }
        let door = door(random)
        let sources = makeSources(SourceDoor(door: door), store)
        let limits = SlowRequestGuard.Limits(
            head: settings.intake.headTimeout, body: settings.intake.bodyTimeout, idle: .seconds(75),
            lingerBytesMax: max(SlowRequestGuard.Limits.lingerBytes, settings.intake.eventBytesMax))
        let security = try settings.server.tls.map { try TransportSecurity($0) }
        var app = Application(
            router: try router(door, sources, extraRoutes: extraRoutes),
            server: .guarded(limits, security),
            configuration: .init(
                address: .hostname(settings.server.host, port: settings.server.port), serverName: "andon",
                backlog: Connections.backlog,
                availableConnectionsDelegate: Connections.limit(reports: settings.intake.underWayMax, logger: logger)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? settings.server.port) },
            logger: logger)
        app.addServices(
            DispatchService(dispatcher: dispatcher), CloseService(close: close),
            ReadingService(read: registryStep.run), ReadingService(read: missedStep.run),
            CheckpointService(store: store, logger: logger), PageCheckService(store: store, logger: logger),
            AcceptanceService(watch: door.watch, store: store), AdmissionService(admission: admission, store: store),
            ShadowService(shadow: shadow),
            KeepingService(keeping: keeping), LedgerService(keeping: ledger), SourceService(sources: sources),
            NowService(feed: now, store: store, logger: logger))
        app.addServices(SitesService(sites: sites))
        if let forwarder {
            let isOnDuty: @Sendable () -> Bool = { [dispatcher] in dispatcher.isOnDuty }
            app.addServices(ForwardService(forwarder: forwarder, isOnDuty: isOnDuty))
        }
        if let objects = objectKeeping(settings) { app.addServices(ObjectService(keeping: objects)) }
        if let plantServer = plantServer(door) { app.addServices(plantServer) }
        if let security { app.addServices(CertificateService(security: security, logger: logger)) }
        let end: any Error
        do {
            try await app.runService()
            return await ledger.end()
        } catch {
            end = error
        }
        await ledger.end()
        throw end
    }

    /// What shows the plant over OPC UA, where that is configured.
    private func plantServer(_ door: ReportDoor) -> PlantServer? {
        let settings = configuration.withLock { $0 }
        guard let opcua = settings.opcuaServer else { return nil }
        let intake = ReportIntake(door: door)
        return PlantServer(
            settings: opcua, application: application, store: store, accounts: accounts,
            view: { self.floorView(orders: opcua.ordersShown) }, submit: { await intake.submit($0, by: $1) },
            nudge: { self.nudge($0) }, logger: logger)
    }

    private func floorView(orders: Int) -> FloorView {
        FloorView(
            plant: plant.value,
            // A stream for each lot is history, and not the state of a machine.
            charts: charted.withLock { $0 }.map(\.chart).filter { !$0.strata.contains(.lot) }.map { chart in
                ShownChart(name: chart.name, plotted: { chart.value(of: $0)?.value })
            },
            connectors: connectors.map { ShownConnector(name: $0.entry.name, system: $0.connector.traits.system) },
            ordersShown: orders, publicURL: configuration.withLock { $0.server.publicURL })
    }

    private var registryStep: RegistryStep {
        RegistryStep(
            store: store, time: time,
            followed: connectors.map { built in
                RegistryStep.Followed(
                    name: built.entry.name, connector: built.connector, every: built.entry.common.readAssetsEvery,
                    makeWire: { built.makeWire().wire })
            }, isOnDuty: { self.dispatcher.isOnDuty }, logger: logger, onRead: { await self.refreshPlant() })
    }

    private var missedStep: MissedStep {
        MissedStep(
            store: store, time: time,
            followed: connectors.map { built in
                MissedStep.Followed(
                    name: built.entry.name, connector: built.connector, findings: built.entry.common.findings,
                    makeWire: { built.makeWire().wire })
            }, isOnDuty: { self.dispatcher.isOnDuty }, logger: logger)
    }
}
