import UACodec
import UASecurity
import UATransport

extension ServerCore {
    private static let localesMax = 16

    func activateSession(_ request: ActivateSessionRequest, _ exchange: Exchange) throws(StatusError) {
        guard let session = sessions[exchange.header.authenticationToken], !session.isActivating else {
            throw StatusError(.badSessionIdInvalid)
        }
        try checkChannel(session, exchange.connection)
        let arrived = environment.now()
        let claim: UserTokens.Claim
        do throws(StatusError) {
            claim = try UserTokens.claim(
                request, offered: tokenPolicies(session.policy, session.mode), channel: session.policy)
            guard !logIns.isLocked(address: exchange.connection.peer.address, user: claim.user, now: arrived) else {
                throw StatusError(.badUserAccessDenied)
            }
        } catch {
            return refuse(session, exchange, error.status, arrived: arrived)
        }
        session.isActivating = true
        let check = activationCheck(session, request, claim, exchange.connection)
        do throws(StatusError) {
            try offload(exchange, session: session.id, check.run) { [weak self] result in
                self?.checked(session, request, claim, exchange, result.flatMap { $0 }, arrived: arrived)
            }
        } catch {
            session.isActivating = false
            throw error
        }
    }

    private func checkChannel(_ session: Session, _ connection: any ServerConnection) throws(StatusError) {
        guard !session.isBound(to: connection) else { return }
        // Only one that is active may move, and only to a channel of the same client.
        guard session.isActivated else { throw StatusError(.badSessionIdInvalid) }
        let peer = connection.peer
        guard peer.policy == session.policy, peer.mode == session.mode,
            peer.certificate?.certificate == session.certificate?.certificate
        else { throw StatusError(.badSecurityChecksFailed) }
    }

    private func activationCheck(
        _ session: Session, _ request: ActivateSessionRequest, _ claim: UserTokens.Claim,
        _ connection: any ServerConnection
    ) -> ActivationCheck {
        let signature = request.clientSignature
        return ActivationCheck(
            clientSignature: session.certificate.map {
                (signature.signature?.bytes ?? [], signature.algorithm, $0.publicKey)
            },
            channelPolicy: session.policy, claim: claim, nonce: session.nonce, own: own, users: users,
            authenticate: authenticate, address: connection.peer.address)
    }

    private func checked(
        _ session: Session, _ request: ActivateSessionRequest, _ claim: UserTokens.Claim, _ exchange: Exchange,
        _ result: Result<ActivationCheck.Passed, StatusError>, arrived: Int64
    ) {
        session.isActivating = false
        guard !session.isClosed else { return fail(exchange, .badSessionClosed) }
        // Who has gone meanwhile gets nothing.
        guard connections[ObjectIdentifier(exchange.connection)] != nil else { return }
        let address = exchange.connection.peer.address
        switch result {
        case .failure(let error):
            if error.status != .badTimeout, error.status != .badRequestCancelledByClient {
                logIns.failed(address: address, user: claim.user, now: environment.now())
            }
            refuse(session, exchange, error.status, arrived: arrived)
        case .success(let passed):
            let key = key(of: claim, passed, address: address)
            do throws(StatusError) { try admit(session, exchange.connection, key) } catch {
                return refuse(session, exchange, error.status, arrived: arrived)
            }
            if let user = claim.user { logIns.succeeded(address: address, user: user) }
            activate(session, request, exchange, passed.user, key)
        }
    }

    private func key(of claim: UserTokens.Claim, _ passed: ActivationCheck.Passed, address: String) -> UserKey {
        switch claim {
        case .anonymous: .anonymous(address: address)
        case .plain, .encrypted: .named(passed.user.name)
        case .certificate: .certificate(thumbprint: passed.thumbprint ?? [])
        }
    }

    private func admit(
        _ session: Session, _ connection: any ServerConnection, _ key: UserKey
    ) throws(StatusError) {
        // Without certificates the user is all that tells whose session it is.
        if !session.isBound(to: connection), session.policy == .none, session.key != key {
            throw StatusError(.badIdentityChangeNotSupported)
        }
        let others = sessions.values.filter { $0 !== session && $0.key == key }
        guard others.count >= configuration.sessions.perUser else { return }
        // A session whose client is gone makes way for one whose client is there.
        let left = others.filter { $0.connection == nil }.min { $0.lastUsed < $1.lastUsed }
        guard let left else { throw StatusError(.badTooManySessions) }
        close(left, deleteSubscriptions: false)
    }

    private func activate(
        _ session: Session, _ request: ActivateSessionRequest, _ exchange: Exchange, _ user: UserIdentity,
        _ key: UserKey
    ) {
        if !session.isBound(to: exchange.connection) { dropRequests(of: session, .badSecureChannelClosed) }
        let isOther = session.user != nil && session.user != user
        session.connection = exchange.connection
        session.address = exchange.connection.peer.address
        session.user = user
        session.key = key
        session.nonce = environment.random(32)
        session.lastUsed = environment.now()
        let locales = request.localeIds.compactMap { $0 }.filter { $0.utf8.count <= 64 }
        if !locales.isEmpty { session.localeIds = Array(locales.prefix(Self.localesMax)) }
        exchange.connection.trust()
        if isOther { checkItems(of: session) }
        answer(ActivateSessionResponse(serverNonce: ByteString(session.nonce)), exchange)
    }

    /// Answers a log-in that failed, at the same time after its request whatever was wrong. A session that was never
    /// activated ends with it.
    private func refuse(_ session: Session, _ exchange: Exchange, _ status: StatusCode, arrived: Int64) {
        let isFirst = !session.isActivated
        // Until then no other attempt is taken, so that no more than one answer a session is waiting.
        session.isActivating = true
        delayed.append(
            (
                max(arrived + configuration.sessions.refusalTime, environment.now()),
                { [weak self] in
                    session.isActivating = false
                    self?.fail(exchange, status)
                    if isFirst { self?.close(session, deleteSubscriptions: true) }
                }
            ))
        deadlineChanged()
    }
}
