import AndonAudit
import AndonConfiguration
import AndonDesk
import AndonIdentity
import AndonIntake
import AndonLedger
import AndonModel
import AndonWeb
import Hummingbird

/// The desk within this server: what it sees of the plant, and how its photos come in.
struct DeskPages: Sendable {
    let tools: PageTools
    let limits: IntakeLimits
    /// Makes the next poll of a connector come now.
    let nudge: @Sendable (_ connector: String) -> Void

    static let access = Access.all(
        Access.get(.work, "/desk", "/desk/missed", "/desk/:reference"),
        // Assigning, cancelling and reopening ask for more, at the order's site.
        Access.post(.work, "/desk/missed", "/desk/:reference/:action"),
        // The worker holds nothing, and browsers ask for it without waiting for a session.
        Access.open(get: "/desk/worker.js"))

    func add(to router: Router<AppContext>) {
        DeskRoutes(desk: Desk(store: tools.store), web: tools.web, surroundings: surroundings).add(to: router)
    }

    private var surroundings: DeskSurroundings {
        let (tools, nudge) = (self.tools, self.nudge)
        let desks = tools.connectors.map(\.entry).filter { $0.type == ConnectorEntry.desk.type }.map(\.name)
        return DeskSurroundings(
            timeZone: { tools.inForce().plant.timeZone }, site: { tools.inForce().plant.site(of: $0) },
            hidden: { tools.scope($0).hidden },
            lines: { caller in
                let scope = tools.scope(caller)
                return Set(scope.plant.assets.values.filter { scope.sees(asset: $0.id) }.compactMap(\.line)).sorted()
            },
            photos: DeskPhotos(pictures: tools.pictures, store: tools.store, limits: limits),
            accounts: tools.accounts,
            recordEntries: { reference, reader in
                let own = try reader.ledgerIndices(of: reference.text)
                let record = try reader.recordIndexes(of: reference)?.entries ?? []
                return Set(own + record).sorted()
            },
            // The desk is at hand: its steps are read at once.
            changed: { for name in desks { nudge(name) } })
    }
}
