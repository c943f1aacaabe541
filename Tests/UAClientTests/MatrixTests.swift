import Foundation
import Testing
import UACodec
import UASecurity

@testable import UAClient

/// A way to connect: server, policy, mode and user.
struct Way: Sendable, CustomTestStringConvertible {
    enum User: String, CaseIterable, Sendable { case anonymous, userName, certificate }

    var server: Counterpart
    var policy: SecurityPolicy
    var mode: UASecurity.MessageSecurityMode
    var user: User

    var testDescription: String { "\(server.rawValue) \(policy.rawValue) \(mode) \(user.rawValue)" }

    var security: SecurityRequirement { policy == .none ? .none : .exactly(policy, mode) }

    static let all: [Way] = Counterpart.allCases.flatMap { server in
        User.allCases.flatMap { user in
            let open = Way(server: server, policy: .none, mode: .none, user: user)
            let policies: [SecurityPolicy] = [.basic256Sha256, .aes128Sha256RsaOaep, .aes256Sha256RsaPss]
            return [open]
                + policies.flatMap { policy in
                    [.sign, .signAndEncrypt].map { Way(server: server, policy: policy, mode: $0, user: user) }
                }
        }
    }

    func identity(_ pki: PKI) -> UserIdentity {
        switch user {
        case .anonymous: .anonymous
        case .userName: .userName("operator", password: "secret word")
        case .certificate: .certificate(pki.user)
        }
    }
}

@Suite("Ways into servers of other makers", .serialized, .enabled(if: Counterpart.python != nil, Counterpart.reason))
struct MatrixTests {
    @Test("Reads, writes and browses", arguments: Way.all)
    func works(_ way: Way) async throws {
        let pki = try await PKI.shared.value
        let server = try await SharedServers.shared.server(way.server)
        var configuration = pki.configuration(port: server.port, way.security, way.identity(pki))
        configuration.allowsPlainPassword = way.policy == .none
        let number = way.server.node("Number")
        try await withClient(configuration) { client in
            #expect(await client.endpoint?.securityPolicyUri == way.policy.uri)
            let written = Int32.random(in: 0...1_000_000)
            try await client.write(Variant(written), to: number)
            #expect(try await client.readValue(number).value == Variant(written))
            let references = try await client.browse(NodeId(85))
            #expect(references.contains { $0.browseName.name == "Line" })
        }
    }

    @Test("A wrong password is refused, and the error says so", arguments: Counterpart.allCases)
    func wrongPassword(_ kind: Counterpart) async throws {
        let pki = try await PKI.shared.value
        let server = try await SharedServers.shared.server(kind)
        let configuration = pki.configuration(
            port: server.port, .strongest(atLeast: .signAndEncrypt), .userName("operator", password: "guess"))
        let error = await #expect(throws: ClientError.self) { try await withClient(configuration) { _ in } }
        guard case .refused(let status, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect([.badUserAccessDenied, .badIdentityTokenRejected, .badIdentityTokenInvalid].contains(status))
    }

    @Test("The strongest endpoint is chosen where nothing is said", arguments: Counterpart.allCases)
    func strongest(_ kind: Counterpart) async throws {
        let pki = try await PKI.shared.value
        let server = try await SharedServers.shared.server(kind)
        let configuration = pki.configuration(port: server.port, .strongest(atLeast: .sign))
        try await withClient(configuration) { client in
            let endpoint = try #require(await client.endpoint)
            #expect(endpoint.securityPolicyUri == SecurityPolicy.aes256Sha256RsaPss.uri)
            #expect(endpoint.securityMode == .signAndEncrypt)
        }
    }

    @Test("A server that is not trusted gets no channel, and the error names thumbprint and folder")
    func untrusted() async throws {
        let pki = try await PKI.shared.value
        let server = try await SharedServers.shared.server(.asyncua)
        var configuration = pki.configuration(port: server.port, .strongest(atLeast: .signAndEncrypt))
        let empty = try TrustList(folder: pki.folder.appendingPathComponent("empty"))
        configuration.application.trust = empty
        let error = await #expect(throws: ClientError.self) { try await withClient(configuration) { _ in } }
        guard case .certificate(.untrusted, let thumbprint, let folder)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(thumbprint == pki.server.certificate.thumbprintText)
        #expect(folder == empty.folder.appendingPathComponent("rejected").path)
        #expect(await empty.list().map(\.certificate.thumbprintText) == [thumbprint])
    }
}
