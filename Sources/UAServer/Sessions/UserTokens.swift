import UACodec
import UASecurity

/// The policies of user tokens that an endpoint offers, and what a client sends for one of them (Part 4, 7.40 to 7.42).
enum UserTokens {
    /// What a session was given as proof, before anything costly is done.
    enum Claim: Sendable {
        case anonymous
        case plain(user: String, password: [UInt8])
        case encrypted(user: String, secret: [UInt8], policy: SecurityPolicy)
        case certificate(chain: [UInt8], signature: [UInt8], algorithm: String?, policy: SecurityPolicy)

        var user: String? {
            switch self {
            case .plain(let user, _), .encrypted(let user, _, _): user
            case .anonymous, .certificate: nil
            }
        }
    }

    static let userNameBytesMax = 256

    /// The policies on a channel, in the order in which clients like to take them.
    static func policies(
        _ configuration: ServerCoreConfiguration, channel: SecurityPolicy, mode: UASecurity.MessageSecurityMode,
        hasCertificate: Bool
    ) -> [UserTokenPolicy] {
        var policies: [UserTokenPolicy] = []
        let own = channel == .none
        let uri = own ? configuration.tokenPolicyOnNone.uri : nil
        let suffix = own ? "_" + configuration.tokenPolicyOnNone.rawValue : ""
        if configuration.tokens.contains(.anonymous) {
            policies.append(UserTokenPolicy(policyId: "anonymous", tokenType: .anonymous))
        }
        if configuration.tokens.contains(.userName) {
            if hasCertificate {
                policies.append(
                    UserTokenPolicy(policyId: "username" + suffix, tokenType: .userName, securityPolicyUri: uri))
            }
            if configuration.allowsPlainPasswords {
                policies.append(
                    UserTokenPolicy(
                        policyId: "username_plain", tokenType: .userName, securityPolicyUri: SecurityPolicy.none.uri))
            }
        }
        if configuration.tokens.contains(.certificate), hasCertificate {
            policies.append(
                UserTokenPolicy(policyId: "certificate" + suffix, tokenType: .certificate, securityPolicyUri: uri))
        }
        return policies
    }

    /// What a client claims, by one of the policies that its endpoint offers.
    ///
    /// - Throws: Bad_IdentityTokenInvalid, or Bad_IdentityTokenRejected for a kind that is not offered.
    static func claim(
        _ request: ActivateSessionRequest, offered: [UserTokenPolicy], channel: SecurityPolicy
    ) throws(StatusError) -> Claim {
        let token = request.userIdentityToken
        if token.isNull {
            guard offered.contains(where: { $0.tokenType == .anonymous }) else {
                throw StatusError(.badIdentityTokenRejected)
            }
            return .anonymous
        }
        if let token = token.value(as: AnonymousIdentityToken.self) {
            _ = try policy(token.policyId, .anonymous, offered)
            return .anonymous
        }
        if let token = token.value(as: UserNameIdentityToken.self) {
            return try claim(token, policy: try policy(token.policyId, .userName, offered), channel: channel)
        }
        if let token = token.value(as: X509IdentityToken.self) {
            let policy = try policy(token.policyId, .certificate, offered)
            let used = try securityPolicy(policy, channel: channel)
            guard let chain = token.certificateData?.bytes, let signature = request.userTokenSignature.signature?.bytes
            else { throw StatusError(.badIdentityTokenInvalid) }
            return .certificate(
                chain: chain, signature: signature, algorithm: request.userTokenSignature.algorithm, policy: used)
        }
        let isIssued = token.value(as: IssuedIdentityToken.self) != nil
        throw StatusError(isIssued ? .badIdentityTokenRejected : .badIdentityTokenInvalid)
    }

    private static func claim(
        _ token: UserNameIdentityToken, policy: UserTokenPolicy, channel: SecurityPolicy
    ) throws(StatusError) -> Claim {
        guard let user = token.userName, !user.isEmpty, user.utf8.count <= userNameBytesMax else {
            throw StatusError(.badIdentityTokenInvalid)
        }
        let used = try securityPolicy(policy, channel: channel)
        let secret = token.password?.bytes ?? []
        guard used != .none else {
            guard token.encryptionAlgorithm?.isEmpty ?? true, secret.count <= UserTokenSecret.longestPassword else {
                throw StatusError(.badIdentityTokenInvalid)
            }
            return .plain(user: user, password: secret)
        }
        guard token.encryptionAlgorithm == used.encryptionURI else { throw StatusError(.badIdentityTokenInvalid) }
        return .encrypted(user: user, secret: secret, policy: used)
    }

