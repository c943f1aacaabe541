import Foundation
import Testing
import UACodec
import UASecurity
import UATransport

@testable import UAServer

/// Sessions on channels with keys, and users with secrets and certificates.
@Suite("Sessions with keys")
struct SecureSessionTests {
    /// Keys take long to make: once for all tests.
    private static let keys: [RSAPrivateKey] = (0..<4).compactMap { _ in try? RSAPrivateKey(bits: 2048) }

    private static func application(_ key: Int, _ uri: String) throws -> ApplicationInstance {
        try ApplicationInstance.make(
            UASecurity.ApplicationDescription(applicationURI: uri, name: uri),
            key: try #require(keys.dropFirst(key).first))
    }

    private final class Plant {
        let server: ApplicationInstance
        let client: ApplicationInstance
        let stranger: ApplicationInstance
        let user: ApplicationInstance
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("uaserver-\(UUID().uuidString)")
        let trust: TrustList
        let users: TrustList
        let policy: SecurityPolicy
        let bench: Bench

        init(_ policy: SecurityPolicy = .aes256Sha256RsaPss, endpoint: ServerCoreConfiguration.Endpoint? = nil) throws {
            server = try SecureSessionTests.application(0, "urn:test:server")
            client = try SecureSessionTests.application(1, "urn:test:client")
            stranger = try SecureSessionTests.application(2, "urn:test:stranger")
            user = try SecureSessionTests.application(3, "urn:test:user")
            self.policy = policy
            trust = try TrustList(folder: folder.appendingPathComponent("applications"))
            users = try TrustList(folder: folder.appendingPathComponent("users"))
            for (list, instance) in [(trust, client), (trust, stranger), (users, user)] {
                let file = list.folder.appendingPathComponent(
                    "trusted/certs/\(instance.certificate.thumbprintText).der")
                try Data(instance.chain).write(to: file)
            }
            bench = Bench(
                own: server, users: users,
                change: {
                    $0.endpoints = [endpoint ?? .init(policy, .signAndEncrypt)]
                    $0.allowsPlainPasswords = false
                })
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func connect(_ instance: ApplicationInstance? = nil) async throws -> FakeConnection {
            let instance = instance ?? client
            let checked = try await trust.check(chain: instance.chain, CertificateExpectation(role: .client))
            return bench.connect(
                ChannelPeer(policy: policy, mode: .signAndEncrypt, certificate: checked, address: "10.0.0.1"))
        }

        func creation(_ instance: ApplicationInstance? = nil) -> CreateSessionRequest {
            let instance = instance ?? client
            return CreateSessionRequest(
                clientDescription: .init(applicationUri: instance.certificate.applicationURI),
                clientNonce: ByteString(Array(repeating: 7, count: 32)), clientCertificate: ByteString(instance.chain),
                requestedSessionTimeout: 60_000)
        }

        func create(_ connection: FakeConnection) async throws -> CreateSessionResponse {
            try await bench.ask(creation(), connection)
        }

        func proof(_ nonce: ByteString?, by instance: ApplicationInstance? = nil) throws -> SignatureData {
            let signature = try PossessionProof.sign(
                certificate: server.certificate.der, nonce: nonce?.bytes ?? [], policy: policy,
                key: (instance ?? client).key)
            return SignatureData(algorithm: policy.signatureURI, signature: ByteString(signature))
        }

        func password(_ text: String, _ nonce: ByteString?, id: String = "username") throws -> ExtensionObject {
            let used = policy == .none ? SecurityPolicy.basic256Sha256 : policy
            let secret = try UserTokenSecret.encrypt(
                password: Array(text.utf8), serverNonce: nonce?.bytes ?? [], policy: used, key: server.key.publicKey)
            return ExtensionObject(
                UserNameIdentityToken(
                    policyId: id, userName: "ann", password: ByteString(secret), encryptionAlgorithm: used.encryptionURI
                ))
        }
    }

    @Test(
        "Both sides prove that they have their keys",
        arguments: [SecurityPolicy.basic256Sha256, .aes128Sha256RsaOaep, .aes256Sha256RsaPss])
    func proofs(policy: SecurityPolicy) async throws {
        let plant = try Plant(policy)
        let connection = try await plant.connect()
        let created = try await plant.create(connection)
        #expect(
            PossessionProof.isValid(
                created.serverSignature.signature?.bytes ?? [], algorithm: created.serverSignature.algorithm,
                certificate: plant.client.certificate.der, nonce: Array(repeating: 7, count: 32), policy: policy,
                key: plant.server.key.publicKey))
        #expect(created.serverCertificate?.bytes == plant.server.chain && created.serverNonce?.bytes.count == 32)
        let activation = ActivateSessionRequest(
            clientSignature: try plant.proof(created.serverNonce),
            userIdentityToken: try plant.password("nna", created.serverNonce))
        let active = try await plant.bench.ask(activation, connection, token: created.authenticationToken)
        #expect(active.serverNonce?.bytes.count == 32 && active.serverNonce != created.serverNonce)
        // A nonce is good once.
        #expect(
            try await plant.bench.refusal(activation, connection, token: created.authenticationToken)
                == .badApplicationSignatureInvalid)
        let replay = ActivateSessionRequest(
            clientSignature: try plant.proof(active.serverNonce),
            userIdentityToken: try plant.password("nna", created.serverNonce))
        #expect(
            try await plant.bench.refusal(replay, connection, token: created.authenticationToken)
                == .badUserAccessDenied)
    }

    @Test("What a client says of itself must be what its channel's certificate says")
    func creation() async throws {
        let plant = try Plant()
        let connection = try await plant.connect()
        var wrong = plant.creation()
        wrong.clientDescription.applicationUri = "urn:test:client2"
        #expect(try await plant.bench.refusal(wrong, connection) == .badCertificateUriInvalid)
        wrong = plant.creation()
        wrong.clientCertificate = ByteString(plant.stranger.chain)
        #expect(try await plant.bench.refusal(wrong, connection) == .badCertificateInvalid)
        for nonce: ByteString? in [
            nil, [], ByteString(Array(repeating: 1, count: 31)), ByteString(Array(repeating: 1, count: 5000)),
        ] {
            wrong = plant.creation()
            wrong.clientNonce = nonce
            #expect(try await plant.bench.refusal(wrong, connection) == .badNonceInvalid)
        }
        #expect(try await plant.bench.refusal(plant.creation(), plant.bench.connect()) == .badSecurityPolicyRejected)
        #expect(plant.bench.core.sessions.isEmpty)
    }

    @Test("A signature by another, over another nonce, under another name or none is no proof")
    func wrongProofs() async throws {
        let plant = try Plant()
        for index in 0..<4 {
            let connection = try await plant.connect()
            let created = try await plant.create(connection)
            var proof = try plant.proof(created.serverNonce)
            switch index {
            case 0: proof = try plant.proof(created.serverNonce, by: plant.stranger)
            case 1: proof = try plant.proof(ByteString(Array(repeating: 0, count: 32)))
            case 2: proof.algorithm = SecurityPolicy.basic256Sha256.signatureURI
            default: proof = SignatureData()
            }
            let request = ActivateSessionRequest(
                clientSignature: proof, userIdentityToken: try plant.password("nna", created.serverNonce))
            #expect(
                try await plant.bench.refusal(request, connection, token: created.authenticationToken)
                    == .badApplicationSignatureInvalid)
            #expect(!connection.isTrusted)
        }
        #expect(plant.bench.core.sessions.isEmpty)
    }

    @Test("Another application's channel does not get a session, though it is trusted")
    func theft() async throws {
        let plant = try Plant()
        let connection = try await plant.connect()
        let created = try await plant.create(connection)
        let active = try await plant.bench.ask(
            ActivateSessionRequest(
                clientSignature: try plant.proof(created.serverNonce),
                userIdentityToken: try plant.password("nna", created.serverNonce)), connection,
            token: created.authenticationToken)
        let thief = try await plant.connect(plant.stranger)
        let request = ActivateSessionRequest(
            clientSignature: try plant.proof(active.serverNonce, by: plant.stranger),
            userIdentityToken: try plant.password("nna", active.serverNonce))
        #expect(
            try await plant.bench.refusal(request, thief, token: created.authenticationToken)
                == .badSecurityChecksFailed)
        let again = try await plant.connect()
        _ = try await plant.bench.ask(
            ActivateSessionRequest(
                clientSignature: try plant.proof(active.serverNonce),
                userIdentityToken: try plant.password("nna", active.serverNonce)), again,
            token: created.authenticationToken)
    }

    @Test("A password in plain, under another key, too long or for another nonce is refused alike")
    func passwords() async throws {
        let plant = try Plant()
        var tokens: [(ByteString?) throws -> ExtensionObject] = []
        tokens.append { try plant.password("wrong", $0) }
        tokens.append { _ in try plant.password("nna", ByteString(Array(repeating: 1, count: 32))) }
        tokens.append { _ in
            ExtensionObject(
                UserNameIdentityToken(
                    policyId: "username", userName: "ann", password: ByteString(Array(repeating: 9, count: 256)),
                    encryptionAlgorithm: plant.policy.encryptionURI))
        }
        var statuses: [StatusCode] = []
        for token in tokens {
            let connection = try await plant.connect()
            let created = try await plant.create(connection)
            let request = ActivateSessionRequest(
                clientSignature: try plant.proof(created.serverNonce), userIdentityToken: try token(created.serverNonce)
            )
            statuses.append(
                try await plant.bench.refusal(request, connection, token: created.authenticationToken))
        }
        #expect(statuses == [.badUserAccessDenied, .badUserAccessDenied, .badUserAccessDenied])
        let connection = try await plant.connect()
        let created = try await plant.create(connection)
        let plain = ActivateSessionRequest(
            clientSignature: try plant.proof(created.serverNonce),
            userIdentityToken: ExtensionObject(
                UserNameIdentityToken(policyId: "username", userName: "ann", password: ByteString(Array("nna".utf8)))))
        #expect(
            try await plant.bench.refusal(plain, connection, token: created.authenticationToken)
                == .badIdentityTokenInvalid)
    }

    @Test("A user's certificate must be trusted as a user's, and its key must sign")
    func userCertificates() async throws {
        let plant = try Plant()
        func attempt(_ user: ApplicationInstance, signedBy signer: ApplicationInstance) async throws
            -> any ServiceResponse
        {
            let connection = try await plant.connect()
            let created = try await plant.create(connection)
            let request = ActivateSessionRequest(
                clientSignature: try plant.proof(created.serverNonce),
                userIdentityToken: ExtensionObject(
                    X509IdentityToken(policyId: "certificate", certificateData: ByteString(user.chain))),
                userTokenSignature: try plant.proof(created.serverNonce, by: signer))
            return try await plant.bench.answer(request, connection, token: created.authenticationToken)
        }
        func status(_ answer: any ServiceResponse) -> StatusCode { answer.responseHeader.serviceResult }
        #expect(status(try await attempt(plant.user, signedBy: plant.user)) == .good)
        #expect(status(try await attempt(plant.user, signedBy: plant.client)) == .badUserSignatureInvalid)
        // Trusted as an application, which makes no user of it.
        #expect(status(try await attempt(plant.client, signedBy: plant.client)) == .badIdentityTokenRejected)
    }

    @Test("On None, passwords travel under the server's key, and what is said of certificates does not count")
    func none() async throws {
        let plant = try Plant(.none, endpoint: .init(.none, .none))
        let connection = plant.bench.connect()
        let endpoint = try #require(try await plant.bench.ask(GetEndpointsRequest(), connection).endpoints.first)
        #expect(endpoint.serverCertificate?.bytes == plant.server.chain)
        #expect(
            endpoint.userIdentityTokens.map(\.policyId) == [
                "anonymous", "username_Basic256Sha256", "certificate_Basic256Sha256",
            ])
        var request = plant.creation()
        request.clientCertificate = ByteString(plant.user.chain)
        let created = try await plant.bench.ask(request, connection)
        #expect(created.serverSignature.signature == nil && created.serverCertificate?.bytes == plant.server.chain)
        let activation = ActivateSessionRequest(
            userIdentityToken: try plant.password("nna", created.serverNonce, id: "username_Basic256Sha256"))
        _ = try await plant.bench.ask(activation, connection, token: created.authenticationToken)
        #expect(plant.bench.core.sessions.values.first?.user?.name == "ann")
    }
}
