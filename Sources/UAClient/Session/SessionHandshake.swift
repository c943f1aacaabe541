import UACodec
import UASecurity
import UATransport

/// A session at its server, which outlives the channel that it was made on.
struct ServerSession: Sendable {
    var id: NodeId
    var token: NodeId
    var timeout: Duration
    /// Each ActivateSession signs over the last nonce, and gets a new one.
    var nonce: [UInt8]
}

/// CreateSession and ActivateSession with all that a client has to check (Part 4, 5.7). RSA runs away from the event
/// loop, as these are no actor's functions.
struct SessionHandshake: Sendable {
    var configuration: ClientConfiguration
    var choice: EndpointChoice
    /// Nil where neither the channel nor the user's token needs the server's certificate.
    var server: ValidatedCertificate?

    private var isProtected: Bool { choice.policy != .none }

    func create(on link: any ClientLink) async throws(ClientError) -> ServerSession {
        let nonce = Self.nonce()
        let response: CreateSessionResponse
        do throws(TransportError) {
            response = try await link.send(request(nonce), timeout: configuration.requestTimeout)
        } catch { throw ClientError(error) }
        try await check(response, nonce)
        let milliseconds = response.revisedSessionTimeout
        let bounded = milliseconds.isFinite ? min(max(milliseconds, 1_000), 86_400_000) : 60_000
        return ServerSession(
            id: response.sessionId, token: response.authenticationToken, timeout: .milliseconds(Int64(bounded)),
            nonce: response.serverNonce?.bytes ?? [])
    }

    private func request(_ nonce: [UInt8]) -> CreateSessionRequest {
        let application = configuration.application
        let description = UACodec.ApplicationDescription(
            applicationUri: application.applicationUri, productUri: application.productUri,
            applicationName: LocalizedText(application.name), applicationType: .client)
        return CreateSessionRequest(
            clientDescription: description, serverUri: nil, endpointUrl: choice.url,
            sessionName: configuration.sessionName, clientNonce: ByteString(nonce),
            clientCertificate: isProtected ? application.instance.map { ByteString($0.chain) } : nil,
            requestedSessionTimeout: configuration.sessionTimeout.milliseconds,
            maxResponseMessageSize: UInt32(clamping: configuration.limits.transport.messageBytes))
    }

    private static func nonce() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    // MARK: Checks

    private func check(_ response: CreateSessionResponse, _ nonce: [UInt8]) async throws(ClientError) {
        guard !response.authenticationToken.isNull else {
            throw .violation("a session without an authentication token")
        }
        try checkEndpoints(response.serverEndpoints)
        guard isProtected else { return }
        guard let serverNonce = response.serverNonce?.bytes, (32...128).contains(serverNonce.count) else {
            throw .insecure("The server's nonce has not 32 to 128 bytes: its sessions could be forged.")
        }
        guard let server, let own = configuration.application.instance else {
            throw .configuration("A protected connection needs this application's certificate.")
        }
        // A server may leave out what the channel has proved already.
        if let sent = response.serverCertificate?.bytes, !sent.isEmpty {
            guard sent.starts(with: server.certificate.der) else {
                throw .insecure(
                    "The session's server has another certificate than the channel's: someone sits between.")
            }
        }
        let signature = response.serverSignature
        let signed = [own.certificate.der, own.chain].contains { certificate in
            PossessionProof.isValid(
                signature.signature?.bytes ?? [], algorithm: signature.algorithm, certificate: certificate,
                nonce: nonce,
                policy: choice.policy, key: server.publicKey)
        }
        guard signed else {
            throw .insecure(
                "The server does not prove that it has the key of its certificate (Bad_ApplicationSignatureInvalid).")
        }
    }

    /// Discovery is not protected. Whoever cut the strong endpoints out of its answer is found out here.
    private func checkEndpoints(_ endpoints: [EndpointDescription]) throws(ClientError) {
        guard endpoints.count <= configuration.limits.endpoints else {
            throw .limit("endpoints", allowed: configuration.limits.endpoints)
        }
        let offered = Set(choice.offered.map(\.securityDigest))
        guard Set(endpoints.map(\.securityDigest)) == offered else {
            throw .insecure(
                "The session's list of endpoints is not the one that discovery gave: someone may have taken the stronger "
                    + "ones out, or the server was reconfigured just now. Connect again.")
        }
    }

    // MARK: Activation

    /// Binds the session to a channel and a user. An answer of the server that refuses it is thrown as
    /// ``ClientError/refused(_:_:)``.
    func activate(_ session: ServerSession, on link: any ClientLink) async throws(ClientError) -> ServerSession {
        let maker = IdentityMaker(
            endpoint: choice.endpoint, channelPolicy: choice.policy, channelMode: choice.mode,
            allowsPlainPassword: configuration.allowsPlainPassword, server: server)
        let identity = try await maker.make(configuration.identity, nonce: session.nonce)
        var request = ActivateSessionRequest(
            clientSignature: try signature(over: session.nonce), localeIds: configuration.locales,
            userIdentityToken: identity.token, userTokenSignature: identity.signature)
        request.requestHeader.authenticationToken = session.token
        let response: ActivateSessionResponse
        do throws(TransportError) {
            response = try await link.send(request, timeout: configuration.requestTimeout)
        } catch { throw ClientError(error) }
        var activated = session
        activated.nonce = response.serverNonce?.bytes ?? []
        guard !isProtected || (32...128).contains(activated.nonce.count) else {
            throw .insecure("The server's nonce has not 32 to 128 bytes: its sessions could be forged.")
        }
        return activated
    }

    private func signature(over nonce: [UInt8]) throws(ClientError) -> SignatureData {
        guard isProtected, let server, let own = configuration.application.instance else { return SignatureData() }
        do throws(SecurityUseError) {
            let signature = try PossessionProof.sign(
                certificate: server.certificate.der, nonce: nonce, policy: choice.policy, key: own.key)
            return SignatureData(algorithm: choice.policy.signatureURI, signature: ByteString(signature))
        } catch { throw .configuration("\(error)") }
    }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
    }
}
