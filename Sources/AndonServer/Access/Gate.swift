import AndonIdentity
import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import Synchronization

/// Finds out who asks: by a key, by the cookie of a session, or by the certificate that a client showed.
struct Gate: Sendable {
    let sessions: Sessions
    let keys: APIKeys
    /// The key of the configuration file, which may do everything.
    let fileKey: Secret?
    /// Whom the certificates of clients stand for.
    let certificates: CertificateCallers
    /// The server asks nobody who they are.
    let isOpen: Bool

    static let cookie = "andon_session"

    /// - Parameters:
    ///   - certificate: what the client showed over TLS.
    ///   - isUse: the request keeps a session from ending.
    /// - Throws: ``Problem`` 401 for a key that is none; a session that has ended is a stranger's.
    func caller(
        _ request: Request, _ certificate: ClientCertificate?, isUse: Bool
    ) async throws -> (caller: Caller, session: Session?) {
        if let key = Self.key(request) { return (try await machine(key), nil) }
        if isOpen {
            // With a key in the file the API asks for it, and the pages are anybody's.
            let path = request.uri.path
            let isGuarded = fileKey != nil && (path.hasPrefix("/api/") || path.hasPrefix("/ledger/tile/"))
            if !isGuarded { return (.anybody, nil) }
        }
        if let token = request.cookies[Self.cookie]?.value, let session = try await sessions.resume(token, isUse: isUse)
        {
            return (Caller(session.account), session)
        }
        guard let certificate else { return (.stranger, nil) }
        return (try await certificates.caller(certificate) ?? .stranger, nil)
    }

    /// Vision systems that cannot set `Authorization` have their key in `X-API-Key`.
    private static let keyHeader = HTTPField.Name("X-API-Key")

    /// What stands in the place of a key; nil where nobody shows one.
    private static func key(_ request: Request) -> String? {
        if let header = request.headers[.authorization] {
            return header.hasPrefix("Bearer ") ? String(header.dropFirst(7)) : ""
        }
        return keyHeader.flatMap { request.headers[$0] }
    }

    private func machine(_ text: String) async throws -> Caller {
        if let fileKey, Self.equal(Array(text.utf8), Array(fileKey.reveal().utf8)) {
            return Caller(machine: "server.apiKey", Set(Permission.allCases))
        }
        guard let key = try await keys.find(text) else { throw Self.wrongKey }
        return key.caller
    }

    static let wrongKey = Problem(
        status: 401, type: "unauthorized", title: "The API key is missing or wrong",
        detail:
            "Send the header Authorization: Bearer KEY (or X-API-Key: KEY) with a key that is neither revoked nor expired: one of "
            + "andon key make, or the key of server.apiKey.")

    /// In a time that does not depend on where the two differ.
    private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    // MARK: Requests of other sites

    /// A page from elsewhere must not press our buttons with the cookie of who looks at it (Fetch Metadata; the `Origin`
    /// header for older browsers). Programs send neither.
    static func isForeign(_ request: Request) -> Bool {
        guard ![.get, .head, .options].contains(request.method), key(request) == nil else {
            return false
        }
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) {
            return site != "same-origin" && site != "none"
        }
        guard let origin = request.headers[.origin] else { return false }
        return origin.split(separator: "/").last.map(String.init) != request.head.authority
    }

    static let foreign = Problem(
        status: 403, type: "cross-site", title: "Not from this site",
        detail: "This was sent from another site's page; open Andon itself and send it there.")
}

/// Writes refusals down, at most one entry a minute for who is refused and what: a program that asks the same again and
/// again must not flood the ledger.
final class RefusalTrail: Sendable {
    private struct Count {
        var attempts = 0
        var writtenAt: Timestamp?
    }

    private let store: Store
    private let counts = Mutex<[String: Count]>([:])
    private static let subjectsMax = 1000

    init(_ store: Store) { self.store = store }

    func note(_ caller: Caller, _ method: String, _ path: String, _ need: String) async throws {
        let subject = Self.subject(caller)
        let now = store.time.now()
        let attempts = counts.withLock { counts -> Int? in
            if counts.count >= Self.subjectsMax { counts.removeAll() }
            var count = counts["\(subject) \(need)"] ?? Count()
            defer { counts["\(subject) \(need)"] = count }
            count.attempts += 1
            guard count.writtenAt.map({ now - $0 >= .seconds(60) }) ?? true else { return nil }
            defer { (count.attempts, count.writtenAt) = (0, now) }
            return count.attempts
        }
        guard let attempts else { return }
        try await store.write { transaction in
            _ = try transaction.record(
                "access.refused", of: subject,
                [
                    "method": .string(method), "path": .string(path), "needs": .string(need),
                    "attempts": .integer(attempts), "who": .string(caller.name),
                ], names: ["/who"])
        }
    }

    private static func subject(_ caller: Caller) -> String {
        switch caller.kind {
        case .person(let account): account.subject
        case .machine(let name): "machine/\(name)"
        case .anybody, .stranger: "access/stranger"
        }
    }
}
