import AndonIdentity
import HTTPTypes
import Hummingbird

/// What a route asks of who calls it. All of them together are the table of docs/access.md; a route that is in no table is
/// served to nobody.
struct Access: Sendable {
    enum Need: Sendable, Equatable {
        /// Of nobody: the way in, health, and what carries credentials or a signature of its own.
        case nothing
        case permission(Permission)
    }

    var method: HTTPRequest.Method
    /// As the router has it: `/orders/:reference`.
    var path: String
    var need: Need
    /// Whether the permission must hold at all sites: what the route shows or does cannot be told apart by site.
    var isWhole = false
    /// Whether an open page asks for it by itself, so that it is no sign that somebody is there.
    var isByPage = false

    init(_ method: HTTPRequest.Method, _ path: String, _ permission: Permission) {
        (self.method, self.path, need) = (method, path, .permission(permission))
    }

    private init(open method: HTTPRequest.Method, _ path: String) {
        (self.method, self.path, need) = (method, path, .nothing)
    }

    static func open(_ method: HTTPRequest.Method, _ path: String) -> Access { Access(open: method, path) }

    /// The same routes, for who may at all sites alone.
    static func whole(_ rows: [Access]) -> [Access] {
        rows.map { row in
            var row = row
            row.isWhole = true
            return row
        }
    }

    /// The same routes, which keep no session from ending: streams, what pages look for again, and pictures within them.
    static func byPage(_ rows: [Access]) -> [Access] {
        rows.map { row in
            var row = row
            row.isByPage = true
            return row
        }
    }

    static func all(_ groups: [Access]...) -> [Access] { groups.flatMap { $0 } }

    static func get(_ permission: Permission, _ paths: String...) -> [Access] {
        paths.map { Access(.get, $0, permission) }
    }

    static func post(_ permission: Permission, _ paths: String...) -> [Access] {
        paths.map { Access(.post, $0, permission) }
    }

    static func open(get paths: String...) -> [Access] { paths.map { open(.get, $0) } }

    static func open(post paths: String...) -> [Access] { paths.map { open(.post, $0) } }
}

/// Who may call what, by method and path.
struct AccessTable: Sendable {
    private let needs: [String: Access.Need]
    private let whole: Set<String>
    private let byPage: Set<String>

    /// - Parameter opensTiles: the tiles of the log need no permission (`ledger.openTiles`).
    init(_ rows: [Access] = AccessTable.rows, opensTiles: Bool) {
        var needs: [String: Access.Need] = [:]
        for row in rows { needs[Self.name(row.method, row.path)] = row.need }
        if opensTiles { needs[Self.name(.get, "/ledger/tile/**")] = .nothing }
        self.needs = needs
        whole = Set(rows.filter(\.isWhole).map { Self.name($0.method, $0.path) })
        byPage = Set(rows.filter(\.isByPage).map { Self.name($0.method, $0.path) })
    }

    /// The router says a path as `/orders/{reference}`: both ways of writing one are the same.
    private static func name(_ method: HTTPRequest.Method, _ path: String) -> String {
        "\(method.rawValue) \(RouterPath(path).description)"
    }

    /// Whether a route is for who may at all sites alone.
    func isWhole(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        whole.contains(Self.name(method == .head ? .get : method, path))
    }

    /// Whether an open page asks for a route by itself.
    func isByPage(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        byPage.contains(Self.name(method == .head ? .get : method, path))
    }

    /// Nil for a route that nobody put into the table.
    func need(_ method: HTTPRequest.Method, _ path: String) -> Access.Need? {
        needs[Self.name(method == .head ? .get : method, path)]
    }
}
