import AndonConfiguration
import AndonIdentity
import AndonModel

/// The way of a person to the plant's provider of OpenID Connect and back. What the provider says of itself and its keys are
/// kept for an hour.
actor OpenIDClient {
    let settings: OpenIDSettings
    /// The address of ours that the provider sends people back to.
    let redirect: String
    private let pending: PendingSignIns
    private let wire: any Wire
    private let time: any TimeSource
    private let random: any RandomSource

    /// What came back with the browser.
    struct Answer: Sendable {
        var code: String
        /// The provider's own name, where it tells it (RFC 9207).
        var issuer: String?
    }

    private struct Known<Value: Sendable>: Sendable {
        var value: Value
        /// Uptime.
        var at: Duration
    }

    private var document: Known<ProviderDocument>?
    /// Uptime before which the document is not asked for again.
    private var restUntil: Duration = .zero
    private var keys: Known<KeySet>?
    /// Uptime at which keys were last asked for because a token named one that is not known.
    private var refreshedAt: Duration?
    private var fetching: Task<Result<KeySet, OpenIDRefusal>, Never>?

    static let lifetime: Duration = .seconds(3600)
    /// Who sends made-up tokens must not make us ask the provider each time.
    static let refreshEvery: Duration = .seconds(60)
    /// After a failure nothing is asked for so long: strangers can begin sign-ins too.
    static let rest: Duration = .seconds(5)
    static let codeBytesMax = 8000

    /// - Parameter publicURL: this server's address as browsers know it, without a slash at its end.
    init(
        _ settings: OpenIDSettings, publicURL: String, wire: any Wire, time: any TimeSource, random: any RandomSource
    ) {
        self.settings = settings
        redirect = publicURL + OpenIDRoutes.callback
        pending = PendingSignIns(random)
        (self.wire, self.time, self.random) = (wire, time, random)
    }

    /// Nil where none is configured.
    static func make(
        _ configuration: Configuration, wire: any Wire, time: any TimeSource, random: any RandomSource
    ) -> OpenIDClient? {
        guard let settings = configuration.openID, let publicURL = configuration.server.publicURL else { return nil }
        return OpenIDClient(settings, publicURL: publicURL, wire: wire, time: time, random: random)
    }

    // MARK: There and back

    /// - Parameter next: the page of ours that the person wants.
    /// - Returns: where the browser goes, and the cookie that it keeps meanwhile.
    func begin(next: String) async throws(OpenIDRefusal) -> (address: String, cookie: String) {
        let document = try await currentDocument()
        let request = AuthorisationRequest(random)
        let attempt = PendingSignIns.Attempt(
            request, next: next.utf8.count <= PendingSignIns.nextBytesMax ? next : "/",
            endsAt: time.now() + PendingSignIns.age)
        guard let cookie = pending.seal(attempt) else { throw OpenIDRefusal(.stale, "the sign-in cannot be sealed") }
        return (request.address(document, settings, redirect: redirect), cookie)
    }

    /// The sign-in that an answer belongs to; nil where there is none, or it was answered before.
    nonisolated func attempt(_ cookie: String?, state: String?) -> PendingSignIns.Attempt? {
        pending.open(cookie, state: state, at: time.now())
    }

    /// Who has come back, by what the provider itself says for the code.
    func person(_ answer: Answer, _ request: AuthorisationRequest) async throws(OpenIDRefusal) -> ClaimedPerson {
        let document = try await currentDocument()
        guard answer.issuer == document.issuer || answer.issuer == nil && !document.namesItself else {
            throw OpenIDRefusal(.untrue, "the answer is not of the configured issuer")
        }
        let reply = try await exchange(answer.code, request, document)
        let expected = IDToken.Expectation(
            issuer: document.issuer, clientID: settings.clientID, nonce: request.nonce,
            accessToken: reply.accessToken, now: time.now())
        let token = try await checkedToken(reply, document, expected)
        let claims = try await allClaims(of: token, reply, document)
        return ClaimRoles(settings).person(claims, subject: token.subject)
    }

    private func exchange(
        _ code: String, _ request: AuthorisationRequest, _ document: ProviderDocument
    ) async throws(OpenIDRefusal) -> TokenReply {
        guard (1...Self.codeBytesMax).contains(code.utf8.count) else {
            throw OpenIDRefusal(.untrue, "the answer has no code, or one that is too long")
        }
        let response = try await ask(
            settings.tokenRequest(document, code: code, verifier: request.verifier, redirect: redirect),
            "the exchange of the code")
        do throws(ProviderFault) { return try TokenReply(response) } catch {
            if case .refused = error { throw OpenIDRefusal(.refused, "\(error)") }
            throw OpenIDRefusal(.away, "\(error)")
        }
    }

    /// The checked token; with keys that are asked for anew where it names one that is not known.
    private func checkedToken(
        _ reply: TokenReply, _ document: ProviderDocument, _ expected: IDToken.Expectation
    ) async throws(OpenIDRefusal) -> IDToken {
        let known = try await currentKeys(document)
        var fault: ProviderFault
        do throws(ProviderFault) { return try IDToken(reply.idToken, keys: known, expected: expected) } catch {
            fault = error
        }
        if case .noKey = fault, let fresh = try await refreshedKeys(document) {
            do throws(ProviderFault) { return try IDToken(reply.idToken, keys: fresh, expected: expected) } catch {
                fault = error
            }
        }
        throw OpenIDRefusal(.untrue, "\(fault)")
    }

    /// Some providers tell roles and names at an endpoint of their own alone.
    private func allClaims(
        of token: IDToken, _ reply: TokenReply, _ document: ProviderDocument
    ) async throws(OpenIDRefusal) -> JSON {
        guard ClaimRoles(settings).lacks(token.claims), let address = document.userEndpoint,
            let accessToken = reply.accessToken
        else { return token.claims }
        let response = try await ask(
            OpenIDSettings.userRequest(address, accessToken: accessToken), "the question about the person")
        guard response.status == 200 else {
            throw OpenIDRefusal(.away, "the question about the person: status \(response.status)")
        }
        do throws(ProviderFault) { return try token.claims(with: response.body) } catch {
            throw OpenIDRefusal(.untrue, "\(error)")
        }
    }

    // MARK: What is known of the provider

    private func ask(_ request: WireRequest, _ what: String) async throws(OpenIDRefusal) -> WireResponse {
        do throws(WireError) { return try await wire.exchange(request) } catch {
            switch error {
            case .notSent(let reason), .noAnswer(let reason): throw OpenIDRefusal(.away, "\(what): \(reason)")
            }
        }
    }

    private func get(_ address: String, _ what: String) async throws(OpenIDRefusal) -> [UInt8] {
        let request = WireRequest("GET", address, headers: [WireRequest.Header("accept", "application/json")])
        let response = try await ask(request, what)
        guard response.status == 200 else { throw OpenIDRefusal(.away, "\(what): status \(response.status)") }
        return response.body
    }

    private func currentDocument() async throws(OpenIDRefusal) -> ProviderDocument {
        if let document, time.uptime() - document.at < Self.lifetime { return document.value }
        guard time.uptime() >= restUntil else {
            throw OpenIDRefusal(.away, "not asked: the provider failed a moment ago")
        }
        do throws(OpenIDRefusal) {
            let bytes = try await get(ProviderDocument.address(of: settings.issuer), "the provider's document")
            let found = try Self.document(bytes, settings.issuer)
            document = Known(value: found, at: time.uptime())
            return found
        } catch {
            restUntil = time.uptime() + Self.rest
            throw error
        }
    }

    private func currentKeys(_ document: ProviderDocument) async throws(OpenIDRefusal) -> KeySet {
        if let keys, time.uptime() - keys.at < Self.lifetime { return keys.value }
        return try await fetchedKeys(document)
    }

    /// Nil where they were asked for a moment ago, and a further question would bring nothing.
    private func refreshedKeys(_ document: ProviderDocument) async throws(OpenIDRefusal) -> KeySet? {
        // Who comes while they are on their way waits for them too.
        if fetching == nil {
            if let refreshedAt, time.uptime() - refreshedAt < Self.refreshEvery { return nil }
            refreshedAt = time.uptime()
        }
        return try await fetchedKeys(document)
    }

    /// Asks once, however many wait.
    private func fetchedKeys(_ document: ProviderDocument) async throws(OpenIDRefusal) -> KeySet {
        let task: Task<Result<KeySet, OpenIDRefusal>, Never>
        if let fetching {
            task = fetching
        } else {
            task = Task { await askForKeys(document) }
            fetching = task
        }
        let result = await task.value
        fetching = nil
        return try result.get()
    }

    private func askForKeys(_ document: ProviderDocument) async -> Result<KeySet, OpenIDRefusal> {
        do throws(OpenIDRefusal) {
            let bytes = try await get(document.keysAddress, "the provider's keys")
            let found = try Self.keySet(bytes)
            keys = Known(value: found, at: time.uptime())
            return .success(found)
        } catch {
            return .failure(error)
        }
    }

    private static func document(_ bytes: [UInt8], _ issuer: String) throws(OpenIDRefusal) -> ProviderDocument {
        do throws(ProviderFault) { return try ProviderDocument(parsing: bytes, issuer: issuer) } catch {
            throw OpenIDRefusal(.away, "\(error)")
        }
    }

    private static func keySet(_ bytes: [UInt8]) throws(OpenIDRefusal) -> KeySet {
        do throws(ProviderFault) { return try KeySet(parsing: bytes) } catch { throw OpenIDRefusal(.away, "\(error)") }
    }
}
