import Testing
import UACodec
import UASecurity

@testable import UAClient

@Suite("The choice of an endpoint")
struct EndpointTests {
    private let address = ServerAddress(host: "10.0.0.5", port: 4840)

    private func endpoint(
        _ policy: SecurityPolicy, _ mode: UACodec.MessageSecurityMode, url: String = "opc.tcp://10.0.0.5:4840",
        level: UInt8 = 0, tokens: [UserTokenType] = [.anonymous, .userName]
    ) -> EndpointDescription {
        EndpointDescription(
            endpointUrl: url, securityMode: mode, securityPolicyUri: policy.uri,
            userIdentityTokens: tokens.map { UserTokenPolicy(policyId: "p", tokenType: $0) },
            transportProfileUri: "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary",
            securityLevel: level)
    }

    private var all: [EndpointDescription] {
        [
            endpoint(.none, .none, level: 255), endpoint(.basic256Sha256, .signAndEncrypt),
            endpoint(.aes256Sha256RsaPss, .sign, level: 200), endpoint(.aes128Sha256RsaOaep, .signAndEncrypt),
        ]
    }

    private func choose(
        _ endpoints: [EndpointDescription], _ requirement: SecurityRequirement, _ identity: UserIdentity = .anonymous
    ) throws(ClientError) -> EndpointChoice {
        try EndpointChoice.choose(from: endpoints, requirement, identity, address)
    }

    @Test("Falls on the strongest, whatever level the server gives the others")
    func strongest() throws {
        let choice = try choose(all, .strongest(atLeast: .none))
        #expect(choice.policy == .aes128Sha256RsaOaep && choice.mode == .signAndEncrypt)
    }

    @Test("Never falls below what is configured, and says what is offered")
    func least() {
        let weak = [endpoint(.none, .none), endpoint(.basic256Sha256, .sign)]
        let error = #expect(throws: ClientError.self) { try choose(weak, .strongest(atLeast: .signAndEncrypt)) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("Basic256Sha256/sign"))
        #expect(throws: ClientError.self) { try choose(all, .exactly(.basic256Sha256, .sign)) }
        #expect(throws: ClientError.self) { try choose([], .none) }
    }

    @Test("Falls on an endpoint that the user can log in at")
    func users() throws {
        let endpoints = [
            endpoint(.aes256Sha256RsaPss, .signAndEncrypt, tokens: [.certificate]),
            endpoint(.basic256Sha256, .signAndEncrypt, tokens: [.userName]),
        ]
        let choice = try choose(endpoints, .strongest(atLeast: .sign), .userName("a", password: "b"))
        #expect(choice.policy == .basic256Sha256)
        #expect(throws: ClientError.self) { try choose(endpoints, .strongest(atLeast: .sign)) }
    }

    @Test("Keeps the address that the user gave, and warns where the server names another")
    func otherHost() throws {
        let choice = try choose([endpoint(.none, .none, url: "opc.tcp://plc-7.local:4841/line/2")], .none)
        #expect(choice.url == "opc.tcp://10.0.0.5:4840/line/2")
        #expect(choice.warnings.count == 1 && choice.warnings[0].contains("plc-7.local:4841"))
        #expect(try choose([endpoint(.none, .none)], .none).warnings.isEmpty)
    }

    @Test("Passes over endpoints of other transports, other policies, and a policy that does not go with its mode")
    func strange() {
        var web = endpoint(.basic256Sha256, .signAndEncrypt)
        web.transportProfileUri = "http://opcfoundation.org/UA-Profile/Transport/https-uabinary"
        var old = endpoint(.basic256Sha256, .signAndEncrypt)
        old.securityPolicyUri = "http://opcfoundation.org/UA/SecurityPolicy#Basic128Rsa15"
        let odd = endpoint(.none, .signAndEncrypt)
        #expect(throws: ClientError.self) { try choose([web, old, odd], .strongest(atLeast: .none)) }
    }

    @Test("Addresses are read with and without port and path, and nothing else is")
    func addresses() throws {
        #expect(try ServerAddress("opc.tcp://plc") == ServerAddress(host: "plc"))
        #expect(
            try ServerAddress("OPC.TCP://10.0.0.1:62541/a/b")
                == ServerAddress(host: "10.0.0.1", port: 62541, path: "/a/b"))
        #expect(
            try ServerAddress("opc.tcp://[fe80::1]:4841/x") == ServerAddress(host: "fe80::1", port: 4841, path: "/x"))
        #expect("\(ServerAddress(host: "fe80::1", port: 4841, path: "/x"))" == "opc.tcp://[fe80::1]:4841/x")
        for text in [
            "", "http://plc", "opc.tcp://", "opc.tcp://plc:0", "opc.tcp://plc:99999", "opc.tcp://plc:x",
            "opc.tcp://[fe80::1",
        ] {
            #expect(throws: ClientError.self) { try ServerAddress(text) }
        }
    }

    @Test("A password never goes where anyone can read it, unless the user says so")
    func plainPassword() async throws {
        let user = UserIdentity.userName("operator", password: "secret word")
        var open = endpoint(.none, .none)
        open.userIdentityTokens = [
            UserTokenPolicy(policyId: "u", tokenType: .userName, securityPolicyUri: SecurityPolicy.none.uri)
        ]
        func token(
            _ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode, allows: Bool
        ) async throws(ClientError) -> UserNameIdentityToken? {
            let maker = IdentityMaker(
                endpoint: open, channelPolicy: policy, channelMode: mode, allowsPlainPassword: allows, server: nil)
            return try await maker.make(user, nonce: []).token.value(as: UserNameIdentityToken.self)
        }
        await #expect(throws: ClientError.self) { try await token(.none, .none, allows: false) }
        await #expect(throws: ClientError.self) { try await token(.basic256Sha256, .sign, allows: false) }
        let plain = try await token(.none, .none, allows: true)
        #expect(plain?.password == ByteString("secret word".utf8) && plain?.encryptionAlgorithm == nil)
        #expect(try await token(.basic256Sha256, .signAndEncrypt, allows: false) != nil)
    }
}
