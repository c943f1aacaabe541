import AndonWeb
import Hummingbird

/// All pages for people, and who may see them.
struct PageRoutes: Sendable {
    let tools: PageTools

    static let access: [Access] = SignInRoutes.access

    func add(to router: Router<AppContext>) {
    }
}
