import AndonConfiguration
import AndonDecide
import AndonDraw
import AndonIdentity
import AndonLedger
import AndonModel
import AndonSPC

/// The plant map as it is now, and its changes: what the API and the pages do with it.
struct MapKeeping: Sendable {
    /// Puts a section of the settings in force; asks `check` before anything is kept, with what is in force then.
    typealias Change =
        @Sendable (_ request: SettingRequest, _ check: @escaping @Sendable (Configuration) throws -> Void) async throws
        -> Void

    let store: Store
    let configuration: @Sendable () -> Configuration
    let change: Change
    let check: PlanCheck
    private let folder: PlanFolder
    private let sheets = PlanSheets()
    /// Two uploads of the same bytes write the same file.
    private let gate = AsyncGate()

    /// Floor plans at most.
    static let plansMax = 50

    init(
        store: Store, configuration: @escaping @Sendable () -> Configuration, worker: PictureWorker?,
        change: @escaping Change
    ) {
        self.store = store
        self.configuration = configuration
        self.change = change
        check = PlanCheck(worker: worker)
        folder = PlanFolder(dataFolder: store.folder)
    }

    // MARK: What there is

    /// - Parameter caller: sees the assets of the sites where its roles allow it.
    func map(for caller: Caller) async throws -> PlantMap {
        let current = configuration()
        // A stream for each lot is history, and not the state of a machine.
        let charts = current.rules.charts.filter { !$0.strata.contains(.lot) }.map(\.name)
        let (orders, streams) = try await store.read {
            (try $0.openOrderCounts(), try $0.streamStandings(of: charts))
        }
        let facts = MapFacts(
            plant: current.plant, sheets: sheets.sheets(of: current.plant.floorPlans), orders: orders,
            streams: streams, at: store.time.now())
        let scope = SiteScope(current.plant, caller)
        return PlantMap(facts) { scope.sees(asset: $0) }
    }

    /// The version of each plan's zones.
    func versions() -> [String: String] {
        let sections = sections(configuration())
        return Dictionary(sections.sheets.keys.map { ($0, sections.version(of: $0)) }, uniquingKeysWith: { $1 })
    }

    /// - Throws: ``Problem`` 404.
    func file(of plan: String, for caller: Caller) throws -> (file: PlanFile, sheet: PlanSheet) {
        try demand(plan: plan, caller)
        let plant = configuration().plant
        guard let file = plant.floorPlans[plan], let sheet = sheets.sheets(of: plant.floorPlans)[plan] else {
            throw Answer.notFound("floor plan \(plan.cut(to: 80))")
        }
        return (file, sheet)
    }

    private func sections(_ configuration: Configuration) -> MapSections {
        MapSections(
            plant: configuration.plant, sheets: sheets.sheets(of: configuration.plant.floorPlans),
            document: configuration.document,
            charted: Set(configuration.rules.charts.flatMap(\.zones)))
    }

    // MARK: Changes

    /// Takes all zones of a plan as they were drawn, in the place of those that there were.
    ///
    /// - Parameters:
    ///   - body: `zones`, and `version`: of the zones that they were made of.
    ///   - reason: what the ledger says of it.
    ///   - scope: the part of the plant that may be put into them.
    /// - Throws: ``Problem`` 404, 409 `map-changed` when somebody else saved meanwhile, 422 `invalid-zones`.
    func save(
        _ body: JSON, on plan: String, by person: String, reason: String, within scope: SiteScope
    ) async throws {
        var sections = sections(configuration())
        sections.scope = scope
        guard let sheet = sections.sheets[plan] else { throw Answer.notFound("floor plan \(plan.cut(to: 80))") }
        let form = try ZoneForm(body, on: sheet.frame)
        let version = sections.version(of: plan)
        if let made = form.version, made != version { throw Self.changed }
        let document = try sections.zones(form.zones, on: plan)
        try await put(MapSections.zones, document, person, reason) { $0.version(of: plan) == version }
    }

    /// Keeps an uploaded floor plan.
    ///
    /// - Throws: ``Problem`` 409 `plan-there` for a name that is taken, unless it replaces; 422 `invalid-plan`; 413.
    func add(_ upload: PlanUpload, by person: String) async throws {
        try upload.check()
        let plan = try await check.plan(upload.picture)
        let there = configuration().plant.floorPlans
        guard upload.replaces || there[upload.name] == nil else {
            throw Problem(
                status: 409, type: "plan-there", title: "There is such a floor plan",
                detail:
                    "There is a floor plan \(upload.name) already: give this one another name, or say that it takes "
                    + "the place of that one. Nothing was kept.", errors: [.init(pointer: "/name", detail: "is taken")])
        }
        guard there[upload.name] != nil || there.count < Self.plansMax else {
            throw PlanCheck.problem("there are \(Self.plansMax) floor plans already; remove one first", at: "/name")
        }
        let (bytes, folder) = (upload.picture, self.folder)
        let file = try await gate.pass { try folder.keep(bytes, as: plan.format) }
        let sections = sections(configuration())
        let before = sections.planEntries
        let document = sections.adding(upload.name, file: file)
        try await put(MapSections.floorPlans, document, person, upload.reason) { $0.planEntries == before }
    }

    /// Takes a floor plan without zones away; an uploaded one's file stays.
    ///
    /// - Throws: ``Problem`` 404; 409 `plan-in-use`.
    func remove(_ plan: String, by person: String, reason: String) async throws {
        let sections = sections(configuration())
        let document = try sections.removing(plan)
        let before = sections.planEntries
        try await put(MapSections.floorPlans, document, person, reason) { now in
            // Zones that somebody drew on it meanwhile are refused once more by what reads the whole.
            now.planEntries == before
        }
    }

    private func put(
        _ section: String, _ document: JSON, _ person: String, _ reason: String,
        asLongAs holds: @escaping @Sendable (MapSections) -> Bool
    ) async throws {
        let request = SettingRequest(section: section, document: document, by: person, reason: reason)
        try await change(request) { inForce in
            guard holds(sections(inForce)) else { throw Self.changed }
        }
    }

    private static let changed = Problem(
        status: 409, type: "map-changed", title: "Somebody else changed the map meanwhile",
        detail: "Nothing was changed by this. Load the map anew, and make your changes on what is there now.")
}
