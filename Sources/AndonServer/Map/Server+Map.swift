import AndonModel
import AndonWeb
import Hummingbird

/// The plant map of this server.
extension Server {
    func addMap(to router: Router<AppContext>, _ web: Web) {
        let keeping = MapKeeping(
            store: store, configuration: { self.inForceNow }, worker: files.evidence.worker,
            change: { request, check in _ = try await self.change(request, check: check) })
        MapRoutes(keeping: keeping).add(to: router)
        MapPages(keeping: keeping, web: web).add(to: router)
    }
}
