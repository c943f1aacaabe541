import UACodec
import UASecurity

/// The endpoint that a client goes to, chosen from what the server offers.
struct EndpointChoice: Sendable {
    var endpoint: EndpointDescription
    var policy: SecurityPolicy
    var mode: UASecurity.MessageSecurityMode
    /// The address that the user gave, with the endpoint's path.
    var address: ServerAddress
    /// The endpoints that were offered, to compare with what the session says.
    var offered: [EndpointDescription]
    var warnings: [String]

    /// The URL to be said in Hello and CreateSession.
    var url: String { "\(address)" }

    private struct Candidate {
        var endpoint: EndpointDescription
        var policy: SecurityPolicy
        var mode: UASecurity.MessageSecurityMode
        var rank: [Int]
    }

    /// Chooses the strongest endpoint that the requirement allows and the user can log in at. The server's own
    /// SecurityLevel counts for nothing: whoever sits in between could have written it.
    ///
    /// - Throws: ``ClientError/insecure(_:)`` with what is offered and what is wanted.
    static func choose(
        from offered: [EndpointDescription], _ requirement: SecurityRequirement, _ identity: UserIdentity,
        _ address: ServerAddress
    ) throws(ClientError) -> EndpointChoice {
        let candidates = offered.compactMap { candidate($0, address) }
        let allowed = candidates.filter { requirement.allows($0.policy, $0.mode) }
        guard !allowed.isEmpty else {
            let names = Set(candidates.map { "\($0.policy.rawValue)/\($0.mode)" }).sorted().joined(separator: ", ")
            throw .insecure(
                "The server at \(address) offers \(names.isEmpty ? "no endpoint that this client knows" : names), and "
                    + "the configuration wants \(requirement): allow one of them here, or switch on a policy there.")
        }
        guard
            let best = allowed.filter({ $0.endpoint.takes(identity) }).max(by: {
                $0.rank.lexicographicallyPrecedes($1.rank)
            })
        else {
            throw .insecure(
                "No endpoint of \(address) that is secure enough takes \(identity.words): choose another kind of log-in."
            )
        }
        return EndpointChoice(
            endpoint: best.endpoint, policy: best.policy, mode: best.mode,
            address: ServerAddress(host: address.host, port: address.port, path: path(best.endpoint, address)),
            offered: offered, warnings: warnings(best.endpoint, address))
    }

    private static let binaryProfile = "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"

    private static func candidate(_ endpoint: EndpointDescription, _ address: ServerAddress) -> Candidate? {
        guard ["", binaryProfile].contains(endpoint.transportProfileUri ?? ""),
            let url = ServerAddress.parse(endpoint.endpointUrl ?? ""),
            let policy = SecurityPolicy(uri: endpoint.securityPolicyUri ?? ""),
            let raw = UInt32(exactly: endpoint.securityMode.rawValue),
            let mode = UASecurity.MessageSecurityMode(rawValue: raw),
            (policy == .none) == (mode == .none)
        else { return nil }
        let rank = [
            mode.strength, policy.strength, url.host.lowercased() == address.host.lowercased() ? 1 : 0,
            url.path == address.path ? 1 : 0,
        ]
        return Candidate(endpoint: endpoint, policy: policy, mode: mode, rank: rank)
    }

    private static func path(_ endpoint: EndpointDescription, _ address: ServerAddress) -> String {
        ServerAddress.parse(endpoint.endpointUrl ?? "")?.path ?? address.path
    }

    private static func warnings(_ endpoint: EndpointDescription, _ address: ServerAddress) -> [String] {
        guard let url = ServerAddress.parse(endpoint.endpointUrl ?? ""),
            url.host.lowercased() != address.host.lowercased() || url.port != address.port
        else { return [] }
        return [
            "The server calls itself \(printable(url.host)):\(url.port); the address from the configuration, "
                + "\(address.host):\(address.port), is used."
        ]
    }
}

extension SecurityRequirement: CustomStringConvertible {
    func allows(_ policy: SecurityPolicy, _ mode: UASecurity.MessageSecurityMode) -> Bool {
        switch self {
        case .strongest(let least): mode.strength >= least.strength
        case .exactly(let wanted, let wantedMode): policy == wanted && mode == wantedMode
        case .none: policy == .none
        }
    }

    public var description: String {
        switch self {
        case .strongest(let least): "at least \(least)"
        case .exactly(let policy, let mode): "\(policy.rawValue)/\(mode)"
        case .none: "None"
        }
    }
}

extension UASecurity.MessageSecurityMode {
    var strength: Int { Int(rawValue) }
}

extension SecurityPolicy {
    var strength: Int {
        switch self {
        case .none: 0
        case .basic256Sha256: 1
        case .aes128Sha256RsaOaep: 2
        case .aes256Sha256RsaPss: 3
        }
    }
}

extension UserIdentity {
    var tokenType: UserTokenType {
        switch self {
        case .anonymous: .anonymous
        case .userName: .userName
        case .certificate: .certificate
        }
    }

    var words: String {
        switch self {
        case .anonymous: "anonymous users"
        case .userName: "a user name"
        case .certificate: "a user's certificate"
        }
    }
}

extension EndpointDescription {
    /// A server that lists no token policy at all takes anonymous users (Part 4, 7.14).
    func takes(_ identity: UserIdentity) -> Bool {
        userIdentityTokens.contains { $0.tokenType == identity.tokenType }
            || (userIdentityTokens.isEmpty && identity.tokenType == .anonymous)
    }

    /// What must be the same in GetEndpoints and in CreateSession (Part 4, 5.7.2.2). Hosts are left out: servers echo
    /// the one that they are asked by.
    var securityDigest: [String] {
        let tokens = userIdentityTokens.map {
            "\($0.policyId ?? "")|\($0.tokenType.rawValue)|\($0.securityPolicyUri ?? "")"
        }
        return ["\(securityMode.rawValue)", securityPolicyUri ?? "", transportProfileUri ?? ""] + tokens.sorted()
    }
}
