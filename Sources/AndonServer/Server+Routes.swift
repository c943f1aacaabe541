import AndonConfiguration
import AndonDecide
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSources
import AndonWeb
import Hummingbird

/// How the pages and the routes of this server are composed.
extension Server {
    private var web: Web {
        get throws {
            try Web(timeZone: { self.plant.value.timeZone }, plantName: { self.plant.value.name })
        }
    }

    private func accessMiddleware(_ settings: Configuration, _ problems: ProblemMiddleware) -> AccessMiddleware {
        AccessMiddleware(
            gate: Gate(
                sessions: Sessions(accounts), keys: APIKeys(store), fileKey: settings.server.apiKey,
                certificates: CertificateCallers(store, settings.certificates),
                isOpen: settings.server.access == .open),
            table: AccessTable(opensTiles: settings.ledger.openTiles), refusals: RefusalTrail(store),
            language: Language(rawValue: settings.server.language) ?? .english, problems: problems)
    }

    private func pageTools(_ web: Web) -> PageTools {
        PageTools(
            store: store, web: web, pictures: pictures, files: files, accounts: accounts, inForce: { self.inForce },
            connectors: connectors, now: now, drafting: RuleDrafting(server: self))
    }

    /// All routes, with no source running.
    func router(random: any RandomSource) throws -> Router<AppContext> {
        try router(door(random), ListenedSources(), extraRoutes: { _ in })
    }

    /// All routes. `extraRoutes` lets a connector bring its own pages along.
    func router(
        _ door: ReportDoor, _ sources: ListenedSources, extraRoutes: (Router<AppContext>) -> Void = { _ in }
    ) throws -> Router<AppContext> {
        let settings = inForceNow
        let router = Router(context: AppContext.self)
        let web = try web
        let problems = ProblemMiddleware(web: web)
        router.addMiddleware {
            problems
            accessMiddleware(settings, problems)
        }
        web.addAssets(to: router)
        let signIn = SignInRoutes(
            sessions: Sessions(accounts), accounts: accounts, web: web,
            isSecure: settings.server.tls != nil || settings.server.publicURL?.hasPrefix("https://") == true,
            openID: openID?.settings)
        signIn.add(to: router)
        OpenIDRoutes(client: openID, signIn: signIn, logger: logger).add(to: router)
        let tools = pageTools(web)
        PageRoutes(tools: tools).add(to: router)
        TestDetectionRoutes(tools: tools, door: door).add(to: router)
        DeskPages(tools: tools, limits: door.limits, nudge: { self.nudge($0) }).add(to: router)
        addMap(to: router, web)
        InspectionRoutes(
            door: door, watchedFolder: settings.intake.watchedFolder, scope: { tools.scope($0, $1) }
        ).add(to: router)
        SourceRoutes(store: store, sources: sources).add(to: router)
        EventRoutes(tools: tools, sources: sources.events, time: store.time, door: door).add(to: router)
        CameraRoutes(tools: tools, cameras: sources.cameras, pictureBytesMax: door.pictureBytesMax).add(to: router)
        CameraPages(tools: tools, cameras: sources.cameras).add(to: router)
        RecordRoutes(tools: tools).add(to: router)
        ChartRoutes(tools: tools).add(to: router)
        OrderFileRoutes(tools: tools).add(to: router)
        let signatures = SignatureRoutes(tools: tools)
        signatures.add(to: router)
        AccountRoutes(accounts: accounts, web: web, signIn: signIn).add(to: router)
        AuditRoutes(tools: tools, signatures: signatures).add(to: router)
        ConnectorRoutes(
            store: store, connectors: connectors, close: close, scope: { tools.scope($0, $1) }
        ).add(to: router)
        ConnectorPages(
            tools: tools, dispatcher: dispatcher, configuration: { self.inForceNow }, plantFile: { self.writtenPlant }
        ).add(to: router)
        RuleDraftRoutes(drafting: RuleDrafting(server: self)).add(to: router)
        BacktestRoutes(store: store, shadow: shadow, plant: { self.inForceNow.plant }).add(to: router)
        let holds = KeepingRoutes(keeping: keeping, pictures: pictures, plant: { self.plant.value })
        holds.add(to: router)
        HoldPages(tools: pageTools(web), routes: holds).add(to: router)
        AuditPages(tools: pageTools(web), ledger: ledger).add(to: router)
        LedgerRoutes(keeping: ledger).add(to: router)
        ExportRoutes(
            ledger: ledger, pictures: pictures, files: files, plant: { self.plant.value }, accounts: accounts,
            asksForKey: settings.server.apiKey != nil, web: web
        ).add(to: router)
        LabelRoutes(tools: tools).add(to: router)
        ValidationRoutes(store: store).add(to: router)
        let proposals = Proposals(store: store, accept: door.accept, settings: { self.learnSettings })
        LearnRoutes(tools: tools, proposals: proposals).add(to: router)
        TrustRoutes(application: application, accounts: accounts, web: web).add(to: router)
        SiteRoutes(tools: tools, sites: sites).add(to: router)
        SitePages(tools: tools, sites: sites).add(to: router)
        HealthRoutes(
            store: store, space: keeping.space, sources: sources, watch: door.watch, admission: admission,
            others: { self.others }, forwarder: forwarder
        ).add(to: router)
        try DescriptionRoutes().add(to: router)
        extraRoutes(router)
        return router
    }
}
