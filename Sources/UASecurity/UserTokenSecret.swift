/// Passwords of user identity tokens under the session's nonce: the form of versions 1.03 and 1.04, RSA-encrypted
/// (OPC 10000-4 v1.04, 7.36.2.2): UInt32 length of password and nonce, password, nonce; encrypted block by block.
public enum UserTokenSecret {
    /// The longest password, in bytes of UTF-8, that this form may carry (OPC 10000-4 v1.05, 7.40.2.1).
    public static let longestPassword = 64

    /// The longest ciphertext that is looked at: eight blocks of the longest key.
    static let longestSecret = 8 * 512

    /// Encrypts a password for the server.
    ///
    /// - Parameters:
    ///   - serverNonce: the last nonce that the server gave (CreateSession or ActivateSession).
    ///   - key: of the server's certificate.
    /// - Returns: the `password` field of a UserNameIdentityToken; its `encryptionAlgorithm` is `policy.encryptionURI`.
    public static func encrypt(
        password: [UInt8], serverNonce: [UInt8], policy: SecurityPolicy, key: RSAPublicKey
    ) throws(SecurityUseError) -> [UInt8] {
        guard password.count <= longestPassword else { throw .passwordTooLong(bytes: password.count) }
        guard let length = UInt32(exactly: password.count + serverNonce.count) else { throw .tooLong }
        let prefix = [UInt32(0), 8, 16, 24].map { UInt8(truncatingIfNeeded: length >> $0) }
        return try policy.encrypt(prefix + password + serverNonce, for: key)
    }

    /// Decrypts a password, at the server.
    ///
    /// Everything wrong is one error, and every check is made whatever the ones before it said. Answer it with
    /// Bad_UserAccessDenied, as for a wrong password, and after the same time: check a made-up password then.
    ///
    /// - Parameter serverNonce: the last nonce given to this session; must not be empty, as it stops replays.
    /// - Returns: the password's bytes.
    public static func decrypt(
        _ secret: [UInt8], serverNonce: [UInt8], policy: SecurityPolicy, key: RSAPrivateKey
    ) throws(SecurityChecksFailed) -> [UInt8] {
        guard secret.count <= longestSecret, !serverNonce.isEmpty else { throw .init(.secret) }
        let decrypted = policy.decrypt(secret, with: key)
        var good = decrypted != nil
        let least = 4 + serverNonce.count
        let bytes = decrypted.flatMap { $0.count >= least ? $0 : nil } ?? [UInt8](repeating: 0, count: least)
        good = bytes.count == decrypted?.count && good
        let stated = 4 + (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        good = (least...bytes.count).contains(stated) && good
        let end = min(max(stated, least), bytes.count)
        // open62541 fills its last block up with zeros, which the length does not count.
        good = bytes[end...].reduce(0) { $0 | $1 } == 0 && good
        good = bytes.count - end < policy.plaintextBlock(for: key.publicKey) && good
        let passwordLength = end - least
        good = passwordLength <= longestPassword && good
        good = equalInConstantTime(Array(bytes[(end - serverNonce.count)..<end]), serverNonce) && good
        guard good else { throw .init(.secret) }
        return Array(bytes[4..<4 + passwordLength])
    }
}

/// Signatures that prove possession of a certificate's key to the other side: ClientSignature, ServerSignature and
/// UserTokenSignature, all over a certificate and a nonce of the receiver (OPC 10000-4, 5.7.2, 5.7.3, 7.40.5).
public enum PossessionProof {
    /// Signs the receiver's certificate and nonce.
    ///
    /// - Parameters:
    ///   - certificate: the receiver's leaf certificate in DER, without the chain that may follow it.
    ///   - nonce: the last nonce that the receiver gave.
    public static func sign(
        certificate: [UInt8], nonce: [UInt8], policy: SecurityPolicy, key: RSAPrivateKey
    ) throws(SecurityUseError) -> [UInt8] {
        try policy.sign(certificate + nonce, with: key)
    }

    /// Whether a signature proves possession (answer Bad_ApplicationSignatureInvalid or Bad_UserSignatureInvalid if not).
    ///
    /// - Parameters:
    ///   - algorithm: the URI in the SignatureData; must be the policy's own.
    ///   - certificate: this side's leaf certificate in DER.
    ///   - nonce: the last nonce that this side gave; used once.
    ///   - key: of the signer's certificate.
    public static func isValid(
        _ signature: [UInt8], algorithm: String?, certificate: [UInt8], nonce: [UInt8], policy: SecurityPolicy,
        key: RSAPublicKey
    ) -> Bool {
        guard let expected = policy.signatureURI, algorithm == expected else { return false }
        return policy.isValid(signature, over: certificate + nonce, by: key)
    }
}
