import NIOCore
import UACodec
import UASecurity

// Opening and renewing the channel, in the order of checks of the standard (Part 4, 5.6.2; Part 6, 6.7.4). What RSA
// does takes milliseconds and runs elsewhere; nothing of the connection is read meanwhile.
extension ServerConnectionHandler {
    func begin(_ opening: Opening) throws(TransportError) {
        let configuration = listener.configuration
        guard let policy = SecurityPolicy(uri: opening.header.securityPolicyUri), configuration.offers(policy) else {
            throw TransportError(
                .badSecurityPolicyRejected, "policy \(opening.header.securityPolicyUri.debugDescription)")
        }
        guard !isOpen || policy == peer.policy else {
            throw TransportError(.badSecurityPolicyRejected, "a renewal under another policy, \(policy.rawValue)")
        }
        guard policy != .none else {
            let (id, body) = try machine.accept(opening, security: NoSecurity())
            return try answer(body, requestId: id, policy: .none, client: nil)
        }
        guard listener.allowsOpening(peer.address) else {
            throw TransportError(.badTcpServerTooBusy, "too many openings from this address")
        }
        open(opening, policy: policy)
    }

    private func open(_ opening: Opening, policy: SecurityPolicy) {
        let (trust, own) = (listener.configuration.trust, listener.configuration.own)
        let before = peer.certificate?.certificate
        elsewhere { () async throws(TransportError) in
            let client = try await ServerConnectionHandler.client(of: opening, trust: trust, own: own, before: before)
            return (client, try opening.content(try ServerConnectionHandler.protection(policy, own: own, peer: client)))
        } then: { connection, result in
            connection.opened(result, policy: policy)
        }
    }

    /// Does what takes long away from the event loop, and goes on there with what comes of it.
    private func elsewhere<Value: Sendable>(
        _ work: @escaping @Sendable () async throws(TransportError) -> Value,
        then next: @escaping @Sendable (ServerConnectionHandler, Result<Value, TransportError>) -> Void
    ) {
        let loop = listener.loop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let finish = { @Sendable (result: Result<Value, TransportError>) in
            loop.execute { next(bound.value, result) }
        }
        Task.detached { finish(await ServerConnectionHandler.result(of: work)) }
    }

    private static func result<Value>(
        of work: () async throws(TransportError) -> Value
    ) async -> Result<Value, TransportError> {
        do throws(TransportError) { return .success(try await work()) } catch { return .failure(error) }
    }

    private static func client(
        of opening: Opening, trust: TrustList, own: ApplicationInstance, before: PeerCertificate?
    ) async throws(TransportError) -> ValidatedCertificate {
        guard let chain = opening.header.senderCertificate else {
            throw TransportError(.badSecurityChecksFailed, "an opening without a certificate")
        }
        let client: ValidatedCertificate
        do throws(CertificateFault) {
            client = try await trust.check(chain: chain.bytes, CertificateExpectation(role: .client))
        } catch { throw TransportError(error) }
        guard before == nil || before == client.certificate else {
            throw TransportError(.badSecurityChecksFailed, "a renewal with another certificate")
        }
        guard opening.header.receiverThumbprint?.bytes == own.certificate.thumbprint else {
            throw TransportError(.badCertificateInvalid, "the opening is for another server's certificate")
        }
        return client
    }

    private static func protection(
        _ policy: SecurityPolicy, own: ApplicationInstance, peer: ValidatedCertificate
    ) throws(TransportError) -> OpeningProtection {
        do throws(SecurityUseError) {
            return try OpeningProtection(policy: policy, own: own.key, peer: peer.publicKey)
        } catch { throw TransportError(.badSecurityChecksFailed, "\(error)") }
    }

    private func opened(_ result: Result<(ValidatedCertificate, [UInt8]), TransportError>, policy: SecurityPolicy) {
        guard !isOver else { return }
        do throws(TransportError) {
            let (client, content) = try result.get()
            let (id, body) = try machine.accept(content: content)
            try answer(body, requestId: id, policy: policy, client: client)
        } catch { fail(error) }
        resume()
    }

