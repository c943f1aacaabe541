import AndonConfiguration
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonSPC
import AndonWeb

/// What the pages are made of: the store, the plant and the rules in force, and the templates.
struct PageTools: Sendable {
    let store: Store
    let web: Web
    let pictures: PictureStore
    let files: OrderFiles
    let accounts: Accounts
    /// Plant, rules and charts as they are at this moment.
    let inForce: @Sendable () -> InForce
    let connectors: [BuiltConnector]
    /// What comes in, for those who watch it.
    let now: NowFeed
    /// Drafts of the rules, and what is in force of the settings.
    let drafting: RuleDrafting

    /// What a caller sees of the plant.
    func scope(_ caller: Caller, _ permission: Permission = .read) -> SiteScope {
        SiteScope(inForce().plant, caller, permission)
    }
}

/// The part of the plant that somebody's roles reach. An asset belongs to its own site, or else to the plant's; what names no
/// asset of the plant file is everybody's: nothing may fall through.
struct SiteScope: Sendable {
    let plant: Plant
    /// Nil for all of them.
    let sites: Set<String>?

    /// Whether a chart watches something within reach; one that names no asset watches all of them.
    func sees(some chart: Chart) -> Bool {
        chart.assets.isEmpty || chart.assets.contains { sees(asset: $0) }
    }

    func sees(asset id: String) -> Bool {
        guard let sites, let site = plant.site(of: id) else { return true }
        return sites.contains(site)
    }

    /// An asset by its name for who may know of it; nil for one that is out of reach, as if nobody had named one.
    func seen(_ id: String?) -> String? { id.flatMap { sees(asset: $0) ? $0 : nil } }

    /// Whether what the camera looks at is within reach; a camera without an asset is everybody's.
    func sees(camera id: String) -> Bool { plant.cameras[id]?.asset.map { sees(asset: $0) } ?? true }

    /// The assets of the plant file within reach, for sums over years: nil for all, and for what is of no asset of the file.
    var reach: Set<String>? { sites == nil ? nil : Set(plant.assets.keys.filter { sees(asset: $0) }) }

    /// The assets that are out of reach, sorted; empty mostly.
    var hidden: [String] { sites == nil ? [] : plant.assets.keys.filter { !sees(asset: $0) }.sorted() }

    /// - Throws: ``Problem`` 404: who may not see it is not told that it is there.
    func demand(asset id: String, _ what: String) throws {
        guard sees(asset: id) else { throw Answer.notFound(what) }
    }
}

extension SiteScope {
    init(_ plant: Plant, _ caller: Caller, _ permission: Permission = .read) {
        self.init(plant: plant, sites: caller.sites(for: permission))
    }
}
