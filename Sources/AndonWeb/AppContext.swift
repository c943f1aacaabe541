import AndonIdentity
import AndonModel
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A request on its way, with who asks and in which language.
public struct AppContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    public var caller: Caller
    /// When the caller's session ends; nil without one.
    public var session: Session?
    public var language: Language
    /// What the client showed of itself over TLS; nil for a connection without, and for a client that showed nothing.
    public let certificate: ClientCertificate?

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        caller = .stranger
        language = .english
        certificate = TransportPeer.current?.certificate
    }

    /// Refuses what a route's own look at the request asks for beyond the access table.
    ///
    /// - Throws: ``Problem`` 403 `not-allowed`.
    public func demand(_ permission: Permission, at site: String? = nil) throws {
        guard caller.may(permission, at: site) else { throw Self.refusal(permission, at: site) }
    }

    /// What is said to somebody who is known and may not do this.
    public static func refusal(_ permission: Permission, at site: String? = nil) -> Problem {
        let roles = Role.allCases.filter { $0.permissions.contains(permission) }.map(\.rawValue)
        let place = site.map { " at the site \($0)" } ?? ""
        return Problem(
            status: 403, type: "not-allowed", title: "Your roles do not allow this",
            detail: "This needs the permission \(permission.rawValue)\(place), which the roles "
                + "\(roles.joined(separator: ", ")) have. An administrator gives roles on the page of the accounts.")
    }
}
