import UACodec
import UASecurity
import UATransport

extension ServerCore {
    private static let transportProfile = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"
    private static let urlBytesMax = 4096
    private static let scheme = "opc.tcp://"

    func findServers(_ request: FindServersRequest, _ exchange: Exchange) {
        let wanted = request.serverUris.compactMap { $0 }
        let isWanted = wanted.isEmpty || wanted.contains(configuration.applicationUri)
        answer(FindServersResponse(servers: isWanted ? [application(asked: request.endpointUrl)] : []), exchange)
    }

    func getEndpoints(_ request: GetEndpointsRequest, _ exchange: Exchange) {
        let wanted = request.profileUris.compactMap { $0 }
        let isWanted = wanted.isEmpty || wanted.contains(Self.transportProfile)
        answer(GetEndpointsResponse(endpoints: isWanted ? endpoints(asked: request.endpointUrl) : []), exchange)
    }

    /// All pairs of policy and mode, at the host that the client knows this server by.
    func endpoints(asked: String?) -> [EndpointDescription] {
        let url = url(asked: asked)
        let application = application(asked: asked)
        return configuration.endpoints.map { endpoint in
            let tokens = tokenPolicies(endpoint.policy, endpoint.mode)
            let needsCertificate = endpoint.policy != .none || tokens.contains { $0.securityPolicyUri != nil }
            return EndpointDescription(
                endpointUrl: url, server: application,
                serverCertificate: needsCertificate ? own.map { ByteString($0.chain) } : nil,
                securityMode: UACodec.MessageSecurityMode(rawValue: Int32(endpoint.mode.rawValue)),
                securityPolicyUri: endpoint.policy.uri, userIdentityTokens: tokens,
                transportProfileUri: Self.transportProfile, securityLevel: Self.level(endpoint))
        }
    }

    func tokenPolicies(_ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode) -> [UserTokenPolicy] {
        UserTokens.policies(configuration, channel: policy, mode: mode, hasCertificate: own != nil)
    }

    private func application(asked: String?) -> UACodec.ApplicationDescription {
        UACodec.ApplicationDescription(
            applicationUri: configuration.applicationUri, productUri: configuration.productUri,
            applicationName: LocalizedText(configuration.applicationName, locale: "en"), applicationType: .server,
            discoveryUrls: [url(asked: asked)])
    }

    /// Higher is better; clients choose by it.
    private static func level(_ endpoint: ServerCoreConfiguration.Endpoint) -> UInt8 {
        let strength: UInt8 =
            switch endpoint.policy {
            case .none: 0
            case .basic256Sha256: 1
            case .aes128Sha256RsaOaep: 2
            case .aes256Sha256RsaPss: 3
            }
        switch endpoint.mode {
        case .none: return 0
        case .sign: return 10 + strength
        case .signAndEncrypt: return 20 + strength
        }
    }

    /// This server's URL with the host of the one that was asked for, as only the client knows what it can resolve.
    private func url(asked: String?) -> String {
        let own = Self.withPort(configuration.endpointUrl, port)
        guard let asked, asked.utf8.count <= Self.urlBytesMax, let host = Self.host(asked), let ownHost = Self.host(own)
        else { return own }
        return Self.scheme + host + own.dropFirst(Self.scheme.count + ownHost.count)
    }

    /// The URL with the port that is listened on, where it says none.
    private static func withPort(_ url: String, _ port: Int?) -> String {
        guard let port, let host = host(url) else { return url }
        let rest = url.dropFirst(scheme.count + host.count)
        return rest.hasPrefix(":") ? url : "\(scheme)\(host):\(port)\(rest)"
    }

    /// The host in `opc.tcp://host:port/path`, an IPv6 address with its brackets; nil for anything else.
    private static func host(_ url: String) -> Substring? {
        guard url.hasPrefix(scheme) else { return nil }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        let isPlain = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return host.isEmpty || !isPlain ? nil : host
    }
}
