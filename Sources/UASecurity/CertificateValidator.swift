import Foundation
import SwiftASN1
import X509

/// What a certificate must be good for, besides being trusted.
public struct CertificateExpectation: Sendable {
    public enum Role: Sendable { case client, server, user }

    /// What the peer is: a certificate of a `user` needs no application URI and no right to encipher.
    public var role: Role
    /// The ApplicationUri that the peer states; nil where it is not known yet (an OPN comes before CreateSession).
    public var applicationURI: String?
    /// The host name or IP address that this side connected to; nil at a server.
    public var hostName: String?
    /// Whether a wrong host name is refused, or only a warning: plants use addresses that no certificate names.
    public var refusesWrongHost = false

    public init(role: Role, applicationURI: String? = nil, hostName: String? = nil, refusesWrongHost: Bool = false) {
        self.role = role
        self.applicationURI = applicationURI
        self.hostName = hostName
        self.refusesWrongHost = refusesWrongHost
    }
}

/// A certificate that passed every check.
public struct ValidatedCertificate: Sendable {
    public let certificate: PeerCertificate
    public let publicKey: RSAPublicKey
    /// The chain that was built, the leaf first.
    public let chain: [PeerCertificate]
    /// What was wrong but is not refused, for the log.
    public let warnings: [CertificateFault]
}

/// The contents of a trust list at one moment: what the checks are made against.
public struct TrustAnchors: Sendable {
    var trusted: [PeerCertificate] = []
    var issuers: [PeerCertificate] = []
    var lists: [RevocationList] = []
    /// Files that could not be read, for the log.
    public internal(set) var unreadable: [String] = []

    public init() {}

    /// - Parameters:
    ///   - trusted: certificates in DER: applications, or authorities whose whole issue is trusted.
    ///   - issuers: authorities that let a chain be built but are not trusted for it.
    ///   - lists: certificate revocation lists in DER.
    public init(trusted: [[UInt8]], issuers: [[UInt8]] = [], lists: [[UInt8]] = []) throws {
        self.trusted = try trusted.map { try PeerCertificate(der: $0) }
        self.issuers = try issuers.map { try PeerCertificate(der: $0) }
        self.lists = try lists.map { try RevocationList(der: $0) }
    }
}

/// The checks of OPC 10000-4, 6.1.3, in its order.
struct CertificateValidator {
    let anchors: TrustAnchors
    let now: Date

    /// - Parameter sent: the peer's chain, the leaf first.
    func validate(
        _ sent: [PeerCertificate], _ expected: CertificateExpectation
    ) throws(CertificateFault) -> ValidatedCertificate {
        guard let leaf = sent.first else { throw .structure("there is none") }
        let chain = try build(from: leaf, others: Array(sent.dropFirst()))
        let key = try checkPolicy(chain)
        guard chain.contains(where: anchors.trusted.contains) else {
            throw .untrusted(thumbprint: leaf.thumbprintText)
        }
        try checkTime(chain)
        var warnings: [CertificateFault] = []
        if let fault = hostFault(leaf, expected) {
            if expected.refusesWrongHost { throw fault }
            warnings.append(fault)
        }
        try checkURI(leaf, expected)
        try checkUse(of: leaf, expected.role)
        try checkIssuers(chain)
        try checkRevocation(chain)
        return ValidatedCertificate(certificate: leaf, publicKey: key, chain: chain, warnings: warnings)
    }

    /// Finds the issuers up to one that signed itself, checking every signature on the way.
    private func build(from leaf: PeerCertificate, others: [PeerCertificate]) throws(CertificateFault)
        -> [PeerCertificate]
    {
        var chain = [leaf]
        var last = leaf
        while !(last.namesItself && last.signed(last)) {
            guard chain.count < PeerCertificate.Limits.chain else { throw .structure("its chain is longer than 4") }
            // Names alone decide who is asked for the signature: each costs an RSA operation, and the first good one is it.
            let named = (anchors.trusted + anchors.issuers + others).filter {
                $0.mayHaveIssued(last) && !chain.contains($0)
            }
            guard !named.isEmpty else {
                if last.namesItself { throw .signature(subject: last.subject) }
                throw .chainIncomplete(issuer: last.issuer)
            }
            let current = named.filter { $0.notBefore <= now && now <= $0.notAfter }
            let candidates = current + named.filter { !current.contains($0) }
            guard let issuer = candidates.first(where: { $0.signed(last) }) else {
                throw .signature(subject: last.subject)
            }
            chain.append(issuer)
            last = issuer
        }
        return chain
    }

