import NIOCore
import UACodec
import UASecurity

/// An opening or renewal that a client waits for.
struct ClientOpening {
    var requestId: UInt32
    var nonce: [UInt8]
    var isFirst: Bool
    var deliver: ((TransportError?) -> Void)?
}

extension ClientChannel {
    /// Says Hello and waits until the channel is open.
    func openFirst(within timeout: Duration) async throws(TransportError) {
        let frame: Frame
        do throws(CodecError) {
            frame = try target.limits.hello(endpointUrl: target.endpointUrl).frame()
        } catch { throw TransportError(error) }
        let timer = loop.scheduleTask(in: .milliseconds(timeout.milliseconds)) {
            self.assumeIsolated { $0.finish(TransportError(.badTimeout, "no secure channel within \(timeout)")) }
        }
        let error: TransportError? = await withCheckedContinuation { continuation in
            if let end { return continuation.resume(returning: end) }
            opening = ClientOpening(requestId: 0, nonce: [], isFirst: true) { continuation.resume(returning: $0) }
            write(frame.bytes)
        }
        timer.cancel()
        if let error { throw error }
    }

    func finishOpening(_ error: TransportError?) {
        let done = opening
        opening = nil
        done?.deliver?(error)
    }

    func requestOpening(_ type: SecurityTokenRequestType) throws(TransportError) {
        let id = takeRequestId()
        let policy = target.policy
        let nonce = policy.makeNonce()
        let request = OpenSecureChannelRequest(
            requestHeader: RequestHeader(timestamp: target.now(), requestHandle: id), requestType: type,
            securityMode: target.mode.wire, clientNonce: policy == .none ? nil : ByteString(nonce),
            requestedLifetime: UInt32(clamping: target.lifetime.milliseconds))
        opening = ClientOpening(
            requestId: id, nonce: nonce, isFirst: type == .issue, deliver: opening?.deliver)
        let body: [UInt8]
        do throws(CodecError) { body = try ServiceMessage.bytes(of: request) } catch { throw TransportError(error) }
        let security = target.security
        let header = AsymmetricHeader(
            channelId: machine.channelId, securityPolicyUri: policy.uri,
            senderCertificate: security.map { ByteString($0.own.chain) },
            receiverThumbprint: security.map { ByteString($0.server.certificate.thumbprint) })
        let outgoing = try machine.beginOpening(body, requestId: id, header: header)
        guard let security else { return release(try outgoing.chunk(NoSecurity())) }
        hold()
        Task.detached {
            let result = Self.attempt { () throws(TransportError) in
                try outgoing.chunk(try Self.protection(security))
            }
            await self.signed(result)
        }
    }

    private func signed(_ result: Result<[UInt8], TransportError>) {
        guard end == nil else { return }
        do throws(TransportError) { release(try result.get()) } catch { finish(error) }
    }

    /// The server's answer to an opening.
    func received(_ answer: Opening) throws(TransportError) {
        guard let waiting = opening, waiting.requestId != 0 else {
            throw TransportError(.badTcpMessageTypeInvalid, "an OPN that nobody asked for")
        }
        guard answer.header.securityPolicyUri == target.policy.uri else {
            throw TransportError(.badSecurityChecksFailed, "the server answers under another policy")
        }
        guard let security = target.security else {
            let (id, body) = try machine.accept(answer, security: NoSecurity())
            return try opened(id, body)
        }
        let chain = answer.header.senderCertificate?.bytes ?? []
        guard chain.starts(with: security.server.certificate.der),
            answer.header.receiverThumbprint?.bytes == security.own.certificate.thumbprint
        else { throw TransportError(.badSecurityChecksFailed, "the server answers with another certificate") }
        Task.detached {
            let result = Self.attempt { () throws(TransportError) in
                try answer.content(try Self.protection(security))
            }
            await self.decrypted(result)
        }
    }

    private func decrypted(_ result: Result<[UInt8], TransportError>) {
        guard end == nil else { return }
        do throws(TransportError) {
            let (id, body) = try machine.accept(content: try result.get())
            try opened(id, body)
        } catch { return finish(error) }
        work()
    }

    private func opened(_ id: UInt32, _ body: [UInt8]) throws(TransportError) {
        let message: any Structure
        do throws(CodecError) { message = try ServiceMessage.decode(body) } catch { throw TransportError(error) }
        if let fault = message as? ServiceFault {
            throw TransportError(
                fault.responseHeader.serviceResult, "the server does not open the channel", reach: .refused)
        }
        guard let waiting = opening, waiting.requestId == id, let response = message as? OpenSecureChannelResponse
        else {
            throw TransportError(.badUnknownResponse, "an answer to no opening: \(type(of: message))")
        }
        let policy = target.policy
        let nonce = response.serverNonce?.bytes ?? []
        guard policy == .none || nonce.count == policy.nonceLength else {
            throw TransportError(.badNonceInvalid, "the server's nonce has \(nonce.count) bytes")
        }
        let granted = response.securityToken
        guard waiting.isFirst || granted.channelId == machine.channelId else {
            throw TransportError(.badSecureChannelIdInvalid, "a renewal for channel \(granted.channelId)")
        }
        // Part 4, 5.6.2.2: a lifetime that would renew without end is not taken.
        let lifetime = max(1000, granted.revisedLifetime)
        machine.install(
            ChannelToken(
                id: granted.tokenId, role: .client, policy: policy, mode: target.mode, clientNonce: waiting.nonce,
                serverNonce: nonce, created: now, lifetime: lifetime), channelId: granted.channelId)
        scheduleRenewal(after: Int64(lifetime) * 3 / 4)
        finishOpening(nil)
    }

    private func scheduleRenewal(after milliseconds: Int64) {
        renewal = loop.scheduleTask(in: .milliseconds(milliseconds)) {
            self.assumeIsolated { $0.renew() }
        }
    }

    var isRenewing: Bool { opening != nil }

    func renew() {
        guard end == nil, opening == nil else { return }
        do throws(TransportError) { try requestOpening(.renew) } catch { finish(error) }
    }

    private static func protection(_ security: ClientSecurity) throws(TransportError) -> OpeningProtection {
        do throws(SecurityUseError) {
            return try OpeningProtection(
                policy: security.policy, own: security.own.key, peer: security.server.publicKey)
        } catch { throw TransportError(.badSecurityChecksFailed, "\(error)") }
    }

    private static func attempt<Value>(
        _ work: () throws(TransportError) -> Value
    ) -> Result<Value, TransportError> {
        do throws(TransportError) { return .success(try work()) } catch { return .failure(error) }
    }
}
