import UACodec
import UASecurity
import UATransport

extension ServerCore {
    private static let clientNonceBytes = 32...256

    func createSession(_ request: CreateSessionRequest, _ exchange: Exchange) throws(StatusError) {
        let peer = exchange.connection.peer
        guard configuration.endpoints.contains(ServerCoreConfiguration.Endpoint(peer.policy, peer.mode)) else {
            throw StatusError(.badSecurityPolicyRejected)
        }
        try check(request, peer)
        makeRoomForSession()
        guard sessions.count < configuration.sessions.inAll else { throw StatusError(.badTooManySessions) }
        let session = makeSession(request, exchange)
        guard let certificate = peer.certificate else {
            return answer(response(session, request, signature: nil), exchange)
        }
        guard let own else {
            close(session, deleteSubscriptions: true)
            throw StatusError(.badSecurityPolicyRejected)
        }
        let nonce = request.clientNonce?.bytes ?? []
        do throws(StatusError) {
            try offload(exchange, session: session.id) {
                try? PossessionProof.sign(
                    certificate: certificate.certificate.der, nonce: nonce, policy: peer.policy, key: own.key)
            } then: { [weak self] result in
                self?.signed(session, request, exchange, result)
            }
        } catch {
            close(session, deleteSubscriptions: true)
            throw error
        }
    }

    private func signed(
        _ session: Session, _ request: CreateSessionRequest, _ exchange: Exchange,
        _ result: Result<[UInt8]?, StatusError>
    ) {
        guard case .success(let signature?) = result, !session.isClosed else {
            if !session.isClosed { close(session, deleteSubscriptions: true) }
            if case .failure(let error) = result { return fail(exchange, error.status) }
            return fail(exchange, .badInternalError)
        }
        let data = SignatureData(algorithm: session.policy.signatureURI, signature: ByteString(signature))
        answer(response(session, request, signature: data), exchange)
    }

    /// On a channel with keys, the client must be the one whose certificate opened it. Under None nothing that it says
    /// of a certificate counts: some clients put their user's there.
    private func check(_ request: CreateSessionRequest, _ peer: ChannelPeer) throws(StatusError) {
        guard let certificate = peer.certificate?.certificate else { return }
        guard let sent = request.clientCertificate?.bytes, sent.starts(with: certificate.der) else {
            throw StatusError(.badCertificateInvalid)
        }
        guard let uri = certificate.applicationURI, request.clientDescription.applicationUri == uri else {
            throw StatusError(.badCertificateUriInvalid)
        }
        guard Self.clientNonceBytes.contains(request.clientNonce?.bytes.count ?? 0) else {
            throw StatusError(.badNonceInvalid)
        }
    }

    private func makeSession(_ request: CreateSessionRequest, _ exchange: Exchange) -> Session {
        let limits = configuration.sessions
        let asked = request.requestedSessionTimeout
        // Not a number and zero: as long as can be.
        let timeout =
            asked > 0 && asked < Double(limits.timeoutMax)
            ? max(limits.timeoutMin, Int64(asked.rounded(.up))) : limits.timeoutMax
        let session = Session(
            id: NodeId(namespace: 1, .opaque(ByteString(environment.random(16)))),
            token: NodeId(namespace: 0, .opaque(ByteString(environment.random(16)))), request: request,
            connection: exchange.connection, timeout: timeout, nonce: environment.random(32), now: environment.now())
        sessions[session.token] = session
        return session
    }

    private func response(
        _ session: Session, _ request: CreateSessionRequest, signature: SignatureData?
    ) -> CreateSessionResponse {
        CreateSessionResponse(
            sessionId: session.id, authenticationToken: session.token,
            revisedSessionTimeout: Double(session.timeout), serverNonce: ByteString(session.nonce),
            serverCertificate: own.map { ByteString($0.chain) }, serverEndpoints: endpoints(asked: request.endpointUrl),
            serverSignature: signature ?? SignatureData(),
            maxRequestMessageSize: UInt32(clamping: configuration.codec.messageBytes))
    }

    /// Where all places are taken, a session goes that was never activated: of the address that has the most of them,
    /// the oldest.
    private func makeRoomForSession() {
        guard sessions.count >= configuration.sessions.inAll else { return }
        let strangers = Dictionary(grouping: sessions.values.filter { !$0.isActivated }, by: \.address)
        let most = strangers.values.max { $0.count < $1.count }
        if let oldest = most?.min(by: { $0.createdAt < $1.createdAt }) {
            return close(oldest, deleteSubscriptions: true)
        }
        // A session whose client is gone makes way for one whose client is there.
        let left = sessions.values.filter { $0.connection == nil }.min { $0.lastUsed < $1.lastUsed }
        if let left { close(left, deleteSubscriptions: false) }
    }
}