    private static let understood: Set<ASN1ObjectIdentifier> = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.subjectKeyIdentifier,
        .X509ExtensionID.authorityKeyIdentifier,
    ]

    private func checkPolicy(_ chain: [PeerCertificate]) throws(CertificateFault) -> RSAPublicKey {
        for certificate in chain {
            guard certificate.x509.signatureAlgorithm != .sha1WithRSAEncryption else {
                throw .policy("\(certificate.subject) is signed with SHA-1")
            }
            // An extension that is critical and not understood forbids the use (RFC 5280, 4.2).
            for item in certificate.x509.extensions where item.critical && !Self.understood.contains(item.oid) {
                throw .policy("\(certificate.subject) has the critical extension \(item.oid), which is not supported")
            }
        }
        return try chain[0].publicKey()
    }

    private func checkTime(_ chain: [PeerCertificate]) throws(CertificateFault) {
        for (index, one) in chain.enumerated() where now < one.notBefore || one.notAfter < now {
            throw .time(notBefore: one.notBefore, notAfter: one.notAfter, issuer: index > 0)
        }
    }

    private func hostFault(_ leaf: PeerCertificate, _ expected: CertificateExpectation) -> CertificateFault? {
        guard let host = expected.hostName else { return nil }
        if let address = ipAddress(host), leaf.addresses.contains(address) { return nil }
        // Some tools write an address among the DNS names; the text must then be the same.
        let names = leaf.hostNames.map { $0.lowercased() }
        if names.contains(host.lowercased()) { return nil }
        return .hostName(expected: host, named: leaf.hostNames + leaf.addresses.compactMap(addressText))
    }

    /// The whole URI must be equal: to look for a part of it was open62541-SA-2026-0019.
    private func checkURI(_ leaf: PeerCertificate, _ expected: CertificateExpectation) throws(CertificateFault) {
        guard expected.role != .user else { return }
        guard let named = leaf.applicationURI else {
            throw .uri(expected: expected.applicationURI ?? "an application URI", named: nil)
        }
        if let uri = expected.applicationURI, uri.utf8.elementsEqual(named.utf8) == false {
            throw .uri(expected: uri, named: named)
        }
    }

    private func checkUse(of leaf: PeerCertificate, _ role: CertificateExpectation.Role) throws(CertificateFault) {
        let extensions = leaf.x509.extensions
        let usage: KeyUsage?
        let extended: ExtendedKeyUsage?
        do { (usage, extended) = (try extensions.keyUsage, try extensions.extendedKeyUsage) } catch {
            throw .use("its key usage cannot be read", issuer: false)
        }
        if role == .user {
            guard usage?.digitalSignature ?? true else { throw .use("it lacks digitalSignature", issuer: false) }
            return
        }
        // OPC 10000-6, 6.2.2: the extension shall be there.
        guard let usage else { throw .use("it has no key usage", issuer: false) }
        guard usage.digitalSignature else { throw .use("it lacks digitalSignature", issuer: false) }
        guard usage.keyEncipherment, usage.dataEncipherment else {
            throw .use("it lacks keyEncipherment or dataEncipherment", issuer: false)
        }
        let wanted: ExtendedKeyUsage.Usage = role == .server ? .serverAuth : .clientAuth
        guard extended.map({ $0.contains(wanted) || $0.contains(.any) }) ?? true else {
            throw .use("its extended key usage lacks \(role == .server ? "serverAuth" : "clientAuth")", issuer: false)
        }
    }

    private func checkIssuers(_ chain: [PeerCertificate]) throws(CertificateFault) {
        for (index, one) in chain.enumerated().dropFirst() {
            guard case .isCertificateAuthority(let longest)? = try? one.x509.extensions.basicConstraints else {
                throw .use("\(one.subject) is no certificate authority", issuer: true)
            }
            // How many authorities may stand between it and the leaf.
            if let longest, index - 1 > longest {
                throw .use("\(one.subject) may not stand so high in a chain", issuer: true)
            }
            guard (try? one.x509.extensions.keyUsage)?.keyCertSign ?? true else {
                throw .use("\(one.subject) may not sign certificates", issuer: true)
            }
        }
    }

    /// Every certificate that another issued must be on none of the issuer's lists, and there must be a current list:
    /// except for a leaf that is itself trusted, whose listing is the plant's own word.
    private func checkRevocation(_ chain: [PeerCertificate]) throws(CertificateFault) {
        for (index, one) in chain.enumerated().dropLast() {
            let issuer = chain[index + 1]
            let lists = anchors.lists.filter { $0.isFrom(issuer) }
            guard !lists.contains(where: { $0.revokes(one) }) else {
                throw .revoked(subject: one.subject, ofIssuer: index > 0)
            }
            guard lists.contains(where: { $0.isCurrent(at: now) }) || anchors.trusted.contains(chain[0]) else {
                throw .revocationUnknown(issuer: issuer.subject, ofIssuer: index > 0)
            }
        }
    }
}