    private func answer(
        _ body: [UInt8], requestId: UInt32, policy: SecurityPolicy, client: ValidatedCertificate?
    ) throws(TransportError) {
        let request = try Self.request(body)
        let mode = try mode(of: request, policy: policy)
        let nonce = try nonce(of: request, policy: policy)
        let serverNonce = policy.makeNonce()
        let lifetimes = listener.configuration.tokenLifetime
        let lifetime = min(max(request.requestedLifetime, lifetimes.lowerBound), lifetimes.upperBound)
        let token = ChannelToken(
            id: nextTokenId(), role: .server, policy: policy, mode: mode, clientNonce: nonce,
            serverNonce: serverNonce, created: listener.now, lifetime: lifetime)
        let channelId = isOpen ? machine.channelId : listener.nextChannelId()
        machine.install(token, channelId: channelId)
        peer.policy = policy
        peer.mode = mode
        peer.certificate = client
        let now = listener.configuration.now()
        let response = OpenSecureChannelResponse(
            responseHeader: ResponseHeader(timestamp: now, requestHandle: request.requestHeader.requestHandle),
            securityToken: ChannelSecurityToken(
                channelId: channelId, tokenId: token.id, createdAt: now, revisedLifetime: lifetime),
            serverNonce: policy == .none ? nil : ByteString(serverNonce))
        try send(response, requestId: requestId, policy: policy, client: client)
    }

    private static func request(_ body: [UInt8]) throws(TransportError) -> OpenSecureChannelRequest {
        let message: any Structure
        do throws(CodecError) { message = try ServiceMessage.decode(body) } catch { throw TransportError(error) }
        guard let request = message as? OpenSecureChannelRequest else {
            throw TransportError(.badTcpMessageTypeInvalid, "an OPN chunk with \(type(of: message))")
        }
        return request
    }

    private func mode(
        of request: OpenSecureChannelRequest, policy: SecurityPolicy
    ) throws(TransportError) -> UASecurity.MessageSecurityMode {
        guard request.requestType == (isOpen ? .renew : .issue) else {
            throw TransportError(.badRequestTypeInvalid, "request type \(request.requestType.rawValue)")
        }
        guard let mode = UASecurity.MessageSecurityMode(request.securityMode),
            listener.configuration.offers(policy, mode),
            !isOpen || mode == peer.mode
        else { throw TransportError(.badSecurityModeRejected, "mode \(request.securityMode.rawValue)") }
        return mode
    }

    private func nonce(
        of request: OpenSecureChannelRequest, policy: SecurityPolicy
    ) throws(TransportError) -> [UInt8] {
        guard policy != .none else { return [] }
        guard let nonce = request.clientNonce, nonce.bytes.count == policy.nonceLength else {
            throw TransportError(.badNonceInvalid, "a nonce of \(request.clientNonce?.bytes.count ?? 0) bytes")
        }
        guard listener.isNew(nonce) else { throw TransportError(.badNonceInvalid, "a nonce that was used before") }
        return nonce.bytes
    }

    private func send(
        _ response: OpenSecureChannelResponse, requestId: UInt32, policy: SecurityPolicy, client: ValidatedCertificate?
    ) throws(TransportError) {
        let body: [UInt8]
        do throws(CodecError) { body = try ServiceMessage.bytes(of: response) } catch { throw TransportError(error) }
        let own = listener.configuration.own
        let header = AsymmetricHeader(
            channelId: machine.channelId, securityPolicyUri: policy.uri,
            senderCertificate: client.map { _ in ByteString(own.chain) },
            receiverThumbprint: client.map { ByteString($0.certificate.thumbprint) })
        let opening = try machine.beginOpening(body, requestId: requestId, header: header)
        guard let client else {
            release(try opening.chunk(NoSecurity()))
            return open()
        }
        hold()
        elsewhere { () async throws(TransportError) in
            try opening.chunk(try ServerConnectionHandler.protection(policy, own: own, peer: client))
        } then: { connection, result in
            connection.signed(result)
        }
    }

    private func signed(_ result: Result<[UInt8], TransportError>) {
        do throws(TransportError) {
            release(try result.get())
            open()
        } catch { fail(error) }
    }
}
