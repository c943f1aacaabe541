import Foundation
import NIOCore
import NIOPosix
import UACodec
import UASecurity
import UATransport

@testable import UAClient

/// A server over TCP whose answers are made up by the test.
final class Liar: ServerConnectionDelegate {
    enum Answer: Sendable {
        case response(any ServiceResponse)
        /// Under another request's id.
        case misplaced(any ServiceResponse, by: UInt32)
        case late(any ServiceResponse, TimeAmount)
        case none
    }

    typealias Script = @Sendable (any ServiceRequest, ChannelPeer) -> Answer?

    private let own: ApplicationInstance
    private let script: Script
    private let loop: any EventLoop
    private var listener: ServerListener?

    init(_ own: ApplicationInstance, _ loop: any EventLoop, _ script: @escaping Script) {
        self.own = own
        self.loop = loop
        self.script = script
    }

    /// Runs with such a server on a port of its own.
    static func with<Value: Sendable>(
        _ pki: PKI, _ script: @escaping Script, _ body: (Int) async throws -> Value
    ) async throws -> Value {
        // Of its own: one that is read while another test writes it trusts nobody.
        let trust = try TrustList(folder: pki.folder.appendingPathComponent("liar-\(UUID().uuidString)"))
        try pki.client.chain.withUnsafeBytes { bytes in
            try Data(bytes).write(to: trust.folder.appendingPathComponent("trusted/certs/client.der"))
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let configuration = ListenerConfiguration(
            security: [(.none, .none), (.basic256Sha256, .signAndEncrypt)], own: pki.server, trust: trust,
            now: ClientTime.real.wall)
        let (liar, port) = try await loop.flatSubmit {
            let liar = Liar(pki.server, loop, script)
            let listener = ServerListener(configuration, delegate: liar, loop: loop) { _ in }
            liar.listener = listener
            let bound = NIOLoopBound(liar, eventLoop: loop)
            return listener.start(host: "127.0.0.1", port: 0).map { (bound, $0) }
        }.get()
        func stop() { loop.execute { liar.value.listener?.stop() } }
        do {
            let value = try await body(port)
            stop()
            return value
        } catch {
            stop()
            throw error
        }
    }

    func opened(_ connection: any ServerConnection) {}

    func closed(_ connection: any ServerConnection) {}

    func received(_ body: [UInt8], requestId: UInt32, from connection: any ServerConnection) {
        guard let request = try? ServiceMessage.decode(body) as? any ServiceRequest else { return }
        switch script(request, connection.peer) ?? .response(usual(request, connection.peer)) {
        case .response(let response): send(response, requestId, connection)
        case .misplaced(let response, let distance): send(response, requestId &+ distance, connection)
        case .late(let response, let delay):
            let bound = NIOLoopBound((self, connection), eventLoop: loop)
            loop.scheduleTask(in: delay) { bound.value.0.send(response, requestId, bound.value.1) }
        case .none: break
        }
    }

    private func send(_ response: any ServiceResponse, _ id: UInt32, _ connection: any ServerConnection) {
        connection.send(response, requestId: id)
    }

    private func usual(_ request: any ServiceRequest, _ peer: ChannelPeer) -> any ServiceResponse {
        switch request {
        case is GetEndpointsRequest: GetEndpointsResponse(endpoints: endpoints)
        case let create as CreateSessionRequest: session(create, peer)
        case is ActivateSessionRequest:
            ActivateSessionResponse(serverNonce: ByteString([UInt8](repeating: 2, count: 32)))
        case let read as ReadRequest:
            ReadResponse(
                results: read.nodesToRead.map {
                    $0.nodeId == NodeId(2255)
                        ? DataValue(Variant(["http://opcfoundation.org/UA/" as String?])) : DataValue(Variant(Int32(1)))
                })
        default: ServiceFault(responseHeader: ResponseHeader(serviceResult: .badServiceUnsupported))
        }
    }

    var endpoints: [EndpointDescription] {
        [(SecurityPolicy.none, UACodec.MessageSecurityMode.none), (.basic256Sha256, .signAndEncrypt)].map {
            EndpointDescription(
                endpointUrl: "opc.tcp://127.0.0.1",
                server: UACodec.ApplicationDescription(applicationUri: own.certificate.applicationURI),
                serverCertificate: ByteString(own.chain), securityMode: $1, securityPolicyUri: $0.uri,
                userIdentityTokens: [UserTokenPolicy(policyId: "a", tokenType: .anonymous)])
        }
    }

    func session(_ request: CreateSessionRequest, _ peer: ChannelPeer) -> CreateSessionResponse {
        var response = CreateSessionResponse(
            sessionId: NodeId(1, namespace: 1), authenticationToken: NodeId(77, namespace: 1),
            revisedSessionTimeout: 60_000, serverNonce: ByteString([UInt8](repeating: 1, count: 32)),
            serverCertificate: ByteString(own.chain), serverEndpoints: endpoints)
        if let certificate = peer.certificate,
            let signature = try? PossessionProof.sign(
                certificate: certificate.certificate.der, nonce: request.clientNonce?.bytes ?? [],
                policy: peer.policy, key: own.key)
        {
            response.serverSignature = SignatureData(
                algorithm: peer.policy.signatureURI, signature: ByteString(signature))
        }
        return response
    }
}