    private static func policy(
        _ id: String?, _ type: UserTokenType, _ offered: [UserTokenPolicy]
    ) throws(StatusError) -> UserTokenPolicy {
        let ofType = offered.filter { $0.tokenType == type }
        guard !ofType.isEmpty else { throw StatusError(.badIdentityTokenRejected) }
        // A client that names none gets the first; that is not the plain one.
        guard let id, !id.isEmpty else { return ofType[0] }
        guard let policy = ofType.first(where: { $0.policyId == id }) else {
            throw StatusError(.badIdentityTokenInvalid)
        }
        return policy
    }

    private static func securityPolicy(
        _ policy: UserTokenPolicy, channel: SecurityPolicy
    ) throws(StatusError) -> SecurityPolicy {
        guard let uri = policy.securityPolicyUri else { return channel }
        guard let named = SecurityPolicy(uri: uri) else { throw StatusError(.badSecurityPolicyRejected) }
        return named
    }
}

/// What activating a session costs: RSA, files and whatever the application does to know a user. It runs off the loop.
struct ActivationCheck: Sendable {
    /// Of the client application; nil under the policy None.
    let clientSignature: (signature: [UInt8], algorithm: String?, key: RSAPublicKey)?
    let channelPolicy: SecurityPolicy
    let claim: UserTokens.Claim
    let nonce: [UInt8]
    let own: ApplicationInstance?
    let users: TrustList?
    let authenticate: Authenticate
    let address: String

    struct Passed: Sendable {
        let user: UserIdentity
        /// SHA-1 of the certificate of a user that has one.
        let thumbprint: [UInt8]?
    }

    func run() async -> Result<Passed, StatusError> {
        do throws(StatusError) {
            try checkClient()
            let (credentials, thumbprint) = try await credentials()
            guard let user = await authenticate(credentials, address) else { throw StatusError(.badUserAccessDenied) }
            return .success(Passed(user: user, thumbprint: thumbprint))
        } catch {
            return .failure(error)
        }
    }

    private func checkClient() throws(StatusError) {
        guard let (signature, algorithm, key) = clientSignature else { return }
        guard let own,
            PossessionProof.isValid(
                signature, algorithm: algorithm, certificate: own.certificate.der, nonce: nonce, policy: channelPolicy,
                key: key)
        else { throw StatusError(.badApplicationSignatureInvalid) }
    }

    private func credentials() async throws(StatusError) -> (UserCredentials, thumbprint: [UInt8]?) {
        switch claim {
        case .anonymous: return (.anonymous, nil)
        case .plain(let user, let password): return (.userName(user, password: password), nil)
        case .encrypted(let user, let secret, let policy):
            return (.userName(user, password: try await password(secret, policy, user)), nil)
        case .certificate(let chain, let signature, let algorithm, let policy):
            return try await certificate(chain, signature, algorithm, policy)
        }
    }

    private func password(
        _ secret: [UInt8], _ policy: SecurityPolicy, _ user: String
    ) async throws(StatusError) -> [UInt8] {
        guard let own else { throw StatusError(.badUserAccessDenied) }
        do {
            return try UserTokenSecret.decrypt(secret, serverNonce: nonce, policy: policy, key: own.key)
        } catch {
            // As long as for a wrong password: one that nobody can have is checked.
            _ = await authenticate(.userName(user, password: [0xFF, 0xFE] + nonce), address)
            throw StatusError(.badUserAccessDenied)
        }
    }

    private func certificate(
        _ chain: [UInt8], _ signature: [UInt8], _ algorithm: String?, _ policy: SecurityPolicy
    ) async throws(StatusError) -> (UserCredentials, thumbprint: [UInt8]?) {
        guard let own, let users else { throw StatusError(.badIdentityTokenRejected) }
        let checked: ValidatedCertificate
        do { checked = try await users.check(chain: chain, CertificateExpectation(role: .user)) } catch {
            throw StatusError(.badIdentityTokenRejected)
        }
        guard
            PossessionProof.isValid(
                signature, algorithm: algorithm, certificate: own.certificate.der, nonce: nonce, policy: policy,
                key: checked.publicKey)
        else { throw StatusError(.badUserSignatureInvalid) }
        return (.certificate(checked), checked.certificate.thumbprint)
    }
}
