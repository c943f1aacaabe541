import UACodec
import UASecurity

/// A user's token for ActivateSession, with its signature.
struct SessionIdentity: Sendable {
    var token: ExtensionObject
    var signature: SignatureData
}

/// Makes user tokens as the endpoint's token policies want them (Part 4, 7.40).
struct IdentityMaker: Sendable {
    var endpoint: EndpointDescription
    var channelPolicy: SecurityPolicy
    var channelMode: UASecurity.MessageSecurityMode
    var allowsPlainPassword: Bool
    /// The server's certificate, checked; nil where none was needed so far.
    var server: ValidatedCertificate?

    struct TokenPolicy: Sendable {
        var policyId: String?
        /// What protects the token; nil for a policy that this client does not know.
        var policy: SecurityPolicy
    }

    /// Whether the token will be made with the server's key, so that its certificate has to be checked even where the
    /// channel has no protection.
    func needsServerKey(_ identity: UserIdentity) -> Bool {
        guard identity.tokenType != .anonymous, let policy = try? tokenPolicy(identity) else { return false }
        return policy.policy != .none
    }

    /// The strongest of the endpoint's policies for this kind of token. A policy without a URI is the endpoint's.
    func tokenPolicy(_ identity: UserIdentity) throws(ClientError) -> TokenPolicy {
        let offered = endpoint.userIdentityTokens.filter { $0.tokenType == identity.tokenType }
        guard !offered.isEmpty || identity.tokenType == .anonymous else {
            throw .insecure("The endpoint does not take \(identity.words).")
        }
        let known = offered.compactMap { offer -> TokenPolicy? in
            let uri = offer.securityPolicyUri ?? ""
            let policy = uri.isEmpty ? channelPolicy : SecurityPolicy(uri: uri)
            return policy.map { TokenPolicy(policyId: offer.policyId, policy: $0) }
        }
        if let best = known.max(by: { $0.policy.strength < $1.policy.strength }) { return best }
        guard identity.tokenType == .anonymous else {
            throw .insecure("The server wants \(identity.words) protected by a policy that this client does not know.")
        }
        return TokenPolicy(policyId: offered.first?.policyId, policy: .none)
    }

    /// - Parameter nonce: the last one that the server gave.
    func make(_ identity: UserIdentity, nonce: [UInt8]) async throws(ClientError) -> SessionIdentity {
        let chosen = try tokenPolicy(identity)
        switch identity {
        case .anonymous:
            return SessionIdentity(
                token: ExtensionObject(AnonymousIdentityToken(policyId: chosen.policyId)), signature: SignatureData())
        case .userName(let name, let password):
            return try userName(name, Array(password.utf8), chosen, nonce)
        case .certificate(let user):
            return try certificate(user, chosen, nonce)
        }
    }

    private func userName(
        _ name: String, _ password: [UInt8], _ chosen: TokenPolicy, _ nonce: [UInt8]
    ) throws(ClientError) -> SessionIdentity {
        var token = UserNameIdentityToken(policyId: chosen.policyId, userName: name)
        if chosen.policy == .none {
            guard channelMode == .signAndEncrypt || allowsPlainPassword else {
                throw .insecure(
                    "The password would travel where anyone can read it: choose an encrypted endpoint, or allow plain "
                        + "passwords in the configuration.")
            }
            token.password = ByteString(password)
        } else {
            guard nonce.count >= 32 else { throw .insecure("The server gives no nonce to encrypt the password with.") }
            do throws(SecurityUseError) {
                token.password = ByteString(
                    try UserTokenSecret.encrypt(
                        password: password, serverNonce: nonce, policy: chosen.policy, key: try serverKey()))
            } catch { throw .configuration("\(error)") }
            token.encryptionAlgorithm = chosen.policy.encryptionURI
        }
        return SessionIdentity(token: ExtensionObject(token), signature: SignatureData())
    }

    private func certificate(
        _ user: ApplicationInstance, _ chosen: TokenPolicy, _ nonce: [UInt8]
    ) throws(ClientError) -> SessionIdentity {
        guard chosen.policy != .none, let server else {
            throw .insecure("A user's certificate proves nothing without a security policy: choose another endpoint.")
        }
        let token = X509IdentityToken(policyId: chosen.policyId, certificateData: ByteString(user.certificate.der))
        do throws(SecurityUseError) {
            let signature = try PossessionProof.sign(
                certificate: server.certificate.der, nonce: nonce, policy: chosen.policy, key: user.key)
            return SessionIdentity(
                token: ExtensionObject(token),
                signature: SignatureData(algorithm: chosen.policy.signatureURI, signature: ByteString(signature)))
        } catch { throw .configuration("\(error)") }
    }

    private func serverKey() throws(SecurityUseError) -> RSAPublicKey {
        guard let server else { throw .noAlgorithm }
        return server.publicKey
    }
}
