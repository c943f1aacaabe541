import Foundation

/// Why a certificate is refused, in the order of the checks (OPC 10000-4, 6.1.3).
public enum CertificateFault: Error, Sendable, Equatable, CustomStringConvertible {
    case structure(String)
    case chainIncomplete(issuer: String)
    case signature(subject: String)
    case policy(String)
    case untrusted(thumbprint: String)
    case time(notBefore: Date, notAfter: Date, issuer: Bool)
    case hostName(expected: String, named: [String])
    case uri(expected: String, named: String?)
    case use(String, issuer: Bool)
    case revocationUnknown(issuer: String, ofIssuer: Bool)
    case revoked(subject: String, ofIssuer: Bool)

    static func keyLength(_ bits: Int) -> Self { .policy("its RSA key has \(bits) bits, not 2048 to 4096") }

    /// The specification's status code, for this side's log and for a client's caller (OPC 10000-6, A.2).
    public var statusCode: UInt32 {
        switch self {
        case .structure, .signature: 0x8012_0000
        case .chainIncomplete: 0x810D_0000
        case .policy: 0x8114_0000
        case .untrusted: 0x801A_0000
        case .time(_, _, let issuer): issuer ? 0x8015_0000 : 0x8014_0000
        case .hostName: 0x8016_0000
        case .uri: 0x8017_0000
        case .use(_, let issuer): issuer ? 0x8019_0000 : 0x8018_0000
        case .revocationUnknown(_, let issuer): issuer ? 0x801C_0000 : 0x801B_0000
        case .revoked(_, let issuer): issuer ? 0x801E_0000 : 0x801D_0000
        }
    }

    /// The name of `statusCode`.
    public var statusName: String {
        switch self {
        case .structure, .signature: "Bad_CertificateInvalid"
        case .chainIncomplete: "Bad_CertificateChainIncomplete"
        case .policy: "Bad_CertificatePolicyCheckFailed"
        case .untrusted: "Bad_CertificateUntrusted"
        case .time(_, _, let issuer): issuer ? "Bad_CertificateIssuerTimeInvalid" : "Bad_CertificateTimeInvalid"
        case .hostName: "Bad_CertificateHostNameInvalid"
        case .uri: "Bad_CertificateUriInvalid"
        case .use(_, let issuer): issuer ? "Bad_CertificateIssuerUseNotAllowed" : "Bad_CertificateUseNotAllowed"
        case .revocationUnknown(_, let issuer):
            issuer ? "Bad_CertificateIssuerRevocationUnknown" : "Bad_CertificateRevocationUnknown"
        case .revoked(_, let issuer): issuer ? "Bad_CertificateIssuerRevoked" : "Bad_CertificateRevoked"
        }
    }

    /// What a server may tell the peer: its own code for time, use, URI and host name; for the rest
    /// Bad_SecurityChecksFailed, so that a stranger does not learn whom this side trusts (OPC 10000-4, 5.5.2.3).
    public var answer: UInt32 {
        switch self {
        case .time, .hostName, .uri, .use: statusCode
        case .structure, .chainIncomplete, .signature, .policy, .untrusted, .revocationUnknown, .revoked:
            SecurityChecksFailed.statusCode
        }
    }

    /// What is wrong and what the plant's engineer can do.
    public var description: String {
        switch self {
        case .structure(let what):
            "The certificate cannot be read: \(what). Make a new certificate at the other application."
        case .chainIncomplete(let issuer):
            "The certificate was issued by \(issuer), whose own certificate is not here. "
                + "Put that authority's certificate into issuers/certs (or into trusted/certs to trust all that it issues)."
        case .signature(let subject):
            "The signature on the certificate of \(subject) is wrong: it was altered, or another authority bears the "
                + "same name. Fetch the certificates again."
        case .policy(let what):
            "The certificate is too weak or of the wrong kind: \(what). Make a new one with RSA 2048 to 4096 bits and SHA-256."
        case .untrusted(let thumbprint):
            "The certificate is not trusted. If its thumbprint \(thumbprint) is the one that the other application shows, "
                + "move it from rejected to trusted."
        case .time(let from, let to, let issuer):
            "The \(issuer ? "issuing authority's " : "")certificate holds from \(from.formatted(.iso8601)) to "
                + "\(to.formatted(.iso8601)), and that is not now. Renew it, or set the clocks right."
        case .hostName(let expected, let named):
            "The certificate names \(named.isEmpty ? "no host" : printable(named.joined(separator: ", "))), not \(expected). "
                + "Use an address that it names, or make a new certificate with this one."
        case .uri(let expected, let named):
            "The certificate is for the application \(printable(named ?? "(no URI)")), but the application calls itself "
                + "\(printable(expected)). "
                + "Make a certificate whose alternative name is exactly that URI."
        case .use(let what, let issuer):
            "The \(issuer ? "issuing authority's " : "")certificate may not be used so: \(what). Make a new one with this use."
        case .revocationUnknown(let issuer, _):
            "There is no current revocation list of \(issuer). Put it into trusted/crl or issuers/crl, and renew it in time."
        case .revoked(let subject, _):
            "The certificate of \(subject) was revoked by its authority. Do not trust it; ask for a new one."
        }
    }
}
