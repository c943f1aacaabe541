import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// An X.509 certificate as it came from a peer or a file: read, but not yet believed.
public struct PeerCertificate: Sendable, Hashable {
    /// The certificate in DER.
    public let der: [UInt8]
    /// SHA-1 over the DER, 20 bytes: how OPC UA names a certificate (OPC 10000-6, 6.7.2.3). A name, not a protection.
    public let thumbprint: [UInt8]
    let x509: Certificate
    /// The names of its subject alternative name extension.
    let names: [GeneralName]

    /// Limits on what is read (CVE-2022-37013 was a chain without end).
    public enum Limits {
        /// The longest chain from a peer, and the longest that is built, in certificates with the leaf.
        public static let chain = 4
        /// The longest chain from a peer, in bytes.
        public static let chainBytes = 16_384
    }

    /// Reads one certificate in DER that fills the bytes.
    public init(der: [UInt8]) throws(CertificateFault) {
        guard der.count <= Limits.chainBytes else { throw .structure("it is longer than 16 KiB") }
        guard Self.elementLength(der[...]) == der.count else { throw .structure("it is not one DER sequence") }
        do {
            x509 = try Certificate(derEncoded: der)
            names = try Array(x509.extensions.subjectAlternativeNames ?? SubjectAlternativeNames())
        } catch {
            // The library does not read keys under 2048 bits; old devices have them, and their owners should hear why.
            if let bits = Self.modulusBits(der), !SecurityPolicy.keyLengths.contains(bits) { throw .keyLength(bits) }
            throw .structure("its DER is not an X.509 certificate")
        }
        self.der = der
        thumbprint = Array(Insecure.SHA1.hash(data: der))
    }

    /// Reads the chain of a peer: certificates in DER one after the other, the leaf first.
    ///
    /// - Returns: 1 to `Limits.chain` certificates, none of them twice.
    public static func chain(_ bytes: [UInt8]) throws(CertificateFault) -> [PeerCertificate] {
        guard !bytes.isEmpty else { throw .structure("there is none") }
        guard bytes.count <= Limits.chainBytes else { throw .structure("its chain is longer than 16 KiB") }
        var rest = bytes[...]
        var chain: [PeerCertificate] = []
        while !rest.isEmpty {
            guard let length = elementLength(rest) else { throw .structure("its DER is cut short or not a sequence") }
            guard chain.count < Limits.chain else { throw .structure("its chain has more than 4 certificates") }
            let next = try PeerCertificate(der: Array(rest.prefix(length)))
            guard !chain.contains(next) else { throw .structure("its chain has a certificate twice") }
            chain.append(next)
            rest = rest.dropFirst(length)
        }
        return chain
    }

    /// The length of the DER sequence at the start, with its header; nil when it is none or does not fit.
    static func elementLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        let head = Array(bytes.prefix(6))
        guard head.count >= 2, head[0] == 0x30 else { return nil }
        if head[1] < 0x80 { return bytes.count >= 2 + Int(head[1]) ? 2 + Int(head[1]) : nil }
        let size = Int(head[1] & 0x7F)
        guard (1...4).contains(size), head.count >= 2 + size else { return nil }
        let length = head[2..<2 + size].reduce(0) { $0 << 8 | Int($1) } + 2 + size
        return length <= bytes.count ? length : nil
    }

    /// The thumbprint in 40 lower-case hexadecimal digits: its file's name, and what an engineer compares.
    public var thumbprintText: String { hexadecimal(thumbprint) }

    /// The subject's name as text, for people.
    public var subject: String { printable("\(x509.subject)") }
    /// The issuer's name as text, for people.
    public var issuer: String { printable("\(x509.issuer)") }
    public var notBefore: Date { x509.notValidBefore }
    public var notAfter: Date { x509.notValidAfter }

    /// The application URI: the first URI among its alternative names, or nil.
    public var applicationURI: String? { uris.first }

    var uris: [String] { names.compactMap { if case .uniformResourceIdentifier(let uri) = $0 { uri } else { nil } } }

    /// The DNS names among its alternative names.
    public var hostNames: [String] { names.compactMap { if case .dnsName(let name) = $0 { name } else { nil } } }

    /// The IP addresses among its alternative names, 4 or 16 bytes each.
    public var addresses: [[UInt8]] {
        names.compactMap { if case .ipAddress(let bytes) = $0 { Array(bytes.bytes) } else { nil } }
    }

    /// Its RSA key; throws for another kind and for lengths outside the policies' range.
    public func publicKey() throws(CertificateFault) -> RSAPublicKey {
        guard let key = _RSA.Signing.PublicKey(x509.publicKey) else { throw .policy("its key is not an RSA key") }
        guard SecurityPolicy.keyLengths.contains(key.keySizeInBits) else { throw .keyLength(key.keySizeInBits) }
        do { return try RSAPublicKey(key) } catch { throw .policy("its key cannot be used: \(error)") }
    }

    /// Whether issuer and subject are the same name.
    var namesItself: Bool { x509.issuer == x509.subject }

    /// Whether this certificate's key signed the other. Costs an RSA operation.
    func signed(_ other: PeerCertificate) -> Bool {
        x509.publicKey.isValidSignature(other.x509.signature, for: other.x509)
    }

    /// Whether the names (and key identifiers, where both have them) say that this one may have issued the other.
    func mayHaveIssued(_ other: PeerCertificate) -> Bool {
        guard x509.subject == other.x509.issuer else { return false }
        guard let own = try? x509.extensions.subjectKeyIdentifier?.keyIdentifier,
            let named = try? other.x509.extensions.authorityKeyIdentifier?.keyIdentifier
        else { return true }
        return own == named
    }

    public static func == (one: Self, other: Self) -> Bool { one.der == other.der }
    public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}

extension PeerCertificate {
    /// The length of the RSA modulus in a certificate's DER, or nil for another kind of key or of bytes
    /// (RFC 5280, 4.1; RFC 8017, A.1.1).
    private static func modulusBits(_ der: [UInt8]) -> Int? {
        guard let root = try? DER.parse(der), let body = children(root)?.first.flatMap(children) else { return nil }
        // The version is optional; then serial number, algorithm, issuer, validity and subject.
        let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        let position = body.first?.identifier == version ? 6 : 5
        guard body.count > position, let info = children(body[position]), info.count == 2,
            let kind = children(info[0])?.first,
            (try? ASN1ObjectIdentifier(derEncoded: kind)) == [1, 2, 840, 113549, 1, 1, 1],
            let text = try? ASN1BitString(derEncoded: info[1]), let key = try? DER.parse(text.bytes),
            let number = children(key)?.first, case .primitive(let digits) = number.content
        else { return nil }
        let modulus = digits.drop { $0 == 0 }
        return modulus.first.map { modulus.count * 8 - $0.leadingZeroBitCount }
    }

    private static func children(_ node: ASN1Node) -> [ASN1Node]? {
        guard case .constructed(let nodes) = node.content else { return nil }
        return Array(nodes)
    }
}

/// Text from a stranger, fit for a log's line and a page: no control or format characters, at most 200 characters.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.prefix(200).map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "?"
                default: scalar
                }
            }))
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
